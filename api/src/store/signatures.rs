//! How clients sign, and which of their signed requests were taken.

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use chrono::{DateTime, NaiveDate, Utc};
use entity::{client_signature, signed_request};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter, TransactionTrait};

use super::Store;
use super::accounts::mark;
use crate::error::Error;

/// How a client signs its requests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signing {
    /// The public key that its requests for tokens are checked with (SubjectPublicKeyInfo, DER).
    pub key: Vec<u8>,
    /// The one before, and until when it is taken as well.
    pub previous_key: Option<(Vec<u8>, DateTime<Utc>)>,
    /// The number of the secret that its calls are signed with.
    pub generation: i32,
    /// Until when the secret before is taken as well.
    pub previous_until: Option<DateTime<Utc>>,
}

/// What makes a signed request one that is taken once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Once<'a> {
    /// Whose: the name of an account.
    pub account: &'a str,
    /// The day that its timestamp bears.
    pub day: NaiveDate,
    /// What the client calls it, which is another each time that day.
    pub external_id: &'a str,
    /// The text that was signed, which is another each time.
    pub signed: &'a [u8],
}

impl Store {
    /// Adds how a new client signs.
    pub(super) async fn add_signing(
        &self,
        transaction: &DatabaseTransaction,
        account: &str,
        signing: &Signing,
    ) -> Result<(), Error> {
        let previous = signing.previous_key.as_ref();
        let row = client_signature::ActiveModel {
            account: Set(account.to_owned()),
            public_key: Set(signing.key.clone()),
            previous_key: Set(previous.map(|it| it.0.clone())),
            previous_key_until: Set(previous.map(|it| it.1)),
            generation: Set(signing.generation),
            previous_until: Set(signing.previous_until),
        };
        client_signature::Entity::insert(row).exec_without_returning(transaction).await?;
        Ok(())
    }

    /// Changes how a client signs from what it was `before`; [`Error::Conflict`] when that is otherwise meanwhile.
    pub async fn change_signing(
        &self,
        account: &str,
        before: &Signing,
        after: &Signing,
    ) -> Result<(), Error> {
        use client_signature::Column;
        let transaction = self.writer().begin().await?;
        let previous = after.previous_key.as_ref();
        let changed = client_signature::Entity::update_many()
            .filter(Column::Account.eq(account))
            .filter(Column::PublicKey.eq(before.key.clone()))
            .filter(Column::Generation.eq(before.generation))
            .col_expr(Column::PublicKey, Expr::value(after.key.clone()))
            .col_expr(Column::PreviousKey, Expr::value(previous.map(|it| it.0.clone())))
            .col_expr(Column::PreviousKeyUntil, Expr::value(previous.map(|it| it.1)))
            .col_expr(Column::Generation, Expr::value(after.generation))
            .col_expr(Column::PreviousUntil, Expr::value(after.previous_until))
            .exec(&transaction)
            .await?;
        if changed.rows_affected == 0 {
            return Err(Error::Conflict("the client's keys were changed meanwhile".to_owned()));
        }
        mark(&transaction).await?;
        Ok(transaction.commit().await?)
    }

    /// Takes a signed request; false when it was taken before, on whatever node: its name of that day, or the very
    /// text that was signed.
    pub async fn take_signed(&self, once: Once<'_>, now: DateTime<Utc>) -> Result<bool, Error> {
        let row = signed_request::ActiveModel {
            account: Set(once.account.to_owned()),
            day: Set(once.day),
            external_id: Set(kept(once.external_id.as_bytes())),
            signed: Set(kept(once.signed)),
            taken_at: Set(now),
        };
        let taken = signed_request::Entity::insert(row)
            .on_conflict(OnConflict::new().do_nothing().to_owned())
            .exec_without_returning(self.writer())
            .await?;
        Ok(taken == 1)
    }

    /// Forgets the signed requests of a client that were taken before then.
    pub async fn forget_signed(&self, account: &str, before: DateTime<Utc>) -> Result<(), Error> {
        signed_request::Entity::delete_many()
            .filter(signed_request::Column::Account.eq(account))
            .filter(signed_request::Column::TakenAt.lt(before))
            .exec(self.writer())
            .await?;
        Ok(())
    }
}

pub(super) fn to_signing(row: client_signature::Model) -> Signing {
    Signing {
        key: row.public_key,
        previous_key: row.previous_key.zip(row.previous_key_until),
        generation: row.generation,
        previous_until: row.previous_until,
    }
}

/// The digest that is kept of a text, which may name anything.
fn kept(text: &[u8]) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(digest(&SHA256, text))
}
