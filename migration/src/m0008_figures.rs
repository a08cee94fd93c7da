//! The figures that were last told, so that what they hid stays hidden after a restart, and the sex of owners, by
//! which they are counted.
//!
//! Times are milliseconds since 1970.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let sex = Table::alter()
            .table("enterprise")
            .add_column(small_integer_null("owner_sex"))
            .to_owned();
        manager.alter_table(sex).await?;
        let edition = Table::create()
            .table("figures_edition")
            .col(big_integer("seq").primary_key())
            .col(big_integer("made_at"))
            .col(big_integer("threshold"))
            .col(text("cubes"))
            .col(big_integer("began_with"))
            .col(big_integer("changed"))
            .col(text("records"))
            .col(blob("spots"))
            .col(blob("hidden"))
            .to_owned();
        manager.create_table(edition).await
    }
}
