//! The stored form of a profile: `domain` types are not serialisable, so this is their counterpart.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use chrono::NaiveDate;
use domain::agency::AgencyCode;
use domain::amount::Rupiah;
use domain::date::PartialDate;
use domain::enterprise::{
    Attribute, Attributed, Claim, EnterpriseProfile, Provenance, Sales, Value,
};
use domain::id::{EnterpriseId, OwnerId, RecordId};
use domain::identifier::{Nib, Nik, Npwp, Phone, Reading};
use domain::kbli::Kbli;
use serde::de::{DeserializeSeed, Error as _, IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

use uuid::Uuid;

use crate::error::Error;

/// Which attributes of a profile are read; the others are as if nothing were known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wanted(u32);

impl Wanted {
    /// All of them.
    pub const ALL: Wanted = Wanted(u32::MAX);

    fn has(self, attribute: Attribute) -> bool {
        self.0 & (1 << attribute as u32) != 0
    }
}

impl FromIterator<Attribute> for Wanted {
    fn from_iter<T: IntoIterator<Item = Attribute>>(attributes: T) -> Wanted {
        Wanted(attributes.into_iter().fold(0, |all, it| all | 1 << it as u32))
    }
}

#[derive(Serialize)]
struct ProfileJson<'a> {
    owners: Vec<Uuid>,
    records: Vec<Uuid>,
    attributes: BTreeMap<&'a str, AttributedJson<'a>>,
}

/// What was read of a stored profile.
#[derive(Default)]
struct Read<'a> {
    owners: Vec<Uuid>,
    records: Vec<Uuid>,
    attributes: BTreeMap<Attribute, AttributedJson<'a>>,
}

/// Reads a profile with the attributes that are wanted.
struct Profile(Wanted);

impl<'de> DeserializeSeed<'de> for Profile {
    type Value = Read<'de>;

    fn deserialize<D: Deserializer<'de>>(self, input: D) -> Result<Self::Value, D::Error> {
        input.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Profile {
    type Value = Read<'de>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a profile")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut read = Read::default();
        while let Some(key) = map.next_key::<&str>()? {
            match key {
                "owners" => read.owners = map.next_value()?,
                "records" => read.records = map.next_value()?,
                "attributes" => read.attributes = map.next_value_seed(Attributes(self.0))?,
                _ => return Err(A::Error::custom("unknown part of a profile")),
            }
        }
        Ok(read)
    }
}

/// Reads the attributes that are wanted, and passes over the others without keeping anything of them.
struct Attributes(Wanted);

impl<'de> DeserializeSeed<'de> for Attributes {
    type Value = BTreeMap<Attribute, AttributedJson<'de>>;

    fn deserialize<D: Deserializer<'de>>(self, input: D) -> Result<Self::Value, D::Error> {
        input.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Attributes {
    type Value = BTreeMap<Attribute, AttributedJson<'de>>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("attributes by their codes")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut read = BTreeMap::new();
        while let Some(code) = map.next_key::<&str>()? {
            let attribute = Attribute::from_code(code);
            let attribute = attribute.ok_or_else(|| A::Error::custom("unknown attribute"))?;
            if self.0.has(attribute) {
                read.insert(attribute, map.next_value()?);
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(read)
    }
}

#[derive(Serialize, Deserialize)]
struct AttributedJson<'a> {
    #[serde(borrow)]
    chosen: ClaimJson<'a>,
    #[serde(borrow, default, skip_serializing_if = "Vec::is_empty")]
    alternatives: Vec<ClaimJson<'a>>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    disputed: bool,
}

#[derive(Serialize, Deserialize)]
struct ClaimJson<'a> {
    #[serde(borrow)]
    value: Cow<'a, str>,
    // Codes of agencies have nothing that JSON would escape.
    #[serde(borrow)]
    sources: Vec<(Uuid, &'a str, Option<NaiveDate>)>,
}

/// Writes a profile for the column `enterprise.profile`.
pub fn to_json(profile: &EnterpriseProfile) -> Result<String, Error> {
    let attributes = profile.attributes.iter().map(|(attribute, it)| {
        let written = AttributedJson {
            chosen: write_claim(&it.chosen),
            alternatives: it.alternatives.iter().map(write_claim).collect(),
            disputed: it.disputed,
        };
        (attribute.code(), written)
    });
    Ok(serde_json::to_string(&ProfileJson {
        owners: profile.owners.iter().map(|it| it.0).collect(),
        records: profile.records.iter().map(|it| it.0).collect(),
        attributes: attributes.collect(),
    })?)
}

/// Reads what is `wanted` of what [`to_json`] wrote. Fails as [`Error::Internal`] on anything else.
pub fn from_json(id: EnterpriseId, text: &str, wanted: Wanted) -> Result<EnterpriseProfile, Error> {
    let mut reader = serde_json::Deserializer::from_str(text);
    let stored = Profile(wanted).deserialize(&mut reader)?;
    reader.end()?;
    let mut attributes = BTreeMap::new();
    for (attribute, it) in stored.attributes {
        let alternatives: Result<Vec<Claim>, Error> =
            it.alternatives.into_iter().map(|claim| read_claim(attribute, claim)).collect();
        let attributed = Attributed {
            chosen: read_claim(attribute, it.chosen)?,
            alternatives: alternatives?,
            disputed: it.disputed,
        };
        attributes.insert(attribute, attributed);
    }
    Ok(EnterpriseProfile {
        id,
        owners: stored.owners.into_iter().map(OwnerId).collect(),
        attributes,
        records: stored.records.into_iter().map(RecordId).collect(),
    })
}

fn write_claim(claim: &Claim) -> ClaimJson<'_> {
    ClaimJson {
        value: write_value(&claim.value).into(),
        sources: claim
            .sources
            .iter()
            .map(|it| (it.record.0, it.agency.as_str(), it.recorded_on))
            .collect(),
    }
}

fn read_claim(attribute: Attribute, claim: ClaimJson<'_>) -> Result<Claim, Error> {
    let sources: Result<Vec<Provenance>, Error> = claim
        .sources
        .into_iter()
        .map(|(record, agency, recorded_on)| {
            let agency = AgencyCode::parse(agency).map_err(Error::internal)?;
            Ok(Provenance { record: RecordId(record), agency, recorded_on })
        })
        .collect();
    let value = read_value(attribute, &claim.value)
        .ok_or_else(|| Error::internal(format!("stored {} is unreadable", attribute.code())))?;
    Ok(Claim { value, sources: sources? })
}

/// The text of a value in stored profiles and exports.
pub fn write_value(value: &Value) -> String {
    match value {
        Value::Text(it) => it.clone(),
        Value::Nik(it) => it.reveal().to_owned(),
        Value::Nib(it) => it.reveal().to_owned(),
        Value::Npwp(it) => it.reveal().to_owned(),
        Value::Phone(it) => it.reveal().to_owned(),
        Value::Kbli(it) => it.to_string(),
        Value::Kelurahan(it) => it.to_string(),
        Value::Kecamatan(it) => it.to_string(),
        Value::Date(it) => it.to_string(),
        Value::Rupiah(it) => it.0.to_string(),
        Value::Sales(it) if it.from_month => format!("12x{}", it.annual.0 / 12),
        Value::Sales(it) => it.annual.0.to_string(),
        Value::Count(it) => it.to_string(),
    }
}

/// Reads what [`write_value`] wrote, and the usual ways of writing a value of `attribute`.
pub fn read_value(attribute: Attribute, text: &str) -> Option<Value> {
    let whole = |digits: &str| digits.parse().ok().map(Rupiah);
    match attribute {
        Attribute::BusinessName
        | Attribute::Trade
        | Attribute::LegalForm
        | Attribute::OwnerName
        | Attribute::Email
        | Attribute::Street
        | Attribute::RtRw
        | Attribute::Pirt
        | Attribute::Halal => Some(Value::Text(text.to_owned())),
        Attribute::Kbli => Kbli::parse(text).ok().map(Value::Kbli),
        Attribute::Nib => read(Nib::read(text)).map(Value::Nib),
        Attribute::Nik => read(Nik::read(text)).map(Value::Nik),
        Attribute::Npwp => read(Npwp::read(text)).map(Value::Npwp),
        Attribute::Phone => Phone::read_all(text).0.into_iter().next().map(Value::Phone),
        Attribute::Kelurahan => text.parse().ok().map(Value::Kelurahan),
        Attribute::Kecamatan => text.parse().ok().map(Value::Kecamatan),
        Attribute::Established => read(PartialDate::read(text)).map(Value::Date),
        Attribute::Capital => whole(text).map(Value::Rupiah),
        Attribute::AnnualSales => Some(Value::Sales(match text.strip_prefix("12x") {
            Some(month) => Sales { annual: Rupiah(whole(month)?.0 * 12), from_month: true },
            None => Sales { annual: whole(text)?, from_month: false },
        })),
        Attribute::Workers => text.parse().ok().map(Value::Count),
    }
}

fn read<T>(reading: Reading<T>) -> Option<T> {
    match reading {
        Reading::Whole(value) => Some(value),
        _ => None,
    }
}
