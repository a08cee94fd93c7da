//! Texts in expressions: the values of a closed list or of an official one.

use super::tree::{Comparison, Number, Test};
use super::{DEEPEST, LONGEST, Refusal};
use crate::fact::{CodeList, Fact, Kind};

/// A part of an expression while it is checked.
pub(super) enum Operand {
    Test(Test),
    Number(Number),
    /// A fact whose values are written as texts.
    Named(Fact),
    Text(String),
    List(Vec<(Operand, usize)>),
}

/// Refuses what the parser need not see: a text that is too long, too deep, or not of plain signs.
pub(super) fn require_plain(text: &str) -> Result<(), Refusal> {
    if LONGEST < text.len() {
        let told = format!("Ungkapan lebih dari {LONGEST} huruf.");
        return Err(Refusal::new("RULE_TOO_LONG", 0, told, "Pecah menjadi beberapa aturan."));
    }
    if text.trim().is_empty() {
        let told = "Ungkapan kosong.".to_owned();
        return Err(Refusal::new("RULE_SYNTAX", 0, told, "Tulis syaratnya, misalnya age >= 21."));
    }
    let mut open = 0_usize;
    for (at, sign) in text.char_indices() {
        if !(sign.is_ascii_graphic() || matches!(sign, ' ' | '\n' | '\r' | '\t')) {
            let told = "Tanda ini tidak boleh dipakai dalam ungkapan.".to_owned();
            let remedy = "Pakai huruf, angka, dan tanda ASCII saja.";
            return Err(Refusal::new("RULE_SYNTAX", at, told, remedy));
        }
        match sign {
            '(' | '[' | '{' => open += 1,
            ')' | ']' | '}' => open = open.saturating_sub(1),
            _ => {}
        }
        if DEEPEST < open {
            let told = format!("Ungkapan bersarang lebih dari {DEEPEST} tingkat.");
            return Err(Refusal::new("RULE_TOO_LONG", at, told, "Pecah menjadi beberapa aturan."));
        }
    }
    Ok(())
}

pub(super) fn wrong(wanted: &str, got: &Operand, at: usize) -> Refusal {
    let told = format!("Di sini diperlukan {wanted}, bukan {}.", described::operand(got));
    let remedy = match got {
        Operand::Named(fact) => {
            format!(
                "Bandingkan dengan == atau in, misalnya {} == \"{}\".",
                fact.name(),
                first(*fact)
            )
        }
        Operand::Number(Number::Fact(fact)) => {
            format!("Bandingkan dengan bilangan, misalnya {} >= 6.", fact.name())
        }
        _ => "Periksa jenis fakta di docs/financing.md.".to_owned(),
    };
    Refusal::new("WRONG_TYPE", at, told, remedy)
}

fn first(fact: Fact) -> String {
    fact.kind().examples().split(", ").next().unwrap_or_default().to_owned()
}

/// `one == two`.
pub(super) fn equal(
    one: (Operand, usize),
    two: (Operand, usize),
    at: usize,
) -> Result<Test, Refusal> {
    match (one, two) {
        ((Operand::Test(one), _), (Operand::Test(two), _)) => Ok(Test::Same(Box::new([one, two]))),
        ((Operand::Number(one), _), (Operand::Number(two), _)) => {
            Ok(Test::Compare(Comparison::Equal, Box::new([one, two])))
        }
        ((Operand::Named(fact), _), (Operand::Text(text), at))
        | ((Operand::Text(text), at), (Operand::Named(fact), _)) => {
            let value = value(fact, &text, at)?;
            Ok(Test::Within(Number::Fact(fact), Box::new([(value, value)])))
        }
        ((Operand::Named(_), _), (Operand::Named(_), _)) => {
            let told = "Dua fakta teks tidak dapat dibandingkan satu sama lain.".to_owned();
            let remedy = "Bandingkan masing-masing dengan teks yang tertulis.";
            Err(Refusal::new("WRONG_TYPE", at, told, remedy))
        }
        ((one, _), (two, at)) => Err(wrong(&described::operand(&one), &two, at)),
    }
}

/// `one in [..]`.
pub(super) fn one_of(one: (Operand, usize), list: (Operand, usize)) -> Result<Test, Refusal> {
    let items = match list {
        (Operand::List(items), _) if !items.is_empty() => items,
        (other, at) => return Err(wrong("daftar seperti [\"micro\", \"small\"]", &other, at)),
    };
    let (number, kind) = match one {
        (Operand::Named(fact), _) => (Number::Fact(fact), Some(fact)),
        (Operand::Number(number), _) => (number, None),
        (other, at) => return Err(wrong("fakta teks atau bilangan", &other, at)),
    };
    let mut values = Vec::new();
    for item in items {
        values.push(match (item, kind) {
            ((Operand::Text(text), at), Some(fact)) => value(fact, &text, at)?,
            ((Operand::Number(Number::Written(value)), _), None) => value,
            ((other, at), Some(_)) => return Err(wrong("teks", &other, at)),
            ((other, at), None) => return Err(wrong("bilangan bulat yang tertulis", &other, at)),
        });
    }
    values.sort_unstable();
    values.dedup();
    let mut ranges: Vec<(i64, i64)> = Vec::new();
    for value in values {
        match ranges.last_mut() {
            Some(last) if last.1.checked_add(1) == Some(value) => last.1 = value,
            _ => ranges.push((value, value)),
        }
    }
    Ok(Test::Within(number, ranges.into()))
}

/// `one.startsWith(two)`.
pub(super) fn begins(
    one: (Operand, usize),
    two: (Operand, usize),
    at: usize,
) -> Result<Test, Refusal> {
    let list = |fact: Fact| match fact.kind() {
        Kind::Code(list) => Some(list),
        _ => None,
    };
    match (one, two) {
        ((Operand::Named(fact), _), (Operand::Text(prefix), at)) if list(fact).is_some() => {
            let range = list(fact).and_then(|it: CodeList| it.beginning_with(&prefix));
            let range = range.ok_or_else(|| unknown_value(fact, &prefix, at))?;
            Ok(Test::Within(Number::Fact(fact), Box::new([range])))
        }
        ((Operand::Named(fact), _), (other, at)) if list(fact).is_some() => {
            Err(wrong("teks", &other, at))
        }
        _ => {
            let told = "startsWith hanya untuk kode: kbli, kecamatan, kelurahan.".to_owned();
            Err(Refusal::new("WRONG_TYPE", at, told, "Misalnya kbli.startsWith(\"01\")."))
        }
    }
}

fn value(fact: Fact, text: &str, at: usize) -> Result<i64, Refusal> {
    fact.kind().number(text).ok_or_else(|| unknown_value(fact, text, at))
}

fn unknown_value(fact: Fact, text: &str, at: usize) -> Refusal {
    let shown: String = text.chars().take(40).collect();
    let told = format!("{shown:?} bukan nilai dari {}.", fact.name());
    let remedy = format!("Nilainya, misalnya: {}.", fact.kind().examples());
    Refusal::new("UNKNOWN_VALUE", at, told, remedy)
}

/// How parts of expressions are called when one of them is wrong.
pub(super) mod described {
    use super::{Number, Operand};

    /// The kind of an operand, in Indonesian.
    pub(in super::super) fn operand(operand: &Operand) -> String {
        match operand {
            Operand::Test(super::Test::Flag(fact)) => format!("benar/salah ({})", fact.name()),
            Operand::Test(_) => "benar/salah".to_owned(),
            Operand::Number(Number::Fact(fact)) => format!("bilangan ({})", fact.name()),
            Operand::Number(_) => "bilangan".to_owned(),
            Operand::Named(fact) => format!("{} ({})", fact.kind(), fact.name()),
            Operand::Text(_) => "teks".to_owned(),
            Operand::List(_) => "daftar".to_owned(),
        }
    }

    /// How many letters must be changed to make one word the other.
    pub(in super::super) fn distance(one: &str, two: &str) -> usize {
        let two: Vec<char> = two.chars().take(60).collect();
        let mut row: Vec<usize> = (0..=two.len()).collect();
        for (place, letter) in one.chars().enumerate() {
            let mut before = row[0];
            row[0] = place + 1;
            for (column, other) in two.iter().enumerate() {
                let kept = before + usize::from(letter != *other);
                before = row[column + 1];
                row[column + 1] = kept.min(before + 1).min(row[column] + 1);
            }
        }
        row[two.len()]
    }
}
