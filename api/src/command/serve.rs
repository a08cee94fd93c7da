//! `tunggal serve`.

use std::net::TcpListener;

use crate::app::App;
use crate::config::Config;
use crate::error::Error;
use crate::http;

/// Opens the register and serves it until told to stop.
pub async fn run(config: Config) -> Result<(), Error> {
    let listener = TcpListener::bind(config.listen)?;
    let app = App::start(config).await?;
    serve(app, listener).await
}

/// Serves an open register on a bound port until told to stop.
pub async fn serve(app: App, listener: TcpListener) -> Result<(), Error> {
    http::serve(app, listener).await
}
