//! Previewing and activating linkage models.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use domain::permission::Action;

use super::apart;
use crate::error::Error;
use crate::graphql::object::changes::EnterpriseChanges;
use crate::graphql::object::linkage::LinkRun;
use crate::graphql::object::model::LinkageModel;
use crate::graphql::query::model::model_id;
use crate::graphql::{Ask, Soft, some};
use crate::service::models::{self, Change};

/// A setting of the engine with a new value.
#[derive(Debug, Clone, InputObject)]
pub struct ModelSettingInput {
    /// Its name, as `linkageModel { settings }` gives it. Example: "target_precision".
    pub name: String,
    /// Its value, as JSON. Example: "0.99".
    pub value: String,
}

/// How a new model differs from the one it starts from. With nothing set, that one is previewed as it is.
#[derive(Debug, Clone, Default, InputObject)]
pub struct ModelChange {
    /// The model to start from; the active one unless named. Example: `mdl_...`.
    pub from: Option<ID>,
    /// Settings with new values; any of them makes the engine estimate anew from the current rows.
    #[graphql(default)]
    pub settings: Vec<ModelSettingInput>,
    /// Estimate anew from the current rows, even with the same settings.
    #[graphql(default = false)]
    pub estimate: bool,
    /// Match weight in bits from which a pair is linked without a person's word, from -100 to 100.
    pub link_bits: Option<f64>,
    /// Match weight in bits from which a pair is put to a person, from -100 to 100; at most `linkBits`.
    pub review_bits: Option<f64>,
}

/// What activating a model did.
#[derive(SimpleObject)]
pub struct ModelActivation {
    /// The model that now links.
    pub model: LinkageModel,
    /// The run that linked everything under it.
    pub run: LinkRun,
    /// What it changed.
    pub changes: EnterpriseChanges,
}

/// Changes of the linkage model.
#[derive(Default)]
pub struct ModelMutation;

#[Object]
impl ModelMutation {
    /// Works out what another model or another threshold would merge, split and touch, and keeps that
    /// model, inactive, to be activated; nothing else changes. Refused while rows wait to be linked.
    async fn preview_model(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How it differs.")] change: ModelChange,
    ) -> Soft<LinkageModel> {
        some(preview(ctx, change).await)
    }

    /// Links everything under a model that somebody else previewed. Ids are handed on and decisions bind as ever. Refused with
    /// `CONFLICT` to who previewed it, and with `PREVIEW_STALE` when anything was sent, decided or linked since its preview.
    async fn activate_model(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The model's id. Example: `mdl_...`.")] id: ID,
    ) -> Soft<ModelActivation> {
        some(activate(ctx, &id).await)
    }
}

async fn preview(ctx: &Context<'_>, change: ModelChange) -> Result<LinkageModel, Error> {
    ctx.permit(Action::ChangeModel, "previewModel")?;
    let from = change.from.map(|it| model_id("from", &it)).transpose()?;
    let settings = change.settings.into_iter().map(|it| {
        let value = serde_json::from_str(&it.value)
            .map_err(|_| Error::invalid("settings", "a value is not JSON"))?;
        Ok((it.name, value))
    });
    let change = Change {
        from,
        settings: settings.collect::<Result<_, Error>>()?,
        train: change.estimate,
        link_bits: change.link_bits,
        review_bits: change.review_bits,
    };
    let (app, viewer) = (ctx.app().clone(), ctx.viewer().clone());
    let (id, _) = apart(async move || models::preview(&app, &viewer, change).await).await?;
    let row = ctx.app().store.model_row(id).await?;
    row.map(LinkageModel::from).ok_or(Error::NotFound { noun: "model" })
}

async fn activate(ctx: &Context<'_>, id: &ID) -> Result<ModelActivation, Error> {
    ctx.permit(Action::ChangeModel, "activateModel")?;
    let id = model_id("id", id)?;
    let (app, by) = (ctx.app().clone(), Some(ctx.viewer().subject.clone()));
    let done = apart(async move || models::activate(&app, by, id).await).await?;
    let store = &ctx.app().store;
    let model = store.model_row(id).await?.ok_or(Error::NotFound { noun: "model" })?;
    let run = store.run(done.run).await?.ok_or(Error::NotFound { noun: "run" })?;
    let changes = models::outcome(ctx.app(), done.run).await?;
    Ok(ModelActivation {
        model: model.into(),
        run: LinkRun(run),
        changes: EnterpriseChanges(changes),
    })
}
