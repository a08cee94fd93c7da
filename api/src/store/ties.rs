//! What ties enterprises to persons and restrictions, by the row that names a person: which enterprises are hers, and
//! which are held without being used. What consents open is in `opening`.

use std::collections::HashMap;

use domain::consent::Ties;
use domain::id::{EnterpriseId, OwnerId, RecordId};
use domain::viewer::Scope;
use entity::{consent, enterprise, membership, restriction};
use sea_orm::sea_query::{Expr, ExprTrait, Query, SelectStatement, UnionType};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
};
use uuid::Uuid;

use crate::error::Error;
use crate::store::Store;
use crate::store::sql::{Row, padded};

/// The membership of the anchor, and those of the same person.
const ANCHOR: &str = "anchored";
const HERS: &str = "hers";

/// The enterprises that are held and not used for the time being.
pub(super) fn restricted() -> SelectStatement {
    under_restriction(Some(
        Expr::col((restriction::Entity, restriction::Column::LiftedAt)).is_null(),
    ))
}

/// The enterprises that are held and not used for the time being, or once were.
pub(super) fn ever_restricted() -> SelectStatement {
    under_restriction(None)
}

/// The enterprises that those restrictions are about which fit: that of the anchor, and where one is for every
/// enterprise of hers, the others.
fn under_restriction(fitting: Option<Expr>) -> SelectStatement {
    let column = |it| Expr::col((restriction::Entity, it));
    let from = |same: membership::Column| {
        let mut query = Query::select();
        query.column((HERS, membership::Column::EnterpriseId)).from(restriction::Entity);
        query.join_as(
            sea_orm::JoinType::InnerJoin,
            membership::Entity,
            ANCHOR,
            Expr::col((ANCHOR, membership::Column::RecordId))
                .equals((restriction::Entity, restriction::Column::Anchor)),
        );
        query.join_as(
            sea_orm::JoinType::InnerJoin,
            membership::Entity,
            HERS,
            Expr::col((HERS, same)).equals((ANCHOR, same)),
        );
        query.cond_where(Condition::all().add_option(fitting.clone()));
        query
    };
    let mut query = from(membership::Column::RecordId);
    let mut others = from(membership::Column::OwnerId);
    others.and_where(column(restriction::Column::EveryEnterprise).eq(true));
    query.union(UnionType::All, others);
    query
}

/// The enterprises of the person whom the row `anchor` names.
pub(super) fn of_person(anchor: RecordId) -> SelectStatement {
    let by = |column: membership::Column| {
        let mut query = Query::select();
        query.column((HERS, membership::Column::EnterpriseId));
        query.from_as(membership::Entity, ANCHOR);
        query.join_as(
            sea_orm::JoinType::InnerJoin,
            membership::Entity,
            HERS,
            Expr::col((HERS, column)).equals((ANCHOR, column)),
        );
        query.and_where(Expr::col((ANCHOR, membership::Column::RecordId)).eq(anchor.0));
        query
    };
    let mut query = by(membership::Column::RecordId);
    query.union(UnionType::All, by(membership::Column::OwnerId));
    query
}

/// The person whom the row `anchor` names, as a subquery.
pub(super) fn person(anchor: RecordId) -> SelectStatement {
    Query::select()
        .column(membership::Column::OwnerId)
        .from(membership::Entity)
        .and_where(membership::Column::RecordId.eq(anchor.0))
        .and_where(membership::Column::OwnerId.is_not_null())
        .to_owned()
}

/// A row of an enterprise and the person it names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Member {
    /// The row.
    pub record: RecordId,
    /// Its enterprise.
    pub enterprise: EnterpriseId,
    /// The person it names, if any.
    pub owner: Option<OwnerId>,
}

impl Store {
    /// What ties a viewer of `scope` to each of `enterprises`: live consents, or that they are hers. Who is not
    /// let in by ties has none; she finds nothing that is restricted to her.
    pub async fn ties(
        &self,
        scope: &Scope,
        enterprises: &[EnterpriseId],
    ) -> Result<HashMap<EnterpriseId, Ties>, Error> {
        if enterprises.is_empty() {
            return Ok(HashMap::new());
        }
        let mut ties: HashMap<EnterpriseId, Ties> = match scope {
            Scope::Consent(institution, purpose) => {
                let members = self.linked_members(enterprises).await?;
                self.grants(institution, *purpose, &members).await?
            }
            Scope::Person(anchor) => {
                let members = self.linked_members(enterprises).await?;
                let person = self.member(*anchor).await?.and_then(|it| it.owner);
                let mut ties: HashMap<EnterpriseId, Ties> = HashMap::new();
                let hers = |it: &&Member| {
                    it.record == *anchor
                        || person.is_some() && (it.owner.is_none() || it.owner == person)
                };
                for it in members.iter().filter(hers) {
                    ties.entry(it.enterprise).or_default().own.insert(it.record);
                }
                ties
            }
            Scope::All | Scope::Used | Scope::Agency(_) | Scope::Nothing => {
                return Ok(HashMap::new());
            }
        };
        for it in self.restricted_of(enterprises).await? {
            ties.entry(it).or_default().restricted = true;
        }
        Ok(ties)
    }

    /// Those of `enterprises` whose use one of their owners had restricted.
    async fn restricted_of(
        &self,
        enterprises: &[EnterpriseId],
    ) -> Result<Vec<EnterpriseId>, Error> {
        let query = enterprise::Entity::find()
            .select_only()
            .column(enterprise::Column::Id)
            .filter(enterprise::Column::Id.is_in(padded(enterprises).map(|it| it.0)))
            .filter(enterprise::Column::Id.in_subquery(restricted()))
            .build(self.backend());
        self.rows(query, |it| it.get(0).map(EnterpriseId)).await
    }

    /// The rows of `enterprises` and the persons they name.
    pub async fn linked_members(&self, enterprises: &[EnterpriseId]) -> Result<Vec<Member>, Error> {
        if enterprises.is_empty() {
            return Ok(vec![]);
        }
        let ids = padded(enterprises).map(|it| it.0);
        self.linked_where(membership::Column::EnterpriseId.is_in(ids)).await
    }

    async fn linked_where(&self, condition: Expr) -> Result<Vec<Member>, Error> {
        use membership::Column::{EnterpriseId as Home, OwnerId as Owner, RecordId as Record};
        let query = membership::Entity::find()
            .select_only()
            .columns([Record, Home, Owner])
            .filter(condition)
            .build(self.backend());
        let member = |it: &Row<'_>| {
            Ok(Member {
                record: RecordId(it.get(0)?),
                enterprise: EnterpriseId(it.get(1)?),
                owner: it.get::<Option<Uuid>>(2)?.map(OwnerId),
            })
        };
        self.rows(query, member).await
    }

    /// The row `record` as it is linked just now.
    pub async fn member(&self, record: RecordId) -> Result<Option<Member>, Error> {
        Ok(self.linked_where(membership::Column::RecordId.eq(record.0)).await?.pop())
    }

    /// A row that names somebody, if there is one: of the first consent, or the first of all.
    pub async fn some_person(&self) -> Result<Option<RecordId>, Error> {
        let first = consent::Entity::find().order_by_asc(consent::Column::GivenAt);
        if let Some(first) = first.one(self.reader()).await? {
            return Ok(Some(RecordId(first.anchor)));
        }
        let named = membership::Entity::find().filter(membership::Column::OwnerId.is_not_null());
        let row = named.order_by_asc(membership::Column::RecordId).one(self.reader()).await?;
        Ok(row.map(|it| RecordId(it.record_id)))
    }

    /// The rows that name the person `owner`, and nobody else's.
    pub async fn members_of_person(&self, owner: OwnerId) -> Result<Vec<Member>, Error> {
        self.linked_where(membership::Column::OwnerId.eq(owner.0)).await
    }

    /// Those of `enterprises` that `scope` opens, restricted ones included.
    pub async fn enterprises_of_person(
        &self,
        anchor: RecordId,
    ) -> Result<Vec<EnterpriseId>, Error> {
        let mut ids: Vec<Uuid> = enterprise::Entity::find()
            .select_only()
            .column(enterprise::Column::Id)
            .filter(enterprise::Column::Id.in_subquery(of_person(anchor)))
            .into_tuple()
            .all(self.reader())
            .await?;
        ids.sort();
        Ok(ids.into_iter().map(EnterpriseId).collect())
    }
}
