//! The access log: who read whose data.

use chrono::{DateTime, Utc};
use domain::viewer::Viewer;
use entity::access_log;
use sea_orm::ActiveValue::{NotSet, Set};
use sea_orm::EntityTrait;

use crate::error::Error;
use crate::store::Store;

/// One reading, or one refusal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessEntry {
    /// The fields that were asked for.
    pub operation: String,
    /// Whose data, as ids with their prefixes.
    pub whose: Vec<String>,
    /// Which attributes.
    pub attributes: Vec<String>,
    /// Whether anything was shown.
    pub allowed: bool,
}

impl Store {
    /// Stores what `viewer` read, durably and in one statement.
    pub async fn record_access(
        &self,
        viewer: &Viewer,
        at: DateTime<Utc>,
        entries: Vec<AccessEntry>,
    ) -> Result<(), Error> {
        let mut rows = vec![];
        for entry in entries {
            rows.push(access_log::ActiveModel {
                seq: NotSet,
                at: Set(at),
                subject: Set(viewer.subject.clone()),
                role: Set(viewer.role.code().to_owned()),
                agency: Set(viewer.agency.as_ref().map(ToString::to_string)),
                institution: Set(viewer.institution.clone()),
                operation: Set(entry.operation),
                enterprises: Set(serde_json::to_string(&entry.whose)?),
                attributes: Set(serde_json::to_string(&entry.attributes)?),
                allowed: Set(entry.allowed),
            });
        }
        access_log::Entity::insert_many(rows).exec_without_returning(self.writer()).await?;
        Ok(())
    }
}
