//! Nested lists in a bounded number of statements: what the nodes of one page ask for is gathered and
//! read at once, with the viewer's scope like everything else.

use std::collections::{HashMap, HashSet};
use std::hash::Hash;
use std::sync::Arc;

use async_graphql::dataloader::{DataLoader, Loader};
use chrono::{DateTime, NaiveDate, Utc};
use domain::consent::Ties;
use domain::id::{EnterpriseId, FileId, OwnerId, RecordId};
use domain::permission::Action;
use domain::viewer::{Scope, Viewer};

use super::object::enterprise::Enterprise;
use super::object::owner::Owner;
use super::object::record::SourceRecord;
use crate::app::App;
use crate::service::financing::told::Readiness;
use crate::service::financing::view;
use crate::service::history;
use crate::service::profiles::{self, Shown};
use crate::store::history::StoredEvent;
use crate::store::owners::StoredOwner;
use crate::store::pairs::{Parts, StoredPair, StoredRecord};

/// The most keys of one statement.
const KEYS: usize = 1_000;

/// The loaders of one request.
pub struct Loaders(pub DataLoader<Batch>);

/// What a request reads in batches.
pub struct Batch {
    app: App,
    viewer: Viewer,
}

/// The records of an enterprise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct RecordsOf(pub EnterpriseId, pub Parts);
/// The pairs inside an enterprise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct LinksOf(pub EnterpriseId);
/// What happened to an enterprise, until a moment of the past or to this day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct EventsOf(pub EnterpriseId, pub Option<DateTime<Utc>>);
/// The ids that lead to an enterprise, those included or not that came and went with a decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct RetiredOf(pub EnterpriseId, pub bool);
/// The files that brought records to the run that ended at a moment.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct FilesOf(pub DateTime<Utc>, pub Vec<RecordId>);
/// The enterprises of a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct EnterprisesOf(pub OwnerId);
/// How an enterprise stands with every programme, by the rules of a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct FinancingOf(pub EnterpriseId, pub NaiveDate);
/// A record as linked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct LinkedRecord(pub RecordId);

impl Loaders {
    /// The loaders for one request of `viewer`.
    pub fn new(app: &App, viewer: &Viewer) -> Loaders {
        let batch = Batch { app: app.clone(), viewer: viewer.clone() };
        Loaders(DataLoader::new(batch, tokio::spawn).max_batch_size(KEYS))
    }

    /// The enterprises with these ids, in their order, without those out of scope.
    pub async fn enterprises(
        &self,
        ids: &[EnterpriseId],
    ) -> async_graphql::Result<Vec<Enterprise>> {
        let found = self.0.load_many(ids.iter().copied()).await?;
        Ok(ids.iter().filter_map(|it| found.get(it).cloned().map(Enterprise)).collect())
    }

    /// The persons with these ids, in their order, without those out of scope.
    pub async fn owners(&self, ids: &[OwnerId]) -> async_graphql::Result<Vec<Owner>> {
        let found = self.0.load_many(ids.iter().copied()).await?;
        Ok(ids.iter().filter_map(|it| found.get(it).cloned().map(Owner)).collect())
    }

    /// The records with these ids, in their order, without those out of scope.
    pub async fn records(
        &self,
        viewer: &Viewer,
        ids: &[RecordId],
    ) -> async_graphql::Result<Vec<SourceRecord>> {
        let found = self.0.load_many(ids.iter().map(|it| LinkedRecord(*it))).await?;
        let record = |it: &RecordId| found.get(&LinkedRecord(*it)).cloned();
        Ok(ids
            .iter()
            .filter_map(record)
            // Only those ask for rows by id whom no tie lets in, and they find nothing that is restricted to them.
            .map(|it| SourceRecord::new(viewer, &Ties::default(), it))
            .collect())
    }
}

impl Batch {
    /// What the viewer may find by way of a nested field, which is what she finds at the root.
    fn scope(&self, action: Action) -> Scope {
        if self.viewer.may(action) { self.viewer.scope() } else { Scope::Nothing }
    }
}

fn grouped<K: Hash + Eq, V>(pairs: impl Iterator<Item = (K, V)>) -> HashMap<K, Vec<V>> {
    let mut groups: HashMap<K, Vec<V>> = HashMap::new();
    for (key, value) in pairs {
        groups.entry(key).or_default().push(value);
    }
    groups
}

impl Loader<EnterpriseId> for Batch {
    type Value = Arc<Shown>;
    type Error = async_graphql::Error;

    async fn load(
        &self,
        keys: &[EnterpriseId],
    ) -> Result<HashMap<EnterpriseId, Arc<Shown>>, Self::Error> {
        let found = profiles::by_ids(&self.app, &self.viewer, keys).await?;
        Ok(found.into_iter().map(|(id, it)| (id, Arc::new(it))).collect())
    }
}

impl Loader<OwnerId> for Batch {
    type Value = StoredOwner;
    type Error = async_graphql::Error;

    async fn load(&self, keys: &[OwnerId]) -> Result<HashMap<OwnerId, StoredOwner>, Self::Error> {
        let found = self.app.store.owners(&self.scope(Action::ReadOwners), keys).await?;
        Ok(found.into_iter().map(|it| (OwnerId(it.id), it)).collect())
    }
}

impl Loader<RecordsOf> for Batch {
    type Value = Vec<StoredRecord>;
    type Error = async_graphql::Error;

    async fn load(
        &self,
        keys: &[RecordsOf],
    ) -> Result<HashMap<RecordsOf, Vec<StoredRecord>>, Self::Error> {
        let mut records: HashMap<RecordsOf, Vec<StoredRecord>> = HashMap::new();
        for parts in keys.iter().map(|it| it.1).collect::<HashSet<_>>() {
            let of = keys.iter().filter(|it| it.1 == parts);
            let ids: Vec<EnterpriseId> = of.map(|it| it.0).collect();
            let found = self.app.store.records_of(&self.viewer.scope(), &ids, parts).await?;
            records
                .extend(grouped(found.into_iter().map(|it| (RecordsOf(it.enterprise, parts), it))));
        }
        Ok(records)
    }
}

impl Loader<LinkedRecord> for Batch {
    type Value = StoredRecord;
    type Error = async_graphql::Error;

    async fn load(
        &self,
        keys: &[LinkedRecord],
    ) -> Result<HashMap<LinkedRecord, StoredRecord>, Self::Error> {
        let ids: Vec<RecordId> = keys.iter().map(|it| it.0).collect();
        let found = self.app.store.linked_by_id(&self.viewer.scope(), &ids).await?;
        Ok(found.into_iter().map(|it| (LinkedRecord(it.record.id), it)).collect())
    }
}

impl Loader<LinksOf> for Batch {
    type Value = Vec<StoredPair>;
    type Error = async_graphql::Error;

    async fn load(
        &self,
        keys: &[LinksOf],
    ) -> Result<HashMap<LinksOf, Vec<StoredPair>>, Self::Error> {
        let ids: Vec<EnterpriseId> = keys.iter().map(|it| it.0).collect();
        let found = self.app.store.links_within(&self.viewer.scope(), &ids).await?;
        Ok(grouped(found.into_iter().map(|it| (LinksOf(it.enterprise), it))))
    }
}

impl Loader<EventsOf> for Batch {
    type Value = Vec<StoredEvent>;
    type Error = async_graphql::Error;

    async fn load(
        &self,
        keys: &[EventsOf],
    ) -> Result<HashMap<EventsOf, Vec<StoredEvent>>, Self::Error> {
        let mut found = HashMap::new();
        for (past, keys) in grouped(keys.iter().map(|it| (it.1, *it))) {
            // A past profile was found in scope, and the history is as open as the profile.
            let ids: Vec<EnterpriseId> = keys.iter().map(|it| it.0).collect();
            let ids = match past {
                Some(_) => ids,
                None => self.app.store.open_ids(&self.viewer.scope(), &ids).await?,
            };
            let events = history::events(&self.app, &ids, past).await?;
            found.extend(events.into_iter().map(|(id, it)| (EventsOf(id, past), it)));
        }
        Ok(found)
    }
}

impl Loader<FilesOf> for Batch {
    type Value = Vec<FileId>;
    type Error = async_graphql::Error;

    async fn load(&self, keys: &[FilesOf]) -> Result<HashMap<FilesOf, Vec<FileId>>, Self::Error> {
        let mut found = HashMap::new();
        for (moment, keys) in grouped(keys.iter().map(|it| (it.0, it))) {
            let records: Vec<RecordId> = keys.iter().flat_map(|it| it.1.iter().copied()).collect();
            let files = history::files_of(&self.app, &records, moment).await?;
            for key in keys {
                let mut of: Vec<FileId> =
                    key.1.iter().filter_map(|it| files.get(it).copied()).collect();
                of.sort();
                of.dedup();
                found.insert(key.clone(), of);
            }
        }
        Ok(found)
    }
}

impl Loader<RetiredOf> for Batch {
    type Value = Vec<EnterpriseId>;
    type Error = async_graphql::Error;

    async fn load(
        &self,
        keys: &[RetiredOf],
    ) -> Result<HashMap<RetiredOf, Vec<EnterpriseId>>, Self::Error> {
        let mut found = HashMap::new();
        for (undone, keys) in grouped(keys.iter().map(|it| (it.1, *it))) {
            let ids: Vec<EnterpriseId> = keys.iter().map(|it| it.0).collect();
            let retired = self.app.store.retired_ids(&ids, undone).await?;
            found.extend(grouped(
                retired.into_iter().map(|(retired, heir)| (RetiredOf(heir, undone), retired)),
            ));
        }
        Ok(found)
    }
}

impl Loader<FinancingOf> for Batch {
    type Value = Vec<Arc<Readiness>>;
    type Error = async_graphql::Error;

    async fn load(
        &self,
        keys: &[FinancingOf],
    ) -> Result<HashMap<FinancingOf, Self::Value>, Self::Error> {
        let mut found = HashMap::new();
        for (on, ids) in grouped(keys.iter().map(|it| (it.1, it.0))) {
            let told = view::of_many(&self.app, &self.viewer, &ids, on).await?;
            let told = told.into_iter();
            found.extend(
                told.map(|(id, all)| {
                    (FinancingOf(id, on), all.into_iter().map(Arc::new).collect())
                }),
            );
        }
        Ok(found)
    }
}

impl Loader<EnterprisesOf> for Batch {
    type Value = Vec<EnterpriseId>;
    type Error = async_graphql::Error;

    async fn load(
        &self,
        keys: &[EnterprisesOf],
    ) -> Result<HashMap<EnterprisesOf, Vec<EnterpriseId>>, Self::Error> {
        let ids: Vec<OwnerId> = keys.iter().map(|it| it.0).collect();
        let scope = self.scope(Action::ReadEnterprises);
        let found = self.app.store.enterprises_of_owners(&scope, &ids).await?;
        Ok(grouped(found.into_iter().map(|(owner, id)| (EnterprisesOf(owner), id))))
    }
}
