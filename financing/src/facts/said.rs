//! What profile and records say, as of a day.

use chrono::NaiveDate;
use domain::enterprise::{Attribute, Claim, Value};
use domain::identifier::Reading as Read;
use domain::record::{Field, SourceRecord};

use super::{Confidence, Evidence, Gap, Known, Said, Sources};
use crate::value::Possible;

/// One attribute of a profile without what was written after the day.
pub(super) struct Claims<'a> {
    /// The claims, the one the hub stands by first.
    pub(super) all: Vec<&'a Claim>,
    /// They contradict each other.
    pub(super) disputed: bool,
}

impl<'a> Sources<'a> {
    pub(super) fn claims(&self, attribute: Attribute, on: NaiveDate) -> Claims<'a> {
        let Some(attributed) = self.profile.attributes.get(&attribute) else {
            return Claims { all: Vec::new(), disputed: false };
        };
        let written = |it: &Claim| {
            it.sources.is_empty()
                || it.sources.iter().any(|it| it.recorded_on.is_none_or(|it| it <= on))
        };
        let all = std::iter::once(&attributed.chosen).chain(&attributed.alternatives);
        let all: Vec<&Claim> = all.filter(|it| written(it)).collect();
        Claims { disputed: attributed.disputed && 1 < all.len(), all }
    }

    /// The evidence of a claim: one entry for each record that says so on that day.
    pub(super) fn evidence(&self, claim: &Claim, said: &Said, on: NaiveDate) -> Vec<Evidence> {
        if claim.sources.is_empty() {
            let link = Confidence::Steward;
            let said = said.clone();
            return vec![Evidence { said, record: None, agency: None, recorded_on: None, link }];
        }
        let written = claim.sources.iter().filter(|it| it.recorded_on.is_none_or(|it| it <= on));
        written
            .map(|it| Evidence {
                said: said.clone(),
                record: Some(it.record),
                agency: Some(it.agency.clone()),
                recorded_on: it.recorded_on,
                link: self.link(it.record),
            })
            .collect()
    }

    pub(super) fn evidence_of(&self, record: &SourceRecord, said: Said) -> Evidence {
        Evidence {
            said,
            record: Some(record.id),
            agency: Some(record.agency.clone()),
            recorded_on: record.recorded_on,
            link: self.link(record.id),
        }
    }

    fn link(&self, record: domain::id::RecordId) -> Confidence {
        if self.profile.records.len() == 1 {
            return Confidence::OnlyRecord;
        }
        self.links.get(&record).copied().unwrap_or(Confidence::Unmeasured)
    }

    /// The records written by that day, the newest first; those without a date last.
    pub(super) fn records_on(&self, on: NaiveDate) -> Vec<&'a SourceRecord> {
        let written = |it: &&SourceRecord| it.recorded_on.is_none_or(|it| it <= on);
        let mut records: Vec<&SourceRecord> = self.records.iter().filter(written).collect();
        records.sort_by_key(|it| (std::cmp::Reverse(it.recorded_on), it.id));
        records
    }

    /// Records whose text of `field` reads neither whole nor as missing.
    pub(super) fn unreadable<T>(
        &self,
        field: Field,
        on: NaiveDate,
        read: impl Fn(&str) -> Read<T>,
    ) -> Vec<Evidence> {
        let broken = |it: &&SourceRecord| {
            it.fields
                .get(field)
                .is_some_and(|text| matches!(read(text), Read::Damaged { .. } | Read::Invalid(_)))
        };
        let broken = self.records_on(on).into_iter().filter(broken);
        broken.map(|it| self.evidence_of(it, Said::Unreadable)).collect()
    }

    /// Whether a number is on record: met, not met, or unknown when it is destroyed or disputed. `missing` is the
    /// answer when no record has it.
    pub(super) fn on_record<T>(
        &self,
        attribute: Attribute,
        field: Field,
        on: NaiveDate,
        read: impl Fn(&str) -> Read<T>,
        missing: Possible,
    ) -> Known {
        let claims = self.claims(attribute, on);
        let mut evidence: Vec<Evidence> =
            claims.all.iter().flat_map(|it| self.evidence(it, &Said::Present, on)).collect();
        if claims.disputed {
            return Known {
                possible: Possible::ANY,
                gap: Some(Gap::Conflicting),
                evidence: evidence.into(),
            };
        }
        if !claims.all.is_empty() {
            return Known { possible: Possible::only(1), gap: None, evidence: evidence.into() };
        }
        evidence.extend(self.unreadable(field, on, read));
        if evidence.is_empty() {
            return Known {
                possible: missing,
                gap: Some(Gap::NotRecorded),
                evidence: evidence.into(),
            };
        }
        Known { possible: Possible::ANY, gap: Some(Gap::Destroyed), evidence: evidence.into() }
    }
}

/// The amount a value is.
pub(super) fn amount(value: &Value) -> Option<i64> {
    match value {
        Value::Rupiah(it) => Some(it.0),
        Value::Sales(it) => Some(it.annual.0),
        Value::Count(it) => Some(i64::from(*it)),
        _ => None,
    }
}
