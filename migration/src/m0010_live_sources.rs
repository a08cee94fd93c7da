//! Live sources: how far each was read, when it is read next, and who reads it now; and which of them a file came from.
//!
//! Times are milliseconds since 1970.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let source = Table::create()
            .table("live_source")
            .col(text("name").primary_key())
            .col(text_null("watermark"))
            .col(text_null("seen"))
            .col(text_null("whole"))
            .col(big_integer_null("full_at"))
            .col(big_integer("next_at"))
            .col(integer("failures").default(0))
            .col(text_null("holder"))
            .col(big_integer("fence").default(0))
            .col(big_integer("lease_until").default(0))
            .col(boolean("stopping").default(false))
            .col(text_null("result"))
            .col(text_null("detail"))
            .col(big_integer("rows").default(0))
            .col(big_integer_null("started_at"))
            .col(big_integer_null("finished_at"))
            .col(big_integer_null("succeeded_at"))
            .to_owned();
        manager.create_table(source).await?;
        for column in [text_null("source"), text_null("moves")] {
            let change = Table::alter().table("source_file").add_column(column).to_owned();
            manager.alter_table(change).await?;
        }
        let indexes = [("source_file_source", "source_file", vec!["source", "status"])];
        crate::create_indexes(manager, indexes).await
    }
}
