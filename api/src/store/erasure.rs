//! Taking a person's rows out of every table. Nothing here decides whose they are.

use std::collections::{BTreeMap, HashSet};
use std::io::Read;
use std::path::Path;
use std::time::Duration;

use domain::erasure::without;
use domain::id::{EnterpriseId, FileId, OwnerId, RecordId};
use entity::{
    account, block_page, consent, decision, enterprise_version, file_redaction, linkage_model,
    restriction, rights_request, source_file, source_file_part, source_record, tombstone,
};
use linkage::model::Model;
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait,
    DatabaseTransaction, DbBackend, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Statement,
    TransactionTrait, Value,
};
use uuid::Uuid;

use super::decisions::{Verdict, verdict};
use super::source_files::PART_BYTES;
use super::sources::state;
use super::{Store, blocks, bulk, profile_json};
use crate::error::Error;

/// Profiles of the past read at once.
const PAGE: u64 = 500;
/// How often the log of SQLite is tried to be emptied while others read.
const CHECKPOINTS: usize = 300;
/// How long is waited in between.
const BETWEEN: Duration = Duration::from_millis(100);

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

    /// Every version of these rows: cells and texts by meaning, as stored, with its number.
    pub async fn row_texts(
        &self,
        records: &[RecordId],
    ) -> Result<Vec<source_record::Model>, Error> {
        let mut found = vec![];
        for ids in records.chunks(1_000) {
            let rows = source_record::Entity::find()
                .filter(source_record::Column::RecordId.is_in(ids.iter().map(|it| it.0)));
            found.extend(rows.order_by_asc(source_record::Column::Seq).all(self.reader()).await?);
        }
        Ok(found)
    }

    /// Marks what may not come back and takes the rows out of the count, at once: from then on no run rests on
    /// them, and what was cut short is taken up again by the marks.
    pub async fn bury(
        &self,
        request: Uuid,
        marks: Vec<(&'static str, String)>,
        records: &[RecordId],
        at: i64,
    ) -> Result<(), Error> {
        let transaction = self.writer().begin().await?;
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
        let transaction = self.writer().begin().await?;
        let ids = || erasure.records.iter().map(|it| Value::from(it.0));
        for table in ["link_pair", "review_item", "review_assignment", "quality_sample"] {
            for column in ["a", "b"] {
                bulk::delete(&transaction, table, column, ids()).await?;
            }
        }
        scrub_blocks(&transaction, erasure).await?;
        for (table, column) in
            [("membership", "record_id"), ("restriction", "anchor"), ("source_record", "record_id")]
        {
            bulk::delete(&transaction, table, column, ids()).await?;
        }
        scrub_decisions(&transaction, erasure).await?;
        scrub_past(&transaction, erasure).await?;
        scrub_models(&transaction, erasure).await?;
        transaction
            .execute_unprepared(
                "DELETE FROM search_variant WHERE word NOT IN (SELECT word FROM search_word)",
            )
            .await?;
        scrub_rights(&transaction, erasure).await?;
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

    /// Keeps other bytes for a file, of which `rows` rows are empty now. Its id and digest stay those of what was
    /// received, and that the bytes are others is written down beside.
    pub async fn redact_file(
        &self,
        id: FileId,
        path: &Path,
        (name, format): (&str, &str),
        rows: i64,
        at: i64,
    ) -> Result<(), Error> {
        let mut bytes = std::fs::File::open(path)?;
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
                bytes: Set(piece),
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
        note_redaction(&transaction, id, rows, at).await?;
        Ok(transaction.commit().await?)
    }

    /// Writes down that `rows` rows of a file were emptied before it was kept.
    pub async fn note_redaction(&self, id: FileId, rows: i64, at: i64) -> Result<(), Error> {
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

async fn scrub_blocks(transaction: &DatabaseTransaction, erasure: &Erasure) -> Result<(), Error> {
    let mut versions: HashSet<i64> = HashSet::new();
    let records: Vec<RecordId> = erasure.records.iter().copied().collect();
    for ids in records.chunks(1_000) {
        let rows: Vec<i64> = source_record::Entity::find()
            .select_only()
            .column(source_record::Column::Seq)
            .filter(source_record::Column::RecordId.is_in(ids.iter().map(|it| it.0)))
            .into_tuple()
            .all(transaction)
            .await?;
        versions.extend(rows);
    }
    let seqs = versions.iter().map(|it| Value::from(*it));
    bulk::delete(transaction, "block_entry", "version_seq", seqs).await?;
    let mut after = -1;
    loop {
        let pages = block_page::Entity::find()
            .filter(block_page::Column::Page.gt(after))
            .order_by_asc(block_page::Column::Page)
            .limit(PAGE)
            .all(transaction)
            .await?;
        let Some(last) = pages.last() else { return Ok(()) };
        after = last.page;
        for page in pages {
            if let Some(entries) = blocks::without(&page.entries, &versions) {
                let row = block_page::ActiveModel { page: Set(page.page), entries: Set(entries) };
                row.update(transaction).await?;
            }
        }
    }
}

/// Decisions about rows that are gone go with them.
async fn scrub_decisions(
    transaction: &DatabaseTransaction,
    erasure: &Erasure,
) -> Result<(), Error> {
    let rows = decision::Entity::find().all(transaction).await?;
    for row in rows {
        let said = verdict(&row)?;
        if said.records().iter().all(|it| !erasure.records.contains(it)) {
            continue;
        }
        match said.without(&erasure.records) {
            Some(Verdict::Split(_, others)) => {
                let others: Vec<Uuid> = others.iter().map(|it| it.0).collect();
                decision::Entity::update_many()
                    .filter(decision::Column::Seq.eq(row.seq))
                    .col_expr(decision::Column::Others, serde_json::to_string(&others)?.into())
                    .exec(transaction)
                    .await?;
            }
            _ => {
                let this = decision::Column::Seq.eq(row.seq);
                decision::Entity::delete_many().filter(this).exec(transaction).await?;
            }
        }
    }
    Ok(())
}

/// The profiles of the past, each without what the rows said.
async fn scrub_past(transaction: &DatabaseTransaction, erasure: &Erasure) -> Result<(), Error> {
    use enterprise_version::Column;
    let mut after: Option<(Uuid, sea_orm::prelude::DateTimeUtc)> = None;
    loop {
        let behind = after.map(|(id, to)| {
            let later =
                Condition::all().add(Column::EnterpriseId.eq(id)).add(Column::ValidTo.gt(to));
            Condition::any().add(Column::EnterpriseId.gt(id)).add(later)
        });
        let rows = enterprise_version::Entity::find()
            .filter(Condition::all().add_option(behind))
            .order_by_asc(Column::EnterpriseId)
            .order_by_asc(Column::ValidTo)
            .limit(PAGE)
            .all(transaction)
            .await?;
        let Some(last) = rows.last() else { return Ok(()) };
        after = Some((last.enterprise_id, last.valid_to));
        for row in rows {
            let profile = profile_json::from_json(EnterpriseId(row.enterprise_id), &row.profile)?;
            let about = profile.records.iter().any(|it| erasure.records.contains(it))
                || profile.owners.iter().any(|it| erasure.owners.contains(it));
            if !about {
                continue;
            }
            let this = Condition::all()
                .add(Column::EnterpriseId.eq(row.enterprise_id))
                .add(Column::ValidTo.eq(row.valid_to));
            match without(profile, &erasure.records, &erasure.owners) {
                Some(left) => {
                    let left = profile_json::to_json(&left)?;
                    let update = enterprise_version::Entity::update_many().filter(this);
                    update.col_expr(Column::Profile, left.into()).exec(transaction).await?;
                }
                None => {
                    enterprise_version::Entity::delete_many()
                        .filter(this)
                        .exec(transaction)
                        .await?;
                }
            }
        }
    }
}

/// Words that no other row had when a model was made go out of it. It takes a word it does not know for one
/// that occurs once, so what is left is weighed as before.
async fn scrub_models(transaction: &DatabaseTransaction, erasure: &Erasure) -> Result<(), Error> {
    for row in linkage_model::Entity::find().all(transaction).await? {
        let mut model: Model = serde_json::from_str(&row.parameters)?;
        let mut changed = false;
        for field in &mut model.words {
            field.counts.retain(|word, count| {
                let only_hers = erasure.words.get(word).is_some_and(|hers| *count <= *hers);
                changed |= only_hers;
                !only_hers
            });
        }
        if changed {
            let parameters = serde_json::to_string(&model)?;
            linkage_model::Entity::update_many()
                .filter(linkage_model::Column::Id.eq(row.id))
                .col_expr(linkage_model::Column::Parameters, parameters.into())
                .exec(transaction)
                .await?;
        }
    }
    Ok(())
}

/// Her consents end and say nothing more of her, and what she asked for is known by its kind alone.
async fn scrub_rights(transaction: &DatabaseTransaction, erasure: &Erasure) -> Result<(), Error> {
    let ids = || erasure.records.iter().map(|it| it.0);
    consent::Entity::update_many()
        .filter(consent::Column::Anchor.is_in(ids()))
        .filter(consent::Column::WithdrawnAt.is_null())
        .col_expr(consent::Column::WithdrawnAt, erasure.at.into())
        .col_expr(consent::Column::WithdrawnBy, "erasure".into())
        .exec(transaction)
        .await?;
    consent::Entity::update_many()
        .filter(consent::Column::Anchor.is_in(ids()))
        .col_expr(consent::Column::Evidence, "".into())
        .exec(transaction)
        .await?;
    restriction::Entity::delete_many()
        .filter(restriction::Column::Anchor.is_in(ids()))
        .exec(transaction)
        .await?;
    rights_request::Entity::update_many()
        .filter(
            Condition::any()
                .add(rights_request::Column::Anchor.is_in(ids()))
                .add(rights_request::Column::RecordId.is_in(ids())),
        )
        .col_expr(rights_request::Column::Anchor, Expr::value(None::<Uuid>))
        .col_expr(rights_request::Column::RecordId, Expr::value(None::<Uuid>))
        .col_expr(rights_request::Column::Proposed, Expr::value(None::<String>))
        .col_expr(rights_request::Column::Reason, "".into())
        .exec(transaction)
        .await?;
    Ok(())
}
