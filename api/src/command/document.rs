//! `tunggal document`: the documents that clients are held to.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use clap::Subcommand;
use serde::Deserialize;

use crate::config::Config;
use crate::error::Error;
use crate::graphql::limits;
use crate::service::documents::{Trusted, digest};

/// What is done with trusted documents.
#[derive(Subcommand)]
pub enum Order {
    /// Holds a client to a list of documents, or adds to its list. Running nodes know within a second.
    #[command(after_help = "Example: tunggal document add bjb-nightly queries/*.graphql")]
    Add {
        /// The name the client signs in with, or the client that its tokens name.
        client: String,
        /// A document each, or a manifest (.json): `operations` that each have a `body`, or documents by
        /// their digest.
        #[arg(required = true)]
        files: Vec<PathBuf>,
    },
    /// Lists who is held to what.
    List {
        /// Only this client.
        client: Option<String>,
    },
    /// Takes documents off a client's list. One that has none left may ask nothing.
    Remove {
        /// The name of the client.
        client: String,
        /// The documents' digests, or their beginnings.
        #[arg(required = true)]
        digests: Vec<String>,
    },
    /// Lets a client ask with any document again.
    Free {
        /// The name of the client.
        client: String,
    },
}

/// A list of documents as build tools of clients write it.
#[derive(Deserialize)]
#[serde(untagged)]
enum Manifest {
    /// As Apollo's `generate-persisted-query-manifest` does.
    Operations { operations: Vec<Operation> },
    /// As graphql-codegen does. Their digests are made again here.
    ByDigest(BTreeMap<String, String>),
}

#[derive(Deserialize)]
struct Operation {
    body: String,
}

/// Does it.
pub fn run(config: &Config, order: Order) -> Result<(), Error> {
    let file = config.trusted_documents_file();
    let mut trusted = Trusted::read(&file)?;
    let told = match order {
        Order::List { client } => return list(&trusted, client.as_deref()),
        Order::Add { client, files } => {
            let documents = trusted.clients.entry(client.clone()).or_default();
            for path in &files {
                for document in read(config, path)? {
                    documents.insert(digest(&document), document);
                }
            }
            held(&client, documents.len())
        }
        Order::Remove { client, digests } => {
            let documents = trusted.clients.get_mut(&client).ok_or(NO_LIST)?;
            for beginning in digests {
                let found: Vec<String> =
                    documents.keys().filter(|it| it.starts_with(&beginning)).cloned().collect();
                match found.as_slice() {
                    [one] => documents.remove(one),
                    _ => return Err(Error::NotFound { noun: "trusted document" }),
                };
            }
            held(&client, documents.len())
        }
        Order::Free { client } => {
            trusted.clients.remove(&client).ok_or(NO_LIST)?;
            format!("{client}: any document\n")
        }
    };
    if let Some(directory) = file.parent() {
        std::fs::create_dir_all(directory)?;
    }
    trusted.write(&file)?;
    super::print(&told)
}

fn held(client: &str, documents: usize) -> String {
    format!("{client}: {documents} documents\n")
}

const NO_LIST: Error = Error::NotFound { noun: "client with a list of documents" };

/// The documents in a file, each within the limits.
fn read(config: &Config, path: &Path) -> Result<Vec<String>, Error> {
    let text = std::fs::read_to_string(path)?;
    let documents: Vec<String> = if path.extension().is_some_and(|it| it == "json") {
        let manifest: Manifest = serde_json::from_str(&text)
            .map_err(|it| Error::invalid("files", format!("{}: {it}", path.display())))?;
        match manifest {
            Manifest::Operations { operations } => {
                operations.into_iter().map(|it| it.body).collect()
            }
            Manifest::ByDigest(documents) => documents.into_values().collect(),
        }
    } else {
        vec![text]
    };
    let documents = documents.into_iter().map(|it| it.trim().to_owned());
    documents
        .map(|document| {
            let wrong =
                |reason: String| Error::invalid("files", format!("{}: {reason}", path.display()));
            limits::check(&document, &config.limits.document).map_err(|it| wrong(it.message))?;
            async_graphql::parser::parse_query(&document).map_err(|it| wrong(it.to_string()))?;
            Ok(document)
        })
        .collect()
}

fn list(trusted: &Trusted, client: Option<&str>) -> Result<(), Error> {
    let mut lines = String::new();
    for (name, documents) in &trusted.clients {
        if client.is_some_and(|it| it != name) {
            continue;
        }
        lines += &held(name, documents.len());
        for (digest, document) in documents {
            let begins: String = document.split_whitespace().collect::<Vec<_>>().join(" ");
            let begins: String = begins.chars().take(72).collect();
            lines += &format!("  {digest}  {begins}\n");
        }
    }
    super::print(&lines)
}
