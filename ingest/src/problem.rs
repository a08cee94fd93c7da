//! Problems: what is wrong with one row or one cell, said in words the sender can act on.
//!
//! A problem never holds the value it speaks of, so it can be stored and shown anywhere.

mod catalogue;

pub use catalogue::ProblemCode;
use domain::record::Field;

/// The language of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Lang {
    /// Bahasa Indonesia.
    Indonesian,
    /// English.
    English,
}

/// How much a problem matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Severity {
    /// Worth knowing; nothing need be done.
    Note,
    /// The row is taken, the value in question is not.
    Warning,
    /// The row is not taken.
    Error,
}

impl Severity {
    /// A number for storing: 0 note, 1 warning, 2 error.
    pub fn rank(self) -> i16 {
        match self {
            Severity::Note => 0,
            Severity::Warning => 1,
            Severity::Error => 2,
        }
    }

    /// The severity stored as `rank`.
    pub fn from_rank(rank: i16) -> Option<Severity> {
        [Severity::Note, Severity::Warning, Severity::Error]
            .into_iter()
            .find(|it| it.rank() == rank)
    }

    /// The name of the severity: `note`, `warning`, `error`.
    pub fn code(self) -> &'static str {
        match self {
            Severity::Note => "note",
            Severity::Warning => "warning",
            Severity::Error => "error",
        }
    }
}

/// Something wrong at one place of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// What is wrong.
    pub code: ProblemCode,
    /// How much it matters; always that of the code.
    pub severity: Severity,
    /// The sheet's name; empty for a text file.
    pub sheet: String,
    /// The row as a spreadsheet numbers it, from 1; 0 when the whole sheet is meant.
    pub row: u32,
    /// The column, from 0; `None` when the whole row is meant.
    pub column: Option<u32>,
    /// The heading of the column.
    pub heading: Option<String>,
    /// What the column means.
    pub field: Option<Field>,
}

impl Problem {
    /// A problem of a whole row.
    pub fn of_row(code: ProblemCode, sheet: &str, row: u32) -> Problem {
        Problem {
            code,
            severity: code.severity(),
            sheet: sheet.to_owned(),
            row,
            column: None,
            heading: None,
            field: None,
        }
    }

    /// What is wrong, without the place and without the value.
    pub fn message(&self, lang: Lang) -> &'static str {
        self.code.message(lang)
    }

    /// What the sender can do about it.
    pub fn remedy(&self, lang: Lang) -> &'static str {
        self.code.remedy(lang)
    }

    /// Where it is, as a spreadsheet shows it: `Data, baris 12, kolom E (NIK)`.
    pub fn place(&self, lang: Lang) -> String {
        let (row, column) = match lang {
            Lang::Indonesian => ("baris", "kolom"),
            Lang::English => ("row", "column"),
        };
        let mut parts = Vec::new();
        if !self.sheet.is_empty() {
            parts.push(self.sheet.clone());
        }
        if self.row != 0 {
            parts.push(format!("{row} {}", self.row));
        }
        if let Some(index) = self.column {
            let heading = self.heading.as_deref().map(|it| format!(" ({it})")).unwrap_or_default();
            parts.push(format!("{column} {}{heading}", letters(index)));
        }
        parts.join(", ")
    }
}

/// The letters a spreadsheet shows over the column `index`, which counts from 0.
pub fn letters(index: u32) -> String {
    let mut rest = u64::from(index) + 1;
    let mut letters = Vec::new();
    while rest != 0 {
        rest -= 1;
        letters.push(char::from(b'A' + (rest % 26) as u8));
        rest /= 26;
    }
    letters.iter().rev().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_lettered_as_in_a_spreadsheet() {
        let check = |index, expected| assert_eq!(letters(index), expected);
        check(0, "A");
        check(25, "Z");
        check(26, "AA");
        check(701, "ZZ");
        check(702, "AAA");
        check(16_383, "XFD");
    }

    #[test]
    fn a_place_reads_as_in_a_spreadsheet() {
        let mut problem = Problem::of_row(ProblemCode::NikWrongLength, "Data", 12);
        assert_eq!(problem.place(Lang::Indonesian), "Data, baris 12");
        problem.column = Some(4);
        problem.heading = Some("NO. KTP".to_owned());
        assert_eq!(problem.place(Lang::English), "Data, row 12, column E (NO. KTP)");
    }

    #[test]
    fn codes_and_severities_round_trip() {
        for &code in ProblemCode::ALL {
            assert_eq!(ProblemCode::from_code(code.as_str()), Some(code));
            assert_eq!(Severity::from_rank(code.severity().rank()), Some(code.severity()));
        }
    }
}
