//! `tunggal receipt`: what an answer disclosed, checked without the hub.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use clap::Subcommand;
use evidence::receipt::{digest_of, verify};
use evidence::{Hash, Proof, Receipt};
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
        /// The answer as it came, with its receipt: it was asked for with `extensions: {"receipt": true}`. Or a
        /// file, as it came.
        answer: PathBuf,
        /// The receipt of a file: what came with it in the header `Tunggal-Receipt`.
        #[arg(long, value_name = "FILE")]
        receipt: Option<PathBuf>,
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
    let Order::Verify { answer, receipt, proof, key } = order;
    let key = match key {
        Some(text) => read_key(&text)?,
        None => checkpoints::public_key(&config.data_dir)?,
    };
    let (receipt, data) = match receipt {
        Some(receipt) => {
            let bytes = std::fs::read(&answer).map_err(|_| unreadable("answer", &answer))?;
            (of_header(&receipt)?, Hash::of(&[&bytes]))
        }
        None => {
            let what = "an answer with a receipt, as the hub gave it";
            let answer: Answer = read("answer", &answer, what)?;
            (answer.extensions.receipt.receipt, digest_of(&answer.data))
        }
    };
    let proof: Proof = read("proof", &proof, "a proof, as the hub gave it")?;
    if let Err(reason) = verify(&receipt, data, &proof, &key) {
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

/// A receipt as it stands in the header.
fn of_header(path: &Path) -> Result<Receipt, Error> {
    let text = std::fs::read_to_string(path).map_err(|_| unreadable("receipt", path))?;
    let given = URL_SAFE_NO_PAD.decode(text.trim()).ok();
    let given = given.and_then(|it| serde_json::from_slice::<Given>(&it).ok());
    let wrong = || format!("{} is not what came in the header Tunggal-Receipt", path.display());
    given.map(|it| it.receipt).ok_or_else(|| Error::invalid("receipt", wrong()))
}

fn unreadable(field: &'static str, path: &Path) -> Error {
    Error::invalid(field, format!("{} cannot be read", path.display()))
}

fn read<T: for<'a> Deserialize<'a>>(
    field: &'static str,
    path: &Path,
    what: &str,
) -> Result<T, Error> {
    let text = std::fs::read_to_string(path).map_err(|_| unreadable(field, path))?;
    let wrong = |_| Error::invalid(field, format!("{} is not {what}", path.display()));
    serde_json::from_str(&text).map_err(wrong)
}
