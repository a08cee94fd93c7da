//! Lists as files, in parts.

use actix_web::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE, LINK};
use actix_web::{HttpRequest, HttpResponse, web};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::agency::AgencyCode;
use domain::viewer::Viewer;
use financing::verdict::Status;
use ingest::national::List;
use serde::Deserialize;
use serde_json::json;
use tabular::Form;

use super::{Shared, purpose, reply};
use crate::app::App;
use crate::error::Error;
use crate::service::access::Stated;
use crate::service::exports::enterprises::{self, enterprises};
use crate::service::exports::financing::financing;
use crate::service::exports::national::National;
use crate::service::exports::{self, About, Part, limit, metadata};
use crate::service::financing::view;
use crate::store::enterprises::EnterpriseFilter;
use crate::store::financing::StandingFilter;

/// Which part of the enterprises.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Enterprises {
    format: String,
    after: Option<String>,
    limit: Option<u64>,
    search: Option<String>,
    kecamatan: Option<String>,
    kelurahan: Option<String>,
    agency: Option<String>,
    has_nib: Option<bool>,
    has_npwp: Option<bool>,
    form: Option<String>,
    #[serde(default)]
    lacking: bool,
}

/// Which part of a financing view.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Standings {
    format: String,
    after: Option<String>,
    limit: Option<u64>,
    status: Option<String>,
    missing: Option<String>,
    #[serde(default)]
    one_away: bool,
    form: Option<String>,
    #[serde(default)]
    lacking: bool,
}

/// Answers with a part of the enterprises that the caller finds or, as GeoJSON, how many lie in each kelurahan.
pub async fn list(http: HttpRequest, shared: web::Data<Shared>) -> HttpResponse {
    let asked = query(&http).and_then(|it: Enterprises| Ok((it.filter()?, it)));
    let (filter, asked) = match asked {
        Ok(asked) => asked,
        Err(error) => return reply::error(error),
    };
    if asked.format == "geojson" {
        return map(&http, &shared, filter, asked.search).await;
    }
    let asked = match asked.part(&shared.app, filter) {
        Ok(asked) => asked,
        Err(error) => return reply::error(error),
    };
    deliver(&http, &shared, asked.form, async move |app, viewer, stated| {
        enterprises(&app, &viewer, stated, asked).await
    })
    .await
}

async fn map(
    http: &HttpRequest,
    shared: &Shared,
    filter: EnterpriseFilter,
    search: Option<String>,
) -> HttpResponse {
    let viewer = match shared.viewer(http).await {
        Ok(viewer) => viewer,
        Err(refusal) => return refusal.answer(),
    };
    let (app, stated) = (shared.app.clone(), purpose::stated(http, &viewer));
    let made = async move { exports::map::map(&app, &viewer, stated, filter, search).await };
    match shared.runtime.spawn(made).await {
        Ok(Ok(map)) => HttpResponse::Ok()
            .insert_header((CONTENT_TYPE, "application/geo+json"))
            .insert_header((CACHE_CONTROL, "no-store"))
            .body(map.to_string()),
        Ok(Err(error)) => reply::error(error),
        Err(_) => reply::error(Error::internal("the map was not finished")),
    }
}

/// Answers with a part of the financing view of a programme.
pub async fn view(
    http: HttpRequest,
    path: web::Path<String>,
    shared: web::Data<Shared>,
) -> HttpResponse {
    let (form, asked, national) = match standings_asked(&http, &shared.app, path.into_inner()) {
        Ok(asked) => asked,
        Err(error) => return reply::error(error),
    };
    deliver(&http, &shared, form, async move |app, viewer, stated| {
        financing(&app, &viewer, stated, form, asked, national).await
    })
    .await
}

async fn deliver<F, Made>(http: &HttpRequest, shared: &Shared, form: Form, make: F) -> HttpResponse
where
    F: FnOnce(App, Viewer, Stated) -> Made,
    Made: Future<Output = Result<Part, Error>> + Send + 'static,
{
    let viewer = match shared.viewer(http).await {
        Ok(viewer) => viewer,
        Err(refusal) => return refusal.answer(),
    };
    let stated = purpose::stated(http, &viewer);
    match shared.runtime.spawn(make(shared.app.clone(), viewer, stated)).await {
        Ok(Ok(part)) => file(http, form, part),
        Ok(Err(error)) => reply::error(error),
        Err(_) => reply::error(Error::internal("the file was not finished")),
    }
}

fn file(http: &HttpRequest, form: Form, part: Part) -> HttpResponse {
    let mut answer = HttpResponse::Ok();
    let name = format!("attachment; filename=\"part.{}\"", form.code());
    answer.insert_header((CONTENT_TYPE, form.media_type()));
    answer.insert_header((CONTENT_DISPOSITION, name));
    answer.insert_header((CACHE_CONTROL, "no-store"));
    answer.insert_header(("tunggal-rows", part.rows));
    answer.insert_header(("tunggal-left-out", part.left_out));
    if let Some(next) = &part.next {
        let rest = http.query_string().split('&').filter(|it| !it.starts_with("after="));
        let rest: Vec<&str> = rest.collect();
        let link = format!("<{}?{}&after={next}>; rel=\"next\"", http.path(), rest.join("&"));
        answer.insert_header((LINK, link)).insert_header(("tunggal-next", next.as_str()));
    }
    if let Some((entry, receipt)) = &part.receipt {
        let given = json!({ "entry": entry.to_string(), "receipt": receipt }).to_string();
        answer.insert_header(("tunggal-receipt", URL_SAFE_NO_PAD.encode(given)));
    }
    answer.body(part.bytes)
}

impl Enterprises {
    fn filter(&self) -> Result<EnterpriseFilter, Error> {
        let place =
            |field| move |it: domain::place::PlaceCodeError| Error::invalid(field, it.to_string());
        let kecamatan = self.kecamatan.as_deref().map(str::parse).transpose();
        let kelurahan = self.kelurahan.as_deref().map(str::parse).transpose();
        let agency = self.agency.as_deref().map(AgencyCode::parse).transpose();
        Ok(EnterpriseFilter {
            kecamatan: kecamatan.map_err(place("kecamatan"))?,
            kelurahan: kelurahan.map_err(place("kelurahan"))?,
            agency: agency.map_err(|it| Error::invalid("agency", it.to_string()))?,
            has_nib: self.has_nib,
            has_npwp: self.has_npwp,
            ..EnterpriseFilter::default()
        })
    }

    fn part(self, app: &App, filter: EnterpriseFilter) -> Result<enterprises::Asked, Error> {
        let national = national(app, self.form.as_deref(), List::Enterprises, self.lacking)?;
        let (form, limit) = (form(&self.format)?, limit(self.limit)?);
        let (search, after) = (self.search, self.after);
        Ok(enterprises::Asked { form, national, filter, search, after, limit })
    }
}

/// The form of a national system that is asked for, if one is.
fn national(
    app: &App,
    form: Option<&str>,
    list: List,
    lacking: bool,
) -> Result<Option<National>, Error> {
    if lacking && form.is_none() {
        return Err(Error::invalid("lacking", "goes with a form"));
    }
    form.map(|it| National::find(app, it, list, lacking)).transpose()
}

fn standings_asked(
    http: &HttpRequest,
    app: &App,
    programme: String,
) -> Result<(Form, view::Asked, Option<National>), Error> {
    let asked: Standings = query(http)?;
    let national = national(app, asked.form.as_deref(), List::Financing, asked.lacking)?;
    let status = asked.status.as_deref().map(status).transpose()?;
    let filter = StandingFilter { status, one_away: asked.one_away, missing: asked.missing };
    let (after, limit) = (asked.after, limit(asked.limit)?);
    let view = view::Asked { programme, filter, reference: None, after, limit, total: false };
    Ok((form(&asked.format)?, view, national))
}

/// Answers with what the list of enterprises is, for everybody.
pub async fn about(shared: web::Data<Shared>) -> HttpResponse {
    told_about(&shared, None).await
}

/// Answers with what a financing view is, for everybody.
pub async fn about_view(shared: web::Data<Shared>, programme: web::Path<String>) -> HttpResponse {
    told_about(&shared, Some(programme.into_inner())).await
}

async fn told_about(shared: &Shared, programme: Option<String>) -> HttpResponse {
    let app = shared.app.clone();
    let told = async move {
        let about = programme.as_deref().map_or(About::Enterprises, About::Financing);
        metadata(&app, about).await
    };
    match shared.runtime.spawn(told).await {
        Ok(Ok(document)) => HttpResponse::Ok().json(document),
        Ok(Err(error)) => reply::error(error),
        Err(_) => reply::error(Error::internal("the metadata was not finished")),
    }
}

fn query<T: for<'a> Deserialize<'a>>(http: &HttpRequest) -> Result<T, Error> {
    let read = web::Query::<T>::from_query(http.query_string());
    read.map(web::Query::into_inner).map_err(|_| {
        Error::invalid(
            "address",
            "has a parameter that this list has not, twice, or of another kind",
        )
    })
}

fn form(name: &str) -> Result<Form, Error> {
    Form::from_code(name)
        .ok_or_else(|| Error::invalid("format", "must be csv, jsonl, xlsx, parquet or geojson"))
}

fn status(name: &str) -> Result<Status, Error> {
    let all = [Status::LikelyEligible, Status::Missing, Status::NotEligible, Status::CannotSay];
    let found = all.into_iter().find(|it| it.code() == name.to_ascii_lowercase());
    found.ok_or_else(|| Error::invalid("status", "is no status of financing"))
}
