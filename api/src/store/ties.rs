//! What ties enterprises to persons, institutions and restrictions, by the row that names a person: which
//! enterprises a consent opens, which are hers, and which are held without being used.

use std::collections::{BTreeSet, HashMap};

use domain::consent::{Grant, Ties, is_of_the_business};
use domain::enterprise::Attribute;
use domain::id::{ConsentId, EnterpriseId, OwnerId, RecordId};
use domain::purpose::Purpose;
use domain::viewer::Scope;
use entity::{consent, consent_reach, enterprise, membership, restriction};
use enumset::EnumSet;
use sea_orm::sea_query::{Expr, ExprTrait, Query, SelectStatement, UnionType};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
};
use uuid::Uuid;

use crate::clock;
use crate::error::Error;
use crate::store::Store;
use crate::store::sql::{Row, padded};

/// What is asked of consents: the consent, and the enterprise it reaches.
const CONSENT: &str = "consent";
const REACH: &str = "consent_reach";
/// Of the same enterprise, another consent that comes first.
const EARLIER: (&str, &str) = ("earlier", "earlier_reach");
/// The membership of the anchor, and those of the same person.
const ANCHOR: &str = "anchored";
const HERS: &str = "hers";

/// Which consents open an enterprise: live ones of `institution` for `purpose` that cover all of `fields`, and
/// where that is asked, by which an owner applied under the institution's number `reference`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Opening<'a> {
    pub institution: &'a str,
    pub purpose: Purpose,
    pub fields: &'a [Attribute],
    pub reference: Option<&'a str>,
}

impl Opening<'_> {
    /// The enterprises that are opened.
    pub(super) fn enterprises(&self) -> SelectStatement {
        let mut query = Query::select();
        query.column((REACH, consent_reach::Column::EnterpriseId)).from(consent_reach::Entity);
        join_consent(&mut query, (CONSENT, REACH));
        query.cond_where(self.condition((CONSENT, REACH)));
        query
    }

    /// Joins `query` with what opens its enterprises, each of them once, and gives the column by which these are
    /// found in the order of their ids.
    pub(super) fn join(&self, query: &mut SelectStatement) -> Expr {
        let opened = |of| Expr::col((of, consent_reach::Column::EnterpriseId));
        query.join(
            sea_orm::JoinType::InnerJoin,
            consent_reach::Entity,
            opened(REACH).equals((enterprise::Entity, enterprise::Column::Id)),
        );
        join_consent(query, (CONSENT, REACH));
        let mut earlier = Query::select();
        earlier.expr(Expr::val(1)).from_as(consent_reach::Entity, EARLIER.1);
        join_consent(&mut earlier, EARLIER);
        earlier
            .and_where(opened(EARLIER.1).equals((REACH, consent_reach::Column::EnterpriseId)))
            .and_where(
                Expr::col((EARLIER.1, consent_reach::Column::ConsentId))
                    .lt(Expr::col((REACH, consent_reach::Column::ConsentId))),
            )
            .cond_where(self.condition(EARLIER));
        query.cond_where(self.condition((CONSENT, REACH)));
        query.and_where(Expr::exists(earlier).not());
        opened(REACH)
    }

    /// What holds of a consent and its reach that open.
    ///
    /// A field that speaks of a person is covered in an enterprise of one person alone: among several, a filter
    /// on it would tell what the others did not agree to.
    fn condition(&self, names: (&'static str, &'static str)) -> Condition {
        let column = |it| Expr::col((names.0, it));
        let mut holds = live(names, self.institution, self.purpose);
        for field in self.fields {
            let written = column(consent::Column::Fields);
            holds = holds.add(written.like(format!("%,{},%", field.code())));
        }
        if let Some(reference) = self.reference {
            let numbered = column(consent::Column::Institution).eq(self.institution);
            holds = holds.add(numbered.and(column(consent::Column::Reference).eq(reference)));
        }
        if !self.fields.iter().all(|it| is_of_the_business(*it)) {
            let owner = |of: &'static str| Expr::col((of, membership::Column::OwnerId));
            let another = Query::select()
                .expr(Expr::val(1))
                .from_as(membership::Entity, "another")
                .join_as(
                    sea_orm::JoinType::InnerJoin,
                    membership::Entity,
                    ANCHOR,
                    Expr::col((ANCHOR, membership::Column::RecordId))
                        .equals((names.0, consent::Column::Anchor)),
                )
                .and_where(
                    Expr::col(("another", membership::Column::EnterpriseId))
                        .equals((names.1, consent_reach::Column::EnterpriseId)),
                )
                .and_where(owner("another").is_not_null())
                .cond_where(
                    Condition::any()
                        .add(owner(ANCHOR).is_null())
                        .add(owner("another").ne(owner(ANCHOR))),
                )
                .to_owned();
            holds = holds.add(Expr::exists(another).not());
        }
        holds
    }
}

/// Joins a reach with its consent.
fn join_consent(query: &mut SelectStatement, (consent, reach): (&'static str, &'static str)) {
    query.join_as(
        sea_orm::JoinType::InnerJoin,
        consent::Entity,
        consent,
        Expr::col((consent, consent::Column::Id)).equals((reach, consent_reach::Column::ConsentId)),
    );
}

/// Of an institution and for a purpose.
fn of(reach: &'static str, institution: &str, purpose: Purpose) -> Condition {
    let column = |it| Expr::col((reach, it));
    Condition::all()
        .add(column(consent_reach::Column::Institution).eq(institution))
        .add(column(consent_reach::Column::Purpose).eq(purpose.code()))
}

/// Consents for `institution` and `purpose` that hold just now.
fn live(
    (consent, reach): (&'static str, &'static str),
    institution: &str,
    purpose: Purpose,
) -> Condition {
    let now = clock::now().timestamp_millis();
    let column = |it| Expr::col((consent, it));
    of(reach, institution, purpose)
        .add(column(consent::Column::GivenAt).lte(now))
        .add(column(consent::Column::ExpiresAt).gt(now))
        .add(column(consent::Column::WithdrawnAt).is_null())
}

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

    /// What live consents for `institution` and `purpose` open of the enterprises of `members`, which are all
    /// of theirs.
    pub async fn grants(
        &self,
        institution: &str,
        purpose: Purpose,
        members: &[Member],
    ) -> Result<HashMap<EnterpriseId, Ties>, Error> {
        self.granted(live((CONSENT, REACH), institution, purpose), members).await
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
        let of = || of(REACH, institution, purpose);
        let withdrawn = of().add(column(consent::Column::WithdrawnAt).is_not_null());
        let now = clock::now().timestamp_millis();
        let expired = of().add(column(consent::Column::ExpiresAt).lte(now));
        let mut ended = HashMap::new();
        for (condition, withdrawn) in [(expired, false), (withdrawn, true)] {
            let reached = self.granted(condition, members).await?;
            ended.extend(reached.into_keys().map(|it| (it, withdrawn)));
        }
        for still in
            self.granted(live((CONSENT, REACH), institution, purpose), members).await?.into_keys()
        {
            ended.remove(&still);
        }
        Ok(ended)
    }

    async fn granted(
        &self,
        live: Condition,
        members: &[Member],
    ) -> Result<HashMap<EnterpriseId, Ties>, Error> {
        let homes: BTreeSet<Uuid> = members.iter().map(|it| it.enterprise.0).collect();
        let homes: Vec<Uuid> = homes.into_iter().collect();
        let home = Expr::col((REACH, consent_reach::Column::EnterpriseId));
        let mut query = Query::select();
        query
            .column((CONSENT, consent::Column::Id))
            .column((CONSENT, consent::Column::Fields))
            .column((CONSENT, consent::Column::Reference))
            .column((CONSENT, consent::Column::Anchor))
            .column((REACH, consent_reach::Column::EnterpriseId))
            .column((ANCHOR, membership::Column::OwnerId))
            .from(consent_reach::Entity);
        join_consent(&mut query, (CONSENT, REACH));
        query
            .join_as(
                sea_orm::JoinType::InnerJoin,
                membership::Entity,
                ANCHOR,
                Expr::col((ANCHOR, membership::Column::RecordId))
                    .equals((CONSENT, consent::Column::Anchor)),
            )
            .cond_where(live)
            .and_where(home.is_in(padded(&homes)));
        type Reached = ((Uuid, String, Option<String>), Uuid, Uuid, Option<Uuid>);
        let row = |it: &Row<'_>| {
            let given = (it.get(0)?, it.get(1)?, it.get(2)?);
            Ok((given, it.get(3)?, it.get(4)?, it.get(5)?))
        };
        let rows: Vec<Reached> = self.rows(self.backend().build(&query), row).await?;
        let mut by_home: HashMap<EnterpriseId, Vec<&Member>> = HashMap::new();
        for it in members {
            by_home.entry(it.enterprise).or_default().push(it);
        }
        let mut ties: HashMap<EnterpriseId, Ties> = HashMap::new();
        for ((consent, written, reference), anchor, home, owner) in rows {
            let home = EnterpriseId(home);
            let of_home = by_home.get(&home).into_iter().flatten();
            let hers = of_home.filter(|it| {
                it.record.0 == anchor
                    || owner.is_some() && it.owner.is_none_or(|it| Some(it.0) == owner)
            });
            let records = hers.map(|it| it.record).collect();
            let (consent, attributes) = (ConsentId(consent), fields(&written));
            let grant = Grant { consent, reference, attributes, records };
            ties.entry(home).or_default().grants.push(grant);
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
pub(super) fn fields(written: &str) -> EnumSet<Attribute> {
    written.split(',').filter_map(Attribute::from_code).collect()
}
