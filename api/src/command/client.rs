//! `tunggal client`: machines that sign in with a secret.

use std::collections::BTreeSet;
use std::path::PathBuf;

use chrono::{NaiveDate, NaiveTime, TimeDelta};
use clap::Subcommand;
use domain::permission::Action;

use super::user::{StandingArgs, line};
use crate::app::App;
use crate::config::Config;
use crate::error::Error;
use crate::service::accounts;
use crate::store::accounts::Kind;

/// What is done with clients.
#[derive(Subcommand)]
pub enum Order {
    /// Adds a client and prints its first secret, once.
    #[command(
        after_help = "Example: tunggal client add bjb-nightly --role lender --institution bjb --scope enterprises:read"
    )]
    Add {
        /// The name it signs in with.
        name: String,
        /// As whom it asks.
        #[command(flatten)]
        standing: StandingArgs,
        /// An action it is for; may be given several times [default: all that its role may].
        #[arg(long = "scope", value_name = "SCOPE", value_parser = scope)]
        scopes: Vec<Action>,
        /// The day from which it is shut out, from 00:00 UTC, such as 2027-01-31.
        #[arg(long, value_name = "DATE", value_parser = day)]
        expires: Option<NaiveDate>,
        /// A PEM file of its public key (RSA of 2048 bits or more, EC P-256 or Ed25519): it then signs its requests,
        /// and what is printed is what it signs its calls with.
        #[arg(long, value_name = "FILE")]
        public_key: Option<PathBuf>,
    },
    /// Lists clients.
    List,
    /// Prints another secret, once; the one before is taken for a while.
    #[command(after_help = "Example: tunggal client rotate bjb-nightly --overlap-hours 48")]
    Rotate {
        /// The name it signs in with.
        name: String,
        /// How long the secret before is taken; 0 for one that may be in wrong hands.
        #[arg(long, value_name = "HOURS", default_value_t = 168, value_parser = clap::value_parser!(u16))]
        overlap_hours: u16,
    },
    /// Gives a client that signs another public key; the one before is taken for a while.
    #[command(after_help = "Example: tunggal client key bjb-nightly --public-key new.pem")]
    Key {
        /// The name it signs in with.
        name: String,
        /// A PEM file of the key.
        #[arg(long, value_name = "FILE")]
        public_key: PathBuf,
        /// How long the key before is taken; 0 for one that may be in wrong hands.
        #[arg(long, value_name = "HOURS", default_value_t = 168, value_parser = clap::value_parser!(u16))]
        overlap_hours: u16,
    },
    /// Shuts a client out within five seconds.
    Disable {
        /// The name it signs in with.
        name: String,
    },
    /// Lets a client in again.
    Enable {
        /// The name it signs in with.
        name: String,
    },
}

fn day(text: &str) -> Result<NaiveDate, &'static str> {
    text.parse().map_err(|_| "a day such as 2027-01-31")
}

fn scope(text: &str) -> Result<Action, String> {
    Action::from_scope(text).ok_or_else(|| {
        let known: Vec<&str> = Action::ALL.iter().map(|it| it.scope()).collect();
        format!("one of {}", known.join(", "))
    })
}

/// Does it.
pub async fn run(config: Config, order: Order) -> Result<(), Error> {
    let app = App::start(config).await?;
    match order {
        Order::Add { name, standing, scopes, expires, public_key } => {
            let scopes: BTreeSet<Action> = scopes.into_iter().collect();
            let scopes = Some(scopes).filter(|it| !it.is_empty());
            let expires = expires.map(|it| it.and_time(NaiveTime::MIN).and_utc());
            let standing = standing.into();
            let secret = match public_key {
                None => accounts::add_client(&app, &name, standing, scopes, expires).await?,
                Some(file) => {
                    let key = std::fs::read(file)?;
                    accounts::add_signing_client(&app, &name, standing, scopes, expires, &key)
                        .await?
                }
            };
            tell(&name, &secret)
        }
        Order::List => list(&app).await,
        Order::Rotate { name, overlap_hours } => {
            let overlap = TimeDelta::hours(i64::from(overlap_hours));
            let secret = accounts::rotate_secret(&app, &name, overlap).await?;
            tell(&name, &secret)
        }
        Order::Key { name, public_key, overlap_hours } => {
            let overlap = TimeDelta::hours(i64::from(overlap_hours));
            accounts::change_key(&app, &name, &std::fs::read(public_key)?, overlap).await
        }
        Order::Disable { name } => accounts::disable_client(&app, &name).await,
        Order::Enable { name } => accounts::enable(&app, &name).await,
    }
}

fn tell(name: &str, secret: &str) -> Result<(), Error> {
    super::print_line(&format!("client_id      {name}\nclient_secret  {secret}"))
}

async fn list(app: &App) -> Result<(), Error> {
    let all = app.store.accounts().await?;
    let mut lines = format!("{:32} {:16} {:24} {}\n", "name", "role", "of", "state");
    for account in all.iter().filter(|it| it.kind == Kind::Client) {
        lines += &line(account);
    }
    super::print(&lines)
}
