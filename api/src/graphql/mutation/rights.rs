//! Persons' rights, asked for and carried out.

use async_graphql::{Context, ID, InputObject, Object};
use domain::id::{IdError, OwnerId, RecordId, RequestId};
use domain::identifier::Nik;
use domain::permission::Action;
use domain::purpose::Purpose;
use domain::record::Field;
use domain::viewer::Role;

use super::apart;
use crate::error::Error;
use crate::graphql::object::owner::Owner;
use crate::graphql::object::rights::{RightKind, RightsRequest};
use crate::graphql::query::consent::subject;
use crate::graphql::{Ask, Soft, some};
use crate::service::persons;
use crate::service::rights::{self, Asked};

/// What a person asks for.
#[derive(Debug, Clone, InputObject)]
pub struct RightInput {
    /// What.
    pub kind: RightKind,
    /// The person; yourself unless you are an office. Example: `own_...`.
    pub owner: Option<ID>,
    /// One enterprise of hers; every one without it. Example: `ent_...`.
    pub enterprise: Option<ID>,
    /// For a rectification: the row. Example: `rec_...`.
    pub record: Option<ID>,
    /// For a rectification: what of it, by code. Example: "phone".
    pub field: Option<String>,
    /// For a rectification: what the row should say.
    pub proposed: Option<String>,
    /// Why, without personal data.
    pub reason: String,
}

/// Changes by right.
#[derive(Default)]
pub struct RightsMutation;

#[Object]
impl RightsMutation {
    /// Writes down what a person asks for by right; it must be settled within 3 x 24 hours. A rectification goes to
    /// the agency whose row it is.
    async fn ask_right(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What she asks for.")] input: RightInput,
    ) -> Soft<RightsRequest> {
        some(ask(ctx, input).await)
    }

    /// The persons in whose rows a NIK stands, as far as you find them: for an office that has her before it, to ask
    /// in her name. With the purpose `subject_request`; an agency finds by the numbers of its own rows. It is sent as
    /// a mutation, so that the number is never part of an address. Several where lists give one number to several.
    async fn find_persons(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The NIK on her identity card, 16 digits.")] nik: String,
    ) -> Soft<Vec<Owner>> {
        some(find(ctx, &nik).await)
    }

    /// Carries out what was asked for, or refuses it with a reason. A rectification is done when the agency's row
    /// says so; a restriction holds until it is lifted; an erasure cannot be undone.
    async fn settle_right(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The request. Example: `req_...`.")] id: ID,
        #[graphql(desc = "Whether it is carried out.")] carry_out: bool,
        #[graphql(desc = "What she is answered; needed for a refusal.", default)] answer: String,
    ) -> Soft<RightsRequest> {
        some(settle(ctx, &id, carry_out, answer).await)
    }

    /// Lets what was restricted be used again, when the reason for it is gone (UU PDP 27/2022 article 41).
    async fn lift_restriction(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The request by which it stands. Example: `req_...`.")] id: ID,
    ) -> Soft<RightsRequest> {
        some(lift(ctx, &id).await)
    }
}

async fn find(ctx: &Context<'_>, nik: &str) -> Result<Vec<Owner>, Error> {
    ctx.permit(Action::AskRights, "findPersons")?;
    if ctx.viewer().purpose() != Purpose::SubjectRequest {
        return Err(Error::PurposeRefused("state the purpose subject_request"));
    }
    let nik = Nik::parse(nik).map_err(|_| Error::invalid("nik", "must have 16 digits of a NIK"))?;
    let found = persons::found_by_nik(ctx.app(), ctx.viewer(), &nik).await?;
    found.iter().for_each(|it| ctx.ledger().read(OwnerId(it.id), "nik", true));
    ctx.ledger().done();
    Ok(found.into_iter().map(Owner).collect())
}

async fn ask(ctx: &Context<'_>, input: RightInput) -> Result<RightsRequest, Error> {
    ctx.permit(Action::AskRights, "askRight")?;
    let record = input.record.as_ref().map(|it| it.parse::<RecordId>()).transpose();
    let unknown = || Error::invalid("field", "is no field of a row");
    let field = input.field.map(|it| Field::from_code(&it).ok_or_else(unknown)).transpose()?;
    let asked = Asked {
        kind: input.kind.into(),
        subject: subject(input.owner.as_ref(), input.enterprise.as_ref())?,
        record: record.map_err(|it| Error::invalid("record", it.to_string()))?,
        field,
        proposed: input.proposed,
        reason: input.reason,
    };
    let request = rights::ask(ctx.app(), ctx.viewer(), asked).await?;
    if let Some(anchor) = request.anchor {
        ctx.ledger().read(RecordId(anchor), "right", true);
    }
    RightsRequest::of(ctx.app(), request).await
}

async fn settle(
    ctx: &Context<'_>,
    id: &ID,
    carry_out: bool,
    answer: String,
) -> Result<RightsRequest, Error> {
    ctx.permit(Action::SettleRights, "settleRight")?;
    let id: RequestId = id.parse().map_err(|it: IdError| Error::invalid("id", it.to_string()))?;
    let (app, viewer) = (ctx.app().clone(), ctx.viewer().clone());
    let settled =
        apart(move || async move { rights::settle(&app, &viewer, id, carry_out, &answer).await })
            .await?;
    ctx.ledger().done();
    RightsRequest::of(ctx.app(), settled).await
}

async fn lift(ctx: &Context<'_>, id: &ID) -> Result<RightsRequest, Error> {
    ctx.permit(Action::SettleRights, "liftRestriction")?;
    if ctx.viewer().role != Role::Steward {
        let role = ctx.viewer().role.code();
        return Err(Error::Forbidden { role, action: "lift restrictions" });
    }
    let id: RequestId = id.parse().map_err(|it: IdError| Error::invalid("id", it.to_string()))?;
    let lifted = rights::lift(ctx.app(), id).await?;
    ctx.ledger().done();
    RightsRequest::of(ctx.app(), lifted).await
}
