//! What ties enterprises to persons, institutions and restrictions, by the row that names a person: which
//! enterprises a consent opens, which are hers, and which are held without being used.

use std::collections::{BTreeSet, HashMap, HashSet};

use domain::consent::{Grant, Ties, is_of_the_business};
use domain::enterprise::Attribute;
use domain::id::{ConsentId, EnterpriseId, OwnerId, RecordId};
use domain::purpose::Purpose;
use domain::viewer::Scope;
use entity::{consent, enterprise, membership, restriction};
use sea_orm::sea_query::{Expr, ExprTrait, Query, SelectStatement, UnionType};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
};
use uuid::Uuid;

use crate::clock;
use crate::error::Error;
use crate::store::Store;
use crate::store::sql::{Row, padded};

/// The tables whose rows are about the person whom their column `anchor` names.
const CONSENT: &str = "consent";
const RESTRICTION: &str = "restriction";
/// The membership of the anchor, and those of the same person.
const ANCHOR: &str = "anchored";
const HERS: &str = "hers";

/// The enterprises for which `institution` has a live consent for `purpose` that covers all of `fields`.
///
/// A field that speaks of a person is covered in an enterprise of one person alone: among several, a
/// filter on it would tell what the others did not agree to.
pub(super) fn consented(
    institution: &str,
    purpose: Purpose,
    fields: &[Attribute],
) -> SelectStatement {
    let mut holds = live(institution, purpose);
    for field in fields {
        let written = Expr::col((CONSENT, consent::Column::Fields));
        holds = holds.add(written.like(format!("%,{},%", field.code())));
    }
    if !fields.iter().all(|it| is_of_the_business(*it)) {
        let another = Query::select()
            .expr(Expr::val(1))
            .from_as(membership::Entity, "another")
            .and_where(
                Expr::col(("another", membership::Column::EnterpriseId))
                    .equals((HERS, membership::Column::EnterpriseId)),
            )
            .and_where(Expr::col(("another", membership::Column::OwnerId)).is_not_null())
            .cond_where(
                Condition::any().add(Expr::col((HERS, membership::Column::OwnerId)).is_null()).add(
                    Expr::col(("another", membership::Column::OwnerId))
                        .ne(Expr::col((HERS, membership::Column::OwnerId))),
                ),
            )
            .to_owned();
        holds = holds.add(Expr::exists(another).not());
    }
    reached(CONSENT, holds)
}

/// The enterprises whose owners applied at `institution` under its number `reference`, and let it read them.
pub(super) fn applied(institution: &str, purpose: Purpose, reference: &str) -> SelectStatement {
    let applied = Expr::col((CONSENT, consent::Column::Reference)).eq(reference);
    reached(CONSENT, live(institution, purpose).add(applied))
}

/// Consents for `institution` and `purpose` that hold just now.
fn live(institution: &str, purpose: Purpose) -> Condition {
    let now = clock::now().timestamp_millis();
    let column = |it| Expr::col((CONSENT, it));
    Condition::all()
        .add(column(consent::Column::Institution).eq(institution))
        .add(column(consent::Column::Purpose).eq(purpose.code()))
        .add(column(consent::Column::GivenAt).lte(now))
        .add(column(consent::Column::ExpiresAt).gt(now))
        .add(column(consent::Column::WithdrawnAt).is_null())
}

/// The enterprises that are held and not used for the time being.
pub(super) fn restricted() -> SelectStatement {
    let standing = Expr::col((RESTRICTION, restriction::Column::LiftedAt)).is_null();
    reached(RESTRICTION, Condition::all().add(standing))
}

/// The enterprises that are held and not used for the time being, or once were.
pub(super) fn ever_restricted() -> SelectStatement {
    reached(RESTRICTION, Condition::all())
}

/// The enterprises that those rows of `table` reach which fit: that of the anchor, and where the row is
/// for every enterprise of hers, the others.
fn reached(table: &'static str, fitting: Condition) -> SelectStatement {
    let from = |join: &[(&str, membership::Column)]| {
        let mut query = Query::select();
        query.column((HERS, membership::Column::EnterpriseId)).from(table);
        query.join_as(
            sea_orm::JoinType::InnerJoin,
            membership::Entity,
            ANCHOR,
            Expr::col((ANCHOR, membership::Column::RecordId)).equals((table, "anchor")),
        );
        let mut same = Condition::all();
        for (_, column) in join {
            same = same.add(Expr::col((HERS, *column)).equals((ANCHOR, *column)));
        }
        query.join_as(sea_orm::JoinType::InnerJoin, membership::Entity, HERS, same);
        query.cond_where(fitting.clone());
        query
    };
    let every = Expr::col((table, "every_enterprise")).eq(true);
    let mut query = from(&[(HERS, membership::Column::RecordId)]);
    let mut others = from(&[(HERS, membership::Column::OwnerId)]);
    others.and_where(every);
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

    /// What live consents for `institution` and `purpose` open of the enterprises of `members`, which are all
    /// of theirs.
    pub async fn grants(
        &self,
        institution: &str,
        purpose: Purpose,
        members: &[Member],
    ) -> Result<HashMap<EnterpriseId, Ties>, Error> {
        self.granted(live(institution, purpose), members).await
    }

    /// Those of the enterprises of `members`, which are all of theirs, that no live consent for `institution` and
    /// `purpose` reaches and one did that is over: whether it was withdrawn.
    pub async fn ended_grants(
        &self,
        institution: &str,
        purpose: Purpose,
        members: &[Member],
    ) -> Result<HashMap<EnterpriseId, bool>, Error> {
        let column = |it| Expr::col((CONSENT, it));
        let of = || {
            Condition::all()
                .add(column(consent::Column::Institution).eq(institution))
                .add(column(consent::Column::Purpose).eq(purpose.code()))
        };
        let withdrawn = of().add(column(consent::Column::WithdrawnAt).is_not_null());
        let now = clock::now().timestamp_millis();
        let expired = of().add(column(consent::Column::ExpiresAt).lte(now));
        let mut ended = HashMap::new();
        for (condition, withdrawn) in [(expired, false), (withdrawn, true)] {
            let reached = self.granted(condition, members).await?;
            ended.extend(reached.into_keys().map(|it| (it, withdrawn)));
        }
        for still in self.granted(live(institution, purpose), members).await?.into_keys() {
            ended.remove(&still);
        }
        Ok(ended)
    }

    async fn granted(
        &self,
        live: Condition,
        members: &[Member],
    ) -> Result<HashMap<EnterpriseId, Ties>, Error> {
        let homes: HashSet<Uuid> = members.iter().map(|it| it.enterprise.0).collect();
        let owners: HashSet<Uuid> = members.iter().filter_map(|it| Some(it.owner?.0)).collect();
        let anchored = |column| Expr::col((ANCHOR, column));
        let every = Expr::col((CONSENT, consent::Column::EveryEnterprise)).eq(true);
        let reaches = Condition::any()
            .add(anchored(membership::Column::EnterpriseId).is_in(homes))
            .add(anchored(membership::Column::OwnerId).is_in(owners).and(every));
        let mut query = Query::select();
        query
            .column((CONSENT, consent::Column::Id))
            .column((CONSENT, consent::Column::Fields))
            .column((CONSENT, consent::Column::EveryEnterprise))
            .column((CONSENT, consent::Column::Reference))
            .column((ANCHOR, membership::Column::RecordId))
            .column((ANCHOR, membership::Column::EnterpriseId))
            .column((ANCHOR, membership::Column::OwnerId))
            .from(consent::Entity)
            .join_as(
                sea_orm::JoinType::InnerJoin,
                membership::Entity,
                ANCHOR,
                Expr::col((ANCHOR, membership::Column::RecordId))
                    .equals((CONSENT, consent::Column::Anchor)),
            )
            .cond_where(live)
            .cond_where(reaches);
        type Given = (Uuid, String, bool, Option<String>);
        type Reach = (Given, (Uuid, Uuid, Option<Uuid>));
        let row = |it: &Row<'_>| {
            let given = (it.get(0)?, it.get(1)?, it.get(2)?, it.get(3)?);
            Ok((given, (it.get(4)?, it.get(5)?, it.get(6)?)))
        };
        let rows: Vec<Reach> = self.rows(self.backend().build(&query), row).await?;
        let mut by_home: HashMap<EnterpriseId, Vec<&Member>> = HashMap::new();
        let mut by_owner: HashMap<OwnerId, Vec<EnterpriseId>> = HashMap::new();
        for it in members {
            by_home.entry(it.enterprise).or_default().push(it);
            if let Some(owner) = it.owner {
                by_owner.entry(owner).or_default().push(it.enterprise);
            }
        }
        let mut ties: HashMap<EnterpriseId, Ties> = HashMap::new();
        for ((consent, listed, every, reference), (anchor, home, owner)) in rows {
            let attributes = fields(&listed);
            let mut reached = BTreeSet::from([EnterpriseId(home)]);
            let others = owner.filter(|_| every).and_then(|it| by_owner.get(&OwnerId(it)));
            reached.extend(others.into_iter().flatten());
            for enterprise in reached {
                let Some(rows) = by_home.get(&enterprise) else { continue };
                let hers = rows.iter().filter(|it| {
                    it.record.0 == anchor
                        || owner.is_some() && it.owner.is_none_or(|it| Some(it.0) == owner)
                });
                let records = hers.map(|it| it.record).collect();
                let (consent, reference) = (ConsentId(consent), reference.clone());
                let attributes = attributes.clone();
                let grant = Grant { consent, reference, attributes, records };
                ties.entry(enterprise).or_default().grants.push(grant);
            }
        }
        Ok(ties)
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

/// The attributes of a stored list; one that this version does not know opens nothing.
pub(super) fn fields(written: &str) -> BTreeSet<Attribute> {
    written.split(',').filter_map(Attribute::from_code).collect()
}
