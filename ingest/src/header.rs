//! Where the headings of a table stand.

use crate::columns::{Meaning, meaning};
use crate::file::PhysicalRow;

/// The headings of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// First row of the headings, as a spreadsheet numbers it.
    pub first: u32,
    /// Last row of the headings.
    pub last: u32,
    /// For each column what stands over the heading, and the heading itself.
    pub columns: Vec<(String, String)>,
}

/// Rows from the top among which the headings are looked for.
const SEARCHED: usize = 60;

/// The headings that a first row names without a doubt.
pub fn of(row: &PhysicalRow) -> Option<Header> {
    let columns = row.cells.iter().map(|it| (String::new(), it.clone())).collect();
    (row.number == 1).then_some(Header { first: 1, last: 1, columns })
}

/// Finds the headings among the first rows of a sheet.
pub fn find(rows: &[PhysicalRow]) -> Option<Header> {
    let index = rows.iter().take(SEARCHED).position(|it| is_heading(&it.cells))?;
    if let Some(above) = index.checked_sub(1).map(|it| &rows[it])
        && is_group_row(&above.cells, &rows[index].cells)
    {
        return Some(of_two(above, &rows[index]));
    }
    if let Some(below) = rows.get(index + 1)
        && is_second_row(&rows[index].cells, &below.cells)
    {
        return Some(of_two(&rows[index], below));
    }
    let row = &rows[index];
    let columns = row.cells.iter().map(|it| (String::new(), tidy(it))).collect();
    Some(Header { first: row.number, last: row.number, columns })
}

/// Takes the first row for headings that nobody knows, when it is all short texts and the rows below look
/// different: somewhere they hold numbers under it.
pub fn find_unknown(rows: &[PhysicalRow]) -> Option<Header> {
    let (first, data) = rows.split_first()?;
    let digits = |it: &str| it.bytes().filter(u8::is_ascii_digit).count();
    let short = |it: &str| {
        it.len() <= 40
            && it.starts_with(char::is_alphabetic)
            && digits(it) <= 2
            && !it.contains('@')
    };
    let texts: Vec<(usize, &str)> = filled(&first.cells).collect();
    let distinct = |(at, it): &(usize, &str)| {
        texts.iter().all(|other| other.0 == *at || !other.1.eq_ignore_ascii_case(it))
            && data.iter().all(|row| cell(&row.cells, *at) != *it)
    };
    let number = |it: &str| 4 <= digits(it) && it.len() <= digits(it) * 2;
    let differs = |at: usize| {
        let below: Vec<&str> =
            data.iter().map(|it| cell(&it.cells, at)).filter(|it| !it.is_empty()).collect();
        let numbers = below.iter().filter(|it| number(it)).count();
        2 <= below.len() && below.len() <= numbers * 4 / 3
    };
    // A first record has a number where the others have one.
    let covered = |at: &usize| data.iter().all(|it| cell(&it.cells, *at).is_empty());
    let width = rows.iter().map(|it| it.cells.len()).max().unwrap_or(0);
    let bare = (0..width).filter(|it| cell(&first.cells, *it).is_empty() && !covered(it)).count();
    let fits = 2 <= texts.len()
        && bare <= width / 3
        && texts.iter().all(|it| short(it.1) && distinct(it))
        && texts.iter().any(|it| differs(it.0));
    let columns = first.cells.iter().map(|it| (String::new(), tidy(it))).collect();
    fits.then_some(Header { first: first.number, last: first.number, columns })
}

/// The text on one line.
pub fn tidy(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn filled(cells: &[String]) -> impl Iterator<Item = (usize, &str)> {
    cells.iter().enumerate().map(|(at, it)| (at, it.trim())).filter(|it| !it.1.is_empty())
}

fn cell(cells: &[String], at: usize) -> &str {
    cells.get(at).map_or("", |it| it.trim())
}

/// At least half of the texts are known headings: three of them, or two in a narrow row.
fn is_heading(cells: &[String]) -> bool {
    let texts: Vec<&str> = filled(cells).map(|it| it.1).collect();
    if texts.iter().any(|it| 80 < it.len()) {
        return false;
    }
    let meanings: Vec<Meaning> = texts.iter().filter_map(|it| meaning("", it)).collect();
    let useful = meanings.iter().filter(|it| **it != Meaning::Nothing).count();
    let known = meanings.len();
    let digits = |it: &&str| 3 < it.bytes().filter(u8::is_ascii_digit).count();
    let narrow = texts.len() <= 6 && !texts.iter().any(digits);
    texts.len() <= known * 2 && (3 <= useful || 2 <= useful && narrow)
}

/// Whether `above` stands over gaps of the heading row `below`.
fn is_group_row(above: &[String], below: &[String]) -> bool {
    let over_gaps = filled(above).filter(|it| cell(below, it.0).is_empty()).count();
    let over_columns = filled(above).filter(|it| !cell(below, it.0).is_empty()).count();
    2 <= over_gaps && 1 <= over_columns && filled(above).all(|it| it.1.len() < 60)
}

/// Whether `below` goes on under gaps of the heading row `above`: nothing but headings, and most of
/// them where `above` has none.
fn is_second_row(above: &[String], below: &[String]) -> bool {
    let texts: Vec<(usize, &str)> = filled(below).collect();
    let under_gaps = texts.iter().filter(|it| cell(above, it.0).is_empty()).count();
    let known = texts.iter().filter(|it| meaning(&group_over(above, it.0), it.1).is_some()).count();
    let digits = texts.iter().any(|it| 3 < it.1.bytes().filter(u8::is_ascii_digit).count());
    2 <= texts.len() && 1 <= under_gaps && texts.len() <= known * 2 && !digits
}

/// The text of `above` over the column `at`, or the nearest to its left.
fn group_over(above: &[String], at: usize) -> String {
    let nearest = above.iter().take(at + 1).rev().find(|it| !it.trim().is_empty());
    nearest.map(|it| tidy(it)).unwrap_or_default()
}

fn of_two(above: &PhysicalRow, below: &PhysicalRow) -> Header {
    let width = above.cells.len().max(below.cells.len());
    let column = |at: usize| {
        let (upper, lower) = (cell(&above.cells, at), cell(&below.cells, at));
        if lower.is_empty() {
            (String::new(), tidy(upper))
        } else {
            (group_over(&above.cells, at), tidy(lower))
        }
    };
    Header { first: above.number, last: below.number, columns: (0..width).map(column).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(texts: &[&str]) -> Vec<PhysicalRow> {
        (1..)
            .zip(texts)
            .map(|(number, it)| PhysicalRow {
                number,
                cells: it.split(';').map(str::to_owned).collect(),
                ..PhysicalRow::default()
            })
            .collect()
    }

    #[test]
    fn titles_stand_above_the_headings() {
        let found =
            find(&rows(&["DAFTAR UMKM KOTA SERANG", "", "No;Nama Pemilik;NIK;Alamat", "1;Ani;;"]));
        assert_eq!(found.map(|it| (it.first, it.last)), Some((3, 3)));
        assert_eq!(find(&rows(&["1;Ani;Kp. Baru", "2;Budi;Kp. Lama"])), None);
    }

    #[test]
    fn headings_of_two_rows_are_joined() {
        let found = find(&rows(&[
            "NO;NAMA USAHA;PEMILIK;;;ALAMAT USAHA;;KBLI",
            ";;NAMA;NIK;NO. HP/WA;JALAN;RT/RW;",
            "1;DODOL;ANI;;;;;10392",
        ]));
        let found = found.unwrap();
        assert_eq!((found.first, found.last), (1, 2));
        assert_eq!(found.columns[4], ("PEMILIK".to_owned(), "NO. HP/WA".to_owned()));
        assert_eq!(found.columns[7], (String::new(), "KBLI".to_owned()));
    }

    #[test]
    fn a_group_row_may_be_less_known_than_the_row_below_it() {
        let found =
            find(&rows(&["NO;DATA A;;DATA B;;TAHUN", ";NAMA PEMILIK;NIK;NAMA USAHA;ALAMAT;", "1"]));
        let found = found.unwrap();
        assert_eq!((found.first, found.last), (1, 2));
        assert_eq!(found.columns[2], ("DATA A".to_owned(), "NIK".to_owned()));
        assert_eq!(found.columns[5], (String::new(), "TAHUN".to_owned()));
    }
}
