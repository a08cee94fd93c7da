//! Who read whose data, and what the register as a whole is.
//!
//! `access_log` is a hash chain and `access_head` its end: whoever appends takes the head first, so the
//! writers of all processes stand in line. `access_whose` finds the entries about somebody, among those up to
//! the one that `access_indexed` names. In SQLite the four lie in a file of their own, which every connection
//! knows as `evidence`.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::*;
use sea_orm_migration::sea_orm::DbBackend;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut tables = evidence(manager).to_vec();
        tables.push(
            Table::create()
                .table("setting")
                .col(text("key").primary_key())
                .col(text("value"))
                .to_owned(),
        );
        // Which keys personal data was sealed with, told by what shows that a key is the same.
        tables.push(
            Table::create()
                .table("data_key")
                .col(integer("version").primary_key())
                .col(blob("proof"))
                .to_owned(),
        );
        for table in tables {
            manager.create_table(table).await?;
        }
        Ok(())
    }
}

fn evidence(manager: &SchemaManager<'_>) -> [TableCreateStatement; 6] {
    let texts = ["request", "subject", "role", "agency", "institution", "client", "purpose"];
    let texts =
        texts.into_iter().chain(["reason", "operation", "rights", "outcome", "receipt", "reads"]);
    let table = |name: &'static str| match manager.get_database_backend() {
        DbBackend::Sqlite => Table::create().table(("evidence", name)).to_owned(),
        _ => Table::create().table(name).to_owned(),
    };
    let mut log = table("access_log");
    log.col(big_integer("seq").primary_key()).col(big_integer("at")).col(big_integer("behind"));
    for column in texts {
        log.col(text(column));
    }
    log.col(blob("hash"));
    [
        crate::keyed(manager, &mut log),
        table("access_head")
            .col(integer("id").primary_key())
            .col(text("installation"))
            .col(text("public_key"))
            .col(big_integer("seq"))
            .col(big_integer("at"))
            .col(blob("hash"))
            .to_owned(),
        crate::keyed(
            manager,
            table("access_whose")
                .col(text("whose"))
                .col(big_integer("seq"))
                .primary_key(Index::create().col("whose").col("seq")),
        ),
        table("access_indexed").col(integer("id").primary_key()).col(big_integer("seq")).to_owned(),
        Table::create()
            .table("access_checkpoint")
            .col(big_integer("number").primary_key())
            .col(big_integer("size"))
            .col(big_integer("at"))
            .col(text("content"))
            .col(boolean("exported"))
            .to_owned(),
        Table::create()
            .table("access_review")
            .col(big_integer("seq").primary_key())
            .col(boolean("justified"))
            .col(text("note"))
            .col(text("settled_by"))
            .col(big_integer("settled_at"))
            .to_owned(),
    ]
}
