//! `tunggal serve --sandbox`: an invented city for a bank's contract tests, in a register that is thrown away.

use std::net::SocketAddr;
use std::path::Path;

use super::serve;
use crate::app::App;
use crate::config::Config;
use crate::error::Error;
use crate::service::sandbox::{CLIENT, Door, INSTITUTION, prepare};

/// Serves the invented city until told to stop, and removes it.
pub async fn run(config: Config) -> Result<(), Error> {
    // Bound before the work, so that a port in use is known at once.
    let listener = serve::bind(&config)?;
    let place = tempfile::Builder::new().prefix("tunggal-sandbox-").tempdir()?;
    let app = App::start(apart(config, place.path())).await?;
    let door = prepare(&app).await?;
    let secure = app.config.tls.is_some();
    super::print(&told(&door, listener.local_addr()?, secure))?;
    serve::serve(app, listener).await
}

/// The settings without a word of where the real register is, what feeds it, where it tells, and who is let in.
fn apart(config: Config, place: &Path) -> Config {
    let mut institutions = config.institutions.clone();
    institutions.know(INSTITUTION);
    Config {
        sandbox: true,
        data_dir: place.to_owned(),
        database_url: None,
        data_keys_file: None,
        data_keys: None,
        trusted_documents: None,
        checkpoint_dir: None,
        checkpoint_url: None,
        embedded_issuer: true,
        institutions,
        oidc: None,
        programmes_dir: None,
        sources: vec![],
        ..config
    }
}

/// Lines that a shell can read: `eval "$(...)"` or a line at a time.
fn told(door: &Door, address: SocketAddr, secure: bool) -> String {
    let scheme = if secure { "https" } else { "http" };
    let mut text = format!(
        "# Invented data, thrown away when this stops. The scenarios are in docs/banking.md.\n\
         TUNGGAL_URL={scheme}://{address}\nTUNGGAL_CLIENT={CLIENT}\nTUNGGAL_SECRET={}\n",
        door.secret
    );
    for (programme, cursor) in &door.cursors {
        text += &format!("TUNGGAL_CURSOR_{}={cursor}\n", programme.to_uppercase());
    }
    text + "# ready\n"
}
