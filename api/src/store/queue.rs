//! The stewards' queue, who works on what of it, and the sample of pairs.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, Utc};
use domain::id::{ModelId, RecordId};
use entity::{quality_sample, review_assignment, review_item};
use sea_orm::sea_query::{Expr, ExprTrait, Query};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, DbErr, EntityTrait, PaginatorTrait, QueryFilter,
    QueryOrder, QuerySelect, QueryTrait, TransactionTrait, Value,
};
use uuid::Uuid;

use super::slice::{At, Key, Slice};
use super::sql::{Row, Transaction, padded};
use super::{Store, bulk};
use crate::error::Error;

/// What of the queue and of the sample changes with a run.
#[derive(Debug, Default)]
pub struct QueueChanges {
    /// Items to write, new or anew.
    pub items: Vec<review_item::Model>,
    /// Items nobody need look at any more.
    pub gone_items: Vec<(Uuid, Uuid)>,
    /// Pairs newly drawn, or drawn anew.
    pub sample: Vec<quality_sample::Model>,
    /// Pairs that are no longer part of the sample.
    pub gone_sample: Vec<(Uuid, Uuid)>,
}

/// Which items of the queue are asked for; every condition that is set must hold.
#[derive(Debug, Clone, Default)]
pub struct QueueFilter {
    /// `pair` or `cluster`.
    pub kind: Option<&'static str>,
    /// Why a person should look.
    pub reason: Option<String>,
    /// Given to this steward.
    pub assignee: Option<String>,
    /// Given to somebody, or to nobody.
    pub assigned: Option<bool>,
    /// At least this probable.
    pub min_probability: Option<f64>,
    /// At most this probable.
    pub max_probability: Option<f64>,
}

impl QueueFilter {
    fn condition(&self) -> Condition {
        use review_assignment::Column as Given;
        use review_item::Column;
        let given = |only: Option<&str>| {
            let mut query = Query::select();
            query.expr(Expr::val(1)).from(review_assignment::Entity);
            query.and_where(
                Expr::col((review_assignment::Entity, Given::A))
                    .equals((review_item::Entity, Column::A))
                    .and(
                        Expr::col((review_assignment::Entity, Given::B))
                            .equals((review_item::Entity, Column::B)),
                    ),
            );
            if let Some(assignee) = only {
                query.and_where(Given::Assignee.eq(assignee));
            }
            Expr::exists(query)
        };
        Condition::all()
            .add_option(self.kind.map(|it| Column::Kind.eq(it)))
            .add_option(self.reason.as_deref().map(|it| Column::Reason.eq(it)))
            .add_option(self.min_probability.map(|it| Column::Probability.gte(it)))
            .add_option(self.max_probability.map(|it| Column::Probability.lte(it)))
            .add_option(self.assignee.as_deref().map(|it| given(Some(it))))
            .add_option(self.assigned.map(|it| if it { given(None) } else { given(None).not() }))
    }
}

impl Store {
    /// Every item of the queue, or those about one of `records`.
    pub async fn review_items(
        &self,
        records: Option<&[RecordId]>,
    ) -> Result<Vec<review_item::Model>, Error> {
        use review_item::Column;
        let Some(records) = records else {
            return Ok(review_item::Entity::find().all(self.reader()).await?);
        };
        let mut found = BTreeMap::new();
        for records in records.chunks(1_024) {
            let query = review_item::Entity::find().filter(either(Column::A, Column::B, records));
            let rows = self.rows(query.build(self.backend()), read_item).await?;
            found.extend(rows.into_iter().map(|it| ((it.a, it.b), it)));
        }
        Ok(found.into_values().collect())
    }

    /// How much hangs on each of the first `count` items, the most first.
    pub async fn queue_front(&self, count: u64) -> Result<Vec<f64>, Error> {
        let query = review_item::Entity::find()
            .select_only()
            .column(review_item::Column::Consequence)
            .order_by_desc(review_item::Column::Consequence)
            .limit(count)
            .build(self.backend());
        self.rows(query, |it| it.get(0)).await
    }

    /// The item about these two records.
    pub async fn review_item(
        &self,
        a: RecordId,
        b: RecordId,
    ) -> Result<Option<review_item::Model>, Error> {
        let key = (a.min(b).0, a.max(b).0);
        Ok(review_item::Entity::find_by_id(key).one(self.reader()).await?)
    }

    /// A page of the queue, those on which most hangs first, and whether there are more.
    pub async fn queue_page(
        &self,
        filter: &QueueFilter,
        slice: &Slice,
    ) -> Result<(Vec<review_item::Model>, bool), Error> {
        use review_item::Column;
        let columns = [Column::Consequence, Column::A, Column::B];
        let bound = slice.bounds(&columns.map(|it| Expr::col((review_item::Entity, it))));
        let mut query = review_item::Entity::find().filter(filter.condition()).filter(bound);
        for column in columns {
            query = query.order_by(column, slice.direction());
        }
        let rows = query.limit(slice.limit + 1).all(self.reader()).await?;
        Ok(slice.cut(rows))
    }

    /// How many items of the queue there are.
    pub async fn queue_count(&self, filter: &QueueFilter) -> Result<u64, Error> {
        let query = review_item::Entity::find().filter(filter.condition());
        Ok(query.count(self.reader()).await?)
    }

    /// Who works on which of these pairs.
    pub async fn assignments(
        &self,
        pairs: &[(Uuid, Uuid)],
    ) -> Result<HashMap<(Uuid, Uuid), review_assignment::Model>, Error> {
        let rows = review_assignment::Entity::find()
            .filter(review_assignment::Column::A.is_in(pairs.iter().map(|it| it.0)))
            .all(self.reader())
            .await?;
        Ok(rows.into_iter().map(|it| ((it.a, it.b), it)).collect())
    }

    /// Gives these pairs to `assignee`, or to nobody.
    pub async fn assign(
        &self,
        pairs: &[(Uuid, Uuid)],
        assignee: Option<&str>,
        by: &str,
        at: DateTime<Utc>,
    ) -> Result<(), Error> {
        let transaction = self.writer().begin().await?;
        bulk::delete_pairs(&transaction, "review_assignment", pairs).await?;
        if let Some(assignee) = assignee {
            let rows = pairs.iter().map(|(a, b)| review_assignment::ActiveModel {
                a: Set(*a),
                b: Set(*b),
                assignee: Set(assignee.to_owned()),
                assigned_by: Set(by.to_owned()),
                assigned_at: Set(at),
            });
            let insert = review_assignment::Entity::insert_many(rows);
            insert.exec_without_returning(&transaction).await?;
        }
        transaction.commit().await?;
        Ok(())
    }

    /// The sample, or its pairs that have one of `records`: drawn under the model that links, or under the one
    /// before it until the next run.
    pub async fn quality_sample(
        &self,
        records: Option<&[RecordId]>,
    ) -> Result<Vec<quality_sample::Model>, Error> {
        use quality_sample::Column;
        let Some(records) = records else {
            return Ok(quality_sample::Entity::find().all(self.reader()).await?);
        };
        let mut found = BTreeMap::new();
        for records in records.chunks(1_024) {
            let query =
                quality_sample::Entity::find().filter(either(Column::A, Column::B, records));
            let rows = self.rows(query.build(self.backend()), read_sample).await?;
            found.extend(rows.into_iter().map(|it| ((it.a, it.b), it)));
        }
        Ok(found.into_values().collect())
    }

    /// The least probability with which a pair was drawn under `model`, for pairs linked or apart and each band.
    pub async fn sample_rates(&self, model: ModelId) -> Result<HashMap<(bool, i16), f64>, Error> {
        use quality_sample::Column;
        let query = quality_sample::Entity::find()
            .select_only()
            .columns([Column::Linked, Column::Band])
            .column_as(Column::Inclusion.min(), "rate")
            .filter(Column::ModelId.eq(model.0))
            .group_by(Column::Linked)
            .group_by(Column::Band)
            .build(self.backend());
        let rows = self.rows(query, |it| Ok(((it.get(0)?, it.get(1)?), it.get(2)?))).await?;
        Ok(rows.into_iter().collect())
    }
}

fn either<C: ColumnTrait>(a: C, b: C, records: &[RecordId]) -> Condition {
    let here = || padded(records).map(|it| it.0);
    Condition::any().add(a.is_in(here())).add(b.is_in(here()))
}

fn read_item(row: &Row<'_>) -> Result<review_item::Model, DbErr> {
    Ok(review_item::Model {
        a: row.get(0)?,
        b: row.get(1)?,
        kind: row.get(2)?,
        reason: row.get(3)?,
        weight: row.get(4)?,
        probability: row.get(5)?,
        records: row.get(6)?,
        aid: row.get(7)?,
        financing: row.get(8)?,
        nearness: row.get(9)?,
        consequence: row.get(10)?,
    })
}

fn read_sample(row: &Row<'_>) -> Result<quality_sample::Model, DbErr> {
    Ok(quality_sample::Model {
        model_id: row.get(0)?,
        a: row.get(1)?,
        b: row.get(2)?,
        linked: row.get(3)?,
        band: row.get(4)?,
        inclusion: row.get(5)?,
    })
}

/// Where an item stands in the queue.
pub fn item_key(item: &review_item::Model) -> Key {
    Key(vec![At::Number(item.consequence), At::Id(item.a), At::Id(item.b)])
}

/// A key of the kind that the queue has.
pub fn item_key_kind() -> Key {
    Key(vec![At::Number(0.0), At::Id(Uuid::nil()), At::Id(Uuid::nil())])
}

/// Writes what changes in the queue and the sample, as part of a run's transaction. Nobody works any longer
/// on what left the queue.
pub(super) async fn write(transaction: &Transaction, changes: QueueChanges) -> Result<(), Error> {
    let again: Vec<_> = changes.items.iter().map(|it| (it.a, it.b)).collect();
    bulk::delete_pairs(transaction, "review_assignment", &changes.gone_items).await?;
    bulk::delete_pairs(transaction, "review_item", &changes.gone_items).await?;
    bulk::delete_pairs(transaction, "review_item", &again).await?;
    let columns = [
        "a",
        "b",
        "kind",
        "reason",
        "weight",
        "probability",
        "records",
        "aid",
        "financing",
        "nearness",
        "consequence",
    ];
    let rows = changes.items.into_iter().map(|it| -> [Value; 11] {
        [
            it.a.into(),
            it.b.into(),
            it.kind.into(),
            it.reason.into(),
            it.weight.into(),
            it.probability.into(),
            it.records.into(),
            it.aid.into(),
            it.financing.into(),
            it.nearness.into(),
            it.consequence.into(),
        ]
    });
    bulk::insert(transaction, "review_item", columns, rows).await?;
    let again: Vec<_> = changes.sample.iter().map(|it| (it.a, it.b)).collect();
    bulk::delete_pairs(transaction, "quality_sample", &changes.gone_sample).await?;
    bulk::delete_pairs(transaction, "quality_sample", &again).await?;
    let columns = ["model_id", "a", "b", "linked", "band", "inclusion"];
    let rows = changes.sample.into_iter().map(|it| -> [Value; 6] {
        [
            it.model_id.into(),
            it.a.into(),
            it.b.into(),
            it.linked.into(),
            it.band.into(),
            it.inclusion.into(),
        ]
    });
    Ok(bulk::insert(transaction, "quality_sample", columns, rows).await?)
}
