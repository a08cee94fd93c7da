//! What values a fact has, and how a value in a rule becomes a number and back.

use std::fmt;
use std::str::FromStr;

use domain::kbli::Kbli;
use domain::place::{KecamatanCode, KelurahanCode};

/// What values a fact has. Every value is a number inside: 0 and 1, a position in a list, the digits of a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// True or false.
    Flag,
    /// A whole number.
    Number,
    /// A text of a closed list.
    Choice(&'static [&'static str]),
    /// A code of an official list.
    Code(CodeList),
}

/// An official list of codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CodeList {
    /// Five-digit groups of KBLI 2020.
    Kbli,
    /// Kecamatan by their Kemendagri codes.
    Kecamatan,
    /// Kelurahan by their Kemendagri codes.
    Kelurahan,
}

impl fmt::Display for Kind {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Kind::Flag => out.write_str("benar/salah"),
            Kind::Number => out.write_str("bilangan bulat"),
            Kind::Choice(_) => out.write_str("teks pilihan"),
            Kind::Code(_) => out.write_str("kode"),
        }
    }
}

impl Kind {
    /// The number that stands for `text`, for a choice or a code; `None` for what is no such value.
    pub fn number(self, text: &str) -> Option<i64> {
        match self {
            Kind::Flag | Kind::Number => None,
            Kind::Choice(choices) => {
                choices.iter().position(|it| *it == text).and_then(|it| i64::try_from(it).ok())
            }
            Kind::Code(list) => {
                let (first, last) = list.beginning_with(text)?;
                (first == last && list.exists(text)).then_some(first)
            }
        }
    }

    /// The text that `number` stands for, as a rule writes it.
    pub fn text(self, number: i64) -> String {
        match self {
            Kind::Flag => (number == 1).to_string(),
            Kind::Number => number.to_string(),
            Kind::Choice(choices) => {
                let choice = usize::try_from(number).ok().and_then(|it| choices.get(it));
                choice.map_or_else(String::new, |it| (*it).to_owned())
            }
            Kind::Code(CodeList::Kbli) => format!("{number:05}"),
            Kind::Code(CodeList::Kecamatan) => {
                KecamatanCode(u32::try_from(number).unwrap_or(0)).to_string()
            }
            Kind::Code(CodeList::Kelurahan) => {
                KelurahanCode(u64::try_from(number).unwrap_or(0)).to_string()
            }
        }
    }

    /// Some values of it, to tell an author what there is.
    pub fn examples(self) -> String {
        match self {
            Kind::Flag => "true, false".to_owned(),
            Kind::Number => "6, 4800000000".to_owned(),
            Kind::Choice(choices) => choices.join(", "),
            Kind::Code(CodeList::Kbli) => "56103, 01462".to_owned(),
            Kind::Code(CodeList::Kecamatan) => "36.73.01".to_owned(),
            Kind::Code(CodeList::Kelurahan) => "36.73.01.1001".to_owned(),
        }
    }
}

impl CodeList {
    fn digits(self) -> usize {
        match self {
            CodeList::Kbli => 5,
            CodeList::Kecamatan => 6,
            CodeList::Kelurahan => 10,
        }
    }

    /// Where the written form has dots, as positions in it.
    fn dots(self) -> &'static [usize] {
        match self {
            CodeList::Kbli => &[],
            CodeList::Kecamatan => &[2, 5],
            CodeList::Kelurahan => &[2, 5, 8],
        }
    }

    /// The first and the last number whose written form begins with `prefix`; `None` when none can.
    pub(crate) fn beginning_with(self, prefix: &str) -> Option<(i64, i64)> {
        let fits = prefix.bytes().enumerate().all(|(place, it)| {
            if self.dots().contains(&place) { it == b'.' } else { it.is_ascii_digit() }
        });
        let digits: String = prefix.chars().filter(char::is_ascii_digit).collect();
        let missing = self.digits().checked_sub(digits.len())?;
        if !fits {
            return None;
        }
        let step = 10_i64.pow(u32::try_from(missing).ok()?);
        let first = if digits.is_empty() { 0 } else { digits.parse::<i64>().ok()? * step };
        Some((first, first + step - 1))
    }

    fn exists(self, text: &str) -> bool {
        match self {
            CodeList::Kbli => Kbli::parse(text).is_ok(),
            CodeList::Kecamatan => KecamatanCode::from_str(text).is_ok(),
            CodeList::Kelurahan => KelurahanCode::from_str(text).is_ok(),
        }
    }
}
