//! What an auditor says of broken glass.

use async_graphql::{Context, ID, Object};
use domain::permission::Action;

use crate::error::Error;
use crate::graphql::object::access::AccessEntry;
use crate::graphql::{Ask, Soft, some};
use crate::service::audit;

/// Changes by auditors.
#[derive(Default)]
pub struct AccessMutation;

#[Object]
impl AccessMutation {
    /// Says whether an access for which the glass was broken was justified. Once only, and not of one's own.
    async fn settle_break_glass(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Its place in the access log. Example: \"1204\".")] seq: ID,
        #[graphql(desc = "Whether the reason holds.")] justified: bool,
        #[graphql(desc = "What was found; at most 1,000 characters, without personal data.")]
        note: String,
    ) -> Soft<AccessEntry> {
        some(settle(ctx, &seq, justified, &note).await)
    }
}

async fn settle(
    ctx: &Context<'_>,
    seq: &ID,
    justified: bool,
    note: &str,
) -> Result<AccessEntry, Error> {
    ctx.permit(Action::SettleEvidence, "settleBreakGlass")?;
    let seq = seq.parse().map_err(|_| Error::invalid("seq", "must be a number"))?;
    let settled = audit::settle(ctx.app(), ctx.viewer(), seq, justified, note).await?;
    ctx.ledger().done();
    Ok(AccessEntry(settled))
}
