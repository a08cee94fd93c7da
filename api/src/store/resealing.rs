//! Another data key: what former keys sealed is sealed anew, some rows at a time, while the register is
//! served.
//!
//! A batch takes the turn of imports and link runs, which write the same rows; reads go on. How far the work
//! is stands in the register, so that it goes on where it was stopped.

use entity::{
    block_page, decision, enterprise, enterprise_version, figures_edition, linkage_model, owner,
    rights_request, source_file_part, source_record,
};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect, Statement, TransactionTrait,
};

use super::blocks::{self, BlockChanges};
use super::slice::{At, Key, Slice};
use super::{Store, bulk, enterprises, source_files, sources, statistics};
use crate::error::Error;
use crate::sealing::{Place, What, version_of};

/// The tables with sealed columns, and those columns.
const SEALED: [(&str, &[&str]); 9] = [
    ("source_record", &["cells", "fields"]),
    ("source_file_part", &["bytes"]),
    ("linkage_model", &["parameters"]),
    ("decision", &["said"]),
    ("enterprise", &["profile"]),
    ("enterprise_version", &["profile"]),
    ("owner", &["nik"]),
    ("rights_request", &["proposed", "reason"]),
    ("figures_edition", &["spots"]),
];

/// What a batch did, and where the next one begins.
#[derive(Debug, Default, Clone, PartialEq)]
pub struct Batch {
    /// Values sealed anew.
    pub sealed: u64,
    /// Values that do not open, and so stay as they are.
    pub damaged: u64,
    /// The next batch; `None` when all is done.
    pub next: Option<Position>,
}

/// Where a batch begins: in which table, behind which row.
#[derive(Debug, Default, Clone, PartialEq)]
pub struct Position {
    table: usize,
    after: Option<Key>,
}

impl Position {
    /// The position as text.
    pub fn write(&self) -> String {
        let after = self.after.as_ref().map(Key::write).unwrap_or_default();
        format!("{} {after}", self.table)
    }

    /// Reads what [`Position::write`] wrote; the begin for anything else, which costs time alone.
    pub fn read(text: &str) -> Position {
        let (table, after) = text.split_once(' ').unwrap_or_default();
        let table = table.parse().ok().filter(|it| *it < SEALED.len());
        let Some(table) = table else { return Position::default() };
        let likes = [
            vec![At::Order(0)],
            vec![At::Id(uuid::Uuid::nil()), At::Order(0)],
            vec![At::Id(uuid::Uuid::nil())],
            vec![At::Order(0)],
            vec![At::Id(uuid::Uuid::nil())],
            vec![At::Id(uuid::Uuid::nil()), At::Time(chrono::DateTime::UNIX_EPOCH)],
            vec![At::Id(uuid::Uuid::nil())],
            vec![At::Id(uuid::Uuid::nil())],
            vec![At::Order(0)],
        ];
        let like = likes.into_iter().nth(table).map(Key);
        Position { table, after: like.and_then(|it| Key::read(after, &it)) }
    }
}

/// A sealed value of a row.
struct Value<C> {
    column: C,
    what: What,
    place: Place,
    sealed: Vec<u8>,
}

/// A table with sealed values.
trait Kept: EntityTrait {
    /// Rows of one batch.
    const BATCH: u64 = 1_000;
    /// The columns that order its rows.
    fn order() -> Vec<Self::Column>;
    /// What they hold at a row.
    fn key(row: &Self::Model) -> Key;
    /// What is sealed in a row.
    fn values(row: Self::Model) -> Vec<Value<Self::Column>>;
}

impl Kept for source_record::Entity {
    fn order() -> Vec<Self::Column> {
        vec![source_record::Column::Seq]
    }
    fn key(row: &Self::Model) -> Key {
        Key(vec![At::Order(row.seq)])
    }
    fn values(row: Self::Model) -> Vec<Value<Self::Column>> {
        use source_record::Column;
        let place = sources::place(row.record_id, row.file_id);
        vec![
            Value { column: Column::Cells, what: What::Cells, place, sealed: row.cells },
            Value { column: Column::Fields, what: What::Fields, place, sealed: row.fields },
        ]
    }
}

impl Kept for source_file_part::Entity {
    const BATCH: u64 = 16;
    fn order() -> Vec<Self::Column> {
        vec![source_file_part::Column::FileId, source_file_part::Column::Part]
    }
    fn key(row: &Self::Model) -> Key {
        Key(vec![At::Id(row.file_id), At::Order(row.part.into())])
    }
    fn values(row: Self::Model) -> Vec<Value<Self::Column>> {
        let place = source_files::part_place(row.file_id, row.part);
        let column = source_file_part::Column::Bytes;
        vec![Value { column, what: What::Part, place, sealed: row.bytes }]
    }
}

impl Kept for linkage_model::Entity {
    const BATCH: u64 = 1;
    fn order() -> Vec<Self::Column> {
        vec![linkage_model::Column::Id]
    }
    fn key(row: &Self::Model) -> Key {
        Key(vec![At::Id(row.id)])
    }
    fn values(row: Self::Model) -> Vec<Value<Self::Column>> {
        let (column, place) = (linkage_model::Column::Parameters, Place::of(row.id));
        vec![Value { column, what: What::Parameters, place, sealed: row.parameters }]
    }
}

impl Kept for decision::Entity {
    fn order() -> Vec<Self::Column> {
        vec![decision::Column::Seq]
    }
    fn key(row: &Self::Model) -> Key {
        Key(vec![At::Order(row.seq)])
    }
    fn values(row: Self::Model) -> Vec<Value<Self::Column>> {
        let (column, place) = (decision::Column::Said, Place::of(row.id));
        vec![Value { column, what: What::Said, place, sealed: row.said }]
    }
}

impl Kept for enterprise::Entity {
    fn order() -> Vec<Self::Column> {
        vec![enterprise::Column::Id]
    }
    fn key(row: &Self::Model) -> Key {
        Key(vec![At::Id(row.id)])
    }
    fn values(row: Self::Model) -> Vec<Value<Self::Column>> {
        let place = enterprises::place(row.id, row.written_at);
        let column = enterprise::Column::Profile;
        vec![Value { column, what: What::Profile, place, sealed: row.profile }]
    }
}

impl Kept for enterprise_version::Entity {
    fn order() -> Vec<Self::Column> {
        vec![enterprise_version::Column::EnterpriseId, enterprise_version::Column::ValidTo]
    }
    fn key(row: &Self::Model) -> Key {
        Key(vec![At::Id(row.enterprise_id), At::Time(row.valid_to)])
    }
    fn values(row: Self::Model) -> Vec<Value<Self::Column>> {
        let place = enterprises::place(row.enterprise_id, row.valid_from);
        let column = enterprise_version::Column::Profile;
        vec![Value { column, what: What::Profile, place, sealed: row.profile }]
    }
}

impl Kept for owner::Entity {
    fn order() -> Vec<Self::Column> {
        vec![owner::Column::Id]
    }
    fn key(row: &Self::Model) -> Key {
        Key(vec![At::Id(row.id)])
    }
    fn values(row: Self::Model) -> Vec<Value<Self::Column>> {
        let (column, place) = (owner::Column::Nik, Place::of(row.id));
        let nik = row.nik.into_iter();
        nik.map(|sealed| Value { column, what: What::Nik, place, sealed }).collect()
    }
}

impl Kept for rights_request::Entity {
    fn order() -> Vec<Self::Column> {
        vec![rights_request::Column::Id]
    }
    fn key(row: &Self::Model) -> Key {
        Key(vec![At::Id(row.id)])
    }
    fn values(row: Self::Model) -> Vec<Value<Self::Column>> {
        use rights_request::Column;
        let place = Place::of(row.id);
        let proposed = row.proposed.map(|it| (Column::Proposed, What::Proposed, it));
        let reason = row.reason.map(|it| (Column::Reason, What::Reason, it));
        let sealed = proposed.into_iter().chain(reason);
        sealed.map(|(column, what, sealed)| Value { column, what, place, sealed }).collect()
    }
}

impl Kept for figures_edition::Entity {
    const BATCH: u64 = 1;
    fn order() -> Vec<Self::Column> {
        vec![figures_edition::Column::Seq]
    }
    fn key(row: &Self::Model) -> Key {
        Key(vec![At::Order(row.seq)])
    }
    fn values(row: Self::Model) -> Vec<Value<Self::Column>> {
        let (column, place) = (figures_edition::Column::Spots, statistics::place(row.seq));
        vec![Value { column, what: What::Spots, place, sealed: row.spots }]
    }
}

impl Store {
    /// Seals the rows of one batch with the key that seals now.
    pub async fn reseal(&self, from: &Position) -> Result<Batch, Error> {
        let after = from.after.clone();
        let (mut batch, last) = match from.table {
            0 => self.reseal_in::<source_record::Entity>(after).await?,
            1 => self.reseal_in::<source_file_part::Entity>(after).await?,
            2 => self.reseal_in::<linkage_model::Entity>(after).await?,
            3 => self.reseal_in::<decision::Entity>(after).await?,
            4 => self.reseal_in::<enterprise::Entity>(after).await?,
            5 => self.reseal_in::<enterprise_version::Entity>(after).await?,
            6 => self.reseal_in::<owner::Entity>(after).await?,
            7 => self.reseal_in::<rights_request::Entity>(after).await?,
            _ => self.reseal_in::<figures_edition::Entity>(after).await?,
        };
        batch.next = match last {
            Some(last) => Some(Position { table: from.table, after: Some(last) }),
            None if from.table + 1 < SEALED.len() => {
                Some(Position { table: from.table + 1, after: None })
            }
            None => None,
        };
        Ok(batch)
    }

    /// One batch of a table and its last row; none when there are no more.
    async fn reseal_in<E: Kept>(&self, after: Option<Key>) -> Result<(Batch, Option<Key>), Error> {
        let _turn = self.run_lock().await?;
        let (sealer, order) = (self.sealer(), E::order());
        let columns: Vec<Expr> = order.iter().map(|it| Expr::col((E::default(), *it))).collect();
        let slice =
            Slice { descending: false, after, before: None, limit: E::BATCH, backwards: false };
        let mut query = E::find().filter(slice.bounds(&columns)).limit(slice.limit);
        for column in &order {
            query = query.order_by_asc(*column);
        }
        let rows = query.all(self.whole_reader()).await?;
        let (mut batch, last) = (Batch::default(), rows.last().map(E::key));
        let transaction = self.writer().begin().await?;
        for row in rows {
            let key = E::key(&row);
            let mut update = E::update_many();
            for (column, at) in order.iter().zip(&key.0) {
                update = update.filter(column.eq(at.value()));
            }
            let before = batch.sealed;
            for value in E::values(row) {
                if version_of(&value.sealed) == Some(sealer.version()) {
                    continue;
                }
                let mut opened = value.sealed.clone();
                let Ok(plain) = sealer.open(value.what, value.place, &mut opened) else {
                    batch.damaged += 1;
                    continue;
                };
                let anew = sealer.seal(value.what, value.place, plain)?;
                // What was written anew in the meantime is left as it is.
                update = update.filter(value.column.eq(value.sealed));
                update = update.col_expr(value.column, Expr::value(anew));
                batch.sealed += 1;
            }
            if before < batch.sealed {
                update.exec(&transaction).await?;
            }
        }
        transaction.commit().await?;
        Ok((batch, last))
    }

    /// How many values are sealed with the key of this version, by column, and pages of the blocking index.
    pub async fn sealed_with(&self, version: u32) -> Result<Vec<(String, u64)>, Error> {
        let mut header = vec![1];
        header.extend_from_slice(&version.to_be_bytes());
        let mark = bulk::placeholders(self.backend(), 1, 1);
        let mut found = vec![];
        for (table, columns) in SEALED {
            for column in columns {
                let text = format!(
                    "SELECT COUNT(*) AS n FROM {table} WHERE substr({column}, 1, 5) = {mark}"
                );
                let values = [header.clone().into()];
                let query = Statement::from_sql_and_values(self.backend(), text, values);
                let row = self.whole_reader().query_one_raw(query).await?;
                let count = row.map(|it| it.try_get::<i64>("", "n")).transpose()?;
                found.push((format!("{table}.{column}"), count.unwrap_or(0).cast_unsigned()));
            }
        }
        let pages = block_page::Entity::find()
            .filter(block_page::Column::KeyVersion.eq(version.cast_signed()))
            .count(self.whole_reader())
            .await?;
        found.push(("block_page".to_owned(), pages));
        Ok(found)
    }

    /// Whether the blocking index is kept under another key than the one that seals.
    pub async fn index_is_of_former_key(&self) -> Result<bool, Error> {
        let ours = self.sealer().version().cast_signed();
        let other = block_page::Column::KeyVersion.ne(ours);
        Ok(0 < block_page::Entity::find().filter(other).count(self.whole_reader()).await?)
    }

    /// Writes the blocking index anew: all keys of the linked versions. Whoever calls holds the run lock.
    pub async fn replace_index(&self, keys: Vec<(i64, Vec<u64>)>) -> Result<(), Error> {
        let transaction = self.begin().await?;
        blocks::write(&transaction, &self.sealer(), BlockChanges::All(keys)).await?;
        transaction.commit().await?;
        Ok(())
    }
}
