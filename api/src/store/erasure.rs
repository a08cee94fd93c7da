//! Taking a person's rows out of every table. Nothing here decides whose they are.

use std::collections::{BTreeMap, HashSet};
use std::io::Read;
use std::path::Path;
use std::time::Duration;

use domain::id::{FileId, OwnerId, RecordId};
use domain::record::RecordFields;
use entity::{
    account, file_redaction, row_problem, setting, source_file, source_file_part, source_record,
    tombstone,
};
use ingest::problem::{ProblemCode, Severity};
use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, DatabaseTransaction,
    DbBackend, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Statement, TransactionTrait,
    Value,
};
use uuid::Uuid;

use super::source_files::{PART_BYTES, sealed_part};
use super::sources::{fields_of, state};
use super::{Store, bulk};
use crate::error::Error;

mod scrub;

/// Profiles of the past read at once.
const PAGE: u64 = 500;
/// How often the log of SQLite is tried to be emptied while others read.
const CHECKPOINTS: usize = 300;
/// How long is waited in between.
const BETWEEN: Duration = Duration::from_millis(100);

/// A version of a row with what it says.
#[derive(Debug)]
pub struct RowText {
    /// The row, but for its sealed columns.
    pub row: source_record::Model,
    /// The texts by meaning.
    pub fields: RecordFields,
}

/// What is to be taken out.
#[derive(Debug)]
pub struct Erasure {
    /// The rows, in all their versions.
    pub records: HashSet<RecordId>,
    /// The persons of whom no row is left.
    pub owners: HashSet<OwnerId>,
    /// In how many of the rows each word occurs.
    pub words: BTreeMap<String, u32>,
    /// When.
    pub at: i64,
}

impl Store {
    /// The hashes of what may not come back.
    pub async fn tombstones(&self) -> Result<HashSet<String>, Error> {
        let rows: Vec<String> = tombstone::Entity::find()
            .select_only()
            .column(tombstone::Column::Hash)
            .into_tuple()
            .all(self.reader())
            .await?;
        Ok(rows.into_iter().collect())
    }

    /// Every version of these rows, in order.
    pub async fn row_texts(&self, records: &[RecordId]) -> Result<Vec<RowText>, Error> {
        let (mut found, sealer) = (vec![], self.sealer());
        for ids in records.chunks(1_000) {
            let rows = source_record::Entity::find()
                .filter(source_record::Column::RecordId.is_in(ids.iter().map(|it| it.0)));
            for mut row in rows.order_by_asc(source_record::Column::Seq).all(self.reader()).await? {
                let fields = fields_of(&mut row, &sealer)?;
                found.push(RowText { row, fields });
            }
        }
        Ok(found)
    }

    /// Marks what may not come back and takes the rows out of the count, at once: from then on no run rests on
    /// them. What was begun is kept as the setting `begun`, by which it is taken up again when it is cut short.
    pub async fn bury(
        &self,
        request: Uuid,
        marks: Vec<(&'static str, String)>,
        records: &[RecordId],
        at: i64,
        begun: (&str, String),
    ) -> Result<(), Error> {
        let transaction = self.writer().begin().await?;
        let row = setting::ActiveModel { key: Set(begun.0.into()), value: Set(begun.1) };
        setting::Entity::insert(row).exec_without_returning(&transaction).await?;
        for (kind, hash) in marks {
            keep_mark(&transaction, request, kind, hash, at).await?;
        }
        let ids = records.iter().map(|it| it.0.into());
        bulk::for_each_chunk(&transaction, ids, |list| {
            format!(
                "UPDATE source_record SET state = {} WHERE record_id IN ({list})",
                state::ERASED
            )
        })
        .await?;
        // What a model would change was found with these rows.
        transaction.execute_unprepared("DELETE FROM model_preview").await?;
        Ok(transaction.commit().await?)
    }

    /// Marks enterprises of which nothing is left.
    pub async fn bury_enterprises(
        &self,
        request: Uuid,
        marks: Vec<String>,
        at: i64,
    ) -> Result<(), Error> {
        let transaction = self.writer().begin().await?;
        for hash in marks {
            keep_mark(&transaction, request, "enterprise", hash, at).await?;
        }
        Ok(transaction.commit().await?)
    }

    /// Takes the rows out of every table but the access log, which has ids alone.
    pub async fn scrub(&self, erasure: &Erasure) -> Result<(), Error> {
        let sealer = self.sealer();
        let transaction = self.writer().begin().await?;
        let ids = || erasure.records.iter().map(|it| Value::from(it.0));
        for table in ["link_pair", "review_item", "review_assignment", "quality_sample"] {
            for column in ["a", "b"] {
                bulk::delete(&transaction, table, column, ids()).await?;
            }
        }
        scrub::blocks(&transaction, erasure).await?;
        for (table, column) in
            [("membership", "record_id"), ("restriction", "anchor"), ("source_record", "record_id")]
        {
            bulk::delete(&transaction, table, column, ids()).await?;
        }
        scrub::decisions(&transaction, &sealer, erasure).await?;
        scrub::past(&transaction, &sealer, erasure).await?;
        scrub::models(&transaction, &sealer, erasure).await?;
        transaction
            .execute_unprepared(
                "DELETE FROM search_variant WHERE word NOT IN (SELECT word FROM search_word)",
            )
            .await?;
        scrub::rights(&transaction, erasure).await?;
        Ok(transaction.commit().await?)
    }

    /// The accounts of the persons whom these rows name.
    pub async fn accounts_of(&self, records: &HashSet<RecordId>) -> Result<Vec<String>, Error> {
        let bound = account::Column::Person.is_in(records.iter().map(|it| it.0));
        let rows = account::Entity::find().filter(bound).all(self.reader()).await?;
        Ok(rows.into_iter().map(|it| it.name).collect())
    }

    /// The files that are kept, by id, the oldest first.
    pub async fn file_ids(&self) -> Result<Vec<FileId>, Error> {
        let rows: Vec<Uuid> = source_file::Entity::find()
            .select_only()
            .column(source_file::Column::Id)
            .order_by_asc(source_file::Column::ReceivedAt)
            .order_by_asc(source_file::Column::Id)
            .into_tuple()
            .all(self.reader())
            .await?;
        Ok(rows.into_iter().map(FileId).collect())
    }

    /// Keeps other bytes for a file, of which `rows` are empty now, by sheet and number. Its id and digest stay
    /// those of what was received, and that the bytes are others is written down beside; of each of the rows
    /// nothing is told any more but that it was erased.
    pub async fn redact_file(
        &self,
        id: FileId,
        path: &Path,
        (name, format): (&str, &str),
        rows: &[(String, u32)],
        at: i64,
    ) -> Result<(), Error> {
        let (mut bytes, sealer) = (std::fs::File::open(path)?, self.sealer());
        let transaction = self.writer().begin().await?;
        let parts = source_file_part::Column::FileId.eq(id.0);
        source_file_part::Entity::delete_many().filter(parts).exec(&transaction).await?;
        for part in 0.. {
            let mut piece = Vec::with_capacity(PART_BYTES);
            Read::by_ref(&mut bytes).take(PART_BYTES as u64).read_to_end(&mut piece)?;
            if piece.is_empty() {
                break;
            }
            let row = source_file_part::ActiveModel {
                file_id: Set(id.0),
                part: Set(part),
                bytes: Set(sealed_part(&sealer, id, part, &piece)?),
            };
            source_file_part::Entity::insert(row).exec_without_returning(&transaction).await?;
        }
        source_file::ActiveModel {
            id: Set(id.0),
            name: Set(name.to_owned()),
            format: Set(format.to_owned()),
            ..Default::default()
        }
        .update(&transaction)
        .await?;
        tell_erased(&transaction, id, rows).await?;
        let rows = i64::try_from(rows.len()).unwrap_or(i64::MAX);
        note_redaction(&transaction, id, rows, at).await?;
        Ok(transaction.commit().await?)
    }

    /// Writes down that `rows` rows of a file were emptied before it was kept.
    pub async fn note_redaction(&self, id: FileId, rows: usize, at: i64) -> Result<(), Error> {
        let rows = i64::try_from(rows).unwrap_or(i64::MAX);
        note_redaction(self.writer(), id, rows, at).await
    }

    /// When rows were taken out of a file, if they were.
    pub async fn redaction(&self, id: FileId) -> Result<Option<file_redaction::Model>, Error> {
        Ok(file_redaction::Entity::find_by_id(id.0).one(self.reader()).await?)
    }

    /// Lets go of the space of what was deleted, so that its bytes are nowhere: SQLite writes its file anew and
    /// empties its log, PostgreSQL frees the rows for others.
    pub async fn shrink(&self) -> Result<(), Error> {
        let orders: &[&str] = match self.backend() {
            // The file may be larger than memory.
            DbBackend::Sqlite => {
                &["PRAGMA temp_store = FILE", "VACUUM", "PRAGMA temp_store = MEMORY"]
            }
            _ => &[
                "VACUUM source_record",
                "VACUUM source_file_part",
                "VACUUM enterprise",
                "VACUUM enterprise_version",
                "VACUUM owner",
                "VACUUM search_word",
                "VACUUM search_variant",
                "VACUUM linkage_model",
                "VACUUM decision",
                "VACUUM rights_request",
            ],
        };
        for order in orders {
            self.writer().execute_unprepared(order).await?;
        }
        if self.backend() == DbBackend::Sqlite { self.empty_log().await } else { Ok(()) }
    }

    /// Empties the log of SQLite, once no reader needs it any more.
    async fn empty_log(&self) -> Result<(), Error> {
        for _ in 0..CHECKPOINTS {
            let order =
                Statement::from_string(DbBackend::Sqlite, "PRAGMA wal_checkpoint(TRUNCATE)");
            let row = self.writer().query_one_raw(order).await?;
            if row.is_some_and(|it| it.try_get::<i32>("", "busy") == Ok(0)) {
                return Ok(());
            }
            tokio::time::sleep(BETWEEN).await;
        }
        Err(Error::Conflict("readers keep the log of the database: try again".to_owned()))
    }
}

/// Has these rows of a file say that they were erased, and nothing else.
async fn tell_erased(
    transaction: &DatabaseTransaction,
    id: FileId,
    rows: &[(String, u32)],
) -> Result<(), Error> {
    use row_problem::Column;
    let of_file = || row_problem::Entity::delete_many().filter(Column::FileId.eq(id.0));
    for (sheet, row) in rows {
        let here = of_file().filter(Column::Sheet.eq(sheet.as_str()));
        here.filter(Column::Row.eq(row.cast_signed())).exec(transaction).await?;
    }
    let columns = ["file_id", "sheet", "row", "code", "severity"];
    let (code, severity) = (ProblemCode::PersonErased.as_str(), Severity::Error.rank());
    let told = rows.iter().map(|(sheet, row)| -> [Value; 5] {
        let row = row.cast_signed();
        [id.0.into(), sheet.clone().into(), row.into(), code.into(), severity.into()]
    });
    let told: Vec<[Value; 5]> = told.collect();
    Ok(bulk::insert(transaction, "row_problem", columns, told).await?)
}

async fn note_redaction<C: ConnectionTrait>(
    connection: &C,
    id: FileId,
    rows: i64,
    at: i64,
) -> Result<(), Error> {
    let before = file_redaction::Entity::find_by_id(id.0).one(connection).await?;
    let row = file_redaction::ActiveModel {
        file_id: Set(id.0),
        rows: Set(rows + before.map_or(0, |it| it.rows)),
        at: Set(at),
    };
    file_redaction::Entity::insert(row)
        .on_conflict(
            OnConflict::column(file_redaction::Column::FileId)
                .update_columns([file_redaction::Column::Rows, file_redaction::Column::At])
                .to_owned(),
        )
        .exec_without_returning(connection)
        .await?;
    Ok(())
}

async fn keep_mark(
    transaction: &DatabaseTransaction,
    request: Uuid,
    kind: &str,
    hash: String,
    at: i64,
) -> Result<(), Error> {
    let row = tombstone::ActiveModel {
        hash: Set(hash),
        kind: Set(kind.to_owned()),
        request_id: Set(request),
        made_at: Set(at),
    };
    tombstone::Entity::insert(row)
        .on_conflict(OnConflict::column(tombstone::Column::Hash).do_nothing().to_owned())
        .exec_without_returning(transaction)
        .await?;
    Ok(())
}
