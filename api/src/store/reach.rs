//! Which enterprises each consent reaches: that of the row by which it was given, and where it is for every
//! enterprise of the person whom that row names, the others of hers.
//!
//! This follows from consents and from who is linked with whom. It is written down beside both, in their
//! transactions, so that a bank's list begins where its last page ended instead of with all that anybody ever
//! agreed to. Whether a consent holds is asked when it is read.

use std::collections::BTreeSet;

use domain::id::{ConsentId, RecordId};
use sea_orm::{DbBackend, DbErr, Statement, Value};
use uuid::Uuid;

use super::bulk;
use super::sql::{Execute, Row, Transaction, parameters};

/// The key of the lock among PostgreSQL's advisory locks: a consent that is given while a run moves rows is
/// reckoned with the rows as they are before it or after it. SQLite has one writer.
const ADVISORY_KEY: i64 = 0x7475_6e67_6761_6c02;

const HOME: &str = "INSERT INTO consent_reach (institution, purpose, enterprise_id, consent_id) \
     SELECT c.institution, c.purpose, m.enterprise_id, c.id \
     FROM consent c JOIN membership m ON m.record_id = c.anchor";
const OTHERS: &str = "INSERT INTO consent_reach (institution, purpose, enterprise_id, consent_id) \
     SELECT DISTINCT c.institution, c.purpose, hers.enterprise_id, c.id \
     FROM consent c JOIN membership m ON m.record_id = c.anchor \
     JOIN membership hers ON hers.owner_id = m.owner_id AND hers.enterprise_id <> m.enterprise_id \
     WHERE c.every_enterprise";

/// The persons whom rows named that a run is about to move.
pub(super) struct Named(BTreeSet<Uuid>);

/// Waits for whoever else writes down what consents reach, until the end of the transaction.
async fn alone(transaction: &Transaction) -> Result<(), DbErr> {
    match transaction.backend() {
        DbBackend::Postgres => {
            let text = format!("SELECT pg_advisory_xact_lock({ADVISORY_KEY})");
            transaction.execute(Statement::from_string(DbBackend::Postgres, text)).await
        }
        _ => Ok(()),
    }
}

/// To be asked before a run moves `records`, and given to [`moved`]; none where nobody ever agreed to anything.
pub(super) async fn before(
    transaction: &Transaction,
    records: &[RecordId],
) -> Result<Option<Named>, DbErr> {
    alone(transaction).await?;
    let any = Statement::from_string(transaction.backend(), "SELECT id FROM consent LIMIT 1");
    if transaction.rows(any, |it| it.get::<Uuid>(0)).await?.is_empty() {
        return Ok(None);
    }
    let records: Vec<Uuid> = records.iter().map(|it| it.0).collect();
    Ok(Some(Named(named(transaction, &records).await?)))
}

/// Writes down what consents reach once a run has moved `records`.
pub(super) async fn moved(
    transaction: &Transaction,
    records: &[RecordId],
    before: Option<Named>,
) -> Result<(), DbErr> {
    let Some(Named(mut persons)) = before else { return Ok(()) };
    let records: Vec<Uuid> = records.iter().map(|it| it.0).collect();
    persons.extend(named(transaction, &records).await?);
    let of_rows = "SELECT id FROM consent WHERE anchor IN";
    let mut consents = ids(transaction, of_rows, &records).await?;
    let of_persons = "SELECT c.id FROM membership m JOIN consent c ON c.anchor = m.record_id \
                      WHERE m.owner_id IN";
    let persons: Vec<Uuid> = persons.into_iter().collect();
    consents.extend(ids(transaction, of_persons, &persons).await?);
    let consents: Vec<Uuid> = consents.into_iter().collect();
    let values = || consents.iter().map(|it| Value::from(*it));
    bulk::delete(transaction, "consent_reach", "consent_id", values()).await?;
    write(transaction, values).await
}

/// Writes down what a consent reaches that was just given.
pub(super) async fn given(transaction: &Transaction, consent: ConsentId) -> Result<(), DbErr> {
    alone(transaction).await?;
    write(transaction, || [Value::from(consent.0)].into_iter()).await
}

async fn write<I: Iterator<Item = Value>>(
    transaction: &Transaction,
    consents: impl Fn() -> I,
) -> Result<(), DbErr> {
    bulk::for_each_chunk(transaction, consents(), |list| format!("{HOME} WHERE c.id IN ({list})"))
        .await?;
    bulk::for_each_chunk(transaction, consents(), |list| format!("{OTHERS} AND c.id IN ({list})"))
        .await
}

/// The persons whom `records` name.
async fn named(transaction: &Transaction, records: &[Uuid]) -> Result<BTreeSet<Uuid>, DbErr> {
    let text = "SELECT owner_id FROM membership WHERE owner_id IS NOT NULL AND record_id IN";
    ids(transaction, text, records).await
}

/// The ids that a statement answers whose text ends with `IN`, for all of these.
async fn ids(
    transaction: &Transaction,
    text: &str,
    among: &[Uuid],
) -> Result<BTreeSet<Uuid>, DbErr> {
    let (mut found, backend) = (BTreeSet::new(), transaction.backend());
    for some in among.chunks(4_096) {
        let values = parameters(some);
        let text = format!("{text} ({})", bulk::placeholders(backend, 1, values.len()));
        let query = Statement::from_sql_and_values(backend, text, values);
        found.extend(transaction.rows(query, |it: &Row<'_>| it.get::<Uuid>(0)).await?);
    }
    Ok(found)
}
