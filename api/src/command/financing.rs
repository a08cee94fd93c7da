//! `tunggal financing`: the city's own rule files, checked, and previewed on the whole register.

use std::fmt::Write;
use std::path::PathBuf;
use std::time::Instant;

use chrono::NaiveDate;
use clap::Subcommand;
use financing::compare::{Change, Comparison, Reason};
use financing::logic::Truth;
use financing::verdict::{Status, Verdict};
use serde_json::{Value, json};

use super::report;
use crate::app::App;
use crate::config::Config;
use crate::error::Error;
use crate::service::financing::preview::preview;
use crate::service::financing::rules;
use crate::service::financing::standing::today;

/// What is done with files of programmes.
#[derive(Subcommand)]
pub enum Order {
    /// Reads files of programmes and tells every mistake with file and line; needs no register.
    #[command(after_help = "Example: tunggal financing check kota-serang/program")]
    Check {
        /// The directory with the files.
        directory: PathBuf,
    },
    /// Says who would get another status or ceiling by other files, and why; changes nothing.
    #[command(
        after_help = "Example: tunggal financing preview kota-serang/program --as-of 2027-01-01"
    )]
    Preview {
        /// The directory with the files.
        directory: PathBuf,
        /// The day whose rules are compared [default: today].
        #[arg(long, value_name = "DAY")]
        as_of: Option<NaiveDate>,
        /// How many changes are listed one by one.
        #[arg(long, default_value_t = 50)]
        list: usize,
    },
}

/// Does what is ordered.
pub async fn run(
    config: Config,
    order: Order,
    format: Option<report::Format>,
) -> Result<(), Error> {
    let started = Instant::now();
    match order {
        Order::Check { directory } => {
            let read = rules::read(&directory)?;
            super::print_line(&format!(
                "{} programmes, {} rules, {} papers: nothing is wrong with them. Fingerprint {}.",
                read.programmes().len(),
                read.rules().len(),
                read.papers().len(),
                read.fingerprint(),
            ))
        }
        Order::Preview { directory, as_of, list } => {
            let on = as_of.unwrap_or_else(today);
            let app = App::start(config).await?;
            let found = preview(&app, &directory, on, list).await?;
            match format {
                Some(_) => report::print("financing preview", &as_json(&found), started),
                None => super::print(&as_text(&found, on)),
            }
        }
    }
}

fn status(it: Option<Status>) -> &'static str {
    it.map_or("not_in_force", Status::code)
}

fn truth(it: Option<Truth>) -> &'static str {
    it.map_or("no_such_rule", Truth::code)
}

fn amount(it: Option<Verdict>) -> String {
    let ceiling = it.and_then(|it| it.ceiling);
    let ceiling = ceiling.map_or_else(String::new, |it| format!(" up to Rp{}", it.0));
    format!("{}{ceiling}", status(it.map(|it| it.status)))
}

fn as_text(found: &Comparison, on: NaiveDate) -> String {
    let mut text = format!(
        "Rules of {on}: {} of {} enterprises would change.\n",
        found.changed, found.enterprises
    );
    for (programme, it) in &found.programmes {
        let moves = it.moves.iter().filter(|it| it.0.0 != it.0.1);
        let moves: Vec<String> = moves
            .map(|((from, to), count)| format!("{count} {} -> {}", status(*from), status(*to)))
            .collect();
        if moves.is_empty() && it.higher + it.lower == 0 {
            continue;
        }
        let moves =
            if moves.is_empty() { "no status changes".to_owned() } else { moves.join(", ") };
        let _ = writeln!(
            text,
            "{programme}: {moves}; {} get a higher ceiling, {} a lower one",
            it.higher, it.lower
        );
        for (reason, count) in &it.reasons {
            let Reason { rule, before, after } = reason;
            let _ =
                writeln!(text, "    {count} by {rule}: {} -> {}", truth(*before), truth(*after));
        }
    }
    for Change { enterprise, programme, before, after, because } in &found.list {
        let because: Vec<&str> = because.iter().map(|it| it.rule.as_str()).collect();
        let _ = writeln!(
            text,
            "{enterprise} {programme}: {} -> {} ({})",
            amount(*before),
            amount(*after),
            because.join(", ")
        );
    }
    if 0 < found.unlisted {
        let _ = writeln!(text, "and {} more; --list shows more of them", found.unlisted);
    }
    text
}

fn as_json(found: &Comparison) -> Value {
    let programmes = found.programmes.iter().map(|(programme, it)| {
        let moves = it.moves.iter();
        let moves = moves.map(|((from, to), count)| {
            json!({ "from": status(*from), "to": status(*to), "enterprises": count })
        });
        let reasons = it.reasons.iter().map(|(it, count)| {
            json!({ "rule": it.rule, "from": truth(it.before), "to": truth(it.after),
                    "enterprises": count })
        });
        json!({ "programme": programme, "moves": moves.collect::<Vec<_>>(),
                "reasons": reasons.collect::<Vec<_>>(), "higher": it.higher, "lower": it.lower })
    });
    let list = found.list.iter().map(|it| {
        let rules: Vec<&str> = it.because.iter().map(|it| it.rule.as_str()).collect();
        json!({ "enterprise": it.enterprise.to_string(), "programme": it.programme,
                "from": status(it.before.map(|it| it.status)),
                "to": status(it.after.map(|it| it.status)), "because": rules })
    });
    json!({ "enterprises": found.enterprises, "changed": found.changed,
            "programmes": programmes.collect::<Vec<_>>(), "list": list.collect::<Vec<_>>(),
            "unlisted": found.unlisted })
}
