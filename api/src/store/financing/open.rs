//! Which enterprises a question about standings reaches.

use domain::enterprise::Attribute;
use domain::id::EnterpriseId;
use domain::viewer::Scope;
use entity::enterprise;
use sea_orm::sea_query::{Expr, ExprTrait, Order, SelectStatement};
use sea_orm::{ColumnTrait, Condition};
use uuid::Uuid;

use crate::store::opening::Opening;
use crate::store::scope::{used, within_for};
use crate::store::sql::padded;

/// Who asks, and what she has to be let in for: the attributes that the question is about.
#[derive(Debug, Clone, Copy)]
pub struct Open<'a> {
    /// Her scope.
    pub scope: &'a Scope,
    /// The attributes.
    pub asks: &'a [Attribute],
    /// Those alone whose owners applied under this number of hers.
    pub reference: Option<&'a str>,
}

impl Open<'_> {
    /// The enterprises that are asked about.
    pub(super) fn condition(&self) -> Condition {
        within_for(self.scope, self.asks).add_option(self.applied())
    }

    /// What opens enterprises to a viewer whom consents let in.
    fn opening(&self) -> Option<Opening<'_>> {
        match self.scope {
            Scope::Consent(institution, purpose) => {
                Some(Opening { institution, purpose: *purpose, fields: self.asks, reference: None })
            }
            _ => None,
        }
    }

    /// That an owner applied under the number that is asked for, where one is, by whatever she agreed to.
    fn applied(&self) -> Option<Expr> {
        let reference = Some(self.reference?);
        Some(match self.opening() {
            Some(opening) => {
                let applied = Opening { fields: &[], reference, ..opening };
                enterprise::Column::Id.in_subquery(applied.enterprises())
            }
            None => Expr::val(1).eq(0),
        })
    }

    /// Narrows `query` to the enterprises of `part` that are asked about, in the order of their ids. Consents
    /// know which they reach in that order, so that a page begins where the last one ended.
    pub(super) fn narrow(&self, query: &mut SelectStatement, part: Part<'_>) {
        let (id, asked) = match self.opening() {
            Some(opening) => {
                let asked = Condition::all().add(used()).add_option(self.applied());
                (opening.join(query), asked)
            }
            None => {
                let id = Expr::col((enterprise::Entity, enterprise::Column::Id));
                (id, self.condition())
            }
        };
        query
            .cond_where(asked)
            .cond_where(part.condition(id.clone()))
            .order_by_expr(id, Order::Asc);
    }
}

/// Which enterprises a page is taken from.
#[derive(Debug, Clone, Copy)]
pub enum Part<'a> {
    /// Those behind this one in the order of ids; from the first without one.
    Behind(Option<EnterpriseId>),
    /// These.
    Among(&'a [EnterpriseId]),
}

impl Part<'_> {
    fn condition(self, id: Expr) -> Condition {
        match self {
            Part::Behind(after) => Condition::all().add_option(after.map(|it| id.gt(it.0))),
            Part::Among(ids) => {
                let ids: Vec<Uuid> = ids.iter().map(|it| it.0).collect();
                Condition::all().add(id.is_in(padded(&ids)))
            }
        }
    }
}
