//! `tunggal key`: the keys that sign the hub's own tokens.

use clap::Subcommand;

use super::user::minute;
use crate::auth::Keys;
use crate::config::Config;
use crate::error::Error;

/// What is done with keys.
#[derive(Subcommand)]
pub enum Order {
    /// Signs with a new key from now on; tokens of those before hold until they expire.
    Rotate {
        /// Refuse the tokens of all keys before at once, for a key that may be in wrong hands.
        #[arg(long)]
        revoke: bool,
    },
    /// Lists the keys whose tokens are taken, the one that signs first.
    List,
}

/// Does it. The database is not touched; running servers on this data directory follow in a second.
pub fn run(config: &Config, order: Order) -> Result<(), Error> {
    let keys = Keys::load_or_create(&config.data_dir)?;
    if let Order::Rotate { revoke } = order {
        keys.rotate(revoke)?;
    }
    let mut lines = String::new();
    for key in keys.list() {
        let until = key.until.map_or("signs".to_owned(), |it| format!("until {}", minute(it)));
        lines += &format!("{}  {until}\n", key.kid);
    }
    super::print(&lines)
}
