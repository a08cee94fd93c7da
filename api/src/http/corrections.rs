//! What an agency is asked to correct, as a workbook in its own columns.

use actix_web::{HttpRequest, HttpResponse, web};
use domain::agency::AgencyCode;
use domain::permission::Action;
use domain::purpose::reading_as;
use domain::viewer::Viewer;
use ingest::problem::Lang;
use tempfile::NamedTempFile;

use super::report::{attachment, lang};
use super::{Shared, purpose, reply};
use crate::app::App;
use crate::error::Error;
use crate::service::access::{Ledger, Stated};
use crate::service::{corrections, files};

/// Answers with the list of corrections of one agency, in Indonesian or, with `?lang=EN`, in English.
///
/// An operator gets her agency's; a steward any. To others the agency has none.
pub async fn download(
    http: HttpRequest,
    path: web::Path<String>,
    shared: web::Data<Shared>,
) -> HttpResponse {
    let viewer = match shared.viewer(&http).await {
        Ok(viewer) => viewer,
        Err(refusal) => return refusal.answer(),
    };
    let lang = lang(&http);
    let (app, stated) = (shared.app.clone(), purpose::stated(&http, &viewer));
    let made =
        shared.runtime.spawn(async move { workbook(&app, &viewer, stated, &path, lang).await });
    match made.await {
        Ok(Ok((agency, body))) => attachment(&format!("perbaikan-{agency}"), body),
        Ok(Err(error)) => reply::error(error),
        Err(_) => reply::error(Error::internal("the workbook was not finished")),
    }
}

async fn workbook(
    app: &App,
    viewer: &Viewer,
    stated: Stated,
    agency: &str,
    lang: Lang,
) -> Result<(AgencyCode, Vec<u8>), Error> {
    const MISSING: Error = Error::NotFound { noun: "agency" };
    let allowed = stated.check(false);
    let reads_as = reading_as(viewer, stated.purpose);
    let ledger = Ledger::new(stated);
    ledger.operation("corrections", Action::ReadCorrections);
    if let Err(error) = allowed {
        ledger.refuse_as("purpose");
        ledger.seal(&app.evidence, viewer, true).await?;
        return Err(error);
    }
    // Its rows are in it whole.
    let reads = files::reads_reports(&reads_as) && reads_as.may(Action::ReadCorrections);
    let agency = AgencyCode::parse(agency).ok();
    let agency = agency.filter(|it| reads && files::require_own(&reads_as, it).is_ok());
    let Some(agency) = agency else {
        ledger.refuse();
        ledger.seal(&app.evidence, viewer, true).await?;
        return Err(MISSING);
    };
    let out = NamedTempFile::new()?;
    let rows = corrections::workbook(app, &agency, lang, out.path()).await?;
    let body = tokio::fs::read(out.path()).await?;
    for row in rows {
        ledger.read(row, "cells", true);
    }
    ledger.seal(&app.evidence, viewer, true).await?;
    Ok((agency, body))
}
