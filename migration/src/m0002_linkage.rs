//! What the engine found: models, runs, pairs, enterprises, owners, and the stewards' decisions.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let tables = [
            Table::create()
                .table("linkage_model")
                .col(uuid("id").primary_key())
                .col(integer("version"))
                .col(boolean("active"))
                .col(timestamp_with_time_zone("created_at"))
                // Last: they are megabytes, which a query of the others then need not pass over.
                .col(blob("parameters"))
                .to_owned(),
            Table::create()
                .table("link_run")
                .col(pk_auto("seq").big_integer())
                .col(uuid("id").unique_key())
                .col(uuid("model_id"))
                .col(text("cause"))
                .col(uuid_null("subject_id"))
                .col(text_null("made_by"))
                .col(text("counts"))
                .col(timestamp_with_time_zone("started_at"))
                .col(timestamp_with_time_zone("finished_at"))
                .to_owned(),
            Table::create()
                .table("membership")
                .col(uuid("record_id").primary_key())
                .col(uuid("enterprise_id"))
                .col(uuid_null("owner_id"))
                .col(text("agency"))
                .col(big_integer("version_seq"))
                .col(boolean("beside"))
                .to_owned(),
            crate::keyed(
                manager,
                Table::create()
                    .table("link_pair")
                    .col(uuid("a"))
                    .col(uuid("b"))
                    .col(double("weight"))
                    .col(double("context"))
                    .col(double("probability"))
                    .col(double("person_weight"))
                    .col(boolean("linked"))
                    .primary_key(Index::create().col("a").col("b")),
            ),
            Table::create()
                .table("block_page")
                .col(integer("page").primary_key())
                .col(integer("key_version"))
                .col(blob("entries"))
                .to_owned(),
            crate::keyed(
                manager,
                Table::create()
                    .table("block_entry")
                    .col(big_integer("key"))
                    .col(big_integer("version_seq"))
                    .primary_key(Index::create().col("key").col("version_seq")),
            ),
            Table::create()
                .table("enterprise")
                .col(uuid("id").primary_key())
                .col(text("name"))
                .col(text("sort_name"))
                .col(text_null("nib"))
                .col(boolean("has_npwp"))
                .col(text_null("kbli"))
                .col(text_null("section"))
                .col(integer_null("kecamatan"))
                .col(big_integer_null("kelurahan"))
                .col(small_integer_null("size_class"))
                .col(text_null("size_basis"))
                .col(integer("records"))
                .col(blob("profile"))
                .col(timestamp_with_time_zone("updated_at"))
                .col(timestamp_with_time_zone("written_at"))
                .to_owned(),
            Table::create()
                .table("enterprise_version")
                .col(uuid("enterprise_id"))
                .col(timestamp_with_time_zone("valid_from"))
                .col(timestamp_with_time_zone("valid_to"))
                .col(timestamp_with_time_zone("updated_at"))
                .col(uuid("run_id"))
                .col(blob("profile"))
                .primary_key(Index::create().col("enterprise_id").col("valid_to"))
                .to_owned(),
            crate::keyed(
                manager,
                Table::create()
                    .table("enterprise_agency")
                    .col(text("agency"))
                    .col(uuid("enterprise_id"))
                    .col(integer("records"))
                    .primary_key(Index::create().col("agency").col("enterprise_id")),
            ),
            Table::create()
                .table("enterprise_redirect")
                .col(uuid("retired").primary_key())
                .col(uuid("heir"))
                .col(uuid("run_id"))
                .col(boolean("undone"))
                .to_owned(),
            Table::create()
                .table("enterprise_event")
                .col(pk_auto("seq").big_integer())
                .col(uuid("enterprise_id"))
                .col(text("kind"))
                .col(uuid_null("other"))
                .col(text("records"))
                .col(text_null("attribute"))
                .col(uuid("run_id"))
                .col(timestamp_with_time_zone("at"))
                .col(timestamp_with_time_zone_null("undone_at"))
                .col(text("agencies"))
                .to_owned(),
            Table::create()
                .table("owner")
                .col(uuid("id").primary_key())
                .col(text("name"))
                .col(text("sort_name"))
                .col(blob_null("nik"))
                .col(integer("records"))
                .col(integer("enterprises"))
                .to_owned(),
            Table::create()
                .table("decision")
                .col(pk_auto("seq").big_integer())
                .col(uuid("id").unique_key())
                .col(text("kind"))
                .col(text("status"))
                .col(uuid("a"))
                .col(uuid_null("b"))
                .col(text_null("others"))
                .col(double_null("weight"))
                .col(text_null("attribute"))
                .col(blob("said"))
                .col(text("before"))
                .col(uuid_null("run_id"))
                .col(text("made_by"))
                .col(timestamp_with_time_zone("made_at"))
                .col(text_null("settled_by"))
                .col(timestamp_with_time_zone_null("settled_at"))
                .col(text_null("undone_by"))
                .col(timestamp_with_time_zone_null("undone_at"))
                .to_owned(),
            crate::keyed(
                manager,
                Table::create()
                    .table("search_word")
                    .col(text("word"))
                    .col(small_integer("source"))
                    .col(uuid("enterprise_id"))
                    .primary_key(Index::create().col("word").col("source").col("enterprise_id")),
            ),
            crate::keyed(
                manager,
                Table::create()
                    .table("search_variant")
                    .col(text("variant"))
                    .col(text("word"))
                    .primary_key(Index::create().col("variant").col("word")),
            ),
        ];
        for table in tables {
            manager.create_table(table).await?;
        }
        let indexes = [
            ("membership_enterprise", "membership", vec!["enterprise_id"]),
            ("membership_owner", "membership", vec!["owner_id"]),
            ("membership_version", "membership", vec!["version_seq"]),
            ("link_pair_b", "link_pair", vec!["b"]),
            ("enterprise_nib", "enterprise", vec!["nib"]),
            ("enterprise_order_name", "enterprise", vec!["sort_name", "id"]),
            ("enterprise_name", "enterprise", vec!["id", "sort_name"]),
            ("enterprise_order_written", "enterprise", vec!["written_at", "id"]),
            ("enterprise_kecamatan", "enterprise", vec!["kecamatan", "sort_name", "id"]),
            ("enterprise_kelurahan", "enterprise", vec!["kelurahan", "sort_name", "id"]),
            ("enterprise_agency_enterprise", "enterprise_agency", vec!["enterprise_id"]),
            ("enterprise_event_enterprise", "enterprise_event", vec!["enterprise_id"]),
            ("enterprise_event_run", "enterprise_event", vec!["run_id"]),
            ("owner_order_name", "owner", vec!["sort_name", "id"]),
            ("search_word_enterprise", "search_word", vec!["enterprise_id"]),
        ];
        crate::create_indexes(manager, indexes).await
    }
}
