//! Rows and values that look like something else.

use calamine::{Data, Reader, Xlsx};
use domain::record::Field;
use ingest::plan::{Mapping, QuestionKind};
use ingest::problem::{Lang, ProblemCode};
use ingest::read::RowKind;
use ingest::report;

use rust_xlsxwriter::Format;
use tempfile::NamedTempFile;

use crate::support::{read, read_bytes, workbook};

#[test]
fn totals_are_no_enterprises_whatever_column_they_stand_under() {
    let check = |text: &str, owners: &[&str]| {
        let read = read(text);
        assert_eq!(read.texts(Field::OwnerName), owners, "{text}");
        assert_eq!(read.codes(), [], "{text}");
        assert_eq!(read.kinds.last(), Some(&RowKind::Total), "{text}");
    };
    check(
        "No;Nama Pemilik / NIK;Nama Usaha\n1;Ani / 3673045905959767;Warung\nTotal;3;\n",
        &["Ani"],
    );
    check(
        "No. Anggota;Nama Pemilik;NIK;Modal\nA-1;Ani;3673045905959767;500000\nTotal;3;;3000000\n",
        &["Ani"],
    );
    check(
        "No. Anggota;Nama Pemilik;Alamat;Modal\nA-1;Ani;Kp. Baru;5 jt\nJUMLAH;3 orang;;3 jt\n",
        &["Ani"],
    );
    check(
        "No. Anggota;Nama Pemilik;Alamat;Modal\nA-1;Ani;Kp. Baru;5 jt\nJumlah UMKM;;;3\n",
        &["Ani"],
    );
}

#[test]
fn a_signature_under_the_numbers_is_no_record() {
    let read = read(
        "No. Anggota;Nama Pemilik;Alamat\nA-1;Ani;Kp. Baru\nJumlah UMKM;;1\nMengetahui,;;\nCamat;;\n",
    );
    assert_eq!(read.texts(Field::OwnerName), ["Ani"]);
    assert_eq!(read.codes(), []);
    assert_eq!(read.kinds[2..], [RowKind::Total, RowKind::Signature, RowKind::Signature]);
}

#[test]
fn a_business_called_total_is_a_record() {
    let read = read(
        "Nama Usaha;Nama Pemilik;NIK;No. Anggota\nTotal Motor;Ani;;\nTotal Jaya;;3673045905959767;\n\
         Total Cell;;;503/12-SKU\n",
    );
    assert_eq!(read.records.len(), 3);
}

#[test]
fn a_figure_is_no_name() {
    let read = read("Nama Pemilik;Nama Usaha;Alamat\n3;Warung;Kp. Baru\n3 Orang;Toko;Kp. Lama\n");
    assert_eq!(read.texts(Field::OwnerName), ["", ""]);
    assert_eq!(read.codes(), [ProblemCode::NameNotAName; 2]);
}

#[test]
fn errors_of_formulas_are_missing_values_and_told() {
    let read = read("Nama Pemilik;NIK;Nama Usaha\nAni;#REF!;#N/A\n");
    assert_eq!(read.texts(Field::Nik), [""]);
    assert_eq!(read.codes(), [ProblemCode::CellHasFormulaError; 2]);
}

#[test]
fn signs_that_nobody_sees_are_dropped() {
    let read = read(
        "Nama\u{200b} Pemilik;NIK;Nama Usaha\n\u{202e}Ani\u{202c};\u{200e}3673045905959767;\u{2066}War\u{feff}ung\n",
    );
    assert_eq!(read.texts(Field::OwnerName), ["Ani"]);
    assert_eq!(read.texts(Field::Nik), ["3673045905959767"]);
    assert_eq!(read.texts(Field::BusinessName), ["Warung"]);
}

#[test]
fn a_business_younger_than_its_row_is_told() {
    let read = read(
        "Nama Pemilik;Nama Usaha;Tahun Berdiri;Tanggal Pendataan\nAni;Warung;2050;12/03/2025\n\
         Budi;Toko;2025;12/03/2025\nCici;Kios;2050;\n",
    );
    assert_eq!(read.codes(), [ProblemCode::DateInFuture]);
    assert_eq!(read.problems[0].field, Some(Field::Established));
}

#[test]
fn rt_and_rw_that_became_a_date_are_told() {
    let bytes = workbook(|book| {
        let page = book.add_worksheet();
        let day = Format::new().set_num_format("d-mmm");
        page.write_row(0, 0, ["Nama Pemilik", "Nama Usaha", "RT/RW"]).unwrap();
        page.write_row(1, 0, ["Ani", "Warung", ""]).unwrap();
        page.write_number_with_format(1, 2, 45_689.0, &day).unwrap();
        page.write_row(2, 0, ["Budi", "Toko", "01-Feb"]).unwrap();
        page.write_row(3, 0, ["Cici", "Kios", "201/001"]).unwrap();
        page.write_row(4, 0, ["Dedi", "Salon", "001/002"]).unwrap();
    });
    let read = read_bytes("daftar.xlsx", &bytes, None);
    let became = ProblemCode::RtRwBecameDate;
    assert_eq!(read.codes(), [became, became, ProblemCode::RtRwImpossible]);
}

const UNKNOWN: &str = "Kolom1;Kolom2;Kolom3;Kolom4\nAni;3673045905959767;Warung Ani;Kp. Baru\n\
    Budi;3673045905959768;Toko Budi;Kp. Lama\nCici;3673045905959769;Kios Cici;Kp. Lama\n";

#[test]
fn headings_that_nobody_knows_are_offered_and_answered_by_name() {
    let asked = read(UNKNOWN);
    assert_eq!(asked.plan.sheets[0].header, Some((1, 1)));
    let question = &asked.plan.questions[0];
    assert_eq!(question.kind, QuestionKind::NameMissing);
    let offered: Vec<&str> = question.columns.iter().map(|it| it.heading.as_str()).collect();
    assert_eq!(offered, ["Kolom1", "Kolom3", "Kolom4"]);
    assert!(question.columns.iter().all(|it| it.fields == ["owner_name", "business_name"]));
    let mut answer = Mapping::default();
    answer.set("Kolom1", &[Field::OwnerName]);
    let read = read_bytes("daftar.csv", UNKNOWN.as_bytes(), Some(&answer));
    assert_eq!(read.plan.questions, []);
    assert_eq!(read.texts(Field::OwnerName), ["Ani", "Budi", "Cici"]);
    assert_eq!(read.texts(Field::Nik)[0], "3673045905959767");
}

#[test]
fn a_mapping_that_names_no_heading_of_the_file_is_told() {
    let mut answer = Mapping::default();
    answer.set("Kolom9", &[Field::OwnerName]);
    let read = read_bytes("daftar.csv", UNKNOWN.as_bytes(), Some(&answer));
    let told = |it: &&ingest::problem::Problem| it.code == ProblemCode::MappingHeadingNotFound;
    let note = read.plan.notes.iter().find(told).unwrap();
    assert_eq!(note.heading.as_deref(), Some("Kolom9"));
    assert_eq!(read.plan.questions.len(), 1);
}

#[test]
fn a_number_that_lost_digits_goes_back_as_its_sender_sees_it() {
    let bytes = workbook(|book| {
        let page = book.add_worksheet().set_name("Data").unwrap();
        page.write_row(0, 0, ["Nama Pemilik", "NIK", "Nama Usaha"]).unwrap();
        page.write_row(1, 0, ["Ani", "", "Warung"]).unwrap();
        page.write_number(1, 1, 3_673_014_101_850_010.0).unwrap();
    });
    let mut first = read_bytes("daftar.xlsx", &bytes, None);
    assert_eq!(first.codes(), [ProblemCode::NikDigitsLost]);
    let out = NamedTempFile::new().unwrap();
    let problems = first.problems.clone();
    report::write(&mut first.file, &first.plan, &problems, Lang::Indonesian, out.path()).unwrap();
    let mut book: Xlsx<_> = calamine::open_workbook(out.path()).unwrap();
    let page = book.worksheet_range("Data").unwrap();
    assert_eq!(page.get_value((1, 1)), Some(&Data::Float(3_673_014_101_850_010.0)));
    let second = read_bytes("daftar.xlsx", &std::fs::read(out.path()).unwrap(), None);
    assert_eq!(second.codes(), [ProblemCode::NikDigitsLost]);
    assert_eq!(second.records, first.records);
}
