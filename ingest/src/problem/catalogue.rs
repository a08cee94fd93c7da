//! The problems the hub tells senders about: code, severity, message and remedy in both languages.

use super::{Lang, Severity};

macro_rules! problems {
    ($($name:ident = $code:literal $severity:ident
        $id:literal => $id_remedy:literal
        $en:literal => $en_remedy:literal)+) => {
        /// What can be wrong with a row, a cell or a sheet. The message of each says what it means.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum ProblemCode { $(#[doc = $en] $name),+ }

        impl ProblemCode {
            /// Every problem, in the order of the documentation.
            pub const ALL: &'static [ProblemCode] = &[$(ProblemCode::$name),+];

            /// The stable name, such as `NIK_DIGITS_LOST`.
            pub fn as_str(self) -> &'static str {
                match self { $(ProblemCode::$name => $code),+ }
            }

            /// The problem with this stable name.
            pub fn from_code(code: &str) -> Option<ProblemCode> {
                match code { $($code => Some(ProblemCode::$name),)+ _ => None }
            }

            /// How much it matters.
            pub fn severity(self) -> Severity {
                match self { $(ProblemCode::$name => Severity::$severity),+ }
            }

            /// What is wrong.
            pub fn message(self, lang: Lang) -> &'static str {
                match (self, lang) {
                    $((ProblemCode::$name, Lang::Indonesian) => $id,
                      (ProblemCode::$name, Lang::English) => $en),+
                }
            }

            /// What the sender can do about it.
            pub fn remedy(self, lang: Lang) -> &'static str {
                match (self, lang) {
                    $((ProblemCode::$name, Lang::Indonesian) => $id_remedy,
                      (ProblemCode::$name, Lang::English) => $en_remedy),+
                }
            }
        }
    };
}

problems! {
    RowWithoutName = "ROW_WITHOUT_NAME" Error
        "Baris tidak memuat nama pemilik, nama usaha, atau nomor identitas"
        => "Isi sekurang-kurangnya nama pemilik atau nama usaha, atau hapus baris ini"
        "The row has no owner, no business name and no identifier"
        => "Fill in at least the owner or the business name, or delete the row"
    PersonErased = "PERSON_ERASED" Error
        "Data orang pada baris ini telah dihapus, atas permintaannya atau karena masa simpannya habis, sehingga baris dikosongkan dan tidak diterima"
        => "Hapus baris ini dari daftar; bila orang itu mendaftar kembali, hubungi walidata"
        "The data of the person in this row was erased, at her request or because its time was over, so the row is empty and not taken"
        => "Delete the row from the list; if she registered again, ask the data steward"
    NumberRepeated = "NUMBER_REPEATED" Warning
        "Nomor atau nama ini sudah dipakai baris lain dalam berkas yang sama"
        => "Periksa apakah baris ini ganda; bila bukan, beri nomor sendiri"
        "The number or name of this row is already used by another row of the file"
        => "Check whether the row is a duplicate; if not, give it a number of its own"
    CorrectionRepeated = "CORRECTION_REPEATED" Error
        "Kode Tunggal baris ini sudah dipakai baris lain dalam berkas yang sama"
        => "Hapus baris salinan ini; baris baru ditulis tanpa Kode Tunggal"
        "Another row of the file has the same ticket"
        => "Delete this copy; write a new row without a ticket"
    NameNotAName = "NAME_NOT_A_NAME" Warning
        "Kolom nama pemilik hanya memuat angka"
        => "Isi nama pemilik; angka letakkan di kolomnya sendiri"
        "The column for the owner's name holds a figure and no name"
        => "Fill in the owner's name; put figures into a column of their own"
    CellHasFormulaError = "CELL_HAS_FORMULA_ERROR" Warning
        "Sel memuat galat rumus seperti #REF! atau #N/A"
        => "Perbaiki rumusnya atau ketik isinya, lalu simpan ulang"
        "The cell holds an error of a formula such as #REF! or #N/A"
        => "Mend the formula or type the value, then save again"
    RowTooWide = "ROW_TOO_WIDE" Warning
        "Baris memuat lebih banyak sel daripada judul kolom"
        => "Periksa pemisah kolom; isi yang memuat pemisah harus diapit tanda kutip"
        "The row has more cells than there are headings"
        => "Check the delimiter; a text that contains it must stand in quotation marks"
    QuoteUnclosed = "QUOTE_UNCLOSED" Warning
        "Tanda kutip dibuka tetapi tidak ditutup"
        => "Hapus atau tutup tanda kutip pada baris ini"
        "A quotation mark is opened and never closed"
        => "Delete or close the quotation mark in this row"
    CellTooLong = "CELL_TOO_LONG" Warning
        "Isi sel terlalu panjang dan dipotong"
        => "Ringkas isi sel"
        "The text of a cell is too long and was cut"
        => "Shorten the text"
    NikDigitsLost = "NIK_DIGITS_LOST" Warning
        "Angka NIK hilang karena diubah Excel"
        => "Format kolom sebagai Teks, lalu ketik ulang 16 angka NIK dari KTP"
        "A spreadsheet lost digits of the NIK"
        => "Format the column as Text and type the 16 digits again from the identity card"
    NikWrongLength = "NIK_WRONG_LENGTH" Warning
        "NIK tidak terdiri dari 16 angka"
        => "Cocokkan dengan KTP; NIK selalu 16 angka"
        "The NIK does not have 16 digits"
        => "Compare with the identity card; a NIK always has 16 digits"
    NikNotDigits = "NIK_NOT_DIGITS" Warning
        "NIK memuat huruf atau tanda selain angka"
        => "Tulis NIK dengan angka saja; perhatikan huruf O dan angka 0"
        "The NIK has letters or signs other than digits"
        => "Write digits only; mind the letter O and the digit 0"
    NikImpossibleBirthDate = "NIK_IMPOSSIBLE_BIRTH_DATE" Warning
        "Tanggal lahir di dalam NIK tidak ada dalam kalender"
        => "Cocokkan angka ke-7 sampai ke-12 dengan KTP (tanggal perempuan ditambah 40)"
        "The birth date inside the NIK is no day of the calendar"
        => "Compare digits 7 to 12 with the identity card (40 is added to the day for women)"
    NikUnknownProvince = "NIK_UNKNOWN_PROVINCE" Warning
        "Dua angka pertama NIK bukan kode provinsi"
        => "Cocokkan dengan KTP; jangan tertukar dengan nomor lain"
        "The first two digits of the NIK are no province"
        => "Compare with the identity card; make sure it is not another number"
    NikSerialZero = "NIK_SERIAL_ZERO" Warning
        "Empat angka terakhir NIK 0000, tidak pernah diterbitkan"
        => "Ketik ulang NIK dari KTP"
        "The last four digits of the NIK are 0000, which is never issued"
        => "Type the NIK again from the identity card"
    NikPlaceholder = "NIK_PLACEHOLDER" Warning
        "NIK tampak diisi asal"
        => "Isi NIK dari KTP, atau kosongkan bila belum ada"
        "The NIK looks made up"
        => "Fill in the NIK from the identity card, or leave the cell empty"
    NibDigitsLost = "NIB_DIGITS_LOST" Warning
        "Angka NIB hilang karena diubah Excel"
        => "Format kolom sebagai Teks, lalu ketik ulang 13 angka NIB"
        "A spreadsheet lost digits of the NIB"
        => "Format the column as Text and type the 13 digits again"
    NibWrongLength = "NIB_WRONG_LENGTH" Warning
        "NIB tidak terdiri dari 13 angka"
        => "Cocokkan dengan surat NIB dari OSS; NIB selalu 13 angka"
        "The NIB does not have 13 digits"
        => "Compare with the OSS document; an NIB always has 13 digits"
    NibNotDigits = "NIB_NOT_DIGITS" Warning
        "NIB memuat huruf atau tanda selain angka"
        => "Tulis NIB dengan angka saja; nomor izin lain letakkan di kolom lain"
        "The NIB has letters or signs other than digits"
        => "Write digits only; put other licence numbers into another column"
    NibPlaceholder = "NIB_PLACEHOLDER" Warning
        "NIB tampak diisi asal"
        => "Isi NIB dari OSS, atau kosongkan bila belum ada"
        "The NIB looks made up"
        => "Fill in the NIB from OSS, or leave the cell empty"
    NpwpDigitsLost = "NPWP_DIGITS_LOST" Warning
        "Angka NPWP hilang karena diubah Excel"
        => "Format kolom sebagai Teks, lalu ketik ulang NPWP"
        "A spreadsheet lost digits of the NPWP"
        => "Format the column as Text and type the number again"
    NpwpWrongLength = "NPWP_WRONG_LENGTH" Warning
        "NPWP tidak terdiri dari 15 atau 16 angka"
        => "Cocokkan dengan kartu NPWP; untuk orang pribadi NPWP adalah NIK"
        "The NPWP has neither 15 nor 16 digits"
        => "Compare with the tax card; a person's NPWP is the NIK"
    NpwpNotDigits = "NPWP_NOT_DIGITS" Warning
        "NPWP memuat huruf"
        => "Tulis NPWP dengan angka, titik dan tanda hubung saja"
        "The NPWP has letters"
        => "Write digits, dots and dashes only"
    NpwpCheckDigit = "NPWP_CHECK_DIGIT" Warning
        "Angka ke-9 NPWP tidak cocok dengan angka lainnya; ada salah ketik"
        => "Cocokkan dengan kartu NPWP"
        "The check digit of the NPWP does not fit: there is a typing error"
        => "Compare with the tax card"
    NpwpNotANik = "NPWP_NOT_A_NIK" Warning
        "NPWP 16 angka ini bukan NIK yang mungkin dan bukan NPWP lama"
        => "Cocokkan dengan kartu NPWP atau KTP"
        "This 16-digit NPWP is neither a possible NIK nor an older number"
        => "Compare with the tax card or the identity card"
    NpwpPlaceholder = "NPWP_PLACEHOLDER" Warning
        "NPWP tampak diisi asal"
        => "Isi NPWP yang benar, atau kosongkan"
        "The NPWP looks made up"
        => "Fill in the right number, or leave the cell empty"
    PhoneUnreadable = "PHONE_UNREADABLE" Warning
        "Nomor telepon tidak terbaca"
        => "Tulis seperti 081234567899; dua nomor dipisah dengan garis miring"
        "The telephone number cannot be read"
        => "Write it like 081234567899; separate two numbers by a slash"
    PhoneTooShort = "PHONE_TOO_SHORT" Warning
        "Nomor telepon kurang angka"
        => "Periksa kembali nomornya; telepon rumah ditulis dengan kode daerah, misalnya 0254"
        "The telephone number has too few digits"
        => "Check the number; write a landline with its area code, such as 0254"
    PhoneTooLong = "PHONE_TOO_LONG" Warning
        "Nomor telepon kelebihan angka"
        => "Periksa kembali nomornya; dua nomor dipisah dengan garis miring"
        "The telephone number has too many digits"
        => "Check the number; separate two numbers by a slash"
    PhonePlaceholder = "PHONE_PLACEHOLDER" Warning
        "Nomor telepon tampak diisi asal"
        => "Isi nomor yang benar, atau kosongkan"
        "The telephone number looks made up"
        => "Fill in the right number, or leave the cell empty"
    PhoneForeign = "PHONE_FOREIGN" Warning
        "Nomor telepon bukan nomor Indonesia"
        => "Isi nomor Indonesia bila ada"
        "The telephone number is of another country"
        => "Give a number of Indonesia if there is one"
    PhoneDigitsLost = "PHONE_DIGITS_LOST" Warning
        "Angka nomor telepon hilang karena diubah Excel"
        => "Format kolom sebagai Teks, lalu ketik ulang nomornya"
        "A spreadsheet lost digits of the telephone number"
        => "Format the column as Text and type the number again"
    EmailUnreadable = "EMAIL_UNREADABLE" Warning
        "Alamat surel tidak terbaca"
        => "Tulis seperti nama@contoh.id"
        "The e-mail address cannot be read"
        => "Write it like name@example.id"
    KelurahanUnknown = "KELURAHAN_UNKNOWN" Warning
        "Kelurahan atau kecamatan tidak dikenal di Kota Serang"
        => "Tulis nama resmi salah satu dari 67 kelurahan; kosongkan bila usaha berada di luar kota"
        "The kelurahan or kecamatan is none of Kota Serang"
        => "Write the official name of one of the 67 kelurahan"
    KelurahanAmbiguous = "KELURAHAN_AMBIGUOUS" Warning
        "Nama kelurahan cocok dengan lebih dari satu kelurahan"
        => "Isi juga kecamatannya (misalnya Sukawana ada di Serang dan di Curug)"
        "More than one kelurahan fits the name"
        => "Fill in the kecamatan too (Sukawana is in Serang and in Curug)"
    RtRwBecameDate = "RT_RW_BECAME_DATE" Warning
        "RT/RW berubah menjadi tanggal oleh Excel"
        => "Format kolom sebagai Teks, lalu ketik ulang, misalnya 001/002"
        "A spreadsheet turned RT and RW into a date"
        => "Format the column as Text and type them again, such as 001/002"
    RtRwImpossible = "RT_RW_IMPOSSIBLE" Warning
        "Nomor RT atau RW terlalu besar"
        => "Tulis RT dan RW seperti 001/002"
        "The number of the RT or RW is too large"
        => "Write RT and RW like 001/002"
    KbliUnknown = "KBLI_UNKNOWN" Warning
        "Kode KBLI tidak ada dalam KBLI 2020"
        => "Isi kode 5 angka dari KBLI 2020"
        "The code is not in KBLI 2020"
        => "Give a 5-digit code of KBLI 2020"
    DateUnreadable = "DATE_UNREADABLE" Warning
        "Tanggal atau tahun tidak terbaca"
        => "Tulis seperti 25/09/2021, 25 September 2021, atau 2021"
        "The date or year cannot be read"
        => "Write it like 25/09/2021, 25 September 2021 or 2021"
    DateImpossible = "DATE_IMPOSSIBLE" Warning
        "Tanggal tidak ada dalam kalender"
        => "Periksa hari, bulan dan tahunnya"
        "The calendar does not have this date"
        => "Check day, month and year"
    DateInFuture = "DATE_IN_FUTURE" Warning
        "Tanggal ini sesudah tanggal pencatatan baris"
        => "Periksa tahunnya; usaha dan pemiliknya tidak mungkin lebih muda daripada datanya"
        "The date is later than the day the row was written"
        => "Check the year; a business and its owner cannot be younger than their row"
    AmountUnreadable = "AMOUNT_UNREADABLE" Warning
        "Jumlah uang tidak terbaca"
        => "Tulis satu angka seperti 12.500.000 atau 12,5 juta, bukan rentang"
        "The amount cannot be read"
        => "Write one figure like 12.500.000 or 12,5 juta, no range"
    AmountNegative = "AMOUNT_NEGATIVE" Warning
        "Jumlah uang kurang dari nol"
        => "Tulis angka tanpa tanda minus"
        "The amount is below zero"
        => "Write it without a minus sign"
    AmountAbsurd = "AMOUNT_ABSURD" Warning
        "Jumlah uang terlalu kecil atau terlalu besar; mungkin satuannya tertinggal"
        => "Tulis lengkap dalam rupiah, atau sebutkan satuannya (ribu, juta)"
        "The amount is too small or too large; the unit may be missing"
        => "Write it out in rupiah, or name the unit (ribu, juta)"
    AmountUnitDoubtful = "AMOUNT_UNIT_DOUBTFUL" Warning
        "Judul kolom menyebut satuan, tetapi angkanya tampak sudah lengkap dalam rupiah"
        => "Samakan angka dengan satuan pada judul kolom"
        "The heading names a unit, but the figure seems to be in whole rupiah"
        => "Make the figure agree with the unit in the heading"
    AmountDigitsLost = "AMOUNT_DIGITS_LOST" Warning
        "Angka jumlah uang hilang karena diubah Excel"
        => "Lebarkan kolom atau format sebagai Angka, lalu simpan ulang"
        "A spreadsheet lost digits of the amount"
        => "Widen the column or format it as Number, then save again"
    CountUnreadable = "COUNT_UNREADABLE" Warning
        "Jumlah orang tidak terbaca"
        => "Tulis satu angka saja, misalnya 3"
        "The number of persons cannot be read"
        => "Write one figure, such as 3"
    CoordinateUnreadable = "COORDINATE_UNREADABLE" Warning
        "Koordinat tidak terbaca atau berada di luar Indonesia"
        => "Tulis derajat desimal, misalnya -6,1153 dan 106,1540"
        "The coordinate cannot be read or lies outside Indonesia"
        => "Write decimal degrees, such as -6.1153 and 106.1540"
    SheetIgnored = "SHEET_IGNORED" Note
        "Lembar ini bukan daftar usaha dan dilewati"
        => "Bila lembar ini daftar usaha, beri baris judul kolom dan ganti nama lembarnya"
        "This sheet is not a list of businesses and was passed over"
        => "If it is one, give it a row of headings and rename the sheet"
    HeadingUnknown = "HEADING_UNKNOWN" Note
        "Judul kolom tidak dikenal; isinya disimpan tetapi tidak dipakai"
        => "Bila kolom ini penting, tetapkan artinya pada pemetaan kolom"
        "The heading is not known; the column is kept but not used"
        => "If the column matters, say in the mapping what it means"
    MappingHeadingNotFound = "MAPPING_HEADING_NOT_FOUND" Note
        "Pemetaan menyebut judul kolom yang tidak ada dalam berkas"
        => "Salin judulnya persis seperti di berkas"
        "The mapping names a heading that the file does not have"
        => "Copy the heading as it stands in the file"
    ExtensionWrong = "EXTENSION_WRONG" Note
        "Nama berkas tidak sesuai dengan isinya; isinya yang dibaca"
        => "Simpan ulang dengan akhiran yang benar agar tidak membingungkan"
        "The name of the file does not fit its content; the content was read"
        => "Save it under the right extension"
}
