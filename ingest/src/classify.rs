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
            identifiers: of(&[Field::OwnNumber, Field::Nik, Field::Nib, Field::Npwp, Field::Phone]),
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
        let identified = self.identifiers.iter().any(|&it| says_something(&row.cells, it));
        if !identified && self.is_total(&first, &row.cells) {
            self.ended = true;
            return RowKind::Total;
        }
        let named = self.names.iter().any(|&it| says_something(&row.cells, it));
        if more <= 2 && !identified {
            let begins = |text: &str| {
                words(text).split(' ').next().is_some_and(|it| SIGNATURES.contains(&it))
            };
            let signed = row.cells.iter().any(|it| begins(it));
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

    /// "JUMLAH", "Total anggota 2341": a line of sums, whose other cells are figures.
    fn is_total(&self, first: &str, cells: &[String]) -> bool {
        let begins = first.split(' ').next().is_some_and(|it| TOTALS.contains(&it));
        let figures = |it: &String| {
            let it = it.trim();
            it.is_empty() || is_placeholder(it) || it.bytes().any(|it| it.is_ascii_digit())
        };
        begins && cells.iter().filter(|it| words(it) != first).all(figures)
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

fn says_something(cells: &[String], at: usize) -> bool {
    cells.get(at).is_some_and(|it| !is_placeholder(it))
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
