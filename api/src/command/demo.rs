//! `tunggal demo`: the bundled sample city, from an empty directory to a served register.

use std::net::TcpListener;
use std::process::Command;
use std::time::Instant;

use domain::agency::AgencyCode;
use domain::consent::Channel;
use domain::enterprise::Attribute;
use domain::id::OwnerId;
use domain::purpose::Purpose;
use domain::viewer::{Role, Scope, Viewer};
use rust_embed::RustEmbed;

use super::{progress, serve, token};
use crate::app::App;
use crate::clock;
use crate::config::Config;
use crate::error::Error;
use crate::service;
use crate::service::consents::{self, Agreement, Subject};
use crate::service::ingest::{Options, Receipt};
use crate::store::slice::Slice;

/// The synthetic city's sheets, each named after the agency that sends it.
#[derive(RustEmbed)]
#[folder = "../sample/"]
struct Sample;

/// The text that the invented owners were told.
const TEXT_VERSION: &str = "contoh-bjb-1";
const TEXT: &str = "Saya setuju Bank BJB membaca data usaha saya yang disebut di bawah ini dari basis data \
     tunggal UMKM Kota Serang, hanya untuk menilai pembiayaan, sampai tanggal yang disebut. Persetujuan ini dapat \
     saya tarik kapan saja. (Data contoh.)";
/// What they agreed to.
const FINANCING_FIELDS: [Attribute; 9] = [
    Attribute::BusinessName,
    Attribute::Trade,
    Attribute::Kbli,
    Attribute::Kecamatan,
    Attribute::Nib,
    Attribute::OwnerName,
    Attribute::Phone,
    Attribute::AnnualSales,
    Attribute::Capital,
];
/// How many of them.
const AGREED: u64 = 24;

/// Three queries that show what the register is for.
const QUERIES: [(&str, &str); 3] = [
    (
        "How many enterprises really, and where (any role, even without a token)",
        "{ statistics { sourceRecords enterprises byKecamatan { label count } } }",
    ),
    (
        "Whatever the spelling (steward)",
        "{ enterprises(search: \"sate bandeng\", first: 5) { totalCount nodes { id name { value } kelurahan { value { name } } } } }",
    ),
    (
        "Where every value comes from (steward)",
        "{ enterprises(first: 1) { nodes { phone { value disputed provenance { agency recordedOn } alternatives { value } } } } }",
    ),
];

/// Imports, links and, unless told not to, serves the sample.
pub async fn run(mut config: Config, then_serve: bool) -> Result<(), Error> {
    if !then_serve {
        return prepare(config).await;
    }
    config.graphiql = true;
    config.embedded_issuer = true;
    // Bound before the work, so that a port in use is known at once.
    let listener = serve::bind(&config)?;
    prepare_apart(&config)?;
    let app = App::start(config).await?;
    super::print(&welcome(&app, &listener).await?)?;
    serve::serve(app, listener).await
}

/// Prepares the sample in a process of its own: linking takes several times the memory that serving
/// does, and only a process that ends gives all of it back.
fn prepare_apart(config: &Config) -> Result<(), Error> {
    let mut command = Command::new(std::env::current_exe()?);
    command.args(["demo", "--no-serve", "--data-dir"]).arg(&config.data_dir);
    command.arg("--database-url").arg(config.database_url.as_deref().unwrap_or_default());
    if command.status()?.success() {
        return Ok(());
    }
    Err(Error::Conflict("the sample could not be prepared; see above".into()))
}

async fn prepare(config: Config) -> Result<(), Error> {
    let started = Instant::now();
    let app = App::start(config).await?;
    if app.store.is_empty().await? {
        app.store.set_setting("synthetic", "true").await?;
    }
    let shown = progress::show(&app);
    let mut taken = Vec::new();
    for name in Sample::iter() {
        let Some((agency, "csv" | "xlsx")) = name.rsplit_once('.') else { continue };
        let agency = AgencyCode::parse(agency).map_err(Error::internal)?;
        let Some(file) = Sample::get(&name) else { continue };
        let copy = tempfile::NamedTempFile::new()?;
        std::fs::write(copy.path(), &file.data)?;
        let by = super::ingest::at_terminal(&agency);
        let options = Options { synthetic: true, ..Options::default() };
        let receipt =
            service::ingest::receive(&app, &by, &agency, copy.path(), &name, options).await?;
        taken.push((agency, receipt));
    }
    let found = service::link::link(&app).await?;
    let agreed = agree(&app).await?;
    drop(shown);
    super::print(&summary(&app, &taken).await?)?;
    super::print_line(&format!(
        "\n{} records are {} enterprises: {} records are duplicates of another.\n\
         {} pairs are doubtful and wait for a person.\n\
         {agreed} owners agreed, in this invented city, that the lender bjb reads what it needs for financing.\n\
         Ready in {:.1} s.",
        found.records,
        found.enterprises,
        found.duplicates,
        found.review_pairs,
        started.elapsed().as_secs_f64(),
    ))
}

/// Consents of a few invented owners, so that a lender finds something: once, and only in a synthetic
/// register.
async fn agree(app: &App) -> Result<usize, Error> {
    let synthetic = app.store.setting("synthetic").await?.as_deref() == Some("true");
    if !synthetic || app.store.consent_text(TEXT_VERSION).await?.is_some() {
        return Ok(0);
    }
    let by = Viewer { subject: "steward@demo".into(), role: Role::Steward, ..Viewer::public() };
    consents::add_text(app, &by, TEXT_VERSION, TEXT).await?;
    let fields = FINANCING_FIELDS.into();
    let agreement = Agreement {
        subject: Subject::default(),
        institution: "bjb".to_owned(),
        purpose: Purpose::Financing,
        fields,
        text_version: TEXT_VERSION.to_owned(),
        channel: Channel::Paper,
        evidence: "data contoh: persetujuan rekaan".to_owned(),
        reference: None,
        expires_at: clock::now() + chrono::TimeDelta::days(365),
    };
    let slice =
        Slice { descending: false, after: None, before: None, limit: AGREED, backwards: false };
    let (owners, _) = app.store.owner_page(&Scope::All, false, &slice).await?;
    for owner in &owners {
        let subject = Subject { owner: Some(OwnerId(owner.id)), enterprise: None };
        consents::give(app, &by, Agreement { subject, ..agreement.clone() }).await?;
    }
    Ok(owners.len())
}

async fn summary(app: &App, taken: &[(AgencyCode, Receipt)]) -> Result<String, Error> {
    let mut text = format!(
        "{:24} {:>8} {:>9} {:>8} {:>9}\n",
        "agency", "rows", "accepted", "warned", "rejected"
    );
    for (agency, receipt) in taken {
        let it = &receipt.counts;
        text += &format!(
            "{:24} {:>8} {:>9} {:>8} {:>9}\n",
            agency.as_str(),
            it.rows - it.structural,
            it.accepted,
            it.warned,
            it.rejected
        );
    }
    let reasons = app.store.rejection_reasons().await?;
    if !reasons.is_empty() {
        text += "\nrows rejected, by reason:\n";
        for (code, rows) in reasons {
            text += &format!("{rows:>8}  {code}\n");
        }
    }
    Ok(text)
}

async fn welcome(app: &App, listener: &TcpListener) -> Result<String, Error> {
    let address = listener.local_addr()?;
    let mut text = format!(
        "\nGraphiQL: http://{address}/graphiql/\n\nTokens (header Authorization: Bearer ...):\n"
    );
    for role in Role::ALL.iter().filter(|it| **it != Role::Public) {
        if let Some(token) = token::sample(app, *role).await? {
            text += &format!("  {:16} {token}\n", role.code());
        }
    }
    text += "\nTry:\n";
    for (title, query) in QUERIES {
        text += &format!("  # {title}\n  {query}\n");
    }
    Ok(text)
}
