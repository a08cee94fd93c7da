//! Webhooks and the messages to them. A node that looks or sends says so in the row first, so that of several nodes
//! one does. Times are milliseconds since 1970.

use domain::id::MessageId;
use entity::{webhook, webhook_delivery};
use sea_orm::sea_query::{Expr, Query};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, Condition, EntityTrait, IntoActiveModel,
    PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, TransactionTrait,
};
use uuid::Uuid;

use super::Store;
use crate::error::Error;

pub use entity::webhook::Model as Webhook;
pub use entity::webhook_delivery::Model as Delivery;

/// Where a message stands, as it is kept.
pub mod state {
    /// It waits for its next attempt.
    pub const WAITING: i16 = 0;
    /// It was taken.
    pub const DELIVERED: i16 = 1;
    /// It was given up.
    pub const DEAD: i16 = 2;
}

/// What became of an attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tried {
    /// Where the message stands now.
    pub state: i16,
    /// When that was.
    pub at: i64,
    /// When it is tried next.
    pub next_at: i64,
    /// In one word.
    pub result: &'static str,
    /// The status that the receiver answered with.
    pub status: Option<i32>,
}

impl Store {
    /// Keeps a webhook. Fails with [`Error::Conflict`] when its name is taken.
    pub async fn add_webhook(&self, webhook: Webhook) -> Result<(), Error> {
        if self.webhook(&webhook.name).await?.is_some() {
            return Err(Error::Conflict(format!("the name {} is taken", webhook.name)));
        }
        webhook::Entity::insert(webhook.into_active_model()).exec(self.writer()).await?;
        Ok(())
    }

    /// The webhook of this name.
    pub async fn webhook(&self, name: &str) -> Result<Option<Webhook>, Error> {
        let named = webhook::Entity::find().filter(webhook::Column::Name.eq(name));
        Ok(named.one(self.writer()).await?)
    }

    /// Every webhook, or those of one institution, by name.
    pub async fn webhooks(&self, institution: Option<&str>) -> Result<Vec<Webhook>, Error> {
        let of = institution.map(|it| webhook::Column::Institution.eq(it));
        let found = webhook::Entity::find().filter(Condition::all().add_option(of));
        Ok(found.order_by_asc(webhook::Column::Name).all(self.reader()).await?)
    }

    /// Changes a webhook to what is given; its name and place in the feed stay.
    pub async fn change_webhook(&self, webhook: &Webhook) -> Result<(), Error> {
        let changed = webhook::ActiveModel {
            id: Set(webhook.id),
            generation: Set(webhook.generation),
            previous_until: Set(webhook.previous_until),
            disabled: Set(webhook.disabled),
            ..Default::default()
        };
        changed.update(self.writer()).await?;
        Ok(())
    }

    /// Takes the webhooks for which it is to be looked now whether there are changes, and puts the next look off.
    pub async fn webhooks_to_look_at(&self, now: i64, next: i64) -> Result<Vec<Webhook>, Error> {
        use webhook::Column;
        let due = Condition::all().add(Column::Disabled.eq(false)).add(Column::LookAt.lte(now));
        let found = webhook::Entity::find().filter(due.clone()).all(self.watcher()).await?;
        let mut taken = vec![];
        for it in found {
            let taking = webhook::Entity::update_many()
                .col_expr(Column::LookAt, Expr::value(next))
                .filter(Column::Id.eq(it.id))
                .filter(due.clone());
            if taking.exec(self.writer()).await?.rows_affected == 1 {
                taken.push(it);
            }
        }
        Ok(taken)
    }

    /// Writes a message that there are changes up to `head`, unless it was told of them before or a message waits
    /// that nobody is sending yet. What was taken before `forgotten` goes.
    pub async fn notify(
        &self,
        webhook: Uuid,
        head: i64,
        now: i64,
        forgotten: i64,
    ) -> Result<(), Error> {
        use webhook_delivery::Column;
        let transaction = self.writer().begin().await?;
        let told = webhook::Entity::update_many()
            .col_expr(webhook::Column::Seen, Expr::value(head))
            .filter(webhook::Column::Id.eq(webhook))
            .filter(webhook::Column::Seen.lt(head));
        if told.exec(&transaction).await?.rows_affected == 0 {
            return Ok(());
        }
        let of = || webhook_delivery::Entity::find().filter(Column::WebhookId.eq(webhook));
        // One that is being sent may have been taken before these changes were there.
        let waiting =
            of().filter(Column::State.eq(state::WAITING)).filter(Column::LeaseUntil.lte(now));
        if waiting.count(&transaction).await? == 0 {
            let message = webhook_delivery::Model {
                id: Uuid::new_v4(),
                webhook_id: webhook,
                state: state::WAITING,
                attempts: 0,
                made_at: now,
                next_at: now,
                lease_until: 0,
                tried_at: None,
                result: None,
                status: None,
            };
            let insert = webhook_delivery::Entity::insert(message.into_active_model());
            insert.exec_without_returning(&transaction).await?;
        }
        webhook_delivery::Entity::delete_many()
            .filter(Column::WebhookId.eq(webhook))
            .filter(Column::State.eq(state::DELIVERED))
            .filter(Column::MadeAt.lt(forgotten))
            .exec(&transaction)
            .await?;
        Ok(transaction.commit().await?)
    }

    /// Takes at most `limit` messages that are due, until `until`, with where they go.
    pub async fn deliveries_due(
        &self,
        (now, until): (i64, i64),
        limit: u64,
    ) -> Result<Vec<(Webhook, Delivery)>, Error> {
        use webhook_delivery::Column;
        let due = Condition::all()
            .add(Column::State.eq(state::WAITING))
            .add(Column::NextAt.lte(now))
            .add(Column::LeaseUntil.lte(now));
        let open = Query::select()
            .column(webhook::Column::Id)
            .from(webhook::Entity)
            .and_where(webhook::Column::Disabled.eq(false))
            .to_owned();
        let open = Column::WebhookId.in_subquery(open);
        let found = webhook_delivery::Entity::find().filter(due.clone()).filter(open);
        let found = found.order_by_asc(Column::NextAt).limit(limit).all(self.watcher()).await?;
        let mut taken = vec![];
        for it in found {
            let webhook = webhook::Entity::find_by_id(it.webhook_id).one(self.watcher()).await?;
            let Some(webhook) = webhook else { continue };
            let taking = webhook_delivery::Entity::update_many()
                .col_expr(Column::LeaseUntil, Expr::value(until))
                .filter(Column::Id.eq(it.id))
                .filter(due.clone());
            if taking.exec(self.writer()).await?.rows_affected == 1 {
                taken.push((webhook, it));
            }
        }
        Ok(taken)
    }

    /// Writes down what became of an attempt, unless another node has written of the same one.
    pub async fn tried(&self, delivery: &Delivery, tried: Tried) -> Result<(), Error> {
        use webhook_delivery::Column;
        webhook_delivery::Entity::update_many()
            .col_expr(Column::State, Expr::value(tried.state))
            .col_expr(Column::Attempts, Expr::value(delivery.attempts + 1))
            .col_expr(Column::NextAt, Expr::value(tried.next_at))
            .col_expr(Column::LeaseUntil, Expr::value(0_i64))
            .col_expr(Column::TriedAt, Expr::value(tried.at))
            .col_expr(Column::Result, Expr::value(tried.result))
            .col_expr(Column::Status, Expr::value(tried.status))
            .filter(Column::Id.eq(delivery.id))
            .filter(Column::State.eq(state::WAITING))
            .filter(Column::Attempts.eq(delivery.attempts))
            .exec(self.writer())
            .await?;
        Ok(())
    }

    /// The messages of an institution's webhook, the latest first.
    pub async fn deliveries(
        &self,
        webhook: Uuid,
        state: Option<i16>,
        limit: u64,
    ) -> Result<Vec<Delivery>, Error> {
        use webhook_delivery::Column;
        let found = webhook_delivery::Entity::find()
            .filter(Column::WebhookId.eq(webhook))
            .filter(Condition::all().add_option(state.map(|it| Column::State.eq(it))))
            .order_by_desc(Column::MadeAt)
            .order_by_asc(Column::Id)
            .limit(limit);
        Ok(found.all(self.reader()).await?)
    }

    /// Has a message to a webhook of `institution` that was given up tried again from the beginning.
    ///
    /// Fails with [`Error::NotFound`] for that of another, and with [`Error::Conflict`] on one that was not given up.
    pub async fn resend(
        &self,
        institution: &str,
        id: MessageId,
        now: i64,
    ) -> Result<Delivery, Error> {
        use webhook_delivery::Column;
        const MISSING: Error = Error::NotFound { noun: "message" };
        let find = || webhook_delivery::Entity::find_by_id(id.0).one(self.writer());
        let found = find().await?.ok_or(MISSING)?;
        let webhook = webhook::Entity::find_by_id(found.webhook_id).one(self.writer()).await?;
        webhook.filter(|it| it.institution == institution).ok_or(MISSING)?;
        let again = webhook_delivery::Entity::update_many()
            .col_expr(Column::State, Expr::value(state::WAITING))
            .col_expr(Column::Attempts, Expr::value(0))
            .col_expr(Column::NextAt, Expr::value(now))
            .filter(Column::Id.eq(id.0))
            .filter(Column::State.eq(state::DEAD));
        if again.exec(self.writer()).await?.rows_affected == 0 {
            return Err(Error::Conflict("this message was not given up".to_owned()));
        }
        find().await?.ok_or(MISSING)
    }
}
