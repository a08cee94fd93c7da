//! Papers and rules as they are read, part by part.

use std::collections::BTreeMap;

use toml::Spanned;

use super::file::{KindEntry, MarkEntry, PaperEntry, RuleEntry, WordsEntry};
use super::problem::{Collector, Spot};
use super::{Mark, Paper, Rule, RuleKind, Words};
use crate::expression::Expression;
use crate::fact::{Fact, Kind};

pub(super) fn spot<T>(file: usize, of: &Spanned<T>) -> Spot {
    Spot { file, at: of.span().start }
}

pub(super) fn mark(entry: MarkEntry) -> Mark {
    match entry {
        MarkEntry::Verified => Mark::Verified,
        MarkEntry::Assumed => Mark::Assumed,
    }
}

/// The two texts. What is missing is told and left empty, so that one mistake is told once.
pub(super) fn words(file: usize, entry: &Spanned<WordsEntry>, problems: &mut Collector) -> Words {
    let there = |it: &Option<String>| it.clone().filter(|it| !it.trim().is_empty());
    let (id, en) = (there(&entry.get_ref().id), there(&entry.get_ref().en));
    for (language, missing) in [("id", id.is_none()), ("en", en.is_none())] {
        if missing {
            let told = format!("Kalimat dalam bahasa {language:?} tidak ada.");
            let remedy = "Isi keduanya: id (Indonesia) dan en (Inggris).";
            problems.add("SENTENCE_MISSING", spot(file, entry), told, remedy);
        }
    }
    Words { id: id.unwrap_or_default(), en: en.unwrap_or_default() }
}

/// A text that must not be empty.
pub(super) fn stated(file: usize, entry: &Spanned<String>, problems: &mut Collector) -> String {
    if entry.get_ref().trim().is_empty() {
        let remedy = "Tulis peraturan dan pasalnya, atau dari mana diketahui.";
        problems.add("SOURCE_MISSING", spot(file, entry), "Sumber tidak disebut.", remedy);
    }
    entry.get_ref().clone()
}

fn fact(file: usize, entry: &Spanned<String>, problems: &mut Collector) -> Option<Fact> {
    let found = Fact::from_name(entry.get_ref());
    if found.is_none() {
        let told = format!("Tidak ada fakta bernama {:?}.", entry.get_ref());
        problems.add(
            "UNKNOWN_FACT",
            spot(file, entry),
            told,
            "Daftar fakta ada di docs/financing.md.",
        );
    }
    found
}

pub(super) fn paper(file: usize, entry: &PaperEntry, problems: &mut Collector) -> Paper {
    let gives = fact(file, &entry.gives, problems);
    if gives.is_some_and(|it| it.kind() != Kind::Flag) {
        let told = "Yang diberikan sebuah dokumen harus fakta benar/salah.";
        problems.add("WRONG_TYPE", spot(file, &entry.gives), told, "Misalnya has_npwp.");
    }
    Paper {
        id: entry.id.get_ref().clone(),
        gives: gives.unwrap_or(Fact::HasNib),
        name: words(file, &entry.name, problems),
        how: words(file, &entry.how, problems),
        where_to: words(file, &entry.where_to, problems),
        cost: words(file, &entry.cost, problems),
        note: entry.note.as_ref().map(|it| words(file, it, problems)),
        source: stated(file, &entry.source, problems),
        mark: mark(entry.mark),
    }
}

pub(super) fn rule(
    file: usize,
    entry: &RuleEntry,
    papers: &[Paper],
    paper_at: &BTreeMap<String, usize>,
    problems: &mut Collector,
) -> Rule {
    let here = spot(file, &entry.id);
    let when = entry.when.as_ref().and_then(|it| expression(file, it, papers, problems));
    if entry.when.is_none() && entry.kind != KindEntry::Bank {
        let remedy = "Tulis when, atau kind = \"bank\" bila hanya bank yang dapat memeriksa.";
        problems.add("RULE_EMPTY", here, "Aturan ini tidak punya when.", remedy);
    }
    let empty = || Words { id: String::new(), en: String::new() };
    let sentence = |it: &Option<Spanned<WordsEntry>>, name: &str, problems: &mut Collector| {
        if it.is_none() {
            let told = format!("Kalimat {name} tidak ada.");
            let remedy = "Setiap aturan punya met, not_met, dan unknown, masing-masing id dan en.";
            problems.add("SENTENCE_MISSING", here, told, remedy);
        }
        it.as_ref().map_or_else(empty, |it| words(file, it, problems))
    };
    let met = sentence(&entry.met, "met", problems);
    let not_met = sentence(&entry.not_met, "not_met", problems);
    let unknown = sentence(&entry.unknown, "unknown", problems);
    let shows = entry.shows.iter().filter_map(|it| fact(file, it, problems)).collect();
    let source = stated(file, &entry.source, problems);
    let mut helping = Vec::new();
    for name in &entry.papers {
        match paper_at.get(name.get_ref()) {
            Some(&place) => {
                let named = |it: &Expression| it.facts().contains(&papers[place].gives);
                if when.as_ref().is_some_and(|it| !named(it)) {
                    let told = format!(
                        "Aturan ini tidak menyebut {}, yang diberikan dokumen ini.",
                        papers[place].gives.name()
                    );
                    problems.add(
                        "PAPER_WITHOUT_EFFECT",
                        spot(file, name),
                        told,
                        "Sebut faktanya dalam when, atau hapus dokumennya.",
                    );
                }
                helping.push(place);
            }
            None => {
                let known: Vec<&str> = paper_at.keys().map(String::as_str).collect();
                let told = format!("Tidak ada dokumen bernama {:?}.", name.get_ref());
                let remedy = format!("Dokumen yang ada: {}.", known.join(", "));
                problems.add("UNKNOWN_PAPER", spot(file, name), told, remedy);
            }
        }
    }
    if entry.kind == KindEntry::Paper && entry.papers.is_empty() {
        let remedy = "Tulis papers = [\"...\"], atau kind = \"condition\".";
        problems.add("UNKNOWN_PAPER", here, "Aturan dokumen ini tidak menyebut dokumen.", remedy);
    }
    Rule {
        id: entry.id.get_ref().clone(),
        kind: match entry.kind {
            KindEntry::Condition => RuleKind::Condition,
            KindEntry::Paper => RuleKind::Paper,
            KindEntry::Bank => RuleKind::Bank,
            KindEntry::Advice => RuleKind::Advice,
        },
        when,
        shows,
        papers: helping,
        met,
        not_met,
        unknown,
        source,
        mark: mark(entry.mark),
    }
}

fn expression(
    file: usize,
    entry: &Spanned<String>,
    papers: &[Paper],
    problems: &mut Collector,
) -> Option<Expression> {
    let text = entry.get_ref();
    // Where the text stands as it is between its quotes, a place in it is a place in the file.
    let written = problems.text(file).get(entry.span()).unwrap_or_default();
    let inside = written.find(text.as_str()).map(|it| entry.span().start + it);
    let spot = |at: usize| Spot { file, at: inside.map_or(entry.span().start, |it| it + at) };
    match Expression::parse(text) {
        Ok(expression) => {
            let falling = papers.iter().find(|it| expression.falling().contains(&it.gives));
            if let Some(paper) = falling {
                let told = format!(
                    "{} tidak boleh diingkari: dokumen tidak boleh merugikan pemiliknya.",
                    paper.gives.name()
                );
                problems.add(
                    "PAPER_NEGATED",
                    spot(0),
                    told,
                    "Tulis syarat itu tanpa ! dan tanpa == atau ?: atas fakta tersebut.",
                );
            }
            Some(expression)
        }
        Err(refusal) => {
            problems.add(refusal.code, spot(refusal.at), refusal.text, refusal.remedy);
            None
        }
    }
}
