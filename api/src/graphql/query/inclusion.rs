//! Financial inclusion, for a central bank.

use async_graphql::{Context, Object};
use domain::permission::Action;

use crate::error::Error;
use crate::graphql::object::inclusion::{Inclusion, InclusionDimension, InclusionRow};
use crate::graphql::page::{PageArguments, PageOf, nodes, page_of};
use crate::graphql::{Ask, Soft, some};
use crate::service::inclusion::{self, By};

/// Questions about financial inclusion.
#[derive(Default)]
pub struct InclusionQuery;

#[Object]
impl InclusionQuery {
    /// The register counted by up to some things at once; small counts are suppressed, and what they could be
    /// solved from. Told together are any two of KECAMATAN, SECTION, SIZE, NIB and OWNER_SEX; STATUS or MISSING with
    /// SECTION, with NIB, or with any of KECAMATAN, SIZE and OWNER_SEX; and these three.
    #[graphql(complexity = "8_000 + 10 * child_complexity")]
    async fn inclusion(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "By what; nothing counts all.")] by: Vec<InclusionDimension>,
        #[graphql(desc = "Whose STATUS and MISSING. Example: \"kur_micro\".")] programme: Option<
            String,
        >,
    ) -> Soft<Inclusion> {
        some(figures(ctx, programme, by).await)
    }

    /// Every enterprise in use under a pseudonym, a page at a time, with what at least as many as the threshold
    /// have in common with it. A pseudonym is of your institution, of one programme, and good for as long as the
    /// same figures are told: rows of two institutions, programmes or editions cannot be put together.
    #[graphql(complexity = "8_000 + nodes(first, None) * child_complexity")]
    async fn inclusion_rows(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The programme. Example: \"kur_micro\".")] programme: String,
        #[graphql(desc = "So many from the beginning; at most 200.")] first: Option<i32>,
        #[graphql(desc = "Behind this cursor, which the same question gave you.")] after: Option<
            String,
        >,
    ) -> Soft<PageOf<InclusionRow>> {
        some(rows(ctx, programme, first, after).await)
    }
}

async fn figures(
    ctx: &Context<'_>,
    programme: Option<String>,
    by: Vec<InclusionDimension>,
) -> Result<Inclusion, Error> {
    ctx.permit(Action::ReadInclusion, "inclusion")?;
    let by: Vec<By> = by.into_iter().map(By::from).collect();
    Ok(inclusion::table(ctx.app(), ctx.viewer(), programme.as_deref(), &by).await?.into())
}

async fn rows(
    ctx: &Context<'_>,
    programme: String,
    first: Option<i32>,
    after: Option<String>,
) -> Result<PageOf<InclusionRow>, Error> {
    ctx.permit(Action::ReadPseudonyms, "inclusionRows")?;
    let arguments = PageArguments { first, after, ..PageArguments::default() };
    let slice = arguments.slice(&inclusion::key_kind(), false)?;
    let page =
        inclusion::page(ctx.app(), ctx.viewer(), &programme, slice.after.clone(), slice.limit)
            .await?;
    let rows = page.rows.into_iter().map(|(key, it)| (key, InclusionRow(it))).collect();
    Ok(page_of(&slice, rows, page.more, page.total))
}
