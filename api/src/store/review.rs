//! What the engine did: runs.

use entity::link_run;
use sea_orm::sea_query::Expr;
use sea_orm::{EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect};

use super::slice::{At, Key, Slice};
use crate::error::Error;
use crate::store::Store;

impl Store {
    /// How many runs there are.
    pub async fn run_count(&self) -> Result<u64, Error> {
        Ok(link_run::Entity::find().count(self.reader()).await?)
    }

    /// The runs of the engine, the latest first, and whether there are more.
    pub async fn run_page(&self, slice: &Slice) -> Result<(Vec<link_run::Model>, bool), Error> {
        let rows = link_run::Entity::find()
            .filter(slice.bounds(&[Expr::col((link_run::Entity, link_run::Column::Seq))]))
            .order_by(link_run::Column::Seq, slice.direction())
            .limit(slice.limit + 1)
            .all(self.reader())
            .await?;
        Ok(slice.cut(rows))
    }
}

/// Where a row stands in a list by order of arrival.
pub fn order_key(seq: i64) -> Key {
    Key(vec![At::Order(seq)])
}
