//! The versions of rows that a run reads.

use chrono::NaiveDate;
use domain::agency::AgencyCode;
use domain::id::{EnterpriseId, FileId, OwnerId, RecordId};
use domain::record::SourceRecord;
use entity::{source_file, source_record};
use sea_orm::{
    ColumnTrait, Condition, DbErr, EntityTrait, FromQueryResult, QueryFilter, QuerySelect,
    QueryTrait, Statement, Value,
};
use uuid::Uuid;

use crate::error::Error;
use crate::parallel;
use crate::sealing::{Sealer, What};
use crate::store::source_files::FileStatus;
use crate::store::sources::{fields_from_json, place, state, to_record};
use crate::store::sql::{Row, parameters};
use crate::store::ties::Member as Named;
use crate::store::{Store, bulk};

/// Rows read at once.
const PAGE: u64 = 20_000;

/// A record as it stands now, with its place in the order of arrival.
#[derive(Debug, Clone)]
pub struct CurrentRecord {
    /// Which version this is; also orders records by arrival.
    pub version: i64,
    /// The record.
    pub record: SourceRecord,
}

impl Store {
    /// Every current record of every file whose import is complete, in the order of arrival.
    pub async fn current_records(&self) -> Result<Vec<CurrentRecord>, Error> {
        let mut records = Vec::new();
        let mut after = 0;
        loop {
            let text = format!("{CURRENT} AND r.seq > {after} ORDER BY r.seq LIMIT {PAGE}");
            let query = Statement::from_string(self.backend(), text);
            let rows = RecordRow::find_by_statement(query).all(self.whole_reader()).await?;
            let rows = self.opened(rows)?;
            let Some(last) = rows.last() else { return Ok(records) };
            after = last.version;
            records.extend(rows);
        }
    }

    /// Those of `ids` that are current records of files whose import is complete.
    pub async fn current_among(&self, ids: &[RecordId]) -> Result<Vec<CurrentRecord>, Error> {
        let mut records = Vec::with_capacity(ids.len());
        for ids in ids.chunks(2_048) {
            let values = parameters(&ids.iter().map(|it| it.0).collect::<Vec<_>>());
            let list = bulk::placeholders(self.backend(), 1, values.len());
            let text = format!("{CURRENT} AND r.record_id IN ({list})");
            records.extend(self.record_rows(text, values).await?);
        }
        Ok(records)
    }

    /// These versions, whether current or not.
    pub async fn versions(&self, versions: &[i64]) -> Result<Vec<CurrentRecord>, Error> {
        let mut records = Vec::with_capacity(versions.len());
        for versions in versions.chunks(2_048) {
            let values = parameters(versions);
            let list = bulk::placeholders(self.backend(), 1, values.len());
            let text = format!("{RECORDS} WHERE r.seq IN ({list})");
            records.extend(self.record_rows(text, values).await?);
        }
        Ok(records)
    }

    /// The linked versions of the rows of `enterprises`, each with whom it names: one statement for as many
    /// enterprises as a page has. The caller sees to the scope.
    pub async fn linked_rows(
        &self,
        enterprises: &[EnterpriseId],
    ) -> Result<Vec<(Named, SourceRecord)>, Error> {
        let (mut found, sealer) = (Vec::with_capacity(enterprises.len() * 2), self.sealer());
        for ids in enterprises.chunks(2_048) {
            let values = parameters(&ids.iter().map(|it| it.0).collect::<Vec<_>>());
            let list = bulk::placeholders(self.backend(), 1, values.len());
            let text = format!("{LINKED} WHERE m.enterprise_id IN ({list}) ORDER BY r.record_id");
            let query = Statement::from_sql_and_values(self.backend(), text, values);
            let read = |it: &Row<'_>| {
                let row = RecordRow::read(it)?;
                let (enterprise, owner) = (EnterpriseId(it.get(8)?), it.get::<Option<Uuid>>(9)?);
                let owner = owner.map(OwnerId);
                Ok((Named { record: RecordId(row.record_id), enterprise, owner }, row))
            };
            let rows = self.rows(query, read).await?;
            let opened = |(named, it): (Named, RecordRow)| Ok((named, it.current(&sealer)?.record));
            let rows = parallel::map(rows, opened);
            found.extend(rows.into_iter().collect::<Result<Vec<_>, Error>>()?);
        }
        Ok(found)
    }

    async fn record_rows(
        &self,
        text: String,
        values: Vec<Value>,
    ) -> Result<Vec<CurrentRecord>, Error> {
        let query = Statement::from_sql_and_values(self.backend(), text, values);
        self.opened(self.rows(query, RecordRow::read).await?)
    }

    fn opened(&self, rows: Vec<RecordRow>) -> Result<Vec<CurrentRecord>, Error> {
        let sealer = self.sealer();
        rows.into_iter().map(|it| it.current(&sealer)).collect()
    }

    /// The records of new rows, and of rows with a new version, that no run has linked yet.
    pub async fn unlinked(&self) -> Result<Vec<RecordId>, Error> {
        let query = source_record::Entity::find()
            .select_only()
            .column(source_record::Column::RecordId)
            .filter(source_record::Column::FileId.in_subquery(unlinked_files()))
            .filter(source_record::Column::State.eq(state::CURRENT))
            .build(self.backend());
        self.rows(query, |it| it.get(0).map(RecordId)).await
    }

    /// The current version of one record.
    pub async fn current_record(&self, id: RecordId) -> Result<Option<SourceRecord>, Error> {
        let row = source_record::Entity::find()
            .filter(source_record::Column::RecordId.eq(id.0))
            .filter(source_record::Column::State.eq(state::CURRENT))
            .one(self.whole_reader())
            .await?;
        row.map(|it| to_record(it, &self.sealer())).transpose()
    }

    /// Whether every row of every file whose import is complete has been linked.
    pub async fn is_linked(&self) -> Result<bool, Error> {
        let query = source_file::Entity::find()
            .select_only()
            .column(source_file::Column::Id)
            .filter(unlinked_file())
            .limit(1)
            .build(self.backend());
        Ok(self.rows(query, |it| it.get::<Uuid>(0)).await?.is_empty())
    }
}

/// What a run reads of a version.
const RECORDS: &str = "SELECT r.seq, r.record_id, r.agency, r.file_id, r.sheet, r.row, r.fields, \
     r.recorded_on FROM source_record r";
/// What is linked, and whom it names.
const LINKED: &str = "SELECT r.seq, r.record_id, r.agency, r.file_id, r.sheet, r.row, r.fields, \
     r.recorded_on, m.enterprise_id, m.owner_id \
     FROM membership m JOIN source_record r ON r.seq = m.version_seq";
/// The current versions of files whose import is complete.
const CURRENT: &str = "SELECT r.seq, r.record_id, r.agency, r.file_id, r.sheet, r.row, r.fields, \
     r.recorded_on FROM source_record r JOIN source_file f ON f.id = r.file_id \
     WHERE r.state = 1 AND f.status = 'imported'";
const _: () = assert!(state::CURRENT == 1);

/// A version without its cells.
#[derive(Debug, FromQueryResult)]
struct RecordRow {
    seq: i64,
    record_id: Uuid,
    agency: String,
    file_id: Uuid,
    sheet: String,
    row: i32,
    fields: Vec<u8>,
    recorded_on: Option<NaiveDate>,
}

impl RecordRow {
    fn read(row: &Row<'_>) -> Result<RecordRow, DbErr> {
        Ok(RecordRow {
            seq: row.get(0)?,
            record_id: row.get(1)?,
            agency: row.get(2)?,
            file_id: row.get(3)?,
            sheet: row.get(4)?,
            row: row.get(5)?,
            fields: row.get(6)?,
            recorded_on: row.get(7)?,
        })
    }

    fn current(mut self, sealer: &Sealer) -> Result<CurrentRecord, Error> {
        let place = place(self.record_id, self.file_id);
        let fields = fields_from_json(sealer.open(What::Fields, place, &mut self.fields)?)?;
        let record = SourceRecord {
            id: RecordId(self.record_id),
            agency: AgencyCode::parse(&self.agency).map_err(Error::internal)?,
            file: FileId(self.file_id),
            sheet: self.sheet,
            row: self.row.cast_unsigned(),
            fields,
            recorded_on: self.recorded_on,
        };
        Ok(CurrentRecord { version: self.seq, record })
    }
}

fn unlinked_file() -> Condition {
    Condition::all()
        .add(source_file::Column::Linked.eq(false))
        .add(source_file::Column::Status.eq(FileStatus::Imported.code()))
}

fn unlinked_files() -> sea_orm::sea_query::SelectStatement {
    let files = source_file::Entity::find().select_only().column(source_file::Column::Id);
    files.filter(unlinked_file()).into_query()
}
