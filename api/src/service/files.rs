//! Source files as their senders and stewards see them.

use domain::agency::AgencyCode;
use domain::enterprise::Attribute;
use domain::id::FileId;
use domain::permission::Action;
use domain::record::Field;
use domain::viewer::{Role, Viewer};
use domain::visibility::{Access, Standing};
use ingest::plan::{Mapping, Question};
use ingest::problem::{Problem, ProblemCode, Severity};

use crate::app::App;
use crate::error::Error;
use crate::store::files::{FileRow, ProblemRow};
use crate::store::source_files::RowCounts;

/// The file with this id, when the viewer may see its agency's files.
pub async fn by_id(app: &App, viewer: &Viewer, id: FileId) -> Result<Option<FileRow>, Error> {
    app.store.file_row(&viewer.scope(), id).await
}

/// Whether the viewer may fetch the workbooks of the files she finds. They hold rows whole, so they are
/// for those who see them so.
pub fn reads_reports(viewer: &Viewer) -> bool {
    // Somebody of an agency finds its files alone.
    let standing = if viewer.agency.is_some() { Standing::own() } else { Standing::default() };
    let whole = |it| viewer.sees(&standing, it).access == Access::Whole;
    matches!(viewer.role, Role::AgencyOperator | Role::Steward)
        && viewer.may(Action::ReadSourceFiles)
        && Attribute::ALL.iter().all(|it| whole(*it))
}

/// Refuses an agency in whose name the viewer may not send.
pub fn require_own(viewer: &Viewer, agency: &AgencyCode) -> Result<(), Error> {
    let own = viewer.agency.as_ref() == Some(agency);
    let for_all = viewer.scope().is_whole() && viewer.role != Role::AgencyOperator;
    if own || for_all {
        return Ok(());
    }
    Err(Error::Forbidden { role: viewer.role.code(), action: "act for another agency" })
}

/// What became of the rows of a file.
pub fn counts(file: &FileRow) -> Result<RowCounts, Error> {
    Ok(serde_json::from_str(&file.counts)?)
}

/// How the headings of a file are read, as pairs of heading and what it means.
pub fn mapping(file: &FileRow) -> Result<Vec<(String, String)>, Error> {
    let Some(text) = &file.mapping else { return Ok(vec![]) };
    Ok(serde_json::from_str::<Mapping>(text)?.columns.into_iter().collect())
}

/// What must be answered before a file can be imported.
pub fn questions(file: &FileRow) -> Result<Vec<Question>, Error> {
    let Some(text) = &file.questions else { return Ok(vec![]) };
    Ok(serde_json::from_str(text)?)
}

/// A stored problem with its words; `None` for one this version no longer knows.
pub fn problem(row: &ProblemRow) -> Option<Problem> {
    Some(Problem {
        code: ProblemCode::from_code(&row.code)?,
        severity: Severity::from_rank(row.severity)?,
        sheet: row.sheet.clone(),
        row: row.row.cast_unsigned(),
        column: row.col.map(i32::cast_unsigned),
        heading: row.heading.clone(),
        field: row.field.as_deref().and_then(Field::from_code),
    })
}
