//! The server: routes, limits around them, and how it starts and stops.

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use actix_web::dev::{Server, ServerHandle};
use actix_web::middleware::{Compress, Condition, from_fn};
use actix_web::{App as Routes, HttpServer, Route, guard, web};
use tokio::sync::watch;

use crate::app::App;
use crate::auth::Identity;
use crate::error::Error;
use crate::graphql::execute::Executor;
use crate::service::attempts::Attempts;
use crate::service::audit::UseCounted;
use crate::service::checkpoints;
use crate::service::corrections::keep as measure_lists;
use crate::service::financing::standing;
use crate::service::nodes;
use crate::service::schedule;
use crate::service::sign_in::Gate;
use crate::service::webhooks;
use client_address::SignIns;
use rates::RateLimits;

pub mod access;
mod caller;
mod client_address;
pub mod corrections;
mod cors;
pub mod envelope;
pub mod exports;
pub mod graphql;
pub mod health;
mod language;
pub mod metrics;
pub mod multipart;
pub mod page;
pub mod pages;
pub mod purpose;
mod rates;
pub mod receipts;
pub mod reply;
pub mod report;
mod signature;
pub mod socket;
pub mod streams;
mod tls;
pub mod token;

/// What every route has at hand.
#[derive(Clone)]
pub struct Shared {
    app: App,
    executor: Executor,
    metrics: Arc<metrics::Metrics>,
    rates: Arc<RateLimits>,
    runtime: tokio::runtime::Handle,
    stopping: watch::Receiver<bool>,
    identity: Arc<Identity>,
    gate: Gate,
    sign_ins: Arc<SignIns>,
    attempts: Attempts,
    used: Arc<UseCounted>,
}

/// A server that has its port and answers.
pub struct Running {
    server: Server,
    stop: watch::Sender<bool>,
    /// What writes refusals down, to the last.
    counting: tokio::task::JoinHandle<()>,
    /// Where it listens.
    pub address: SocketAddr,
}

/// Starts the server on a bound port; tests bind port 0. It answers once [`Running::finish`] is
/// awaited.
pub async fn start(app: App, listener: TcpListener) -> Result<Running, Error> {
    let address = listener.local_addr()?;
    let (stop, stopping) = watch::channel(false);
    let config = Arc::clone(&app.config);
    let tls = config.tls.as_ref().map(|it| tls::config(&it.0, &it.1)).transpose()?;
    forget_idle_readers(&listener, config.limits.reader_time)?;
    let shared = Shared {
        executor: Executor::new(&app),
        metrics: Arc::new(metrics::Metrics::new()?),
        rates: Arc::new(RateLimits::new(&app.config.limits.rates)),
        runtime: tokio::runtime::Handle::current(),
        stopping,
        identity: Arc::new(Identity::new(&app)?),
        gate: Gate::default(),
        sign_ins: Arc::new(SignIns::new(app.config.sign_ins_per_minute)),
        attempts: Attempts::new(app.evidence.clone()),
        used: Arc::default(),
        app,
    };
    let counting = tokio::spawn(shared.attempts.clone().keep(shared.stopping.clone()));
    tokio::spawn(checkpoints::keep(shared.app.clone(), shared.stopping.clone()));
    tokio::spawn(measure_lists(shared.app.clone(), shared.stopping.clone()));
    tokio::spawn(nodes::keep(shared.app.clone(), shared.stopping.clone()));
    tokio::spawn(standing::keep(shared.app.clone(), shared.stopping.clone()));
    let workers = std::thread::available_parallelism().map_or(2, usize::from).clamp(2, 8);
    let origins = config.cors_origins.clone();
    let server = HttpServer::new(move || {
        Routes::new()
            .app_data(web::Data::new(shared.clone()))
            .wrap(Compress::default())
            .wrap(Condition::new(!origins.is_empty(), cors::allowing(&origins)))
            .wrap(from_fn(envelope::around))
            .configure(routes)
    })
    .workers(workers)
    .max_connections(config.limits.connections)
    .client_request_timeout(config.limits.header_time)
    .tls_handshake_timeout(config.limits.header_time)
    // A client that hangs up is not answered: what it asked for is given up.
    .h1_allow_half_closed(false)
    .shutdown_timeout(config.shutdown_seconds)
    .disable_signals();
    let server = match tls {
        Some(tls) => server.listen_rustls_0_23(listener, tls)?,
        None => server.listen(listener)?,
    };
    let server = server.run();
    Ok(Running { server, stop, counting, address })
}

/// Has the system close connections whose client leaves for so long unread what it was sent; connections
/// have this from the socket that they come in by.
#[cfg(target_os = "linux")]
fn forget_idle_readers(listener: &TcpListener, patience: Duration) -> Result<(), Error> {
    Ok(socket2::SockRef::from(listener).set_tcp_user_timeout(Some(patience))?)
}

#[cfg(not(target_os = "linux"))]
fn forget_idle_readers(_: &TcpListener, _: Duration) -> Result<(), Error> {
    Ok(())
}

/// Serves until the process is told to stop, then lets running requests finish.
pub async fn serve(app: App, listener: TcpListener) -> Result<(), Error> {
    let running = start(app.clone(), listener).await?;
    tokio::spawn(webhooks::keep(app.clone(), running.stop.subscribe()));
    tokio::spawn(schedule::keep(app, running.stop.subscribe()));
    tracing::info!(address = %running.address, "listening");
    let stopper = running.stopper();
    tokio::spawn(async move {
        told_to_stop().await;
        tracing::info!("stopping: running requests may finish");
        stopper.stop().await;
    });
    running.finish().await
}

/// Stops a running server from elsewhere.
pub struct Stopper {
    handle: ServerHandle,
    stop: watch::Sender<bool>,
}

impl Stopper {
    /// Takes no new connections, closes sockets, and waits for running requests.
    pub async fn stop(self) {
        // Nobody listens to it when no socket is open.
        let _ = self.stop.send(true);
        self.handle.stop(true).await;
    }
}

impl Running {
    /// What stops this server.
    pub fn stopper(&self) -> Stopper {
        Stopper { handle: self.server.handle(), stop: self.stop.clone() }
    }

    /// Serves until it is stopped.
    pub async fn finish(self) -> Result<(), Error> {
        let served = self.server.await;
        // Nobody listens to it when it has stopped already.
        let _ = self.stop.send(true);
        self.counting.await.map_err(Error::internal)?;
        Ok(served?)
    }
}

fn routes(config: &mut web::ServiceConfig) {
    config
        .service(
            web::resource("/graphql")
                .route(web::post().to(graphql::post))
                .route(web::get().to(graphql::get))
                .default_service(web::to(graphql::other_method)),
        )
        .service(
            web::resource("/oauth/token")
                .route(web::post().to(token::issue))
                .default_service(web::to(token::other_method)),
        )
        .route("/graphql/ws", web::get().to(socket::open))
        .route("/files/{id}/report.xlsx", web::get().to(report::download))
        .route("/agencies/{code}/corrections.xlsx", web::get().to(corrections::download))
        .route("/enterprises/export", web::get().to(exports::list))
        .route("/enterprises/export/metadata", web::get().to(exports::about))
        .route("/financing/{programme}/export", web::get().to(exports::view))
        .route("/financing/{programme}/export/metadata", web::get().to(exports::about_view))
        .route("/receipts/{entry}", web::get().to(receipts::proof))
        .route("/", reading().to(pages::front))
        .route("/penggunaan", reading().to(pages::usage))
        .route("/page.css", reading().to(pages::style))
        .route("/health/live", reading().to(health::live))
        .route("/health/ready", reading().to(health::ready))
        .route("/metrics", web::get().to(metrics::page))
        .route("/graphiql", web::get().to(page::redirect))
        .route("/graphiql/", reading().to(page::index))
        .route("/graphiql/tokens.json", web::get().to(page::tokens))
        .route("/graphiql/{path:.*}", web::get().to(page::file))
        .default_service(web::to(reply::nothing_here));
}

/// GET, and HEAD as its head alone (RFC 9110 section 9.3.2).
fn reading() -> Route {
    web::route().guard(guard::Any(guard::Get()).or(guard::Head()))
}

/// Waits for Ctrl-C, or for the signal by which service managers stop a process.
async fn told_to_stop() {
    let interrupt = tokio::signal::ctrl_c();
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        match signal(SignalKind::terminate()) {
            Ok(mut terminate) => {
                tokio::select! {
                    _ = interrupt => {}
                    _ = terminate.recv() => {}
                }
            }
            Err(_) => {
                let _ = interrupt.await;
            }
        }
    }
    #[cfg(not(unix))]
    {
        let _ = interrupt.await;
    }
}
