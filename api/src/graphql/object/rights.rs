//! What persons ask for by right, as the API shows it.

use async_graphql::{Enum, ID, Object};
use domain::id::{RecordId, RequestId};
use domain::record::Field;
use domain::view::attribute_of;
use domain::viewer::Role;
use domain::visibility::{Access, Standing};

use super::consent::moment;
use crate::clock;
use crate::graphql::Ask;
use crate::graphql::scalar::DateTime;
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
pub struct RightsRequest(pub StoredRequest);

/// What a person asks for by right, and what became of it.
#[Object]
impl RightsRequest {
    /// Its id. Example: `req_...`.
    async fn id(&self) -> ID {
        ID(RequestId(self.0.id).to_string())
    }

    /// What is asked for; null for what this version does not know.
    async fn kind(&self) -> Option<RightKind> {
        rights::Kind::from_code(&self.0.kind).map(Into::into)
    }

    /// How things stand.
    async fn status(&self) -> Option<RightStatus> {
        rights::Status::from_code(&self.0.status).map(Into::into)
    }

    /// A row that names the person; null once she is erased. Example: `rec_...`.
    async fn person(&self, ctx: &async_graphql::Context<'_>) -> Option<ID> {
        self.0.anchor.map(|it| ctx.named(RecordId(it)))
    }

    /// It is for every enterprise of hers.
    async fn every_enterprise(&self) -> bool {
        self.0.every_enterprise
    }

    /// The code of the agency that is to correct its row.
    async fn agency(&self) -> Option<&str> {
        self.0.agency.as_deref()
    }

    /// The row to be corrected. Example: `rec_...`.
    async fn record(&self, ctx: &async_graphql::Context<'_>) -> Option<ID> {
        self.0.record_id.map(|it| ctx.named(RecordId(it)))
    }

    /// What of the row, by code. Example: "phone".
    async fn field(&self) -> Option<&str> {
        self.0.field.as_deref()
    }

    /// What the row should say; null once it is settled, and for who does not see that of the row whole.
    async fn proposed(&self, ctx: &async_graphql::Context<'_>) -> Option<&str> {
        let field = Field::from_code(self.0.field.as_deref()?)?;
        let value = self.0.proposed.as_deref()?;
        let viewer = ctx.viewer();
        let agency = viewer.agency.as_ref().map(|it| it.as_str());
        // An owner finds no request but her own.
        let own =
            viewer.role == Role::Owner || agency.is_some() && agency == self.0.agency.as_deref();
        let standing = if own { Standing::own() } else { Standing::default() };
        if viewer.sees(&standing, attribute_of(field)).access != Access::Whole {
            return None;
        }
        ctx.ledger().read(RecordId(self.0.record_id?), "proposed", true);
        Some(value)
    }

    /// Why.
    async fn reason(&self) -> &str {
        &self.0.reason
    }

    /// Who wrote it down.
    async fn made_by(&self) -> &str {
        &self.0.made_by
    }

    /// When.
    async fn made_at(&self) -> DateTime {
        moment(self.0.made_at)
    }

    /// Until when it must be settled: 3 x 24 hours from `madeAt`.
    async fn due_at(&self) -> DateTime {
        moment(self.0.due_at)
    }

    /// It is not settled and its time is over.
    async fn overdue(&self) -> bool {
        self.0.settled_at.is_none() && self.0.due_at < clock::now().timestamp_millis()
    }

    /// What was answered.
    async fn answer(&self) -> Option<&str> {
        self.0.answer.as_deref()
    }

    /// Who settled it.
    async fn settled_by(&self) -> Option<&str> {
        self.0.settled_by.as_deref()
    }

    /// When it was settled.
    async fn settled_at(&self) -> Option<DateTime> {
        self.0.settled_at.map(moment)
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
