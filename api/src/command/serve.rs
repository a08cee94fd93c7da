//! `tunggal serve`.

use std::net::TcpListener;

use tokio::runtime::Handle;

use crate::app::App;
use crate::config::Config;
use crate::error::Error;
use crate::http;
use crate::service::erasure;

/// Opens the register and serves it until told to stop.
pub async fn run(config: Config) -> Result<(), Error> {
    let listener = bind(&config)?;
    let app = App::start(config).await?;
    serve(app, listener).await
}

/// The port to serve on; says which, when it is taken.
pub fn bind(config: &Config) -> Result<TcpListener, Error> {
    TcpListener::bind(config.listen)
        .map_err(|it| Error::Conflict(format!("cannot listen on {}: {it}", config.listen)))
}

/// Serves an open register on a bound port until told to stop.
pub async fn serve(app: App, listener: TcpListener) -> Result<(), Error> {
    let (begun, runtime) = (app.clone(), Handle::current());
    tokio::task::spawn_blocking(move || {
        if let Err(error) = runtime.block_on(erasure::finish_at_start(&begun)) {
            tracing::error!(%error, "an erasure that was cut short is not finished");
        }
    });
    http::serve(app, listener).await
}
