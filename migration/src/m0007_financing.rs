//! How each enterprise stands with each financing programme, as last assessed.
//!
//! Times are milliseconds since 1970.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let standing = Table::create()
            .table("financing_standing")
            .col(uuid("enterprise_id"))
            .col(text("programme"))
            .col(text("version"))
            .col(small_integer("status"))
            .col(big_integer_null("ceiling"))
            .col(big_integer_null("next_ceiling"))
            .col(text("missing"))
            .col(text_null("one_away"))
            .col(big_integer("since"))
            .primary_key(Index::create().col("programme").col("enterprise_id"))
            .to_owned();
        manager.create_table(standing).await?;
        let indexes = [
            ("financing_standing_enterprise", "financing_standing", vec!["enterprise_id"]),
            (
                "financing_standing_status",
                "financing_standing",
                vec!["programme", "status", "enterprise_id"],
            ),
            ("financing_standing_since", "financing_standing", vec!["programme", "since"]),
        ];
        crate::create_indexes(manager, indexes).await
    }
}
