//! Figures about the service for Prometheus. Labels are routes, outcomes and codes, never a person, an
//! agency or a text of the caller's.

use actix_web::{HttpResponse, web};
use prometheus::{
    Encoder, HistogramOpts, HistogramVec, IntCounterVec, IntGauge, Opts, Registry, TextEncoder,
};

use super::Shared;
use crate::error::Error;

/// Upper bounds of the durations, in seconds.
const BUCKETS: [f64; 10] = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0, 30.0];

/// What is counted.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    requests: IntCounterVec,
    seconds: HistogramVec,
    errors: IntCounterVec,
    /// Sockets that are open.
    pub sockets: IntGauge,
}

impl Metrics {
    /// Everything at zero.
    pub fn new() -> Result<Metrics, Error> {
        let metrics = Metrics {
            registry: Registry::new(),
            requests: IntCounterVec::new(
                Opts::new("tunggal_http_requests_total", "Requests by route and outcome"),
                &["route", "outcome"],
            )
            .map_err(Error::internal)?,
            seconds: HistogramVec::new(
                HistogramOpts::new("tunggal_http_request_seconds", "Duration of requests by route")
                    .buckets(BUCKETS.to_vec()),
                &["route"],
            )
            .map_err(Error::internal)?,
            errors: IntCounterVec::new(
                Opts::new("tunggal_graphql_errors_total", "Errors in GraphQL answers by code"),
                &["code"],
            )
            .map_err(Error::internal)?,
            sockets: IntGauge::new("tunggal_sockets", "Open sockets").map_err(Error::internal)?,
        };
        let all: [Box<dyn prometheus::core::Collector>; 4] = [
            Box::new(metrics.requests.clone()),
            Box::new(metrics.seconds.clone()),
            Box::new(metrics.errors.clone()),
            Box::new(metrics.sockets.clone()),
        ];
        for collector in all {
            metrics.registry.register(collector).map_err(Error::internal)?;
        }
        Ok(metrics)
    }

    /// One request that was answered.
    pub fn request(&self, route: &str, status: u16, seconds: f64) {
        let outcome = match status {
            0..=399 => "ok",
            400..=499 => "refused",
            _ => "failed",
        };
        self.requests.with_label_values(&[route, outcome]).inc();
        self.seconds.with_label_values(&[route]).observe(seconds);
    }

    /// One error in a GraphQL answer.
    pub fn error(&self, code: &str) {
        self.errors.with_label_values(&[code]).inc();
    }
}

/// Answers with the figures as text.
pub async fn page(shared: web::Data<Shared>) -> HttpResponse {
    let mut text = vec![];
    let encoder = TextEncoder::new();
    match encoder.encode(&shared.metrics.registry.gather(), &mut text) {
        Ok(()) => HttpResponse::Ok().content_type(encoder.format_type()).body(text),
        Err(error) => super::reply::error(Error::internal(error)),
    }
}
