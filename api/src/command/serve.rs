//! `tunggal serve`.

use std::net::TcpListener;

use crate::app::App;
use crate::config::Config;
use crate::error::Error;
use crate::http;

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
    http::serve(app, listener).await
}
