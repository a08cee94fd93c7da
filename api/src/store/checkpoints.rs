//! Checkpoints of the access log.

use entity::access_checkpoint::{self, Column, Entity};
use evidence::Checkpoint;
use evidence::merkle::Frontier;
use sea_orm::ActiveValue::{Set, Unchanged};
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, QueryFilter, QueryOrder};

use super::Store;
use crate::error::Error;

impl Store {
    /// The latest checkpoint; `None` before the first.
    pub async fn last_checkpoint(&self) -> Result<Option<Checkpoint>, Error> {
        let row = Entity::find().order_by_desc(Column::Number).one(self.reader()).await?;
        row.map(|it| it.content.parse().map_err(Error::internal)).transpose()
    }

    /// The first checkpoint that signs the `seq`-th entry, and the tree of the one in front of it; none before it is
    /// signed.
    pub async fn checkpoint_over(&self, seq: u64) -> Result<Option<(Checkpoint, Frontier)>, Error> {
        let over = Entity::find()
            .filter(Column::Size.gte(seq.cast_signed()))
            .order_by_asc(Column::Number)
            .one(self.reader())
            .await?;
        let Some(over) = over else { return Ok(None) };
        let before = Entity::find_by_id(over.number - 1).one(self.reader()).await?;
        let before = before.map(|it| it.content.parse::<Checkpoint>()).transpose();
        let tree = before.map_err(Error::internal)?.map(|it| it.tree).unwrap_or_default();
        Ok(Some((over.content.parse().map_err(Error::internal)?, tree)))
    }

    /// The text of every checkpoint, in order, as a file of them.
    pub async fn checkpoint_texts(&self) -> Result<String, Error> {
        let rows = Entity::find().order_by_asc(Column::Number).all(self.reader()).await?;
        Ok(rows.iter().map(|it| format!("{}\n", it.content)).collect())
    }

    /// Keeps a checkpoint, unless another process has made one of this number meanwhile.
    pub async fn add_checkpoint(&self, checkpoint: &Checkpoint) -> Result<(), Error> {
        let row = access_checkpoint::ActiveModel {
            number: Set(checkpoint.number.cast_signed()),
            size: Set(checkpoint.head.size.cast_signed()),
            at: Set(checkpoint.at),
            content: Set(checkpoint.to_string()),
            exported: Set(false),
        };
        Entity::insert(row)
            .on_conflict(OnConflict::column(Column::Number).do_nothing().to_owned())
            .exec_without_returning(self.writer())
            .await?;
        Ok(())
    }

    /// Checkpoints that are not yet where they are exported to, by number and in order.
    pub async fn checkpoints_to_export(&self) -> Result<Vec<(i64, String)>, Error> {
        let rows = Entity::find()
            .filter(Column::Exported.eq(false))
            .order_by_asc(Column::Number)
            .all(self.reader())
            .await?;
        Ok(rows.into_iter().map(|it| (it.number, it.content)).collect())
    }

    /// Notes that a checkpoint is where it was to be exported to.
    pub async fn checkpoint_exported(&self, number: i64) -> Result<(), Error> {
        let row = access_checkpoint::ActiveModel {
            number: Unchanged(number),
            exported: Set(true),
            ..Default::default()
        };
        row.update(self.writer()).await?;
        Ok(())
    }
}
