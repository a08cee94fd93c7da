//! What owners agreed to.

use async_graphql::{Context, ID, InputObject, Object};
use domain::id::{EnterpriseId, OwnerId};
use domain::permission::Action;

use crate::clock;
use crate::error::Error;
use crate::graphql::object::consent::{Consent, ConsentChanges, ConsentText};
use crate::graphql::page::{PageArguments, PageOf, nodes, page_of, wants_total};
use crate::graphql::{Ask, Soft, some};
use crate::service::consents::{self, Subject};
use crate::store::consents::{ConsentFilter as Wanted, consent_key, consent_key_kind};

/// Which consents are asked for. Every condition that is set must hold.
#[derive(Debug, Clone, Default, InputObject)]
pub struct ConsentFilter {
    /// Of this person. Example: `own_...`.
    pub owner: Option<ID>,
    /// Written down for this enterprise. Example: `ent_...`.
    pub enterprise: Option<ID>,
    /// To this institution. Example: "bjb".
    pub institution: Option<String>,
    /// Whether it holds just now.
    pub live: Option<bool>,
}

/// Questions about consents.
#[derive(Default)]
pub struct ConsentQuery;

#[Object]
impl ConsentQuery {
    /// What owners agreed to, the latest first: an institution sees what was agreed to for it, an owner what
    /// she agreed to, an agency that of its enterprises.
    #[graphql(complexity = "nodes(first, last) * child_complexity")]
    async fn consents(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which.")] filter: Option<ConsentFilter>,
        #[graphql(desc = "So many from the beginning; at most 200.")] first: Option<i32>,
        #[graphql(desc = "Behind this cursor.")] after: Option<String>,
        #[graphql(desc = "So many from the end; at most 200.")] last: Option<i32>,
        #[graphql(desc = "In front of this cursor.")] before: Option<String>,
    ) -> Soft<PageOf<Consent>> {
        let arguments = PageArguments { first, after, last, before };
        some(list(ctx, filter.unwrap_or_default(), arguments).await)
    }

    /// The texts that owners are told, the latest first.
    #[graphql(complexity = "50 * child_complexity")]
    async fn consent_texts(&self, ctx: &Context<'_>) -> Soft<Vec<ConsentText>> {
        some(texts(ctx).await)
    }

    /// What became of consents since a mark, the earliest first: how an institution learns that it may read
    /// more, and what it must not use any more. It carries no personal data.
    #[graphql(complexity = "200 * child_complexity")]
    async fn consent_changes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The `mark` of the answer before; from the beginning without it.")]
        since: Option<String>,
        #[graphql(
            desc = "At most so many; 200 unless you say otherwise, 1,000 at most.",
            default = 200
        )]
        first: i32,
    ) -> Soft<ConsentChanges> {
        some(changes(ctx, since.as_deref(), first).await)
    }
}

async fn list(
    ctx: &Context<'_>,
    filter: ConsentFilter,
    arguments: PageArguments,
) -> Result<PageOf<Consent>, Error> {
    ctx.permit(Action::ReadConsents, "consents")?;
    let (app, scope) = (ctx.app(), ctx.viewer().scope());
    let slice = arguments.slice(&consent_key_kind(), true)?;
    let subject = subject(filter.owner.as_ref(), filter.enterprise.as_ref())?;
    let mut wanted = Wanted {
        institution: filter.institution,
        live: filter.live.map(|it| (it, clock::now().timestamp_millis())),
        ..Wanted::default()
    };
    if let Some(owner) = subject.owner {
        let anchor = app.store.anchor_of_person(&scope, owner).await?;
        wanted.person = Some(anchor.unwrap_or(domain::id::RecordId(uuid::Uuid::nil())));
    }
    if let Some(enterprise) = subject.enterprise {
        let open = app.store.open_ids(&scope, &[enterprise]).await?;
        let members = app.store.linked_members(&open).await?;
        wanted.anchors = Some(members.iter().map(|it| it.record).collect());
    }
    let (rows, more) = app.store.consent_page(&scope, &wanted, &slice).await?;
    let total = match wants_total(ctx) {
        true => app.store.consent_count(&scope, &wanted).await?,
        false => 0,
    };
    let nodes = rows.into_iter().map(|it| (consent_key(&it), Consent(it))).collect();
    Ok(page_of(&slice, nodes, more, total))
}

async fn texts(ctx: &Context<'_>) -> Result<Vec<ConsentText>, Error> {
    ctx.permit(Action::ReadConsents, "consentTexts")?;
    Ok(ctx.app().store.consent_texts().await?.into_iter().map(ConsentText).collect())
}

async fn changes(
    ctx: &Context<'_>,
    since: Option<&str>,
    first: i32,
) -> Result<ConsentChanges, Error> {
    ctx.permit(Action::ReadConsents, "consentChanges")?;
    let (told, mark) = consents::changes(ctx.app(), ctx.viewer(), since, first).await?;
    for enterprise in told.iter().flat_map(|it| &it.enterprises) {
        ctx.ledger().read(*enterprise, "id", true);
    }
    Ok(ConsentChanges { changes: told.into_iter().map(Into::into).collect(), mark })
}

/// The person and the enterprise that two arguments name.
pub(crate) fn subject(owner: Option<&ID>, enterprise: Option<&ID>) -> Result<Subject, Error> {
    let owner = owner.map(|it| it.parse::<OwnerId>()).transpose();
    let enterprise = enterprise.map(|it| it.parse::<EnterpriseId>()).transpose();
    Ok(Subject {
        owner: owner.map_err(|it| Error::invalid("owner", it.to_string()))?,
        enterprise: enterprise.map_err(|it| Error::invalid("enterprise", it.to_string()))?,
    })
}
