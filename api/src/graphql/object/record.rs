//! Source records as the API shows them.

use async_graphql::{Context, ID, Object, SimpleObject};
use domain::consent::Ties;
use domain::view::{RecordView, TextView, attribute_of, cut_record};
use domain::viewer::Viewer;
use domain::visibility::{self, Ruling};

use super::attribute::{Access, WithheldReason, told};
use crate::graphql::Ask;
use crate::graphql::scalar::Date;
use crate::store::pairs::StoredRecord;

/// One row of one agency's list, as the agency wrote it.
#[derive(Clone)]
pub struct SourceRecord {
    view: RecordView,
    enterprise: domain::id::EnterpriseId,
    cells: Option<Vec<String>>,
    absent_from: Option<domain::id::FileId>,
}

impl SourceRecord {
    /// The record cut to what `viewer` may see, given what ties her to its enterprise.
    pub(crate) fn new(viewer: &Viewer, ties: &Ties, stored: StoredRecord) -> SourceRecord {
        let view = cut_record(viewer, ties, &stored.record);
        let cells = view.whole.then_some(stored.cells);
        let (enterprise, absent_from) = (stored.enterprise, stored.absent_from);
        SourceRecord { view, enterprise, cells, absent_from }
    }
}

/// One text of a row, by what its column means.
#[derive(Debug, Clone, SimpleObject)]
pub struct RecordText {
    /// What the column means, as in mapping files. Example: "owner_name".
    pub field: String,
    /// The text, masked where `access` says so.
    pub text: Option<String>,
    /// How much of it you see.
    pub access: Access,
    /// Why no more; null when all of it is shown.
    pub reason: Option<WithheldReason>,
}

impl RecordText {
    /// The text of a column as far as it is shown.
    pub(crate) fn new(field: domain::record::Field, view: &TextView) -> RecordText {
        let (text, access, reason) = match view {
            TextView::Whole(it) => (Some(it.clone()), visibility::Access::Whole, None),
            TextView::Masked(it, why) => (Some(it.clone()), visibility::Access::Masked, Some(*why)),
            TextView::Hidden(why) => (None, visibility::Access::Hidden, Some(*why)),
        };
        let (access, reason) = told(Ruling { access, reason });
        RecordText { field: field.code().to_owned(), text, access, reason }
    }
}

/// One row of one agency's list, as the agency wrote it.
#[Object]
impl SourceRecord {
    /// The row's id, the same in every version. Example: `rec_...`.
    async fn id(&self, ctx: &Context<'_>) -> ID {
        ctx.named(self.view.id)
    }

    /// The code of the agency that wrote it. Example: "kominfo".
    async fn agency(&self) -> &str {
        self.view.agency.as_str()
    }

    /// The file this version came in; null for a lender. Example: `fil_...`.
    async fn file_id(&self) -> Option<ID> {
        self.view.place.as_ref().map(|it| ID(it.file.to_string()))
    }

    /// The sheet's name in a workbook; empty for a text file, null for a lender.
    async fn sheet(&self) -> Option<&str> {
        self.view.place.as_ref().map(|it| it.sheet.as_str())
    }

    /// The row in the sheet as a spreadsheet numbers it, from 1; null for a lender.
    async fn row(&self) -> Option<i32> {
        self.view.place.as_ref().map(|it| i32::try_from(it.row).unwrap_or(i32::MAX))
    }

    /// When the agency wrote the row, where it says so.
    async fn recorded_on(&self) -> Option<Date> {
        self.view.recorded_on.map(Date)
    }

    /// The complete list of its agency that no longer has the row; null while the row is listed,
    /// and for a lender. Example: `fil_...`.
    async fn absent_from(&self) -> Option<ID> {
        self.view.place.as_ref().and(self.absent_from).map(|it| ID(it.to_string()))
    }

    /// The enterprise it belongs to. Example: `ent_...`.
    async fn enterprise_id(&self) -> ID {
        ID(self.enterprise.to_string())
    }

    /// The texts by meaning; for a lender those alone that were agreed to.
    #[graphql(complexity = "10 * child_complexity")]
    async fn texts(&self, ctx: &Context<'_>) -> Vec<RecordText> {
        let text = |(field, text): (&domain::record::Field, &TextView)| {
            let text = RecordText::new(*field, text);
            let shown = text.access != Access::Hidden;
            ctx.ledger().read(self.enterprise, attribute_of(*field).code(), shown);
            text
        };
        self.view.texts.iter().map(text).collect()
    }

    /// The cells of the row from left to right, as written; null unless you may see all of the row.
    async fn cells(&self, ctx: &Context<'_>) -> Option<Vec<String>> {
        ctx.ledger().read(self.enterprise, "cells", self.cells.is_some());
        self.cells.clone()
    }
}
