//! What each institution was told of how enterprises stand with a programme, from which its changes are read.
//!
//! `financing_feed` is one row for each institution and programme. Whoever writes what changed updates that row
//! first and holds it to the end, so that positions become visible in their order. Times are milliseconds since
//! 1970.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let feed = Table::create()
            .table("financing_feed")
            .col(text("institution"))
            .col(text("programme"))
            .col(big_integer("head"))
            .col(big_integer("turn"))
            .col(text("compared"))
            .col(uuid_null("behind"))
            .primary_key(Index::create().col("institution").col("programme"))
            .to_owned();
        let told = Table::create()
            .table("financing_told")
            .col(text("institution"))
            .col(text("programme"))
            .col(uuid("enterprise_id"))
            .col(big_integer("position"))
            .col(small_integer("kind"))
            .col(uuid_null("other"))
            .col(big_integer("at"))
            .col(big_integer("entered"))
            .col(big_integer("entered_at"))
            .col(text("parts"))
            .primary_key(Index::create().col("institution").col("programme").col("enterprise_id"))
            .to_owned();
        manager.create_table(feed).await?;
        manager.create_table(told).await?;
        let position = Index::create()
            .name("financing_told_position")
            .table("financing_told")
            .col("institution")
            .col("programme")
            .col("position")
            .unique()
            .to_owned();
        manager.create_index(position).await
    }
}
