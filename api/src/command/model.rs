//! `tunggal model`: what another model would change, making it the one that links, and the models there are.

use std::time::Instant;

use clap::{Args, Subcommand};
use domain::id::ModelId;
use domain::viewer::{Role, Viewer};
use serde::Serialize;

use super::report;
use crate::app::App;
use crate::config::Config;
use crate::error::Error;
use crate::service::models::{self, Change};
use crate::store::slice::Slice;

/// What is done with models.
#[derive(Subcommand)]
pub enum Order {
    /// Says what another model would merge, split and touch, and keeps it to be activated.
    #[command(after_help = "Example: tunggal model preview --set target_precision=0.99")]
    Preview(Preview),
    /// Links everything under a previewed model; ids are handed on and decisions bind.
    #[command(after_help = "Example: tunggal model activate mdl_0f3c...")]
    Activate {
        /// The model's id, as `preview` and `list` print it.
        #[arg(value_parser = model)]
        id: ModelId,
    },
    /// Lists the models, the newest first.
    List,
}

/// How the model differs.
#[derive(Args)]
pub struct Preview {
    /// The model to start from [default: the active one].
    #[arg(long, value_parser = model)]
    from: Option<ModelId>,
    /// A setting with a new value, NAME=VALUE; estimates anew. May be given several times.
    #[arg(long = "set", value_name = "NAME=VALUE", value_parser = setting)]
    settings: Vec<(String, serde_json::Value)>,
    /// Estimate anew from the current records, even with the same settings.
    #[arg(long)]
    estimate: bool,
    /// Bits from which a pair is linked without a person's word.
    #[arg(long, allow_negative_numbers = true)]
    link_bits: Option<f64>,
    /// Bits from which a pair is put to a person.
    #[arg(long, allow_negative_numbers = true)]
    review_bits: Option<f64>,
}

/// A model as `list` tells of it.
#[derive(Serialize)]
struct Listed {
    id: String,
    version: i32,
    active: bool,
    created_at: chrono::DateTime<chrono::Utc>,
    link_bits: f64,
    review_bits: f64,
    expected_precision: f64,
    converged: bool,
}

#[derive(Serialize)]
struct Previewed {
    id: String,
    #[serde(flatten)]
    preview: models::Preview,
}

fn model(text: &str) -> Result<ModelId, String> {
    text.parse().map_err(|it: domain::id::IdError| it.to_string())
}

fn setting(text: &str) -> Result<(String, serde_json::Value), String> {
    let (name, value) = text.split_once('=').ok_or("write it as NAME=VALUE")?;
    let value = serde_json::from_str(value).map_err(|_| "the value is not JSON")?;
    Ok((name.to_owned(), value))
}

/// Does what is ordered with models and says what came of it.
pub async fn run(
    config: Config,
    order: Order,
    format: Option<report::Format>,
) -> Result<(), Error> {
    let started = Instant::now();
    let app = App::start(config).await?;
    match order {
        Order::Preview(it) => preview(&app, it, format, started).await,
        Order::Activate { id } => {
            let done = models::activate(&app, None, id).await?;
            let changed = models::outcome(&app, done.run).await?;
            if format.is_some() {
                return report::print("model activate", &done, started);
            }
            super::print_line(&format!(
                "{id} links now: {} enterprises; {} ids merged into others, {} split off, {} touched.",
                done.report.enterprises,
                changed.merged.len(),
                changed.split.len(),
                changed.touched.len(),
            ))
        }
        Order::List => list(&app, format, started).await,
    }
}

async fn preview(
    app: &App,
    order: Preview,
    format: Option<report::Format>,
    started: Instant,
) -> Result<(), Error> {
    let by = Viewer {
        subject: "command line".to_owned(),
        role: Role::Administrator,
        ..Viewer::public()
    };
    let Preview { from, settings, estimate: train, link_bits, review_bits } = order;
    let change = Change { from, settings, train, link_bits, review_bits };
    let (id, found) = models::preview(app, &by, change).await?;
    if format.is_some() {
        let found = Previewed { id: id.to_string(), preview: found };
        return report::print("model preview", &found, started);
    }
    let text = format!(
        "{id} would make {} enterprises of what are {}: {} ids merged into others, {} split off, {} touched; \
         {} pairs would wait for a person.\nNothing is changed yet: tunggal model activate {id}",
        found.enterprises_then,
        found.enterprises_now,
        found.merged,
        found.split,
        found.touched,
        found.review_pairs,
    );
    super::print_line(&text)
}

async fn list(app: &App, format: Option<report::Format>, started: Instant) -> Result<(), Error> {
    let slice =
        Slice { descending: true, after: None, before: None, limit: 1_000, backwards: false };
    let (rows, _) = app.store.model_page(&slice).await?;
    let mut listed = vec![];
    let mut lines = String::new();
    for row in rows {
        let id = ModelId(row.id);
        let Some(model) = app.store.model(id).await? else { continue };
        lines += &format!(
            "{} version {}  {id}  links from {:.1} bits, asks from {:.1} bits, expects precision {:.4}. {}\n",
            if row.active { "*" } else { " " },
            row.version,
            model.link_bits,
            model.review_bits,
            model.expected_precision,
            models::statement(&model),
        );
        listed.push(Listed {
            id: id.to_string(),
            version: row.version,
            active: row.active,
            created_at: row.created_at,
            link_bits: model.link_bits,
            review_bits: model.review_bits,
            expected_precision: model.expected_precision,
            converged: model.converged,
        });
    }
    match format {
        Some(_) => report::print("model list", &serde_json::json!({ "models": listed }), started),
        None => super::print(&lines),
    }
}
