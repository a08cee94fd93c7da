//! How many rows a second lists leave as files, and in how much memory: `cargo bench -p tests --bench export --
//! CITY [CONSENTS]`.
//!
//! CITY is a directory made by `make_city`; its rows are taken and linked into an embedded register beside it the
//! first time, and the owners of CONSENTS of its enterprises (20,000 unless you say otherwise) agree to a bank's
//! reading. Then a steward takes the whole list in parts of 20,000, and the bank its financing view, in each form,
//! cut, written down and with a receipt. Prints one line of JSON for each: rows, rows a second, bytes of a row, and
//! by how much the most memory in use was above that at the beginning, in MB; the first run's includes linking.

mod city;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Instant;

use chrono::TimeDelta;
use domain::consent::Channel;
use domain::enterprise::Attribute;
use domain::id::EnterpriseId;
use domain::purpose::Purpose;
use domain::viewer::{Role, Viewer};
use tabular::Form;
use tunggal::app::App;
use tunggal::clock;
use tunggal::config::Config;
use tunggal::error::Error;
use tunggal::service::access::Stated;
use tunggal::service::consents::{self, Agreement, Subject};
use tunggal::service::exports::{self, MOST, Part};
use tunggal::service::financing::standing;
use tunggal::service::financing::view::Asked;
use tunggal::service::link::link;
use tunggal::store::enterprises::EnterpriseFilter;
use tunggal::store::financing::StandingFilter;

use crate::city::{Failure, rows, take};

/// That of the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const FORMS: [(&str, Form); 4] = [
    ("csv", Form::Csv),
    ("jsonl", Form::JsonLines),
    ("xlsx", Form::Xlsx),
    ("parquet", Form::Parquet),
];

fn main() -> Result<(), Failure> {
    let mut arguments = std::env::args().skip(1).filter(|it| it != "--bench");
    let city = PathBuf::from(arguments.next().ok_or("which city? See the head of this file")?);
    let consents = arguments.next().map_or(Ok(20_000), |it| it.parse())?;
    tokio::runtime::Runtime::new()?.block_on(measure(&city, consents))
}

async fn measure(city: &Path, consents: usize) -> Result<(), Failure> {
    let defaults = Config::load(None, &|_| None).map_err(|it| it.join("; "))?;
    let app = App::start(Config { data_dir: city.join("exported"), ..defaults }).await?;
    if app.store.is_empty().await? {
        take(&app, &rows(city)?).await?;
        link(&app).await?;
        standing::renew(&app).await?;
        agree(&app, consents).await?;
    }
    let steward = Viewer { subject: "bench".into(), role: Role::Steward, ..Viewer::public() };
    for (name, form) in FORMS {
        let whole = whole("enterprises", name, async |after| {
            let filter = EnterpriseFilter::default();
            let asked = exports::enterprises::Asked {
                form,
                national: None,
                filter,
                search: None,
                after,
                limit: MOST,
            };
            let stated = Stated::usual(&steward, "0f0f0f0f0f0f0f0f");
            exports::enterprises::enterprises(&app, &steward, stated, asked).await
        });
        whole.await?;
    }
    let bank = Viewer {
        subject: "bench".into(),
        role: Role::Lender,
        institution: Some("bjb".into()),
        ..Viewer::public()
    };
    for (name, form) in FORMS {
        let whole = whole("financing", name, async |after| {
            let filter = StandingFilter::default();
            let programme = "kur_micro".to_owned();
            let asked =
                Asked { programme, filter, reference: None, after, limit: MOST, total: false };
            let stated = Stated::usual(&bank, "0f0f0f0f0f0f0f0f");
            exports::financing::financing(&app, &bank, stated, form, asked, None).await
        });
        whole.await?;
    }
    Ok(())
}

/// Takes all parts of a list.
async fn whole(
    list: &str,
    form: &str,
    part: impl AsyncFn(Option<String>) -> Result<Part, Error>,
) -> Result<(), Failure> {
    std::fs::write("/proc/self/clear_refs", "5")?;
    let (before, started) = (memory_mb("VmHWM:")?, Instant::now());
    let (mut count, mut bytes, mut parts, mut after) = (0, 0, 0, None);
    loop {
        let taken = part(after).await?;
        count += taken.rows;
        bytes += taken.bytes.len();
        parts += 1;
        after = taken.next;
        if after.is_none() {
            break;
        }
    }
    let per_second = count as f64 / started.elapsed().as_secs_f64();
    let above = memory_mb("VmHWM:")? - before;
    Ok(writeln!(
        std::io::stdout(),
        "{{\"list\":\"{list}\",\"form\":\"{form}\",\"rows\":{count},\"parts\":{parts},\
         \"rows_per_second\":{per_second:.0},\"bytes_per_row\":{},\"memory_before_mb\":{before:.0},\
         \"memory_above_mb\":{above:.0}}}",
        bytes / count.max(1)
    )?)
}

/// Owners agree to everything that a bank can see, where an enterprise has one.
async fn agree(app: &App, most: usize) -> Result<(), Failure> {
    let steward = Viewer { subject: "bench".into(), role: Role::Steward, ..Viewer::public() };
    consents::add_text(app, &steward, "uji-1", "Saya setuju data usaha ini dibaca bank.").await?;
    let mut ids: Vec<EnterpriseId> =
        app.store.members().await?.values().map(|it| it.enterprise).collect();
    ids.sort();
    ids.dedup();
    for id in ids.into_iter().take(most) {
        let given = Agreement {
            subject: Subject { owner: None, enterprise: Some(id) },
            institution: "bjb".into(),
            purpose: Purpose::Financing,
            fields: Attribute::ALL.iter().copied().collect(),
            text_version: "uji-1".into(),
            channel: Channel::Paper,
            evidence: "map 12/2026 lembar 4".into(),
            reference: None,
            expires_at: clock::now() + TimeDelta::days(365),
        };
        match consents::give(app, &steward, given).await {
            Ok(_) | Err(Error::InvalidInput { field: "owner", .. }) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

fn memory_mb(what: &str) -> Result<f64, Failure> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|it| it.strip_prefix(what)).ok_or("no such figure")?;
    Ok(line.trim().trim_end_matches(" kB").parse::<f64>()? / 1_024.0)
}
