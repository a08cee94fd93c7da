//! The enterprise profile: for each attribute the value the hub stands by, who says so, and what
//! others say instead.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use enumset::EnumSetType;

use crate::agency::AgencyCode;
use crate::amount::Rupiah;
use crate::date::PartialDate;
use crate::id::{EnterpriseId, OwnerId, RecordId};
use crate::identifier::{Nib, Nik, Npwp, Phone};
use crate::kbli::Kbli;
use crate::place::{KecamatanCode, KelurahanCode};

macro_rules! attributes {
    ($($(#[$doc:meta])* $name:ident = $code:literal),+ $(,)?) => {
        /// What a profile says about an enterprise.
        #[derive(Debug, Hash, PartialOrd, Ord, EnumSetType)]
        pub enum Attribute { $($(#[$doc])* $name),+ }

        impl Attribute {
            /// Every attribute, in the order a profile is read.
            pub const ALL: &'static [Attribute] = &[$(Attribute::$name),+];

            /// The name of the attribute in stored profiles and in the visibility matrix.
            pub fn code(self) -> &'static str {
                match self { $(Attribute::$name => $code),+ }
            }

            /// The attribute with this code.
            pub fn from_code(code: &str) -> Option<Attribute> {
                Attribute::ALL.iter().copied().find(|it| it.code() == code)
            }
        }
    };
}

attributes! {
    /// The name or brand of the business; [`Value::Text`].
    BusinessName = "business_name",
    /// What it does, in the agencies' words; [`Value::Text`].
    Trade = "trade",
    /// The KBLI 2020 code; [`Value::Kbli`].
    Kbli = "kbli",
    /// The legal form: CV, PT, UD, ...; [`Value::Text`].
    LegalForm = "legal_form",
    /// The NIB; [`Value::Nib`].
    Nib = "nib",
    /// The owner's name; [`Value::Text`].
    OwnerName = "owner_name",
    /// The owner's NIK; [`Value::Nik`].
    Nik = "nik",
    /// The NPWP; [`Value::Npwp`].
    Npwp = "npwp",
    /// The telephone number; [`Value::Phone`].
    Phone = "phone",
    /// The e-mail address; [`Value::Text`].
    Email = "email",
    /// Street and number; [`Value::Text`].
    Street = "street",
    /// RT and RW as `001/002`; [`Value::Text`].
    RtRw = "rt_rw",
    /// The kelurahan; [`Value::Kelurahan`].
    Kelurahan = "kelurahan",
    /// The kecamatan; [`Value::Kecamatan`].
    Kecamatan = "kecamatan",
    /// When the business began; [`Value::Date`].
    Established = "established",
    /// Sales of a year; [`Value::Sales`].
    AnnualSales = "annual_sales",
    /// Capital without land and building; [`Value::Rupiah`].
    Capital = "capital",
    /// Workers, the owner included where the agency counts so; [`Value::Count`].
    Workers = "workers",
    /// A P-IRT number; [`Value::Text`].
    Pirt = "pirt",
    /// A halal certificate number; [`Value::Text`].
    Halal = "halal",
}

/// Sales of a year and how the figure came about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Sales {
    /// Rupiah a year.
    pub annual: Rupiah,
    /// The agency wrote a month's sales, taken times twelve.
    pub from_month: bool,
}

/// The value of an attribute, in the one form the hub writes it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Value {
    /// A name, a street, or another text.
    Text(String),
    /// A NIK.
    Nik(Nik),
    /// An NIB.
    Nib(Nib),
    /// An NPWP.
    Npwp(Npwp),
    /// A telephone number.
    Phone(Phone),
    /// A KBLI 2020 code.
    Kbli(Kbli),
    /// A kelurahan.
    Kelurahan(KelurahanCode),
    /// A kecamatan.
    Kecamatan(KecamatanCode),
    /// A year, a month or a day.
    Date(PartialDate),
    /// An amount.
    Rupiah(Rupiah),
    /// Sales of a year.
    Sales(Sales),
    /// A count.
    Count(u32),
}

/// Where a value comes from.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Provenance {
    /// The record that says so.
    pub record: RecordId,
    /// The agency that wrote the record.
    pub agency: AgencyCode,
    /// When the agency wrote it, if known.
    pub recorded_on: Option<NaiveDate>,
}

/// A value and every record that says so, the most trusted first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// What is said.
    pub value: Value,
    /// By whom; empty when a steward set the value and no record says so.
    pub sources: Vec<Provenance>,
}

/// One attribute of a profile after survivorship.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attributed {
    /// The value the hub stands by.
    pub chosen: Claim,
    /// What other records say instead, the most trusted first.
    pub alternatives: Vec<Claim>,
    /// An alternative contradicts the chosen value rather than writing it another way.
    pub disputed: bool,
}

/// One enterprise: the merge of its source records.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnterpriseProfile {
    /// Its id, for ever.
    pub id: EnterpriseId,
    /// The persons named as owners, the one most records name first.
    pub owners: Vec<OwnerId>,
    /// What is known; an attribute no record speaks of is absent.
    pub attributes: BTreeMap<Attribute, Attributed>,
    /// The records it is made of, in the order of their ids.
    pub records: Vec<RecordId>,
}

impl EnterpriseProfile {
    /// The chosen value of `attribute`.
    pub fn value(&self, attribute: Attribute) -> Option<&Value> {
        self.attributes.get(&attribute).map(|it| &it.chosen.value)
    }
}

/// The size classes of PP 7/2021, article 35.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum SizeClass {
    /// Sales to Rp2 billion a year, or capital to Rp1 billion.
    Micro,
    /// Sales above Rp2 to 15 billion, or capital above Rp1 to 5 billion.
    Small,
    /// Sales above Rp15 to 50 billion, or capital above Rp5 to 10 billion.
    Medium,
    /// Above all of these: no longer an MSME.
    Large,
}

impl SizeClass {
    /// Its name in files: `micro`, `small`, `medium` or `large`.
    pub fn code(self) -> &'static str {
        match self {
            SizeClass::Micro => "micro",
            SizeClass::Small => "small",
            SizeClass::Medium => "medium",
            SizeClass::Large => "large",
        }
    }
}

/// Which figure a size class rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SizeBasis {
    /// Annual sales.
    Sales,
    /// Capital without land and building.
    Capital,
}

const BILLION: i64 = 1_000_000_000;

impl SizeClass {
    /// The class by annual sales when they are known, else by capital (PP 7/2021 art. 35), and which
    /// of the two it rests on. `None` when neither is known.
    pub fn of(sales: Option<Rupiah>, capital: Option<Rupiah>) -> Option<(SizeClass, SizeBasis)> {
        match (sales, capital) {
            (Some(sales), _) => Some((SizeClass::within(sales, [2, 15, 50]), SizeBasis::Sales)),
            (None, Some(capital)) => {
                Some((SizeClass::within(capital, [1, 5, 10]), SizeBasis::Capital))
            }
            (None, None) => None,
        }
    }

    fn within(amount: Rupiah, billions: [i64; 3]) -> SizeClass {
        match billions.map(|it| amount.0 <= it * BILLION) {
            [true, ..] => SizeClass::Micro,
            [_, true, _] => SizeClass::Small,
            [_, _, true] => SizeClass::Medium,
            _ => SizeClass::Large,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sales_decide_the_class_and_capital_only_in_their_absence() {
        let billions = |it: i64| Some(Rupiah(it * BILLION));
        let check = |sales, capital, expected| assert_eq!(SizeClass::of(sales, capital), expected);
        check(billions(2), billions(9), Some((SizeClass::Micro, SizeBasis::Sales)));
        check(Some(Rupiah(2 * BILLION + 1)), None, Some((SizeClass::Small, SizeBasis::Sales)));
        check(billions(50), None, Some((SizeClass::Medium, SizeBasis::Sales)));
        check(billions(51), None, Some((SizeClass::Large, SizeBasis::Sales)));
        check(None, billions(1), Some((SizeClass::Micro, SizeBasis::Capital)));
        check(None, billions(6), Some((SizeClass::Medium, SizeBasis::Capital)));
        check(None, None, None);
    }
}
