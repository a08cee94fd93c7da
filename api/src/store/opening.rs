//! Which enterprises consents open, and how far: those that [`super::reach`] has, as far as a consent holds now.

use std::collections::{BTreeSet, HashMap};

use domain::consent::{Grant, Ties, is_of_the_business};
use domain::enterprise::Attribute;
use domain::id::{ConsentId, EnterpriseId};
use domain::purpose::Purpose;
use entity::{consent, consent_reach, enterprise, membership};
use enumset::EnumSet;
use sea_orm::sea_query::{Expr, ExprTrait, Query, SelectStatement};
use sea_orm::{Condition, JoinType};
use uuid::Uuid;

use super::Store;
use super::sql::{Row, padded};
use super::ties::Member;
use crate::clock;
use crate::error::Error;

/// What is asked of consents: the consent, and the enterprise it reaches.
const CONSENT: &str = "consent";
const REACH: &str = "consent_reach";
/// Of the same enterprise, another consent that comes first.
const EARLIER: (&str, &str) = ("earlier", "earlier_reach");
/// The membership of the row by which a consent was given.
const ANCHOR: &str = "anchored";

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

    /// Those of `ids` that are opened.
    pub(super) fn among(&self, ids: Vec<Uuid>) -> SelectStatement {
        let mut query = self.enterprises();
        query.and_where(Expr::col((REACH, consent_reach::Column::EnterpriseId)).is_in(ids));
        query
    }

    /// Joins `query` with what opens its enterprises, each of them once, and gives the column by which these are
    /// found in the order of their ids.
    pub(super) fn join(&self, query: &mut SelectStatement) -> Expr {
        let opened = |of| Expr::col((of, consent_reach::Column::EnterpriseId));
        query.join(
            JoinType::InnerJoin,
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
                    JoinType::InnerJoin,
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
        JoinType::InnerJoin,
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

impl Store {
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
                JoinType::InnerJoin,
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
}

/// The attributes of a stored list; one that this version does not know opens nothing.
pub(super) fn fields(written: &str) -> EnumSet<Attribute> {
    written.split(',').filter_map(Attribute::from_code).collect()
}
