//! What agencies are asked to correct in their own lists.

use std::collections::HashMap;

use chrono::NaiveDate;
use domain::agency::AgencyCode;
use domain::id::{EnterpriseId, RecordId};
use entity::{agency_quality, correction, membership, source_record};
use sea_orm::sea_query::{Expr, Query};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, Condition, EntityTrait, JoinType,
    PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, TransactionTrait,
};
use uuid::Uuid;

use super::linking::CurrentRecord;
use super::slice::{At, Key, Slice};
use super::sources::{state, to_record};
use super::{Store, bulk};
use crate::error::Error;

/// One correction as stored.
pub type CorrectionRow = correction::Model;

/// How good a list was on a day, as stored.
pub type QualityRow = agency_quality::Model;

/// Where a correction stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum CorrectionStatus {
    /// It is asked.
    Open,
    /// The agency changed its row, and nothing of the kind is asked of the field any more.
    Accepted,
    /// The agency said why it stays as it is.
    Rejected,
    /// What it rested on is otherwise now, without the agency's doing.
    Overtaken,
}

impl CorrectionStatus {
    /// Every status.
    pub const ALL: [CorrectionStatus; 4] = [
        CorrectionStatus::Open,
        CorrectionStatus::Accepted,
        CorrectionStatus::Rejected,
        CorrectionStatus::Overtaken,
    ];

    /// The word in the table.
    pub fn code(self) -> &'static str {
        match self {
            CorrectionStatus::Open => "open",
            CorrectionStatus::Accepted => "accepted",
            CorrectionStatus::Rejected => "rejected",
            CorrectionStatus::Overtaken => "overtaken",
        }
    }

    /// The status of this word.
    pub fn from_code(code: &str) -> Option<CorrectionStatus> {
        CorrectionStatus::ALL.into_iter().find(|it| it.code() == code)
    }

    /// Whether it still stands: asked, or refused with a reason.
    pub fn stands(self) -> bool {
        matches!(self, CorrectionStatus::Open | CorrectionStatus::Rejected)
    }
}

/// Which corrections are asked for; what is not set does not matter.
#[derive(Debug, Clone)]
pub struct CorrectionFilter {
    /// Of this agency.
    pub agency: AgencyCode,
    /// Of this kind.
    pub kind: Option<&'static str>,
    /// Standing so.
    pub status: Option<CorrectionStatus>,
}

/// Where a correction stands in a list.
pub fn correction_key(row: &CorrectionRow) -> Key {
    Key(vec![At::Id(row.record_id), At::Text(row.code.clone())])
}

/// A key of the kind that lists of corrections have.
pub fn correction_key_kind() -> Key {
    Key(vec![At::Id(Uuid::nil()), At::Text(String::new())])
}

impl Store {
    /// The corrections that fit, row by row, and whether there are more.
    pub async fn correction_page(
        &self,
        filter: &CorrectionFilter,
        slice: &Slice,
    ) -> Result<(Vec<CorrectionRow>, bool), Error> {
        use correction::Column::{Code, RecordId};
        let columns = [RecordId, Code].map(|it| Expr::col((correction::Entity, it)));
        let rows = correction::Entity::find()
            .filter(fitting(filter))
            .filter(slice.bounds(&columns))
            .order_by(RecordId, slice.direction())
            .order_by(Code, slice.direction())
            .limit(slice.limit + 1)
            .all(self.reader())
            .await?;
        Ok(slice.cut(rows))
    }

    /// How many corrections fit.
    pub async fn correction_count(&self, filter: &CorrectionFilter) -> Result<u64, Error> {
        Ok(correction::Entity::find().filter(fitting(filter)).count(self.reader()).await?)
    }

    /// How many corrections an agency has of each kind in each status.
    pub async fn correction_counts(
        &self,
        agency: &AgencyCode,
    ) -> Result<Vec<(String, String, i64)>, Error> {
        use correction::Column::{Agency, Code, Kind, Status};
        Ok(correction::Entity::find()
            .select_only()
            .columns([Kind, Status])
            .column_as(Code.count(), "corrections")
            .filter(Agency.eq(agency.as_str()))
            .group_by(Kind)
            .group_by(Status)
            .order_by_asc(Kind)
            .order_by_asc(Status)
            .into_tuple()
            .all(self.reader())
            .await?)
    }

    /// The corrections of these rows.
    pub async fn corrections_of(&self, records: &[RecordId]) -> Result<Vec<CorrectionRow>, Error> {
        let rows = correction::Entity::find()
            .filter(correction::Column::RecordId.is_in(records.iter().map(|it| it.0)));
        Ok(rows.all(self.writer()).await?)
    }

    /// The rows that an agency lists now, behind the version `after`, in the order of arrival; at most `limit`.
    pub async fn listed_rows(
        &self,
        agency: &AgencyCode,
        after: i64,
        limit: u64,
    ) -> Result<Vec<CurrentRecord>, Error> {
        use source_record::Column::{AbsentFrom, Agency, Seq, State};
        let rows = source_record::Entity::find()
            .filter(Agency.eq(agency.as_str()))
            .filter(State.eq(state::CURRENT))
            .filter(AbsentFrom.is_null())
            .filter(Seq.gt(after))
            .order_by_asc(Seq)
            .limit(limit)
            .all(self.whole_reader())
            .await?;
        let sealer = self.sealer();
        let current = |row: source_record::Model| {
            Ok(CurrentRecord { version: row.seq, record: to_record(row, &sealer)? })
        };
        rows.into_iter().map(current).collect()
    }

    /// Of each of `enterprises` the rows that `agency` lists now, in the order of their ids.
    pub async fn rows_of_agency(
        &self,
        agency: &AgencyCode,
        enterprises: &[EnterpriseId],
    ) -> Result<HashMap<EnterpriseId, Vec<RecordId>>, Error> {
        use source_record::Column::{AbsentFrom, Agency, State};
        let mut found: HashMap<EnterpriseId, Vec<RecordId>> = HashMap::new();
        for ids in enterprises.chunks(2_048) {
            let version = membership::Entity::belongs_to(source_record::Entity)
                .from(membership::Column::RecordId)
                .to(source_record::Column::RecordId)
                .into();
            let rows: Vec<(Uuid, Uuid)> = membership::Entity::find()
                .select_only()
                .columns([membership::Column::EnterpriseId, membership::Column::RecordId])
                .join(JoinType::InnerJoin, version)
                .filter(membership::Column::EnterpriseId.is_in(ids.iter().map(|it| it.0)))
                .filter(Agency.eq(agency.as_str()))
                .filter(State.eq(state::CURRENT))
                .filter(AbsentFrom.is_null())
                .order_by_asc(membership::Column::RecordId)
                .into_tuple()
                .all(self.whole_reader())
                .await?;
            for (enterprise, record) in rows {
                found.entry(EnterpriseId(enterprise)).or_default().push(RecordId(record));
            }
        }
        Ok(found)
    }

    /// Keeps corrections that are new, and changes those that stand otherwise now, at once.
    pub async fn keep_corrections(
        &self,
        new: Vec<CorrectionRow>,
        changed: Vec<CorrectionRow>,
    ) -> Result<(), Error> {
        let transaction = self.writer().begin().await?;
        let rows = new.into_iter().map(|it| {
            [
                it.record_id.into(),
                it.code.into(),
                it.agency.into(),
                it.kind.into(),
                it.field.into(),
                it.problem.into(),
                it.status.into(),
                it.version.into(),
                it.asked_at.into(),
                it.settled_at.into(),
            ]
        });
        let columns = [
            "record_id",
            "code",
            "agency",
            "kind",
            "field",
            "problem",
            "status",
            "version",
            "asked_at",
            "settled_at",
        ];
        bulk::insert(&transaction, "correction", columns, rows).await?;
        for row in changed {
            let change = correction::ActiveModel {
                record_id: Set(row.record_id),
                code: Set(row.code),
                status: Set(row.status),
                version: Set(row.version),
                asked_at: Set(row.asked_at),
                settled_at: Set(row.settled_at),
                ..Default::default()
            };
            change.update(&transaction).await?;
        }
        Ok(transaction.commit().await?)
    }

    /// Keeps how good a list is today, in the place of what was measured earlier today.
    pub async fn keep_quality(&self, row: QualityRow) -> Result<(), Error> {
        use agency_quality::Column::{Agency, Day};
        let transaction = self.writer().begin().await?;
        agency_quality::Entity::delete_many()
            .filter(Agency.eq(&row.agency))
            .filter(Day.eq(row.day))
            .exec(&transaction)
            .await?;
        let row = agency_quality::ActiveModel::from(row).reset_all();
        agency_quality::Entity::insert(row).exec_without_returning(&transaction).await?;
        Ok(transaction.commit().await?)
    }

    /// How good an agency's list was, day by day, the latest 400 days of a span, the earliest first.
    pub async fn quality(
        &self,
        agency: &AgencyCode,
        from: Option<NaiveDate>,
        to: Option<NaiveDate>,
    ) -> Result<Vec<QualityRow>, Error> {
        use agency_quality::Column::{Agency, Day};
        let span = Condition::all()
            .add_option(from.map(|it| Day.gte(it)))
            .add_option(to.map(|it| Day.lte(it)));
        let mut rows = agency_quality::Entity::find()
            .filter(Agency.eq(agency.as_str()))
            .filter(span)
            .order_by_desc(Day)
            .limit(400)
            .all(self.reader())
            .await?;
        rows.reverse();
        Ok(rows)
    }

    /// Settles what stands of rows that `agency` lists no more, and forgets what was asked of rows that were
    /// erased.
    pub async fn settle_unlisted(&self, agency: &AgencyCode, at: i64) -> Result<(), Error> {
        use correction::Column;
        let rows = |listed: Condition| {
            Query::select()
                .column(source_record::Column::RecordId)
                .from(source_record::Entity)
                .and_where(source_record::Column::Agency.eq(agency.as_str()))
                .cond_where(listed)
                .to_owned()
        };
        let current = || Condition::all().add(source_record::Column::State.eq(state::CURRENT));
        let listed = current().add(source_record::Column::AbsentFrom.is_null());
        let transaction = self.writer().begin().await?;
        correction::Entity::delete_many()
            .filter(Column::Agency.eq(agency.as_str()))
            .filter(Column::RecordId.not_in_subquery(rows(current())))
            .exec(&transaction)
            .await?;
        let standing = CorrectionStatus::ALL.into_iter().filter(|it| it.stands());
        correction::Entity::update_many()
            .col_expr(Column::Status, Expr::value(CorrectionStatus::Accepted.code()))
            .col_expr(Column::SettledAt, Expr::value(at))
            .filter(Column::Agency.eq(agency.as_str()))
            .filter(Column::Status.is_in(standing.map(CorrectionStatus::code)))
            .filter(Column::RecordId.not_in_subquery(rows(listed)))
            .exec(&transaction)
            .await?;
        Ok(transaction.commit().await?)
    }
}

fn fitting(filter: &CorrectionFilter) -> Condition {
    use correction::Column::{Agency, Kind, Status};
    Condition::all()
        .add(Agency.eq(filter.agency.as_str()))
        .add_option(filter.kind.map(|it| Kind.eq(it)))
        .add_option(filter.status.map(|it| Status.eq(it.code())))
}
