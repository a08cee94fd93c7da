//! Accounts: who may sign in, as whom, and who may not any more.

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, Utc};
use domain::agency::AgencyCode;
use domain::id::RecordId;
use domain::permission::Action;
use domain::viewer::Role;
use entity::{account, client_signature, setting};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, ExprTrait, OnConflict};
use sea_orm::{
    ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter, QueryOrder, TransactionTrait,
};
use uuid::Uuid;

use super::Store;
use super::signatures::{Signing, to_signing};
use crate::error::Error;

/// The setting that is another text after every change of an account: nodes read it to learn of one.
const MARK: &str = "accounts";

/// What an account is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A person with a password.
    Person,
    /// A machine with secrets.
    Client,
    /// A subject whose tokens come from elsewhere; it is here to be shut out.
    Subject,
}

impl Kind {
    const ALL: [Kind; 3] = [Kind::Person, Kind::Client, Kind::Subject];

    /// Its word in the database and in lists.
    pub fn code(self) -> &'static str {
        match self {
            Kind::Person => "person",
            Kind::Client => "client",
            Kind::Subject => "subject",
        }
    }
}

/// As whom the bearer of an account asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// In which role.
    pub role: Role,
    /// Of which agency.
    pub agency: Option<AgencyCode>,
    /// Of which institution.
    pub institution: Option<String>,
    /// For an owner: a row that names her.
    pub person: Option<RecordId>,
}

/// One account; its password stays in the database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Its name, as tokens and logs have it.
    pub name: String,
    /// What it is of.
    pub kind: Kind,
    /// As whom its bearer asks; absent for a subject, whose tokens say it.
    pub standing: Option<Standing>,
    /// The only actions it is for; every one of the role when absent.
    pub scopes: Option<BTreeSet<Action>>,
    /// Shut out.
    pub disabled: bool,
    /// How often its tokens were revoked.
    pub generation: i64,
    /// Wrong passwords since the last right one.
    pub failures: i32,
    /// No password is looked at before.
    pub locked_until: Option<DateTime<Utc>>,
    /// Shut out from then on.
    pub expires_at: Option<DateTime<Utc>>,
    /// How it signs its requests; absent when it does not.
    pub signing: Option<Signing>,
    /// Since when it is there.
    pub created_at: DateTime<Utc>,
}

impl Account {
    /// Whether its bearer is let in at `now`.
    pub fn is_open(&self, now: DateTime<Utc>) -> bool {
        !self.disabled && self.expires_at.is_none_or(|it| now < it)
    }
}

/// What nodes read every second.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Marks {
    /// Whether the register holds synthetic data alone.
    pub synthetic: bool,
    /// Another text after every change of an account.
    pub accounts: String,
}

/// A change of an account.
pub enum Change {
    /// Shut out, or let in again.
    Disabled(bool),
    /// Another standing.
    Standing(Standing),
    /// Another password, as it is kept; tokens until now are revoked.
    Password(String),
}

impl Store {
    /// What tells whether [`Store::accounts`] would answer something new.
    pub async fn identity_marks(&self) -> Result<Marks, Error> {
        let wanted = setting::Column::Key.is_in([MARK, "synthetic"]);
        let rows = setting::Entity::find().filter(wanted).all(self.watcher()).await?;
        let value = |key: &str| rows.iter().find(|it| it.key == key).map(|it| it.value.as_str());
        Ok(Marks {
            synthetic: value("synthetic") == Some("true"),
            accounts: value(MARK).unwrap_or_default().to_owned(),
        })
    }

    /// Every account, by name.
    pub async fn accounts(&self) -> Result<Vec<Account>, Error> {
        let rows = account::Entity::find().order_by_asc(account::Column::Name);
        let rows = rows.all(self.watcher()).await?;
        let signing = client_signature::Entity::find().all(self.watcher()).await?;
        let mut signing: HashMap<_, _> =
            signing.into_iter().map(|it| (it.account.clone(), it)).collect();
        let both = rows.into_iter().map(|it| (signing.remove(&it.name), it));
        Ok(both.map(|(signing, row)| to_account(row, signing)).collect())
    }

    /// The account of this name with what is kept of its password.
    pub async fn account(&self, name: &str) -> Result<Option<(Account, Option<String>)>, Error> {
        let row = account::Entity::find_by_id(name).one(self.reader()).await?;
        let Some(row) = row else { return Ok(None) };
        let signing = client_signature::Entity::find_by_id(name).one(self.reader()).await?;
        let password = row.password.clone();
        Ok(Some((to_account(row, signing), password)))
    }

    /// Adds an account; [`Error::Conflict`] when the name is taken.
    pub async fn add_account(&self, new: &Account, password: Option<String>) -> Result<(), Error> {
        let transaction = self.writer().begin().await?;
        let standing = new.standing.as_ref();
        let row = account::ActiveModel {
            name: Set(new.name.clone()),
            kind: Set(new.kind.code().to_owned()),
            role: Set(standing.map(|it| it.role.code().to_owned())),
            agency: Set(standing.and_then(|it| it.agency.as_ref()).map(ToString::to_string)),
            institution: Set(standing.and_then(|it| it.institution.clone())),
            person: Set(standing.and_then(|it| it.person).map(|it| it.0)),
            scopes: Set(new.scopes.as_ref().map(crate::auth::keys::scope)),
            password: Set(password),
            disabled: Set(new.disabled),
            generation: Set(new.generation),
            failures: Set(0),
            locked_until: Set(None),
            expires_at: Set(new.expires_at),
            created_at: Set(new.created_at),
        };
        let added = account::Entity::insert(row)
            .on_conflict(OnConflict::column(account::Column::Name).do_nothing().to_owned())
            .exec_without_returning(&transaction)
            .await?;
        if added == 0 {
            return Err(Error::Conflict(format!("the name {} is taken", new.name)));
        }
        if let Some(signing) = &new.signing {
            self.add_signing(&transaction, &new.name, signing).await?;
        }
        mark(&transaction).await?;
        Ok(transaction.commit().await?)
    }

    /// Changes an account; [`Error::NotFound`] when there is none of that name.
    pub async fn change_account(&self, name: &str, change: Change) -> Result<(), Error> {
        let transaction = self.writer().begin().await?;
        let update = account::Entity::update_many().filter(account::Column::Name.eq(name));
        let update = match change {
            Change::Disabled(it) => update.col_expr(account::Column::Disabled, Expr::value(it)),
            Change::Standing(it) => update
                .col_expr(account::Column::Role, Expr::value(it.role.code()))
                .col_expr(account::Column::Agency, Expr::value(it.agency.map(|it| it.to_string())))
                .col_expr(account::Column::Institution, Expr::value(it.institution))
                .col_expr(account::Column::Person, Expr::value(it.person.map(|it| it.0))),
            Change::Password(kept) => update
                .col_expr(account::Column::Password, Expr::value(kept))
                .col_expr(account::Column::Failures, Expr::value(0))
                .col_expr(account::Column::LockedUntil, Expr::value(None::<DateTime<Utc>>))
                .col_expr(
                    account::Column::Generation,
                    Expr::col(account::Column::Generation).add(1),
                ),
        };
        if update.exec(&transaction).await?.rows_affected == 0 {
            return Err(Error::NotFound { noun: "account" });
        }
        mark(&transaction).await?;
        Ok(transaction.commit().await?)
    }

    /// Counts an attempt at a password before it is looked at, so that many at once are counted too.
    ///
    /// False when another was counted since `failures` was read.
    pub async fn count_attempt(
        &self,
        name: &str,
        failures: i32,
        locked_until: Option<DateTime<Utc>>,
    ) -> Result<bool, Error> {
        let counted = account::Entity::update_many()
            .filter(account::Column::Name.eq(name))
            .filter(account::Column::Failures.eq(failures))
            .col_expr(account::Column::Failures, Expr::value(failures.saturating_add(1)))
            .col_expr(account::Column::LockedUntil, Expr::value(locked_until))
            .exec(self.writer())
            .await?;
        Ok(counted.rows_affected == 1)
    }

    /// Forgets wrong passwords after a right one.
    pub async fn forget_attempts(&self, name: &str) -> Result<(), Error> {
        account::Entity::update_many()
            .filter(account::Column::Name.eq(name))
            .col_expr(account::Column::Failures, Expr::value(0))
            .col_expr(account::Column::LockedUntil, Expr::value(None::<DateTime<Utc>>))
            .exec(self.writer())
            .await?;
        Ok(())
    }
}

/// Tells every node that accounts have changed, once the transaction is over.
pub(super) async fn mark(transaction: &DatabaseTransaction) -> Result<(), Error> {
    let row = setting::ActiveModel {
        key: Set(MARK.to_owned()),
        value: Set(Uuid::new_v4().simple().to_string()),
    };
    setting::Entity::insert(row)
        .on_conflict(
            OnConflict::column(setting::Column::Key)
                .update_column(setting::Column::Value)
                .to_owned(),
        )
        .exec_without_returning(transaction)
        .await?;
    Ok(())
}

/// A role or scope that this version does not know shuts the account, and no other.
fn to_account(row: account::Model, signing: Option<client_signature::Model>) -> Account {
    let standing = row.role.as_deref().map(|code| {
        let agency = row.agency.as_deref().map(AgencyCode::parse).transpose().ok()?;
        let person = row.person.map(RecordId);
        let institution = row.institution.clone();
        Some(Standing { role: Role::from_code(code)?, agency, institution, person })
    });
    let scopes: Option<Option<BTreeSet<Action>>> =
        row.scopes.map(|it| it.split_whitespace().map(Action::from_scope).collect());
    let known = standing != Some(None) && scopes != Some(None);
    let kind = Kind::ALL.into_iter().find(|it| it.code() == row.kind);
    Account {
        name: row.name,
        kind: kind.unwrap_or(Kind::Subject),
        standing: standing.flatten(),
        scopes: scopes.flatten(),
        disabled: row.disabled || !known,
        generation: row.generation,
        failures: row.failures,
        locked_until: row.locked_until,
        expires_at: row.expires_at,
        signing: signing.map(to_signing),
        created_at: row.created_at,
    }
}
