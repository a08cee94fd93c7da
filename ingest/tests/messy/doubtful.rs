//! Rows and values that look like something else.

use domain::record::Field;
use ingest::problem::ProblemCode;
use ingest::read::RowKind;

use crate::support::read;

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
