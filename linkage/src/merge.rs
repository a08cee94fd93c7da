//! Merging: the records of one enterprise -> its profile.
//!
//! For each attribute the records' values are gathered into claims, and one claim survives by the
//! attribute's rule: trust of the sender in that matter, agreement, recency. The others stay as
//! alternatives. The order of the records does not matter.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use domain::agency::{Agency, AgencyKind};
use domain::enterprise::{Attribute, Attributed, Claim, EnterpriseProfile, Provenance, Value};
use domain::id::{EnterpriseId, OwnerId};

use crate::normalise::NormalisedRecord;
use crate::text::words;

mod dispute;
mod values;

/// What decides first between claims.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rule {
    /// The sender who should know best, then agreement, then recency.
    Trust,
    /// The newest, then agreement, then trust: what changes with time.
    Recency,
    /// What most agencies say, then trust, then recency.
    Agreement,
}

fn rule(attribute: Attribute) -> Rule {
    match attribute {
        Attribute::Nib
        | Attribute::Npwp
        | Attribute::Nik
        | Attribute::Kbli
        | Attribute::LegalForm
        | Attribute::Pirt
        | Attribute::Halal
        | Attribute::Kelurahan
        | Attribute::Kecamatan
        | Attribute::RtRw => Rule::Trust,
        Attribute::Phone
        | Attribute::Email
        | Attribute::AnnualSales
        | Attribute::Capital
        | Attribute::Workers => Rule::Recency,
        Attribute::BusinessName
        | Attribute::OwnerName
        | Attribute::Trade
        | Attribute::Street
        | Attribute::Established => Rule::Agreement,
    }
}

/// How far a sender is to be believed in a matter, 0 to 2: a sub-district office knows persons and places, a
/// city office licences and trades, an association how to reach its members.
fn trust(kind: AgencyKind, attribute: Attribute) -> u8 {
    match attribute {
        Attribute::Nik
        | Attribute::OwnerName
        | Attribute::Street
        | Attribute::RtRw
        | Attribute::Kelurahan
        | Attribute::Kecamatan => match kind {
            AgencyKind::Kecamatan => 2,
            AgencyKind::Office => 1,
            AgencyKind::Association => 0,
        },
        Attribute::Phone | Attribute::Email => match kind {
            AgencyKind::Association => 2,
            AgencyKind::Office => 1,
            AgencyKind::Kecamatan => 0,
        },
        _ => match kind {
            AgencyKind::Office => 2,
            AgencyKind::Kecamatan => 1,
            AgencyKind::Association => 0,
        },
    }
}

/// One record's word on an attribute.
struct Said<'a> {
    value: Value,
    record: &'a NormalisedRecord,
    trust: u8,
}

impl Said<'_> {
    /// The most trusted and newest first.
    fn before(&self, other: &Said) -> Ordering {
        let by_trust = other.trust.cmp(&self.trust);
        let by_date = other.record.recorded_on.cmp(&self.record.recorded_on);
        by_trust.then(by_date).then(self.record.id.cmp(&other.record.id))
    }
}

/// What speaks for a claim.
struct Support {
    trust: u8,
    agencies: usize,
    records: usize,
    newest: Option<NaiveDate>,
}

/// Merges the records of one enterprise into its profile. `owners` are the persons its records name.
pub fn merge(
    id: EnterpriseId,
    owners: Vec<OwnerId>,
    records: &[(&NormalisedRecord, &Agency)],
) -> EnterpriseProfile {
    let mut attributes = BTreeMap::new();
    for &attribute in Attribute::ALL {
        let said = records.iter().flat_map(|(record, agency)| {
            let trust = trust(agency.kind, attribute);
            let values = values::of(record, attribute).into_iter();
            values.map(move |value| Said { value, record, trust })
        });
        if let Some(attributed) = attributed(attribute, said.collect()) {
            attributes.insert(attribute, attributed);
        }
    }
    let ids: BTreeSet<_> = records.iter().map(|it| it.0.id).collect();
    EnterpriseProfile { id, owners, attributes, records: ids.into_iter().collect() }
}

fn attributed(attribute: Attribute, said: Vec<Said>) -> Option<Attributed> {
    let mut groups: BTreeMap<Value, Vec<Said>> = BTreeMap::new();
    for one in said {
        groups.entry(sameness(&one.value)).or_default().push(one);
    }
    let mut claims: Vec<(Support, Claim)> = groups.into_values().filter_map(claim).collect();
    claims.sort_by(|(a, x), (b, y)| {
        let trust = b.trust.cmp(&a.trust);
        let agreement = b.agencies.cmp(&a.agencies).then(b.records.cmp(&a.records));
        let newest = b.newest.cmp(&a.newest);
        let order = match rule(attribute) {
            Rule::Trust => trust.then(agreement).then(newest),
            Rule::Recency => newest.then(agreement).then(trust),
            Rule::Agreement => agreement.then(trust).then(newest),
        };
        order.then_with(|| x.value.cmp(&y.value))
    });
    let mut claims = claims.into_iter().map(|it| it.1);
    let chosen = claims.next()?;
    let alternatives: Vec<Claim> = claims.collect();
    let disputed =
        alternatives.iter().any(|it| dispute::contradicts(attribute, &chosen.value, &it.value));
    Some(Attributed { chosen, alternatives, disputed })
}

/// Values that are one but for capitals and punctuation have one sameness.
fn sameness(value: &Value) -> Value {
    match value {
        Value::Text(text) => Value::Text(words(text).join(" ")),
        other => other.clone(),
    }
}

fn claim(mut said: Vec<Said>) -> Option<(Support, Claim)> {
    said.sort_by(|a, b| a.before(b).then_with(|| a.value.cmp(&b.value)));
    let agencies: BTreeSet<_> = said.iter().map(|it| &it.record.agency).collect();
    let support = Support {
        trust: said.iter().map(|it| it.trust).max().unwrap_or(0),
        agencies: agencies.len(),
        records: said.len(),
        newest: said.iter().filter_map(|it| it.record.recorded_on).max(),
    };
    let sources = said.iter().map(|it| Provenance {
        record: it.record.id,
        agency: it.record.agency.clone(),
        recorded_on: it.record.recorded_on,
    });
    let claim = Claim { value: said.first()?.value.clone(), sources: sources.collect() };
    Some((support, claim))
}
