//! Fields: what a record holds, of which kind, from which columns.

use serde::{Deserialize, Serialize};

/// A field of a record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FieldSettings {
    /// Its name in keys and comparisons.
    pub name: String,
    /// How its text is read.
    pub kind: Kind,
    /// The columns it is read from, in the order its kind states; `trade|sector` is the first of the two
    /// that the file has.
    pub from: Vec<String>,
}

/// How the text of a field is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A person's name, from one or several columns that together hold it: titles off, abbreviations spelt
    /// out, words in one spelling. Words.
    PersonName,
    /// A business name (first column), what of it is brand, trade, form or the owner's name (second column).
    /// Words and trades.
    BusinessName,
    /// A NIK (first column), or an NPWP of that form (second); also the digits of a damaged one.
    Nik,
    /// A NIB.
    Nib,
    /// An NPWP that is not a NIK.
    Npwp,
    /// Any other number or code that names one entity; letters allowed.
    Identifier,
    /// Telephone numbers, two at most.
    Phone,
    /// An e-mail address.
    Email,
    /// Trade words (first column) and a KBLI code (second).
    Trade,
    /// Street, number, block (first column); RT and RW together, RT, RW (the next three). Words and numbers.
    Street,
    /// Kelurahan, kecamatan, street, and the kecamatan whose office wrote the record (fourth column, a name or
    /// `kecamatan_name`).
    Place,
    /// A day, month or year; one after the record itself was written (second column) is not believed.
    Date,
    /// An amount of money in a year (first column) or in a month (second).
    Amount,
    /// A count (first column), or two that add up to it (second and third).
    Count,
    /// A value of a list, compared as a whole.
    Category,
    /// Words of one or several columns, in one spelling.
    Text,
}
