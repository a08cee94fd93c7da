//! What persons ask for by right.

use async_graphql::{Context, ID, InputObject, Object};
use domain::identifier::Nik;
use domain::permission::Action;
use domain::purpose::Purpose;
use domain::viewer::Scope;

use crate::clock;
use crate::error::Error;
use crate::graphql::object::rights::{RightStatus, RightsRequest, SubjectReport};
use crate::graphql::page::{PageArguments, PageOf, nodes, page_of, wants_total};
use crate::graphql::{Ask, Soft, some};
use crate::service::rights::Status;
use crate::service::subject::{self, Asked};
use crate::store::rights::{RequestFilter, request_key, request_key_kind};

/// Which requests are asked for. Every condition that is set must hold.
#[derive(Debug, Clone, Default, InputObject)]
pub struct RightsFilter {
    /// Of this status.
    pub status: Option<RightStatus>,
    /// Not settled, and the time is over.
    #[graphql(default)]
    pub overdue: bool,
}

/// Questions about persons' rights.
#[derive(Default)]
pub struct RightsQuery;

#[Object]
impl RightsQuery {
    /// What persons asked for by right, what is due first in front: an agency sees what it is to correct, an owner
    /// what she asked for.
    #[graphql(complexity = "nodes(first, last) * child_complexity")]
    async fn rights_requests(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which.")] filter: Option<RightsFilter>,
        #[graphql(desc = "So many from the beginning; at most 200.")] first: Option<i32>,
        #[graphql(desc = "Behind this cursor.")] after: Option<String>,
        #[graphql(desc = "So many from the end; at most 200.")] last: Option<i32>,
        #[graphql(desc = "In front of this cursor.")] before: Option<String>,
    ) -> Soft<PageOf<RightsRequest>> {
        let arguments = PageArguments { first, after, last, before };
        some(list(ctx, filter.unwrap_or_default(), arguments).await)
    }

    /// Everything that is held of a person, where it comes from, and every request that read it, with who, when and
    /// what for. An owner asks about herself; a steward or an auditor by NIK or id, with the purpose
    /// `subject_request` stated.
    #[graphql(complexity = "5_000 + child_complexity")]
    async fn subject_report(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The person. Example: `own_...`.")] owner: Option<ID>,
        #[graphql(desc = "The NIK that stands in her rows, 16 digits.")] nik: Option<String>,
    ) -> Soft<SubjectReport> {
        some(report(ctx, owner, nik).await)
    }
}

async fn list(
    ctx: &Context<'_>,
    filter: RightsFilter,
    arguments: PageArguments,
) -> Result<PageOf<RightsRequest>, Error> {
    ctx.permit(Action::AskRights, "rightsRequests")?;
    let (app, scope) = (ctx.app(), ctx.viewer().scope());
    let slice = arguments.slice(&request_key_kind(), false)?;
    let wanted = RequestFilter {
        status: filter.status.map(|it| vec![Status::from(it).code()]),
        overdue: filter.overdue.then(|| clock::now().timestamp_millis()),
    };
    let (rows, more) = app.store.request_page(&scope, &wanted, &slice).await?;
    let total = match wants_total(ctx) {
        true => app.store.request_count(&scope, &wanted).await?,
        false => 0,
    };
    let keys: Vec<_> = rows.iter().map(request_key).collect();
    let nodes = keys.into_iter().zip(RightsRequest::all(app, rows).await?).collect();
    Ok(page_of(&slice, nodes, more, total))
}

async fn report(
    ctx: &Context<'_>,
    owner: Option<ID>,
    nik: Option<String>,
) -> Result<SubjectReport, Error> {
    ctx.permit(Action::AnswerPersons, "subjectReport")?;
    let viewer = ctx.viewer();
    let asked = match (viewer.scope(), owner, nik) {
        (Scope::Person(row), None, None) => Asked::Row(row),
        (Scope::Person(_), ..) => return Err(Error::NotFound { noun: "person" }),
        _ if viewer.purpose() != Purpose::SubjectRequest => {
            return Err(Error::PurposeRefused("state the purpose subject_request"));
        }
        (_, Some(owner), None) => {
            let owner = owner.parse();
            Asked::Person(
                owner.map_err(|it: domain::id::IdError| Error::invalid("owner", it.to_string()))?,
            )
        }
        (_, None, Some(nik)) => {
            let nik = Nik::parse(&nik);
            Asked::Number(nik.map_err(|_| Error::invalid("nik", "must have 16 digits of a NIK"))?)
        }
        _ => return Err(Error::invalid("owner", "give either owner or nik")),
    };
    let report = subject::report(ctx.app(), &asked).await?;
    let (owners, enterprises, rows) = subject::about(&report);
    owners.iter().for_each(|it| ctx.ledger().read(*it, "subject_report", true));
    enterprises.iter().for_each(|it| ctx.ledger().read(*it, "subject_report", true));
    rows.iter().for_each(|it| ctx.ledger().read(*it, "subject_report", true));
    Ok(SubjectReport(report))
}
