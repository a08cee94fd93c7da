//! How good an agency's list is, measured as what is asked of it is found.

use std::collections::HashMap;

use chrono::{NaiveDate, TimeDelta};
use domain::agency::AgencyCode;
use domain::id::FileId;
use domain::record::Field;
use ingest::interpret::is_checked;

use super::find::{Kind, Looked};
use crate::app::App;
use crate::clock;
use crate::error::Error;
use crate::service::history::day_of;
use crate::store::corrections::QualityRow;

/// What each row should say; the trade by words or by its code.
const WANTED: [&[Field]; 6] = [
    &[Field::BusinessName],
    &[Field::OwnerName],
    &[Field::Nik],
    &[Field::Trade, Field::Kbli],
    &[Field::Phone],
    &[Field::Kelurahan],
];

/// A row is recent for so many days.
const RECENT_DAYS: i64 = 365;

/// What was counted so far.
pub(super) struct Tally {
    row: QualityRow,
    arrived: HashMap<FileId, NaiveDate>,
}

impl Tally {
    pub(super) fn of(agency: &AgencyCode) -> Tally {
        let row = QualityRow {
            agency: agency.to_string(),
            day: day_of(clock::now()),
            rows: 0,
            filled: 0,
            wanted: 0,
            valid: 0,
            checked: 0,
            unique: 0,
            recent: 0,
            agreeing: 0,
            shared: 0,
        };
        Tally { row, arrived: HashMap::new() }
    }

    /// Counts a row; none whose use is restricted.
    pub(super) async fn count(&mut self, app: &App, looked: &Looked) -> Result<(), Error> {
        if !looked.used {
            return Ok(());
        }
        let (record, asked) = (&looked.row.record, &looked.asked);
        let is_asked = |kind| asked.iter().any(|it| it.kind == kind);
        let says = |fields: &&&[Field]| fields.iter().any(|it| record.fields.get(*it).is_some());
        let checked = record.fields.iter().filter(|it| is_checked(it.0)).count();
        let unreadable = asked.iter().filter(|it| it.kind == Kind::Unreadable);
        let unreadable = unreadable.filter(|it| is_checked(it.field)).count();
        let dated = match record.recorded_on {
            Some(day) => day,
            None => self.arrival(app, record.file).await?,
        };
        let recent = self.row.day - TimeDelta::days(RECENT_DAYS) <= dated;
        let it = &mut self.row;
        it.rows += 1;
        it.wanted += count(WANTED.len());
        it.filled += count(WANTED.iter().filter(says).count());
        it.checked += count(checked);
        it.valid += count(checked.saturating_sub(unreadable));
        it.unique += i64::from(!is_asked(Kind::Duplicate));
        it.recent += i64::from(recent);
        it.shared += i64::from(looked.shared);
        it.agreeing += i64::from(looked.shared && !is_asked(Kind::Conflict));
        Ok(())
    }

    async fn arrival(&mut self, app: &App, file: FileId) -> Result<NaiveDate, Error> {
        if let Some(day) = self.arrived.get(&file) {
            return Ok(*day);
        }
        let stored = app.store.file(file).await?.ok_or(Error::NotFound { noun: "source file" })?;
        let day = day_of(stored.received_at);
        self.arrived.insert(file, day);
        Ok(day)
    }

    pub(super) async fn keep(self, app: &App) -> Result<(), Error> {
        app.store.keep_quality(self.row).await
    }
}

fn count(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
