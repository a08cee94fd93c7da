//! Attributes of an enterprise: a value, how much of it is shown, and where it comes from.

use async_graphql::{Enum, ID, OutputType, SimpleObject};
use domain::enterprise::{self, Value};
use domain::view::{AttributeView, ClaimView, Disclosure};
use domain::visibility::{self, Reason};

use crate::graphql::object::place::{Kbli, Kecamatan, Kelurahan};
use crate::graphql::scalar::{Date, PartialDate, Rupiah};

/// How much of a value is shown to you.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum Access {
    /// The value as it is.
    Whole,
    /// Enough of it to recognise one you already have, such as `36**********0001`.
    Masked,
    /// It is withheld; `reason` says why. To a lender without consent this is told whether the register knows it
    /// or not.
    Hidden,
    /// No agency has written it, in a row that you may hear of.
    Unknown,
}

/// Why a value is not shown to you whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "Reason")]
pub enum WithheldReason {
    /// Your role does not see it, whoever wrote it and whatever for.
    Role,
    /// The person had its use restricted (UU 27/2022 art. 11 and 41).
    Restricted,
    /// The person has not agreed that your institution sees it (UU 27/2022 art. 20 and 22).
    Consent,
    /// Another agency wrote it.
    OtherAgency,
    /// It is of another person of the enterprise.
    OtherPerson,
    /// It is not needed for the purpose you state (UU 27/2022 art. 27 and 28).
    Purpose,
}

/// How much is shown, and why no more, as the API says it.
pub(crate) fn told(ruling: visibility::Ruling) -> (Access, Option<WithheldReason>) {
    let access = match ruling.access {
        visibility::Access::Whole => Access::Whole,
        visibility::Access::Masked => Access::Masked,
        visibility::Access::Hidden => Access::Hidden,
    };
    (access, ruling.reason.map(WithheldReason::from))
}

/// Who says so: one row of one agency's list.
#[derive(Debug, Clone, SimpleObject)]
pub struct Provenance {
    /// The row, as `sourceRecords` lists it. Example: `rec_...`.
    pub record_id: ID,
    /// The code of the agency that wrote it. Example: `kominfo`.
    pub agency: String,
    /// When the agency wrote it, where the row says so. Example: 2025-09-30.
    pub recorded_on: Option<Date>,
}

/// What other records say instead.
#[derive(Debug, Clone, SimpleObject)]
#[graphql(concrete(name = "TextClaim", params(String)))]
#[graphql(concrete(name = "KbliClaim", params(Kbli)))]
#[graphql(concrete(name = "KelurahanClaim", params(Kelurahan)))]
#[graphql(concrete(name = "KecamatanClaim", params(Kecamatan)))]
#[graphql(concrete(name = "DateClaim", params(PartialDate)))]
#[graphql(concrete(name = "RupiahClaim", params(Rupiah)))]
#[graphql(concrete(name = "SalesClaim", params(Sales)))]
#[graphql(concrete(name = "CountClaim", params(i32)))]
pub struct ClaimOf<T: OutputType> {
    /// The value, masked where `access` says so.
    pub value: Option<T>,
    /// How much of it you see.
    pub access: Access,
    /// Why no more; null when all of it is shown.
    pub reason: Option<WithheldReason>,
    /// Who says so, the most trusted first.
    pub provenance: Vec<Provenance>,
}

/// An attribute: the value the hub stands by, chosen from what the agencies' records say.
#[derive(Debug, Clone, SimpleObject)]
#[graphql(concrete(name = "TextAttribute", params(String)))]
#[graphql(concrete(name = "KbliAttribute", params(Kbli)))]
#[graphql(concrete(name = "KelurahanAttribute", params(Kelurahan)))]
#[graphql(concrete(name = "KecamatanAttribute", params(Kecamatan)))]
#[graphql(concrete(name = "DateAttribute", params(PartialDate)))]
#[graphql(concrete(name = "RupiahAttribute", params(Rupiah)))]
#[graphql(concrete(name = "SalesAttribute", params(Sales)))]
#[graphql(concrete(name = "CountAttribute", params(i32)))]
pub struct AttributeOf<T: OutputType>
where
    ClaimOf<T>: OutputType,
{
    /// The value, masked where `access` says so; null when it is hidden or unknown.
    pub value: Option<T>,
    /// How much of it you see, or that nothing is known.
    pub access: Access,
    /// Why no more; null when all of it is shown or nothing is known.
    pub reason: Option<WithheldReason>,
    /// Who says so, the most trusted first; empty when the value is hidden.
    pub provenance: Vec<Provenance>,
    /// What other records say instead, the most trusted first, without what you may not see.
    pub alternatives: Vec<ClaimOf<T>>,
    /// An alternative contradicts the value rather than writing it another way.
    pub disputed: bool,
}

/// Sales of a year.
#[derive(Debug, Clone, Copy, SimpleObject)]
pub struct Sales {
    /// Rupiah a year. Example: 120000000.
    pub annual: Rupiah,
    /// The agency wrote the sales of a month; the figure is twelve times those.
    pub from_month: bool,
}

/// What a stored value is in the API.
pub trait FromValue: OutputType + Sized {
    /// The value, when it is of this kind.
    fn from_value(value: &Value) -> Option<Self>;

    /// Only a text can be masked.
    fn from_mask(_: &str) -> Option<Self> {
        None
    }
}

impl FromValue for String {
    fn from_value(value: &Value) -> Option<String> {
        match value {
            Value::Text(it) => Some(it.clone()),
            Value::Nik(it) => Some(it.reveal().to_owned()),
            Value::Nib(it) => Some(it.reveal().to_owned()),
            Value::Npwp(it) => Some(it.reveal().to_owned()),
            Value::Phone(it) => Some(it.reveal().to_owned()),
            _ => None,
        }
    }

    fn from_mask(text: &str) -> Option<String> {
        Some(text.to_owned())
    }
}

macro_rules! from_value {
    ($type:ty, $pattern:pat => $made:expr) => {
        impl FromValue for $type {
            fn from_value(value: &Value) -> Option<$type> {
                match value {
                    $pattern => Some($made),
                    _ => None,
                }
            }
        }
    };
}

from_value!(Kbli, Value::Kbli(it) => Kbli(*it));
from_value!(Kelurahan, Value::Kelurahan(it) => Kelurahan(*it));
from_value!(Kecamatan, Value::Kecamatan(it) => Kecamatan(*it));
from_value!(PartialDate, Value::Date(it) => PartialDate(it.to_string()));
from_value!(Rupiah, Value::Rupiah(it) => Rupiah(it.0));
from_value!(Sales, Value::Sales(it) => Sales {
    annual: Rupiah(it.annual.0),
    from_month: it.from_month,
});
from_value!(i32, Value::Count(it) => i32::try_from(*it).unwrap_or(i32::MAX));

impl<T: FromValue> AttributeOf<T>
where
    ClaimOf<T>: OutputType,
{
    /// The attribute as shown; `None` stands for one no record speaks of.
    pub(crate) fn of(view: Option<&AttributeView>) -> AttributeOf<T> {
        let Some(view) = view else {
            return AttributeOf {
                value: None,
                access: Access::Unknown,
                reason: None,
                provenance: vec![],
                alternatives: vec![],
                disputed: false,
            };
        };
        let ClaimOf { value, access, reason, provenance } = claim(&view.chosen);
        let alternatives = view.alternatives.iter().map(claim).collect();
        AttributeOf { value, access, reason, provenance, alternatives, disputed: view.disputed }
    }
}

fn claim<T: FromValue>(view: &ClaimView) -> ClaimOf<T> {
    let value = match &view.shown {
        Disclosure::Whole(value) => T::from_value(value),
        Disclosure::Masked(text, _) => T::from_mask(text),
        Disclosure::Hidden(_) => None,
    };
    let (access, reason) = told(view.shown.ruling());
    ClaimOf { value, access, reason, provenance: view.sources.iter().map(provenance).collect() }
}

fn provenance(source: &enterprise::Provenance) -> Provenance {
    Provenance {
        record_id: ID(source.record.to_string()),
        agency: source.agency.to_string(),
        recorded_on: source.recorded_on.map(Date),
    }
}
