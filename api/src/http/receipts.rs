//! What shows that the access log holds the hub to a receipt.

use actix_web::http::header::{CACHE_CONTROL, HeaderValue, RETRY_AFTER};
use actix_web::{HttpRequest, HttpResponse, web};

use super::{Shared, reply};
use crate::error::Error;
use crate::service::receipts;

/// Answers with the proof of the receipt whose entry has this place in the log, for whoever was given it, her
/// institution and auditors; to others there is none. It holds ids and names of fields, and no value.
pub async fn proof(
    http: HttpRequest,
    path: web::Path<String>,
    shared: web::Data<Shared>,
) -> HttpResponse {
    let viewer = match shared.viewer(&http).await {
        Ok(viewer) => viewer,
        Err(refusal) => return refusal.answer(),
    };
    // What is no number is the place of no entry.
    let place = path.parse().unwrap_or(0);
    let app = shared.app.clone();
    let made =
        shared.runtime.spawn(async move { receipts::proof(&app, &viewer, place).await }).await;
    match made {
        Ok(Ok(proof)) => HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-store")).json(proof),
        Ok(Err(error)) => {
            let waits = matches!(error, Error::NotSignedYet);
            let mut answer = reply::error(error);
            if waits {
                let seconds = 60 * shared.app.config.checkpoint_minutes.max(1);
                answer.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
            }
            answer
        }
        Err(_) => reply::error(Error::internal("the proof was not finished")),
    }
}
