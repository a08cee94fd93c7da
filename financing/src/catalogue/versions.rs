//! Versions of a programme: dates without gap or overlap, rules that exist, ceilings in order.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use domain::amount::Rupiah;
use toml::Spanned;
use toml::value::Datetime;

use super::entries::{mark, spot, stated, words};
use super::file::{CeilingEntry, ProgrammeEntry, VersionEntry};
use super::problem::{Collector, Spot};
use super::{Ceiling, Rule, Version};

/// No programme for small enterprises lends more; a longer number is a slip of the keyboard.
const MOST: i64 = 1_000_000_000_000;

pub(super) fn of(
    file: usize,
    programme: &Spanned<ProgrammeEntry>,
    entries: &[Spanned<VersionEntry>],
    rules: &[Rule],
    rule_at: &BTreeMap<String, usize>,
    problems: &mut Collector,
) -> Vec<Version> {
    if entries.is_empty() {
        let told = "Program ini tidak punya [[version]].";
        problems.add("VERSION_MISSING", spot(file, programme), told, "Tambahkan sekurangnya satu.");
    }
    let mut seen = BTreeSet::new();
    for entry in entries {
        if !seen.insert(entry.get_ref().id.get_ref()) {
            let told = "Nama versi ini sudah dipakai dalam program yang sama.";
            problems.add("DUPLICATE_ID", spot(file, &entry.get_ref().id), told, "Pakai nama lain.");
        }
    }
    let mut found: Vec<(Spot, Version)> = Vec::new();
    for entry in entries {
        let here = spot(file, &entry.get_ref().valid_from);
        found.extend(version(file, entry.get_ref(), rules, rule_at, problems).map(|it| (here, it)));
    }
    found.sort_by_key(|it| it.1.valid_from);
    for pair in found.windows(2) {
        let [(_, earlier), (here, later)] = pair else { continue };
        let due = earlier.valid_to.and_then(|it| it.succ_opt());
        let starts = later.valid_from;
        if due.is_none_or(|due| starts < due) {
            let told =
                format!("Versi {:?} mulai sebelum versi {:?} berakhir.", later.id, earlier.id);
            let remedy = match starts.pred_opt() {
                Some(day) => format!("Akhiri {:?} dengan valid_to = {day}.", earlier.id),
                None => String::new(),
            };
            problems.add("VALIDITY_OVERLAP", *here, told, remedy);
        } else if due.is_some_and(|due| due < starts) {
            let told =
                format!("Antara versi {:?} dan {:?} ada hari tanpa aturan.", earlier.id, later.id);
            let remedy =
                due.map_or_else(String::new, |it| format!("Mulai pada valid_from = {it}."));
            problems.add("VALIDITY_GAP", *here, told, remedy);
        }
    }
    found.into_iter().map(|it| it.1).collect()
}

fn version(
    file: usize,
    entry: &VersionEntry,
    rules: &[Rule],
    rule_at: &BTreeMap<String, usize>,
    problems: &mut Collector,
) -> Option<Version> {
    let from = day(file, &entry.valid_from, problems);
    let to = entry.valid_to.as_ref().map(|it| day(file, it, problems));
    if let (Some(from), Some(Some(to)), Some(written)) = (from, to, &entry.valid_to)
        && to < from
    {
        let told = "valid_to lebih awal daripada valid_from.";
        problems.add(
            "VALIDITY_REVERSED",
            spot(file, written),
            told,
            "Tukar atau perbaiki tanggalnya.",
        );
    }
    let own = references(file, &entry.rules, rule_at, problems);
    if own.is_empty() && entry.rules.is_empty() {
        let told = "Versi ini tidak punya aturan.";
        problems.add("RULES_MISSING", spot(file, &entry.id), told, "Isi rules = [\"...\"].");
    }
    let mut ceilings: Vec<Ceiling> = Vec::new();
    if entry.ceilings.is_empty() {
        let told = "Versi ini tidak punya plafon.";
        problems.add(
            "CEILING_MISSING",
            spot(file, &entry.id),
            told,
            "Tambahkan [[version.ceiling]].",
        );
    }
    for one in &entry.ceilings {
        let lowest = ceilings.last().map_or(0, |it| it.amount.0);
        ceilings.push(ceiling(file, one.get_ref(), lowest, rules, rule_at, problems));
    }
    let terms = entry.terms.iter().map(|it| words(file, it, problems)).collect();
    Some(Version {
        id: entry.id.get_ref().clone(),
        valid_from: from?,
        valid_to: match to {
            Some(to) => Some(to?),
            None => None,
        },
        source: stated(file, &entry.source, problems),
        mark: mark(entry.mark),
        rules: own,
        ceilings,
        terms,
    })
}

fn ceiling(
    file: usize,
    entry: &CeilingEntry,
    lowest: i64,
    rules: &[Rule],
    rule_at: &BTreeMap<String, usize>,
    problems: &mut Collector,
) -> Ceiling {
    let amount = *entry.amount.get_ref();
    if amount <= lowest || MOST < amount {
        let told = "Plafon harus lebih besar daripada plafon sebelumnya dan masuk akal.";
        let remedy = "Urutkan plafon dari yang terkecil, dalam rupiah penuh.";
        problems.add("CEILING_INVALID", spot(file, &entry.amount), told, remedy);
    }
    let requires = references(file, &entry.requires, rule_at, problems);
    for name in &entry.requires {
        let place = rule_at.get(name.get_ref());
        if place.is_some_and(|it| rules[*it].kind == super::RuleKind::Advice) {
            let told = "Plafon tidak dapat bergantung pada saran.";
            problems.add("WRONG_TYPE", spot(file, name), told, "Pakai aturan lain.");
        }
    }
    if lowest == 0
        && let Some(first) = entry.requires.first()
    {
        let told = "Plafon terkecil tidak boleh punya syarat tersendiri.";
        let remedy = "Pindahkan syaratnya ke rules versi ini.";
        problems.add("CEILING_INVALID", spot(file, first), told, remedy);
    }
    let source = stated(file, &entry.source, problems);
    Ceiling { amount: Rupiah(amount), requires, source, mark: mark(entry.mark) }
}

fn references(
    file: usize,
    names: &[Spanned<String>],
    rule_at: &BTreeMap<String, usize>,
    problems: &mut Collector,
) -> Vec<usize> {
    let mut found = Vec::new();
    for name in names {
        match rule_at.get(name.get_ref()) {
            Some(place) if found.contains(place) => {
                let told = format!("Aturan {:?} disebut dua kali.", name.get_ref());
                problems.add("DUPLICATE_ID", spot(file, name), told, "Hapus salah satu.");
            }
            Some(place) => found.push(*place),
            None => {
                let told = format!("Tidak ada aturan bernama {:?}.", name.get_ref());
                let remedy = "Aturan ditulis sebagai [[rule]], biasanya di rules.toml.";
                problems.add("UNKNOWN_RULE", spot(file, name), told, remedy);
            }
        }
    }
    found
}

fn day(file: usize, entry: &Spanned<Datetime>, problems: &mut Collector) -> Option<NaiveDate> {
    let written = entry.get_ref();
    let date = written.date.filter(|_| written.time.is_none() && written.offset.is_none());
    let day = date.and_then(|it| {
        NaiveDate::from_ymd_opt(i32::from(it.year), u32::from(it.month), u32::from(it.day))
    });
    if day.is_none() {
        let told = "Ini bukan tanggal tanpa jam.";
        problems.add("DATE_MALFORMED", spot(file, entry), told, "Tulis seperti 2026-01-01.");
    }
    day
}
