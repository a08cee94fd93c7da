//! From files to a catalogue, with every mistake on the way.

use std::collections::BTreeMap;
use std::fmt::Write;

use sha2::{Digest, Sha256};
use toml::Spanned;

use super::entries::{paper, rule, spot, words};
use super::file::{File, ProgrammeEntry};
use super::problem::{Collector, Spot};
use super::{Catalogue, Paper, Problems, Programme, Reading, Rule, versions};

/// How large a file may be, in bytes.
const LARGEST: usize = 1_000_000;

pub(super) fn load(files: &[(&str, &str)]) -> Result<Catalogue, Problems> {
    let mut problems = Collector::new(files);
    let mut read = Vec::new();
    for (file, (_, text)) in files.iter().enumerate() {
        read.extend(parse(file, text, &mut problems).map(|it| (file, it)));
    }
    if read.len() < files.len() {
        // References into a file that could not be read would all be wrong.
        return Err(problems.finish());
    }
    let papers: Vec<Paper> = in_order(&read, |it| &it.papers)
        .map(|(file, it)| paper(file, it.get_ref(), &mut problems))
        .collect();
    let (papers, paper_at) = named(papers, |it| &it.id);
    let rules: Vec<Rule> = in_order(&read, |it| &it.rules)
        .map(|(file, it)| rule(file, it.get_ref(), &papers, &paper_at, &mut problems))
        .collect();
    let (rules, rule_at) = named(rules, |it| &it.id);
    require_unique(
        in_order(&read, |it| &it.papers).map(|(file, it)| (file, &it.get_ref().id)),
        "dokumen",
        &mut problems,
    );
    require_unique(
        in_order(&read, |it| &it.rules).map(|(file, it)| (file, &it.get_ref().id)),
        "aturan",
        &mut problems,
    );
    let declared: Vec<(usize, &Spanned<ProgrammeEntry>)> =
        read.iter().filter_map(|(file, it)| Some((*file, it.programme.as_ref()?))).collect();
    require_unique(
        declared.iter().map(|(file, it)| (*file, &it.get_ref().id)),
        "program",
        &mut problems,
    );
    let mut programmes = Vec::new();
    for (file, it) in &read {
        match &it.programme {
            Some(entry) => {
                let versions =
                    versions::of(*file, entry, &it.versions, &rules, &rule_at, &mut problems);
                let entry = entry.get_ref();
                let name = words(*file, &entry.name, &mut problems);
                let id = entry.id.get_ref().clone();
                programmes.push(Programme { id, name, next: None, versions });
            }
            None => {
                if let Some(first) = it.versions.first() {
                    let told = "Berkas ini memuat [[version]] tanpa [programme].";
                    let remedy = "Tambahkan [programme] dengan id dan name.";
                    problems.add("PROGRAMME_MISSING", spot(*file, first), told, remedy);
                }
            }
        }
    }
    let (mut programmes, programme_at) = named(programmes, |it: &Programme| &it.id);
    for (file, entry) in &declared {
        let Some(next) = &entry.get_ref().next else { continue };
        let found = programme_at.get(next.get_ref()).copied();
        let own = programme_at.get(entry.get_ref().id.get_ref()).copied();
        match (found, own) {
            (Some(found), Some(own)) if found != own => programmes[own].next = Some(found),
            (_, None) => {}
            _ => {
                let told = format!("Tidak ada program lain bernama {:?}.", next.get_ref());
                let known: Vec<&str> = programme_at.keys().map(String::as_str).collect();
                let remedy = format!("Program yang ada: {}.", known.join(", "));
                problems.add("UNKNOWN_PROGRAMME", spot(*file, next), told, remedy);
            }
        }
    }
    let reading = reading(&read, &mut problems);
    let found = problems.finish();
    if !found.0.is_empty() {
        return Err(found);
    }
    Ok(Catalogue { programmes, rules, papers, reading, fingerprint: fingerprint(files) })
}

fn in_order<'a, T: 'a>(
    read: &'a [(usize, File)],
    part: impl Fn(&'a File) -> &'a Vec<T> + 'a,
) -> impl Iterator<Item = (usize, &'a T)> {
    read.iter().flat_map(move |(file, it)| part(it).iter().map(move |one| (*file, one)))
}

fn parse(file: usize, text: &str, problems: &mut Collector) -> Option<File> {
    if LARGEST < text.len() {
        let told = format!("Berkas lebih besar dari {LARGEST} bita.");
        problems.add(
            "FILE_TOO_LARGE",
            Spot { file, at: 0 },
            told,
            "Pecah menjadi beberapa berkas.",
        );
        return None;
    }
    match toml::from_str(text) {
        Ok(read) => Some(read),
        Err(error) => {
            let at = error.span().map_or(0, |it| it.start);
            let told = format!("Berkas tidak sesuai bentuknya ({}).", error.message());
            let remedy = "Bandingkan dengan contoh di docs/financing.md.";
            problems.add("FILE_MALFORMED", Spot { file, at }, told, remedy);
            None
        }
    }
}

/// The entries by id, and where each is.
fn named<T>(mut all: Vec<T>, id: impl Fn(&T) -> &String) -> (Vec<T>, BTreeMap<String, usize>) {
    all.sort_by(|one, two| id(one).cmp(id(two)));
    all.dedup_by(|one, two| id(one) == id(two));
    let at = all.iter().enumerate().map(|(place, it)| (id(it).clone(), place)).collect();
    (all, at)
}

fn require_unique<'a>(
    ids: impl Iterator<Item = (usize, &'a Spanned<String>)>,
    what: &str,
    problems: &mut Collector,
) {
    let mut seen: BTreeMap<&str, Spot> = BTreeMap::new();
    for (file, id) in ids {
        let here = spot(file, id);
        let text = id.get_ref();
        let plain = |it: u8| it.is_ascii_lowercase() || it.is_ascii_digit() || it == b'_';
        if text.is_empty() || 60 < text.len() || !text.bytes().all(plain) {
            let told = format!("Nama {what} ini tidak sah.");
            let remedy = "Pakai huruf kecil, angka, dan garis bawah, paling banyak 60.";
            problems.add("ID_MALFORMED", here, told, remedy);
        }
        if let Some(first) = seen.insert(text, here) {
            let told = format!("Nama {what} {text:?} sudah dipakai di {}.", problems.line(first));
            problems.add("DUPLICATE_ID", here, told, "Pakai nama lain.");
        }
    }
}

fn reading(read: &[(usize, File)], problems: &mut Collector) -> Reading {
    let mut entries = read.iter().filter_map(|(file, it)| Some((*file, it.reading.as_ref()?)));
    let Some((_, first)) = entries.next() else {
        let told = "Tidak ada berkas yang memuat [reading].";
        let remedy = "Tambahkan reading.toml dengan sku_valid_months dan recent_sales_years.";
        problems.add("READING_MISSING", Spot { file: 0, at: 0 }, told, remedy);
        return Reading { sku_valid_months: 0, recent_sales_years: 0 };
    };
    for (file, other) in entries {
        problems.add(
            "DUPLICATE_ID",
            spot(file, other),
            "[reading] ada dua kali.",
            "Hapus salah satu.",
        );
    }
    let it = *first.get_ref();
    Reading { sku_valid_months: it.sku_valid_months, recent_sales_years: it.recent_sales_years }
}

fn fingerprint(files: &[(&str, &str)]) -> String {
    let mut ordered = files.to_vec();
    ordered.sort_unstable();
    let mut hash = Sha256::new();
    for (name, text) in ordered {
        for part in [name, text] {
            hash.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
            hash.update(part);
        }
    }
    hash.finalize().iter().fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}
