//! Looking through a file of the older Office formats before anything is built from it.

use std::path::Path;

use crate::file::{Limits, Refusal, RefusalCode};

/// How every such file begins.
pub const MAGIC: [u8; 8] = [0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1];

/// The largest such file that is held in memory.
const LARGEST: u64 = 24 << 20;
const END: u32 = 0xffff_fffa;

/// Checks that the file is an unlocked workbook whose sheets fit into memory.
pub fn check(path: &Path, limits: &Limits) -> Result<(), Refusal> {
    if LARGEST < std::fs::metadata(path)?.len() {
        return Err(Refusal::with(RefusalCode::TooLarge, "xls > 24 MB"));
    }
    let bytes = std::fs::read(path)?;
    let damaged = || Refusal::new(RefusalCode::Damaged);
    let file = Compound::open(&bytes).ok_or_else(damaged)?;
    let entries = file.entries().ok_or_else(damaged)?;
    let named = |name: &str| entries.iter().find(|it| it.name.eq_ignore_ascii_case(name));
    if named("EncryptedPackage").is_some() || named("EncryptionInfo").is_some() {
        return Err(Refusal::new(RefusalCode::Encrypted));
    }
    if let Some(book) = named("Workbook").or_else(|| named("Book")) {
        let root = entries.first().ok_or_else(damaged)?;
        let stream = file.stream(book, root).ok_or_else(damaged)?;
        return check_book(&stream, limits);
    }
    let kind = if named("WordDocument").is_some() { "Word" } else { "OLE" };
    Err(Refusal::with(RefusalCode::NotASpreadsheet, kind))
}

struct Entry {
    name: String,
    start: u32,
    size: usize,
}

/// A compound file: streams scattered over sectors.
struct Compound<'a> {
    bytes: &'a [u8],
    sector: usize,
    next: Vec<u32>,
    directory: u32,
    small: u32,
}

impl<'a> Compound<'a> {
    fn open(bytes: &'a [u8]) -> Option<Compound<'a>> {
        let shift = u32::from(u16_at(bytes, 30)?);
        if !matches!(shift, 9 | 12) {
            return None;
        }
        let sector = 1_usize << shift;
        let mut file = Compound {
            bytes,
            sector,
            next: Vec::new(),
            directory: u32_at(bytes, 48)?,
            small: u32_at(bytes, 60)?,
        };
        let mut tables: Vec<u32> = (0..109).map_while(|it| u32_at(bytes, 76 + it * 4)).collect();
        let mut more = u32_at(bytes, 68)?;
        for _ in 0..bytes.len() / sector {
            let Some(page) = file.sector(more) else { break };
            let entries = sector / 4 - 1;
            tables.extend((0..entries).map_while(|it| u32_at(page, it * 4)));
            more = u32_at(page, entries * 4)?;
        }
        let most = bytes.len() / sector + 1;
        for table in tables.into_iter().filter(|&it| it < END) {
            let Some(page) = file.sector(table) else { continue };
            file.next.extend((0..sector / 4).map_while(|it| u32_at(page, it * 4)));
            if most < file.next.len() {
                break;
            }
        }
        Some(file)
    }

    fn sector(&self, number: u32) -> Option<&'a [u8]> {
        let start = (usize::try_from(number).ok()?.checked_add(1)?).checked_mul(self.sector)?;
        let end = (start + self.sector).min(self.bytes.len());
        self.bytes.get(start..end).filter(|it| !it.is_empty())
    }

    /// The bytes of the chain that begins at `start`, at most `size` of them.
    fn chain(&self, start: u32, size: usize) -> Vec<u8> {
        let mut found = Vec::new();
        let mut at = start;
        for _ in 0..=self.next.len() {
            let Some(page) = self.sector(at) else { break };
            found.extend_from_slice(page);
            if size <= found.len() {
                break;
            }
            at = self.next.get(at as usize).copied().unwrap_or(u32::MAX);
        }
        found.truncate(size);
        found
    }

    fn entries(&self) -> Option<Vec<Entry>> {
        let directory = self.chain(self.directory, 4 << 20);
        let entries = directory.chunks_exact(128).map(|it| {
            let length = usize::from(u16_at(it, 64)?).min(64);
            let units = it[..length.saturating_sub(2)].chunks_exact(2);
            let units: Vec<u16> = units.map(|it| u16::from_le_bytes([it[0], it[1]])).collect();
            let (start, size) = (u32_at(it, 116)?, u32_at(it, 120)? as usize);
            Some(Entry { name: String::from_utf16_lossy(&units), start, size })
        });
        entries.collect::<Option<Vec<_>>>().filter(|it| !it.is_empty())
    }

    fn stream(&self, entry: &Entry, root: &Entry) -> Option<Vec<u8>> {
        if 4096 <= entry.size {
            return Some(self.chain(entry.start, entry.size.min(self.bytes.len())));
        }
        let small = self.chain(root.start, root.size.min(self.bytes.len()));
        let table = self.chain(self.small, self.bytes.len());
        let (mut found, mut at) = (Vec::new(), entry.start as usize);
        while found.len() < entry.size && found.len() <= small.len() {
            let end = small.len().min(at.checked_mul(64)? + 64);
            found.extend_from_slice(small.get(at * 64..end)?);
            at = u32_at(&table, at * 4).unwrap_or(u32::MAX) as usize;
        }
        found.truncate(entry.size);
        Some(found)
    }
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    bytes.get(at..at + 2).map(|it| u16::from_le_bytes([it[0], it[1]]))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..at + 4).map(|it| u32::from_le_bytes([it[0], it[1], it[2], it[3]]))
}

/// Walks the records of the book: a sheet is held whole, blank cells included, so one stray cell can
/// cost gigabytes.
fn check_book(book: &[u8], limits: &Limits) -> Result<(), Refusal> {
    const SHEET_BEGINS: u16 = 0x0809;
    const LOCKED: u16 = 0x002f;
    const CELLS: &[u16] =
        &[0x0006, 0x00bd, 0x00be, 0x00d6, 0x00fd, 0x0201, 0x0203, 0x0204, 0x0205, 0x027e];
    const TEXT: u16 = 0x00fd;
    const TEXTS: u16 = 0x00fc;
    let (mut at, mut rows, mut columns, mut cells) = (0, 0_u64, 0_u64, 0_u64);
    let (mut records, mut lengths, mut text_bytes) = (0, Vec::new(), 0_u64);
    while let (Some(kind), Some(length)) = (u16_at(book, at), u16_at(book, at + 2)) {
        let body = at + 4;
        at = body + usize::from(length);
        records += 1;
        match kind {
            LOCKED => return Err(Refusal::new(RefusalCode::Encrypted)),
            SHEET_BEGINS => (rows, columns) = (0, 0),
            TEXTS => lengths = text_lengths(book, at - usize::from(length) - 4),
            _ if CELLS.contains(&kind) => {
                let (Some(row), Some(column)) = (u16_at(book, body), u16_at(book, body + 2)) else {
                    break;
                };
                cells += if matches!(kind, 0x00bd | 0x00be) { u64::from(length / 6) } else { 1 };
                rows = rows.max(u64::from(row) + 1);
                columns = columns.max(u64::from(column) + 1);
                if kind == TEXT {
                    // A text is copied for each cell that uses it.
                    let index = u32_at(book, body + 6).unwrap_or(u32::MAX) as usize;
                    text_bytes += lengths.get(index).copied().unwrap_or(0);
                }
                if limits.xls_text_bytes < text_bytes {
                    return Err(Refusal::new(RefusalCode::TooManyTexts));
                }
                if limits.xls_cells < rows * columns || limits.xls_cells < cells {
                    return Err(Refusal::with(RefusalCode::TooLarge, "xls"));
                }
            }
            _ => {}
        }
    }
    if records == 0 { Err(Refusal::new(RefusalCode::Damaged)) } else { Ok(()) }
}

/// The lengths of the shared texts, whose table begins with the record at `at` and goes on in the
/// records after it; a text cut by the end of a record goes on after a byte of flags.
fn text_lengths(book: &[u8], mut at: usize) -> Vec<u64> {
    const GOES_ON: u16 = 0x003c;
    let mut parts: Vec<&[u8]> = Vec::new();
    while let (Some(kind), Some(length)) = (u16_at(book, at), u16_at(book, at + 2)) {
        if !parts.is_empty() && kind != GOES_ON {
            break;
        }
        let end = (at + 4 + usize::from(length)).min(book.len());
        parts.push(&book[at + 4..end]);
        at = end;
    }
    let mut texts = Texts { parts, part: 0, at: 8 };
    let mut lengths = Vec::new();
    while let Some(length) = texts.next_length() {
        lengths.push(length);
    }
    lengths
}

/// A place in the table of shared texts.
struct Texts<'a> {
    parts: Vec<&'a [u8]>,
    part: usize,
    at: usize,
}

impl Texts<'_> {
    /// The characters of the next text, skipped.
    fn next_length(&mut self) -> Option<u64> {
        if self.parts.get(self.part)?.len() <= self.at {
            self.part += 1;
            self.at = 0;
        }
        let part = *self.parts.get(self.part)?;
        let characters = usize::from(u16_at(part, self.at)?);
        let flags = *part.get(self.at + 2)?;
        self.at += 3;
        let mut tail = 0;
        if flags & 8 != 0 {
            tail += usize::from(u16_at(part, self.at)?) * 4;
            self.at += 2;
        }
        if flags & 4 != 0 {
            tail += u32_at(part, self.at)? as usize;
            self.at += 4;
        }
        let (mut left, mut width) = (characters, if flags & 1 == 0 { 1 } else { 2 });
        while 0 < left {
            let room = self.parts.get(self.part)?.len().saturating_sub(self.at) / width;
            let here = left.min(room);
            self.at += here * width;
            left -= here;
            if 0 < left {
                self.part += 1;
                width = if self.parts.get(self.part)?.first()? & 1 == 0 { 1 } else { 2 };
                self.at = 1;
            }
        }
        while 0 < tail {
            let room = self.parts.get(self.part)?.len().saturating_sub(self.at);
            let here = tail.min(room);
            self.at += here;
            tail -= here;
            if 0 < tail {
                self.part += 1;
                self.at = 0;
            }
        }
        Some(characters as u64)
    }
}
