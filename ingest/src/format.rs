//! Which format a file has, by its content.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

use crate::file::{Limits, Refusal, RefusalCode};
use crate::{csv, guard, ole, pulled};

/// A format that can be read, with what reading needs to know.
pub enum Found {
    /// Text with a delimiter.
    Csv(csv::Shape),
    /// Excel 2007 or later, its parts checked.
    Xlsx,
    /// Excel 97 to 2003, its extent checked.
    Xls,
    /// LibreOffice, its parts checked.
    Ods,
    /// Rows pulled from a live source.
    Rows,
}

const HEAD: u64 = 16 << 10;

/// The format of the file at `path`; a refusal for one that is not read.
pub fn find(path: &Path, limits: &Limits) -> Result<Found, Refusal> {
    let mut file = File::open(path)?;
    let size = file.metadata()?.len();
    if size == 0 {
        return Err(Refusal::new(RefusalCode::Empty));
    }
    if limits.bytes < size {
        let megabytes = format!("{} MB > {} MB", size >> 20, limits.bytes >> 20);
        return Err(Refusal::with(RefusalCode::TooLarge, megabytes));
    }
    let mut head = Vec::new();
    file.by_ref().take(HEAD).read_to_end(&mut head)?;
    file.seek(SeekFrom::Start(0))?;
    if head.starts_with(pulled::MARK) {
        return Ok(Found::Rows);
    }
    if head.starts_with(b"PK\x03\x04") || head.starts_with(b"PK\x05\x06") {
        return guard::check_zip(file, size, limits);
    }
    if head.starts_with(&ole::MAGIC) {
        return ole::check(path, limits).map(|()| Found::Xls);
    }
    if let Some(kind) = known_stranger(&head) {
        return Err(Refusal::with(RefusalCode::NotASpreadsheet, kind));
    }
    let text = head_text(&head);
    let starts = |mark: &str| text.starts_with(mark);
    if starts("<!doctype html") || starts("<html") || starts("<table") || starts("<meta") {
        return Err(Refusal::new(RefusalCode::WebPage));
    }
    if starts("<?xml") || starts("<workbook") {
        let code =
            if text.contains("<html") { RefusalCode::WebPage } else { RefusalCode::XmlSpreadsheet };
        return Err(Refusal::new(code));
    }
    if starts("mime-version:") || starts("<frameset") || starts("<style") || starts("<div") {
        return Err(Refusal::new(RefusalCode::WebPage));
    }
    csv::Shape::find(path, &head).map(Found::Csv)
}

/// The kind of file that begins so, when it is a known one that holds no list.
fn known_stranger(head: &[u8]) -> Option<&'static str> {
    const STRANGERS: &[(&[u8], &str)] = &[
        (b"%PDF", "PDF"),
        (b"\x89PNG", "PNG"),
        (b"\xff\xd8\xff", "JPEG"),
        (b"GIF8", "GIF"),
        (b"BM\x36", "BMP"),
        (b"II*\0", "TIFF"),
        (b"MM\0*", "TIFF"),
        (b"RIFF", "RIFF"),
        (b"{\\rtf", "RTF"),
        (b"Rar!", "RAR"),
        (b"7z\xbc\xaf", "7z"),
        (b"\x1f\x8b", "gzip"),
        (b"BZh", "bzip2"),
        (b"\xfd7zXZ", "xz"),
        (b"\x28\xb5\x2f\xfd", "zstd"),
        (b"SQLite format 3", "SQLite"),
        (b"MZ", "EXE"),
        (b"\x7fELF", "ELF"),
        (b"ID3", "MP3"),
        (b"\0\0\0\x18ftyp", "MP4"),
        (b"\0\0\0\x20ftyp", "MP4"),
        (b"\0\x01\0\0Standard", "Access"),
        (b"PAR1", "Parquet"),
    ];
    // Short signatures of letters could begin a text; those are followed by a byte no text has.
    let found = STRANGERS.iter().find(|(mark, _)| head.starts_with(mark))?;
    let binary = head.iter().take(512).any(|&it| it == 0 || it == 0xff);
    let sure =
        4 < found.0.len() || found.0[0] == b'%' || !found.0.iter().all(u8::is_ascii_alphanumeric);
    (sure || binary).then_some(found.1)
}

/// The start of a text without its byte order mark, in lower case.
fn head_text(head: &[u8]) -> String {
    let wide =
        head.starts_with(b"\xff\xfe") || head.starts_with(b"\xfe\xff") || head.get(1) == Some(&0);
    let bytes: Vec<u8> = head
        .iter()
        .copied()
        .filter(|&it| !wide || it != 0)
        .filter(|&it| it < 0xef || !wide)
        .collect();
    let text = String::from_utf8_lossy(&bytes).to_lowercase();
    text.trim_start_matches(['\u{feff}', ' ', '\t', '\r', '\n']).to_owned()
}
