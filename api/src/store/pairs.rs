//! Finding records, the pairs they make, and what stewards said of them.

use domain::id::{EnterpriseId, FileId, RecordId};
use domain::record::{RecordFields, SourceRecord};
use domain::viewer::Scope;
use entity::{link_pair, membership, source_record};
use sea_orm::sea_query::{Expr, ExprTrait, Query};
use sea_orm::{ColumnTrait, DbErr, EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

use super::owners::opened;
use super::sources::{cells_of, fields_of, with_fields};
use super::sql::{Row, padded};
use crate::error::Error;
use crate::sealing::Sealer;
use crate::store::Store;

/// A record as linked, with where it belongs and its cells.
#[derive(Debug, Clone)]
pub struct StoredRecord {
    /// The record.
    pub record: SourceRecord,
    /// Its enterprise.
    pub enterprise: EnterpriseId,
    /// The cells of the row, as written.
    pub cells: Vec<String>,
    /// The complete list of its agency that no longer has the row.
    pub absent_from: Option<FileId>,
}

/// A pair as stored, with the enterprise both its records are in.
#[derive(Debug, Clone)]
pub struct StoredPair {
    /// The pair.
    pub pair: link_pair::Model,
    /// The enterprise.
    pub enterprise: EnterpriseId,
}

/// What of records is opened; nothing is read that is not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Parts {
    /// The texts by meaning.
    pub texts: bool,
    /// The cells as written.
    pub cells: bool,
}

impl Parts {
    /// Everything.
    pub const ALL: Parts = Parts { texts: true, cells: true };
    /// Whose they are and where they stand.
    pub const NONE: Parts = Parts { texts: false, cells: false };
}

impl Store {
    /// The linked versions of the records of `enterprises`, where `scope` opens them, with these parts.
    pub async fn records_of(
        &self,
        scope: &Scope,
        enterprises: &[EnterpriseId],
        parts: Parts,
    ) -> Result<Vec<StoredRecord>, Error> {
        let ids: Vec<Uuid> = enterprises.iter().map(|it| it.0).collect();
        self.linked_records(scope, membership::Column::EnterpriseId, &ids, parts).await
    }

    /// The linked versions of `records`, where `scope` opens their enterprises.
    pub async fn linked_by_id(
        &self,
        scope: &Scope,
        records: &[RecordId],
    ) -> Result<Vec<StoredRecord>, Error> {
        let ids: Vec<Uuid> = records.iter().map(|it| it.0).collect();
        self.linked_records(scope, membership::Column::RecordId, &ids, Parts::ALL).await
    }

    async fn linked_records(
        &self,
        scope: &Scope,
        by: membership::Column,
        ids: &[Uuid],
        parts: Parts,
    ) -> Result<Vec<StoredRecord>, Error> {
        let (mut found, sealer) = (vec![], self.sealer());
        for ids in ids.chunks(1_000) {
            let of = |column: source_record::Column| Expr::col((source_record::Entity, column));
            let part = |asked, column| if asked { of(column) } else { Expr::cust("NULL") };
            let version = (membership::Entity, membership::Column::VersionSeq);
            let query = Query::select()
                .exprs(PLAIN.map(of))
                .expr(part(parts.texts, source_record::Column::Fields))
                .expr(part(parts.cells, source_record::Column::Cells))
                .column((membership::Entity, membership::Column::EnterpriseId))
                .from(membership::Entity)
                .inner_join(source_record::Entity, of(source_record::Column::Seq).equals(version))
                .and_where(by.is_in(padded(ids)))
                .and_where(opened(scope))
                .to_owned();
            for (row, enterprise) in self.rows(self.backend().build(&query), read_version).await? {
                found.push(stored_record(row, EnterpriseId(enterprise), parts, &sealer)?);
            }
        }
        found.sort_by_key(|it| it.record.id);
        Ok(found)
    }

    /// The pairs inside each of `enterprises` that `scope` opens, the strongest first.
    pub async fn links_within(
        &self,
        scope: &Scope,
        enterprises: &[EnterpriseId],
    ) -> Result<Vec<StoredPair>, Error> {
        let members: Vec<(Uuid, Uuid)> = membership::Entity::find()
            .select_only()
            .column(membership::Column::RecordId)
            .column(membership::Column::EnterpriseId)
            .filter(membership::Column::EnterpriseId.is_in(enterprises.iter().map(|it| it.0)))
            .filter(opened(scope))
            .into_tuple()
            .all(self.reader())
            .await?;
        let home: std::collections::HashMap<Uuid, Uuid> = members.into_iter().collect();
        let mut found = vec![];
        for ids in home.keys().copied().collect::<Vec<_>>().chunks(1_000) {
            let rows = link_pair::Entity::find()
                .filter(link_pair::Column::A.is_in(ids.iter().copied()))
                .all(self.reader())
                .await?;
            found.extend(rows.into_iter().filter_map(|pair| {
                let (a, b) = (home.get(&pair.a)?, home.get(&pair.b)?);
                (a == b).then_some(StoredPair { pair, enterprise: EnterpriseId(*a) })
            }));
        }
        found.sort_by(|x, y| {
            let order = y.pair.weight.total_cmp(&x.pair.weight);
            order.then_with(|| (x.pair.a, x.pair.b).cmp(&(y.pair.a, y.pair.b)))
        });
        Ok(found)
    }

    /// The pair of these two records, where it was worth keeping.
    pub async fn pair(&self, a: RecordId, b: RecordId) -> Result<Option<link_pair::Model>, Error> {
        let key = (a.min(b).0, a.max(b).0);
        Ok(link_pair::Entity::find_by_id(key).one(self.reader()).await?)
    }
}

/// The columns of a version but for its sealed parts.
const PLAIN: [source_record::Column; 10] = [
    source_record::Column::Seq,
    source_record::Column::RecordId,
    source_record::Column::Agency,
    source_record::Column::FileId,
    source_record::Column::Sheet,
    source_record::Column::Row,
    source_record::Column::RecordedOn,
    source_record::Column::State,
    source_record::Column::SeenIn,
    source_record::Column::AbsentFrom,
];

/// A version without the parts that were not asked for, and its enterprise.
fn read_version(row: &Row<'_>) -> Result<(source_record::Model, Uuid), DbErr> {
    let version = source_record::Model {
        seq: row.get(0)?,
        record_id: row.get(1)?,
        agency: row.get(2)?,
        file_id: row.get(3)?,
        sheet: row.get(4)?,
        row: row.get(5)?,
        recorded_on: row.get(6)?,
        state: row.get(7)?,
        seen_in: row.get(8)?,
        absent_from: row.get(9)?,
        fields: row.get::<Option<Vec<u8>>>(10)?.unwrap_or_default(),
        cells: row.get::<Option<Vec<u8>>>(11)?.unwrap_or_default(),
    };
    Ok((version, row.get(12)?))
}

fn stored_record(
    mut row: source_record::Model,
    enterprise: EnterpriseId,
    parts: Parts,
    sealer: &Sealer,
) -> Result<StoredRecord, Error> {
    let cells = if parts.cells { cells_of(&mut row, sealer)? } else { vec![] };
    let fields = if parts.texts { fields_of(&mut row, sealer)? } else { RecordFields::default() };
    let absent_from = row.absent_from.map(FileId);
    Ok(StoredRecord { record: with_fields(row, fields)?, enterprise, cells, absent_from })
}
