//! The secrets of clients: two of each at most are taken at once.

use chrono::{DateTime, Utc};
use entity::client_secret;
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, TransactionTrait};
use uuid::Uuid;

use super::Store;
use crate::error::Error;

/// A secret of a client, as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientSecret {
    /// Whose: the name of an account.
    pub account: String,
    /// Its digest.
    pub kept: String,
    /// Since when it is there.
    pub made_at: DateTime<Utc>,
    /// Not taken from then on.
    pub expires_at: Option<DateTime<Utc>>,
}

impl Store {
    /// The secrets of a client that are taken at `now`, the newest first.
    pub async fn client_secrets(
        &self,
        account: &str,
        now: DateTime<Utc>,
    ) -> Result<Vec<ClientSecret>, Error> {
        let rows = client_secret::Entity::find()
            .filter(client_secret::Column::Account.eq(account))
            .order_by_desc(client_secret::Column::MadeAt)
            .all(self.reader())
            .await?;
        let live = rows.into_iter().filter(|it| it.expires_at.is_none_or(|it| now < it));
        Ok(live.map(to_secret).collect())
    }

    /// Adds a secret to a client. Of those before it the newest is taken until `overlap` at most, the
    /// others no longer.
    pub async fn add_client_secret(
        &self,
        new: ClientSecret,
        overlap: DateTime<Utc>,
    ) -> Result<(), Error> {
        let transaction = self.writer().begin().await?;
        let before = client_secret::Entity::find()
            .filter(client_secret::Column::Account.eq(&new.account))
            .order_by_desc(client_secret::Column::MadeAt)
            .all(&transaction)
            .await?;
        for (place, row) in before.into_iter().enumerate() {
            if 0 < place || row.expires_at.is_some_and(|it| it <= new.made_at) {
                client_secret::Entity::delete_by_id(row.id).exec(&transaction).await?;
                continue;
            }
            let until = row.expires_at.map_or(overlap, |it| it.min(overlap));
            client_secret::Entity::update_many()
                .filter(client_secret::Column::Id.eq(row.id))
                .col_expr(client_secret::Column::ExpiresAt, Expr::value(until))
                .exec(&transaction)
                .await?;
        }
        let row = client_secret::ActiveModel {
            id: Set(Uuid::new_v4()),
            account: Set(new.account),
            kept: Set(new.kept),
            made_at: Set(new.made_at),
            expires_at: Set(new.expires_at),
        };
        client_secret::Entity::insert(row).exec_without_returning(&transaction).await?;
        Ok(transaction.commit().await?)
    }
}

fn to_secret(row: client_secret::Model) -> ClientSecret {
    ClientSecret {
        account: row.account,
        kept: row.kept,
        made_at: row.made_at,
        expires_at: row.expires_at,
    }
}
