//! `tunggal receipt`: what an answer disclosed, checked without the hub.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Subcommand;
use evidence::receipt::verify;
use evidence::{Proof, Receipt};
use serde::Deserialize;
use serde_json::Value;

use crate::command::audit::read_key;
use crate::config::Config;
use crate::error::Error;
use crate::service::checkpoints;

/// What is done with receipts.
#[derive(Debug, Subcommand)]
pub enum Order {
    /// Tells whether an answer is what the hub gave, and whether its log holds it to that. Neither the hub nor its
    /// register is asked. Exit code 1: it is not.
    #[command(
        after_help = "Example: tunggal receipt verify answer.json --proof proof.json --key KEY"
    )]
    Verify {
        /// The answer as it came, with its receipt: it was asked for with `extensions: {"receipt": true}`.
        answer: PathBuf,
        /// The proof, as `GET /receipts/ENTRY` gave it.
        #[arg(long, value_name = "FILE")]
        proof: PathBuf,
        /// The public key as `tunggal audit key` prints it, or a file that holds it [default: that of the
        /// data directory].
        #[arg(long, value_name = "KEY")]
        key: Option<String>,
    },
}

#[derive(Deserialize)]
struct Answer {
    data: Value,
    extensions: Extensions,
}

#[derive(Deserialize)]
struct Extensions {
    receipt: Given,
}

#[derive(Deserialize)]
struct Given {
    receipt: Receipt,
}

/// Does what is ordered.
pub fn run(config: &Config, order: Order) -> Result<ExitCode, Error> {
    let Order::Verify { answer, proof, key } = order;
    let key = match key {
        Some(text) => read_key(&text)?,
        None => checkpoints::public_key(&config.data_dir)?,
    };
    let answer: Answer = read("answer", &answer, "an answer with a receipt, as the hub gave it")?;
    let proof: Proof = read("proof", &proof, "a proof, as the hub gave it")?;
    let receipt = answer.extensions.receipt.receipt;
    if let Err(reason) = verify(&receipt, &answer.data, &proof, &key) {
        super::print_line(&format!("the receipt does NOT hold: {reason}"))?;
        return Ok(ExitCode::FAILURE);
    }
    let act = &proof.entry.act;
    super::print_line(&format!(
        "the receipt holds: entry {} of the log of {}, request {}, {} for {} as {}, {} consents, rules {}",
        proof.entry.seq,
        receipt.installation,
        receipt.request,
        receipt.operation,
        act.subject,
        act.purpose,
        receipt.consents.len(),
        receipt.rules,
    ))?;
    Ok(ExitCode::SUCCESS)
}

fn read<T: for<'a> Deserialize<'a>>(
    field: &'static str,
    path: &Path,
    what: &str,
) -> Result<T, Error> {
    let named = |it: &str| Error::invalid(field, format!("{} {it}", path.display()));
    let text = std::fs::read_to_string(path).map_err(|_| named("cannot be read"))?;
    serde_json::from_str(&text).map_err(|_| named(&format!("is not {what}")))
}
