//! `tunggal key data`: the ring of keys that personal data is sealed with.

use clap::Subcommand;

use crate::app::App;
use crate::config::Config;
use crate::error::Error;
use crate::sealing::ring::{self, State};
use crate::service::data_keys;
use crate::store::Store;

/// What is done with data keys.
#[derive(Subcommand)]
pub enum Order {
    /// Adds a key that waits for `rotate`; a ring that is not there is made. With nodes that each have the
    /// ring in a file of their own, or from the environment, give the new ring to all of them next.
    Add,
    /// Lists the keys and how many values are sealed with each.
    List,
    /// Seals with the newest key from now on, made if none waits, and seals anew what others sealed. The
    /// register is served meanwhile; a rotation that was cut short goes on.
    Rotate,
    /// Takes a key that nothing is sealed with out of the ring, for ever.
    Retire {
        /// The version, as `list` tells it.
        version: u32,
    },
}

/// Does it.
pub async fn run(config: Config, order: Order) -> Result<(), Error> {
    match order {
        Order::Add => {
            let source = config.data_key_source();
            // A ring beside data that another sealed would only be taken for the one that was lost.
            if source.is_absent()
                && let Some(version) = Store::sealed_by(&config).await?
            {
                return Err(Error::DataKeyMissing(version));
            }
            let (version, text) = ring::add(&source)?;
            match text {
                // For the place the ring is given from; there is no other way to it.
                Some(ring) => super::print_line(ring.reveal()),
                None => super::print_line(&format!("Key {version} is in the ring.")),
            }
        }
        Order::List => list(&App::start(config).await?).await,
        Order::Rotate => {
            let done = data_keys::rotate(&App::start(config).await?).await?;
            super::print_line(&format!(
                "Key {} seals. Values sealed anew: {}. Values that do not open: {}.",
                done.version, done.sealed, done.damaged
            ))
        }
        Order::Retire { version } => {
            data_keys::retire(&App::start(config).await?, version).await?;
            super::print_line(&format!(
                "Nothing is sealed with key {version}: it may be destroyed."
            ))
        }
    }
}

async fn list(app: &App) -> Result<(), Error> {
    let mut lines = String::new();
    for key in data_keys::list(app).await? {
        let state = match key.state {
            State::Seals => "seals",
            State::Waits => "waits",
            State::Opens => "opens",
        };
        lines += &format!("{}  {state}  {} values\n", key.version, key.values);
    }
    super::print(&lines)
}
