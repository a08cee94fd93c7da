//! Who may sign in: accounts of persons and machines, and the secrets of machines.

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
                    .table("account")
                    .col(text("name").primary_key())
                    .col(text("kind"))
                    .col(text_null("role"))
                    .col(text_null("agency"))
                    .col(text_null("institution"))
                    .col(uuid_null("person"))
                    .col(text_null("scopes"))
                    .col(text_null("password"))
                    .col(boolean("disabled"))
                    .col(big_integer("generation"))
                    .col(integer("failures"))
                    .col(timestamp_with_time_zone_null("locked_until"))
                    .col(timestamp_with_time_zone_null("expires_at"))
                    .col(timestamp_with_time_zone("created_at"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("client_secret")
                    .col(uuid("id").primary_key())
                    .col(text("account"))
                    .col(text("kept"))
                    .col(timestamp_with_time_zone("made_at"))
                    .col(timestamp_with_time_zone_null("expires_at"))
                    .to_owned(),
            )
            .await?;
        let mut index = Index::create();
        index.name("client_secret_account").table("client_secret").col("account");
        manager.create_index(index).await
    }
}
