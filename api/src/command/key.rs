//! `tunggal key`: the keys that sign the hub's own tokens, and those that personal data is sealed with.

use clap::Subcommand;

use super::data_key;
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
    /// The keys that personal data is sealed with.
    Data {
        /// What is done with them.
        #[command(subcommand)]
        order: data_key::Order,
    },
}

/// Does it. Of keys that sign the database is not touched; running servers on this data directory follow
/// in a second.
pub async fn run(config: Config, order: Order) -> Result<(), Error> {
    if let Order::Data { order } = order {
        return data_key::run(config, order).await;
    }
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
