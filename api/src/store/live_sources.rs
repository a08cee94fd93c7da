//! Live sources: how far they were read, and whose turn it is to read them. One node reads a source at a time: it
//! holds a lease, and each lease has a greater number than the one before (a fence), without which nothing it brings
//! is kept.

use domain::agency::AgencyCode;
use entity::{live_source, source_file, source_record};
use sea_orm::sea_query::{Expr, ExprTrait, OnConflict, Query};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, EntityTrait, PaginatorTrait,
    QueryFilter, QuerySelect,
};
use serde::{Deserialize, Serialize};

use super::Store;
use super::source_files::{FileStatus, StoredFile, to_file};
use super::sources::state;
use crate::error::Error;

/// The state of a source, as stored.
pub type SourceRow = live_source::Model;

/// What taking a file moves in the state of its source, in the same transaction as its last row.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moves {
    /// The watermark.
    pub watermark: Option<String>,
    /// What the next pull by watermark brings if nothing changes.
    pub seen: Option<String>,
    /// What its whole list was.
    pub whole: Option<String>,
    /// When the whole list was read, in milliseconds since 1970.
    pub full_at: Option<i64>,
}

/// A file's source, and what taking the file moves there.
#[derive(Debug, Clone)]
pub struct Origin {
    /// The source.
    pub source: String,
    /// The lease under which it was read.
    pub fence: i64,
    /// What taking it moves.
    pub moves: Moves,
}

/// The right to read a source, until it ends or is taken over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    /// The source.
    pub source: String,
    /// The number of this lease.
    pub fence: i64,
}

/// How a pull ended.
#[derive(Debug, Clone)]
pub struct Ended {
    /// When, in milliseconds since 1970.
    pub at: i64,
    /// When the source is read next.
    pub next_at: i64,
    /// `TAKEN`, `NOTHING_NEW` or why it failed.
    pub result: &'static str,
    /// What that is about.
    pub detail: Option<String>,
    /// Rows it brought.
    pub rows: u64,
    /// Whether it came to its end.
    pub succeeded: bool,
    /// Whether a failure counts for the next delay.
    pub failed: bool,
}

impl Store {
    /// Makes the state of sources that have none; they are due at once.
    pub async fn know_sources(&self, names: &[String]) -> Result<(), Error> {
        let rows = names.iter().map(|it| live_source::ActiveModel {
            name: Set(it.clone()),
            next_at: Set(0),
            ..Default::default()
        });
        let known = OnConflict::column(live_source::Column::Name).do_nothing().to_owned();
        let insert = live_source::Entity::insert_many(rows).on_conflict(known);
        insert.exec_without_returning(self.writer()).await?;
        Ok(())
    }

    /// The state of every source that was ever declared.
    pub async fn live_sources(&self) -> Result<Vec<SourceRow>, Error> {
        Ok(live_source::Entity::find().all(self.watcher()).await?)
    }

    /// The state of one source.
    pub async fn live_source(&self, name: &str) -> Result<SourceRow, Error> {
        let row = live_source::Entity::find_by_id(name).one(self.writer()).await?;
        row.ok_or(Error::NotFound { noun: "source" })
    }

    /// Takes the turn to read a source until `until`: when it is due, or at once when `now_or_later` is unset, and
    /// nobody else holds it. Of several nodes that try, one succeeds.
    pub async fn lease_source(
        &self,
        name: &str,
        holder: &str,
        (now, until): (i64, i64),
        only_when_due: bool,
    ) -> Result<Option<Lease>, Error> {
        use live_source::Column;
        let due = only_when_due.then(|| Column::NextAt.lte(now));
        let changed = live_source::Entity::update_many()
            .col_expr(Column::Holder, Expr::value(holder))
            .col_expr(Column::Fence, Expr::col(Column::Fence).add(1))
            .col_expr(Column::LeaseUntil, Expr::value(until))
            .col_expr(Column::Stopping, Expr::value(false))
            .col_expr(Column::StartedAt, Expr::value(now))
            .filter(Column::Name.eq(name))
            .filter(Column::LeaseUntil.lte(now))
            .filter(Condition::all().add_option(due))
            .exec(self.writer())
            .await?;
        if changed.rows_affected == 0 {
            return Ok(None);
        }
        let row = self.live_source(name).await?;
        // Whoever came after, came after the end of this one.
        let mine = row.holder.as_deref() == Some(holder) && row.lease_until == until;
        Ok(mine.then_some(Lease { source: name.to_owned(), fence: row.fence }))
    }

    /// Keeps a lease until `until`; none when it was taken over, else whether its pull is to stop.
    pub async fn renew_lease(&self, lease: &Lease, until: i64) -> Result<Option<bool>, Error> {
        use live_source::Column;
        let changed = live_source::Entity::update_many()
            .col_expr(Column::LeaseUntil, Expr::value(until))
            .filter(Column::Name.eq(&lease.source))
            .filter(Column::Fence.eq(lease.fence))
            .exec(self.writer())
            .await?;
        if changed.rows_affected == 0 {
            return Ok(None);
        }
        Ok(Some(self.live_source(&lease.source).await?.stopping))
    }

    /// Writes down how a pull ended and gives the lease back, unless it was taken over.
    pub async fn end_lease(&self, lease: &Lease, ended: Ended) -> Result<(), Error> {
        use live_source::Column;
        let failures = match ended.failed {
            true => Expr::col(Column::Failures).add(1),
            false => Expr::value(0),
        };
        let mut change = live_source::Entity::update_many()
            .col_expr(Column::LeaseUntil, Expr::value(0_i64))
            .col_expr(Column::Stopping, Expr::value(false))
            .col_expr(Column::NextAt, Expr::value(ended.next_at))
            .col_expr(Column::Failures, failures)
            .col_expr(Column::Result, Expr::value(ended.result))
            .col_expr(Column::Detail, Expr::value(ended.detail))
            .col_expr(Column::Rows, Expr::value(ended.rows.cast_signed()))
            .col_expr(Column::FinishedAt, Expr::value(ended.at));
        if ended.succeeded {
            change = change.col_expr(Column::SucceededAt, Expr::value(ended.at));
        }
        change
            .filter(Column::Name.eq(&lease.source))
            .filter(Column::Fence.eq(lease.fence))
            .exec(self.writer())
            .await?;
        Ok(())
    }

    /// Gives a lease back as if its pull had not begun.
    pub async fn give_back(&self, lease: &Lease) -> Result<(), Error> {
        self.renew_lease(lease, 0).await.map(drop)
    }

    /// Has a source read as soon as a node looks.
    pub async fn hurry_source(&self, name: &str, now: i64) -> Result<(), Error> {
        use live_source::Column;
        live_source::Entity::update_many()
            .col_expr(Column::NextAt, Expr::value(now))
            .filter(Column::Name.eq(name))
            .filter(Column::NextAt.gt(now))
            .exec(self.writer())
            .await?;
        Ok(())
    }

    /// Asks the pull that runs to stop; false when none does.
    pub async fn stop_source(&self, name: &str, now: i64) -> Result<bool, Error> {
        use live_source::Column;
        let changed = live_source::Entity::update_many()
            .col_expr(Column::Stopping, Expr::value(true))
            .filter(Column::Name.eq(name))
            .filter(Column::LeaseUntil.gt(now))
            .exec(self.writer())
            .await?;
        Ok(changed.rows_affected != 0)
    }

    /// Moves the state of a source without a file: its list was read and nothing was new.
    pub async fn move_source(&self, lease: &Lease, moves: &Moves) -> Result<(), Error> {
        apply(self.writer(), &lease.source, Some(lease.fence), moves).await?;
        Ok(())
    }

    /// The file of a source that waits until its columns are explained.
    pub async fn asking_file(&self, source: &str) -> Result<Option<StoredFile>, Error> {
        let row = source_file::Entity::find()
            .filter(source_file::Column::Source.eq(source))
            .filter(source_file::Column::Status.eq(FileStatus::Asking.code()))
            .one(self.reader())
            .await?;
        row.map(to_file).transpose()
    }

    /// Whether rows of a source wait to be linked.
    pub async fn has_unlinked(&self, source: &str) -> Result<bool, Error> {
        let files = source_file::Entity::find()
            .filter(source_file::Column::Source.eq(source))
            .filter(source_file::Column::Status.eq(FileStatus::Imported.code()))
            .filter(source_file::Column::Linked.eq(false))
            .count(self.reader())
            .await?;
        Ok(files != 0)
    }

    /// How many rows a source is known to have now.
    pub async fn rows_of_source(&self, agency: &AgencyCode, source: &str) -> Result<u64, Error> {
        let rows = source_record::Entity::find()
            .filter(source_record::Column::Agency.eq(agency.as_str()))
            .filter(source_record::Column::State.eq(state::CURRENT))
            .filter(source_record::Column::AbsentFrom.is_null())
            .filter(of_source(source))
            .count(self.reader())
            .await?;
        Ok(rows)
    }
}

/// The rows that came from a source, or that it was seen to hold.
pub(super) fn of_source(source: &str) -> Condition {
    let files = Query::select()
        .column(source_file::Column::Id)
        .from(source_file::Entity)
        .and_where(source_file::Column::Source.eq(source))
        .to_owned();
    Condition::any()
        .add(source_record::Column::FileId.in_subquery(files.clone()))
        .add(source_record::Column::SeenIn.in_subquery(files))
}

/// Sees that a lease still holds, so that it cannot end before the transaction does.
pub(super) async fn require_lease<C: ConnectionTrait>(
    transaction: &C,
    origin: &Origin,
) -> Result<(), Error> {
    use live_source::Column;
    let changed = live_source::Entity::update_many()
        .col_expr(Column::Fence, Expr::col(Column::Fence))
        .filter(Column::Name.eq(&origin.source))
        .filter(Column::Fence.eq(origin.fence))
        .exec(transaction)
        .await?;
    match changed.rows_affected {
        0 => Err(Error::Conflict("another node has taken over this source".into())),
        _ => Ok(()),
    }
}

/// Moves the state of the source that a file came from, if it came from one.
pub(super) async fn move_on<C: ConnectionTrait>(
    transaction: &C,
    file: &StoredFile,
) -> Result<(), Error> {
    let row = source_file::Entity::find_by_id(file.id.0)
        .select_only()
        .columns([source_file::Column::Source, source_file::Column::Moves])
        .into_tuple::<(Option<String>, Option<String>)>()
        .one(transaction)
        .await?;
    let Some((Some(source), Some(moves))) = row else { return Ok(()) };
    apply(transaction, &source, None, &serde_json::from_str(&moves)?).await
}

async fn apply<C: ConnectionTrait>(
    connection: &C,
    source: &str,
    fence: Option<i64>,
    moves: &Moves,
) -> Result<(), Error> {
    use live_source::Column;
    let mut change = live_source::Entity::update_many()
        .col_expr(Column::Seen, Expr::value(moves.seen.clone()))
        .filter(Column::Name.eq(source))
        .filter(Condition::all().add_option(fence.map(|it| Column::Fence.eq(it))));
    if let Some(watermark) = &moves.watermark {
        change = change.col_expr(Column::Watermark, Expr::value(watermark.clone()));
    }
    if let Some(whole) = &moves.whole {
        change = change.col_expr(Column::Whole, Expr::value(whole.clone()));
    }
    if let Some(at) = moves.full_at {
        change = change.col_expr(Column::FullAt, Expr::value(at));
    }
    change.exec(connection).await?;
    Ok(())
}
