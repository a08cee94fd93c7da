//! What owners agreed to, what persons ask for by right, and what may not come back.
//!
//! Times are milliseconds since 1970: they are compared, and a number compares alike everywhere.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut reach = Table::create()
            .table("consent_reach")
            .col(text("institution"))
            .col(text("purpose"))
            .col(uuid("enterprise_id"))
            .col(uuid("consent_id"))
            .primary_key(
                Index::create()
                    .col("institution")
                    .col("purpose")
                    .col("enterprise_id")
                    .col("consent_id"),
            )
            .to_owned();
        let tables = [
            crate::keyed(manager, &mut reach),
            Table::create()
                .table("consent_text")
                .col(text("version").primary_key())
                .col(text("content"))
                .col(text("added_by"))
                .col(big_integer("added_at"))
                .to_owned(),
            Table::create()
                .table("consent")
                .col(uuid("id").primary_key())
                .col(uuid("anchor"))
                .col(boolean("every_enterprise"))
                .col(text("institution"))
                .col(text("purpose"))
                .col(text("fields"))
                .col(text("text_version"))
                .col(text("channel"))
                .col(text("evidence"))
                .col(text_null("reference"))
                .col(text("given_by"))
                .col(big_integer("given_at"))
                .col(big_integer("expires_at"))
                .col(text_null("withdrawn_by"))
                .col(big_integer_null("withdrawn_at"))
                .to_owned(),
            Table::create()
                .table("restriction")
                .col(uuid("id").primary_key())
                .col(uuid("anchor"))
                .col(boolean("every_enterprise"))
                .col(big_integer("set_at"))
                .col(big_integer_null("lifted_at"))
                .to_owned(),
            Table::create()
                .table("rights_request")
                .col(uuid("id").primary_key())
                .col(text("kind"))
                .col(text("status"))
                .col(uuid_null("anchor"))
                .col(boolean("every_enterprise"))
                .col(text_null("agency"))
                .col(uuid_null("record_id"))
                .col(text_null("field"))
                .col(binary_null("proposed"))
                .col(binary_null("reason"))
                .col(text("made_by"))
                .col(big_integer("made_at"))
                .col(big_integer("due_at"))
                .col(text_null("answer"))
                .col(text_null("settled_by"))
                .col(big_integer_null("settled_at"))
                .to_owned(),
            Table::create()
                .table("tombstone")
                .col(text("hash").primary_key())
                .col(text("kind"))
                .col(uuid("request_id"))
                .col(big_integer("made_at"))
                .to_owned(),
            Table::create()
                .table("file_redaction")
                .col(uuid("file_id").primary_key())
                .col(big_integer("rows"))
                .col(big_integer("at"))
                .to_owned(),
            Table::create()
                .table("retention")
                .col(text("agency").primary_key())
                .col(integer("months"))
                .col(text("ground"))
                .col(text("set_by"))
                .col(big_integer("set_at"))
                .to_owned(),
        ];
        for table in tables {
            manager.create_table(table).await?;
        }
        let indexes = [
            ("consent_anchor", "consent", vec!["anchor"]),
            ("consent_reference", "consent", vec!["institution", "reference"]),
            ("consent_reach_consent", "consent_reach", vec!["consent_id"]),
            ("consent_institution", "consent", vec!["institution", "purpose", "expires_at"]),
            ("restriction_anchor", "restriction", vec!["anchor"]),
            ("rights_request_due", "rights_request", vec!["status", "due_at"]),
            ("rights_request_anchor", "rights_request", vec!["anchor"]),
        ];
        crate::create_indexes(manager, indexes).await
    }
}
