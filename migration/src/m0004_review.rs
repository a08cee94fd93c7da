//! What stewards work with: previews of models, the review queue, who works on what, and the sample
//! from which the quality of the links is estimated.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let tables = [
            Table::create()
                .table("model_preview")
                .col(uuid("model_id").primary_key())
                .col(text("basis"))
                .col(text("found"))
                .col(text("made_by"))
                .col(timestamp_with_time_zone("made_at"))
                .to_owned(),
            Table::create()
                .table("review_item")
                .col(uuid("a"))
                .col(uuid("b"))
                .col(text("kind"))
                .col(text("reason"))
                .col(double("weight"))
                .col(double("probability"))
                .col(integer("records"))
                .col(boolean("aid"))
                .col(boolean("financing"))
                .col(double("nearness"))
                .col(double("consequence"))
                .primary_key(Index::create().col("a").col("b"))
                .to_owned(),
            Table::create()
                .table("review_assignment")
                .col(uuid("a"))
                .col(uuid("b"))
                .col(text("assignee"))
                .col(text("assigned_by"))
                .col(timestamp_with_time_zone("assigned_at"))
                .primary_key(Index::create().col("a").col("b"))
                .to_owned(),
            Table::create()
                .table("quality_sample")
                .col(uuid("model_id"))
                .col(uuid("a"))
                .col(uuid("b"))
                .col(boolean("linked"))
                .col(small_integer("band"))
                .col(double("inclusion"))
                .primary_key(Index::create().col("a").col("b"))
                .to_owned(),
        ];
        for table in tables {
            manager.create_table(table).await?;
        }
        let indexes = [
            ("review_item_order", "review_item", vec!["consequence", "a", "b"]),
            ("review_item_b", "review_item", vec!["b"]),
            ("quality_sample_b", "quality_sample", vec!["b"]),
        ];
        crate::create_indexes(manager, indexes).await
    }
}
