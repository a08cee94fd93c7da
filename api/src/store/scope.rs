//! What a scope opens of the enterprises, as conditions.

use domain::agency::AgencyCode;
use domain::enterprise::Attribute;
use domain::id::EnterpriseId;
use domain::viewer::Scope;
use entity::{enterprise, enterprise_agency};
use sea_orm::sea_query::{Expr, ExprTrait, Query};
use sea_orm::{ColumnTrait, Condition};
use uuid::Uuid;

use super::opening::Opening;
use super::sql::padded;
use super::ties;

/// The rows of `enterprise` that `scope` opens.
pub(super) fn within(scope: &Scope) -> Condition {
    within_for(scope, &[])
}

/// The rows of `enterprise` with one of these ids that `scope` opens.
///
/// What lets an agency or an institution in is asked first, and by ids: where that is not there nothing else is
/// looked up, so that what is closed takes as long as what does not exist.
pub(super) fn among(scope: &Scope, ids: &[EnterpriseId]) -> Condition {
    use enterprise::Column::Id;
    let ids: Vec<Uuid> = padded(ids).map(|it| it.0).collect();
    let open = match scope {
        Scope::Agency(code) => Query::select()
            .column(enterprise_agency::Column::EnterpriseId)
            .from(enterprise_agency::Entity)
            .and_where(enterprise_agency::Column::Agency.eq(code.as_str()))
            .and_where(enterprise_agency::Column::EnterpriseId.is_in(ids))
            .to_owned(),
        Scope::Consent(institution, purpose) => {
            let opening = Opening { institution, purpose: *purpose, fields: &[], reference: None };
            opening.among(ids)
        }
        Scope::All | Scope::Used | Scope::Person(_) | Scope::Nothing => {
            return within(scope).add(Id.is_in(ids));
        }
    };
    Condition::all().add(Id.in_subquery(open)).add(used())
}

/// The rows of `enterprise` that `scope` opens to a question about the attributes `asks`.
pub(super) fn within_for(scope: &Scope, asks: &[Attribute]) -> Condition {
    use enterprise::Column::Id;
    match scope {
        Scope::All => Condition::all(),
        Scope::Used => Condition::all().add(used()),
        Scope::Agency(code) => Condition::all().add(has_record_of(code)).add(used()),
        Scope::Consent(institution, purpose) => {
            let opening = Opening { institution, purpose: *purpose, fields: asks, reference: None };
            Condition::all().add(Id.in_subquery(opening.enterprises())).add(used())
        }
        Scope::Person(anchor) => Condition::all().add(Id.in_subquery(ties::of_person(*anchor))),
        Scope::Nothing => Condition::all().add(Expr::val(1).eq(0)),
    }
}

/// Nobody had the use of the enterprise restricted.
pub(super) fn used() -> Expr {
    enterprise::Column::Id.not_in_subquery(ties::restricted())
}

/// An agency wrote a row of the enterprise.
pub(super) fn has_record_of(agency: &AgencyCode) -> Expr {
    let here = Expr::col((enterprise::Entity, enterprise::Column::Id));
    let listed = Expr::col((enterprise_agency::Entity, enterprise_agency::Column::EnterpriseId));
    let listed = Query::select()
        .expr(Expr::val(1))
        .from(enterprise_agency::Entity)
        .and_where(enterprise_agency::Column::Agency.eq(agency.as_str()))
        .and_where(listed.eq(here))
        .to_owned();
    Expr::exists(listed)
}
