//! The server: routes, limits around them, and how it starts and stops.

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;

use actix_web::dev::{Server, ServerHandle};
use actix_web::middleware::{Compress, from_fn};
use actix_web::{App as Routes, HttpServer, web};
use tokio::sync::{Semaphore, watch};

use crate::app::App;
use crate::auth::Identity;
use crate::error::Error;
use crate::graphql::execute::Executor;
use crate::service::attempts::Attempts;
use crate::service::audit::UseCounted;
use crate::service::checkpoints;
use crate::service::financing::standing;
use crate::service::sign_in::Gate;
use client_address::SignIns;

pub mod access;
mod client_address;
pub mod envelope;
pub mod graphql;
pub mod health;
mod language;
pub mod metrics;
pub mod multipart;
pub mod page;
pub mod pages;
pub mod purpose;
pub mod reply;
pub mod report;
pub mod socket;
pub mod token;

/// Requests executed at once; above it the excess is refused quickly.
const CAPACITY: usize = 256;
/// Connections open at once on one worker.
const CONNECTIONS: usize = 4_096;

/// What every route has at hand.
#[derive(Clone)]
pub struct Shared {
    app: App,
    executor: Executor,
    metrics: Arc<metrics::Metrics>,
    capacity: Arc<Semaphore>,
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
    let shutdown_seconds = app.config.shutdown_seconds;
    let shared = Shared {
        executor: Executor::new(&app),
        metrics: Arc::new(metrics::Metrics::new()?),
        capacity: Arc::new(Semaphore::new(CAPACITY)),
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
    tokio::spawn(standing::keep(shared.app.clone(), shared.stopping.clone()));
    let workers = std::thread::available_parallelism().map_or(2, usize::from).clamp(2, 8);
    let server = HttpServer::new(move || {
        Routes::new()
            .app_data(web::Data::new(shared.clone()))
            .wrap(Compress::default())
            .wrap(from_fn(envelope::around))
            .configure(routes)
    })
    .workers(workers)
    .max_connections(CONNECTIONS)
    .client_request_timeout(std::time::Duration::from_secs(20))
    .shutdown_timeout(shutdown_seconds)
    .disable_signals()
    .listen(listener)?
    .run();
    Ok(Running { server, stop, counting, address })
}

/// Serves until the process is told to stop, then lets running requests finish.
pub async fn serve(app: App, listener: TcpListener) -> Result<(), Error> {
    let running = start(app, listener).await?;
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
        .route("/", web::get().to(pages::front))
        .route("/penggunaan", web::get().to(pages::usage))
        .route("/page.css", web::get().to(pages::style))
        .route("/health/live", web::get().to(health::live))
        .route("/health/ready", web::get().to(health::ready))
        .route("/metrics", web::get().to(metrics::page))
        .route("/graphiql", web::get().to(page::redirect))
        .route("/graphiql/", web::get().to(page::index))
        .route("/graphiql/", web::head().to(page::index))
        .route("/graphiql/tokens.json", web::get().to(page::tokens))
        .route("/graphiql/{path:.*}", web::get().to(page::file))
        .default_service(web::to(reply::nothing_here));
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
