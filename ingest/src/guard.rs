//! Looking through a zipped workbook before anything is built from it: how far it unpacks, how wide
//! its sheets are, whether it is locked.

mod scan;

use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom};

use zip::ZipArchive;

use crate::file::{Limits, Refusal, RefusalCode};
use crate::format::Found;
use scan::Scan;

/// Entries an archive may have; a workbook has a few dozen.
const ENTRIES: u16 = 5_000;
/// Below this, packing well is no sign of ill will.
const HARMLESS: u64 = 64 << 20;
/// What a part may grow to that is read whole: styles, relations, the list of sheets.
const SMALL_PART: u64 = 24 << 20;

/// The format of a zipped file whose parts were all unpacked once, counted and dropped.
pub fn check_zip(mut file: File, size: u64, limits: &Limits) -> Result<Found, Refusal> {
    count_entries(&mut file, size)?;
    let mut archive = ZipArchive::new(BufReader::new(file)).map_err(damaged)?;
    let format = format_of(&mut archive)?;
    let mut declared = 0_u64;
    for index in 0..archive.len() {
        let entry = archive.by_index_raw(index).map_err(damaged)?;
        if entry.encrypted() {
            return Err(Refusal::new(RefusalCode::Encrypted));
        }
        declared = declared.saturating_add(entry.size());
    }
    check_growth(declared, size, limits)?;
    let mut unpacked = 0;
    for index in 0..archive.len() {
        check_entry(&mut archive, index, &mut unpacked, size, limits)?;
    }
    Ok(format)
}

fn damaged(cause: zip::result::ZipError) -> Refusal {
    match cause {
        zip::result::ZipError::UnsupportedArchive(what)
            if what.to_lowercase().contains("password") =>
        {
            Refusal::new(RefusalCode::Encrypted)
        }
        _ => Refusal::new(RefusalCode::Damaged),
    }
}

/// Reads the number of entries from the end of the archive: each costs memory before it is looked at.
fn count_entries(file: &mut File, size: u64) -> Result<(), Refusal> {
    let tail = size.min(66_000);
    file.seek(SeekFrom::Start(size - tail))?;
    let mut end = Vec::new();
    file.by_ref().take(tail).read_to_end(&mut end)?;
    file.seek(SeekFrom::Start(0))?;
    let at = end.windows(4).rposition(|it| it == b"PK\x05\x06");
    let count =
        at.and_then(|at| end.get(at + 10..at + 12)).map(|it| u16::from_le_bytes([it[0], it[1]]));
    match count {
        Some(count) if count <= ENTRIES => Ok(()),
        Some(_) => Err(Refusal::new(RefusalCode::ZipBomb)),
        None => Err(Refusal::new(RefusalCode::Damaged)),
    }
}

fn format_of(archive: &mut ZipArchive<BufReader<File>>) -> Result<Found, Refusal> {
    let names: Vec<String> =
        archive.file_names().flatten().map(|it| it.replace('\\', "/").to_lowercase()).collect();
    let has = |name: &str| names.iter().any(|it| it == name);
    if has("xl/workbook.bin") {
        return Err(Refusal::with(RefusalCode::OldFormat, "xlsb"));
    }
    if names.iter().any(|it| it.starts_with("xl/")) && has("[content_types].xml") {
        return Ok(Found::Xlsx);
    }
    if names.iter().any(|it| it.starts_with("word/") || it.starts_with("ppt/")) {
        return Err(Refusal::with(RefusalCode::NotASpreadsheet, "Word/PowerPoint"));
    }
    if has("content.xml") && has("mimetype") {
        return ods_of(archive);
    }
    Err(Refusal::with(RefusalCode::NotASpreadsheet, "ZIP"))
}

fn ods_of(archive: &mut ZipArchive<BufReader<File>>) -> Result<Found, Refusal> {
    let mut part = |name: &str, most: u64| -> Result<String, Refusal> {
        let mut bytes = Vec::new();
        let Ok(entry) = archive.by_name(name) else { return Ok(String::new()) };
        entry.take(most).read_to_end(&mut bytes)?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    };
    let kind = part("mimetype", 200)?;
    if !kind.contains("opendocument.spreadsheet") {
        return Err(Refusal::with(RefusalCode::NotASpreadsheet, "OpenDocument"));
    }
    if part("META-INF/manifest.xml", 1 << 20)?.contains("encryption-data") {
        return Err(Refusal::new(RefusalCode::Encrypted));
    }
    Ok(Found::Ods)
}

fn check_growth(unpacked: u64, size: u64, limits: &Limits) -> Result<(), Refusal> {
    let bomb = HARMLESS < unpacked && size.saturating_mul(limits.expansion) < unpacked;
    if bomb || limits.expanded_bytes < unpacked {
        let growth = format!("{} MB -> {} MB", size >> 20, unpacked >> 20);
        return Err(Refusal::with(RefusalCode::ZipBomb, growth));
    }
    Ok(())
}

fn check_entry(
    archive: &mut ZipArchive<BufReader<File>>,
    index: usize,
    unpacked: &mut u64,
    size: u64,
    limits: &Limits,
) -> Result<(), Refusal> {
    let mut entry = archive.by_index(index).map_err(damaged)?;
    let name = entry.name().map_err(damaged)?.to_lowercase();
    let is_xml = name.ends_with(".xml") || name.ends_with(".rels") || name.ends_with(".vml");
    let before = *unpacked;
    let mut scan = Scan::new(limits);
    let mut buffer = vec![0; 1 << 16];
    loop {
        let read = entry.read(&mut buffer)?;
        if read == 0 {
            break;
        }
        *unpacked += read as u64;
        check_growth(*unpacked, size, limits)?;
        if is_xml {
            scan.feed(&buffer[..read])?;
        }
    }
    let is_table = name.contains("worksheets/") || name == "content.xml";
    if is_xml && !is_table && !scan.has_texts() && SMALL_PART < *unpacked - before {
        return Err(Refusal::with(RefusalCode::ZipBomb, name));
    }
    scan.finish()
}
