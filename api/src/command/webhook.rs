//! `tunggal webhook`: where institutions are told that there are changes.

use chrono::TimeDelta;
use clap::Subcommand;

use crate::app::App;
use crate::config::Config;
use crate::error::Error;
use crate::service::webhooks;
use crate::store::webhooks::state;

/// What is done with webhooks.
#[derive(Subcommand)]
pub enum Order {
    /// Adds a webhook and prints its first secret, once.
    #[command(
        after_help = "Example: tunggal webhook add bjb-micro --institution bjb --programme kur_micro --url https://bjb.example/hub"
    )]
    Add {
        /// Its name.
        name: String,
        /// The institution that is told.
        #[arg(long)]
        institution: String,
        /// Of which programme.
        #[arg(long)]
        programme: String,
        /// Where messages are posted to; https, and no address of a private network.
        #[arg(long)]
        url: String,
    },
    /// Lists webhooks, with how many messages wait and were given up.
    List,
    /// Prints another secret, once; the one before signs as well for a while.
    #[command(after_help = "Example: tunggal webhook rotate bjb-micro --overlap-hours 48")]
    Rotate {
        /// Its name.
        name: String,
        /// How long messages carry a signature by the secret before; 0 for one that may be in wrong hands.
        #[arg(long, value_name = "HOURS", default_value_t = 168, value_parser = clap::value_parser!(u16))]
        overlap_hours: u16,
    },
    /// Tells a webhook nothing any more.
    Disable {
        /// Its name.
        name: String,
    },
    /// Tells a webhook again, once of all that changed meanwhile.
    Enable {
        /// Its name.
        name: String,
    },
}

/// Does it.
pub async fn run(config: Config, order: Order) -> Result<(), Error> {
    let app = App::start(config).await?;
    match order {
        Order::Add { name, institution, programme, url } => {
            let secret = webhooks::add(&app, &name, &institution, &programme, &url).await?;
            tell(&name, &secret)
        }
        Order::List => list(&app).await,
        Order::Rotate { name, overlap_hours } => {
            let overlap = TimeDelta::hours(i64::from(overlap_hours));
            let secret = webhooks::rotate(&app, &name, overlap).await?;
            tell(&name, &secret)
        }
        Order::Disable { name } => webhooks::set_disabled(&app, &name, true).await,
        Order::Enable { name } => webhooks::set_disabled(&app, &name, false).await,
    }
}

fn tell(name: &str, secret: &str) -> Result<(), Error> {
    super::print_line(&format!("webhook  {name}\nsecret   {secret}"))
}

async fn list(app: &App) -> Result<(), Error> {
    let mut lines = format!(
        "{:24} {:16} {:16} {:8} {:>7} {:>8}  {}\n",
        "name", "institution", "programme", "state", "waiting", "given up", "url"
    );
    for it in app.store.webhooks(None).await? {
        let waiting = app.store.deliveries(it.id, Some(state::WAITING), 1_000).await?.len();
        let dead = app.store.deliveries(it.id, Some(state::DEAD), 1_000).await?.len();
        let told = if it.disabled { "disabled" } else { "open" };
        lines += &format!(
            "{:24} {:16} {:16} {told:8} {waiting:>7} {dead:>8}  {}\n",
            it.name, it.institution, it.programme, it.url
        );
    }
    super::print(&lines)
}
