//! Consents, given and taken back.

use async_graphql::{Context, ID, InputObject, Object};
use domain::enterprise::Attribute;
use domain::id::{ConsentId, IdError, RecordId};
use domain::permission::Action;
use enumset::EnumSet;

use crate::error::Error;
use crate::graphql::object::access::Purpose;
use crate::graphql::object::consent::{Channel, Consent, ConsentText};
use crate::graphql::query::consent::subject;
use crate::graphql::scalar::DateTime;
use crate::graphql::{Ask, Soft, some};
use crate::service::consents::{self, Agreement};

/// What an owner agrees to.
#[derive(Debug, Clone, InputObject)]
pub struct ConsentInput {
    /// The person; yourself unless you are an office. Example: `own_...`.
    pub owner: Option<ID>,
    /// One enterprise of hers; every one, also those that come to be known later, without it. Example: `ent_...`.
    pub enterprise: Option<ID>,
    /// To which institution. Example: "bjb".
    pub institution: String,
    /// For which purpose.
    pub purpose: Purpose,
    /// To which fields, by code; the name of the business is always among them. Example: "phone".
    pub fields: Vec<String>,
    /// The version of the text she was told.
    pub text_version: String,
    /// How she said so.
    pub channel: Channel,
    /// Where the proof is kept, without personal data. Example: "folder 12/2026, sheet 4".
    #[graphql(default)]
    pub evidence: String,
    /// The institution's own number of her application, where she applied there: it finds the enterprise by it
    /// (`financingView(filter:)`). Such a consent holds for at most 180 days. Example: "KUR-2026-000123".
    pub reference: Option<String>,
    /// From when on it no longer holds; at most five years from now.
    pub expires_at: DateTime,
}

/// Changes of consents.
#[derive(Default)]
pub struct ConsentMutation;

#[Object]
impl ConsentMutation {
    /// Keeps a text that owners are told before they agree. A version keeps its text for ever: another text
    /// needs another version.
    async fn add_consent_text(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Its version. Example: \"bjb-pembiayaan-1\".")] version: String,
        #[graphql(desc = "The text, in Indonesian.")] content: String,
    ) -> Soft<ConsentText> {
        some(add_text(ctx, &version, &content).await)
    }

    /// Writes down that an owner agrees: she herself, or an office to which she said so, with where the proof
    /// is kept. The institution may read with its next request.
    async fn give_consent(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What she agrees to.")] input: ConsentInput,
    ) -> Soft<Consent> {
        some(give(ctx, input).await)
    }

    /// Takes a consent back. It binds the institution's next request, and within a second what is open.
    async fn withdraw_consent(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The consent. Example: `con_...`.")] id: ID,
    ) -> Soft<Consent> {
        some(withdraw(ctx, &id).await)
    }
}

async fn add_text(ctx: &Context<'_>, version: &str, content: &str) -> Result<ConsentText, Error> {
    ctx.permit(Action::ChangeConsents, "addConsentText")?;
    if ctx.viewer().role == domain::viewer::Role::Owner {
        return Err(Error::Forbidden { role: "owner", action: "add texts of consents" });
    }
    let text = consents::add_text(ctx.app(), ctx.viewer(), version, content).await?;
    ctx.ledger().done();
    Ok(ConsentText(text))
}

async fn give(ctx: &Context<'_>, input: ConsentInput) -> Result<Consent, Error> {
    ctx.permit(Action::ChangeConsents, "giveConsent")?;
    let fields: Option<EnumSet<Attribute>> =
        input.fields.iter().map(|it| Attribute::from_code(it)).collect();
    let agreement = Agreement {
        subject: subject(input.owner.as_ref(), input.enterprise.as_ref())?,
        institution: input.institution,
        purpose: input.purpose.into(),
        fields: fields.ok_or_else(|| Error::invalid("fields", "names an unknown field"))?,
        text_version: input.text_version,
        channel: input.channel.into(),
        evidence: input.evidence,
        reference: input.reference,
        expires_at: input.expires_at.0,
    };
    let given = consents::give(ctx.app(), ctx.viewer(), agreement).await?;
    ctx.ledger().read(RecordId(given.anchor), "consent", true);
    Ok(Consent(given))
}

async fn withdraw(ctx: &Context<'_>, id: &ID) -> Result<Consent, Error> {
    ctx.permit(Action::ChangeConsents, "withdrawConsent")?;
    let id: ConsentId = id.parse().map_err(|it: IdError| Error::invalid("id", it.to_string()))?;
    let withdrawn = consents::withdraw(ctx.app(), ctx.viewer(), id).await?;
    ctx.ledger().read(RecordId(withdrawn.anchor), "consent", true);
    Ok(Consent(withdrawn))
}
