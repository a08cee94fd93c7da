//! What persons ask for by right, restrictions, and how long rows are kept.

use std::collections::BTreeMap;

use domain::agency::AgencyCode;
use domain::id::{DecisionId, RecordId, RequestId};
use domain::viewer::Scope;
use entity::{
    decision, membership, restriction, retention, rights_request, source_file, source_record,
};
use sea_orm::sea_query::{Expr, ExprTrait, OnConflict, Query};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, Condition, EntityTrait, PaginatorTrait,
    QueryFilter, QueryOrder, QuerySelect,
};
use uuid::Uuid;

use super::slice::{At, Key, Slice};
use super::sources::state;
use super::ties;
use crate::error::Error;
use crate::sealing::{Place, Sealer, What};
use crate::store::Store;

/// One request, opened.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredRequest {
    /// The row, but for its sealed columns.
    pub row: rights_request::Model,
    /// What the row of the agency should say; gone once settled.
    pub proposed: Option<String>,
    /// Why; empty once she is erased.
    pub reason: String,
}

impl std::ops::Deref for StoredRequest {
    type Target = rights_request::Model;

    fn deref(&self) -> &rights_request::Model {
        &self.row
    }
}

impl std::ops::DerefMut for StoredRequest {
    fn deref_mut(&mut self) -> &mut rights_request::Model {
        &mut self.row
    }
}

fn opened(mut row: rights_request::Model, sealer: &Sealer) -> Result<StoredRequest, Error> {
    let place = Place::of(row.id);
    let proposed = row.proposed.take().map(|it| sealer.open_text(What::Proposed, place, it));
    let reason = row.reason.take().map(|it| sealer.open_text(What::Reason, place, it));
    let (proposed, reason) = (proposed.transpose()?, reason.transpose()?.unwrap_or_default());
    Ok(StoredRequest { row, proposed, reason })
}

fn sealed(what: What, id: Uuid, text: &str, sealer: &Sealer) -> Result<Vec<u8>, Error> {
    sealer.seal(what, Place::of(id), text.as_bytes())
}

/// Which requests are asked for; every condition that is set must hold.
#[derive(Debug, Clone, Default)]
pub struct RequestFilter {
    /// Of these statuses.
    pub status: Option<Vec<&'static str>>,
    /// Open, and due before this moment, in milliseconds since 1970.
    pub overdue: Option<i64>,
}

impl RequestFilter {
    fn condition(&self) -> Condition {
        use rights_request::Column;
        let overdue = |now: i64| Column::SettledAt.is_null().and(Column::DueAt.lt(now));
        Condition::all()
            .add_option(self.status.as_ref().map(|it| Column::Status.is_in(it.iter().copied())))
            .add_option(self.overdue.map(overdue))
    }
}

/// The requests that `scope` opens: all, those that an agency is to answer, or one's own.
fn open(scope: &Scope) -> Condition {
    use rights_request::Column;
    match scope {
        Scope::All | Scope::Used => Condition::all(),
        Scope::Agency(agency) => Condition::all().add(Column::Agency.eq(agency.as_str())),
        Scope::Person(anchor) => {
            let rows = Query::select()
                .column(membership::Column::RecordId)
                .from(membership::Entity)
                .and_where(membership::Column::OwnerId.in_subquery(ties::person(*anchor)))
                .to_owned();
            Condition::any().add(Column::Anchor.eq(anchor.0)).add(Column::Anchor.in_subquery(rows))
        }
        Scope::Consent(..) | Scope::Nothing => Condition::all().add(Expr::val(1).eq(0)),
    }
}

impl Store {
    /// Keeps a request.
    pub async fn add_request(&self, request: StoredRequest) -> Result<(), Error> {
        let (sealer, StoredRequest { mut row, proposed, reason }) = (self.sealer(), request);
        let seal = |what, text: &str| sealed(what, row.id, text, &sealer);
        let proposed = proposed.map(|it| seal(What::Proposed, &it)).transpose()?;
        let reason = seal(What::Reason, &reason)?;
        (row.proposed, row.reason) = (proposed, Some(reason));
        let row: rights_request::ActiveModel = row.into();
        rights_request::Entity::insert(row.reset_all())
            .exec_without_returning(self.writer())
            .await?;
        Ok(())
    }

    /// The request with this id, where `scope` opens it.
    pub async fn request(
        &self,
        scope: &Scope,
        id: RequestId,
    ) -> Result<Option<StoredRequest>, Error> {
        let query = rights_request::Entity::find_by_id(id.0).filter(open(scope));
        let row = query.one(self.writer()).await?;
        row.map(|it| opened(it, &self.sealer())).transpose()
    }

    /// Changes a request as long as it is not settled; false when it is.
    pub async fn change_request(&self, request: StoredRequest) -> Result<bool, Error> {
        use rights_request::Column;
        let (sealer, StoredRequest { row: request, proposed, .. }) = (self.sealer(), request);
        let proposed = proposed.map(|it| sealed(What::Proposed, request.id, &it, &sealer));
        let changed = rights_request::Entity::update_many()
            .filter(Column::Id.eq(request.id))
            .filter(Column::SettledAt.is_null())
            .col_expr(Column::Status, request.status.into())
            .col_expr(Column::Proposed, proposed.transpose()?.into())
            .col_expr(Column::Answer, request.answer.into())
            .col_expr(Column::SettledBy, request.settled_by.into())
            .col_expr(Column::SettledAt, request.settled_at.into())
            .exec(self.writer())
            .await?;
        Ok(changed.rows_affected == 1)
    }

    /// A page of requests, those due first in front, and whether there are more.
    pub async fn request_page(
        &self,
        scope: &Scope,
        filter: &RequestFilter,
        slice: &Slice,
    ) -> Result<(Vec<StoredRequest>, bool), Error> {
        use rights_request::Column;
        let columns = [Column::DueAt, Column::Id].map(|it| Expr::col((rights_request::Entity, it)));
        let rows = rights_request::Entity::find()
            .filter(open(scope))
            .filter(filter.condition())
            .filter(slice.bounds(&columns))
            .order_by(Column::DueAt, slice.direction())
            .order_by(Column::Id, slice.direction())
            .limit(slice.limit + 1)
            .all(self.reader())
            .await?;
        let sealer = self.sealer();
        let (rows, more) = slice.cut(rows);
        let rows: Result<_, Error> = rows.into_iter().map(|it| opened(it, &sealer)).collect();
        Ok((rows?, more))
    }

    /// How many requests `filter` and `scope` allow.
    pub async fn request_count(&self, scope: &Scope, filter: &RequestFilter) -> Result<u64, Error> {
        let query = rights_request::Entity::find().filter(open(scope)).filter(filter.condition());
        Ok(query.count(self.reader()).await?)
    }

    /// Restricts what `anchor` names, because of a request.
    pub async fn restrict(
        &self,
        id: RequestId,
        anchor: (RecordId, bool),
        at: i64,
    ) -> Result<(), Error> {
        let row = restriction::ActiveModel {
            id: Set(id.0),
            anchor: Set(anchor.0.0),
            every_enterprise: Set(anchor.1),
            set_at: Set(at),
            lifted_at: Set(None),
        };
        restriction::Entity::insert(row)
            .on_conflict(OnConflict::column(restriction::Column::Id).do_nothing().to_owned())
            .exec_without_returning(self.writer())
            .await?;
        self.tell_register().await
    }

    /// Lifts the restriction of a request; false when there is none standing.
    pub async fn lift_restriction(&self, id: RequestId, at: i64) -> Result<bool, Error> {
        let changed = restriction::Entity::update_many()
            .filter(restriction::Column::Id.eq(id.0))
            .filter(restriction::Column::LiftedAt.is_null())
            .col_expr(restriction::Column::LiftedAt, at.into())
            .exec(self.writer())
            .await?;
        self.tell_register().await?;
        Ok(changed.rows_affected == 1)
    }

    /// The decisions that speak of one of these rows.
    pub async fn decisions_about(&self, records: &[RecordId]) -> Result<Vec<DecisionId>, Error> {
        let mut found = vec![];
        for records in records.chunks(1_000) {
            let ids = || records.iter().map(|it| it.0);
            let about = Condition::any()
                .add(decision::Column::A.is_in(ids()))
                .add(decision::Column::B.is_in(ids()));
            let rows = decision::Entity::find().filter(about).all(self.reader()).await?;
            found.extend(rows.into_iter().map(|it| DecisionId(it.id)));
        }
        Ok(found)
    }

    /// Sets how long the rows of an agency are kept.
    pub async fn set_retention(&self, rule: retention::Model) -> Result<(), Error> {
        let row: retention::ActiveModel = rule.into();
        retention::Entity::insert(row.reset_all())
            .on_conflict(
                OnConflict::column(retention::Column::Agency)
                    .update_columns([
                        retention::Column::Months,
                        retention::Column::Ground,
                        retention::Column::SetBy,
                        retention::Column::SetAt,
                    ])
                    .to_owned(),
            )
            .exec_without_returning(self.writer())
            .await?;
        Ok(())
    }

    /// How long the rows of each agency are kept, by its code.
    pub async fn retention(&self) -> Result<BTreeMap<String, retention::Model>, Error> {
        let rows = retention::Entity::find().all(self.reader()).await?;
        Ok(rows.into_iter().map(|it| (it.agency.clone(), it)).collect())
    }

    /// The rows of an agency that no file received at or after `limit` has.
    pub async fn rows_not_seen_since(
        &self,
        agency: &AgencyCode,
        limit: sea_orm::prelude::DateTimeUtc,
    ) -> Result<Vec<RecordId>, Error> {
        let newer = Query::select()
            .column(source_file::Column::Id)
            .from(source_file::Entity)
            .and_where(source_file::Column::ReceivedAt.gte(limit))
            .to_owned();
        let rows: Vec<Uuid> = source_record::Entity::find()
            .select_only()
            .column(source_record::Column::RecordId)
            .filter(source_record::Column::Agency.eq(agency.as_str()))
            .filter(source_record::Column::State.eq(state::CURRENT))
            .filter(source_record::Column::SeenIn.not_in_subquery(newer))
            .order_by_asc(source_record::Column::RecordId)
            .into_tuple()
            .all(self.reader())
            .await?;
        Ok(rows.into_iter().map(RecordId).collect())
    }
}

/// Where a request stands in a list.
pub fn request_key(request: &StoredRequest) -> Key {
    Key(vec![At::Order(request.due_at), At::Id(request.id)])
}

/// A key of the kind that lists of requests have.
pub fn request_key_kind() -> Key {
    Key(vec![At::Order(0), At::Id(Uuid::nil())])
}
