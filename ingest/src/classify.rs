//! What kind of row a row is: a record, or one of the lines people put around and between records.

use domain::identifier::is_placeholder;
use domain::record::Field;

use crate::file::PhysicalRow;
use crate::heading::words;
use crate::plan::SheetPlan;
use crate::read::RowKind;

/// Tells the kinds of the rows of one sheet, which must come in order.
pub struct Classifier {
    header: Option<(u32, u32)>,
    headings: Vec<Vec<String>>,
    titles: Vec<String>,
    names: Vec<usize>,
    identifiers: Vec<usize>,
    own_numbers: Vec<usize>,
    /// A total or a signature was met: what follows is no record unless it is complete.
    ended: bool,
    kelurahan: Option<String>,
    kecamatan: Option<String>,
}

/// What stands over the rows that follow a group line.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Group {
    /// The kelurahan.
    pub kelurahan: Option<String>,
    /// The kecamatan.
    pub kecamatan: Option<String>,
}

const TOTALS: &[&str] = &["jumlah", "total", "rekap", "subtotal", "grand", "sub"];
const SIGNATURES: &[&str] = &[
    "mengetahui",
    "menyetujui",
    "camat",
    "lurah",
    "kepala",
    "ketua",
    "sekretaris",
    "nip",
    "ttd",
    "pembina",
    "penata",
    "dibuat",
    "petugas",
    "plt",
    "plh",
    "an",
    "kasi",
    "kabid",
    "serang",
    "hormat",
    "tertanda",
    "disahkan",
    "diperiksa",
    "catatan",
    "keterangan",
    "sumber",
];

/// What a list counts, and the units of its sums.
const COUNTED: &[&str] = &[
    "rp", "idr", "juta", "jt", "ribu", "rb", "miliar", "milyar", "m", "orang", "org", "umkm",
    "ukm", "ikm", "usaha", "unit", "pelaku", "pemilik", "anggota", "peserta", "data", "baris",
    "buah", "kk", "jiwa",
];

impl Classifier {
    /// For the sheet that `plan` describes.
    pub fn new(plan: &SheetPlan) -> Classifier {
        let of = |fields: &[Field]| -> Vec<usize> {
            let means = |it: &&crate::plan::Column| it.fields.iter().any(|it| fields.contains(it));
            plan.columns.iter().filter(means).map(|it| it.index as usize).collect()
        };
        Classifier {
            header: plan.header,
            headings: Vec::new(),
            titles: Vec::new(),
            names: of(&[Field::OwnerName, Field::BusinessName]),
            identifiers: of(&[Field::Nik, Field::Nib, Field::Npwp, Field::Phone]),
            own_numbers: of(&[Field::OwnNumber]),
            ended: false,
            kelurahan: None,
            kecamatan: None,
        }
    }

    /// The group lines in force.
    pub fn group(&self) -> Group {
        Group { kelurahan: self.kelurahan.clone(), kecamatan: self.kecamatan.clone() }
    }

    /// The kind of the next row.
    pub fn kind(&mut self, row: &PhysicalRow) -> RowKind {
        let mut filled = row.cells.iter().filter(|it| !it.trim().is_empty());
        let Some(first) = filled.next() else { return RowKind::Blank };
        let more = filled.take(4).count();
        if let Some((top, last)) = self.header {
            if row.number < top {
                self.titles.push(words(first));
                self.take_group(&row.cells, true);
                return RowKind::Title;
            }
            if row.number <= last {
                self.headings.push(row.cells.iter().map(|it| words(it)).collect());
                return RowKind::Header;
            }
        }
        if self.repeats_heading(&row.cells) || 3 <= more && is_numbering(&row.cells) {
            return RowKind::RepeatedHeader;
        }
        let first = words(first);
        if more <= 2 {
            if more <= 1 && self.take_group(&row.cells, false) {
                return RowKind::Group;
            }
            if more == 0 && self.titles.contains(&first) {
                return RowKind::Title;
            }
        }
        let identified = self.is_identified(&row.cells);
        if !identified && self.is_total(&first, &row.cells) {
            self.ended = true;
            return RowKind::Total;
        }
        let numbered = self.own_numbers.iter().any(|&it| is_own_number(cell(&row.cells, it)));
        let named = self.names.iter().any(|&it| says_something(&row.cells, it));
        if more <= 2 && !identified && !numbered {
            let signed = row.cells.iter().any(|it| begins_with(it, SIGNATURES));
            if signed && (!named || more == 0) || self.ended && (!named || more <= 1) {
                self.ended = true;
                return RowKind::Signature;
            }
        }
        RowKind::Record
    }

    /// The headings of the first page, printed again on a later one.
    fn repeats_heading(&self, cells: &[String]) -> bool {
        self.headings.iter().any(|headings| {
            let mut both = cells.iter().zip(headings).filter(|it| !it.0.trim().is_empty());
            // Most rows differ in their first cell; look no further then.
            let Some((cell, heading)) = both.next() else { return false };
            if words(cell) != *heading {
                return false;
            }
            let (same, all) = both.fold((1, 1), |(same, all), (cell, heading)| {
                (same + usize::from(words(cell) == *heading), all + 1)
            });
            let width = headings.iter().filter(|it| !it.is_empty()).count();
            all <= same + all / 5 && width.min(3) <= same
        })
    }

    /// A number of a person, a licence or a telephone stands where it belongs.
    fn is_identified(&self, cells: &[String]) -> bool {
        let read = |it: &str| {
            let digits = it.bytes().filter(u8::is_ascii_digit).count();
            8 <= digits || 2 <= digits && it.contains("E+")
        };
        let line = |it: &str| begins_with(it, TOTALS) || begins_with(it, SIGNATURES);
        self.identifiers.iter().map(|&it| cell(cells, it)).any(|it| read(it) && !line(it))
    }

    /// "JUMLAH", "Total anggota 2341": a line of sums, whose other cells are figures and name nobody.
    fn is_total(&self, first: &str, cells: &[String]) -> bool {
        let digit = |it: &str| it.bytes().any(|it| it.is_ascii_digit());
        let figures = |(at, it): (usize, &String)| {
            let names = self.names.contains(&at);
            is_placeholder(it) || words(it) == first || is_figure(it) || !names && digit(it)
        };
        let registered = |it: &str| {
            is_own_number(it)
                && !is_figure(it)
                && it.contains(['/', '-', '.'])
                && words(it) != first
        };
        begins_with(first, TOTALS)
            && cells.iter().enumerate().all(figures)
            && !self.own_numbers.iter().any(|&it| registered(cell(cells, it)))
    }

    /// Reads a line such as `KELURAHAN TINGGAR`; false when the row is none.
    fn take_group(&mut self, cells: &[String], title: bool) -> bool {
        let filled: Vec<&str> =
            cells.iter().map(|it| it.trim()).filter(|it| !it.is_empty()).collect();
        let text = filled.join(" ");
        let mut rest = text.trim_start_matches(|it: char| !it.is_alphabetic());
        let end = rest.find(|it: char| !it.is_alphabetic()).unwrap_or(rest.len());
        let word = rest[..end].to_lowercase();
        rest = rest[end..].trim_start_matches([' ', '.', ':', '-', '/']).trim();
        if let Some(more) = rest.strip_prefix("/ DESA").or_else(|| rest.strip_prefix("DESA")) {
            rest = more.trim_start_matches([' ', '.', ':', '-']);
        }
        let value = (!is_placeholder(rest)).then(|| rest.to_owned());
        match word.as_str() {
            "kelurahan" | "kel" | "desa" if rest.len() < 40 && !rest.is_empty() => {
                self.kelurahan = value;
                true
            }
            // A title names the kecamatan of the office, which is no word on where each business lies.
            "kecamatan" | "kec" if rest.len() < 40 && !rest.is_empty() && !title => {
                self.kecamatan = value;
                self.kelurahan = None;
                true
            }
            _ => false,
        }
    }
}

fn cell(cells: &[String], at: usize) -> &str {
    cells.get(at).map_or("", String::as_str)
}

fn says_something(cells: &[String], at: usize) -> bool {
    let text = cell(cells, at);
    !is_placeholder(text) && !is_figure(text)
}

fn begins_with(text: &str, list: &[&str]) -> bool {
    words(text).split(' ').next().is_some_and(|it| list.contains(&it))
}

/// Whether `text` can be the number an agency gave to a row: it has a digit and opens no total or signature.
fn is_own_number(text: &str) -> bool {
    let digit = text.bytes().any(|it| it.is_ascii_digit());
    digit && !begins_with(text, TOTALS) && !begins_with(text, SIGNATURES)
}

/// Whether `text` counts something and says no more: `3`, `3 orang`, `Rp 3 jt`.
pub(crate) fn is_figure(text: &str) -> bool {
    let mut digits = false;
    words(text).split(' ').all(|it| {
        let end = it.find(|it: char| !it.is_ascii_digit()).unwrap_or(it.len());
        digits |= 0 < end;
        it[end..].is_empty() || COUNTED.contains(&&it[end..])
    }) && digits
}

/// `1 2 3 4` or `(1) (2) (3)` under the headings.
fn is_numbering(cells: &[String]) -> bool {
    let mut expected = 1;
    for cell in cells.iter().map(|it| it.trim_matches(['(', ')', ' ', '.'])) {
        if cell.is_empty() {
            continue;
        }
        if cell.parse() != Ok(expected) {
            return false;
        }
        expected += 1;
    }
    4 < expected
}
