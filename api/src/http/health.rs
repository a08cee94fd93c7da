//! Whether the process lives, and whether it can answer.

use std::time::Duration;

use actix_web::{HttpResponse, web};

use super::Shared;
use crate::error::Error;
use crate::service::schedule;

/// How long the database may take to answer; a balancer asks again before long.
const PATIENCE: Duration = Duration::from_secs(2);

/// The process runs.
pub async fn live() -> HttpResponse {
    HttpResponse::Ok().json(serde_json::json!({ "status": "live" }))
}

/// The database answers and its tables are those of this version; and how many live sources fail.
pub async fn ready(shared: web::Data<Shared>) -> HttpResponse {
    let app = shared.app.clone();
    let asked = shared.runtime.spawn(async move {
        let asked = async {
            app.store.ready().await?;
            schedule::failing(&app).await
        };
        tokio::time::timeout(PATIENCE, asked).await.unwrap_or(Err(Error::Overloaded))
    });
    match asked.await {
        // A source that fails is no reason to send requests elsewhere.
        Ok(Ok((failing, declared))) => HttpResponse::Ok().json(serde_json::json!({
            "status": "ready",
            "sources": { "declared": declared, "failing": failing },
        })),
        Ok(Err(error)) => {
            tracing::warn!(code = error.code(), "not ready");
            let body = serde_json::json!({ "status": "not ready", "code": error.code() });
            HttpResponse::ServiceUnavailable().json(body)
        }
        Err(_) => HttpResponse::ServiceUnavailable().finish(),
    }
}
