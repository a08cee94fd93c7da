//! The sender's own workbook, with a status column and marked cells.

use actix_web::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use actix_web::{HttpRequest, HttpResponse, web};
use domain::id::FileId;
use domain::permission::Action;
use domain::purpose::reading_as;
use domain::viewer::Viewer;
use ingest::problem::Lang;
use tempfile::NamedTempFile;

use super::{Shared, purpose, reply};
use crate::app::App;
use crate::error::Error;
use crate::service::access::{Ledger, Stated};
use crate::service::{self, files};

const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// Answers with the workbook of one file, in Indonesian or, with `?lang=EN`, in English.
///
/// An operator gets her agency's files; a steward any. To others the file is not there.
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
        Ok(Ok((id, body))) => attachment(&id.to_string(), body),
        Ok(Err(error)) => reply::error(error),
        Err(_) => reply::error(Error::internal("the workbook was not finished")),
    }
}

/// In which language a workbook is asked for.
pub(super) fn lang(http: &HttpRequest) -> Lang {
    match http.query_string() {
        "lang=EN" | "lang=en" => Lang::English,
        _ => Lang::Indonesian,
    }
}

/// A workbook as a file to keep, named without its ending.
pub(super) fn attachment(name: &str, body: Vec<u8>) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, XLSX))
        .insert_header((CONTENT_DISPOSITION, format!("attachment; filename=\"{name}.xlsx\"")))
        .body(body)
}

async fn workbook(
    app: &App,
    viewer: &Viewer,
    stated: Stated,
    id: &str,
    lang: Lang,
) -> Result<(FileId, Vec<u8>), Error> {
    const MISSING: Error = Error::NotFound { noun: "source file" };
    let allowed = stated.check(false);
    let reads_as = reading_as(viewer, stated.purpose);
    let ledger = Ledger::new(stated);
    ledger.operation("report", Action::ReadSourceFiles);
    if let Err(error) = allowed {
        ledger.refuse_as("purpose");
        ledger.seal(&app.evidence, viewer, true).await?;
        return Err(error);
    }
    let reads = files::reads_reports(&reads_as);
    let id = id.parse::<FileId>().map_err(|_| MISSING)?;
    let file = if reads { files::by_id(app, viewer, id).await? } else { None };
    if file.is_none() {
        ledger.refuse();
        ledger.seal(&app.evidence, viewer, true).await?;
        return Err(MISSING);
    }
    let out = NamedTempFile::new()?;
    service::ingest::report(app, id, lang, out.path()).await?;
    let body = tokio::fs::read(out.path()).await?;
    ledger.read(id, "cells", true);
    ledger.seal(&app.evidence, viewer, true).await?;
    Ok((id, body))
}
