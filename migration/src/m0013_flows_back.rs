//! What flows back to the agencies: what each is asked to correct in its own list, and how good it was.
//!
//! Times are milliseconds since 1970.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut correction = Table::create();
        correction
            .table("correction")
            .col(uuid("record_id"))
            .col(text("code"))
            .col(text("agency"))
            .col(text("kind"))
            .col(text("field"))
            .col(text_null("problem"))
            .col(text("status"))
            .col(big_integer("version"))
            .col(big_integer("asked_at"))
            .col(big_integer_null("settled_at"))
            .primary_key(Index::create().col("record_id").col("code"));
        manager.create_table(crate::keyed(manager, &mut correction)).await?;
        let mut quality = Table::create();
        quality.table("agency_quality").col(text("agency")).col(date("day"));
        for column in [
            "rows", "filled", "wanted", "valid", "checked", "unique", "recent", "agreeing",
            "shared",
        ] {
            quality.col(big_integer(column));
        }
        quality.primary_key(Index::create().col("agency").col("day"));
        manager.create_table(crate::keyed(manager, &mut quality)).await?;
        let columns = vec!["agency", "status", "kind", "record_id", "code"];
        crate::create_indexes(manager, [("correction_agency", "correction", columns)]).await
    }
}
