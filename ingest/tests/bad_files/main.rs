//! Files that are broken, hostile or something else: each is refused with a reason or read as far as it
//! goes, and none ends in a panic.

#![expect(clippy::unwrap_used, reason = "the helpers of tests fail the test")]

mod make;

use std::io::Write;

use ingest::file::{self, Limits, RefusalCode};
use make::*;
use tempfile::NamedTempFile;

#[test]
fn files_of_other_kinds_are_named() {
    use RefusalCode::{NotASpreadsheet, OldFormat, WebPage, XmlSpreadsheet};
    let pad = |head: &[u8]| [head, &[0; 600]].concat();
    refused("surat.pdf", b"%PDF-1.7\n%\xe2\xe3", NotASpreadsheet);
    refused("foto.png", &pad(b"\x89PNG\r\n\x1a\n"), NotASpreadsheet);
    refused("foto.xlsx", &pad(b"\xff\xd8\xff\xe0"), NotASpreadsheet);
    refused("foto.gif", &pad(b"GIF89a"), NotASpreadsheet);
    refused("arsip.rar", &pad(b"Rar!\x1a\x07"), NotASpreadsheet);
    refused("arsip.7z", &pad(b"7z\xbc\xaf\x27\x1c"), NotASpreadsheet);
    refused("arsip.gz", &pad(b"\x1f\x8b\x08"), NotASpreadsheet);
    refused("surat.rtf", b"{\\rtf1 halo}", NotASpreadsheet);
    refused("program.csv", &pad(b"MZ\x90"), NotASpreadsheet);
    refused("data.sqlite", &pad(b"SQLite format 3\0"), NotASpreadsheet);
    refused("daftar.xls", b"<html><table><tr><td>Nama</td></tr></table></html>", WebPage);
    refused("daftar.xls", b"\xef\xbb\xbf\r\n<!DOCTYPE HTML><html></html>", WebPage);
    refused("daftar.xls", b"<table border=1><tr><td>Nama</td></tr></table>", WebPage);
    refused("daftar.xls", b"MIME-Version: 1.0\r\nContent-Type: multipart/related", WebPage);
    refused("daftar.xls", b"<?xml version=\"1.0\"?><html xmlns:x=\"e\"></html>", WebPage);
    refused("daftar.xml", b"<?xml version=\"1.0\"?><Workbook></Workbook>", XmlSpreadsheet);
    let wide: Vec<u8> = "<html><table>".encode_utf16().flat_map(u16::to_le_bytes).collect();
    refused("daftar.xls", &[b"\xff\xfe".as_slice(), &wide].concat(), WebPage);
    refused("surat.docx", &zip(&[("word/document.xml", b"<w/>")]), NotASpreadsheet);
    refused("foto.zip", &zip(&[("foto.jpg", b"x")]), NotASpreadsheet);
    refused("daftar.xlsb", &zip(&[("xl/workbook.bin", b"x")]), OldFormat);
    refused(
        "gambar.ods",
        &zip(&[("mimetype", b"text"), ("content.xml", b"<a/>")]),
        NotASpreadsheet,
    );
    refused("surat.doc", &ole(&[("WordDocument", b"x")]), NotASpreadsheet);
    refused("aneh.xls", &ole(&[("Contents", b"x")]), NotASpreadsheet);
}

#[test]
fn locked_files_say_so() {
    refused(
        "a.xlsx",
        &ole(&[("EncryptionInfo", b"x"), ("EncryptedPackage", b"y")]),
        RefusalCode::Encrypted,
    );
    let begins = [0x09, 0x08, 4, 0, 0, 6, 5, 0];
    let locked = [begins.as_slice(), &[0x2f, 0, 2, 0, 1, 0]].concat();
    refused("a.xls", &ole(&[("Workbook", &locked)]), RefusalCode::Encrypted);
    let manifest = b"<manifest:file-entry><manifest:encryption-data/></manifest:file-entry>";
    let kind = b"application/vnd.oasis.opendocument.spreadsheet";
    let parts: &[(&str, &[u8])] =
        &[("mimetype", kind), ("content.xml", b"x"), ("META-INF/manifest.xml", manifest)];
    refused("a.ods", &zip(parts), RefusalCode::Encrypted);
}

#[test]
fn empty_files_and_files_without_a_list() {
    use RefusalCode::{Empty, NoTable};
    refused("kosong.csv", b"", Empty);
    refused("kosong.xlsx", b"", Empty);
    refused("kosong.csv", b"\xef\xbb\xbf", Empty);
    refused("kosong.csv", b"\n\n  \n", Empty);
    refused("surat.txt", b"Yth. Bapak Camat,\nbersama ini kami kirim daftar.\n", NoTable);
    refused("angka.csv", b"1,2,3\n4,5,6\n", NoTable);
    refused("kosong.xlsx", &xlsx_with(&[(SHEET, sheet("").as_bytes())]), NoTable);
    refused("kosong.ods", &ods("<table:table table:name=\"A\"></table:table>"), NoTable);
    refused("kosong.ods", &ods(""), NoTable);
}

#[test]
fn a_workbook_cut_short_anywhere_is_damaged() {
    let whole = good_xlsx();
    for part in 1..20 {
        let cut = &whole[..whole.len() * part / 20];
        refused("daftar.xlsx", cut, RefusalCode::Damaged);
    }
    refused("daftar.xlsx", &whole[..whole.len() - 1], RefusalCode::Damaged);
    let book = ole(&[("Workbook", &[0x09, 0x08, 4, 0, 0, 6, 5, 0])]);
    for part in 1..8 {
        assert!(read("daftar.xls", &book[..book.len() * part / 8]).is_err());
    }
}

#[test]
fn a_workbook_with_bytes_changed_never_panics() {
    let whole = good_xlsx();
    for seed in 0..60_usize {
        let mut broken = whole.clone();
        let at = seed * 7919 % broken.len();
        broken[at] ^= 0x55;
        let _ = read("daftar.xlsx", &broken);
    }
    for seed in 0..20 {
        let mut book = ole(&[("Workbook", &noise(6000, seed))]);
        let _ = read("daftar.xls", &book);
        let at = 512 + (seed as usize * 131) % 1024;
        book[at] = 0xff;
        let _ = read("daftar.xls", &book);
    }
}

#[test]
fn noise_is_no_list() {
    for seed in 1..6 {
        refused("daftar.csv", &noise(50_000, seed), RefusalCode::NotASpreadsheet);
    }
    refused("daftar.csv", &[0; 4096], RefusalCode::NotASpreadsheet);
    let xls =
        [[0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1].as_slice(), &noise(5000, 9)].concat();
    assert!(read("daftar.xls", &xls).is_err());
    refused(
        "daftar.xlsx",
        &[b"PK\x03\x04".as_slice(), &noise(5000, 9)].concat(),
        RefusalCode::Damaged,
    );
}

#[test]
fn too_wide_sheets_and_stray_cells_are_refused_with_their_place() {
    let wide = vec!["x"; 16_000].join(";");
    refused("lebar.csv", format!("{LIST}{wide}\n").as_bytes(), RefusalCode::TooManyColumns);
    let cells: String =
        (0..16_000).map(|it| cell(&format!("{}3", ingest::problem::letters(it)), "x")).collect();
    let bytes = xlsx_with(&[(SHEET, &list_sheet(&format!("<row r=\"3\">{cells}</row>")))]);
    refused("lebar.xlsx", &bytes, RefusalCode::TooManyColumns);
    let stray = format!("<row r=\"1048576\">{}</row>", cell("XFD1048576", "x"));
    let refusal = read("jauh.xlsx", &xlsx_with(&[(SHEET, &list_sheet(&stray))])).unwrap_err();
    assert_eq!(refusal.code, RefusalCode::StrayCell);
    assert_eq!(refusal.detail.as_deref(), Some("XFD1048576"));
    let empty = "<row r=\"1048576\"><c r=\"XFD1048576\" s=\"1\"/></row>";
    accepted("jauh.xlsx", &xlsx_with(&[(SHEET, &list_sheet(empty))]), 1);
    let below = format!("<row r=\"1048576\">{}</row>", cell("A1048576", "Budi"));
    accepted("bawah.xlsx", &xlsx_with(&[(SHEET, &list_sheet(&below))]), 2);
    let beyond = format!("<row r=\"4294967295\">{}</row>", cell("A4294967295", "Budi"));
    assert!(read("bawah.xlsx", &xlsx_with(&[(SHEET, &list_sheet(&beyond))])).is_err());
    let mut stray_xls = vec![0x09, 0x08, 4, 0, 0, 6, 0x10, 0];
    stray_xls.extend([0x03, 0x02, 14, 0, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    refused("jauh.xls", &ole(&[("Workbook", &stray_xls)]), RefusalCode::TooLarge);
}

#[test]
fn bombs_are_refused_before_they_go_off() {
    let blanks = vec![b' '; 90 << 20];
    let bomb = xlsx_with(&[(SHEET, &blanks)]);
    assert!(bomb.len() < 1 << 20);
    refused("bom.xlsx", &bomb, RefusalCode::ZipBomb);
    refused("bom.xlsx", &xlsx_with(&[("xl/media/a.bin", &blanks)]), RefusalCode::ZipBomb);
    let texts = format!("<sst>{}</sst>", "<si/>".repeat(1_100_000));
    let many = xlsx_with(&[("xl/sharedStrings.xml", texts.as_bytes())]);
    refused("teks.xlsx", &many, RefusalCode::TooManyTexts);
    let formats =
        format!("<styleSheet><cellXfs>{}</cellXfs></styleSheet>", "<xf/>".repeat(200_000));
    let many = xlsx_with(&[("xl/styles.xml", formats.as_bytes())]);
    refused("gaya.xlsx", &many, RefusalCode::ZipBomb);
    let long = format!("<row r=\"3\">{}</row>", cell("A3", &"x".repeat(5 << 20)));
    refused("panjang.xlsx", &xlsx_with(&[(SHEET, &list_sheet(&long))]), RefusalCode::TooLarge);
    let names: Vec<String> = (0..6000).map(|it| format!("xl/{it}.xml")).collect();
    let entries: Vec<(&str, &[u8])> =
        names.iter().map(|it| (it.as_str(), b"".as_slice())).collect();
    refused("banyak.xlsx", &zip(&entries), RefusalCode::ZipBomb);
    let same = ods_row(&["Ani", "Warung"])
        .replace("<table:table-row>", "<table:table-row table:number-rows-repeated=\"1000000\">");
    refused("ulang.ods", &ods_list(&same), RefusalCode::ZipBomb);
    let wide = ods_row(&["x"]).replace(
        "<table:table-cell>",
        "<table:table-cell table:number-columns-repeated=\"16000\">",
    );
    refused("ulang.ods", &ods_list(&wide), RefusalCode::TooManyColumns);
}

#[test]
fn entities_are_not_expanded() {
    let laughs = "<?xml version=\"1.0\"?><!DOCTYPE a [<!ENTITY a \"ha\"><!ENTITY b \"&a;&a;&a;\">]>\
                  <worksheet><sheetData><row r=\"1\"><c r=\"A1\" t=\"str\"><v>&b;</v></c></row></sheetData>\
                  </worksheet>";
    refused("tawa.xlsx", &xlsx_with(&[(SHEET, laughs.as_bytes())]), RefusalCode::Damaged);
}

#[test]
fn broken_xml_and_missing_parts_are_damage() {
    use RefusalCode::Damaged;
    refused("rusak.xlsx", &xlsx_with(&[(SHEET, b"<worksheet><sheetData><row>")]), Damaged);
    refused("rusak.xlsx", &xlsx_with(&[(SHEET, b"")]), Damaged);
    refused("rusak.xlsx", &xlsx_with(&[(SHEET, b"bukan xml")]), Damaged);
    assert!(read("rusak.xlsx", &xlsx_with(&[("xl/workbook.xml", b"")])).is_err());
    assert!(read("rusak.xlsx", &xlsx_with(&[("xl/workbook.xml", b"<workbook><sheets>")])).is_err());
    assert!(read("rusak.xlsx", &xlsx_with(&[("xl/_rels/workbook.xml.rels", b"<x")])).is_err());
    let wrong = "<row r=\"1\"><c r=\"A1\" t=\"s\"><v>99999</v></c></row>";
    assert!(read("rusak.xlsx", &xlsx_with(&[(SHEET, sheet(wrong).as_bytes())])).is_err());
    let backwards = format!("<row r=\"1\">{}</row>", cell("A1", "x"));
    refused("mundur.xlsx", &xlsx_with(&[(SHEET, &list_sheet(&backwards))]), Damaged);
    let parts: &[(&str, &[u8])] = &[("[Content_Types].xml", b"<Types/>"), ("xl/x.xml", b"<x/>")];
    assert!(read("rusak.xlsx", &zip(parts)).is_err());
    assert!(read("rusak.ods", &ods("<table:table table:name=\"A\"><table:table-row>")).is_err());
}

#[test]
fn odd_texts_are_read_as_far_as_they_go() {
    accepted("biasa.csv", LIST.as_bytes(), 2);
    accepted("tanpa-baris-baru.csv", LIST.trim_end().as_bytes(), 2);
    accepted("nul.csv", LIST.replace("Ani", "A\0ni").repeat(10).as_bytes(), 20);
    let mut wide: Vec<u16> = LIST.encode_utf16().collect();
    wide.extend(
        "3;Cici ".encode_utf16().chain([0xd800, 0xdc00, 0xdfff]).chain(";Kios;x".encode_utf16()),
    );
    let little: Vec<u8> = wide.iter().flat_map(|it| it.to_le_bytes()).collect();
    let big: Vec<u8> = wide.iter().flat_map(|it| it.to_be_bytes()).collect();
    accepted("utf16.csv", &little, 3);
    accepted("utf16.csv", &big, 3);
    accepted("utf16.csv", &little[..little.len() - 1], 3);
    accepted("rusak-utf8.csv", &[LIST.as_bytes(), b"3;Ci\xffci;Kios;\xc3\n"].concat(), 3);
    accepted("kutip.csv", format!("{LIST}3;\"Ci \"ci\" ci\";\"\"\"Kios\"\"\";\"\n").as_bytes(), 3);
    accepted("sel-panjang.csv", LIST.replace("Kp. Baru", &"x".repeat(3 << 20)).as_bytes(), 2);
    let quotes = "Nama Pemilik;Nama Usaha;Alamat\n\"Ani;\"Warung;\"x\n".to_owned();
    accepted("kutip-semua.csv", (quotes + &"\"Budi;Toko;y\n".repeat(5_000)).as_bytes(), 5_001);
    accepted("akhir-dos.csv", format!("{LIST}\x1a").as_bytes(), 2);
    accepted("titik-koma.csv", LIST.replace('\n', ";;;;\n").as_bytes(), 2);
}

#[test]
fn good_workbooks_under_any_name_are_read() {
    accepted("daftar.xlsx", &good_xlsx(), 2);
    accepted("daftar.csv", &good_xlsx(), 2);
    accepted("daftar", &good_xlsx(), 2);
    accepted("daftar.xlsx", &xlsx_with(&[("xl/kosong.xml", b"")]), 2);
    accepted("daftar.ods", &ods_list(""), 1);
    let gap = "<table:table-row table:number-rows-repeated=\"1048000\"><table:table-cell \
               table:number-columns-repeated=\"16384\"/></table:table-row>";
    accepted("daftar.ods", &ods_list(gap), 1);
}

#[test]
fn books_of_the_older_format_are_read() {
    let rows: &[&[&str]] = &[&["Nama Pemilik", "Nama Usaha", "NIK"], &["Ani", "Warung"]];
    accepted("daftar.xls", &xls(rows, 3_673_045_905_959_767.0), 1);
    accepted("daftar.xlsx", &xls(rows, 1.0), 1);
}

#[test]
fn a_file_beyond_the_limit_is_refused_unread() {
    let mut kept = NamedTempFile::new().unwrap();
    kept.write_all(LIST.as_bytes()).unwrap();
    let limits = Limits { bytes: 10, ..Limits::default() };
    let refusal = file::open(kept.path(), "a.csv", &limits).unwrap_err();
    assert_eq!(refusal.code, RefusalCode::TooLarge);
    let missing = std::path::Path::new("/tidak/ada.csv");
    assert_eq!(file::open(missing, "a.csv", &limits).unwrap_err().code, RefusalCode::Unreadable);
}

#[test]
fn a_text_used_by_every_cell_of_an_old_book_is_counted_each_time() {
    let mut texts = vec![1, 0, 0, 0, 1, 0, 0, 0, 0x80, 0x3e, 0];
    texts.extend(vec![b'x'; 8000]);
    let mut book = record(0x0809, &[0, 6, 5, 0]);
    book.extend(record(0x00fc, &texts));
    book.extend(record(0x003c, &[&[0_u8], vec![b'x'; 8000].as_slice()].concat()));
    book.extend(record(0x0809, &[0, 6, 0x10, 0]));
    for row in 0..2_500_u16 {
        let mut body = row.to_le_bytes().to_vec();
        body.extend([0; 8]);
        book.extend(record(0x00fd, &body));
    }
    refused("teks.xls", &ole(&[("Workbook", &book)]), RefusalCode::TooManyTexts);
}

#[test]
fn rows_that_hold_too_much_are_cut() {
    let cell = "x".repeat(20_000);
    let row = format!("Ani;Warung;{cell};{cell};{cell};{cell};{cell}\n");
    accepted(
        "penuh.csv",
        ("Nama Pemilik;Nama Usaha;Alamat\n".to_owned() + &row.repeat(50)).as_bytes(),
        50,
    );
    let blanks = format!("{LIST}{}\n", ";".repeat(100_000));
    accepted("titik-koma.csv", blanks.as_bytes(), 2);
}
