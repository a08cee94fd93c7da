//! Which pages of other origins a browser lets ask: none, unless the settings name them.

use std::time::Duration;

use actix_cors::Cors;

/// A day, after which a browser asks again whether it may.
const KEPT: Duration = Duration::from_secs(86_400);

/// Lets pages of these origins ask, with a token of their own and without cookies.
pub fn allowing(origins: &[String]) -> Cors {
    let cors = Cors::default()
        .allowed_methods(["GET", "POST"])
        .allowed_headers([
            "accept",
            "accept-language",
            "authorization",
            "content-type",
            "graphql-preflight",
            "tunggal-purpose",
            "tunggal-reason",
            "x-request-id",
        ])
        .expose_headers([
            "ratelimit-limit",
            "ratelimit-remaining",
            "ratelimit-reset",
            "retry-after",
            "x-request-id",
        ])
        .block_on_origin_mismatch(false)
        .max_age(usize::try_from(KEPT.as_secs()).ok());
    origins.iter().fold(cors, |it, origin| it.allowed_origin(origin))
}
