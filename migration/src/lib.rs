//! How the tables came to be. Each file is one change and is never edited after a release: a
//! migration is history, so it names tables and columns as they were, not through the entities.

pub use sea_orm_migration::prelude::MigratorTrait;
use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

mod m0001_sources;
mod m0002_linkage;
mod m0003_access;
mod m0004_review;
mod m0005_identity;
mod m0006_rights;
mod m0007_financing;
mod m0008_figures;
mod m0009_bank;
mod m0010_live_sources;
mod m0011_signatures;
mod m0012_webhooks;
mod m0013_flows_back;

/// Every change, the oldest first.
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m0001_sources::Migration),
            Box::new(m0002_linkage::Migration),
            Box::new(m0003_access::Migration),
            Box::new(m0004_review::Migration),
            Box::new(m0005_identity::Migration),
            Box::new(m0006_rights::Migration),
            Box::new(m0007_financing::Migration),
            Box::new(m0008_figures::Migration),
            Box::new(m0010_live_sources::Migration),
            Box::new(m0009_bank::Migration),
            Box::new(m0011_signatures::Migration),
            Box::new(m0012_webhooks::Migration),
            Box::new(m0013_flows_back::Migration),
        ]
    }
}

/// A table whose rows are small and found by their key alone: SQLite keeps them in the key's own index instead
/// of beside it, and a row is written in one place, not in two.
pub(crate) fn keyed(
    manager: &SchemaManager<'_>,
    table: &mut TableCreateStatement,
) -> TableCreateStatement {
    if manager.get_database_backend() == DbBackend::Sqlite {
        table.extra("WITHOUT ROWID");
    }
    table.to_owned()
}

/// Makes indexes: their names, tables and columns.
pub(crate) async fn create_indexes(
    manager: &SchemaManager<'_>,
    indexes: impl IntoIterator<Item = (&'static str, &'static str, Vec<&'static str>)>,
) -> Result<(), DbErr> {
    for (name, table, columns) in indexes {
        let mut index = Index::create();
        index.name(name).table(table);
        for column in columns {
            index.col(column);
        }
        manager.create_index(index).await?;
    }
    Ok(())
}
