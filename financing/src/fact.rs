//! The facts that rules may name, each with its type, who can know it and what of a profile it tells.

use domain::enterprise::Attribute;

pub use kind::{CodeList, Kind};

mod kind;

/// Who can know a fact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Holder {
    /// The register, from the agencies' records.
    Register,
    /// The bank alone: from SLIK, a document or the applicant's word. In the register it is always unknown.
    Bank,
    /// Nobody has to: it follows from the day of the assessment.
    Calendar,
}

macro_rules! facts {
    ($($(#[doc = $doc:literal])+ $name:ident = $code:literal, $kind:expr, $holder:ident, [$($attribute:ident),*], $label:literal;)+) => {
        /// A named fact.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[repr(u8)]
        pub enum Fact { $($(#[doc = $doc])+ $name),+ }

        impl Fact {
            /// Every fact, in the order of the documentation.
            pub const ALL: &'static [Fact] = &[$(Fact::$name),+];
            /// How many there are.
            pub const COUNT: usize = Fact::ALL.len();

            /// The name in rules.
            pub fn name(self) -> &'static str {
                match self { $(Fact::$name => $code),+ }
            }

            /// What values it has.
            pub fn kind(self) -> Kind {
                match self { $(Fact::$name => $kind),+ }
            }

            /// Who can know it.
            pub fn holder(self) -> Holder {
                match self { $(Fact::$name => Holder::$holder),+ }
            }

            /// The attributes of a profile it is taken from: whoever may not see these may not see the fact's
            /// value either. Empty for what is read from records alone, is the bank's, or is the calendar's.
            pub fn attributes(self) -> &'static [Attribute] {
                match self { $(Fact::$name => &[$(Attribute::$attribute),*]),+ }
            }

            /// What it is called in Indonesian, for a clerk.
            pub fn label(self) -> &'static str {
                match self { $(Fact::$name => $label),+ }
            }

            /// What it means, in English, as in the documentation.
            pub fn meaning(self) -> &'static str {
                match self { $(Fact::$name => concat!($($doc),+).trim_ascii()),+ }
            }
        }
    };
}

const SIZES: Kind = Kind::Choice(&["micro", "small", "medium", "large"]);
const SECTIONS: Kind = Kind::Choice(&[
    "A", "B", "C", "D", "E", "F", "G", "H", "I", "J", "K", "L", "M", "N", "O", "P", "Q", "R", "S",
    "T", "U",
]);
const FORMS: Kind =
    Kind::Choice(&["ud", "pd", "cv", "pt", "firma", "koperasi", "kub", "yayasan", "other"]);

facts! {
    /// Whole months the business has run; at least those since its earliest record.
    MonthsInBusiness = "months_in_business", Kind::Number, Register, [Established], "lama usaha berjalan (bulan)";
    /// Size class of PP 7/2021 article 35.
    SizeClass = "size_class", SIZES, Register, [AnnualSales, Capital], "kelas usaha";
    /// What the size class rests on.
    SizeBasis = "size_basis", Kind::Choice(&["sales", "capital"]), Register, [AnnualSales, Capital], "dasar kelas usaha";
    /// Sales of the latest year told of, in rupiah.
    AnnualSales = "annual_sales", Kind::Number, Register, [AnnualSales], "omzet setahun (rupiah)";
    /// The year in which those sales were written down.
    AnnualSalesYear = "annual_sales_year", Kind::Number, Register, [AnnualSales], "tahun omzet";
    /// Those sales when they are recent enough (`recent_sales_years`), else unknown.
    RecentAnnualSales = "recent_annual_sales", Kind::Number, Register, [AnnualSales], "omzet setahun yang masih baru (rupiah)";
    /// Capital without land and building, in rupiah.
    Capital = "capital", Kind::Number, Register, [Capital], "modal (rupiah)";
    /// Workers.
    Workers = "workers", Kind::Number, Register, [Workers], "tenaga kerja";
    /// Borrowed capital that the owner declared to an agency, in rupiah.
    LoanCapital = "loan_capital", Kind::Number, Register, [Capital], "modal pinjaman yang dinyatakan (rupiah)";
    /// A valid NIK is on record; unknown when it is missing, destroyed or disputed.
    HasNik = "has_nik", Kind::Flag, Register, [Nik], "NIK pada KTP-el";
    /// Age of the owner in years, by the NIK, else by a birth date on record.
    Age = "age", Kind::Number, Register, [Nik], "umur pemilik";
    /// An NIB is on record.
    HasNib = "has_nib", Kind::Flag, Register, [Nib], "NIB";
    /// A letter of business is on record and not too old (`sku_valid_months`).
    HasSku = "has_sku", Kind::Flag, Register, [], "surat keterangan usaha (SKU)";
    /// An NPWP is on record.
    HasNpwp = "has_npwp", Kind::Flag, Register, [Npwp], "NPWP";
    /// A P-IRT number is on record.
    HasPirt = "has_pirt", Kind::Flag, Register, [Pirt], "P-IRT";
    /// A halal certificate is on record.
    HasHalal = "has_halal", Kind::Flag, Register, [Halal], "sertifikat halal";
    /// Legal form, as far as one is written.
    LegalForm = "legal_form", FORMS, Register, [LegalForm], "bentuk usaha";
    /// KBLI 2020 group, five digits.
    Kbli = "kbli", Kind::Code(CodeList::Kbli), Register, [Kbli], "KBLI";
    /// KBLI section, A to U.
    Sector = "sector", SECTIONS, Register, [Kbli], "sektor KBLI";
    /// Kecamatan, such as 36.73.01.
    Kecamatan = "kecamatan", Kind::Code(CodeList::Kecamatan), Register, [Kecamatan], "kecamatan";
    /// Kelurahan, such as 36.73.01.1001.
    Kelurahan = "kelurahan", Kind::Code(CodeList::Kelurahan), Register, [Kelurahan], "kelurahan";
    /// The newest record that tells of the state says that the business is closed.
    ReportedClosed = "reported_closed", Kind::Flag, Register, [], "tercatat sudah tutup";
    /// The year of the day of assessment.
    AsOfYear = "as_of_year", Kind::Number, Calendar, [], "tahun penilaian";
    /// The owner is or was married.
    Married = "married", Kind::Flag, Bank, [], "status perkawinan";
    /// SLIK shows no credit that stands against the programme.
    SlikClear = "slik_clear", Kind::Flag, Bank, [], "riwayat kredit di SLIK";
    /// The owner is a civil servant, soldier or policeman (ASN, TNI, Polri).
    CivilServant = "civil_servant", Kind::Flag, Bank, [], "status ASN, TNI atau Polri";
    /// Somebody on the family card has a running KUR.
    FamilyHasKur = "family_has_kur", Kind::Flag, Bank, [], "KUR berjalan dalam satu KK";
    /// The owner followed a training or mentoring that stands in for months in business.
    FollowedTraining = "followed_training", Kind::Flag, Bank, [], "pelatihan atau pendampingan";
    /// The owner is a member of a group or cluster that borrows together.
    GroupMember = "group_member", Kind::Flag, Bank, [], "keanggotaan kelompok";
    /// Takes part in BPJS Ketenagakerjaan.
    HasBpjs = "has_bpjs", Kind::Flag, Bank, [], "kepesertaan BPJS Ketenagakerjaan";
}

impl Fact {
    /// The fact called `name`.
    pub fn from_name(name: &str) -> Option<Fact> {
        Fact::ALL.iter().copied().find(|it| it.name() == name)
    }

    pub(crate) fn index(self) -> usize {
        self as usize
    }
}
