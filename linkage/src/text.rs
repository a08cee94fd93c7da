//! Words and spelling: how texts become tokens that can be compared.

pub(crate) use words::Words;

mod words;

/// Lower-case words of letters and digits; every other character parts words, as does a capital after small
/// letters; apostrophes vanish.
pub fn words(text: &str) -> Vec<String> {
    Words::of(text).strings()
}

/// A text with white space tidied.
pub(crate) fn tidy(text: &str) -> String {
    let mut tidy = String::with_capacity(text.len());
    for part in text.split_whitespace() {
        if !tidy.is_empty() {
            tidy.push(' ');
        }
        tidy.push_str(part);
    }
    tidy
}

/// Marks that no reader sees: controls, directions, joiners of no width. They part no words.
fn is_unseen(letter: char) -> bool {
    (letter.is_control() && !letter.is_whitespace())
        || matches!(letter, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2064}' | '\u{feff}')
}

/// A Latin letter without its accent, in lower case.
fn fold(letter: char) -> Option<char> {
    Some(match letter.to_lowercase().next()? {
        'à'..='å' => 'a',
        'ç' => 'c',
        'è'..='ë' => 'e',
        'ì'..='ï' => 'i',
        'ñ' => 'n',
        'ò'..='ö' => 'o',
        'ù'..='ü' => 'u',
        other => other,
    })
}

/// One spelling for the many of Indonesian names: `Achmad`, `Akhmad` and `Ahmad` become one, as do `Djoko`
/// and `Joko`, `Muljanto` and `Mulyanto`, `Fatimah` and `Patima`. Made for comparing, not for showing.
///
/// Undoes the spelling of before 1972 (oe, dj, tj, ch, j for y), Arabic digraphs (kh, dh, th, sy, dz), doubled
/// letters, `f` and `v` for `p`, `z` for `s`, `ie` for `i` and a silent `h` at the end.
pub fn canonical(word: &str) -> String {
    let mut out = Vec::with_capacity(word.len() + 1);
    spell(word, &mut out);
    String::from_utf8(out).unwrap_or_else(|_| word.to_owned())
}

/// Adds the canonical spelling of a word.
fn spell(word: &str, out: &mut Vec<u8>) {
    let start = out.len();
    let letters = word.as_bytes();
    let mut index = 0;
    while index < letters.len() {
        let next = letters.get(index + 1).copied().unwrap_or(0);
        let before = out[start..].last().copied().unwrap_or(0);
        let (letter, used) = match (letters[index], next) {
            (b'o', b'e') => (b'u', 2),
            (b'd', b'j') if index == 0 => (b'j', 2),
            (b'd', b'j') if is_vowel(before) => (b'y', 2),
            (b'd', b'j') => (b'i', 2),
            (b't', b'j') => (b'c', 2),
            (b'd', b'z') => (b'z', 2),
            (b'c' | b'k', b'h') => (b'h', 2),
            (b's', b'y' | b'j' | b'h') => (b's', 2),
            (b't' | b'd' | b'g' | b'b', b'h') => (letters[index], 2),
            (b'p', b'h') => (b'p', 2),
            (b'i', b'e') => (b'i', 2),
            (b'a', b'e') => {
                out.push(b'a');
                (b'i', 2)
            }
            (b'q', _) => (b'k', 1),
            (b'x', _) => {
                out.push(b'k');
                (b's', 1)
            }
            (b'f' | b'v', _) => (b'p', 1),
            (b'z', _) => (b's', 1),
            // Before 1972 `j` was written for `y`, so the two are told apart only where a word begins.
            (b'j', b'o') if index == 0 && letters.get(2) == Some(&b'e') => (b'y', 1),
            (b'y' | b'j', _) if index != 0 && is_vowel(before) && is_vowel(next) => (b'y', 1),
            (b'y', _) if index != 0 || !is_vowel(next) => (b'i', 1),
            (b'j', _) if index != 0 => (b'i', 1),
            (letter, _) => (letter, 1),
        };
        if out[start..].last() != Some(&letter) || letter.is_ascii_digit() {
            out.push(letter);
        }
        index += used;
    }
    if 3 < out.len() - start && out.last() == Some(&b'h') {
        out.pop();
    }
    if out[start..].last() == Some(&b'y') {
        out.pop();
        out.push(b'i');
    }
    // Of a letter of several bytes one may have been taken for a doubled letter.
    if !word.is_ascii() && std::str::from_utf8(&out[start..]).is_err() {
        out.truncate(start);
        out.extend_from_slice(letters);
    }
}

fn is_vowel(letter: u8) -> bool {
    matches!(letter, b'a' | b'e' | b'i' | b'o' | b'u')
}

/// The first letter and the consonants that follow, at most five: what survives most typing errors in
/// vowels.
pub(crate) fn skeleton(canonical: &str) -> Vec<u8> {
    let mut letters = canonical.bytes();
    let first = letters.next();
    let rest = letters.filter(|it| !is_vowel(*it) && !matches!(*it, b'h' | b'y' | b'w'));
    first.into_iter().chain(rest).take(5).collect()
}

/// Whether the text only says that there is nothing to say.
pub(crate) fn is_placeholder(words: &Words) -> bool {
    if words.is_empty() {
        return true;
    }
    let first = words.get(0);
    let all_alike = words.len() == 1 && {
        let letter = first.as_bytes()[0];
        first.bytes().all(|it| it == letter) && (letter == b'x' || letter == b'0')
    };
    let nothing = matches!(first, "null" | "nihil" | "none" | "kosong" | "nan" | "na");
    let negation = matches!(
        first,
        "belum" | "blm" | "tidak" | "tdk" | "tak" | "tanpa" | "tp" | "gak" | "ga" | "n"
    );
    let of_what = |it: &str| {
        matches!(
            it,
            "ada"
                | "nama"
                | "punya"
                | "diisi"
                | "terisi"
                | "tahu"
                | "tetap"
                | "merek"
                | "merk"
                | "bernama"
                | "memiliki"
                | "a"
                | "usaha"
                | "data"
        )
    };
    all_alike || (nothing && words.len() == 1) || (negation && words.iter().skip(1).all(of_what))
}

/// Edit distance over bytes, a swap of neighbours counting one; gives up above `most` and answers
/// `most + 1`.
pub(crate) fn distance(a: &[u8], b: &[u8], most: usize) -> usize {
    const WIDTH: usize = 33;
    // What both begin and end with needs no looking at.
    let start = a.iter().zip(b).take_while(|(x, y)| x == y).count();
    let (a, b) = (&a[start..], &b[start..]);
    let end = a.iter().rev().zip(b.iter().rev()).take_while(|(x, y)| x == y).count();
    let (a, b) = (&a[..a.len() - end], &b[..b.len() - end]);
    let (a, b) = (&a[..a.len().min(WIDTH - 1)], &b[..b.len().min(WIDTH - 1)]);
    if most < a.len().abs_diff(b.len()) {
        return most + 1;
    }
    if a.is_empty() || b.is_empty() {
        return a.len() + b.len();
    }
    // Where the lengths so far differ by more than `most`, no way leads through.
    let far = most.min(WIDTH) as u8 + 1;
    let mut rows = [[far; WIDTH + 1]; 3];
    for (column, cell) in rows[0].iter_mut().enumerate().take(most + 1) {
        *cell = column as u8;
    }
    for i in 1..=a.len() {
        let (now, last, before) = (i % 3, (i + 2) % 3, (i + 1) % 3);
        let (first, end) = (i.saturating_sub(most).max(1), b.len().min(i + most));
        rows[now][first - 1] = if first == 1 { i as u8 } else { far };
        let mut least = rows[now][first - 1];
        for j in first..=end {
            let change = rows[last][j - 1] + u8::from(a[i - 1] != b[j - 1]);
            let mut cost = change.min(rows[last][j] + 1).min(rows[now][j - 1] + 1);
            if 1 < i && 1 < j && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                cost = cost.min(rows[before][j - 2] + 1);
            }
            rows[now][j] = cost;
            least = least.min(cost);
        }
        rows[now][end + 1] = far;
        if most < usize::from(least) {
            return most + 1;
        }
    }
    usize::from(rows[a.len() % 3][b.len()]).min(most + 1)
}

/// A hash that is the same on every machine and in every version: FNV-1a, then mixed.
pub(crate) fn hash(parts: &[&[u8]]) -> u64 {
    let mut state = 0xcbf2_9ce4_8422_2325_u64;
    for part in parts {
        for byte in part.iter().chain([&0xff]) {
            state = (state ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
    mix(state)
}

/// Spreads the bits of a number (the finaliser of SplitMix64).
pub(crate) fn mix(number: u64) -> u64 {
    let number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ (number >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_name_become_one() {
        for (one, other) in [
            ("achmad", "akhmad"),
            ("djoko", "joko"),
            ("soeparman", "suparman"),
            ("muljanto", "mulianto"),
            ("fatimah", "patima"),
            ("saefuddin", "saifudin"),
            ("syarif", "sarip"),
            ("tjetjep", "cecep"),
            ("dhani", "dani"),
            ("titin", "tytin"),
            ("muljanto", "mulyanto"),
            ("widjaja", "wijaya"),
            ("joesoef", "yusuf"),
            ("arief", "arif"),
        ] {
            assert_eq!(canonical(one), canonical(other), "{one} {other}");
        }
        assert_ne!(canonical("asep"), canonical("cecep"));
    }

    #[test]
    fn a_swap_of_neighbours_is_one_error() {
        assert_eq!(distance(b"titin", b"yiitn", 3), 2);
        assert_eq!(distance(b"rasyono", b"rasynoo", 3), 1);
        assert_eq!(distance(b"abc", b"abcdef", 2), 3);
        assert_eq!(distance(b"kelompok", b"kelompoj", 1), 1);
    }

    #[test]
    fn placeholders_say_nothing_and_names_say_something() {
        for text in ["-", "belum ada", "BELUM ADA NAMA", "0", "xxx", "tidak tetap", "N/A", "nihil"]
        {
            assert!(is_placeholder(&Words::of(text)), "{text}");
        }
        for text in ["Belum Nampak Catering", "Nana", "Tanpa Batas"] {
            assert!(!is_placeholder(&Words::of(text)), "{text}");
        }
    }
}
