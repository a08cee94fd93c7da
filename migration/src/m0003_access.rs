//! Who read whose data, and what the register as a whole is.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("access_log")
                    .col(pk_auto("seq").big_integer())
                    .col(timestamp_with_time_zone("at"))
                    .col(text("subject"))
                    .col(text("role"))
                    .col(text_null("agency"))
                    .col(text_null("institution"))
                    .col(text("operation"))
                    .col(text("enterprises"))
                    .col(text("attributes"))
                    .col(boolean("allowed"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("setting")
                    .col(text("key").primary_key())
                    .col(text("value"))
                    .to_owned(),
            )
            .await
    }
}
