//! Who read whose data, and what for.

use async_graphql::{Context, ID, InputObject, Object};
use domain::permission::Action;
use domain::viewer::Role;

use crate::error::Error;
use crate::graphql::object::access::{AccessEntry, AccessExcess, AccessOutcome, DataUse, Purpose};
use crate::graphql::page::{PageArguments, PageOf, nodes, page_of, wants_total};
use crate::graphql::scalar::DateTime;
use crate::graphql::{Ask, Soft, some};
use crate::service::audit::{self, UseCounted};
use crate::store::access::reading::AccessFilter;
use crate::store::review::order_key;

/// Which entries of the access log are asked for. Every condition that is set must hold.
#[derive(Debug, Clone, Default, InputObject)]
pub struct AccessLogFilter {
    /// About this person, enterprise, row, file or decision. What was read of a person's enterprises, of
    /// their rows, and of the whole register was read of her. Example: `own_...`.
    pub whose: Option<ID>,
    /// By the person or machine with this subject.
    pub subject: Option<String>,
    /// In this role. Example: "lender".
    pub role: Option<String>,
    /// By somebody of this institution.
    pub institution: Option<String>,
    /// By somebody of the agency with this code.
    pub agency: Option<String>,
    /// For this purpose.
    pub purpose: Option<Purpose>,
    /// That ended so.
    pub outcome: Option<AccessOutcome>,
    /// At or after this moment.
    pub since: Option<DateTime>,
    /// Before this moment.
    pub until: Option<DateTime>,
    /// For which the glass was broken, and whether an auditor has settled it.
    pub settled: Option<bool>,
}

/// Questions about the access log.
#[derive(Default)]
pub struct AccessQuery;

#[Object]
impl AccessQuery {
    /// Who read whose data, when, and what for, the latest first (UU PDP 27/2022 article 32). With
    /// `settled: false`, what waits for an auditor's review.
    #[graphql(complexity = "nodes(first, last) * child_complexity")]
    async fn access_log(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which.")] filter: Option<AccessLogFilter>,
        #[graphql(desc = "So many from the beginning; at most 200.")] first: Option<i32>,
        #[graphql(desc = "Behind this cursor.")] after: Option<String>,
        #[graphql(desc = "So many from the end; at most 200.")] last: Option<i32>,
        #[graphql(desc = "In front of this cursor.")] before: Option<String>,
    ) -> Soft<PageOf<AccessEntry>> {
        let arguments = PageArguments { first, after, last, before };
        some(log(ctx, filter.unwrap_or_default(), arguments).await)
    }

    /// Use of personal data that is out of the ordinary: of very many, at odd hours, of the same persons
    /// over and over; and rights that nobody needs.
    #[graphql(complexity = "8_000 + child_complexity")]
    async fn access_excess(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "From this moment; thirty days before `until` unless you say otherwise.")]
        since: Option<DateTime>,
        #[graphql(desc = "Before this moment; now unless you say otherwise.")] until: Option<
            DateTime,
        >,
        #[graphql(desc = "So many different ids on one day are very many.", default = 500)]
        bulk: i32,
    ) -> Soft<AccessExcess> {
        some(excess(ctx, since, until, bulk).await)
    }

    /// What personal data is used for: which institution read how often for which purpose in which month,
    /// the latest first. Open to everybody; small counts are suppressed.
    #[graphql(complexity = "1_000 + 100 * child_complexity")]
    async fn data_use(&self, ctx: &Context<'_>) -> Soft<Vec<DataUse>> {
        some(data_use(ctx).await)
    }
}

async fn log(
    ctx: &Context<'_>,
    filter: AccessLogFilter,
    arguments: PageArguments,
) -> Result<PageOf<AccessEntry>, Error> {
    ctx.permit(Action::ReadEvidence, "accessLog")?;
    let slice = arguments.slice(&order_key(0), true)?;
    let unknown = || Error::invalid("role", "is no role of the hub");
    let role = filter.role.map(|it| Role::from_code(&it).ok_or_else(unknown)).transpose()?;
    let whose = match &filter.whose {
        Some(id) => Some(audit::about(ctx.app(), id).await?),
        None => None,
    };
    let filter = AccessFilter {
        whose,
        subject: filter.subject,
        role: role.map(Role::code),
        institution: filter.institution,
        agency: filter.agency,
        purpose: filter.purpose.map(|it| domain::purpose::Purpose::from(it).code()),
        outcome: filter.outcome.map(|it| evidence::Outcome::from(it).code()),
        since: filter.since.map(|it| it.0.timestamp_millis()),
        until: filter.until.map(|it| it.0.timestamp_millis()),
        settled: filter.settled,
    };
    let store = &ctx.app().store;
    let (rows, more) = store.access_page(&filter, &slice).await?;
    let total = if wants_total(ctx) { store.access_count(&filter).await? } else { 0 };
    let nodes = rows.into_iter().map(|it| (order_key(it.0.seq), AccessEntry(it)));
    Ok(page_of(&slice, nodes.collect(), more, total))
}

async fn excess(
    ctx: &Context<'_>,
    since: Option<DateTime>,
    until: Option<DateTime>,
    bulk: i32,
) -> Result<AccessExcess, Error> {
    ctx.permit(Action::ReadEvidence, "accessExcess")?;
    let bulk = u64::try_from(bulk).ok().filter(|it| 0 < *it);
    let bulk = bulk.ok_or_else(|| Error::invalid("bulk", "must be 1 or more"))?;
    let found = audit::excess(ctx.app(), since.map(|it| it.0), until.map(|it| it.0), bulk).await?;
    Ok(found.into())
}

async fn data_use(ctx: &Context<'_>) -> Result<Vec<DataUse>, Error> {
    ctx.permit(Action::ReadStatistics, "dataUse")?;
    let counted = ctx.data_unchecked::<UseCounted>();
    let used = audit::data_use(ctx.app(), counted).await?;
    Ok(used.into_iter().map(DataUse::from).collect())
}
