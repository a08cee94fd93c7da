//! How clients sign their requests, and which signed requests were taken.
//!
//! No secret is here: it follows from the register's key and the number of its generation. Of a request there are
//! digests alone.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let client_signature = Table::create()
            .table("client_signature")
            .col(text("account").primary_key())
            .col(blob("public_key"))
            .col(blob_null("previous_key"))
            .col(timestamp_with_time_zone_null("previous_key_until"))
            .col(integer("generation"))
            .col(timestamp_with_time_zone_null("previous_until"))
            .to_owned();
        manager.create_table(client_signature).await?;
        let signed_request = crate::keyed(
            manager,
            Table::create()
                .table("signed_request")
                .col(text("account"))
                .col(date("day"))
                .col(text("external_id"))
                .col(text("signed"))
                .col(timestamp_with_time_zone("taken_at"))
                .primary_key(Index::create().col("account").col("day").col("external_id")),
        );
        manager.create_table(signed_request).await?;
        let mut once = Index::create();
        once.name("signed_request_once").table("signed_request").unique();
        manager.create_index(once.col("account").col("signed").to_owned()).await
    }
}
