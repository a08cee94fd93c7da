//! What can be listened to.

use async_graphql::{Context, SimpleObject, Subscription};
use domain::permission::Action;
use domain::viewer::{Role, Scope, Viewer};
use futures_util::stream::{self, Stream};
use tokio::sync::broadcast::error::RecvError;

use crate::clock;
use crate::graphql::Ask;
use crate::graphql::object::feed::EnterprisesChanged;
use crate::graphql::object::webhook::FinancingChanged;
use crate::graphql::scalar::DateTime;
use crate::service::enterprise_feed::{self, Mark};
use crate::service::financing::feed::look;
use crate::service::financing::view::require_programme;
use crate::service::{progress, webhooks};

/// How far an import or a run of the engine is.
#[derive(Debug, Clone, SimpleObject)]
pub struct Progress {
    /// `import`, `link` or `pull`.
    pub job: String,
    /// The file, run or live source it is about. Example: `fil_...`.
    pub subject: String,
    /// The code of the agency whose file it is, for an import.
    pub agency: Option<String>,
    /// The step it is at. Example: "reading", "score".
    pub stage: String,
    /// Units done: rows for an import, thousandths of the stage for a run.
    pub done: f64,
    /// Units in all, where known.
    pub total: Option<f64>,
    /// It is over.
    pub finished: bool,
}

impl From<progress::Progress> for Progress {
    fn from(it: progress::Progress) -> Progress {
        Progress {
            job: it.job.into_owned(),
            subject: it.subject,
            agency: it.agency,
            stage: it.stage,
            done: it.done as f64,
            total: it.total.map(|it| it as f64),
            finished: it.finished,
        }
    }
}

/// Everything that can be listened to.
pub struct Subscription;

/// Everything that can be listened to.
#[Subscription]
impl Subscription {
    /// How far imports and runs are, from now on: an operator hears of her agency's files, stewards and
    /// administrators of everything. A slow listener misses steps, never the end of its own connection.
    async fn progress(
        &self,
        ctx: &Context<'_>,
    ) -> async_graphql::Result<impl Stream<Item = Progress> + use<>> {
        ctx.permit(Action::FollowProgress, "progress")?;
        let viewer = ctx.viewer().clone();
        let receiver = ctx.app().progress.subscribe();
        Ok(stream::unfold((receiver, viewer), |(mut receiver, viewer)| async move {
            loop {
                match receiver.recv().await {
                    Ok(it) if concerns(&viewer, &it) => {
                        return Some((Progress::from(it), (receiver, viewer)));
                    }
                    Ok(_) | Err(RecvError::Lagged(_)) => {}
                    Err(RecvError::Closed) => return None,
                }
            }
        }))
    }

    /// That there are changes in the enterprises that you find, and nothing of which: `enterpriseChanges` tells. It
    /// comes within seconds of a change, once for several; what changed before you listen is not told.
    async fn enterprises_changed(
        &self,
        ctx: &Context<'_>,
    ) -> async_graphql::Result<impl Stream<Item = EnterprisesChanged> + use<>> {
        ctx.permit(Action::FollowEnterprises, "enterprisesChanged")?;
        let (app, viewer) = (ctx.app().clone(), ctx.viewer().clone());
        let mark = Mark::now(&app).await?;
        let changed = app.changed.subscribe();
        Ok(stream::unfold(
            (app, viewer, changed, mark),
            |(app, viewer, mut changed, mut mark)| async move {
                loop {
                    changed.changed().await.ok()?;
                    match enterprise_feed::news(&app, &viewer, mark).await {
                        Ok((true, now)) => {
                            let told = EnterprisesChanged { at: DateTime(clock::now()) };
                            return Some((told, (app, viewer, changed, now)));
                        }
                        Ok((false, now)) => mark = now,
                        // It is looked again; a listener cannot mend it.
                        Err(error) => {
                            tracing::warn!(code = error.code(), "changes cannot be looked for")
                        }
                    }
                }
            },
        ))
    }

    /// That there are changes of a programme for your institution, and nothing of whom: `financingChanges` tells. It
    /// comes within seconds of a change, once for several; what changed before you listen is not told.
    async fn financing_changed(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The programme. Example: \"kur_micro\".")] programme: String,
    ) -> async_graphql::Result<impl Stream<Item = FinancingChanged> + use<>> {
        ctx.permit(Action::FollowFinancing, "financingChanged")?;
        let app = ctx.app().clone();
        require_programme(&app.rules, &programme)?;
        let told =
            FinancingChanged { programme, institution: webhooks::institution(ctx.viewer())? };
        let seen = look::head_lately(&app, &told.institution, &told.programme).await?;
        Ok(stream::unfold((app, told, seen), |(app, told, seen)| async move {
            loop {
                tokio::time::sleep(look::EVERY).await;
                match look::head_lately(&app, &told.institution, &told.programme).await {
                    Ok(head) if seen < head => return Some((told.clone(), (app, told, head))),
                    Ok(_) => {}
                    // It is looked again; a listener cannot mend it.
                    Err(error) => {
                        tracing::warn!(code = error.code(), "changes cannot be looked for")
                    }
                }
            }
        }))
    }
}

fn concerns(viewer: &Viewer, progress: &progress::Progress) -> bool {
    match viewer.scope() {
        Scope::All | Scope::Used => true,
        Scope::Agency(own) => {
            viewer.role == Role::AgencyOperator && progress.agency.as_deref() == Some(own.as_str())
        }
        Scope::Consent(..) | Scope::Person(_) | Scope::Nothing => false,
    }
}
