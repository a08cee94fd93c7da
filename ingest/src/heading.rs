//! The words of a heading.

/// The words of `text` in lower case, signs dropped: `NO. HP/WA` gives `no hp wa`.
pub fn words(text: &str) -> String {
    let mut words = String::with_capacity(text.len());
    for it in text.chars() {
        if it.is_alphanumeric() {
            words.extend(it.to_lowercase());
        } else if !words.ends_with(' ') && !words.is_empty() && it != '\'' {
            words.push(' ');
        }
    }
    words.truncate(words.trim_end().len());
    words
}

/// `text` without what stands in brackets.
pub fn without_brackets(text: &str) -> String {
    let mut depth = 0_usize;
    let kept = text.chars().filter(|it| {
        let opens = matches!(it, '(' | '[');
        let closes = matches!(it, ')' | ']');
        depth += usize::from(opens);
        let keep = depth == 0;
        depth = depth.saturating_sub(usize::from(closes));
        keep
    });
    kept.collect()
}

/// The unit of the amounts under a heading, as a word to put behind them: `(juta)` gives `juta`.
pub fn unit(text: &str) -> Option<&'static str> {
    let lower = text.to_lowercase();
    let marked = |words: &[&str]| words.iter().any(|it| lower.contains(it));
    if marked(&["juta", "(jt", "jt)", "rp jt", "000.000", "000 000"]) {
        Some("juta")
    } else if marked(&["miliar", "milyar"]) {
        Some("miliar")
    } else if marked(&[
        "ribu", "(rb", "rb)", "(000", "rp 000", "rp. 000", "x1000", "x 1000", "x1.000",
    ]) {
        Some("ribu")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_case_and_gaps_do_not_matter() {
        let check = |text, expected| assert_eq!(words(text), expected);
        check("NO. HP/WA", "no hp wa");
        check("  nama_pemilik ", "nama pemilik");
        check("RT / RW", "rt rw");
        check("Nama\nUsaha", "nama usaha");
        check("***", "");
        assert_eq!(without_brackets("NIK (16 DIGIT)"), "NIK ");
        assert_eq!(without_brackets("Modal ) x"), "Modal ) x");
    }

    #[test]
    fn units_are_read_from_headings() {
        let check = |text, expected| assert_eq!(unit(text), expected, "{text}");
        check("MODAL (Rp)", None);
        check("Omzet (juta)", Some("juta"));
        check("Omset (dalam jutaan rupiah)", Some("juta"));
        check("Modal (Rp 000)", Some("ribu"));
        check("Aset (Miliar)", Some("miliar"));
        check("OMZET/TAHUN (Rp)", None);
    }
}
