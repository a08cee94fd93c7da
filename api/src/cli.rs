//! The command line: a list of commands and what they take.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
use domain::agency::AgencyCode;
use domain::id::RecordId;
use domain::viewer::Role;

use crate::command::{
    self, audit, client, document, export, financing, form, ingest, key, link_file, model, receipt,
    rights, source, subject_report, user, webhook,
};
use crate::config::Config;
use crate::error::Error;

/// One profile per enterprise: takes agencies' sheets as they are, links them, and serves the
/// profiles by role over GraphQL.
#[derive(Parser)]
#[command(name = "tunggal", version, arg_required_else_help = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
    #[command(flatten)]
    place: Place,
}

/// Where the register is; every command takes these.
#[derive(Args)]
struct Place {
    /// A settings file; without it, ./tunggal.toml when there is one.
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Where the embedded database and the signing keys are kept [default: ./tunggal-data].
    #[arg(long, global = true, value_name = "DIR")]
    data_dir: Option<PathBuf>,
    /// A PostgreSQL URL, instead of the embedded database.
    #[arg(long, global = true, value_name = "URL")]
    database_url: Option<String>,
}

#[derive(Subcommand)]
enum Command {
    /// Imports the bundled sample city, links it and serves it: the five-minute tour.
    #[command(after_help = "Example: tunggal demo --listen 127.0.0.1:9000")]
    Demo {
        /// Address and port to listen on [default: 127.0.0.1:8080].
        #[arg(long)]
        listen: Option<String>,
        /// Stop after the summary.
        #[arg(long)]
        no_serve: bool,
    },
    /// Serves the GraphQL API.
    #[command(after_help = "Example: tunggal serve --database-url postgres://tunggal@db/tunggal")]
    Serve {
        /// Address and port to listen on [default: 127.0.0.1:8080].
        #[arg(long)]
        listen: Option<String>,
        /// Serve an invented city instead, with every case a bank meets, from a register that is made now and
        /// thrown away at the end; prints how to sign in (docs/banking.md).
        #[arg(long)]
        sandbox: bool,
    },
    /// Brings the tables up to date and stops.
    Migrate,
    /// Takes files of one agency as they are.
    #[command(after_help = "Example: tunggal ingest sample/kominfo.csv --agency kominfo")]
    Ingest {
        /// The files: CSV, XLSX, XLS or ODS.
        #[arg(required = true)]
        files: Vec<PathBuf>,
        /// Who sends them.
        #[arg(long, value_parser = agency)]
        agency: AgencyCode,
        /// What the headings mean, as TOML or JSON: `"Nama Pemilik" = "owner_name"`; codes are in docs/mapping.md.
        #[arg(long, value_name = "FILE")]
        mapping: Option<PathBuf>,
        /// They are extracts of a national system, in this form of `tunggal form`, such as oss-nib.
        #[arg(long, value_name = "CODE", conflicts_with = "mapping")]
        form: Option<String>,
        /// Each file is the agency's whole list: rows it lacks are marked absent.
        #[arg(long)]
        complete: bool,
        /// Write each file back as DIR/<name>.xlsx with a status column and marked cells.
        #[arg(long, value_name = "DIR")]
        workbook: Option<PathBuf>,
        #[command(flatten)]
        report: Report,
    },
    /// Finds which records are the same enterprise.
    #[command(after_help = "Example: tunggal link --report json")]
    Link {
        /// Link every record afresh, not only what is new; the outcome is the same.
        #[arg(long)]
        everything: bool,
        #[command(flatten)]
        report: Report,
    },
    /// Previews, activates and lists linkage models.
    Model {
        #[command(subcommand)]
        order: model::Order,
        #[command(flatten)]
        report: Report,
    },
    /// Checks files of financing programmes and previews them on the register.
    Financing {
        #[command(subcommand)]
        order: financing::Order,
        #[command(flatten)]
        report: Report,
    },
    /// Measures the links against a file of the truth.
    #[command(after_help = "Example: tunggal evaluate --truth truth.csv --mistakes mistakes.csv")]
    Evaluate {
        /// CSV with the columns record_id (the agency's own number), enterprise_id and, if known, owner_id.
        #[arg(long, value_name = "FILE")]
        truth: PathBuf,
        /// Where the false and missed links are written.
        #[arg(long, value_name = "FILE", default_value = "mistakes.csv")]
        mistakes: PathBuf,
        #[command(flatten)]
        report: Report,
    },
    /// Links the rows of plain CSV files, within one or between two, without a register.
    #[command(
        after_help = "Example: tunggal link-file --settings umkm records.csv --out clusters.csv --truth truth.csv"
    )]
    LinkFile {
        /// A CSV file with headings, or the same gzipped.
        #[arg(required_unless_present = "print_settings")]
        a: Option<PathBuf>,
        /// A second one; then only pairs across the two are compared.
        b: Option<PathBuf>,
        /// umkm, person, or a TOML file of settings.
        #[arg(long, value_name = "SETTINGS", default_value = "umkm")]
        settings: String,
        /// Print the file of umkm or person, to start one's own from, and link nothing.
        #[arg(long, value_name = "NAME", conflicts_with = "a")]
        print_settings: Option<String>,
        /// Where record_id,cluster_id are written.
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
        /// CSV with record_id and the true cluster (enterprise_id, cluster_id or truth), to measure by; with two
        /// files only pairs across them count.
        #[arg(long, value_name = "FILE")]
        truth: Option<PathBuf>,
        /// The column that names a row [default: record_id; in a file without it rows are numbered from 1].
        #[arg(long, value_name = "COLUMN")]
        id: Option<String>,
        #[command(flatten)]
        report: Report,
    },
    /// Writes a table of the register to standard output.
    #[command(after_help = "Example: tunggal export enterprises --format csv > enterprises.csv")]
    Export {
        /// Which table.
        #[arg(value_enum)]
        table: export::Table,
        /// In which form.
        #[arg(long, value_enum, default_value = "csv")]
        format: export::Format,
    },
    /// Prints the forms of national systems that lists are taken in and written in (docs/national.md).
    #[command(after_help = "Example: tunggal form sidt-kumkm > forms/sidt-kumkm.toml")]
    Form {
        /// The file of this one.
        code: Option<String>,
    },
    /// Signs, exports and verifies the log of who read whose data.
    Audit {
        #[command(subcommand)]
        order: audit::Order,
    },
    /// What answers disclosed, checked without the hub.
    Receipt {
        #[command(subcommand)]
        order: receipt::Order,
    },
    /// What persons ask for by right, and how long rows are kept.
    Rights {
        #[command(subcommand)]
        order: rights::Order,
    },
    /// Writes everything that is held of a person, and who read it, for that person.
    #[command(
        after_help = "Example: tunggal subject-report --nik-stdin --format html --out jawaban.html"
    )]
    SubjectReport(subject_report::ReportArgs),
    /// Prints the GraphQL schema.
    Schema {
        /// As graphs are composed from it, with the directives of Apollo Federation 2.
        #[arg(long)]
        subgraph: bool,
    },
    /// Prints the settings with their defaults and what they mean.
    Config,
    /// Who may sign in with a password, and who may not any more.
    User {
        #[command(subcommand)]
        order: user::Order,
    },
    /// Live sources: databases, services and directories that agencies' rows are pulled from.
    Source {
        #[command(subcommand)]
        verb: source::Verb,
    },
    /// Machines that sign in with a secret.
    Client {
        #[command(subcommand)]
        order: client::Order,
    },
    /// Where institutions are told that there are changes for them.
    Webhook {
        #[command(subcommand)]
        order: webhook::Order,
    },
    /// The documents that clients are held to.
    Document {
        #[command(subcommand)]
        order: document::Order,
    },
    /// The keys that sign the hub's own tokens, and those that personal data is sealed with.
    Key {
        #[command(subcommand)]
        order: key::Order,
    },
    /// Prints a token for one role that needs no account, and nothing else: for trying things out.
    #[command(after_help = "Example: tunggal token --role agency_operator --agency kominfo")]
    Token {
        /// public, developer, owner, agency_viewer, agency_operator, steward, administrator, lender,
        /// central_bank or auditor.
        #[arg(long, value_parser = role)]
        role: Role,
        /// The agency of an agency's viewer or operator.
        #[arg(long, value_parser = agency)]
        agency: Option<AgencyCode>,
        /// The institution of a lender or the central bank.
        #[arg(long)]
        institution: Option<String>,
        /// For an owner: a row that names her, as `sourceRecords` lists it. Example: rec_...
        #[arg(long, value_parser = record)]
        person: Option<RecordId>,
        /// Who it is for, as decisions and logs name her [default: ROLE@cli]. Two stewards need two.
        #[arg(long)]
        subject: Option<String>,
    },
}

#[derive(Args)]
struct Report {
    /// `json` prints one line of counts, seconds, CPU seconds and peak memory.
    #[arg(long, global = true, value_enum, value_name = "FORMAT")]
    report: Option<command::report::Format>,
}

/// Reads an agency's code.
pub fn agency(text: &str) -> Result<AgencyCode, String> {
    AgencyCode::parse(text).map_err(|it| it.to_string())
}

/// Reads the id of a row.
pub fn record(text: &str) -> Result<RecordId, String> {
    text.parse().map_err(|it: domain::id::IdError| it.to_string())
}

/// Reads the code of a role.
pub fn role(text: &str) -> Result<Role, String> {
    Role::from_code(text).ok_or_else(|| {
        let codes: Vec<&str> = Role::ALL.iter().map(|it| it.code()).collect();
        format!("one of {}", codes.join(", "))
    })
}

/// Runs the command that the arguments of the process name.
///
/// Exit codes: 0 done, 1 failed, 2 wrong arguments or configuration.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let config = match configuration(&cli) {
        Ok(config) => config,
        Err(mistakes) => {
            for mistake in mistakes {
                command::print_mistake(&format!("configuration: {mistake}"));
            }
            return ExitCode::from(2);
        }
    };
    command::logging(&config);
    let done = command::runtime().and_then(|it| it.block_on(run(cli.command, config)));
    match done {
        Ok(code) => code,
        Err(error) => {
            command::print_error(&error);
            ExitCode::FAILURE
        }
    }
}

fn configuration(cli: &Cli) -> Result<Config, Vec<String>> {
    let beside = PathBuf::from("tunggal.toml");
    let file = cli.place.config.clone().or_else(|| beside.exists().then_some(beside));
    let mut config = Config::load(file.as_deref(), &command::environment)?;
    if let Some(directory) = &cli.place.data_dir {
        config.data_dir = directory.clone();
    }
    if let Some(url) = &cli.place.database_url {
        config.database_url = Some(url.clone()).filter(|it| !it.is_empty());
        if let Some(mistake) =
            config.database_url.as_deref().and_then(crate::config::wrong_database)
        {
            return Err(vec![mistake]);
        }
    }
    let place = &cli.place;
    if matches!(cli.command, Command::Serve { sandbox: true, .. })
        && (place.data_dir.is_some() || place.database_url.is_some())
    {
        let mistake =
            "--sandbox makes a register of its own: leave --data-dir and --database-url out";
        return Err(vec![mistake.to_owned()]);
    }
    if let Command::Demo { listen: Some(text), .. } | Command::Serve { listen: Some(text), .. } =
        &cli.command
    {
        config.listen =
            text.parse().map_err(|_| vec![format!("--listen {text}: not an address and port")])?;
    }
    Ok(config)
}

async fn run(command: Command, config: Config) -> Result<ExitCode, Error> {
    match command {
        Command::Demo { no_serve, .. } => command::demo::run(config, !no_serve).await?,
        Command::Serve { sandbox: true, .. } => command::sandbox::run(config).await?,
        Command::Serve { .. } => command::serve::run(config).await?,
        Command::Migrate => command::migrate::run(config).await?,
        Command::Ingest { files, agency, mapping, form, complete, workbook, report } => {
            let order = ingest::Order { files, agency, mapping, form, complete, workbook };
            return ingest::run(config, order, report.report).await;
        }
        Command::Link { everything, report } => {
            command::link::run(config, everything, report.report).await?;
        }
        Command::LinkFile { print_settings: Some(name), .. } => link_file::print_settings(&name)?,
        Command::LinkFile { a, b, settings, out, truth, id, report, .. } => {
            let a = a.expect("clap asks for it");
            let order = link_file::Order { settings, a, b, out, truth, id };
            link_file::run(order, report.report)?;
        }
        Command::Model { order, report } => model::run(config, order, report.report).await?,
        Command::Financing { order, report } => {
            financing::run(config, order, report.report).await?;
        }
        Command::Evaluate { truth, mistakes, report } => {
            command::evaluate::run(config, &truth, &mistakes, report.report).await?;
        }
        Command::Export { table, format } => export::run(config, table, format).await?,
        Command::Form { code } => form::run(&config, code.as_deref())?,
        Command::Audit { order } => return audit::run(config, order).await,
        Command::Receipt { order } => return receipt::run(&config, order),
        Command::Rights { order } => rights::run(config, order).await?,
        Command::SubjectReport(asked) => subject_report::run(config, asked).await?,
        Command::Schema { subgraph } => command::schema::run(subgraph)?,
        Command::Config => command::print(crate::config::DEFAULTS)?,
        Command::Source { verb } => return source::run(config, verb).await,
        Command::User { order } => user::run(config, order).await?,
        Command::Client { order } => client::run(config, order).await?,
        Command::Webhook { order } => webhook::run(config, order).await?,
        Command::Document { order } => document::run(&config, order)?,
        Command::Key { order } => key::run(config, order).await?,
        Command::Token { role, agency, institution, person, subject } => {
            command::token::run(config, role, agency, institution, person, subject)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}
