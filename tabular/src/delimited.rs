use crate::{Cell, Column, Error};

pub(crate) fn header(columns: &[Column]) -> Result<Vec<u8>, Error> {
    line_by_line([columns.iter().map(|it| harmless(it.name.clone()))])
}

pub(crate) fn block(rows: &[Vec<Cell>]) -> Result<Vec<u8>, Error> {
    line_by_line(rows.iter().map(|row| row.iter().map(written)))
}

fn written(cell: &Cell) -> String {
    match cell {
        Cell::Text(_) | Cell::Texts(_) => harmless(cell.text()),
        other => other.text(),
    }
}

fn line_by_line<R: IntoIterator<Item = String>>(
    rows: impl IntoIterator<Item = R>,
) -> Result<Vec<u8>, Error> {
    let mut out = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(vec![]);
    for row in rows {
        out.write_record(row)?;
    }
    out.into_inner().map_err(|it| Error::Io(it.into_error()))
}

/// A text that no spreadsheet takes for a formula: behind what begins one an apostrophe comes first. A sign in
/// front of a digit is that of a number, or of a telephone's country.
fn harmless(text: String) -> String {
    let mut letters = text.trim_start_matches(' ').chars();
    let formula = match letters.next() {
        Some('=' | '@' | '\t' | '\r' | '\n' | '＝' | '＠') => true,
        Some('+' | '-' | '＋' | '－') => !letters
            .all(|it| it.is_ascii_digit() || matches!(it, ' ' | '.' | ',' | '-' | '(' | ')')),
        _ => false,
    };
    if formula { format!("'{text}") } else { text }
}
