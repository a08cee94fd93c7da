//! Source records and the problems met in them: written once, never changed but for which version is
//! current.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use domain::agency::AgencyCode;
use domain::id::{FileId, RecordId};
use domain::record::{Field, RecordFields, SourceRecord};
use entity::{row_problem, source_file, source_record};
use ingest::problem::Severity;
use rayon::prelude::*;
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, DbBackend,
    EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, TransactionTrait, Value,
};

use super::live_sources::{move_on, of_source};
use super::source_files::{FileStatus, RowCounts, StoredFile};
use super::{Store, bulk};
use crate::error::Error;
use crate::sealing::{Place, Sealer, What};

/// Which version of its row a source record is.
pub mod state {
    /// Stored while its file is being imported; takes over when the file is complete.
    pub const PENDING: i16 = 0;
    /// What the agency says now.
    pub const CURRENT: i16 = 1;
    /// A newer version has taken over.
    pub const SUPERSEDED: i16 = 2;
    /// It is being erased: it counts for nothing any more and goes as soon as no enterprise rests on it.
    pub const ERASED: i16 = 3;
}

/// One version of a row, to be stored.
#[derive(Debug)]
pub struct NewVersion {
    /// The row.
    pub record: RecordId,
    /// The sheet.
    pub sheet: String,
    /// The row in the sheet.
    pub row: u32,
    /// The cells as written, as JSON.
    pub cells: String,
    /// The texts by meaning, as JSON.
    pub fields: String,
    /// When the agency wrote it.
    pub recorded_on: Option<NaiveDate>,
    /// One of [`state`].
    pub state: i16,
}

/// A problem met in a row, to be stored.
#[derive(Debug)]
pub struct NewProblem {
    /// The sheet.
    pub sheet: String,
    /// The row in the sheet.
    pub row: u32,
    /// The column, from 0.
    pub column: Option<u32>,
    /// The heading of the column.
    pub heading: Option<String>,
    /// What the column means.
    pub field: Option<Field>,
    /// What is wrong.
    pub code: &'static str,
    /// 0 note, 1 warning, 2 error.
    pub severity: i16,
}

/// What is stored of one batch of rows, at once or not at all.
#[derive(Debug, Default)]
pub struct Batch {
    /// Versions to add.
    pub versions: Vec<NewVersion>,
    /// Problems to add.
    pub problems: Vec<NewProblem>,
    /// Rows that are known and were seen again.
    pub seen: Vec<RecordId>,
    /// Rows of all kinds done with this batch.
    pub rows_done: u64,
    /// What became of them.
    pub counts: RowCounts,
}

/// What the hub knows of a row.
#[derive(Debug)]
pub struct CurrentVersion {
    /// Its texts.
    pub fields: RecordFields,
    /// When the agency wrote it.
    pub recorded_on: Option<NaiveDate>,
}

/// Rows of a file after which what PostgreSQL knows of the table is made anew.
const MANY: u64 = 10_000;

impl Store {
    /// Whether the hub holds any record of this agency.
    pub async fn agency_has_records(&self, agency: &AgencyCode) -> Result<bool, Error> {
        let files = source_file::Entity::find()
            .filter(source_file::Column::Agency.eq(agency.as_str()))
            .filter(source_file::Column::RowsDone.gt(0))
            .count(self.reader())
            .await?;
        Ok(0 < files)
    }

    /// The current versions of those of `records` that are known.
    pub async fn current_versions(
        &self,
        records: &[RecordId],
    ) -> Result<HashMap<RecordId, CurrentVersion>, Error> {
        let (mut known, sealer) = (HashMap::new(), self.sealer());
        for ids in records.chunks(2_000) {
            let rows = source_record::Entity::find()
                .filter(source_record::Column::State.eq(state::CURRENT))
                .filter(source_record::Column::RecordId.is_in(ids.iter().map(|it| it.0)))
                .all(self.writer())
                .await?;
            for mut row in rows {
                let version = CurrentVersion {
                    fields: fields_of(&mut row, &sealer)?,
                    recorded_on: row.recorded_on,
                };
                known.insert(RecordId(row.record_id), version);
            }
        }
        Ok(known)
    }

    /// Stores one batch of a file's rows and how far the file is, at once.
    pub async fn add_batch(&self, file: &StoredFile, batch: Batch) -> Result<(), Error> {
        let (id, agency) = (file.id.0, file.agency.to_string());
        let sealer = self.sealer();
        let versions = batch.versions.into_par_iter().map(|it| -> Result<[Value; 11], Error> {
            let place = place(it.record.0, id);
            let cells = sealer.seal(What::Cells, place, it.cells.as_bytes())?;
            let fields = sealer.seal(What::Fields, place, it.fields.as_bytes())?;
            Ok([
                it.record.0.into(),
                agency.clone().into(),
                id.into(),
                it.sheet.into(),
                it.row.cast_signed().into(),
                cells.into(),
                fields.into(),
                it.recorded_on.into(),
                it.state.into(),
                id.into(),
                Value::Uuid(None),
            ])
        });
        let versions: Vec<[Value; 11]> = versions.collect::<Result<_, Error>>()?;
        let transaction = self.writer().begin().await?;
        let columns = [
            "record_id",
            "agency",
            "file_id",
            "sheet",
            "row",
            "cells",
            "fields",
            "recorded_on",
            "state",
            "seen_in",
            "absent_from",
        ];
        bulk::insert(&transaction, "source_record", columns, versions).await?;
        let problems = batch.problems.into_iter().map(|it| -> [Value; 8] {
            [
                id.into(),
                it.sheet.into(),
                it.row.cast_signed().into(),
                it.column.map(u32::cast_signed).into(),
                it.heading.into(),
                it.field.map(|field| field.code().to_owned()).into(),
                it.code.into(),
                it.severity.into(),
            ]
        });
        let columns = ["file_id", "sheet", "row", "col", "heading", "field", "code", "severity"];
        bulk::insert(&transaction, "row_problem", columns, problems).await?;
        let seen = batch.seen.into_iter().map(|it| it.0.into());
        bulk::for_each_chunk(&transaction, seen, |list| {
            // The file's id is written as a literal so that the list alone is parameters.
            let file = uuid_literal(transaction.get_database_backend(), id);
            format!(
                "UPDATE source_record SET seen_in = {file}, absent_from = NULL \
                 WHERE state = {} AND record_id IN ({list})",
                state::CURRENT
            )
        })
        .await?;
        source_file::ActiveModel {
            id: Set(id),
            rows_done: Set(batch.rows_done.cast_signed()),
            counts: Set(serde_json::to_string(&batch.counts)?),
            ..Default::default()
        }
        .update(&transaction)
        .await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Lets the new versions of a file take over and closes the file, at once. Returns the counts
    /// with the rows that a complete list no longer has.
    pub async fn finish_file(
        &self,
        file: &StoredFile,
        mut counts: RowCounts,
        at: DateTime<Utc>,
    ) -> Result<RowCounts, Error> {
        let transaction = self.writer().begin().await?;
        let backend = transaction.get_database_backend();
        let id = uuid_literal(backend, file.id.0);
        let (pending, current, superseded) = (state::PENDING, state::CURRENT, state::SUPERSEDED);
        transaction
            .execute_unprepared(&format!(
                "UPDATE source_record SET state = {superseded} WHERE state = {current} AND record_id IN \
                 (SELECT record_id FROM source_record WHERE file_id = {id} AND state = {pending})"
            ))
            .await?;
        transaction
            .execute_unprepared(&format!(
                "UPDATE source_record SET state = {current} WHERE file_id = {id} AND state = {pending}"
            ))
            .await?;
        if file.complete_list {
            counts.absent = mark_absent(&transaction, file).await?;
        }
        move_on(&transaction, file).await?;
        source_file::ActiveModel {
            id: Set(file.id.0),
            status: Set(FileStatus::Imported.code().to_owned()),
            counts: Set(serde_json::to_string(&counts)?),
            finished_at: Set(Some(at)),
            ..Default::default()
        }
        .update(&transaction)
        .await?;
        transaction.commit().await?;
        // Until PostgreSQL has looked at what came, it reads the whole table for each batch of the next file.
        if backend == DbBackend::Postgres && MANY <= counts.new + counts.changed {
            self.writer().execute_unprepared("ANALYZE source_record").await?;
        }
        Ok(counts)
    }

    /// Takes a file that was imported as a part for the whole list of its agency after all: rows it
    /// lacks are marked absent. Fails with [`Error::Conflict`] when a newer file has been taken since.
    pub async fn complete_file(&self, file: &StoredFile) -> Result<RowCounts, Error> {
        let newer = source_file::Entity::find()
            .filter(source_file::Column::Agency.eq(file.agency.as_str()))
            .filter(source_file::Column::ReceivedAt.gt(file.received_at))
            .count(self.reader())
            .await?;
        if newer != 0 {
            return Err(Error::Conflict(
                "a newer file of this agency has been taken since this one; send the whole list of today"
                    .into(),
            ));
        }
        let transaction = self.writer().begin().await?;
        let absent = mark_absent(&transaction, file).await?;
        let counts = RowCounts { absent, ..file.counts };
        source_file::ActiveModel {
            id: Set(file.id.0),
            complete_list: Set(true),
            counts: Set(serde_json::to_string(&counts)?),
            ..Default::default()
        }
        .update(&transaction)
        .await?;
        transaction.commit().await?;
        Ok(counts)
    }

    /// How many rows were rejected for each reason, the most frequent first.
    pub async fn rejection_reasons(&self) -> Result<Vec<(String, i64)>, Error> {
        let mut reasons: Vec<(String, i64)> = row_problem::Entity::find()
            .select_only()
            .column(row_problem::Column::Code)
            .column_as(row_problem::Column::Seq.count(), "rows")
            .filter(row_problem::Column::Severity.eq(Severity::Error.rank()))
            .group_by(row_problem::Column::Code)
            .into_tuple()
            .all(self.reader())
            .await?;
        reasons.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        Ok(reasons)
    }

    /// Every problem met in a file, row by row.
    pub async fn file_problems(&self, id: FileId) -> Result<Vec<row_problem::Model>, Error> {
        Ok(row_problem::Entity::find()
            .filter(row_problem::Column::FileId.eq(id.0))
            .order_by_asc(row_problem::Column::Seq)
            .all(self.reader())
            .await?)
    }
}

/// Marks the rows that the complete list `file` lacks, of its live source or, for a file that was sent, of its agency;
/// returns how many.
async fn mark_absent<C: ConnectionTrait>(transaction: &C, file: &StoredFile) -> Result<u64, Error> {
    use source_record::Column;
    let lacking = source_record::Entity::update_many()
        .col_expr(Column::AbsentFrom, Expr::value(file.id.0))
        .filter(Column::Agency.eq(file.agency.as_str()))
        .filter(Column::State.eq(state::CURRENT))
        .filter(Column::SeenIn.ne(file.id.0))
        .filter(Column::AbsentFrom.is_null())
        .filter(Condition::all().add_option(file.source.as_deref().map(of_source)));
    Ok(lacking.exec(transaction).await?.rows_affected)
}

fn uuid_literal(backend: sea_orm::DbBackend, id: uuid::Uuid) -> String {
    match backend {
        sea_orm::DbBackend::Postgres => format!("'{id}'::uuid"),
        _ => format!("X'{}'", id.simple()),
    }
}

/// Writes the texts of a row for the column `source_record.fields`.
pub fn fields_to_json(fields: &RecordFields) -> Result<String, Error> {
    let texts: Vec<(&str, &str)> = fields.iter().map(|(field, it)| (field.code(), it)).collect();
    let mut json = Vec::with_capacity(256);
    let mut serializer = serde_json::Serializer::new(&mut json);
    serde::Serializer::collect_map(&mut serializer, texts)?;
    String::from_utf8(json).map_err(Error::internal)
}

/// Where the texts of a version stand: in the row of this record that came with this file.
pub(super) fn place(record: uuid::Uuid, file: uuid::Uuid) -> Place {
    Place::and(record, file.as_u128())
}

/// The texts of a version.
pub(super) fn fields_of(
    row: &mut source_record::Model,
    sealer: &Sealer,
) -> Result<RecordFields, Error> {
    let place = place(row.record_id, row.file_id);
    fields_from_json(sealer.open(What::Fields, place, &mut row.fields)?)
}

/// A stored version as the domain knows it.
pub fn to_record(mut row: source_record::Model, sealer: &Sealer) -> Result<SourceRecord, Error> {
    let fields = fields_of(&mut row, sealer)?;
    with_fields(row, fields)
}

/// The version as the domain knows it, with these texts.
pub(super) fn with_fields(
    row: source_record::Model,
    fields: RecordFields,
) -> Result<SourceRecord, Error> {
    Ok(SourceRecord {
        id: RecordId(row.record_id),
        agency: AgencyCode::parse(&row.agency).map_err(Error::internal)?,
        file: FileId(row.file_id),
        sheet: row.sheet,
        row: row.row.cast_unsigned(),
        fields,
        recorded_on: row.recorded_on,
    })
}

/// The cells of a version, as written.
pub(super) fn cells_of(
    row: &mut source_record::Model,
    sealer: &Sealer,
) -> Result<Vec<String>, Error> {
    let place = place(row.record_id, row.file_id);
    Ok(serde_json::from_slice(sealer.open(What::Cells, place, &mut row.cells)?)?)
}

/// Reads what [`fields_to_json`] wrote.
pub(super) fn fields_from_json(json: &[u8]) -> Result<RecordFields, Error> {
    let texts: HashMap<&str, std::borrow::Cow<'_, str>> = serde_json::from_slice(json)?;
    Ok(texts
        .into_iter()
        .filter_map(|(code, text)| Some((Field::from_code(code)?, text.into_owned())))
        .collect())
}
