//! The page on which a developer tries queries.

use actix_web::http::header::{
    CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HOST, HeaderName,
    LOCATION, ORIGIN,
};
use actix_web::{HttpRequest, HttpResponse, web};
use domain::viewer::Role;
use rust_embed::RustEmbed;

use super::{Shared, reply};
use crate::command::token;
use crate::error::Error;

/// The files of the page, built with the program. Large texts are kept compressed.
#[derive(RustEmbed)]
#[folder = "$OUT_DIR/graphiql/"]
struct Page;

const POLICY: &str = "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
                      img-src 'self' data:; font-src 'self' data:; worker-src 'self' blob:; \
                      connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

/// The page lives in a folder.
pub async fn redirect(shared: web::Data<Shared>) -> HttpResponse {
    if shared.app.config.graphiql {
        HttpResponse::PermanentRedirect().insert_header((LOCATION, "/graphiql/")).finish()
    } else {
        reply::nothing_here().await
    }
}

/// The page itself.
pub async fn index(shared: web::Data<Shared>) -> HttpResponse {
    answer(&shared, "index.html").await
}

/// One of its files.
pub async fn file(shared: web::Data<Shared>, path: web::Path<String>) -> HttpResponse {
    answer(&shared, &path).await
}

async fn answer(shared: &Shared, path: &str) -> HttpResponse {
    if !shared.app.config.graphiql {
        return reply::nothing_here().await;
    }
    let plain = Page::get(path);
    let compressed = plain.is_none();
    let Some(found) = plain.or_else(|| Page::get(&format!("{path}.gz"))) else {
        return reply::nothing_here().await;
    };
    let mut response = HttpResponse::Ok();
    // The name of an asset changes with its content.
    let kept = if path.starts_with("assets/") {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    };
    response
        .insert_header((CONTENT_TYPE, media_type(path)))
        .insert_header((CONTENT_SECURITY_POLICY, POLICY))
        .insert_header((CACHE_CONTROL, kept));
    if compressed {
        response.insert_header((CONTENT_ENCODING, "gzip"));
    }
    response.body(found.data.into_owned())
}

fn media_type(path: &str) -> &'static str {
    match path.rsplit_once('.').map(|it| it.1) {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("json") => "application/json; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("ttf") => "font/ttf",
        Some("woff2") => "font/woff2",
        _ => "application/octet-stream",
    }
}

/// A token for each role, where every person in the register is invented and the page is open on this
/// very computer.
pub async fn tokens(http: HttpRequest, shared: web::Data<Shared>) -> HttpResponse {
    let open = shared.app.config.graphiql && shared.app.config.embedded_issuer;
    if !open || !at_home(&http) || !shared.identity.synthetic().await {
        return reply::nothing_here().await;
    }
    let mut all = vec![];
    for role in Role::ALL.iter().copied().filter(|it| *it != Role::Public) {
        let (app, runtime) = (shared.app.clone(), &shared.runtime);
        let issued = runtime.spawn(async move { token::sample(&app, role).await }).await;
        match issued.map_err(Error::internal).flatten() {
            Ok(None) => {}
            Ok(Some(issued)) => {
                let label = role.code().replace('_', " ");
                all.push(
                    serde_json::json!({ "role": role.code(), "label": label, "token": issued }),
                );
            }
            Err(error) => return reply::error(error),
        }
    }
    HttpResponse::Ok().json(all)
}

/// Whether a request names this computer as its host, and comes from a page of this computer if it
/// comes from one. A page elsewhere whose name has been pointed here (DNS rebinding) still bears that
/// name.
fn at_home(http: &HttpRequest) -> bool {
    let all = |name: HeaderName| {
        let values: Vec<_> = http.headers().get_all(name).map(|it| it.to_str().ok()).collect();
        values
    };
    let (hosts, origins) = (all(HOST), all(ORIGIN));
    let from_here = |it: &Option<&str>| {
        it.and_then(|it| it.split_once("://")).is_some_and(|it| is_loopback(it.1))
    };
    matches!(hosts[..], [Some(host)] if is_loopback(host)) && origins.iter().all(from_here)
}

/// Whether an authority, with a port or without, is a name of this computer.
fn is_loopback(authority: &str) -> bool {
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, port),
        _ => (authority, "0"),
    };
    let named = ["localhost", "127.0.0.1", "[::1]"].iter().any(|it| host.eq_ignore_ascii_case(it));
    named && port.parse::<u16>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_computer_is_home() {
        for host in ["localhost", "LOCALHOST:80", "127.0.0.1:8080", "[::1]", "[::1]:9", "127.0.0.1"]
        {
            assert!(is_loopback(host), "{host}");
        }
        for host in [
            "",
            "::1",
            "evil.test",
            "localhost.evil.test:80",
            "127.0.0.1.nip.io",
            "localhost:80@evil",
            "x@localhost:1",
            "192.168.1.2:8080",
            "localhost:",
            "localhost:x",
        ] {
            assert!(!is_loopback(host), "{host}");
        }
    }
}
