//! One pass over the bytes of an XML part, counting what would cost memory to build.

use crate::file::{Limits, Refusal, RefusalCode};
use crate::problem::letters;

/// A text or a tag longer than this is no cell.
const LONGEST: usize = 4 << 20;
/// Formats a workbook may define; Excel stops at 65,490.
const FORMATS: u64 = 70_000;
/// Cells beyond the limit that are called stray rather than a wide table.
const STRAYS: u64 = 4;
/// As much of a tag as can hold a cell's address.
const TAG_HEAD: usize = 80;

/// What was counted so far.
pub struct Scan<'a> {
    limits: &'a Limits,
    tag: Vec<u8>,
    in_tag: bool,
    last: u8,
    run: usize,
    bytes: u64,
    texts: u64,
    formats: u64,
    in_row: u64,
    beyond: u64,
    first_beyond: Option<String>,
}

impl<'a> Scan<'a> {
    /// Nothing counted yet.
    pub fn new(limits: &'a Limits) -> Scan<'a> {
        Scan {
            limits,
            tag: Vec::with_capacity(TAG_HEAD),
            in_tag: false,
            last: 0,
            run: 0,
            bytes: 0,
            texts: 0,
            formats: 0,
            in_row: 0,
            beyond: 0,
            first_beyond: None,
        }
    }

    /// Whether the part is a table of shared texts.
    pub fn has_texts(&self) -> bool {
        0 < self.texts
    }

    /// Counts the next bytes of the part.
    pub fn feed(&mut self, bytes: &[u8]) -> Result<(), Refusal> {
        self.bytes += bytes.len() as u64;
        for &it in bytes {
            self.run += 1;
            if self.in_tag {
                if it == b'>' {
                    self.in_tag = false;
                    self.run = 0;
                    self.tag_ends()?;
                } else if self.tag.len() < TAG_HEAD {
                    self.tag.push(it);
                }
                self.last = it;
            } else if it == b'<' {
                self.in_tag = true;
                self.tag.clear();
                self.run = 0;
            }
            if LONGEST < self.run {
                return Err(Refusal::with(RefusalCode::TooLarge, "> 4 MB"));
            }
        }
        if self.limits.shared_texts < self.texts
            || self.has_texts() && self.limits.shared_text_bytes < self.bytes
        {
            return Err(Refusal::new(RefusalCode::TooManyTexts));
        }
        if FORMATS < self.formats {
            return Err(Refusal::with(RefusalCode::ZipBomb, "styles"));
        }
        Ok(())
    }

    /// Says whether the cells lay within the limits.
    pub fn finish(self) -> Result<(), Refusal> {
        match self.first_beyond {
            None => Ok(()),
            Some(cell) if self.beyond <= STRAYS => Err(Refusal::with(RefusalCode::StrayCell, cell)),
            Some(_) => {
                let most = format!("> {}", self.limits.columns);
                Err(Refusal::with(RefusalCode::TooManyColumns, most))
            }
        }
    }

    fn tag_ends(&mut self) -> Result<(), Refusal> {
        let tag = self.tag.as_slice();
        if tag.starts_with(b"!DOCTYPE") || tag.starts_with(b"!ENTITY") {
            return Err(Refusal::with(RefusalCode::Damaged, "DTD"));
        }
        let name_ends = tag.iter().position(|it| b" \t\r\n/".contains(it)).unwrap_or(tag.len());
        let name = &tag[..name_ends];
        let local = name.iter().rposition(|&it| it == b':').map_or(name, |at| &name[at + 1..]);
        match local {
            b"si" => self.texts += 1,
            b"xf" | b"font" | b"fill" | b"border" | b"dxf" | b"numFmt" | b"sheet"
            | b"Relationship" | b"definedName" => self.formats += 1,
            b"row" => self.in_row = 0,
            b"c" if self.last != b'/' => {
                let column = address(tag).map_or(self.in_row, |it| it.0);
                self.in_row = column + 1;
                if u64::from(self.limits.columns) <= column {
                    self.beyond += 1;
                    let row = address(tag).map_or("", |it| it.1);
                    let cell = format!("{}{row}", letters(column.try_into().unwrap_or(u32::MAX)));
                    self.first_beyond.get_or_insert(cell);
                }
            }
            b"c" => self.in_row += 1,
            _ => {}
        }
        Ok(())
    }
}

/// Column, from 0, and row of `r="AB12"` in a tag.
fn address(tag: &[u8]) -> Option<(u64, &str)> {
    let at = tag.windows(4).position(|it| it == b" r=\"" || it == b" r='")? + 4;
    let text = std::str::from_utf8(&tag[at..]).ok()?;
    let text = &text[..text.find(['"', '\''])?];
    let row_at = text.find(|it: char| it.is_ascii_digit())?;
    let (column, row) = text.split_at(row_at);
    let number = column.bytes().try_fold(0_u64, |sum, it| {
        let letter = u64::from(it.to_ascii_uppercase().checked_sub(b'A')?);
        (letter < 26 && sum < 1 << 32).then_some(sum * 26 + letter + 1)
    })?;
    Some((number.checked_sub(1)?, row))
}
