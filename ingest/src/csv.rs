//! Text files with a delimiter, as spreadsheets and people write them.
//!
//! A quotation mark that is never closed spoils its own row alone: after a few lines the mark is taken
//! for a letter. Rows count as in a spreadsheet: a blank line is a row, a cell of two lines is not two.

use std::collections::VecDeque;
use std::io;
use std::ops::ControlFlow;
use std::path::Path;

use crate::encoding::{Lines, Writing};
use crate::file::{Limits, PhysicalRow, Refusal, RefusalCode, Visitor};

/// How a text file is laid out.
#[derive(Debug, Clone, Copy)]
pub struct Shape {
    writing: Writing,
    delimiter: u8,
}

/// Cells a line is cut into; what follows is one more.
const MOST_CELLS: usize = 20_000;
/// Lines a quoted cell may span.
const LONGEST_CELL: usize = 40;

impl Shape {
    /// Finds encoding and delimiter by content; refuses what is no text.
    pub fn find(path: &Path, head: &[u8]) -> Result<Shape, Refusal> {
        let writing = Writing::find(path, head)?;
        let mut lines = writing.lines(path)?;
        let (mut sample, mut bytes) = (Vec::new(), 0);
        while sample.len() < 300 && bytes < 1 << 20 {
            let Some((line, _)) = lines.next()? else { break };
            bytes += line.len();
            if !line.trim().is_empty() {
                sample.push(line);
            }
        }
        if sample.is_empty() {
            return Err(Refusal::new(RefusalCode::Empty));
        }
        Ok(Shape { writing, delimiter: delimiter(&sample) })
    }
}

/// The delimiter that cuts the most lines into the same number of cells.
fn delimiter(sample: &[String]) -> u8 {
    if let Some(mark) = sample[0].to_lowercase().strip_prefix("sep=")
        && let [mark] = mark.trim_end().as_bytes()
    {
        return *mark;
    }
    let mut best = (0, 0, b',');
    for mark in [b';', b',', b'\t', b'|'] {
        let mut counts: Vec<usize> = sample.iter().map(|it| count(it, mark)).collect();
        counts.sort_unstable();
        let (mut lines, mut cells) = (0, 0);
        for run in counts.chunk_by(|a, b| a == b).filter(|it| it[0] != 0) {
            if lines < run.len() {
                (lines, cells) = (run.len(), run[0]);
            }
        }
        if (best.0, best.1) < (lines, cells) {
            best = (lines, cells, mark);
        }
    }
    best.2
}

fn count(line: &str, mark: u8) -> usize {
    let mut quoted = false;
    let outside = line.bytes().filter(|&it| {
        quoted ^= it == b'"';
        it == mark && !quoted
    });
    outside.count()
}

/// Hands every row of the file to `visitor`.
pub fn visit(
    path: &Path,
    shape: &Shape,
    limits: &Limits,
    visitor: &mut Visitor<'_>,
) -> Result<(), Refusal> {
    let lines = shape.writing.lines(path)?;
    let mut reader = Reader { lines, waiting: VecDeque::new(), patience: LONGEST_CELL };
    let (mut number, mut width) = (0_u32, 16);
    while let Some(mut row) = reader.row(shape.delimiter, width)? {
        number = number.saturating_add(1);
        row.number = number;
        if limits.columns as usize <= row.cells.len() {
            let filled = row.cells.iter().rposition(|it| !it.trim().is_empty());
            row.cells.truncate(filled.map_or(0, |it| it + 1));
            if limits.columns as usize <= row.cells.len() {
                let most = format!("{} > {}", row.cells.len(), limits.columns);
                return Err(Refusal::with(RefusalCode::TooManyColumns, most));
            }
        }
        if row.cells.capacity() > row.cells.len() * 2 + 64 {
            row.cells.shrink_to_fit();
        }
        width = row.cells.len();
        row.cut |= cut_cells(&mut row.cells, limits);
        if visitor(row) == ControlFlow::Break(()) {
            break;
        }
    }
    Ok(())
}

/// Cuts cells that are too long, and what a row holds beyond the limit; says whether there was any.
pub fn cut_cells(cells: &mut [String], limits: &Limits) -> bool {
    let (mut cut, mut room) = (false, limits.row_bytes);
    for cell in cells.iter_mut() {
        let most = limits.cell_chars.min(room);
        if most < cell.len() {
            let end = cell.char_indices().nth(most).map_or(cell.len(), |it| it.0);
            let end = cell.floor_char_boundary(end.min(room));
            cut |= end < cell.len();
            cell.truncate(end);
            cell.shrink_to_fit();
        }
        room -= cell.len();
    }
    cut
}

struct Reader {
    lines: Lines,
    /// Lines looked at for the end of a quotation that turned out to have none.
    waiting: VecDeque<(String, bool)>,
    /// How many lines to look ahead; less after each disappointment.
    patience: usize,
}

impl Reader {
    fn line(&mut self) -> io::Result<Option<(String, bool)>> {
        match self.waiting.pop_front() {
            Some(line) => Ok(Some(line)),
            None => self.lines.next(),
        }
    }

    fn row(&mut self, delimiter: u8, width: usize) -> io::Result<Option<PhysicalRow>> {
        let Some((first, cut)) = self.line()? else { return Ok(None) };
        let mut row = PhysicalRow { cut, ..PhysicalRow::default() };
        row.cells.reserve(width);
        if first.is_empty() || split(&first, delimiter, &mut row.cells) {
            return Ok(Some(row));
        }
        let (mut taken, mut whole) = (Vec::new(), first.clone());
        while taken.len() < self.patience && whole.len() < 1 << 16 {
            let Some((line, cut)) = self.line()? else { break };
            whole.push('\n');
            whole.push_str(&line);
            let may_close = line.contains('"');
            taken.push((line, cut));
            if may_close && split(&whole, delimiter, &mut row.cells) {
                return Ok(Some(row));
            }
        }
        self.patience = (self.patience / 2).max(2);
        for line in taken.into_iter().rev() {
            self.waiting.push_front(line);
        }
        row.cells.clear();
        row.cells.extend(first.split(char::from(delimiter)).map(|it| {
            let it = it.trim();
            it.strip_prefix('"').unwrap_or(it).to_owned()
        }));
        row.quote_unclosed = true;
        Ok(Some(row))
    }
}

/// Cuts `line` into `cells`; false when a quotation is still open at its end.
fn split(line: &str, delimiter: u8, cells: &mut Vec<String>) -> bool {
    cells.clear();
    let bytes = line.as_bytes();
    let mut at = 0;
    loop {
        let blank = |it: &u8| *it == b' ' || *it == b'\t' && delimiter != b'\t';
        let skipped = bytes[at..].iter().take_while(|it| blank(it)).count();
        if bytes.get(at + skipped) == Some(&b'"') {
            let Some((cell, end)) = quoted(line, at + skipped + 1, delimiter) else { return false };
            cells.push(cell);
            at = end;
        } else {
            let length = bytes[at..].iter().position(|&it| it == delimiter);
            let end = length.map_or(bytes.len(), |it| at + it);
            cells.push(line[at..end].to_owned());
            at = end;
        }
        if at == bytes.len() {
            return true;
        }
        at += 1; // the delimiter
        if cells.len() == MOST_CELLS {
            cells.push(line[at..].trim_matches(char::from(delimiter)).to_owned());
            return true;
        }
    }
}

/// The quoted cell that begins at `start`, and where its delimiter or the end of the line stands.
fn quoted(line: &str, start: usize, delimiter: u8) -> Option<(String, usize)> {
    let bytes = line.as_bytes();
    let (mut cell, mut from, mut at) = (String::new(), start, start);
    loop {
        at += bytes[at..].iter().position(|&it| it == b'"')?;
        if bytes.get(at + 1) == Some(&b'"') {
            cell.push_str(&line[from..=at]);
            at += 2;
            from = at;
            continue;
        }
        let blanks = bytes[at + 1..].iter().take_while(|&&it| it == b' ').count();
        let end = at + 1 + blanks;
        if end == bytes.len() || bytes[end] == delimiter {
            cell.push_str(&line[from..at]);
            return Some((cell, end));
        }
        at += 1; // a quotation mark inside the text, not doubled
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(line: &str, expected: &[&str]) {
        let mut cells = Vec::new();
        assert!(split(line, b',', &mut cells), "{line}");
        assert_eq!(cells, expected, "{line}");
    }

    #[test]
    fn quotes_are_read_as_meant() {
        check("a,b,,c", &["a", "b", "", "c"]);
        check(r#""a,b",c"#, &["a,b", "c"]);
        check(r#""""Keripik""",x"#, &[r#""Keripik""#, "x"]);
        check(r#""Warung "Bu Ani" jaya",x"#, &[r#"Warung "Bu Ani" jaya"#, "x"]);
        check(r#"Warung "Bu Ani",x"#, &[r#"Warung "Bu Ani""#, "x"]);
        check(r#""a" ,b"#, &["a", "b"]);
        check(r#"a, "b, c""#, &["a", "b, c"]);
        check(r#""",x"#, &["", "x"]);
        check("a,", &["a", ""]);
        assert!(!split("\"open,b", b',', &mut Vec::new()));
    }

    #[test]
    fn the_delimiter_is_the_one_that_makes_a_table() {
        let check = |lines: &[&str], expected: u8| {
            let lines: Vec<String> = lines.iter().map(|it| (*it).to_owned()).collect();
            assert_eq!(delimiter(&lines), expected);
        };
        check(&["JUDUL", "a;b;c", "1;Jl. X, No 1;3", "2;Jl. Y, No 2;4"], b';');
        check(&["a,b,c", "1,\"x; y; z\",3", "2,y,4"], b',');
        check(&["a\tb", "1\t2,5", "2\t3,5", "3\t4"], b'\t');
        check(&["a|b", "1|2"], b'|');
        check(&["sep=;", "a,b"], b';');
        check(&["NAMA", "ANI"], b',');
    }
}
