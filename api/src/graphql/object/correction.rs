//! What agencies are asked to correct.

use async_graphql::{Context, Enum, ID, Object, SimpleObject};
use domain::id::RecordId;
use domain::view::attribute_of;

use super::file::Lang;
use crate::graphql::Ask;
use crate::graphql::scalar::{Date, DateTime};
use crate::service::corrections::{Correction as Told, Kind, words};
use crate::store::corrections::{CorrectionStatus as Standing, QualityRow};

/// What sort of correction is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum CorrectionKind {
    /// A value cannot be what its column promises, such as a NIK that lost digits.
    Unreadable,
    /// Another row of the agency's list is the same enterprise.
    Duplicate,
    /// Other agencies write something else that cannot be true as well.
    Conflict,
    /// The row does not say in which kelurahan the enterprise lies.
    KelurahanMissing,
}

const KINDS: [(CorrectionKind, Kind); 4] = [
    (CorrectionKind::Unreadable, Kind::Unreadable),
    (CorrectionKind::Duplicate, Kind::Duplicate),
    (CorrectionKind::Conflict, Kind::Conflict),
    (CorrectionKind::KelurahanMissing, Kind::KelurahanMissing),
];

impl CorrectionKind {
    /// The word in the table.
    pub(crate) fn code(self) -> &'static str {
        KINDS.iter().find(|it| it.0 == self).map_or("", |it| it.1.code())
    }
}

/// Where a correction stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum CorrectionStatus {
    /// It is asked.
    Open,
    /// The agency changed its row or took it out of its list, and nothing of the kind is asked any more.
    Accepted,
    /// The agency said that it stays as it is.
    Rejected,
    /// What it rested on is otherwise now, without the agency's doing.
    Overtaken,
}

const STATUSES: [(CorrectionStatus, Standing); 4] = [
    (CorrectionStatus::Open, Standing::Open),
    (CorrectionStatus::Accepted, Standing::Accepted),
    (CorrectionStatus::Rejected, Standing::Rejected),
    (CorrectionStatus::Overtaken, Standing::Overtaken),
];

impl CorrectionStatus {
    /// The same, as it is stored.
    pub(crate) fn standing(self) -> Standing {
        STATUSES.iter().find(|it| it.0 == self).map_or(Standing::Open, |it| it.1)
    }
}

/// How many corrections there are of one kind in one status.
#[derive(Debug, Clone, SimpleObject)]
pub struct CorrectionCount {
    /// The kind.
    pub kind: CorrectionKind,
    /// The status.
    pub status: CorrectionStatus,
    /// How many. Example: 412.
    pub corrections: i32,
}

impl CorrectionCount {
    /// One line of the counts.
    pub(crate) fn new((kind, status, count): (Kind, Standing, i64)) -> Option<CorrectionCount> {
        Some(CorrectionCount {
            kind: KINDS.iter().find(|it| it.1 == kind)?.0,
            status: STATUSES.iter().find(|it| it.1 == status)?.0,
            corrections: i32::try_from(count).unwrap_or(i32::MAX),
        })
    }
}

/// A part of something, by numbers.
#[derive(Debug, Clone, SimpleObject)]
pub struct QualityShare {
    /// The part, from 0 to 1; null of nothing. Example: 0.94.
    pub share: Option<f64>,
    /// So many.
    pub count: i32,
    /// Of so many.
    pub of: i32,
}

impl QualityShare {
    fn new(count: i64, of: i64) -> QualityShare {
        let share = (of != 0).then(|| count as f64 / of as f64);
        let number = |it: i64| i32::try_from(it).unwrap_or(i32::MAX);
        QualityShare { share, count: number(count), of: number(of) }
    }
}

/// How good an agency's list was on a day. Rows whose use is restricted do not count.
#[derive(Debug, Clone, SimpleObject)]
pub struct QualityScore {
    /// The day, in Western Indonesian Time.
    pub day: Date,
    /// Rows that the agency listed.
    pub rows: i32,
    /// Of what each row should say (business, owner, NIK, trade or KBLI, telephone, kelurahan) how much is there.
    pub completeness: QualityShare,
    /// Of the values whose column promises something (numbers, dates, amounts, places) how many can be that.
    pub validity: QualityShare,
    /// Of the rows those that no earlier row of the same list says already.
    pub uniqueness: QualityShare,
    /// Of the rows those that were written, or where they do not say when, sent, within 365 days.
    pub timeliness: QualityShare,
    /// Of the rows whose enterprise other agencies know those that none of them contradicts in NIK, owner, name,
    /// kelurahan or KBLI.
    pub agreement: QualityShare,
}

impl From<QualityRow> for QualityScore {
    fn from(it: QualityRow) -> QualityScore {
        QualityScore {
            day: Date(it.day),
            rows: i32::try_from(it.rows).unwrap_or(i32::MAX),
            completeness: QualityShare::new(it.filled, it.wanted),
            validity: QualityShare::new(it.valid, it.checked),
            uniqueness: QualityShare::new(it.unique, it.rows),
            timeliness: QualityShare::new(it.recent, it.rows),
            agreement: QualityShare::new(it.agreeing, it.shared),
        }
    }
}

/// One thing that an agency is, or was, asked to correct in its own list.
pub struct Correction(pub Told);

/// One thing that an agency is, or was, asked to correct in its own list.
#[Object]
impl Correction {
    /// What it is known by in the row's cell KODE TUNGGAL of the workbook. Another value or another suggestion
    /// makes it another correction.
    async fn code(&self) -> &str {
        &self.0.row.code
    }

    /// What sort it is.
    async fn kind(&self) -> Option<CorrectionKind> {
        KINDS.iter().find(|it| it.1.code() == self.0.row.kind).map(|it| it.0)
    }

    /// Where it stands.
    async fn status(&self) -> Option<CorrectionStatus> {
        STATUSES.iter().find(|it| it.1.code() == self.0.row.status).map(|it| it.0)
    }

    /// The code of the agency. Example: "kominfo".
    async fn agency(&self) -> &str {
        &self.0.row.agency
    }

    /// The row. Example: `rec_...`.
    async fn record(&self, ctx: &Context<'_>) -> ID {
        ctx.named(RecordId(self.0.row.record_id))
    }

    /// What is asked about, as in mapping files. Example: "nik".
    async fn field(&self) -> &str {
        &self.0.row.field
    }

    /// The sheet of the row; null once it is settled, empty for a text file.
    async fn sheet(&self) -> Option<&str> {
        self.0.record.as_ref().map(|it| it.record.sheet.as_str())
    }

    /// The row in its sheet, from 1; null once it is settled.
    async fn row(&self) -> Option<i32> {
        self.0.record.as_ref().map(|it| i32::try_from(it.record.row).unwrap_or(i32::MAX))
    }

    /// What is wrong, in words for the office; null once it is settled.
    async fn message(
        &self,
        #[graphql(desc = "The language.", default_with = "Lang::Id")] lang: Lang,
    ) -> Option<String> {
        self.0.asked.as_ref().map(|it| words::message(it, lang.into()))
    }

    /// What the agency can do about it; null once it is settled.
    async fn remedy(
        &self,
        #[graphql(desc = "The language.", default_with = "Lang::Id")] lang: Lang,
    ) -> Option<String> {
        self.0.asked.as_ref().map(|it| words::remedy(it, lang.into()))
    }

    /// What the hub suggests to write: what a signboard says, never a value of a person; null where it suggests
    /// nothing.
    async fn suggestion(&self, ctx: &Context<'_>) -> Option<&str> {
        let asked = self.0.asked.as_ref()?;
        let suggestion = asked.suggestion.as_deref()?;
        let record = RecordId(self.0.row.record_id);
        ctx.ledger().read(record, attribute_of(asked.field).code(), true);
        Some(suggestion)
    }

    /// Of a duplicate the row that is the same enterprise. Example: `rec_...`.
    async fn other(&self, ctx: &Context<'_>) -> Option<ID> {
        self.0.asked.as_ref()?.other.map(|it| ctx.named(it))
    }

    /// Of a rejected one why the agency leaves it as it is.
    async fn reason(&self, ctx: &Context<'_>) -> Option<&str> {
        let reason = self.0.reason()?;
        ctx.ledger().read(RecordId(self.0.row.record_id), "correction_answer", true);
        Some(reason)
    }

    /// Since when it is asked.
    async fn asked_at(&self) -> Option<DateTime> {
        chrono::DateTime::from_timestamp_millis(self.0.row.asked_at).map(DateTime)
    }

    /// When it was settled or refused; null while it is open.
    async fn settled_at(&self) -> Option<DateTime> {
        self.0.row.settled_at.and_then(chrono::DateTime::from_timestamp_millis).map(DateTime)
    }
}
