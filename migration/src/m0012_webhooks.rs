//! Where institutions are told that there are changes, and each message to them until it was taken.
//!
//! No secret is here: it follows from the register's key and the number of its generation. Times are milliseconds
//! since 1970.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let webhook = Table::create()
            .table("webhook")
            .col(uuid("id").primary_key())
            .col(text("name").unique_key())
            .col(text("institution"))
            .col(text("programme"))
            .col(text("url"))
            .col(integer("generation"))
            .col(big_integer("previous_until"))
            .col(big_integer("seen"))
            .col(boolean("disabled"))
            .col(big_integer("look_at"))
            .col(big_integer("made_at"))
            .to_owned();
        let delivery = Table::create()
            .table("webhook_delivery")
            .col(uuid("id").primary_key())
            .col(uuid("webhook_id"))
            .col(small_integer("state"))
            .col(integer("attempts"))
            .col(big_integer("made_at"))
            .col(big_integer("next_at"))
            .col(big_integer("lease_until"))
            .col(big_integer_null("tried_at"))
            .col(text_null("result"))
            .col(integer_null("status"))
            .to_owned();
        manager.create_table(webhook).await?;
        manager.create_table(delivery).await?;
        let indexes = [
            ("webhook_delivery_due", "webhook_delivery", vec!["state", "next_at"]),
            ("webhook_delivery_of", "webhook_delivery", vec!["webhook_id", "made_at"]),
        ];
        crate::create_indexes(manager, indexes).await
    }
}
