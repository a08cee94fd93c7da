//! What a run changes in the register: ids, members, profiles, pairs and history, compared with what the
//! run before left.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use domain::agency::{Agency, AgencyCode};
use domain::enterprise::{Attribute, EnterpriseProfile, SizeBasis, SizeClass, Value};
use domain::id::{EnterpriseId, OwnerId, RecordId};
use entity::link_pair;
use linkage::identity::{assign, heirs};
use linkage::link::{Linkage, ReviewPair};
use linkage::merge::merge;
use linkage::normalise::NormalisedRecord;
use rayon::prelude::*;

use super::Corpus;
use crate::clock;
use crate::error::Error;
use crate::store::linking::{EnterpriseRow, Member, RunChanges};
use crate::store::{Store, profile_json, search_words};

/// The most pairs that wait for a person at once: more than a city's stewards settle in a year.
pub const REVIEW_QUEUE: usize = 20_000;

/// Works out what changes. `restored` names ids that records get back when a decision is taken back.
pub async fn plan(
    store: &Store,
    corpus: &Corpus,
    linkage: &Linkage,
    restored: &HashMap<RecordId, EnterpriseId>,
) -> Result<RunChanges, Error> {
    let retired = store.retired().await?;
    let enterprises = enterprise_ids(corpus, linkage, restored, &retired);
    let owners = owner_ids(corpus, linkage);
    let before = corpus.members.iter().map(|(record, it)| (*record, it.enterprise)).collect();
    let retirements = heirs(&linkage.enterprises, &enterprises, &before);
    let members = new_members(corpus, linkage, &enterprises, &owners);
    let mut changes = RunChanges {
        redirects: retirements,
        restored: enterprises.iter().copied().filter(|it| retired.contains_key(it)).collect(),
        ..RunChanges::default()
    };
    member_changes(corpus, &members, &mut changes);
    pair_changes(corpus, linkage, &members, &mut changes);

    let touched: HashSet<RecordId> =
        changes.members.iter().map(|it| it.0).chain(changes.gone_members.iter().copied()).collect();
    let by_id: HashMap<RecordId, (&NormalisedRecord, &Agency)> = corpus
        .normalised
        .iter()
        .filter_map(|it| Some((it.id, (it, corpus.agencies.get(&it.agency)?))))
        .collect();
    let work = Work { touched: &touched, before: &corpus.members, now: &members, by_id: &by_id };

    let profiles = work.profiles(linkage, &enterprises);
    changes.gone_enterprises = work.gone(&enterprises, |it| Some(it.enterprise));
    changes.gone_owners = work.gone(&owners, |it| it.owner);
    changes.owners = work.owners(linkage, &owners)?;
    let ids: Vec<EnterpriseId> = profiles.iter().map(|it| it.id).collect();
    let stored = store.stored_profiles(&ids).await?;
    let now = clock::now();
    for profile in profiles {
        let json = profile_json::to_json(&profile)?;
        let before = stored.get(&profile.id);
        let same = before.filter(|it| it.0 == json);
        let kind = match before {
            None if retired.contains_key(&profile.id) => Some("restored"),
            None => Some("created"),
            Some(_) if same.is_none() => Some("changed"),
            Some(_) => None,
        };
        changes.events.extend(kind.map(|it| (profile.id, it, None)));
        changes.enterprises.push(row(&profile, json, same.map_or(now, |it| it.1), &by_id));
    }
    for (retired, heir) in &changes.redirects {
        changes.events.push((*retired, "retired", Some(*heir)));
        changes.events.push((*heir, "merged", Some(*retired)));
    }
    changes.events.extend(work.splits(linkage, &enterprises));
    Ok(changes)
}

fn enterprise_ids(
    corpus: &Corpus,
    linkage: &Linkage,
    restored: &HashMap<RecordId, EnterpriseId>,
    retired: &HashMap<EnterpriseId, EnterpriseId>,
) -> Vec<EnterpriseId> {
    let mut previous: HashMap<RecordId, EnterpriseId> =
        corpus.members.iter().map(|(record, it)| (*record, it.enterprise)).collect();
    let used: HashSet<EnterpriseId> =
        previous.values().copied().chain(retired.keys().copied()).collect();
    previous.extend(restored);
    let mint = &EnterpriseId::minted_from;
    assign(&linkage.enterprises, &previous, mint, &|it| used.contains(&it))
}

fn owner_ids(corpus: &Corpus, linkage: &Linkage) -> Vec<OwnerId> {
    let previous: HashMap<RecordId, OwnerId> =
        corpus.members.iter().filter_map(|(record, it)| Some((*record, it.owner?))).collect();
    let used: HashSet<OwnerId> = previous.values().copied().collect();
    assign(&linkage.owners, &previous, &OwnerId::minted_from, &|it| used.contains(&it))
}

fn new_members(
    corpus: &Corpus,
    linkage: &Linkage,
    enterprises: &[EnterpriseId],
    owners: &[OwnerId],
) -> HashMap<RecordId, Member> {
    let mut owner_of: HashMap<RecordId, OwnerId> = HashMap::new();
    for (records, owner) in linkage.owners.iter().zip(owners) {
        owner_of.extend(records.iter().map(|it| (*it, *owner)));
    }
    let versions: HashMap<RecordId, i64> =
        corpus.current.iter().map(|it| (it.record.id, it.version)).collect();
    let mut members = HashMap::with_capacity(versions.len());
    for (records, &enterprise) in linkage.enterprises.iter().zip(enterprises) {
        for record in records {
            let version = versions.get(record).copied().unwrap_or_default();
            let owner = owner_of.get(record).copied();
            members.insert(*record, Member { enterprise, owner, version });
        }
    }
    members
}

fn member_changes(corpus: &Corpus, members: &HashMap<RecordId, Member>, changes: &mut RunChanges) {
    for it in &corpus.current {
        let (id, agency) = (it.record.id, &it.record.agency);
        if let Some(member) = members.get(&id)
            && corpus.members.get(&id) != Some(member)
        {
            changes.members.push((id, *member, agency.clone()));
        }
    }
    changes.gone_members =
        corpus.members.keys().filter(|it| !members.contains_key(it)).copied().collect();
    changes.gone_members.sort();
}

fn pair_changes(
    corpus: &Corpus,
    linkage: &Linkage,
    members: &HashMap<RecordId, Member>,
    changes: &mut RunChanges,
) {
    let queue: Vec<&ReviewPair> = linkage.review.iter().take(REVIEW_QUEUE).collect();
    let mut review: HashMap<(RecordId, RecordId), &ReviewPair> =
        queue.iter().map(|it| ((it.a, it.b), *it)).collect();
    let mut rows = Vec::with_capacity(linkage.pairs.len());
    for pair in &linkage.pairs {
        let doubt = review.remove(&(pair.a, pair.b));
        rows.push(link_pair::Model {
            a: pair.a.0,
            b: pair.b.0,
            weight: pair.weight_bits,
            probability: pair.probability,
            person_weight: pair.person_bits,
            linked: pair.linked,
            kept: true,
            review: doubt.map(|it| it.reason.code().to_owned()),
            consequence: doubt.map_or(0.0, |it| f64::from(it.consequence)),
        });
    }
    // Some doubts are about pairs whose own evidence is too weak to be kept.
    let enterprise = |it: RecordId| members.get(&it).map(|it| it.enterprise);
    rows.extend(queue.iter().filter(|it| review.contains_key(&(it.a, it.b))).map(|it| {
        link_pair::Model {
            a: it.a.0,
            b: it.b.0,
            weight: it.weight_bits,
            probability: it.probability,
            person_weight: 0.0,
            linked: enterprise(it.a) == enterprise(it.b),
            kept: false,
            review: Some(it.reason.code().to_owned()),
            consequence: f64::from(it.consequence),
        }
    }));
    let mut gone: HashMap<(RecordId, RecordId), &link_pair::Model> =
        corpus.pairs.iter().map(|it| ((RecordId(it.a), RecordId(it.b)), it)).collect();
    for row in rows {
        if gone.remove(&(RecordId(row.a), RecordId(row.b))) != Some(&row) {
            changes.pairs.push(row);
        }
    }
    changes.gone_pairs = gone.into_keys().collect();
    changes.gone_pairs.sort();
}

struct Work<'a> {
    touched: &'a HashSet<RecordId>,
    before: &'a HashMap<RecordId, Member>,
    now: &'a HashMap<RecordId, Member>,
    by_id: &'a HashMap<RecordId, (&'a NormalisedRecord, &'a Agency)>,
}

impl Work<'_> {
    /// The profiles of the enterprises that a touched record is or was in.
    fn profiles(&self, linkage: &Linkage, ids: &[EnterpriseId]) -> Vec<EnterpriseProfile> {
        let affected = self.affected(|it| Some(it.enterprise));
        let clusters: Vec<(&Vec<RecordId>, EnterpriseId)> = linkage
            .enterprises
            .iter()
            .zip(ids.iter().copied())
            .filter(|it| affected.contains(&it.1))
            .collect();
        clusters
            .par_iter()
            .map(|(records, id)| merge(*id, self.owners_of(records), &self.sides(records)))
            .collect()
    }

    /// The rows of the owners that a touched record names or named.
    fn owners(
        &self,
        linkage: &Linkage,
        ids: &[OwnerId],
    ) -> Result<Vec<entity::owner::Model>, Error> {
        let affected = self.affected(|it| it.owner);
        let clusters: Vec<(&Vec<RecordId>, OwnerId)> = linkage
            .owners
            .iter()
            .zip(ids.iter().copied())
            .filter(|it| affected.contains(&it.1))
            .collect();
        Ok(clusters
            .par_iter()
            .map(|(records, id)| {
                let enterprises: HashSet<EnterpriseId> =
                    records.iter().filter_map(|it| Some(self.now.get(it)?.enterprise)).collect();
                // Survivorship over the person's records gives the name and NIK the hub stands by.
                let person = merge(EnterpriseId(id.0), vec![*id], &self.sides(records));
                let name = text_of(&person, Attribute::OwnerName);
                entity::owner::Model {
                    id: id.0,
                    sort_name: sort_name(&name),
                    name,
                    nik: person.value(Attribute::Nik).map(profile_json::write_value),
                    records: count(records.len()),
                    enterprises: count(enterprises.len()),
                }
            })
            .collect())
    }

    /// The ids that touched records left and no cluster carries any more.
    fn gone<Id: Copy + Ord + std::hash::Hash>(
        &self,
        ids: &[Id],
        of: impl Fn(&Member) -> Option<Id>,
    ) -> Vec<Id> {
        let kept: HashSet<Id> = ids.iter().copied().collect();
        let left = self.touched.iter().filter_map(|it| of(self.before.get(it)?));
        let gone: BTreeSet<Id> = left.filter(|it| !kept.contains(it)).collect();
        gone.into_iter().collect()
    }

    /// A new enterprise whose records come from one that lives on was split off it.
    fn splits(
        &self,
        linkage: &Linkage,
        ids: &[EnterpriseId],
    ) -> Vec<(EnterpriseId, &'static str, Option<EnterpriseId>)> {
        let existed: HashSet<EnterpriseId> = self.before.values().map(|it| it.enterprise).collect();
        let kept: HashSet<EnterpriseId> = ids.iter().copied().collect();
        let mut splits = Vec::new();
        for (records, &id) in linkage.enterprises.iter().zip(ids) {
            if existed.contains(&id) {
                continue;
            }
            let sources: BTreeSet<EnterpriseId> = records
                .iter()
                .filter_map(|it| Some(self.before.get(it)?.enterprise))
                .filter(|it| kept.contains(it))
                .collect();
            for source in sources {
                splits.push((source, "split", Some(id)));
                splits.push((id, "split", Some(source)));
            }
        }
        splits
    }

    fn affected<Id: Eq + std::hash::Hash>(
        &self,
        of: impl Fn(&Member) -> Option<Id>,
    ) -> HashSet<Id> {
        let sides = self.touched.iter().flat_map(|it| [self.before.get(it), self.now.get(it)]);
        sides.flatten().filter_map(of).collect()
    }

    fn sides(&self, records: &[RecordId]) -> Vec<(&NormalisedRecord, &Agency)> {
        records.iter().filter_map(|it| self.by_id.get(it).copied()).collect()
    }

    /// The persons the records name, the one most of them name first.
    fn owners_of(&self, records: &[RecordId]) -> Vec<OwnerId> {
        let mut named: BTreeMap<OwnerId, usize> = BTreeMap::new();
        for owner in records.iter().filter_map(|it| self.now.get(it)?.owner) {
            *named.entry(owner).or_default() += 1;
        }
        let mut owners: Vec<(usize, OwnerId)> = named.into_iter().map(|it| (it.1, it.0)).collect();
        owners.sort_by_key(|it| (std::cmp::Reverse(it.0), it.1));
        owners.into_iter().map(|it| it.1).collect()
    }
}

fn row(
    profile: &EnterpriseProfile,
    json: String,
    updated_at: chrono::DateTime<chrono::Utc>,
    by_id: &HashMap<RecordId, (&NormalisedRecord, &Agency)>,
) -> EnterpriseRow {
    let written = |attribute| profile.value(attribute).map(profile_json::write_value);
    let sales = profile.value(Attribute::AnnualSales).and_then(|it| match it {
        Value::Sales(it) => Some(it.annual),
        _ => None,
    });
    let capital = profile.value(Attribute::Capital).and_then(|it| match it {
        Value::Rupiah(it) => Some(*it),
        _ => None,
    });
    let size = SizeClass::of(sales, capital);
    let kbli = profile.value(Attribute::Kbli).and_then(|it| match it {
        Value::Kbli(it) => Some(*it),
        _ => None,
    });
    let kelurahan = profile.value(Attribute::Kelurahan).and_then(|it| match it {
        Value::Kelurahan(it) => Some(*it),
        _ => None,
    });
    let kecamatan = match profile.value(Attribute::Kecamatan) {
        Some(Value::Kecamatan(it)) => Some(*it),
        _ => kelurahan.map(|it| it.kecamatan()),
    };
    let mut agencies: BTreeMap<AgencyCode, i32> = BTreeMap::new();
    for (record, _) in profile.records.iter().filter_map(|it| by_id.get(it)) {
        *agencies.entry(record.agency.clone()).or_default() += 1;
    }
    let mut words = BTreeSet::new();
    for (attribute, source) in [(Attribute::BusinessName, 0), (Attribute::OwnerName, 1)] {
        let Some(it) = profile.attributes.get(&attribute) else { continue };
        for claim in std::iter::once(&it.chosen).chain(&it.alternatives) {
            let text = profile_json::write_value(&claim.value);
            words.extend(search_words::words(&text).into_iter().map(|word| (word, source)));
        }
    }
    let name = text_of(profile, Attribute::BusinessName);
    EnterpriseRow {
        columns: entity::enterprise::Model {
            id: profile.id.0,
            sort_name: sort_name(&name),
            name,
            nib: written(Attribute::Nib),
            has_npwp: profile.attributes.contains_key(&Attribute::Npwp),
            kbli: kbli.map(|it| it.to_string()),
            section: kbli.map(|it| it.section().letter.to_string()),
            kecamatan: kecamatan.map(|it| it.0.cast_signed()),
            kelurahan: kelurahan.map(|it| it.0.cast_signed()),
            size_class: size.map(|it| it.0 as i16),
            size_basis: size.map(|it| match it.1 {
                SizeBasis::Sales => "sales".to_owned(),
                SizeBasis::Capital => "capital".to_owned(),
            }),
            records: count(profile.records.len()),
            profile: json,
            updated_at,
        },
        agencies,
        words,
    }
}

fn text_of(profile: &EnterpriseProfile, attribute: Attribute) -> String {
    profile.value(attribute).map(profile_json::write_value).unwrap_or_default()
}

/// A name as lists are ordered: in one case, with single spaces.
fn sort_name(name: &str) -> String {
    name.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

fn count(number: usize) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}
