//! Consents as the API shows them.

use async_graphql::{Enum, ID, Object, SimpleObject};
use chrono::DateTime as Moment;
use domain::consent;
use domain::id::{ConsentId, RecordId};
use domain::permission::Action;

use super::access::Purpose;
use crate::clock;
use crate::graphql::Ask;
use crate::graphql::scalar::DateTime;
use crate::service::consents::ConsentChange as Changed;
use crate::store::consents::{ChangeKind, StoredConsent, StoredText, fields_of};

/// How an owner gave her consent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "consent::Channel", name = "ConsentChannel")]
pub enum Channel {
    /// She herself, signed in.
    Herself,
    /// On paper, kept by the office that wrote it down.
    Paper,
    /// At the counter of an office.
    Counter,
    /// By telephone.
    Telephone,
}

/// What became of a consent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "ChangeKind")]
pub enum ConsentChangeKind {
    /// It was given: the enterprises may be read.
    Given,
    /// Its time is over: what was read of them must not be used any more.
    Expired,
    /// It was taken back, or the person was erased: likewise.
    Withdrawn,
    /// The person had the use of her data restricted: the consent stands, but what was read of these enterprises
    /// must not be used until that is lifted.
    Restricted,
    /// The restriction was lifted.
    Lifted,
}

/// A text that owners are told before they agree. A version keeps its text for ever.
pub struct ConsentText(pub StoredText);

/// A text that owners are told before they agree. A version keeps its text for ever.
#[Object]
impl ConsentText {
    /// Its version. Example: "bjb-pembiayaan-1".
    async fn version(&self) -> &str {
        &self.0.version
    }

    /// The text, in Indonesian.
    async fn content(&self) -> &str {
        &self.0.content
    }

    /// Who added it.
    async fn added_by(&self) -> &str {
        &self.0.added_by
    }

    /// When.
    async fn added_at(&self) -> DateTime {
        moment(self.0.added_at)
    }
}

/// What an owner agreed to, and whether she took it back.
pub struct Consent(pub StoredConsent);

/// What an owner agreed to, and whether she took it back.
#[Object]
impl Consent {
    /// Its id. Example: `con_...`.
    async fn id(&self) -> ID {
        ID(ConsentId(self.0.id).to_string())
    }

    /// A row that names the person; whoever it names is who agreed. Example: `rec_...`.
    async fn person(&self, ctx: &async_graphql::Context<'_>) -> ID {
        ctx.named(RecordId(self.0.anchor))
    }

    /// It is for every enterprise of hers, those that come to be known later included.
    async fn every_enterprise(&self) -> bool {
        self.0.every_enterprise
    }

    /// To which institution. Example: "bjb".
    async fn institution(&self) -> &str {
        &self.0.institution
    }

    /// For which purpose; null for one that this version does not know.
    async fn purpose(&self) -> Option<Purpose> {
        domain::purpose::Purpose::from_code(&self.0.purpose).map(Into::into)
    }

    /// To which fields, by code. Example: "phone".
    async fn fields(&self) -> Vec<&'static str> {
        fields_of(&self.0).into_iter().map(|it| it.code()).collect()
    }

    /// The institution's own number of her application, where she applied there. Example: "KUR-2026-000123".
    async fn reference(&self) -> Option<&str> {
        self.0.reference.as_deref()
    }

    /// The version of the text she was told.
    async fn text_version(&self) -> &str {
        &self.0.text_version
    }

    /// How she said so.
    async fn channel(&self) -> Option<Channel> {
        consent::Channel::from_code(&self.0.channel).map(Into::into)
    }

    /// Where the proof is kept; null for who does not read of persons, as the institution.
    async fn evidence(&self, ctx: &async_graphql::Context<'_>) -> Option<&str> {
        ctx.viewer().may(Action::ReadOwners).then_some(self.0.evidence.as_str())
    }

    /// Who wrote it down; null likewise.
    async fn given_by(&self, ctx: &async_graphql::Context<'_>) -> Option<&str> {
        ctx.viewer().may(Action::ReadOwners).then_some(self.0.given_by.as_str())
    }

    /// Since when it holds.
    async fn given_at(&self) -> DateTime {
        moment(self.0.given_at)
    }

    /// From when on it no longer holds.
    async fn expires_at(&self) -> DateTime {
        moment(self.0.expires_at)
    }

    /// When it was taken back; null while it was not.
    async fn withdrawn_at(&self) -> Option<DateTime> {
        self.0.withdrawn_at.map(moment)
    }

    /// It holds just now.
    async fn live(&self) -> bool {
        let now = clock::now().timestamp_millis();
        self.0.withdrawn_at.is_none() && now < self.0.expires_at
    }
}

/// What became of a consent. It says nothing about persons: what it opens is read by id, and written down.
#[derive(SimpleObject)]
pub struct ConsentChange {
    /// When.
    pub at: DateTime,
    /// What.
    pub kind: ConsentChangeKind,
    /// The consent. Example: `con_...`.
    pub consent: ID,
    /// The institution it is for.
    pub institution: String,
    /// The purpose it is for.
    pub purpose: Option<Purpose>,
    /// The enterprises it reaches just now; empty once the person is erased. Example: `ent_...`.
    pub enterprises: Vec<ID>,
}

/// What became of consents, the earliest first, and where to go on.
#[derive(SimpleObject)]
pub struct ConsentChanges {
    /// The changes. One of the last seconds may be told again the next time.
    pub changes: Vec<ConsentChange>,
    /// What to give as `since` the next time.
    pub mark: String,
}

impl From<Changed> for ConsentChange {
    fn from(it: Changed) -> ConsentChange {
        ConsentChange {
            at: DateTime(it.at),
            kind: it.kind.into(),
            consent: ID(ConsentId(it.consent.id).to_string()),
            purpose: domain::purpose::Purpose::from_code(&it.consent.purpose).map(Into::into),
            institution: it.consent.institution,
            enterprises: it.enterprises.iter().map(|it| ID(it.to_string())).collect(),
        }
    }
}

/// A moment of the registry.
pub(crate) fn moment(at: i64) -> DateTime {
    DateTime(Moment::from_timestamp_millis(at).unwrap_or_default())
}
