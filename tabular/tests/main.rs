//! A table goes out in every form and is read back by somebody else's reader.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs::File;
use std::io::{Read, Write};

use calamine::{Data, Reader, Xlsx};
use chrono::{DateTime, NaiveDate, Utc};
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::Field;
use tabular::{Cell, Column, Encoder, Error, Form, Kind, Table};

fn table() -> Table {
    let columns = [
        ("id", Kind::Text),
        ("papers", Kind::Texts),
        ("sales", Kind::Whole),
        ("share", Kind::Decimal),
        ("whole", Kind::Boolean),
        ("since", Kind::Date),
        ("at", Kind::Moment),
    ];
    let columns = columns.map(|(name, kind)| Column::new(name, kind, format!("what {name} is")));
    Table {
        columns: columns.to_vec(),
        notes: vec![("producer".to_owned(), "=office()".to_owned())],
    }
}

fn day() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 2, 28).unwrap()
}

fn moment() -> DateTime<Utc> {
    DateTime::from_timestamp_millis(1_764_000_000_123).unwrap()
}

fn row(id: &str) -> Vec<Cell> {
    vec![
        id.into(),
        vec!["nib".to_owned(), "halal".to_owned()].into(),
        4_800_000_000_i64.into(),
        0.25.into(),
        true.into(),
        day().into(),
        moment().into(),
    ]
}

fn nothing() -> Vec<Cell> {
    vec![Cell::Nothing; 7]
}

/// The table's bytes, its rows given in these blocks.
fn encoded(form: Form, blocks: Vec<Vec<Vec<Cell>>>) -> Vec<u8> {
    let (mut encoder, mut out) = Encoder::begin(form, table()).unwrap();
    for block in blocks {
        out.extend(encoder.block(block).unwrap());
    }
    encoder.finish().unwrap().read_to_end(&mut out).unwrap();
    out
}

fn file(bytes: &[u8]) -> File {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(bytes).unwrap();
    file
}

fn text(form: Form, blocks: Vec<Vec<Vec<Cell>>>) -> String {
    String::from_utf8(encoded(form, blocks)).unwrap()
}

#[test]
fn csv_has_a_header_and_a_line_for_each_row() {
    let written = text(Form::Csv, vec![vec![row("a")], vec![], vec![nothing()]]);
    let expected = "id,papers,sales,share,whole,since,at\r\n\
        a,nib; halal,4800000000,0.25,true,2026-02-28,2025-11-24T16:00:00.123Z\r\n\
        ,,,,,,\r\n";
    assert_eq!(written, expected);
}

#[test]
fn json_lines_keep_kinds_and_the_order_of_columns() {
    let mut other = row("\"b\"\n");
    other[3] = f64::NAN.into();
    other[1] = Vec::<String>::new().into();
    let written = text(Form::JsonLines, vec![vec![row("a"), nothing()], vec![other]]);
    let expected = concat!(
        r#"{"id":"a","papers":["nib","halal"],"sales":4800000000,"share":0.25,"whole":true,"#,
        r#""since":"2026-02-28","at":"2025-11-24T16:00:00.123Z"}"#,
        "\n",
        r#"{"id":null,"papers":null,"sales":null,"share":null,"whole":null,"since":null,"at":null}"#,
        "\n",
        r#"{"id":"\"b\"\n","papers":[],"sales":4800000000,"share":null,"whole":true,"#,
        r#""since":"2026-02-28","at":"2025-11-24T16:00:00.123Z"}"#,
        "\n",
    );
    assert_eq!(written, expected);
}

#[test]
fn no_text_is_computed_by_a_spreadsheet() {
    let hostile =
        ["=1+1", "+cmd|'/C calc'!A0", "-2+3+cmd", "@SUM(A1)", "\t=1", "\r=1", " =1", "＝1"];
    for text in hostile {
        let written = encoded(Form::Csv, vec![vec![row(text)]]);
        let mut reader = csv::Reader::from_reader(written.as_slice());
        let read = reader.records().next().unwrap().unwrap();
        assert_eq!(&read[0], format!("'{text}"));

        let mut book: Xlsx<_> =
            Xlsx::new(file(&encoded(Form::Xlsx, vec![vec![row(text)]]))).unwrap();
        assert!(book.worksheet_formula("Data").unwrap().is_empty());
        assert!(book.worksheet_formula("Metadata").unwrap().is_empty());
    }
    for text in ["+62 812-3456-7890", "-12", "Warung = Berkah", "a@b.id", "O'Neil"] {
        let written = encoded(Form::Csv, vec![vec![row(text)]]);
        let mut reader = csv::Reader::from_reader(written.as_slice());
        assert_eq!(&reader.records().next().unwrap().unwrap()[0], text);
    }
}

#[test]
fn a_workbook_has_the_rows_and_says_what_they_are() {
    let written = encoded(Form::Xlsx, vec![vec![row("a"), nothing()], vec![row("b")]]);
    let mut book: Xlsx<_> = Xlsx::new(file(&written)).unwrap();
    assert_eq!(book.sheet_names(), ["Data", "Metadata"]);
    let data = book.worksheet_range("Data").unwrap();
    let line = |at: usize| data.rows().nth(at).unwrap().to_vec();
    assert_eq!(line(0)[2], Data::String("sales".into()));
    let expected =
        [Data::String("a".into()), Data::String("nib; halal".into()), Data::Float(4_800_000_000.0)];
    assert_eq!(line(1)[..3], expected);
    assert_eq!(line(1)[4], Data::Bool(true));
    let Data::DateTime(since) = &line(1)[5] else { panic!("a day is a day") };
    assert_eq!(since.to_ymd_hms_milli(), (2026, 2, 28, 0, 0, 0, 0));
    assert_eq!(line(1)[6], Data::String("2025-11-24T16:00:00.123Z".into()));
    assert!(line(2).iter().all(|it| *it == Data::Empty));
    assert_eq!(line(3)[0], Data::String("b".into()));
    let metadata = book.worksheet_range("Metadata").unwrap();
    let said: Vec<_> = metadata.rows().map(|it| (it[0].to_string(), it[1].to_string())).collect();
    assert!(said.contains(&("producer".to_owned(), "=office()".to_owned())), "{said:?}");
    assert!(said.contains(&("sales".to_owned(), "what sales is".to_owned())), "{said:?}");
}

#[test]
fn a_number_too_long_for_excel_stays_whole() {
    let mut long = row("a");
    long[2] = 3_673_011_501_900_001_i64.into();
    let mut book: Xlsx<_> = Xlsx::new(file(&encoded(Form::Xlsx, vec![vec![long]]))).unwrap();
    let data = book.worksheet_range("Data").unwrap();
    assert_eq!(data.get((1, 2)), Some(&Data::String("3673011501900001".into())));
}

#[test]
fn parquet_is_typed_and_comes_in_groups() {
    let (mut encoder, mut out) = Encoder::begin(Form::Parquet, table()).unwrap();
    let rows = |from: usize, to: usize| (from..to).map(|it| row(&it.to_string())).collect();
    assert!(encoder.block(rows(0, 9_999)).unwrap().len() < 100, "a part of a group went out");
    let group = encoder.block(rows(9_999, 20_000)).unwrap();
    assert!(1_000 < group.len(), "full groups wait");
    out.extend(group);
    let mut empty = nothing();
    empty[1] = Vec::<String>::new().into();
    out.extend(encoder.block(vec![nothing(), empty]).unwrap());
    encoder.finish().unwrap().read_to_end(&mut out).unwrap();

    let reader = SerializedFileReader::new(file(&out)).unwrap();
    let metadata = reader.metadata().file_metadata();
    assert_eq!((metadata.num_rows(), reader.num_row_groups()), (20_002, 3));
    let notes = metadata.key_value_metadata().unwrap();
    assert_eq!((notes[0].key.as_str(), notes[0].value.as_deref()), ("producer", Some("=office()")));
    let read: Vec<_> = reader.get_row_iter(None).unwrap().map(Result::unwrap).collect();
    let cells = |at: usize| read[at].get_column_iter().map(|it| it.1.clone()).collect::<Vec<_>>();
    let one = cells(12_345);
    assert_eq!(one[0], Field::Str("12345".into()));
    assert_eq!(one[1].to_string(), "[\"nib\", \"halal\"]");
    assert_eq!(one[2..5], [Field::Long(4_800_000_000), Field::Double(0.25), Field::Bool(true)]);
    let days = day().signed_duration_since(NaiveDate::default()).num_days();
    assert_eq!(one[5], Field::Date(i32::try_from(days).unwrap()));
    assert_eq!(one[6], Field::TimestampMillis(moment().timestamp_millis()));
    assert!(cells(20_000).iter().all(|it| *it == Field::Null));
    assert_eq!(cells(20_001)[1].to_string(), "[]");
}

#[test]
fn every_form_ends_well_without_rows() {
    assert_eq!(text(Form::Csv, vec![]).lines().count(), 1);
    assert_eq!(text(Form::JsonLines, vec![]), "");
    let mut book: Xlsx<_> = Xlsx::new(file(&encoded(Form::Xlsx, vec![]))).unwrap();
    assert_eq!(book.worksheet_range("Data").unwrap().height(), 1);
    let reader = SerializedFileReader::new(file(&encoded(Form::Parquet, vec![]))).unwrap();
    assert_eq!(reader.metadata().file_metadata().num_rows(), 0);
}

#[test]
fn a_row_of_another_table_is_refused_whole() {
    for form in Form::ALL {
        let (mut encoder, _) = Encoder::begin(form, table()).unwrap();
        let short = encoder.block(vec![row("a"), row("b")[..6].to_vec()]);
        assert!(matches!(short, Err(Error::Width { found: 6, columns: 7 })));
        let mut wrong = row("b");
        wrong[2] = "many".into();
        let wrong = encoder.block(vec![row("a"), wrong]);
        assert!(matches!(wrong, Err(Error::Kind { column }) if column == "sales"));
        let mut out = vec![];
        encoder.finish().unwrap().read_to_end(&mut out).unwrap();
        match form {
            Form::Csv | Form::JsonLines => assert!(out.is_empty()),
            Form::Xlsx => {
                let mut book: Xlsx<_> = Xlsx::new(file(&out)).unwrap();
                assert_eq!(book.worksheet_range("Data").unwrap().height(), 1);
            }
            Form::Parquet => assert!(!out.is_empty()),
        }
    }
}
