//! Broken files made to order, and how they are read.

use std::io::{Cursor, Write};

use ingest::file::{self, Limits, Refusal, RefusalCode};
use ingest::interpret::{RowOutcome, interpret};
use ingest::plan::plan;
use ingest::problem::Lang;
use ingest::read::rows;
use rust_xlsxwriter::Workbook;
use tempfile::NamedTempFile;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

pub fn read(name: &str, bytes: &[u8]) -> Result<usize, Refusal> {
    let mut kept = NamedTempFile::new().unwrap();
    kept.write_all(bytes).unwrap();
    kept.flush().unwrap();
    let mut file = file::open(kept.path(), name, &Limits::default())?;
    let plan = plan(&mut file, None)?;
    let mut records = 0;
    for row in rows(&file, &plan)? {
        if let RowOutcome::Accepted { .. } = interpret(&plan, &row?) {
            records += 1;
        }
    }
    Ok(records)
}

pub fn refused(name: &str, bytes: &[u8], expected: RefusalCode) {
    let refusal = read(name, bytes).expect_err(name);
    assert_eq!(refusal.code, expected, "{name}: {refusal}");
    assert!(!refusal.message(Lang::Indonesian).is_empty());
    assert!(!refusal.remedy(Lang::Indonesian).is_empty());
}

pub fn accepted(name: &str, bytes: &[u8], records: usize) {
    assert_eq!(read(name, bytes), Ok(records), "{name}");
}

pub const LIST: &str =
    "No;Nama Pemilik;Nama Usaha;Alamat\n1;Ani;Warung;Kp. Baru\n2;Budi;Toko;Kp. Lama\n";

pub fn good_xlsx() -> Vec<u8> {
    let mut book = Workbook::new();
    let page = book.add_worksheet();
    for (row, line) in (0..).zip(LIST.lines()) {
        page.write_row(row, 0, line.split(';')).unwrap();
    }
    book.save_to_buffer().unwrap()
}

pub fn zip(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
    for (name, bytes) in entries {
        archive.start_file(*name, options).unwrap();
        archive.write_all(bytes).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

/// A good workbook with some of its parts replaced.
pub fn xlsx_with(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut archive = ZipArchive::new(Cursor::new(good_xlsx())).unwrap();
    let mut entries: Vec<(String, Vec<u8>)> = Vec::new();
    for index in 0..archive.len() {
        let mut entry = archive.by_index(index).unwrap();
        let name = entry.name().unwrap().into_owned();
        let mut bytes = Vec::new();
        std::io::copy(&mut entry, &mut bytes).unwrap();
        entries.push((name, bytes));
    }
    for (name, bytes) in parts {
        match entries.iter_mut().find(|it| it.0 == *name) {
            Some(entry) => entry.1 = bytes.to_vec(),
            None => entries.push(((*name).to_owned(), bytes.to_vec())),
        }
    }
    let entries: Vec<(&str, &[u8])> =
        entries.iter().map(|it| (it.0.as_str(), it.1.as_slice())).collect();
    zip(&entries)
}

pub const SHEET: &str = "xl/worksheets/sheet1.xml";

pub fn sheet(rows: &str) -> String {
    format!(
        "<?xml version=\"1.0\"?><worksheet \
         xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\"><sheetData>{rows}\
         </sheetData></worksheet>"
    )
}

pub fn cell(address: &str, text: &str) -> String {
    format!("<c r=\"{address}\" t=\"inlineStr\"><is><t>{text}</t></is></c>")
}

pub const HEADINGS: &[(&str, &str)] =
    &[("A1", "Nama Pemilik"), ("B1", "Nama Usaha"), ("C1", "Alamat")];

pub fn list_sheet(more: &str) -> Vec<u8> {
    let headings: String = HEADINGS.iter().map(|it| cell(it.0, it.1)).collect();
    let record = cell("A2", "Ani") + &cell("B2", "Warung");
    sheet(&format!("<row r=\"1\">{headings}</row><row r=\"2\">{record}</row>{more}")).into()
}

pub fn ods(content: &str) -> Vec<u8> {
    let content = format!(
        "<?xml version=\"1.0\"?><office:document-content \
         xmlns:office=\"o\" xmlns:table=\"t\" xmlns:text=\"x\"><office:body><office:spreadsheet>{content}\
         </office:spreadsheet></office:body></office:document-content>"
    );
    let kind = b"application/vnd.oasis.opendocument.spreadsheet";
    zip(&[("mimetype", kind), ("content.xml", content.as_bytes())])
}

pub fn ods_row(texts: &[&str]) -> String {
    let cell = |it: &&str| format!("<table:table-cell><text:p>{it}</text:p></table:table-cell>");
    format!("<table:table-row>{}</table:table-row>", texts.iter().map(cell).collect::<String>())
}

pub fn ods_list(more: &str) -> Vec<u8> {
    let headings = ods_row(&["Nama Pemilik", "Nama Usaha", "Alamat"]);
    let record = ods_row(&["Ani &amp; Budi", "Warung", "Kp. Baru"]);
    ods(&format!("<table:table table:name=\"Data\">{headings}{record}{more}</table:table>"))
}

/// A compound file of the older formats with streams of these names.
pub fn ole(streams: &[(&str, &[u8])]) -> Vec<u8> {
    let mut sectors: Vec<Vec<u8>> = Vec::new();
    let mut next: Vec<u32> = vec![0xffff_fffd, 0xffff_fffe];
    let mut directory = vec![0_u8; 0];
    let entry = |name: &str, kind: u8, start: u32, size: u32| -> Vec<u8> {
        let mut bytes = vec![0; 128];
        for (at, unit) in name.encode_utf16().enumerate() {
            bytes[at * 2..at * 2 + 2].copy_from_slice(&unit.to_le_bytes());
        }
        bytes[64..66].copy_from_slice(&(name.len() as u16 * 2 + 2).to_le_bytes());
        bytes[66] = kind;
        bytes[116..120].copy_from_slice(&start.to_le_bytes());
        bytes[120..124].copy_from_slice(&size.to_le_bytes());
        bytes
    };
    directory.extend(entry("Root Entry", 5, 0xffff_fffe, 0));
    for (name, bytes) in streams {
        let size = bytes.len().max(4096);
        let mut padded = bytes.to_vec();
        padded.resize(size.div_ceil(512) * 512, 0);
        directory.extend(entry(name, 2, next.len() as u32, size as u32));
        for (index, sector) in padded.chunks(512).enumerate() {
            let last = index + 1 == padded.len() / 512;
            next.push(if last { 0xffff_fffe } else { next.len() as u32 + 1 });
            sectors.push(sector.to_vec());
        }
    }
    directory.resize(512, 0);
    next.resize(128, 0xffff_ffff);
    let mut file = vec![0_u8; 512];
    file[..8].copy_from_slice(&[0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1]);
    file[24..28].copy_from_slice(&[0x3e, 0, 3, 0]);
    file[28..34].copy_from_slice(&[0xfe, 0xff, 9, 0, 6, 0]);
    file[44..48].copy_from_slice(&1_u32.to_le_bytes());
    file[48..52].copy_from_slice(&1_u32.to_le_bytes());
    file[56..60].copy_from_slice(&4096_u32.to_le_bytes());
    file[60..64].copy_from_slice(&0xffff_fffe_u32.to_le_bytes());
    file[68..72].copy_from_slice(&0xffff_fffe_u32.to_le_bytes());
    file[76..80].copy_from_slice(&0_u32.to_le_bytes());
    file[80..512].fill(0xff);
    file.extend(next.iter().flat_map(|it| it.to_le_bytes()));
    file.extend(directory);
    file.extend(sectors.concat());
    file
}

/// A record of a book of the older format.
pub fn record(kind: u16, body: &[u8]) -> Vec<u8> {
    let length = u16::try_from(body.len()).unwrap();
    [&kind.to_le_bytes(), &length.to_le_bytes(), body].concat()
}

/// A book of the older format with one sheet of texts, and a number below them.
pub fn xls(rows: &[&[&str]], number: f64) -> Vec<u8> {
    let begins = |kind: u8| record(0x0809, &[0, 6, kind, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    let texts: Vec<&str> = rows.concat();
    let count = u32::try_from(texts.len()).unwrap().to_le_bytes();
    let mut table = [count, count].concat();
    for text in &texts {
        table.extend(u16::try_from(text.len()).unwrap().to_le_bytes());
        table.push(0);
        table.extend(text.bytes());
    }
    let mut sheet = begins(0x10);
    let mut index = 0_u32;
    for (row, cells) in (0_u16..).zip(rows) {
        for column in 0..u16::try_from(cells.len()).unwrap() {
            let mut body = [row.to_le_bytes(), column.to_le_bytes(), [0, 0]].concat();
            body.extend(index.to_le_bytes());
            sheet.extend(record(0x00fd, &body));
            index += 1;
        }
    }
    let row = u16::try_from(rows.len() - 1).unwrap().to_le_bytes();
    let column = u16::try_from(rows[0].len() - 1).unwrap().to_le_bytes();
    sheet.extend(record(0x0203, &[&row[..], &column, &[0, 0], &number.to_le_bytes()].concat()));
    sheet.extend(record(0x000a, &[]));
    let name = |position: u32| {
        record(0x0085, &[&position.to_le_bytes()[..], &[0, 0, 4, 0], b"Data"].concat())
    };
    let rest = [record(0x00fc, &table), record(0x000a, &[])].concat();
    let position = begins(5).len() + name(0).len() + rest.len();
    let position = u32::try_from(position).unwrap();
    ole(&[("Workbook", &[begins(5), name(position), rest, sheet].concat())])
}

/// Numbers that look random and are the same each time.
pub fn noise(length: usize, seed: u64) -> Vec<u8> {
    let mut state = seed.wrapping_mul(2_862_933_555_777_941_757).wrapping_add(3_037_000_493);
    let mut step = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 24) as u8
    };
    (0..length).map(|_| step()).collect()
}
