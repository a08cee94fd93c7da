//! Tables: text files with headings, in the encodings and with the delimiters that spreadsheets write.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Cursor, Read};
use std::path::{Path, PathBuf};

use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};
use flate2::read::MultiGzDecoder;

use crate::LinkFileError;

/// Bytes read at a time; the headings and what tells the encoding are looked for in the first of them.
const BUFFER: usize = 1 << 18;
/// Bytes in a line from which it is no row of a list.
const LONGEST_LINE: u64 = 1 << 24;
/// Lines a quoted cell may span.
const LONGEST_CELL: usize = 40;

/// A file that is read row by row.
pub(crate) struct Table {
    path: PathBuf,
    input: Box<dyn BufRead + Send>,
    /// What ends a line.
    newline: u8,
    delimiter: u8,
    /// How many lines were read.
    line: usize,
    bytes: Vec<u8>,
    /// The headings, without blanks around them.
    pub(crate) headings: Vec<String>,
}

/// The cells of one row.
#[derive(Default)]
pub(crate) struct Row {
    /// The row as written, and after it the cells that are written otherwise than meant.
    text: String,
    /// Where in the text each cell begins and ends.
    cells: Vec<(u32, u32)>,
    /// A quotation mark stands amid a quoted cell.
    stray: bool,
}

impl Table {
    /// Opens a file and reads its headings.
    ///
    /// # Errors
    /// When it cannot be read, is no text or has no headings.
    pub(crate) fn open(path: &Path) -> Result<Table, LinkFileError> {
        let mut table = Table {
            path: path.to_owned(),
            input: input(path).map_err(|it| LinkFileError::file(path, it))?,
            newline: b'\n',
            delimiter: b',',
            line: 0,
            bytes: vec![],
            headings: vec![],
        };
        let head = table.input.fill_buf().map_err(|it| LinkFileError::file(path, it))?;
        if head.starts_with(b"PK\x03\x04") || head.starts_with(b"\xd0\xcf\x11\xe0") {
            return Err(table.error("this is a workbook; save its sheet as CSV"));
        }
        if head.contains(&b'\r') && !head.contains(&b'\n') {
            table.newline = b'\r';
        }
        let mut first = String::new();
        table.read_line(&mut first)?;
        let told = first.strip_prefix("sep=").map(str::as_bytes);
        let mut row = Row::default();
        if let Some([mark]) = told {
            table.delimiter = *mark;
            table.read(&mut row)?;
        } else {
            table.delimiter = delimiter(&first);
            row.text = first;
            table.finish(&mut row)?;
        }
        if row.text.contains('\0') {
            return Err(table.error("this is no text; save the list as CSV in UTF-8"));
        }
        let cells = (0..row.len()).filter_map(|it| row.get(it));
        table.headings = cells.map(|it| it.trim().to_owned()).collect();
        if table.headings.iter().all(String::is_empty) {
            let problem = "the first line has no headings; an empty file, or one that lacks them";
            return Err(table.error(problem));
        }
        Ok(table)
    }

    /// Where each column stands, by its heading.
    pub(crate) fn columns(&self) -> HashMap<String, usize> {
        self.headings.iter().enumerate().map(|(place, it)| (it.clone(), place)).collect()
    }

    /// What is wrong with this table.
    pub(crate) fn error(&self, problem: impl ToString) -> LinkFileError {
        LinkFileError::table(&self.path, problem)
    }

    /// Reads the next row that is not blank; false after the last.
    ///
    /// # Errors
    /// When the file cannot be read, or a quotation mark is not closed.
    pub(crate) fn read(&mut self, row: &mut Row) -> Result<bool, LinkFileError> {
        row.text.clear();
        while row.text.is_empty() {
            if !self.read_line(&mut row.text)? {
                return Ok(false);
            }
        }
        self.finish(row)?;
        Ok(true)
    }

    /// Cuts a row of which the first line was read into cells, reading on where a quoted cell does.
    fn finish(&mut self, row: &mut Row) -> Result<(), LinkFileError> {
        let first = self.line;
        let mut more = true;
        while !row.cut(self.delimiter) && more && self.line - first < LONGEST_CELL {
            row.text.push('\n');
            more = self.read_line(&mut row.text)?;
        }
        let is_whole = self.headings.is_empty() || row.len() == self.headings.len();
        // What looks like a cell of several lines and does not fit is rows that a quotation mark swallowed.
        if row.cells.is_empty() || first < self.line && (row.stray || !is_whole) {
            return Err(self.error(format!(
                "line {first}: a quotation mark is opened and not closed in its cell; close it, or remove \
                 it or write it twice where it is a letter"
            )));
        }
        Ok(())
    }

    /// Adds a line without its end; false after the last.
    fn read_line(&mut self, to: &mut String) -> Result<bool, LinkFileError> {
        self.bytes.clear();
        let mut input = (&mut self.input).take(LONGEST_LINE);
        let read = input.read_until(self.newline, &mut self.bytes);
        let read = read.map_err(|it| LinkFileError::file(&self.path, it))?;
        if read == 0 {
            return Ok(false);
        }
        self.line += 1;
        if read as u64 == LONGEST_LINE {
            let problem = format!("line {} is too long for a row of a list", self.line);
            return Err(self.error(problem));
        }
        let line = self.bytes.strip_suffix(&[self.newline]).unwrap_or(&self.bytes);
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        match std::str::from_utf8(line) {
            Ok(line) => to.push_str(line),
            // Decided line by line, since lists are also pasted together from files of both kinds.
            Err(_) => to.push_str(&WINDOWS_1252.decode_without_bom_handling(line).0),
        }
        Ok(true)
    }
}

/// The text of a file, unpacked where it is gzipped; UTF-16 as UTF-8.
fn input(path: &Path) -> io::Result<Box<dyn BufRead + Send>> {
    let mut plain = BufReader::with_capacity(BUFFER, File::open(path)?);
    let is_packed = plain.fill_buf()?.starts_with(b"\x1f\x8b");
    let mut input: Box<dyn BufRead + Send> = if is_packed {
        Box::new(BufReader::with_capacity(BUFFER, MultiGzDecoder::new(plain)))
    } else {
        Box::new(plain)
    };
    match Encoding::for_bom(input.fill_buf()?) {
        Some((encoding, mark)) if encoding == UTF_8 => input.consume(mark),
        Some((wide, _)) => {
            let mut bytes = vec![];
            input.read_to_end(&mut bytes)?;
            let text = wide.decode_with_bom_removal(&bytes).0.into_owned();
            input = Box::new(Cursor::new(text.into_bytes()));
        }
        None => {}
    }
    Ok(input)
}

/// The delimiter that the headings are cut by: that which occurs most in them outside of quotes.
fn delimiter(headings: &str) -> u8 {
    let outside: Vec<&str> = headings.split('"').step_by(2).collect();
    let count = |mark: &u8| -> usize {
        outside.iter().map(|it| it.matches(char::from(*mark)).count()).sum()
    };
    // Of equals the last counts, so the most usual comes last.
    [b'|', b'\t', b';', b','].into_iter().max_by_key(count).unwrap_or(b',')
}

impl Row {
    /// How many cells there are.
    pub(crate) fn len(&self) -> usize {
        self.cells.len()
    }

    /// A cell; `None` where the row ends before it.
    pub(crate) fn get(&self, place: usize) -> Option<&str> {
        let (start, end) = self.cells.get(place)?;
        self.text.get(*start as usize..*end as usize)
    }

    /// Cuts the text into cells; false, and no cells, when a quotation is still open at its end.
    fn cut(&mut self, delimiter: u8) -> bool {
        self.cells.clear();
        self.stray = false;
        let whole = self.text.len();
        let mut at = 0;
        loop {
            let bytes = &self.text.as_bytes()[at..whole];
            let blanks = bytes.iter().take_while(|it| **it == b' ').count();
            if bytes.get(blanks) == Some(&b'"') {
                let Some(end) = self.quoted(at + blanks + 1, whole, delimiter) else {
                    self.cells.clear();
                    self.text.truncate(whole);
                    return false;
                };
                at = end;
            } else {
                let length = bytes.iter().position(|it| *it == delimiter).unwrap_or(bytes.len());
                self.cells.push((at as u32, (at + length) as u32));
                at += length;
            }
            if at == whole {
                return true;
            }
            at += 1;
        }
    }

    /// Adds the quoted cell that begins at `start` and gives where it ends; `None` when it does not.
    fn quoted(&mut self, start: usize, whole: usize, delimiter: u8) -> Option<usize> {
        let bytes = &self.text.as_bytes()[..whole];
        let (mut at, mut doubled) = (start, false);
        loop {
            at += bytes[at..].iter().position(|it| *it == b'"')?;
            if bytes.get(at + 1) == Some(&b'"') {
                doubled = true;
                at += 2;
                continue;
            }
            let blanks = bytes[at + 1..].iter().take_while(|it| **it == b' ').count();
            let end = at + 1 + blanks;
            if end == whole || bytes[end] == delimiter {
                let mut cell = (start, at);
                if doubled {
                    let meant = self.text[start..at].replace("\"\"", "\"");
                    cell = (self.text.len(), self.text.len() + meant.len());
                    self.text.push_str(&meant);
                }
                self.cells.push((cell.0 as u32, cell.1 as u32));
                return Some(end);
            }
            self.stray = true;
            at += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(line: &str, expected: &[&str]) {
        let mut row = Row { text: line.to_owned(), ..Row::default() };
        assert!(row.cut(b','), "{line}");
        let cells: Vec<&str> = (0..row.len()).filter_map(|it| row.get(it)).collect();
        assert_eq!(cells, expected, "{line}");
    }

    #[test]
    fn quotes_are_read_as_meant() {
        check("a,b,,c", &["a", "b", "", "c"]);
        check("a,", &["a", ""]);
        check(r#""a,b", "c" ,d"#, &["a,b", "c", "d"]);
        check(r#""""Keripik""",x,"""""#, &[r#""Keripik""#, "x", "\""]);
        check(r#""Warung "Bu Ani" jaya",x"#, &[r#"Warung "Bu Ani" jaya"#, "x"]);
        check(r#"Warung "Bu Ani",x"#, &[r#"Warung "Bu Ani""#, "x"]);
        check("\"Jl. Raya\nNo 3\",x", &["Jl. Raya\nNo 3", "x"]);
        let mut open = Row { text: "a,\"\"\"b\",\"c".to_owned(), ..Row::default() };
        assert!(!open.cut(b','));
        assert_eq!(open.text, "a,\"\"\"b\",\"c", "nothing is left behind");
    }

    #[test]
    fn the_delimiter_is_the_one_in_the_headings() {
        for (headings, expected) in [
            ("record_id;nik;nama, lengkap", b';'),
            ("record_id\tnik", b'\t'),
            ("record_id|nik|name", b'|'),
            ("\"record;id\";;\",,,,\"", b';'),
            ("nik", b','),
        ] {
            assert_eq!(delimiter(headings), expected, "{headings}");
        }
    }
}
