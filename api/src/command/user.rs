//! `tunggal user`: who may sign in with a password, and who may not any more.

use std::io::BufRead;

use chrono::{DateTime, Utc};
use clap::{Args, Subcommand};
use domain::agency::AgencyCode;
use domain::id::RecordId;
use domain::viewer::Role;

use crate::app::App;
use crate::auth::secret;
use crate::clock;
use crate::config::Config;
use crate::error::Error;
use crate::service::accounts::{self, ShutOut};
use crate::store::accounts::{Account, Kind, Standing};

/// What is done with accounts.
#[derive(Subcommand)]
pub enum Order {
    /// Adds a person; prints a password made for her, once, unless one is given.
    #[command(
        after_help = "Example: tunggal user add siti.aminah --role agency_operator --agency kominfo"
    )]
    Add {
        /// The name she signs in with.
        name: String,
        /// As whom it asks.
        #[command(flatten)]
        standing: StandingArgs,
        /// Her password.
        #[command(flatten)]
        password: PasswordArgs,
    },
    /// Lists persons, and subjects that are shut out.
    List,
    /// Shuts somebody out within five seconds: a person, a client, or a subject of a provider (oidc:...)
    /// or of the command line.
    #[command(after_help = "Example: tunggal user disable oidc:3fa85f64-5717")]
    Disable {
        /// Her name, as logs have it.
        name: String,
    },
    /// Lets somebody in again.
    Enable {
        /// Her name, as logs have it.
        name: String,
    },
    /// Gives a person another password and revokes her tokens.
    Password {
        /// The name she signs in with.
        name: String,
        /// Her password.
        #[command(flatten)]
        password: PasswordArgs,
    },
    /// Gives a person or client another role, agency and institution, within five seconds.
    #[command(after_help = "Example: tunggal user role siti.aminah --role steward")]
    Role {
        /// The name she signs in with.
        name: String,
        /// As whom it asks.
        #[command(flatten)]
        standing: StandingArgs,
    },
}

/// As whom somebody asks.
#[derive(Args)]
pub struct StandingArgs {
    /// developer, owner, agency_viewer, agency_operator, steward, administrator, lender, central_bank or auditor.
    #[arg(long, value_parser = crate::cli::role)]
    role: Role,
    /// The agency of an agency's viewer or operator.
    #[arg(long, value_parser = crate::cli::agency)]
    agency: Option<AgencyCode>,
    /// The institution of a lender or the central bank.
    #[arg(long)]
    institution: Option<String>,
    /// For an owner: a row that names her, as `sourceRecords` lists it. Example: rec_...
    #[arg(long, value_parser = crate::cli::record)]
    person: Option<RecordId>,
}

/// Where a password comes from.
#[derive(Args)]
pub struct PasswordArgs {
    /// Take the password from the first line of the standard input.
    #[arg(long)]
    password_stdin: bool,
}

impl From<StandingArgs> for Standing {
    fn from(it: StandingArgs) -> Standing {
        let StandingArgs { role, agency, institution, person } = it;
        Standing { role, agency, institution, person }
    }
}

impl PasswordArgs {
    /// The password, and whether it was made here.
    fn password(&self) -> Result<(String, bool), Error> {
        if !self.password_stdin {
            return Ok((secret::fresh()?, true));
        }
        let mut line = String::new();
        std::io::stdin().lock().read_line(&mut line)?;
        Ok((line.trim_end_matches(['\r', '\n']).to_owned(), false))
    }
}

/// Does it.
pub async fn run(config: Config, order: Order) -> Result<(), Error> {
    let app = App::start(config).await?;
    match order {
        Order::Add { name, standing, password } => {
            let (password, made) = password.password()?;
            accounts::add_person(&app, &name, standing.into(), &password).await?;
            tell(&password, made)
        }
        Order::List => list(&app).await,
        Order::Disable { name } => match accounts::disable(&app, &name).await? {
            ShutOut::Account => Ok(()),
            ShutOut::Subject => super::print_line(
                "no account has this name: tokens of this subject are refused from now on",
            ),
        },
        Order::Enable { name } => accounts::enable(&app, &name).await,
        Order::Password { name, password } => {
            let (password, made) = password.password()?;
            accounts::set_password(&app, &name, &password).await?;
            tell(&password, made)
        }
        Order::Role { name, standing } => {
            accounts::set_standing(&app, &name, standing.into()).await
        }
    }
}

fn tell(password: &str, made: bool) -> Result<(), Error> {
    if made { super::print_line(&format!("password  {password}")) } else { Ok(()) }
}

async fn list(app: &App) -> Result<(), Error> {
    let all = app.store.accounts().await?;
    let mut lines = format!("{:32} {:16} {:24} {}\n", "name", "role", "of", "state");
    for account in all.iter().filter(|it| it.kind != Kind::Client) {
        lines += &line(account);
    }
    super::print(&lines)
}

/// An account as a line of a list.
pub fn line(account: &Account) -> String {
    let standing = account.standing.as_ref();
    let role = standing.map_or("-", |it| it.role.code());
    let agency = standing.and_then(|it| it.agency.as_ref()).map(|it| it.as_str());
    let of = agency.or_else(|| standing.and_then(|it| it.institution.as_deref())).unwrap_or("-");
    let now = clock::now();
    let state = match (account.disabled, account.expires_at, account.locked_until) {
        (true, ..) => "disabled".to_owned(),
        (_, Some(end), _) if end <= now => "expired".to_owned(),
        (_, Some(end), _) => format!("active until {}", minute(end)),
        (.., Some(until)) if now < until => format!("waits until {}", minute(until)),
        _ => "active".to_owned(),
    };
    format!("{:32} {role:16} {of:24} {state}\n", account.name)
}

/// A time to the minute.
pub fn minute(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%d %H:%M UTC").to_string()
}
