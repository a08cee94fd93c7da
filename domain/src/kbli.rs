//! KBLI: the standard classification of business activities, version 2020 (Peraturan BPS 2/2020).

use std::fmt;
use std::str::FromStr;
use std::sync::LazyLock;

/// A five-digit group of KBLI 2020, such as 56103. Holding one means the code is in the list.
///
/// KBLI 2025 reuses codes with other meanings; this type speaks of 2020 alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Kbli(u32);

/// A text that is no five-digit group of KBLI 2020.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a five-digit code of KBLI 2020")]
pub struct KbliError;

/// A section of KBLI: a letter and what it covers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    /// A to U.
    pub letter: char,
    /// Its title in Indonesian.
    pub title: &'static str,
}

struct Group {
    code: u32,
    section: char,
    title: String,
}

static GROUPS: LazyLock<Vec<Group>> = LazyLock::new(|| {
    let text = include_str!("../data/kbli2020.csv");
    let mut groups: Vec<Group> = csv::Reader::from_reader(text.as_bytes())
        .into_records()
        .filter_map(Result::ok)
        .filter(|row| row.get(1) == Some("kelompok"))
        .filter_map(|row| {
            let code = row.get(0)?.parse().ok()?;
            let (section, title) = (row.get(2)?.chars().next()?, row.get(4)?.to_owned());
            Some(Group { code, section, title })
        })
        .collect();
    groups.sort_by_key(|it| it.code);
    groups
});

impl Kbli {
    /// Reads a code of the list. Four digits are read with the leading zero that spreadsheets drop, when
    /// that makes a code of the list. Dots and spaces between digits do not matter.
    pub fn parse(text: &str) -> Result<Kbli, KbliError> {
        let mut digits = text.trim().to_owned();
        if let Some(whole) = digits.strip_suffix(".0") {
            digits.truncate(whole.len());
        }
        digits.retain(|it| !matches!(it, '.' | ' ' | '\''));
        let plain = matches!(digits.len(), 4 | 5) && digits.bytes().all(|it| it.is_ascii_digit());
        let code =
            if plain { digits.parse().map_err(|_| KbliError)? } else { return Err(KbliError) };
        group(code).map(|it| Kbli(it.code)).ok_or(KbliError)
    }

    /// What the group covers, in Indonesian; the official title.
    pub fn title(self) -> &'static str {
        group(self.0).map_or("", |it| &it.title)
    }

    /// The section the group belongs to.
    pub fn section(self) -> Section {
        let letter = group(self.0).map_or('?', |it| it.section);
        Section { letter, title: section_title(letter) }
    }

    /// The first `digits` digits of the code as a number: 2 for the division, 3 for the group above.
    pub fn prefix(self, digits: u32) -> u32 {
        self.0 / 10_u32.pow(5_u32.saturating_sub(digits))
    }
}

fn group(code: u32) -> Option<&'static Group> {
    let all: &'static [Group] = &GROUPS;
    all.binary_search_by_key(&code, |it| it.code).ok().map(|index| &all[index])
}

impl fmt::Display for Kbli {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{:05}", self.0)
    }
}

impl FromStr for Kbli {
    type Err = KbliError;

    fn from_str(text: &str) -> Result<Kbli, KbliError> {
        Kbli::parse(text)
    }
}

/// The title of a section by its letter; empty for a letter that names none.
pub fn section_title(letter: char) -> &'static str {
    match letter {
        'A' => "Pertanian, Kehutanan dan Perikanan",
        'B' => "Pertambangan dan Penggalian",
        'C' => "Industri Pengolahan",
        'D' => "Pengadaan Listrik, Gas, Uap/Air Panas dan Udara Dingin",
        'E' => {
            "Treatment Air, Treatment Air Limbah, Treatment dan Pemulihan Material Sampah, dan Aktivitas Remediasi"
        }
        'F' => "Konstruksi",
        'G' => "Perdagangan Besar dan Eceran; Reparasi dan Perawatan Mobil dan Sepeda Motor",
        'H' => "Pengangkutan dan Pergudangan",
        'I' => "Penyediaan Akomodasi dan Penyediaan Makan Minum",
        'J' => "Informasi dan Komunikasi",
        'K' => "Aktivitas Keuangan dan Asuransi",
        'L' => "Real Estat",
        'M' => "Aktivitas Profesional, Ilmiah dan Teknis",
        'N' => {
            "Aktivitas Penyewaan dan Sewa Guna Usaha Tanpa Hak Opsi, Ketenagakerjaan, Agen Perjalanan dan Penunjang Usaha Lainnya"
        }
        'O' => "Administrasi Pemerintahan, Pertahanan dan Jaminan Sosial Wajib",
        'P' => "Pendidikan",
        'Q' => "Aktivitas Kesehatan Manusia dan Aktivitas Sosial",
        'R' => "Kesenian, Hiburan dan Rekreasi",
        'S' => "Aktivitas Jasa Lainnya",
        'T' => "Aktivitas Rumah Tangga sebagai Pemberi Kerja",
        'U' => "Aktivitas Badan Internasional dan Badan Ekstra Internasional Lainnya",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_of_the_list_has_a_title_and_a_section() {
        let code = Kbli::parse("56103").expect("a code of the list");
        assert_eq!(code.to_string(), "56103");
        assert!(!code.title().is_empty());
        assert_eq!(code.section().letter, 'I');
        assert_eq!(code.prefix(2), 56);
    }

    #[test]
    fn a_lost_leading_zero_is_put_back_only_where_that_makes_a_code() {
        assert_eq!(Kbli::parse("1462").map(|it| it.to_string()), Ok("01462".to_owned()));
        assert_eq!(Kbli::parse("9999"), Err(KbliError));
        assert_eq!(Kbli::parse("56103.0").map(|it| it.to_string()), Ok("56103".to_owned()));
    }

    #[test]
    fn every_group_has_a_section_with_a_title() {
        assert_eq!(GROUPS.len(), 1790);
        assert!(GROUPS.iter().all(|it| !section_title(it.section).is_empty()));
    }

    #[test]
    fn what_is_not_in_the_list_is_no_kbli() {
        for text in ["", "00000", "561", "5610a", "567890"] {
            assert_eq!(Kbli::parse(text), Err(KbliError), "{text}");
        }
    }
}
