//! `tunggal rights`: what persons ask for by right, and how long rows are kept.

use std::io::BufRead;

use chrono::DateTime;
use clap::{Args, Subcommand, ValueEnum};
use domain::agency::AgencyCode;
use domain::id::{EnterpriseId, IdError, OwnerId, RecordId, RequestId};
use domain::identifier::Nik;
use domain::record::Field;
use domain::viewer::{Role, Scope, Viewer};
use entity::retention;

use super::evidence;
use super::user::minute;
use crate::app::App;
use crate::clock;
use crate::config::Config;
use crate::error::Error;
use crate::service::consents::Subject;
use crate::service::persons::by_nik;
use crate::service::rights::{self, Asked, Foreseen, Kind, Overdue};
use crate::store::rights::{RequestFilter, StoredRequest, request_key};
use crate::store::slice::Slice;

/// What is done.
#[derive(Debug, Subcommand)]
pub enum Order {
    /// Lists what persons asked for and is not settled, what is due first in front.
    #[command(after_help = "Example: tunggal rights list --overdue")]
    List {
        /// Only what should have been settled by now.
        #[arg(long)]
        overdue: bool,
    },
    /// Shows one request.
    #[command(after_help = "Example: tunggal rights show req_...")]
    Show {
        /// Which.
        #[arg(value_parser = request)]
        id: RequestId,
    },
    /// Writes down what a person asks for, and starts its clock of 3 x 24 hours.
    #[command(
        after_help = "Example: tunggal rights ask erasure --nik-stdin --reason 'datang ke loket, usaha tutup'"
    )]
    Ask(AskArgs),
    /// Carries a request out, refuses it, or tells what carrying it out would do.
    #[command(after_help = "Example: tunggal rights settle req_... --dry-run\n         \
        tunggal rights settle req_... --carry-out\n         \
        tunggal rights settle req_... --refuse 'wajib disimpan menurut Pasal 15'")]
    Settle {
        /// Which.
        #[arg(value_parser = request)]
        id: RequestId,
        /// What becomes of it.
        #[command(flatten)]
        how: How,
        /// What she is answered when it is carried out.
        #[arg(long, requires = "carry_out")]
        answer: Option<String>,
    },
    /// Lets what was restricted be used again.
    #[command(after_help = "Example: tunggal rights lift req_...")]
    Lift {
        /// By which request it stands.
        #[arg(value_parser = request)]
        id: RequestId,
    },
    /// Sets how long the rows of an agency are kept after the last list that has them.
    #[command(
        after_help = "Example: tunggal rights keep kominfo --months 60 --ground 'Perwal 12/2026 Pasal 9'"
    )]
    Keep {
        /// Whose rows.
        #[arg(value_parser = crate::cli::agency)]
        agency: AgencyCode,
        /// For so many months.
        #[arg(long, value_parser = clap::value_parser!(u32).range(1..=1_200))]
        months: u32,
        /// The rule that says so.
        #[arg(long)]
        ground: String,
    },
    /// Erases the rows whose time is over.
    #[command(after_help = "Example: tunggal rights retire --dry-run")]
    Retire {
        /// Only tell which they are.
        #[arg(long)]
        dry_run: bool,
    },
}

/// What becomes of a request.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub struct How {
    /// It is done; an erasure cannot be undone.
    #[arg(long)]
    carry_out: bool,
    /// It is refused, with this reason.
    #[arg(long, value_name = "REASON")]
    refuse: Option<String>,
    /// Nothing is done but to tell what would be.
    #[arg(long)]
    dry_run: bool,
}

/// What is asked for, and by whom.
#[derive(Debug, Args)]
pub struct AskArgs {
    /// What.
    #[arg(value_enum)]
    kind: What,
    /// The person, by her id. Example: own_...
    #[arg(long, value_parser = owner, required_unless_present_any = ["nik_stdin", "enterprise"])]
    owner: Option<OwnerId>,
    /// Take her NIK from the first line of the standard input.
    #[arg(long, conflicts_with = "owner")]
    nik_stdin: bool,
    /// One enterprise of hers; every one when left out. Example: ent_...
    #[arg(long, value_parser = enterprise)]
    enterprise: Option<EnterpriseId>,
    /// For a rectification: the row. Example: rec_...
    #[arg(long, value_parser = crate::cli::record)]
    record: Option<RecordId>,
    /// For a rectification: what of it, as in mapping files. Example: phone
    #[arg(long, value_parser = field)]
    field: Option<Field>,
    /// For a rectification: take what the row should say from the next line of the standard input.
    #[arg(long)]
    proposed_stdin: bool,
    /// Why, without personal data.
    #[arg(long)]
    reason: String,
}

/// What a person asks for.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum What {
    /// That the agency corrects a value of a row.
    Rectification,
    /// That what is held is not used for the time being.
    Restriction,
    /// That what is held is erased.
    Erasure,
}

impl From<What> for Kind {
    fn from(it: What) -> Kind {
        match it {
            What::Rectification => Kind::Rectification,
            What::Restriction => Kind::Restriction,
            What::Erasure => Kind::Erasure,
        }
    }
}

/// Reads the id of a person.
pub fn owner(text: &str) -> Result<OwnerId, String> {
    text.parse().map_err(|it: IdError| it.to_string())
}

fn request(text: &str) -> Result<RequestId, String> {
    text.parse().map_err(|it: IdError| it.to_string())
}

fn enterprise(text: &str) -> Result<EnterpriseId, String> {
    text.parse().map_err(|it: IdError| it.to_string())
}

fn field(text: &str) -> Result<Field, String> {
    Field::from_code(text).ok_or_else(|| {
        let codes: Vec<&str> = Field::ALL.iter().map(|it| it.code()).collect();
        format!("one of {}", codes.join(", "))
    })
}

/// Does what is ordered.
pub async fn run(config: Config, order: Order) -> Result<(), Error> {
    let app = App::start(config).await?;
    match order {
        Order::List { overdue } => list(&app, overdue).await,
        Order::Show { id } => show(&app, id).await,
        Order::Ask(asked) => ask(&app, asked).await,
        Order::Settle { id, how: How { dry_run: true, .. }, .. } => {
            let foreseen = rights::foresee(&app, id).await?;
            super::print_line(&would(foreseen))
        }
        Order::Settle { id, how, answer } => {
            let answer = how.refuse.or(answer).unwrap_or_default();
            evidence::record(&app.store, "settleRight", &["right"], whose(&app, id).await?).await?;
            let settled = rights::settle(&app, &at_terminal(), id, how.carry_out, &answer).await?;
            super::print_line(&format!("{id} {}", settled.status))
        }
        Order::Lift { id } => {
            evidence::record(&app.store, "liftRestriction", &["right"], whose(&app, id).await?)
                .await?;
            rights::lift(&app, id).await?;
            super::print_line(&format!("{id} lifted"))
        }
        Order::Keep { agency, months, ground } => {
            app.store.agency(&agency).await?;
            app.store
                .set_retention(retention::Model {
                    agency: agency.to_string(),
                    months: i32::try_from(months).unwrap_or(i32::MAX),
                    ground,
                    set_by: "cli".to_owned(),
                    set_at: clock::now().timestamp_millis(),
                })
                .await
        }
        Order::Retire { dry_run: true } => {
            let found = rights::kept_too_long(&app).await?;
            super::print(&found.iter().map(|it| line(it, "would be erased")).collect::<String>())
        }
        Order::Retire { dry_run: false } => {
            let done = rights::retire(&app, "cli").await?;
            super::print(&done.iter().map(|it| line(&it.0, "erased")).collect::<String>())
        }
    }
}

/// Whoever runs the program: she settles what a steward does.
fn at_terminal() -> Viewer {
    Viewer { subject: evidence::subject(), role: Role::Steward, ..Viewer::public() }
}

/// The row that names the person of a request, as the log names her.
async fn whose(app: &App, id: RequestId) -> Result<Vec<String>, Error> {
    const MISSING: Error = Error::NotFound { noun: "request" };
    let request = app.store.request(&Scope::All, id).await?.ok_or(MISSING)?;
    // Of whom nothing is left nobody reads.
    let row = request.anchor.map_or_else(|| id.to_string(), |it| RecordId(it).to_string());
    Ok(vec![row])
}

async fn ask(app: &App, asked: AskArgs) -> Result<(), Error> {
    let mut lines = std::io::stdin().lock().lines();
    let mut line = || lines.next().transpose().map(Option::unwrap_or_default);
    let owner = match asked.nik_stdin {
        true => Some(one_of(app, &line()?).await?),
        false => asked.owner,
    };
    let proposed = if asked.proposed_stdin { Some(line()?) } else { None };
    let asked = Asked {
        kind: asked.kind.into(),
        subject: Subject { owner, enterprise: asked.enterprise },
        record: asked.record,
        field: asked.field,
        proposed,
        reason: asked.reason,
    };
    let request = rights::ask(app, &at_terminal(), asked).await?;
    let row = request.anchor.map(|it| RecordId(it).to_string());
    evidence::record(&app.store, "askRight", &["right"], row.into_iter().collect()).await?;
    let due = DateTime::from_timestamp_millis(request.due_at).unwrap_or_default();
    super::print_line(&format!("{} {} due {}", RequestId(request.id), request.status, minute(due)))
}

/// The one person in whose rows the NIK stands.
async fn one_of(app: &App, nik: &str) -> Result<OwnerId, Error> {
    let nik = Nik::parse(nik.trim());
    let nik = nik.map_err(|_| Error::invalid("nik", "must have 16 digits of a NIK"))?;
    let found = by_nik(app, &nik).await?;
    let owners: Vec<OwnerId> = found.into_iter().filter_map(|it| it.owner).collect();
    match owners.as_slice() {
        [owner] => Ok(*owner),
        [] => Err(Error::NotFound { noun: "person" }),
        _ => Err(Error::Conflict(
            "this NIK stands in the rows of several persons: give --owner".to_owned(),
        )),
    }
}

fn would(it: Foreseen) -> String {
    match it {
        Foreseen::Rectified(true) => "the agency's row says so: it can be carried out".to_owned(),
        Foreseen::Rectified(false) => {
            "the agency's row does not say so yet: its corrected list comes first".to_owned()
        }
        Foreseen::Restricted(enterprises) => {
            format!("{enterprises} enterprises would be restricted")
        }
        Foreseen::Erased { records, enterprises, shared } => format!(
            "{records} rows and {enterprises} enterprises would be erased; {shared} shared enterprises go on \
             with the rows of others"
        ),
    }
}

async fn show(app: &App, id: RequestId) -> Result<(), Error> {
    const MISSING: Error = Error::NotFound { noun: "request" };
    let it = app.store.request(&Scope::All, id).await?.ok_or(MISSING)?;
    let fields = ["owner_name", "proposed", "right"];
    evidence::record(&app.store, "rightsRequests", &fields, whose(app, id).await?).await?;
    let time = |at: i64| minute(DateTime::from_timestamp_millis(at).unwrap_or_default());
    let person = names(app, std::slice::from_ref(&it)).await?.pop().unwrap_or_default();
    let mut text = String::new();
    for (name, value) in [
        ("request", Some(id.to_string())),
        ("kind", Some(it.kind.clone())),
        ("status", Some(it.status.clone())),
        ("person", Some(person.1).filter(|it| !it.is_empty())),
        ("owner", person.0.map(|it| it.to_string())),
        ("row of hers", it.anchor.map(|it| RecordId(it).to_string())),
        ("enterprises", Some(if it.every_enterprise { "all" } else { "one" }.to_owned())),
        ("agency", it.agency.clone()),
        ("row", it.record_id.map(|it| RecordId(it).to_string())),
        ("field", it.field.clone()),
        ("proposed", it.proposed.clone().filter(|_| it.field.is_some())),
        ("reason", Some(it.reason.clone())),
        ("made", Some(format!("{} by {}", time(it.made_at), it.made_by))),
        ("due", Some(time(it.due_at))),
        ("answer", it.answer.clone()),
        (
            "settled",
            it.settled_at
                .zip(it.settled_by.as_ref())
                .map(|(at, by)| format!("{} by {by}", time(at))),
        ),
    ] {
        if let Some(value) = value {
            text += &format!("{name:12} {value}\n");
        }
    }
    super::print(&text)
}

/// Of whom each request is: her id and the name most rows write; neither once she is erased.
async fn names(
    app: &App,
    requests: &[StoredRequest],
) -> Result<Vec<(Option<OwnerId>, String)>, Error> {
    let anchors: Vec<RecordId> = requests.iter().filter_map(|it| it.anchor.map(RecordId)).collect();
    let members = app.store.members_among(&anchors).await?;
    let ids: Vec<OwnerId> = members.values().filter_map(|it| it.owner).collect();
    let owners = app.store.owners(&Scope::All, &ids).await?;
    let named = requests.iter().map(|it| {
        let owner = it.anchor.and_then(|it| members.get(&RecordId(it))).and_then(|it| it.owner);
        let known = owner.and_then(|id| owners.iter().find(|it| it.id == id.0));
        (owner, known.map(|it| it.name.clone()).unwrap_or_default())
    });
    Ok(named.collect())
}

fn line(it: &Overdue, what: &str) -> String {
    format!(
        "{:24} {:>4} months: {} rows of {} enterprises {what}\n",
        it.agency.as_str(),
        it.months,
        it.records.len(),
        it.enterprises
    )
}

async fn list(app: &App, overdue: bool) -> Result<(), Error> {
    let now = clock::now().timestamp_millis();
    let filter = RequestFilter {
        status: Some(vec!["open", "sent", "carrying_out"]),
        overdue: overdue.then_some(now),
    };
    let mut text = format!(
        "{:36} {:14} {:12} {:22} {:20} person\n",
        "request", "kind", "status", "agency", "due"
    );
    let mut whose = vec![];
    let mut after = None;
    loop {
        let slice = Slice { descending: false, after, before: None, limit: 200, backwards: false };
        let (rows, more) = app.store.request_page(&Scope::All, &filter, &slice).await?;
        let names = names(app, &rows).await?;
        whose.extend(rows.iter().filter_map(|it| it.anchor).map(|it| RecordId(it).to_string()));
        for (it, (_, name)) in rows.iter().zip(&names) {
            let due = DateTime::from_timestamp_millis(it.due_at).unwrap_or_default();
            let late = if it.due_at < now { " OVERDUE" } else { "" };
            let agency = it.agency.as_deref().unwrap_or("-");
            text += &format!(
                "{:36} {:14} {:12} {agency:22} {:20} {name}{late}\n",
                RequestId(it.id).to_string(),
                it.kind,
                it.status,
                minute(due)
            );
        }
        if !more {
            if !whose.is_empty() {
                evidence::record(&app.store, "rightsRequests", &["owner_name", "right"], whose)
                    .await?;
            }
            return super::print(&text);
        }
        after = rows.last().map(request_key);
    }
}
