//! Refusals: why a file cannot be taken at all.

use std::fmt;

use crate::problem::Lang;

/// Why a file cannot be taken, and what its sender can do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The reason.
    pub code: RefusalCode,
    /// A number, a cell or a kind of file that belongs to the reason; never a value from the file.
    pub detail: Option<String>,
}

macro_rules! refusals {
    ($($name:ident = $code:literal
        $id:literal => $id_remedy:literal
        $en:literal => $en_remedy:literal)+) => {
        /// Reasons for not taking a file. The message of each says what it means.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum RefusalCode { $(#[doc = $en] $name),+ }

        impl RefusalCode {
            /// Every reason.
            pub const ALL: &'static [RefusalCode] = &[$(RefusalCode::$name),+];

            /// The stable name, such as `FILE_ENCRYPTED`.
            pub fn as_str(self) -> &'static str {
                match self { $(RefusalCode::$name => $code),+ }
            }

            /// Why the file cannot be taken.
            pub fn message(self, lang: Lang) -> &'static str {
                self.texts(lang).0
            }

            /// What the sender can do.
            pub fn remedy(self, lang: Lang) -> &'static str {
                self.texts(lang).1
            }

            fn texts(self, lang: Lang) -> (&'static str, &'static str) {
                match (self, lang) {
                    $((RefusalCode::$name, Lang::Indonesian) => ($id, $id_remedy),
                      (RefusalCode::$name, Lang::English) => ($en, $en_remedy)),+
                }
            }
        }
    };
}

refusals! {
    Empty = "FILE_EMPTY"
        "Berkas kosong" => "Kirim berkas yang berisi daftar"
        "The file is empty" => "Send the file that holds the list"
    TooLarge = "FILE_TOO_LARGE"
        "Berkas terlalu besar" => "Bagi menjadi beberapa berkas, atau simpan sebagai CSV"
        "The file is too large" => "Split it into several files, or save it as CSV"
    Unreadable = "FILE_UNREADABLE"
        "Berkas tidak dapat dibuka" => "Kirim ulang berkasnya"
        "The file cannot be opened" => "Send the file again"
    Encrypted = "FILE_ENCRYPTED"
        "Berkas dikunci dengan kata sandi" => "Hapus kata sandinya di Excel, simpan, lalu kirim ulang"
        "The file is locked with a password" => "Remove the password, save, and send it again"
    Damaged = "FILE_DAMAGED"
        "Berkas rusak atau terpotong"
        => "Buka di Excel, simpan ulang sebagai .xlsx, lalu kirim lagi"
        "The file is damaged or cut short"
        => "Open it in a spreadsheet, save it again as .xlsx, and send that"
    ZipBomb = "FILE_EXPANDS_TOO_MUCH"
        "Berkas mengembang terlalu besar saat dibuka"
        => "Hapus baris dan kolom kosong berformat, simpan ulang, atau simpan sebagai CSV"
        "The file grows beyond all measure when opened"
        => "Delete empty formatted rows and columns and save again, or save as CSV"
    WebPage = "FILE_IS_A_WEB_PAGE"
        "Berkas ini halaman web yang diberi nama Excel"
        => "Buka di Excel, pilih Simpan Sebagai .xlsx, lalu kirim hasilnya"
        "This is a web page under the name of a spreadsheet"
        => "Open it in a spreadsheet, save it as .xlsx, and send that"
    XmlSpreadsheet = "FILE_IS_XML"
        "Berkas ini XML, bukan buku kerja"
        => "Buka di Excel, pilih Simpan Sebagai .xlsx, lalu kirim hasilnya"
        "This is XML, not a workbook"
        => "Open it in a spreadsheet, save it as .xlsx, and send that"
    OldFormat = "FILE_FORMAT_UNSUPPORTED"
        "Format buku kerja ini tidak didukung"
        => "Simpan sebagai .xlsx atau .csv, lalu kirim ulang"
        "This format of workbook is not supported"
        => "Save it as .xlsx or .csv and send that"
    NotASpreadsheet = "FILE_NOT_A_SPREADSHEET"
        "Berkas ini bukan lembar kerja"
        => "Kirim daftar sebagai .xlsx, .xls, .ods atau .csv"
        "This is not a spreadsheet"
        => "Send the list as .xlsx, .xls, .ods or .csv"
    NoTable = "FILE_WITHOUT_TABLE"
        "Tidak ditemukan tabel dengan judul kolom seperti NAMA PEMILIK, NAMA USAHA, ALAMAT"
        => "Beri satu baris judul di atas data, lalu kirim ulang"
        "No table with headings such as owner, business name or address was found"
        => "Put one row of headings over the data and send it again"
    TooManyColumns = "FILE_TOO_WIDE"
        "Lembar memiliki terlalu banyak kolom" => "Hapus kolom yang tidak dipakai, lalu simpan ulang"
        "A sheet has too many columns" => "Delete the columns that are not used and save again"
    TooManySheets = "FILE_TOO_MANY_SHEETS"
        "Buku kerja memiliki terlalu banyak lembar" => "Bagi menjadi beberapa berkas"
        "The workbook has too many sheets" => "Split it into several files"
    StrayCell = "FILE_STRAY_CELL"
        "Ada isi sel yang jauh terpisah dari tabel"
        => "Hapus isi sel itu, simpan, lalu kirim ulang"
        "A cell far away from the table is filled"
        => "Empty that cell, save, and send it again"
    TooManyTexts = "FILE_TOO_MANY_TEXTS"
        "Buku kerja memuat terlalu banyak teks untuk dibuka dengan aman"
        => "Simpan sebagai CSV, atau bagi menjadi beberapa berkas"
        "The workbook holds too many texts to be opened safely"
        => "Save it as CSV, or split it into several files"
    NotWritten = "REPORT_NOT_WRITTEN"
        "Laporan tidak dapat ditulis" => "Coba lagi; bila tetap gagal, hubungi pengelola"
        "The report could not be written" => "Try again; if it fails again, tell the administrator"
}

impl Refusal {
    pub(crate) fn new(code: RefusalCode) -> Refusal {
        Refusal { code, detail: None }
    }

    pub(crate) fn with(code: RefusalCode, detail: impl Into<String>) -> Refusal {
        Refusal { code, detail: Some(detail.into()) }
    }

    /// Why the file cannot be taken.
    pub fn message(&self, lang: Lang) -> String {
        let text = self.code.texts(lang).0;
        match &self.detail {
            Some(detail) => format!("{text} ({detail})"),
            None => text.to_owned(),
        }
    }

    /// What the sender can do.
    pub fn remedy(&self, lang: Lang) -> &'static str {
        self.code.texts(lang).1
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.message(Lang::English))
    }
}

impl std::error::Error for Refusal {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_refusal_has_a_name_of_its_own_and_a_remedy() {
        let mut names: Vec<&str> = RefusalCode::ALL.iter().map(|it| it.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), RefusalCode::ALL.len());
        for &code in RefusalCode::ALL {
            assert!(!Refusal::new(code).remedy(Lang::Indonesian).is_empty());
        }
    }
}
