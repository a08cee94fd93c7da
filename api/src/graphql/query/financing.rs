//! What financing programmes ask for, and how enterprises stand with them.

use async_graphql::{Context, InputObject, Lookahead, Object};
use domain::permission::Action;

use crate::error::Error;
use crate::graphql::object::financing::{
    FinancingChanges, FinancingFunnel, FinancingRow, FinancingStatus, Programme,
};
use crate::graphql::page::{PageArguments, PageOf, nodes, page_of, wants_total};
use crate::graphql::scalar::Date;
use crate::graphql::{Ask, Soft, some};
use crate::service::financing::feed;
use crate::service::financing::standing::today;
use crate::service::financing::told::Detail;
use crate::service::financing::view::{self, Asked};
use crate::store::financing::StandingFilter;
use crate::store::slice::Slice;

/// Which enterprises of a financing view are asked for. Every condition that is set must hold.
///
/// A lender finds by these the enterprises whose owners agreed to everything that the programme rests on; an
/// agency and an owner find by them those that are likely eligible or to which papers are missing.
#[derive(Debug, Clone, Default, InputObject)]
pub struct FinancingFilter {
    /// It stands so.
    pub status: Option<FinancingStatus>,
    /// One paper would make it likely eligible.
    pub one_away: Option<bool>,
    /// This paper is asked for and not on record. Example: "npwp".
    pub missing: Option<String>,
    /// An owner applied at your institution under this number of its own. Example: "KUR-2026-000123".
    pub reference: Option<String>,
}

/// Questions about financing.
#[derive(Default)]
pub struct FinancingQuery;

#[Object]
impl FinancingQuery {
    /// The financing programmes of a day: what each asks for and gives, by which regulation.
    #[graphql(complexity = "20 * child_complexity")]
    async fn programmes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "On this day; today unless you say otherwise. Example: \"2025-12-31\".")]
        as_of: Option<Date>,
    ) -> Vec<Programme> {
        let catalogue = &ctx.app().rules.catalogue;
        let in_force = catalogue.on(as_of.map_or_else(today, |it| it.0));
        let all = in_force.versions.iter();
        all.map(|(programme, version)| Programme::of(catalogue, programme, version)).collect()
    }

    /// Enterprises as many as you can find and how they stand with a programme, a page at a time. A lender finds
    /// those whose owners agreed to financing by her institution. Never a credit decision.
    #[graphql(complexity = "nodes(first, None) * child_complexity")]
    async fn financing_view(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The programme. Example: \"kur_micro\".")] programme: String,
        #[graphql(desc = "Which.")] filter: Option<FinancingFilter>,
        #[graphql(desc = "So many from the beginning; at most 200.")] first: Option<i32>,
        #[graphql(desc = "Behind this cursor, which the same question gave you.")] after: Option<
            String,
        >,
    ) -> Soft<PageOf<FinancingRow>> {
        some(list(ctx, programme, filter.unwrap_or_default(), first, after).await)
    }

    /// What changed in your institution's financing view since a cursor. Who takes up each row in the place of the
    /// one she holds, and drops what went, holds what `financingView` gives once `hasNextPage` is false.
    #[graphql(complexity = "nodes(first, None) * child_complexity")]
    async fn financing_changes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The programme. Example: \"kur_micro\".")] programme: String,
        #[graphql(
            desc = "The `cursor` of the answer before, once all of it is kept; without it you begin with what is there."
        )]
        since: Option<String>,
        #[graphql(desc = "At most so many; 50 unless you say otherwise, 200 at most.")]
        first: Option<i32>,
    ) -> Soft<FinancingChanges> {
        some(changes(ctx, &programme, since.as_deref(), first).await)
    }

    /// Your enterprises on their way to a programme: rows, enterprises, those with an NIB, with an NPWP, likely
    /// eligible; and what is missing most.
    #[graphql(complexity = "2_000 + 10 * child_complexity")]
    async fn financing_funnel(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The programme. Example: \"kur_micro\".")] programme: String,
    ) -> Soft<FinancingFunnel> {
        some(funnel(ctx, &programme).await)
    }
}

async fn list(
    ctx: &Context<'_>,
    programme: String,
    filter: FinancingFilter,
    first: Option<i32>,
    after: Option<String>,
) -> Result<PageOf<FinancingRow>, Error> {
    ctx.permit(Action::ReadEnterprises, "financingView")?;
    let arguments = PageArguments { first, ..PageArguments::default() };
    let slice = arguments.slice(&view::key_kind(), false)?;
    let asked = Asked {
        programme,
        filter: StandingFilter {
            status: filter.status.map(Into::into),
            one_away: filter.one_away.unwrap_or_default(),
            missing: filter.missing,
        },
        reference: filter.reference,
        after,
        limit: slice.limit,
        total: wants_total(ctx),
    };
    let page = view::page(ctx.app(), ctx.viewer(), &asked, detail(ctx)).await?;
    page.rows.iter().for_each(|it| ctx.ledger().rely(&it.1.enterprise.ties));
    let behind = asked.after.is_some();
    let nodes = page.rows.into_iter().map(|(key, it)| (key, FinancingRow::from(it))).collect();
    let slice = Slice { after: behind.then(view::key_kind), ..slice };
    Ok(page_of(&slice, nodes, page.more, page.total))
}

/// Evidence is told of rules, and of nothing else.
fn detail(ctx: &Context<'_>) -> Detail {
    let asked = ctx.look_ahead();
    let node = |it: Lookahead<'_>| it.field("readiness").field("rules").exists();
    let rules = node(asked.field("nodes")) || node(asked.field("edges").field("node"));
    if rules { Detail::Evidence } else { Detail::Outcome }
}

async fn changes(
    ctx: &Context<'_>,
    programme: &str,
    since: Option<&str>,
    first: Option<i32>,
) -> Result<FinancingChanges, Error> {
    ctx.permit(Action::FollowFinancing, "financingChanges")?;
    let arguments = PageArguments { first, ..PageArguments::default() };
    let limit = arguments.slice(&view::key_kind(), false)?.limit;
    if limit == 0 {
        return Err(Error::invalid("first", "must be from 1 to 200"));
    }
    let found = feed::changes(ctx.app(), ctx.viewer(), programme, since, limit).await?;
    for it in &found.changes {
        ctx.ledger().read(it.enterprise, "financing", true);
        it.row.iter().for_each(|it| ctx.ledger().rely(&it.enterprise.ties));
    }
    Ok(found.into())
}

async fn funnel(ctx: &Context<'_>, programme: &str) -> Result<FinancingFunnel, Error> {
    ctx.permit(Action::ReadEnterprises, "financingFunnel")?;
    let found = view::funnel(ctx.app(), ctx.viewer(), programme).await?;
    Ok(FinancingFunnel::of(&ctx.app().rules, found))
}
