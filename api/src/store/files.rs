//! Finding source files and the problems met in them.

use domain::agency::AgencyCode;
use domain::id::FileId;
use domain::viewer::Scope;
use entity::{row_problem, source_file};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
};
use uuid::Uuid;

use super::slice::{At, Key, Slice};
use crate::error::Error;
use crate::store::Store;

/// One file as stored.
pub type FileRow = source_file::Model;
/// One problem as stored.
pub type ProblemRow = row_problem::Model;

/// Which problems of a file are asked for; what is not set does not matter.
#[derive(Debug, Clone, Default)]
pub struct ProblemFilter {
    /// 0 note, 1 warning, 2 error.
    pub severity: Option<i16>,
    /// What is wrong.
    pub code: Option<String>,
}

impl Store {
    /// The file with this id, when `scope` opens its agency.
    pub async fn file_row(&self, scope: &Scope, id: FileId) -> Result<Option<FileRow>, Error> {
        let query = source_file::Entity::find_by_id(id.0).filter(sent_within(scope));
        Ok(query.one(self.reader()).await?)
    }

    /// The files that `scope` opens, the latest first, and whether there are more.
    pub async fn file_page(
        &self,
        scope: &Scope,
        agency: Option<&AgencyCode>,
        slice: &Slice,
    ) -> Result<(Vec<FileRow>, bool), Error> {
        use source_file::Column;
        let columns = [Column::ReceivedAt, Column::Id];
        let bound = slice.bounds(&columns.map(|it| Expr::col((source_file::Entity, it))));
        let rows = source_file::Entity::find()
            .filter(sent_within(scope))
            .filter(sent_by(agency))
            .filter(bound)
            .order_by(Column::ReceivedAt, slice.direction())
            .order_by(Column::Id, slice.direction())
            .limit(slice.limit + 1)
            .all(self.reader())
            .await?;
        Ok(slice.cut(rows))
    }

    /// How many files `scope` opens.
    pub async fn file_count(
        &self,
        scope: &Scope,
        agency: Option<&AgencyCode>,
    ) -> Result<u64, Error> {
        let query = source_file::Entity::find().filter(sent_within(scope)).filter(sent_by(agency));
        Ok(query.count(self.reader()).await?)
    }

    /// The problems of a file in the order of its rows, and whether there are more.
    pub async fn problem_page(
        &self,
        file: FileId,
        filter: &ProblemFilter,
        slice: &Slice,
    ) -> Result<(Vec<ProblemRow>, bool), Error> {
        let rows = row_problem::Entity::find()
            .filter(met_in(file, filter))
            .filter(slice.bounds(&[Expr::col((row_problem::Entity, row_problem::Column::Seq))]))
            .order_by(row_problem::Column::Seq, slice.direction())
            .limit(slice.limit + 1)
            .all(self.reader())
            .await?;
        Ok(slice.cut(rows))
    }

    /// How many problems of a file there are.
    pub async fn problem_count(&self, file: FileId, filter: &ProblemFilter) -> Result<u64, Error> {
        Ok(row_problem::Entity::find().filter(met_in(file, filter)).count(self.reader()).await?)
    }
}

/// Where a file stands in a list by time of arrival.
pub fn file_key(file: &FileRow) -> Key {
    Key(vec![At::Time(file.received_at), At::Id(file.id)])
}

/// A key of the kind that lists of files have.
pub fn file_key_kind() -> Key {
    Key(vec![At::Time(chrono::DateTime::UNIX_EPOCH), At::Id(Uuid::nil())])
}

fn sent_within(scope: &Scope) -> Condition {
    match scope {
        Scope::All | Scope::Used => Condition::all(),
        Scope::Agency(code) => sent_by(Some(code)),
        Scope::Consent(..) | Scope::Person(_) | Scope::Nothing => {
            Condition::all().add(Expr::val(1).eq(0))
        }
    }
}

fn sent_by(agency: Option<&AgencyCode>) -> Condition {
    Condition::all().add_option(agency.map(|it| source_file::Column::Agency.eq(it.as_str())))
}

fn met_in(file: FileId, filter: &ProblemFilter) -> Condition {
    Condition::all()
        .add(row_problem::Column::FileId.eq(file.0))
        .add_option(filter.severity.map(|it| row_problem::Column::Severity.eq(it)))
        .add_option(filter.code.as_ref().map(|it| row_problem::Column::Code.eq(it)))
}
