//! What agencies are asked to correct.

use async_graphql::{Context, Object};
use domain::agency::AgencyCode;
use domain::permission::Action;

use crate::error::Error;
use crate::graphql::object::correction::{
    Correction, CorrectionCount, CorrectionKind, CorrectionStatus, QualityScore,
};
use crate::graphql::page::{PageArguments, PageOf, nodes, page_of, wants_total};
use crate::graphql::scalar::Date;
use crate::graphql::{Ask, Soft, some};
use crate::service::{corrections, files};
use crate::store::corrections::{CorrectionFilter, correction_key, correction_key_kind};

/// Questions about corrections.
#[derive(Default)]
pub struct CorrectionQuery;

#[Object]
impl CorrectionQuery {
    /// What an agency is asked to correct in its own list, and what became of it. The same as a workbook in its
    /// own columns is at `/agencies/{code}/corrections.xlsx`, with the same token.
    #[graphql(complexity = "nodes(first, last) * child_complexity")]
    #[expect(clippy::too_many_arguments, reason = "a connection has four, a filter its own")]
    async fn corrections(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The agency's code; an operator's own.")] agency: String,
        #[graphql(desc = "Only of this kind.")] kind: Option<CorrectionKind>,
        #[graphql(desc = "Only standing so.")] status: Option<CorrectionStatus>,
        #[graphql(desc = "So many from the beginning; at most 200.")] first: Option<i32>,
        #[graphql(desc = "Behind this cursor.")] after: Option<String>,
        #[graphql(desc = "So many from the end; at most 200.")] last: Option<i32>,
        #[graphql(desc = "In front of this cursor.")] before: Option<String>,
    ) -> Soft<PageOf<Correction>> {
        let arguments = PageArguments { first, after, last, before };
        some(list(ctx, &agency, (kind, status), arguments).await)
    }

    /// How good an agency's list is, and was on the days on which it was measured after it had changed: at most the
    /// latest 400 of a span, the earliest first.
    #[graphql(complexity = "400 * child_complexity")]
    async fn quality_scorecard(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The agency's code; an operator's own.")] agency: String,
        #[graphql(desc = "From this day on. Example: \"2026-01-01\".")] from: Option<Date>,
        #[graphql(desc = "To this day.")] to: Option<Date>,
    ) -> Soft<Vec<QualityScore>> {
        some(scorecard(ctx, &agency, (from, to)).await)
    }

    /// How many corrections an agency has of each kind in each status.
    #[graphql(complexity = "20 * child_complexity")]
    async fn correction_counts(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The agency's code; an operator's own.")] agency: String,
    ) -> Soft<Vec<CorrectionCount>> {
        some(counts(ctx, &agency).await)
    }
}

/// The agency that is asked about, when the viewer may know what it is asked.
fn own(ctx: &Context<'_>, agency: &str, operation: &'static str) -> Result<AgencyCode, Error> {
    ctx.permit(Action::ReadCorrections, operation)?;
    let agency =
        AgencyCode::parse(agency).map_err(|it| Error::invalid("agency", it.to_string()))?;
    files::require_own(ctx.viewer(), &agency).inspect_err(|_| ctx.ledger().refuse())?;
    Ok(agency)
}

async fn list(
    ctx: &Context<'_>,
    agency: &str,
    (kind, status): (Option<CorrectionKind>, Option<CorrectionStatus>),
    arguments: PageArguments,
) -> Result<PageOf<Correction>, Error> {
    let filter = CorrectionFilter {
        agency: own(ctx, agency, "corrections")?,
        kind: kind.map(CorrectionKind::code),
        status: status.map(CorrectionStatus::standing),
    };
    let slice = arguments.slice(&correction_key_kind(), false)?;
    let (found, more) = corrections::page(ctx.app(), &filter, &slice).await?;
    let total = match wants_total(ctx) {
        true => corrections::count(ctx.app(), &filter).await?,
        false => 0,
    };
    let nodes = found.into_iter().map(|it| (correction_key(&it.row), Correction(it))).collect();
    Ok(page_of(&slice, nodes, more, total))
}

async fn counts(ctx: &Context<'_>, agency: &str) -> Result<Vec<CorrectionCount>, Error> {
    let agency = own(ctx, agency, "correctionCounts")?;
    let counts = corrections::counts(ctx.app(), &agency).await?;
    Ok(counts.into_iter().filter_map(CorrectionCount::new).collect())
}

async fn scorecard(
    ctx: &Context<'_>,
    agency: &str,
    (from, to): (Option<Date>, Option<Date>),
) -> Result<Vec<QualityScore>, Error> {
    let agency = own(ctx, agency, "qualityScorecard")?;
    let span = (from.map(|it| it.0), to.map(|it| it.0));
    let rows = corrections::quality(ctx.app(), &agency, span).await?;
    Ok(rows.into_iter().map(QualityScore::from).collect())
}
