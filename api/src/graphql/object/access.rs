//! The access log as the API shows it.

use async_graphql::{Enum, ID, Object, SimpleObject};
use chrono::DateTime as Moment;
use domain::purpose;
use entity::access_review;
use evidence::Outcome;

use crate::graphql::page::count;
use crate::graphql::scalar::{Date, DateTime};
use crate::service::audit;
use crate::store::access::excess;
use crate::store::access::reading::Reviewed;

/// What personal data is asked for; stated in the header `Tunggal-Purpose` in lower case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "purpose::Purpose")]
pub enum Purpose {
    /// Published figures.
    Statistics,
    /// Building a client against synthetic data.
    Development,
    /// The task of an agency: registering, licensing and assisting enterprises (PP 7/2021).
    PublicService,
    /// Linking and correcting records.
    DataQuality,
    /// Running the hub.
    Administration,
    /// Assessing an enterprise that agreed to it for credit.
    Financing,
    /// Oversight of how data is used.
    Audit,
    /// Answering a person about her own data (UU PDP 27/2022 articles 5 to 13 and 32).
    SubjectRequest,
    /// An emergency: one request, with a reason, reviewed afterwards.
    BreakGlass,
}

/// How a request ended for whoever asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "Outcome")]
pub enum AccessOutcome {
    /// Something was shown, or done.
    Allowed,
    /// Nothing was shown: nothing was in scope, or every value was withheld.
    Withheld,
    /// The request, or a part of it, was refused for the role or the purpose.
    Refused,
    /// The answer did not leave: it took too long or something failed.
    Failed,
}

/// The same fields of several persons, enterprises or rows.
#[derive(Debug, Clone, SimpleObject)]
pub struct AccessRead {
    /// Something of the fields was shown; otherwise all were withheld.
    pub shown: bool,
    /// The fields, by code. Example: "nik".
    pub fields: Vec<String>,
    /// Whose: ids with their prefixes, or `*` for the whole register.
    pub whose: Vec<ID>,
}

/// What an auditor found of an access for which the glass was broken.
pub struct AccessReview(access_review::Model);

/// What an auditor found of an access for which the glass was broken.
#[Object]
impl AccessReview {
    /// The reason holds.
    async fn justified(&self) -> bool {
        self.0.justified
    }

    /// In the auditor's words.
    async fn note(&self) -> &str {
        &self.0.note
    }

    /// The auditor's subject.
    async fn settled_by(&self) -> &str {
        &self.0.settled_by
    }

    /// When.
    async fn settled_at(&self) -> DateTime {
        moment(self.0.settled_at)
    }
}

/// One request that touched personal data, allowed or refused.
pub struct AccessEntry(pub Reviewed);

/// One request that touched personal data, allowed or refused.
#[Object]
impl AccessEntry {
    /// Its place in the log, from 1 and without gaps; a number too large for `Int` in time.
    async fn seq(&self) -> ID {
        ID(self.0.0.seq.to_string())
    }

    /// When; never before the entry in front of it.
    async fn at(&self) -> DateTime {
        moment(self.0.0.at)
    }

    /// The clock was behind the entry in front of it: it was set back, or another machine's runs ahead.
    async fn clock_behind(&self) -> bool {
        0 < self.0.0.behind
    }

    /// The id of the request, as its answer carries it in `X-Request-Id`.
    async fn request_id(&self) -> &str {
        &self.0.0.request
    }

    /// Who, as the token names the person or the machine; `cli:` and an account at the command line.
    async fn subject(&self) -> &str {
        &self.0.0.subject
    }

    /// In which role; `command_line` at the command line. Example: "steward".
    async fn role(&self) -> &str {
        &self.0.0.role
    }

    /// The code of her agency, if she has one.
    async fn agency(&self) -> Option<&str> {
        given(&self.0.0.agency)
    }

    /// Her institution, if she has one.
    async fn institution(&self) -> Option<&str> {
        given(&self.0.0.institution)
    }

    /// The client she asked through, if it has a name.
    async fn client(&self) -> Option<&str> {
        given(&self.0.0.client)
    }

    /// What for; null of a sign-in or a refused token, by which nothing is read.
    async fn purpose(&self) -> Option<Purpose> {
        purpose::Purpose::from_code(&self.0.0.purpose).map(Purpose::from)
    }

    /// Why, in her own words, where the glass was broken; of sign-ins and tokens, how many more were refused.
    async fn reason(&self) -> Option<&str> {
        given(&self.0.0.reason)
    }

    /// The fields of the API, or the command, that were asked for; `sign_in` and `token` of who came to the
    /// door. Example: "enterprises".
    async fn operations(&self) -> Vec<&str> {
        self.0.0.operation.split(' ').filter(|it| !it.is_empty()).collect()
    }

    /// How it ended.
    async fn outcome(&self) -> Option<AccessOutcome> {
        Outcome::from_code(&self.0.0.outcome).map(AccessOutcome::from)
    }

    /// What was read of whom.
    async fn reads(&self) -> Vec<AccessRead> {
        let reads: Vec<evidence::Read> = serde_json::from_str(&self.0.0.reads).unwrap_or_default();
        let reads = reads.into_iter().map(|it| AccessRead {
            shown: it.shown,
            fields: it.fields,
            whose: it.whose.into_iter().map(ID).collect(),
        });
        reads.collect()
    }

    /// What an auditor found, where the glass was broken; null until one has.
    async fn review(&self) -> Option<AccessReview> {
        self.0.1.clone().map(AccessReview)
    }
}

/// Somebody read of very many on one day.
#[derive(Debug, Clone, SimpleObject)]
pub struct BulkRead {
    /// Who.
    pub subject: String,
    /// In which role.
    pub role: String,
    /// The day, in Western Indonesian Time.
    pub day: Option<Date>,
    /// Requests.
    pub requests: i32,
    /// Different ids of enterprises, persons, rows and files.
    pub ids: i32,
    /// One of the requests was for the whole register.
    pub everyone: bool,
}

/// Somebody read at odd hours.
#[derive(Debug, Clone, SimpleObject)]
pub struct OddHours {
    /// Who.
    pub subject: String,
    /// In which role.
    pub role: String,
    /// Requests.
    pub requests: i32,
    /// The latest of them.
    pub last: DateTime,
}

/// Somebody of whom much was read.
#[derive(Debug, Clone, SimpleObject)]
pub struct MostRead {
    /// The person or enterprise. Example: `own_...`.
    pub whose: ID,
    /// Requests.
    pub requests: i32,
    /// Different people and machines that read.
    pub readers: i32,
}

/// Rights to persons' data that somebody has and made no use of.
#[derive(Debug, Clone, SimpleObject)]
pub struct UnusedRights {
    /// Who.
    pub subject: String,
    /// In which role.
    pub role: String,
    /// The rights, as docs/visibility.md names them. Example: "read owners".
    pub rights: Vec<String>,
}

/// Use of personal data that is out of the ordinary. Each list has at most 50 rows, the most first.
#[derive(Debug, Clone, SimpleObject)]
pub struct AccessExcess {
    /// From this moment.
    pub since: DateTime,
    /// Before this one.
    pub until: DateTime,
    /// Days on which somebody read of very many.
    pub bulk_reads: Vec<BulkRead>,
    /// Who read before six, from eight in the evening, or at the weekend, in Western Indonesian Time.
    pub odd_hours: Vec<OddHours>,
    /// Of whom most was read.
    pub most_read: Vec<MostRead>,
    /// Rights that those who read have and made no use of.
    pub unused_rights: Vec<UnusedRights>,
}

impl From<audit::Excess> for AccessExcess {
    fn from(it: audit::Excess) -> AccessExcess {
        let bulk = |it: excess::Bulk| BulkRead {
            subject: it.subject,
            role: it.role,
            day: Moment::from_timestamp(it.day * 86_400, 0).map(|it| Date(it.date_naive())),
            requests: count(it.requests),
            ids: count(it.ids),
            everyone: it.everyone,
        };
        let odd = |it: excess::OddHours| OddHours {
            subject: it.subject,
            role: it.role,
            requests: count(it.requests),
            last: moment(it.last),
        };
        let most = |it: excess::MostRead| MostRead {
            whose: ID(it.whose),
            requests: count(it.requests),
            readers: count(it.readers),
        };
        let unused = |it: audit::Unused| UnusedRights {
            subject: it.subject,
            role: it.role.code().to_owned(),
            rights: it.rights.iter().map(|it| it.phrase().to_owned()).collect(),
        };
        AccessExcess {
            since: DateTime(it.since),
            until: DateTime(it.until),
            bulk_reads: it.bulk.into_iter().map(bulk).collect(),
            odd_hours: it.odd_hours.into_iter().map(odd).collect(),
            most_read: it.most_read.into_iter().map(most).collect(),
            unused_rights: it.unused.into_iter().map(unused).collect(),
        }
    }
}

/// How often one reader read personal data for one purpose in one month.
#[derive(Debug, Clone, SimpleObject)]
pub struct DataUse {
    /// The month, in Western Indonesian Time. Example: "2026-01".
    pub month: String,
    /// An institution or the code of an agency; `hub` for those who run it.
    pub reader: String,
    /// What for.
    pub purpose: Option<Purpose>,
    /// Requests that showed something; null where they are too few to tell.
    pub reads: Option<i32>,
    /// The count is suppressed.
    pub suppressed: bool,
}

impl From<audit::MonthlyUse> for DataUse {
    fn from(it: audit::MonthlyUse) -> DataUse {
        DataUse {
            month: it.month,
            reader: it.reader,
            purpose: purpose::Purpose::from_code(&it.purpose).map(Purpose::from),
            reads: it.reads.map(count),
            suppressed: it.reads.is_none(),
        }
    }
}

fn moment(millis: i64) -> DateTime {
    DateTime(Moment::from_timestamp_millis(millis).unwrap_or_default())
}

fn given(text: &str) -> Option<&str> {
    Some(text).filter(|it| !it.is_empty())
}
