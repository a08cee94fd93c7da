//! What persons ask for by right, as the API shows it.

use async_graphql::{Enum, ID, Object};
use domain::id::{OwnerId, RecordId, RequestId};
use domain::record::Field;
use domain::view::attribute_of;
use domain::viewer::Role;
use domain::visibility::{Access, Standing};

use super::consent::moment;
use super::owner::Owner;
use crate::app::App;
use crate::clock;
use crate::error::Error;
use crate::graphql::loader::Loaders;
use crate::graphql::scalar::DateTime;
use crate::graphql::{Ask, Soft};
use crate::service::rights;
use crate::service::subject::{Report, page};
use crate::store::rights::StoredRequest;

/// What a person asks for by right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "rights::Kind")]
pub enum RightKind {
    /// A value of a row is to be corrected by the agency that wrote it (UU PDP 27/2022 articles 6 and 30).
    Rectification,
    /// What is held is not to be used for the time being (articles 11 and 41).
    Restriction,
    /// What is held is to be erased (articles 8 and 43).
    Erasure,
}

/// How things stand with a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "rights::Status")]
pub enum RightStatus {
    /// It waits for a steward.
    Open,
    /// It waits for the agency.
    Sent,
    /// It is being carried out; carrying it out again takes up what was cut short.
    CarryingOut,
    /// It was carried out.
    Done,
    /// It was refused, with a reason.
    Refused,
}

/// What a person asks for by right, and what became of it.
pub struct RightsRequest {
    stored: StoredRequest,
    owner: Option<OwnerId>,
}

impl RightsRequest {
    /// One request, and of whom it is.
    pub(crate) async fn of(app: &App, stored: StoredRequest) -> Result<RightsRequest, Error> {
        let mut all = RightsRequest::all(app, vec![stored]).await?;
        all.pop().ok_or_else(|| Error::internal("a request was lost"))
    }

    /// Requests, and of whom each is.
    pub(crate) async fn all(
        app: &App,
        stored: Vec<StoredRequest>,
    ) -> Result<Vec<RightsRequest>, Error> {
        let anchors: Vec<RecordId> =
            stored.iter().filter_map(|it| it.anchor.map(RecordId)).collect();
        let members = app.store.members_among(&anchors).await?;
        let of = |stored: StoredRequest| {
            let member = stored.anchor.and_then(|it| members.get(&RecordId(it)));
            RightsRequest { owner: member.and_then(|it| it.owner), stored }
        };
        Ok(stored.into_iter().map(of).collect())
    }
}

/// What a person asks for by right, and what became of it.
#[Object]
impl RightsRequest {
    /// Its id. Example: `req_...`.
    async fn id(&self) -> ID {
        ID(RequestId(self.stored.id).to_string())
    }

    /// What is asked for; null for what this version does not know.
    async fn kind(&self) -> Option<RightKind> {
        rights::Kind::from_code(&self.stored.kind).map(Into::into)
    }

    /// How things stand.
    async fn status(&self) -> Option<RightStatus> {
        rights::Status::from_code(&self.stored.status).map(Into::into)
    }

    /// A row that names the person; null once she is erased. Example: `rec_...`.
    async fn person(&self, ctx: &async_graphql::Context<'_>) -> Option<ID> {
        self.stored.anchor.map(|it| ctx.named(RecordId(it)))
    }

    /// The person, as far as you find and see her; null once she is erased.
    #[graphql(complexity = "3 * child_complexity")]
    async fn owner(&self, ctx: &async_graphql::Context<'_>) -> Soft<Owner> {
        let owner = self.owner?;
        match ctx.data_unchecked::<Loaders>().owners(&[owner]).await {
            Ok(mut found) => found.pop().map(Ok),
            Err(error) => Some(Err(error)),
        }
    }

    /// It is for every enterprise of hers.
    async fn every_enterprise(&self) -> bool {
        self.stored.every_enterprise
    }

    /// The code of the agency that is to correct its row.
    async fn agency(&self) -> Option<&str> {
        self.stored.agency.as_deref()
    }

    /// The row to be corrected. Example: `rec_...`.
    async fn record(&self, ctx: &async_graphql::Context<'_>) -> Option<ID> {
        self.stored.record_id.map(|it| ctx.named(RecordId(it)))
    }

    /// What of the row, by code. Example: "phone".
    async fn field(&self) -> Option<&str> {
        self.stored.field.as_deref()
    }

    /// What the row should say; null once it is settled, and for who does not see that of the row whole.
    async fn proposed(&self, ctx: &async_graphql::Context<'_>) -> Option<&str> {
        let field = Field::from_code(self.stored.field.as_deref()?)?;
        let value = self.stored.proposed.as_deref()?;
        let viewer = ctx.viewer();
        let agency = viewer.agency.as_ref().map(|it| it.as_str());
        // An owner finds no request but her own.
        let own = viewer.role == Role::Owner
            || agency.is_some() && agency == self.stored.agency.as_deref();
        let standing = if own { Standing::own() } else { Standing::default() };
        if viewer.sees(&standing, attribute_of(field)).access != Access::Whole {
            return None;
        }
        ctx.ledger().read(RecordId(self.stored.record_id?), "proposed", true);
        Some(value)
    }

    /// Why.
    async fn reason(&self) -> &str {
        &self.stored.reason
    }

    /// Who wrote it down.
    async fn made_by(&self) -> &str {
        &self.stored.made_by
    }

    /// When.
    async fn made_at(&self) -> DateTime {
        moment(self.stored.made_at)
    }

    /// Until when it must be settled: 3 x 24 hours from `madeAt`.
    async fn due_at(&self) -> DateTime {
        moment(self.stored.due_at)
    }

    /// It is not settled and its time is over.
    async fn overdue(&self) -> bool {
        self.stored.settled_at.is_none() && self.stored.due_at < clock::now().timestamp_millis()
    }

    /// What was answered.
    async fn answer(&self) -> Option<&str> {
        self.stored.answer.as_deref()
    }

    /// Who settled it.
    async fn settled_by(&self) -> Option<&str> {
        self.stored.settled_by.as_deref()
    }

    /// When it was settled.
    async fn settled_at(&self) -> Option<DateTime> {
        self.stored.settled_at.map(moment)
    }
}

/// Everything that is held of a person, and who read it.
pub struct SubjectReport(pub Report);

/// Everything that is held of a person, and who read it.
#[Object]
impl SubjectReport {
    /// When it was made.
    async fn made_at(&self) -> DateTime {
        DateTime(self.0.made_at)
    }

    /// How many persons it is about: none when nothing is held; several when the number stands in the rows of
    /// several, and then only her own part is for her who asks.
    async fn persons(&self) -> i32 {
        crate::graphql::page::count(self.0.persons.len() as u64)
    }

    /// How many requests read something of them.
    async fn reads(&self) -> i32 {
        let reads = self.0.persons.iter().map(|it| it.reads.len() as u64).sum();
        crate::graphql::page::count(reads)
    }

    /// The whole of it, as JSON: persons, their enterprises with the source of each value, their rows in every
    /// version, consents, requests and reads.
    async fn json(&self) -> async_graphql::Result<String> {
        serde_json::to_string(&self.0).map_err(|it| crate::error::Error::from(it).into())
    }

    /// The whole of it as a page to print, in Indonesian, as HTML.
    async fn page(&self) -> String {
        page(&self.0)
    }
}
