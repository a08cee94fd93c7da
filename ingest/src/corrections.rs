//! The list of what an agency is asked to correct: a workbook in its own columns, and what comes back in it.
//!
//! Behind the agency's cells stand columns of the hub's own: which row it is, what is asked, what the hub
//! suggests, and two cells to answer in. A row is known by its ticket, so that a corrected name or a number
//! that was added makes no second row of it. Whoever writes `YA` takes what is suggested; whoever corrects a
//! cell herself need write nothing; `TIDAK` with a reason says that it stays as it is.

mod write;

use std::str::FromStr;

use domain::id::RecordId;
use domain::record::{Field, RecordFields};
pub use write::{Asked, Page, write};

use crate::heading::words;
use crate::plan::{Column, Mapping};
use crate::read::RawRow;

/// Heading of the column that says which row it is.
pub const TICKET: &str = "KODE TUNGGAL";
/// Heading of the column that says what is asked.
pub const ASKED: &str = "YANG PERLU DIPERBAIKI";
/// Heading of the cell that takes or refuses what is suggested.
pub const ANSWER: &str = "DITERIMA (YA/TIDAK)";
/// Heading of the cell that says why not.
pub const REASON: &str = "ALASAN BILA TIDAK";
/// The fields for which the hub suggests values, and the headings of their columns.
pub const SUGGESTED: [(Field, &str); 3] = [
    (Field::BusinessName, "USULAN NAMA USAHA"),
    (Field::Kelurahan, "USULAN KELURAHAN"),
    (Field::Kbli, "USULAN KBLI"),
];

/// Characters of a reason that are kept.
const LONGEST_REASON: usize = 500;

/// Which row of the register a row of the list is, and what was asked of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ticket {
    /// The row.
    pub record: RecordId,
    /// What shows that the hub wrote the ticket for the agency that sends it.
    pub seal: String,
    /// The codes of the corrections that were asked.
    pub codes: Vec<String>,
}

impl Ticket {
    /// The text of its cell.
    pub fn text(&self) -> String {
        format!("{}.{} {}", self.record, self.seal, self.codes.join(" "))
    }
}

/// A text that is no ticket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoTicket;

impl FromStr for Ticket {
    type Err = NoTicket;

    fn from_str(text: &str) -> Result<Ticket, NoTicket> {
        let mut words = text.split_whitespace();
        let (record, seal) = words.next().and_then(|it| it.split_once('.')).ok_or(NoTicket)?;
        let record = record.parse().map_err(|_| NoTicket)?;
        let codes = words.filter(|it| is_code(it)).map(str::to_owned).collect();
        Ok(Ticket { record, seal: seal.to_owned(), codes })
    }
}

fn is_code(text: &str) -> bool {
    text.len() <= 32 && text.bytes().all(|it| it.is_ascii_hexdigit())
}

/// Where the hub's own columns stand in a list of corrections that came back, from 0.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Marked {
    ticket: usize,
    answer: Option<usize>,
    reason: Option<usize>,
    suggested: Vec<(Field, usize)>,
}

impl Marked {
    /// Those among `columns`; `None` for a list that has no tickets.
    pub(crate) fn among(columns: &[Column]) -> Option<Marked> {
        let of = |heading: &str| {
            let found = columns.iter().find(|it| words(&it.heading) == words(heading));
            found.map(|it| it.index as usize)
        };
        let suggested = SUGGESTED.iter().filter_map(|it| Some((it.0, of(it.1)?))).collect();
        Some(Marked { ticket: of(TICKET)?, answer: of(ANSWER), reason: of(REASON), suggested })
    }

    /// The first of them, where the agency's own columns end.
    pub(crate) fn first(&self) -> usize {
        let others = self.suggested.iter().map(|it| it.1).chain(self.answer).chain(self.reason);
        others.fold(self.ticket, usize::min)
    }

    /// Takes the answer of a row into its texts, and gives its ticket.
    pub(crate) fn take(&self, row: &RawRow, fields: &mut RecordFields) -> Option<Ticket> {
        let cell = |at: usize| row.cells.get(at).map_or("", |it| it.trim());
        let ticket: Ticket = cell(self.ticket).parse().ok()?;
        match self.answer.and_then(|it| said(cell(it))) {
            Some(true) => {
                for (field, at) in &self.suggested {
                    fields.set(*field, cell(*at));
                }
            }
            Some(false) if !ticket.codes.is_empty() => {
                let reason: String =
                    self.reason.map_or("", cell).chars().take(LONGEST_REASON).collect();
                let text = format!("{}: {reason}", ticket.codes.join(" "));
                fields.set(Field::CorrectionAnswer, text);
            }
            _ => {}
        }
        Some(ticket)
    }
}

/// Whether an answer takes or refuses; `None` for a cell that says neither.
fn said(text: &str) -> Option<bool> {
    match words(text).as_str() {
        "ya" | "y" | "iya" | "setuju" | "diterima" | "yes" => Some(true),
        "tidak" | "tdk" | "t" | "no" | "bukan" | "ditolak" | "tidak setuju" => Some(false),
        _ => None,
    }
}

/// What a row's agency will not correct: the codes of what was asked, and why not.
pub fn refused(fields: &RecordFields) -> Option<(Vec<&str>, &str)> {
    let (codes, reason) = fields.get(Field::CorrectionAnswer)?.split_once(':')?;
    Some((codes.split_whitespace().collect(), reason.trim()))
}

/// Whether a file whose headings are read so is a list of corrections that came back.
pub fn came_back(mapping: &Mapping) -> bool {
    mapping.columns.keys().any(|it| words(it) == words(TICKET))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ticket_reads_back_and_another_text_is_none() {
        let text = "rec_00000000000000000000000000000007.ab12 0a1b2c ff00";
        let ticket: Ticket = text.parse().unwrap();
        assert_eq!(ticket.text(), text);
        assert_eq!(ticket.codes, ["0a1b2c", "ff00"]);
        for other in ["", "K-1", "rec_7.ab", "ent_00000000000000000000000000000007.ab"] {
            assert_eq!(other.parse::<Ticket>(), Err(NoTicket), "{other}");
        }
    }

    #[test]
    fn an_answer_takes_refuses_or_says_nothing() {
        let check = |text, expected| assert_eq!(said(text), expected, "{text}");
        check("YA", Some(true));
        check(" ya. ", Some(true));
        check("Tidak", Some(false));
        check("", None);
        check("nanti", None);
    }
}
