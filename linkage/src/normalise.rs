//! Normalisation: a source record's texts -> values that can be compared and merged.
//!
//! Works on one record alone, so records can be normalised in any order and in parallel. What cannot be
//! read becomes missing; the problem was told to the sender when the file came in.

use chrono::NaiveDate;
use domain::agency::{Agency, AgencyCode};
use domain::amount::{Count, Rupiah};
use domain::date::PartialDate;
use domain::enterprise::Sales;
use domain::id::RecordId;
use domain::identifier::{Flaw, Nib, Nik, Npwp, Phone, Reading};
use domain::kbli::Kbli;
use domain::place::locate::{Located, locate};
use domain::place::rt_rw::RtRw;
use domain::record::{Field, SourceRecord};

use crate::text::{Words, is_placeholder, tidy};

mod address;
mod business;
mod name;
mod trade;

pub use address::Street;
pub use business::BusinessName;
pub use name::PersonName;
pub use trade::TradeWords;

pub(crate) use address::read as street;
pub(crate) use business::{BusinessWords, read as business_name};
pub(crate) use name::{NameWords, read as person_name};
pub(crate) use trade::{of_kbli as groups_of_kbli, of_sector as sector};

/// A source record in the engine's words. Personal data: its parts print masked or counted in `Debug`.
#[derive(Debug, Clone, PartialEq)]
pub struct NormalisedRecord {
    /// The record it was made from.
    pub id: RecordId,
    /// The agency that wrote it.
    pub agency: AgencyCode,
    /// When the agency wrote it, if known.
    pub recorded_on: Option<NaiveDate>,
    /// The owner's name.
    pub owner: Option<PersonName>,
    /// The owner's NIK, when all digits are known.
    pub nik: Option<Nik>,
    /// The leading digits of a NIK that a spreadsheet damaged, or all digits of one that is wrongly typed:
    /// partial evidence.
    pub nik_known: Option<KnownDigits>,
    /// The NIB.
    pub nib: Option<Nib>,
    /// The NPWP.
    pub npwp: Option<Npwp>,
    /// The NPWP has the form of a NIK, as that of a resident has since 2024.
    pub npwp_is_nik: bool,
    /// Telephone numbers in the order written.
    pub phones: Vec<Phone>,
    /// The e-mail address in lower case.
    pub email: Option<Email>,
    /// The business name.
    pub business: Option<BusinessName>,
    /// The trade in the agency's words.
    pub trade: Option<String>,
    /// What the trade column and the KBLI code say.
    pub sector: TradeWords,
    /// The KBLI code.
    pub kbli: Option<Kbli>,
    /// The legal form, from its own column or the business name.
    pub legal_form: Option<&'static str>,
    /// Street, number and block.
    pub street: Option<Street>,
    /// The RT; 0 when unknown.
    pub rt: u16,
    /// The RW; 0 when unknown.
    pub rw: u16,
    /// Kelurahan and kecamatan.
    pub place: Located,
    /// When the business began.
    pub established: Option<PartialDate>,
    /// Sales of a year.
    pub annual_sales: Option<Sales>,
    /// Capital without land and building.
    pub capital: Option<Rupiah>,
    /// Workers.
    pub workers: Option<u32>,
    /// The P-IRT number as written.
    pub pirt: Option<String>,
    /// The halal certificate number as written.
    pub halal: Option<String>,
}

/// Digits of an identifier that survived. Personal data: `Debug` tells their count alone.
#[derive(Clone, PartialEq, Eq)]
pub struct KnownDigits(pub String);

impl std::fmt::Debug for KnownDigits {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "KnownDigits({} digits)", self.0.len())
    }
}

/// An e-mail address. Personal data: `Debug` shows the domain alone.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Email(pub String);

impl std::fmt::Debug for Email {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Email(..@{})", self.0.split_once('@').map_or("", |it| it.1))
    }
}

/// Normalises one record. A row of a kecamatan's office lies in its kecamatan unless it says otherwise.
pub fn normalise(record: &SourceRecord, agency: &Agency) -> NormalisedRecord {
    let get = |field: Field| record.fields.get(field);
    let names = get(Field::OwnerName).and_then(name::read);
    let business =
        get(Field::BusinessName).and_then(|it| Some(business::read(it, names.as_ref())?.shown(it)));
    let owner = get(Field::OwnerName).and_then(|it| Some(names.as_ref()?.shown(it)));
    let (nik, nik_known) = get(Field::Nik).map_or((None, None), read_nik);
    let npwp = get(Field::Npwp).and_then(|it| whole(Npwp::read(it)));
    let npwp_is_nik = npwp.as_ref().is_some_and(Npwp::is_nik);
    let phones = get(Field::Phone).map_or(vec![], |it| Phone::read_all(it).0);
    let (street, (rt_in_street, rw_in_street)) =
        get(Field::Street).map_or((None, (0, 0)), address::read);
    let street = get(Field::Street).and_then(|it| Some(street?.shown(it)));
    let (rt, rw) = rt_and_rw(record);
    let kbli = get(Field::Kbli).and_then(|it| Kbli::parse(it).ok());
    let mut sector = get(Field::Trade).map_or(TradeWords::default(), trade::of_sector);
    if let Some(code) = kbli
        && sector.groups == 0
    {
        sector.groups = trade::of_kbli(code);
    }
    let legal_form = get(Field::LegalForm).and_then(business::legal_form);
    let legal_form = legal_form.or(business.as_ref().and_then(|it| it.legal_form));
    NormalisedRecord {
        id: record.id,
        agency: record.agency.clone(),
        recorded_on: record.recorded_on,
        nik,
        nik_known,
        nib: get(Field::Nib).and_then(|it| whole(Nib::read(it))),
        npwp,
        npwp_is_nik,
        phones,
        email: get(Field::Email).and_then(email),
        owner,
        business,
        trade: get(Field::Trade).and_then(meaningful),
        sector,
        kbli,
        legal_form,
        street,
        rt: if rt == 0 { rt_in_street } else { rt },
        rw: if rw == 0 { rw_in_street } else { rw },
        place: locate(
            get(Field::Kelurahan),
            get(Field::Kecamatan),
            get(Field::Street),
            agency.kecamatan,
        ),
        established: established(record),
        annual_sales: sales(record),
        capital: get(Field::Capital).and_then(|it| whole(Rupiah::read(it))),
        workers: workers(record),
        pirt: get(Field::Pirt).and_then(meaningful),
        halal: get(Field::Halal).and_then(meaningful),
    }
}

/// A NIK, or the digits of one that is damaged or wrongly typed and still tells something.
pub(crate) fn read_nik(text: &str) -> (Option<Nik>, Option<KnownDigits>) {
    match Nik::read(text) {
        Reading::Whole(nik) => (Some(nik), None),
        Reading::Damaged { known } => (None, Some(KnownDigits(known))),
        Reading::Invalid(flaw) if flaw != Flaw::Placeholder => {
            let digits: String = text.chars().filter(char::is_ascii_digit).collect();
            let typed = (15..=17).contains(&digits.len());
            (None, typed.then_some(KnownDigits(digits)))
        }
        _ => (None, None),
    }
}

pub(crate) fn whole<T>(reading: Reading<T>) -> Option<T> {
    if let Reading::Whole(value) = reading { Some(value) } else { None }
}

/// The text with white space tidied, unless it says that there is nothing.
fn meaningful(text: &str) -> Option<String> {
    (!is_placeholder(&Words::of(text))).then(|| tidy(text))
}

pub(crate) fn email(text: &str) -> Option<Email> {
    let address = text.trim().to_lowercase();
    let (name, domain) = address.split_once('@')?;
    let fits = !name.is_empty() && domain.contains('.') && !address.contains(char::is_whitespace);
    fits.then_some(Email(address))
}

fn rt_and_rw(record: &SourceRecord) -> (u16, u16) {
    let read = |field: Field| {
        let text = record.fields.get(field);
        text.and_then(|it| whole(RtRw::read(it))).unwrap_or_default()
    };
    let (together, rt, rw) = (read(Field::RtRw), read(Field::Rt), read(Field::Rw));
    let or = |first: u16, second: u16| if first == 0 { second } else { first };
    // In its own column an RW needs no mark.
    (or(together.rt, rt.rt), or(together.rw, or(rw.rw, rw.rt)))
}

/// When the business began, unless its own row is older.
fn established(record: &SourceRecord) -> Option<PartialDate> {
    let read = |field: Field| whole(PartialDate::read(record.fields.get(field)?));
    let recorded = read(Field::RecordedOn).or(record.recorded_on.map(PartialDate::from));
    read(Field::Established).filter(|it| !recorded.is_some_and(|recorded| it.is_after(recorded)))
}

fn sales(record: &SourceRecord) -> Option<Sales> {
    let amount = |field: Field| record.fields.get(field).and_then(|it| whole(Rupiah::read(it)));
    let year = amount(Field::AnnualSales).map(|annual| Sales { annual, from_month: false });
    year.or_else(|| {
        let annual = Rupiah(amount(Field::MonthlySales)?.0.checked_mul(12)?);
        Some(Sales { annual, from_month: true })
    })
}

fn workers(record: &SourceRecord) -> Option<u32> {
    let count = |field: Field| record.fields.get(field).map_or(Reading::Missing, Count::read);
    if let Reading::Whole(all) = count(Field::Workers) {
        return Some(all.0);
    }
    match (count(Field::WorkersMale), count(Field::WorkersFemale)) {
        (Reading::Whole(men), Reading::Whole(women)) => Some(men.0 + women.0),
        (Reading::Whole(some), Reading::Missing) | (Reading::Missing, Reading::Whole(some)) => {
            Some(some.0)
        }
        // Half of a sum is no sum.
        _ => None,
    }
}
