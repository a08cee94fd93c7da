//! What people do to lists, case by case.

#![expect(clippy::unwrap_used, reason = "the helpers of tests fail the test")]

mod doubtful;
mod support;

use calamine::{Data, Reader, Xlsx};
use domain::record::Field;
use ingest::plan::{Mapping, QuestionKind};
use ingest::problem::{Lang, ProblemCode};
use ingest::read::RowKind;
use ingest::report;
use rust_xlsxwriter::Format;
use support::{read, read_bytes, workbook};
use tempfile::NamedTempFile;

const PLAIN: &str =
    "No;Nama Pemilik;NIK;Nama Usaha;Alamat\n1;Ani;3673045905959767;Warung Ani;Kp. Baru\n";

#[test]
fn titles_blank_lines_repeated_headings_totals_and_signatures_are_no_records() {
    let read = read(
        "DAFTAR UMKM\nTAHUN 2025\n\nNo;Nama Pemilik;Nama Usaha;Alamat\n(1);(2);(3);(4)\n\
         1;Ani;Warung Ani;Kp. Baru\nNo;Nama Pemilik;Nama Usaha;Alamat\n2;Budi;Toko Budi;Kp. Lama\n\n\
         JUMLAH;2;;\n;;;Serang, 12 Maret 2025\n;;;Mengetahui,\n;;;Camat Serang\n;;;Drs. H. Fulan\n\
         ;;;NIP. 19700101\n",
    );
    assert_eq!(read.texts(Field::OwnerName), ["Ani", "Budi"]);
    use RowKind::{Blank, Header, Record, RepeatedHeader, Signature, Title, Total};
    let expected = [
        Title,
        Title,
        Blank,
        Header,
        RepeatedHeader,
        Record,
        RepeatedHeader,
        Record,
        Blank,
        Total,
        Signature,
        Signature,
        Signature,
        Signature,
        Signature,
    ];
    assert_eq!(read.kinds, expected);
}

#[test]
fn group_lines_speak_for_the_rows_below_until_the_next() {
    let read = read(
        "No;Nama Pemilik;Nama Usaha;Kelurahan\n;KELURAHAN UNYUR;;\n1;Ani;Warung;\n2;Budi;Toko;Lopang\n\
         ;KELURAHAN (TIDAK DIISI);;\n3;Cici;Kios;\nKel. : Cipare;;;\n4;Dedi;Salon;\n",
    );
    assert_eq!(read.texts(Field::Kelurahan), ["UNYUR", "Lopang", "", "Cipare"]);
    assert_eq!(read.texts(Field::OwnerName), ["Ani", "Budi", "Cici", "Dedi"]);
}

#[test]
fn headings_of_two_rows_take_their_meaning_from_the_group() {
    let read = read(
        "NO;PEMILIK;;;USAHA;;TENAGA KERJA;\n;NAMA;NIK;NO HP;NAMA;JENIS;L;P\n\
         1;Ani;3673045905959767;081387654321;Warung Ani;Kuliner;1;2\n",
    );
    assert_eq!(read.texts(Field::OwnerName), ["Ani"]);
    assert_eq!(read.texts(Field::BusinessName), ["Warung Ani"]);
    assert_eq!(read.texts(Field::WorkersMale), ["1"]);
    assert_eq!(read.texts(Field::WorkersFemale), ["2"]);
    assert_eq!(read.plan.sheets[0].columns[1].heading, "PEMILIK / NAMA");
}

#[test]
fn digits_a_spreadsheet_lost_are_told_and_never_guessed() {
    let read = read(
        "Nama Pemilik;NIK;NIB;No HP\nAni;3,67304E+15;220951966011;81387654321\n\
         Budi;'3673045905959767;;'081387654321\nCici;3673026807849753.0;;0813-8765-4321 (WA)\n",
    );
    assert_eq!(read.codes(), [ProblemCode::NikDigitsLost]);
    assert_eq!(read.texts(Field::Nik)[0], "3,67304E+15");
    let problem = &read.problems[0];
    assert_eq!(problem.place(Lang::Indonesian), "baris 2, kolom B (NIK)");
}

#[test]
fn numbers_in_a_workbook_keep_what_is_certain_of_them() {
    let bytes = workbook(|book| {
        let page = book.add_worksheet();
        page.write_row(0, 0, ["Nama Pemilik", "NIK", "Berdiri", "Modal", "Tanggal"]).unwrap();
        let day = Format::new().set_num_format("dd/mm/yyyy");
        page.write(1, 0, "Ani").unwrap();
        page.write_number(1, 1, 3_673_045_905_959_767.0).unwrap();
        page.write_number(1, 2, 2015.0).unwrap();
        page.write_number(1, 3, 12_500_000.0).unwrap();
        page.write_number_with_format(1, 4, 43_971.0, &day).unwrap();
        page.write(2, 0, "Budi").unwrap();
        page.write_number(2, 1, 3_673_045_905_959_760.0).unwrap();
        page.write_number_with_format(2, 2, 2016.0, &day).unwrap();
    });
    let read = read_bytes("daftar.xlsx", &bytes, None);
    assert_eq!(read.texts(Field::Nik), ["3673045905959767", "367304590595976?"]);
    assert_eq!(read.texts(Field::Established), ["2015", "2016"]);
    assert_eq!(read.texts(Field::Capital), ["12500000", ""]);
    assert_eq!(read.texts(Field::RecordedOn), ["2020-05-20", ""]);
    assert_eq!(read.codes(), [ProblemCode::NikDigitsLost]);
}

#[test]
fn merged_headings_and_a_summary_sheet_in_a_workbook() {
    let bytes = workbook(|book| {
        let bold = Format::new();
        let page = book.add_worksheet().set_name("Data").unwrap();
        page.merge_range(0, 0, 0, 4, "DAFTAR UMKM", &bold).unwrap();
        page.write(2, 0, "NO").unwrap();
        page.merge_range(2, 1, 2, 3, "PEMILIK", &bold).unwrap();
        page.write(2, 4, "NAMA USAHA").unwrap();
        page.write_row(3, 1, ["NAMA", "NIK", "NO HP"]).unwrap();
        page.write_row(4, 0, ["1", "Ani", "3673045905959767", "081387654321", "Warung"]).unwrap();
        let other = book.add_worksheet().set_name("Rekap").unwrap();
        other.write_row(0, 0, ["KELURAHAN", "NAMA USAHA", "JUMLAH"]).unwrap();
        other.write_row(1, 0, ["Unyur", "Warung", "7"]).unwrap();
    });
    let read = read_bytes("daftar.xlsx", &bytes, None);
    assert_eq!(read.texts(Field::OwnerName), ["Ani"]);
    let notes: Vec<ProblemCode> = read.plan.notes.iter().map(|it| it.code).collect();
    assert_eq!(notes, [ProblemCode::SheetIgnored]);
    let outside = read.kinds.iter().filter(|it| **it == RowKind::OutsideSheet).count();
    assert_eq!(outside, 2);
}

#[test]
fn several_sheets_of_one_list_are_all_read() {
    let bytes = workbook(|book| {
        for (name, owner) in [("Unyur", "Ani"), ("Lopang", "Budi")] {
            let page = book.add_worksheet().set_name(name).unwrap();
            page.write_row(0, 0, ["No", "Nama Pemilik", "Nama Usaha"]).unwrap();
            page.write_row(1, 0, ["1", owner, "Warung"]).unwrap();
        }
    });
    let read = read_bytes("daftar.xlsx", &bytes, None);
    assert_eq!(read.texts(Field::OwnerName), ["Ani", "Budi"]);
}

#[test]
fn any_delimiter_and_encoding_gives_the_same_record() {
    let latin = "No;Nama Pemilik;Nama Usaha\n1;Ani;Café Müller\n";
    let wide = |little: bool, mark: bool| -> Vec<u8> {
        let mut units: Vec<u16> = if mark { vec![0xfeff] } else { Vec::new() };
        units.extend(latin.encode_utf16());
        let bytes = |it: u16| if little { it.to_le_bytes() } else { it.to_be_bytes() };
        units.into_iter().flat_map(bytes).collect()
    };
    let mut files: Vec<Vec<u8>> = vec![
        latin.into(),
        format!("\u{feff}{latin}").into(),
        latin.replace(';', ",").into(),
        latin.replace(';', "\t").into(),
        latin.replace(';', "|").into(),
        latin.replace('\n', "\r\n").into(),
        latin.replace('\n', "\r").into(),
        format!("sep=;\n{latin}").into(),
        latin.chars().map(|it| it as u8).collect(),
        latin
            .replace(';', "\";\"")
            .lines()
            .map(|it| format!("\"{it}\"\n"))
            .collect::<String>()
            .into(),
    ];
    files.extend([wide(true, true), wide(false, true), wide(true, false), wide(false, false)]);
    for (index, bytes) in files.iter().enumerate() {
        let read = read_bytes("daftar.csv", bytes, None);
        assert_eq!(read.texts(Field::BusinessName), ["Café Müller"], "file {index}");
        assert_eq!(read.texts(Field::OwnerName), ["Ani"], "file {index}");
    }
}

#[test]
fn a_quotation_mark_that_is_never_closed_spoils_its_own_row_alone() {
    let mut text = String::from("No;Nama Pemilik;Nama Usaha\n1;Ani;\"Warung Ani\n");
    for number in 2..200 {
        text += &format!("{number};Budi {number};Toko\n");
    }
    let read = read(&text);
    assert_eq!(read.records.len(), 199);
    assert_eq!(read.texts(Field::BusinessName)[0], "Warung Ani");
    assert_eq!(read.codes(), [ProblemCode::QuoteUnclosed]);
}

#[test]
fn a_cell_of_two_lines_is_one_row() {
    let read = read("No;Nama Pemilik;Alamat\n1;Ani;\"Kp. Baru\nRT 01\"\n\n2;Budi;Kp. Lama\n");
    assert_eq!(read.texts(Field::Street), ["Kp. Baru\nRT 01", "Kp. Lama"]);
    assert_eq!(read.kinds.len(), 4);
}

#[test]
fn two_values_in_a_cell_and_units_in_the_heading() {
    let read = read(
        "Nama Pemilik / NIK;Nama Usaha;Omset per Bulan;Modal (juta);Omzet Setahun\n\
         Ani / 3673045905959767;Warung;3,5 jt;12,5;5 jt/bulan\nBudi / -;Toko;500rb;12500000;60 juta\n",
    );
    assert_eq!(read.texts(Field::OwnerName), ["Ani", "Budi"]);
    assert_eq!(read.texts(Field::Nik), ["3673045905959767", ""]);
    assert_eq!(read.texts(Field::Capital), ["12,5 juta", "12500000"]);
    assert_eq!(read.codes(), [ProblemCode::AmountUnitDoubtful]);
}

#[test]
fn two_columns_of_telephone_numbers_are_both_kept() {
    let read = read("Nama Pemilik;Nama Usaha;No Telp;HP\nAni;Warung;0254-201234;081387654321\n");
    assert_eq!(read.texts(Field::Phone), ["0254-201234 / 081387654321"]);
}

#[test]
fn words_for_nothing_are_nothing() {
    let read = read(
        "Nama Pemilik;Nama Usaha;NIB;NPWP\nAni;belum ada;0;proses\n-;BELUM ADA NAMA;-;n/a\n;;;\n",
    );
    assert_eq!(read.records.len(), 1);
    assert_eq!(read.records[0].iter().count(), 1);
    assert_eq!(read.codes(), [ProblemCode::RowWithoutName]);
}

#[test]
fn a_row_wider_than_its_headings_is_told() {
    let read = read("No;Nama Pemilik;Nama Usaha\n1;Ani;Warung;lagi;lagi\n");
    assert_eq!(read.codes(), [ProblemCode::RowTooWide]);
}

#[test]
fn what_cannot_be_known_is_asked_and_the_answer_settles_it() {
    let text = "No;Nama;Alamat;Jenis Usaha\n1;Ani;Kp. Baru;Kuliner\n2;Budi;Kp. Lama;Jasa\n";
    let asked = read(text);
    assert_eq!(asked.plan.questions[0].kind, QuestionKind::NameMissing);
    assert!(asked.plan.questions[0].columns.iter().any(|it| it.heading == "Nama"));
    assert!(!asked.plan.mapping().columns.contains_key("Nama"));
    let mut answer = Mapping::default();
    answer.set("NAMA", &[Field::BusinessName]);
    let read = read_bytes("daftar.csv", text.as_bytes(), Some(&answer));
    assert_eq!(read.plan.questions, []);
    assert_eq!(read.texts(Field::BusinessName), ["Ani", "Budi"]);
    let again = read_bytes("daftar.csv", text.as_bytes(), Some(&read.plan.mapping()));
    assert_eq!(again.plan.mapping(), read.plan.mapping());
    assert_eq!(again.records.len(), 2);
}

#[test]
fn two_columns_that_claim_the_nik_are_asked_about() {
    let read = read("Nama Pemilik;NIK;No. KTP\nAni;3673045905959767;3673045905959768\n");
    assert_eq!(read.plan.questions[0].kind, QuestionKind::SeveralColumns);
    assert_eq!(read.plan.questions[0].field, "nik");
    assert_eq!(read.texts(Field::Nik), [""]);
}

#[test]
fn a_heading_that_its_contents_contradict_is_asked_about() {
    let mut text = String::from("Nama Pemilik;NIK\n");
    for number in 0..8 {
        text += &format!("Ani {number};08138765432{number}\n");
    }
    let read = read(&text);
    assert_eq!(read.plan.questions[0].kind, QuestionKind::ContentDiffers);
    assert_eq!(read.plan.questions[0].columns[0].fields, ["nik", "phone"]);
}

#[test]
fn an_unknown_heading_is_read_by_its_contents() {
    let read = read(
        "Nama Pemilik;Nama Usaha;Angka Kontrol\nAni;A;3673045905959767\nBudi;B;3673045905959768\n\
         Cici;C;3673045905959769\n",
    );
    assert_eq!(read.texts(Field::Nik)[0], "3673045905959767");
}

#[test]
fn a_list_without_headings_asks_for_its_names() {
    let read = read("1;Ani;3673045905959767\n2;Budi;3673045905959768\n3;Cici;3673045905959769\n");
    assert_eq!(read.plan.sheets[0].header, None);
    assert_eq!(read.plan.questions[0].kind, QuestionKind::NameMissing);
    assert_eq!(read.plan.questions[0].columns[0].heading, "B");
}

#[test]
fn the_returned_workbook_can_be_mended_and_sent_again() {
    let text = "DAFTAR\n\nNo;Nama Pemilik;NIK;Nama Usaha\n1;Ani;3,67304E+15;Warung\n\
                2;;;\n3;Budi;3673045905959767;Toko\n";
    let mut first = read_bytes("daftar umkm.csv", text.as_bytes(), None);
    let problems = first.problems.clone();
    assert_eq!(problems.len(), 2);
    let out = NamedTempFile::new().unwrap();
    report::write(&mut first.file, &first.plan, &problems, Lang::Indonesian, out.path()).unwrap();

    let mut book: Xlsx<_> = calamine::open_workbook(out.path()).unwrap();
    let page = book.worksheet_range("daftar umkm").unwrap();
    let cell =
        |row, column| page.get_value((row, column)).cloned().unwrap_or(Data::Empty).to_string();
    assert_eq!(cell(2, 4), "STATUS TUNGGAL");
    assert_eq!(cell(3, 4), "DITERIMA, PERIKSA");
    assert!(cell(3, 5).starts_with("C (NIK): Angka NIK hilang"), "{}", cell(3, 5));
    assert_eq!(cell(4, 4), "DITOLAK");
    assert_eq!(cell(5, 4), "DITERIMA");
    assert_eq!(page.get_value((5, 2)), Some(&Data::String("3673045905959767".to_owned())));

    let bytes = std::fs::read(out.path()).unwrap();
    let mut second = read_bytes("daftar umkm.xlsx", &bytes, None);
    assert_eq!(second.records, first.records);
    assert_eq!(second.codes(), first.codes());
    assert_eq!(second.plan.questions, []);
    // A report on the report stands in the same two columns.
    report::write(&mut second.file, &second.plan, &[], Lang::English, out.path()).unwrap();
    let mut book: Xlsx<_> = calamine::open_workbook(out.path()).unwrap();
    let page = book.worksheet_range("daftar umkm").unwrap();
    assert_eq!(page.get_size().1, 6);
}

#[test]
fn a_cell_longer_than_a_spreadsheet_allows_is_cut_and_told() {
    let text = PLAIN.replace("Kp. Baru", &"x".repeat(1 << 20));
    let read = read(&text);
    assert_eq!(read.codes(), [ProblemCode::CellTooLong]);
    assert_eq!(read.texts(Field::Street)[0].len(), 32_767);
}

#[test]
fn a_name_that_does_not_fit_the_content_is_a_note() {
    let read = read_bytes("daftar.xlsx", PLAIN.as_bytes(), None);
    assert_eq!(read.plan.notes[0].code, ProblemCode::ExtensionWrong);
    assert_eq!(read.records.len(), 1);
}

#[test]
fn no_problem_carries_the_value_it_speaks_of() {
    let read = read("Nama Pemilik;NIK;No HP\nAni;36730459059;0812\n");
    assert_eq!(read.problems.len(), 2);
    for problem in &read.problems {
        let text = format!("{problem:?} {}", problem.place(Lang::English));
        assert!(!text.contains("36730459059") && !text.contains("0812"), "{text}");
    }
}
