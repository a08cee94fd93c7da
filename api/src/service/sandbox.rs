//! An invented city for a bank's contract tests: every case that a bank meets, under ids that are the same at every
//! start. docs/banking.md has the table.
//!
//! It is played in two acts. Where a cursor of the feed was given between them, whoever goes on from it is told of
//! everything that happens in the second.

use chrono::{DateTime, Datelike, TimeDelta, Utc};
use domain::agency::AgencyCode;
use domain::consent::{Channel, is_shown_at_all};
use domain::enterprise::Attribute;
use domain::id::{ConsentId, DecisionId, RecordId, RequestId};
use domain::purpose::Purpose;
use domain::viewer::{Role, Viewer};
use enumset::EnumSet;

use super::accounts;
use super::consents::{self, Agreement, Subject};
use super::decisions::{self, Answer};
use super::financing::{feed, standing};
use super::ingest::{self, Options};
use super::link;
use super::rights::{self, Asked, Kind};
use crate::app::App;
use crate::clock;
use crate::error::Error;
use crate::store::accounts::Standing;
use crate::store::decisions::Status;

/// The code of the invented institution, and its name.
pub const INSTITUTION: (&str, &str) = ("bank-contoh", "Bank Contoh (rekaan)");
/// The name of its client.
pub const CLIENT: &str = "bank-sandbox";

/// The rows of the city, each a scenario, without the day on which it was written down.
const CITY: &str = include_str!("sandbox/city.csv");
/// Whose list that is.
const AGENCY: &str = "kominfo";
/// The text that the invented owners were told.
const TEXT: &str = "Saya setuju Bank Contoh membaca data usaha saya dari basis data tunggal UMKM Kota Serang, hanya \
     untuk menilai pembiayaan. (Data rekaan untuk uji coba.)";
const TEXT_VERSION: &str = "sandbox-1";

/// What the owner of this row agreed to is a name and a telephone number alone.
const LITTLE: u32 = 8;
/// The owner of this row takes her consent back, and that of this one expires.
const WITHDRAWN: u32 = 9;
const EXPIRED: u32 = 11;
/// The owner of this row agrees in the second act; that of the one behind it never does.
const LATE: u32 = 19;

/// What a client needs to begin.
pub struct Door {
    /// Its secret.
    pub secret: String,
    /// For each programme the cursor between the two acts.
    pub cursors: Vec<(String, String)>,
}

/// Fills a new register. Fails with [`Error::Conflict`] on one that holds anything: this one is thrown away.
pub async fn prepare(app: &App) -> Result<Door, Error> {
    if !app.store.is_empty().await? {
        return Err(Error::Conflict("a sandbox is made in an empty register alone".to_owned()));
    }
    app.store.set_setting("synthetic", "true").await?;
    let standing = Standing {
        role: Role::Lender,
        agency: None,
        institution: Some(INSTITUTION.0.to_owned()),
        person: None,
    };
    let secret = accounts::add_client(app, CLIENT, standing, None, None).await?;
    let regretted = first_act(app).await?;
    let joined = same(app, 14, 15).await?;
    let (cursors, expiry) = cursors(app).await?;
    second_act(app, joined, regretted).await?;
    tokio::time::sleep((expiry - clock::now()).to_std().unwrap_or_default()).await;
    Ok(Door { secret, cursors })
}

/// The city as the client finds it first: most owners have agreed. Gives the consent that will be taken back.
async fn first_act(app: &App) -> Result<ConsentId, Error> {
    take(app, CITY.lines().skip(1)).await?;
    link::link(app).await?;
    consents::add_text(app, &steward("petugas"), TEXT_VERSION, TEXT).await?;
    let year = clock::now() + TimeDelta::days(365);
    for number in (1..LATE).filter(|it| ![WITHDRAWN, EXPIRED].contains(it)) {
        agree(app, number, year).await?;
    }
    agree(app, WITHDRAWN, year).await
}

/// What the client was told before the second act, and when the consent that is to expire does.
///
/// That holds for as short a time as telling takes: a second, or longer where the machine is slower.
async fn cursors(app: &App) -> Result<(Vec<(String, String)>, DateTime<Utc>), Error> {
    let mut seconds = 1;
    loop {
        let expiry = clock::now() + TimeDelta::seconds(seconds);
        agree(app, EXPIRED, expiry).await?;
        let mut cursors = vec![];
        for programme in app.rules.catalogue.on(standing::today()).versions {
            let programme = &programme.0.id;
            cursors.push((programme.clone(), drained(app, programme).await?));
        }
        if clock::now() < expiry {
            return Ok((cursors, expiry));
        }
        seconds *= 2;
    }
}

/// Everything that a client may meet between two nights.
async fn second_act(app: &App, joined: DecisionId, regretted: ConsentId) -> Result<(), Error> {
    let row = CITY.lines().find(|it| it.starts_with("S-18,")).unwrap_or_default();
    let moved = row.replace("081200000018", "081300000018").replace("95000000", "105000000");
    take(app, std::iter::once(moved.as_str())).await?;
    link::link(app).await?;
    same(app, 12, 13).await?;
    decisions::undo(app, &steward("walidata"), joined).await?;
    consents::withdraw(app, &owner(WITHDRAWN), regretted).await?;
    by_right(app, 17, Kind::Restriction).await?;
    by_right(app, 16, Kind::Erasure).await?;
    agree(app, LATE, clock::now() + TimeDelta::days(365)).await.map(drop)
}

/// The id of a row by its number.
fn record(number: u32) -> RecordId {
    RecordId::of_row(&agency(), &format!("number S-{number}"))
}

fn agency() -> AgencyCode {
    AgencyCode::parse(AGENCY).expect("it is an agency's code")
}

fn steward(name: &str) -> Viewer {
    Viewer { subject: format!("{name}@sandbox"), role: Role::Steward, ..Viewer::public() }
}

fn owner(number: u32) -> Viewer {
    let subject = format!("pemilik-{number}@sandbox");
    Viewer { subject, role: Role::Owner, person: Some(record(number)), ..Viewer::public() }
}

/// Who asks with the client's token.
fn client() -> Viewer {
    Viewer {
        subject: CLIENT.to_owned(),
        role: Role::Lender,
        institution: Some(INSTITUTION.0.to_owned()),
        client: Some(CLIENT.to_owned()),
        synthetic: true,
        ..Viewer::public()
    }
}

/// Takes rows as if they had been written down a month ago, so that figures are recent whichever day it is.
async fn take<'a>(app: &App, rows: impl Iterator<Item = &'a str>) -> Result<(), Error> {
    let day = standing::today() - TimeDelta::days(30);
    let day = format!("{:02}/{:02}/{}", day.day(), day.month(), day.year());
    let mut list = CITY.lines().next().unwrap_or_default().to_owned();
    for row in rows {
        list += &format!("\n{row}{day}");
    }
    let copy = tempfile::NamedTempFile::new()?;
    std::fs::write(copy.path(), list)?;
    let options = Options { synthetic: true, ..Options::default() };
    let by = Viewer {
        subject: "kominfo@sandbox".to_owned(),
        role: Role::AgencyOperator,
        agency: Some(agency()),
        ..Viewer::public()
    };
    ingest::receive(app, &by, &agency(), copy.path(), "kota-rekaan.csv", options).await?;
    Ok(())
}

async fn agree(app: &App, number: u32, expires_at: DateTime<Utc>) -> Result<ConsentId, Error> {
    let fields: EnumSet<Attribute> = match number {
        LITTLE => Attribute::BusinessName | Attribute::Phone,
        _ => Attribute::ALL.iter().copied().filter(|it| is_shown_at_all(*it)).collect(),
    };
    let agreement = Agreement {
        subject: Subject::default(),
        institution: INSTITUTION.0.to_owned(),
        purpose: Purpose::Financing,
        fields,
        text_version: TEXT_VERSION.to_owned(),
        channel: Channel::Herself,
        evidence: String::new(),
        reference: None,
        expires_at,
    };
    Ok(ConsentId(consents::give(app, &owner(number), agreement).await?.id))
}

/// Two rows are one enterprise, as two stewards say.
async fn same(app: &App, one: u32, other: u32) -> Result<DecisionId, Error> {
    let (first, second) = (steward("walidata"), steward("walidata-kedua"));
    let (one, other) = (record(one), record(other));
    let said = decisions::decide(app, &first, Answer::Same, one, other, "contoh penggabungan");
    let said = said.await?;
    if app.store.decision(said).await?.is_some_and(|it| it.status == Status::Pending) {
        decisions::approve(app, &second, said).await?;
    }
    Ok(said)
}

/// What a person asks for by right is carried out.
async fn by_right(app: &App, number: u32, kind: Kind) -> Result<(), Error> {
    let asked = Asked {
        kind,
        subject: Subject::default(),
        record: None,
        field: None,
        proposed: None,
        reason: "contoh permintaan".to_owned(),
    };
    let request = rights::ask(app, &owner(number), asked).await?;
    let id = RequestId(request.row.id);
    rights::settle(app, &steward("walidata"), id, true, "dikerjakan").await.map(drop)
}

/// The cursor behind all that the client can be told of a programme now.
async fn drained(app: &App, programme: &str) -> Result<String, Error> {
    let mut cursor = None;
    loop {
        let page = feed::changes(app, &client(), programme, cursor.as_deref(), 200).await?;
        if !page.more {
            return Ok(page.cursor);
        }
        cursor = Some(page.cursor);
    }
}
