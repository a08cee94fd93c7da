//! What happened to enterprises, and what they were: events, former profiles, and records as they stood.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{DateTime, Utc};
use domain::agency::AgencyCode;
use domain::enterprise::EnterpriseProfile;
use domain::id::{EnterpriseId, RecordId, RunId};
use entity::{
    enterprise, enterprise_event, enterprise_version, link_run, source_file, source_record,
};
use sea_orm::{ColumnTrait, Condition, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder};

use super::Store;
use super::enterprises::opened;
use super::pairs::StoredRecord;
use super::profile_json::{self, Wanted};
use super::sources::{cells_of, state, to_record};
use crate::error::Error;

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident = $code:literal),+ $(,)?) => {
        /// What can happen to an enterprise.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum EventKind { $($(#[$doc])* $name),+ }

        impl EventKind {
            /// The word for it in the table.
            pub fn code(self) -> &'static str {
                match self { $(EventKind::$name => $code),+ }
            }

            /// The kind with this word.
            pub fn from_code(code: &str) -> Option<EventKind> {
                match code { $($code => Some(EventKind::$name),)+ _ => None }
            }
        }
    };
}

kinds! {
    /// Its id was given, to these records.
    Created = "created",
    /// Records came, from another enterprise that lives on or from none.
    RecordJoined = "record_joined",
    /// Records went, to another enterprise or out of the register.
    RecordLeft = "record_left",
    /// Its id was retired: these records went to the other, which is its heir.
    MergedInto = "merged_into",
    /// The other's id was retired in favour of this one, and these records came from it.
    Absorbed = "absorbed",
    /// It was made of these records of the other, which lives on.
    SplitFrom = "split_from",
    /// The other was made of these records of this one.
    SplitOff = "split_off",
    /// Its retired id is in use again, with these records of the other.
    Restored = "restored",
    /// Its profile changed, by new versions of these records or by what the hub makes of them.
    Changed = "changed",
    /// A steward set the value of an attribute, or took that back.
    ValueOverridden = "value_overridden",
    /// Another linkage model was activated.
    ModelChanged = "model_changed",
}

/// Something that happened, with the run that did it.
#[derive(Debug, Clone)]
pub struct StoredEvent {
    /// The enterprise.
    pub enterprise: EnterpriseId,
    /// What happened.
    pub kind: EventKind,
    /// The other enterprise.
    pub other: Option<EnterpriseId>,
    /// The records it is about.
    pub records: Vec<RecordId>,
    /// The attribute whose value was set.
    pub attribute: Option<String>,
    /// When.
    pub at: DateTime<Utc>,
    /// Nothing remained of it at the moment asked for: a decision that was taken back did it, or the taking
    /// back.
    pub undone: bool,
    /// The run.
    pub run: link_run::Model,
}

/// A profile as it was at some moment.
#[derive(Debug, Clone)]
pub struct FormerProfile {
    /// The profile.
    pub profile: EnterpriseProfile,
    /// What its `updated_at` was.
    pub updated_at: DateTime<Utc>,
}

impl Store {
    /// What happened to the ids until `until`, if that is given, the latest first. The caller sees to the
    /// scope: an id's events are as open as its profile.
    pub async fn events(
        &self,
        ids: &[EnterpriseId],
        until: Option<DateTime<Utc>>,
    ) -> Result<Vec<StoredEvent>, Error> {
        use enterprise_event::Column;
        let mut rows = vec![];
        for ids in ids.chunks(1_000) {
            let found = enterprise_event::Entity::find()
                .filter(Column::EnterpriseId.is_in(ids.iter().map(|it| it.0)))
                .filter(Condition::all().add_option(until.map(|it| Column::At.lte(it))))
                .order_by_desc(Column::Seq)
                .all(self.reader())
                .await?;
            rows.extend(found);
        }
        let ids: BTreeSet<uuid::Uuid> = rows.iter().map(|it| it.run_id).collect();
        let mut runs = HashMap::new();
        for ids in ids.into_iter().collect::<Vec<_>>().chunks(1_000) {
            let ids = link_run::Column::Id.is_in(ids.iter().copied());
            let found = link_run::Entity::find().filter(ids).all(self.reader()).await?;
            runs.extend(found.into_iter().map(|it| (it.id, it)));
        }
        let event = |row: enterprise_event::Model| {
            let records: Vec<uuid::Uuid> = serde_json::from_str(&row.records)?;
            let (kind, run) = (EventKind::from_code(&row.kind), runs.get(&row.run_id));
            let (Some(kind), Some(run)) = (kind, run) else {
                return Err(Error::internal("an event of no known kind or run"));
            };
            Ok(StoredEvent {
                enterprise: EnterpriseId(row.enterprise_id),
                kind,
                other: row.other.map(EnterpriseId),
                records: records.into_iter().map(RecordId).collect(),
                attribute: row.attribute,
                at: row.at,
                undone: row.undone_at.is_some_and(|it| until.is_none_or(|end| it <= end)),
                run: run.clone(),
            })
        };
        rows.into_iter().map(event).collect()
    }

    /// The runs under a model that was not the one of the run before, the first of all left out, the latest
    /// first.
    pub async fn model_changes(&self) -> Result<Vec<link_run::Model>, Error> {
        let text = "SELECT r.* FROM link_run r JOIN link_run p \
                    ON p.seq = (SELECT MAX(seq) FROM link_run WHERE seq < r.seq) \
                    WHERE p.model_id <> r.model_id ORDER BY r.seq DESC";
        let query = sea_orm::Statement::from_string(self.backend(), text);
        Ok(link_run::Entity::find().from_raw_sql(query).all(self.reader()).await?)
    }

    /// The profile of the id at `moment`; `None` when the id was not in use then.
    pub async fn profile_at(
        &self,
        id: EnterpriseId,
        moment: DateTime<Utc>,
    ) -> Result<Option<FormerProfile>, Error> {
        use enterprise_version::Column;
        let version = enterprise_version::Entity::find()
            .filter(Column::EnterpriseId.eq(id.0))
            .filter(Column::ValidFrom.lte(moment))
            .filter(Column::ValidTo.gt(moment))
            .one(self.reader())
            .await?;
        let (profile, since, updated_at) = match version {
            Some(it) => (it.profile, it.valid_from, it.updated_at),
            None => {
                let present = enterprise::Entity::find_by_id(id.0)
                    .filter(enterprise::Column::WrittenAt.lte(moment))
                    .one(self.reader())
                    .await?;
                let Some(it) = present else { return Ok(None) };
                (it.profile, it.written_at, it.updated_at)
            }
        };
        let profile = opened(&self.sealer(), id.0, since, profile)?;
        Ok(Some(FormerProfile {
            profile: profile_json::from_json(id, &profile, Wanted::ALL)?,
            updated_at,
        }))
    }

    /// The profiles that `run` replaced, with what their `updated_at` was.
    pub async fn replaced_by(
        &self,
        run: RunId,
        ids: &[EnterpriseId],
    ) -> Result<HashMap<EnterpriseId, (String, DateTime<Utc>)>, Error> {
        let (mut found, sealer) = (HashMap::new(), self.sealer());
        for ids in ids.chunks(1_000) {
            let rows = enterprise_version::Entity::find()
                .filter(enterprise_version::Column::EnterpriseId.is_in(ids.iter().map(|it| it.0)))
                .filter(enterprise_version::Column::RunId.eq(run.0))
                .all(self.reader())
                .await?;
            for it in rows {
                let profile = opened(&sealer, it.enterprise_id, it.valid_from, it.profile)?;
                found.insert(EnterpriseId(it.enterprise_id), (profile, it.updated_at));
            }
        }
        Ok(found)
    }

    /// Whether one of `records` was written by `agency`.
    pub async fn any_of_agency(
        &self,
        records: &[RecordId],
        agency: &AgencyCode,
    ) -> Result<bool, Error> {
        for records in records.chunks(1_000) {
            let written = source_record::Entity::find()
                .filter(source_record::Column::RecordId.is_in(records.iter().map(|it| it.0)))
                .filter(source_record::Column::Agency.eq(agency.as_str()))
                .count(self.reader())
                .await?;
            if 0 < written {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// `records` in the versions that the last run before `moment` linked, as records of `enterprise`.
    pub async fn records_at(
        &self,
        enterprise: EnterpriseId,
        records: &[RecordId],
        moment: DateTime<Utc>,
    ) -> Result<Vec<StoredRecord>, Error> {
        let sealer = self.sealer();
        let stored = |mut row: source_record::Model| {
            let cells = cells_of(&mut row, &sealer)?;
            Ok(StoredRecord {
                record: to_record(row, &sealer)?,
                enterprise,
                cells,
                absent_from: None,
            })
        };
        self.versions_at(records, moment).await?.into_iter().map(stored).collect()
    }

    /// The versions of `records` that the last run before `moment` linked, by record.
    pub async fn versions_at(
        &self,
        records: &[RecordId],
        moment: DateTime<Utc>,
    ) -> Result<Vec<source_record::Model>, Error> {
        let run = link_run::Entity::find()
            .filter(link_run::Column::FinishedAt.lte(moment))
            .order_by_desc(link_run::Column::Seq)
            .one(self.reader())
            .await?;
        let Some(run) = run else { return Ok(vec![]) };
        let mut versions: BTreeMap<uuid::Uuid, source_record::Model> = BTreeMap::new();
        for records in records.chunks(1_000) {
            let imported = sea_orm::sea_query::Query::select()
                .column(source_file::Column::Id)
                .from(source_file::Entity)
                .and_where(source_file::Column::FinishedAt.lte(run.started_at))
                .to_owned();
            let rows = source_record::Entity::find()
                .filter(source_record::Column::FileId.in_subquery(imported))
                .filter(source_record::Column::RecordId.is_in(records.iter().map(|it| it.0)))
                .filter(source_record::Column::State.ne(state::PENDING))
                .order_by_asc(source_record::Column::Seq)
                .all(self.reader())
                .await?;
            for row in rows {
                // As at its arrival: a row older by its own date did not take over.
                let older = versions.get(&row.record_id).is_some_and(|it| {
                    row.recorded_on.zip(it.recorded_on).is_some_and(|(new, old)| new < old)
                });
                if !older {
                    versions.insert(row.record_id, row);
                }
            }
        }
        Ok(versions.into_values().collect())
    }
}
