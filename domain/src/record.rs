//! Source records: what one agency wrote about one enterprise, text by text.

use std::collections::BTreeMap;
use std::fmt;

use chrono::NaiveDate;

use crate::agency::AgencyCode;
use crate::id::{FileId, RecordId};

macro_rules! fields {
    ($($(#[$doc:meta])* $name:ident = $code:literal),+ $(,)?) => {
        /// What a column of an agency's list can mean.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Field { $($(#[$doc])* $name),+ }

        impl Field {
            /// Every field, in the order of a form.
            pub const ALL: &'static [Field] = &[$(Field::$name),+];

            /// The name of the field in stored records, mapping files and the API.
            pub fn code(self) -> &'static str {
                match self { $(Field::$name => $code),+ }
            }
        }
    };
}

fields! {
    /// The agency's own number for the row: registration, letter, member or participant number.
    OwnNumber = "own_number",
    /// The owner's or responsible person's name, titles and all.
    OwnerName = "owner_name",
    /// The owner's NIK.
    Nik = "nik",
    /// The owner's family card number (No. KK).
    FamilyCard = "family_card",
    /// The owner's sex.
    Sex = "sex",
    /// The owner's date of birth.
    BirthDate = "birth_date",
    /// The business's name or brand.
    BusinessName = "business_name",
    /// What the business does, in words: trade, sector or product.
    Trade = "trade",
    /// The KBLI code.
    Kbli = "kbli",
    /// The legal form, where it has a column of its own.
    LegalForm = "legal_form",
    /// The NIB.
    Nib = "nib",
    /// The NPWP.
    Npwp = "npwp",
    /// The P-IRT number of a home food product.
    Pirt = "pirt",
    /// The halal certificate number.
    Halal = "halal",
    /// The number of a letter of business (SKU), where it is not the row's own number.
    BusinessLetter = "business_letter",
    /// One or more telephone numbers.
    Phone = "phone",
    /// The e-mail address.
    Email = "email",
    /// Street, house number, and often everything else.
    Street = "street",
    /// RT and RW in one text.
    RtRw = "rt_rw",
    /// RT alone.
    Rt = "rt",
    /// RW alone.
    Rw = "rw",
    /// Kelurahan or desa.
    Kelurahan = "kelurahan",
    /// Kecamatan.
    Kecamatan = "kecamatan",
    /// City or regency.
    City = "city",
    /// Latitude in degrees.
    Latitude = "latitude",
    /// Longitude in degrees.
    Longitude = "longitude",
    /// When the business began: a year or a date.
    Established = "established",
    /// Sales of a year, in rupiah.
    AnnualSales = "annual_sales",
    /// Sales of a month, in rupiah.
    MonthlySales = "monthly_sales",
    /// Capital, in rupiah.
    Capital = "capital",
    /// Borrowed capital, in rupiah.
    LoanCapital = "loan_capital",
    /// Assets, in rupiah.
    Assets = "assets",
    /// Workers, all together.
    Workers = "workers",
    /// Male workers.
    WorkersMale = "workers_male",
    /// Female workers.
    WorkersFemale = "workers_female",
    /// Active, closed, moved: the agency's word on the state of the business.
    Status = "status",
    /// Web site or social media account.
    Website = "website",
    /// When the agency wrote or last changed the row.
    RecordedOn = "recorded_on",
    /// Anything the agency remarks.
    Remark = "remark",
    /// What the agency will not correct of what it was asked to, by codes, and why not.
    CorrectionAnswer = "correction_answer",
}

impl Field {
    /// The field with this code.
    pub fn from_code(code: &str) -> Option<Field> {
        Field::ALL.iter().copied().find(|it| it.code() == code)
    }
}

/// The texts of one row by what they mean. Never holds an empty text.
///
/// The texts are personal data, so `Debug` prints the names of the fields alone.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct RecordFields(BTreeMap<Field, String>);

impl fmt::Debug for RecordFields {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_set().entries(self.0.keys()).finish()
    }
}

impl RecordFields {
    /// The text of `field`, as the agency wrote it, or `None` when the cell was empty.
    pub fn get(&self, field: Field) -> Option<&str> {
        self.0.get(&field).map(String::as_str)
    }

    /// Sets `field`; a text of white space alone leaves the field as it is.
    pub fn set(&mut self, field: Field, text: impl Into<String>) {
        let text = text.into();
        if !text.trim().is_empty() {
            self.0.insert(field, text);
        }
    }

    /// The fields that have a text, in the order of [`Field::ALL`].
    pub fn iter(&self) -> impl Iterator<Item = (Field, &str)> {
        self.0.iter().map(|(field, text)| (*field, text.as_str()))
    }

    /// Fills the fields that are empty here with those of an older version of the same row: an empty
    /// cell never blanks a known value.
    pub fn fill_from(&mut self, older: &RecordFields) {
        for (field, text) in &older.0 {
            self.0.entry(*field).or_insert_with(|| text.clone());
        }
    }
}

impl FromIterator<(Field, String)> for RecordFields {
    fn from_iter<I: IntoIterator<Item = (Field, String)>>(pairs: I) -> RecordFields {
        let mut fields = RecordFields::default();
        for (field, text) in pairs {
            fields.set(field, text);
        }
        fields
    }
}

/// One version of one row of an agency's list, never changed once stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceRecord {
    /// The row's id, the same in every version.
    pub id: RecordId,
    /// Who wrote the row.
    pub agency: AgencyCode,
    /// The file this version came in.
    pub file: FileId,
    /// The sheet's name in a workbook; empty for a text file.
    pub sheet: String,
    /// The row in the sheet as a spreadsheet numbers it, from 1.
    pub row: u32,
    /// The texts by meaning.
    pub fields: RecordFields,
    /// When the agency wrote the row, if the row says so.
    pub recorded_on: Option<NaiveDate>,
}
