//! The sender's own workbook, with a status column and marked cells.

use actix_web::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use actix_web::{HttpRequest, HttpResponse, web};
use domain::id::FileId;
use domain::viewer::Viewer;
use ingest::problem::Lang;
use tempfile::NamedTempFile;

use super::{Shared, reply};
use crate::app::App;
use crate::error::Error;
use crate::service::access::Ledger;
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
        Err(error) => return reply::error(error),
    };
    let lang = match http.query_string() {
        "lang=EN" | "lang=en" => Lang::English,
        _ => Lang::Indonesian,
    };
    let app = shared.app.clone();
    let made = shared.runtime.spawn(async move { workbook(&app, &viewer, &path, lang).await });
    match made.await {
        Ok(Ok((id, body))) => HttpResponse::Ok()
            .insert_header((CONTENT_TYPE, XLSX))
            .insert_header((CONTENT_DISPOSITION, format!("attachment; filename=\"{id}.xlsx\"")))
            .body(body),
        Ok(Err(error)) => reply::error(error),
        Err(_) => reply::error(Error::internal("the workbook was not finished")),
    }
}

async fn workbook(
    app: &App,
    viewer: &Viewer,
    id: &str,
    lang: Lang,
) -> Result<(FileId, Vec<u8>), Error> {
    const MISSING: Error = Error::NotFound { noun: "source file" };
    let ledger = Ledger::default();
    ledger.operation("report");
    let reads = files::reads_reports(viewer);
    let id = id.parse::<FileId>().map_err(|_| MISSING)?;
    let file = if reads { files::by_id(app, viewer, id).await? } else { None };
    if file.is_none() {
        ledger.refuse("report");
        ledger.store(&app.store, viewer).await?;
        return Err(MISSING);
    }
    let out = NamedTempFile::new()?;
    service::ingest::report(app, id, lang, out.path()).await?;
    let body = tokio::fs::read(out.path()).await?;
    ledger.read(id, "cells", true);
    ledger.store(&app.store, viewer).await?;
    Ok((id, body))
}
