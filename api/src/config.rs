//! Configuration: the defaults, over them `tunggal.toml`, over it the environment, over it the
//! command line. Every mistake is reported at once, each with the key it is in.

use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};

use domain::viewer::Role;
use ingest::national::NationalForm;
use ipnet::IpNet;

use crate::sealing::Secret;
use crate::sealing::ring::Source;
use crate::store::Location;

pub mod forms;
pub mod institutions;
pub mod limits;
pub mod oidc;
pub mod sources;

/// The commented file with every key and its default; `tunggal config` prints it.
pub const DEFAULTS: &str = include_str!("config.default.toml");

/// Every setting of the program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// Where the SQLite file and the signing key are kept.
    pub data_dir: PathBuf,
    /// A PostgreSQL URL; the embedded SQLite file without one.
    pub database_url: Option<String>,
    /// The file of the ring of data keys; the one beside the register without it.
    pub data_keys_file: Option<PathBuf>,
    /// The ring of data keys itself.
    pub data_keys: Option<Secret>,
    /// Address and port the server listens on.
    pub listen: SocketAddr,
    /// Whether `/graphiql` and introspection are open.
    pub graphiql: bool,
    /// The bounds of what the hub takes on.
    pub limits: limits::Limits,
    /// Whom the schema is told by introspection, besides everybody while `graphiql` is on.
    pub introspection: Vec<Role>,
    /// Origins whose pages may ask from a browser.
    pub cors_origins: Vec<String>,
    /// A file of certificates and one of their key, both PEM, with which the hub itself speaks TLS.
    pub tls: Option<(PathBuf, PathBuf)>,
    /// The file of the documents that clients are held to; the one beside the register without it.
    pub trusted_documents: Option<PathBuf>,
    /// The largest file that is taken, in bytes.
    pub upload_bytes: u64,
    /// Rows stored at once during an import.
    pub import_batch_rows: usize,
    /// Counts below this are not published (law 11).
    pub small_cell: u32,
    /// Who answers for the city's data.
    pub data_producer: String,
    /// Under which licence it is given.
    pub data_licence: String,
    /// Minutes between two checkpoints of the access log.
    pub checkpoint_minutes: u64,
    /// Entries of the access log after which a checkpoint is made at once.
    pub checkpoint_entries: u64,
    /// Where a file of each checkpoint is written.
    pub checkpoint_dir: Option<PathBuf>,
    /// Where each checkpoint is posted to.
    pub checkpoint_url: Option<String>,
    /// Seconds that running requests are given to finish at shutdown.
    pub shutdown_seconds: u64,
    /// Whether the hub issues tokens itself and takes those it issued.
    pub embedded_issuer: bool,
    /// To whom an owner may agree, and whose people and programs may sign in.
    pub institutions: institutions::Institutions,
    /// The OpenID provider whose tokens are taken as well, if there is one.
    pub oidc: Option<oidc::Oidc>,
    /// Sign-ins that one address may send in a minute; any number when 0.
    pub sign_ins_per_minute: u32,
    /// Minutes that the time of a signed request may be away from the hub's.
    pub signature_minutes: u16,
    /// Balancers whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpNet>,
    /// The city's own files of financing programmes; those that come with the program without it.
    pub programmes_dir: Option<PathBuf>,
    /// The forms of national systems.
    pub forms: Vec<NationalForm>,
    /// The live sources that rows are pulled from.
    pub sources: Vec<sources::Source>,
    /// Networks that messages of webhooks may go to though they are not open, and without TLS.
    pub webhook_networks: Vec<IpNet>,
    /// Log lines as JSON rather than for people.
    pub log_json: bool,
    /// Whether this is a sandbox: no setting makes one, the command line alone does.
    pub sandbox: bool,
}

impl Config {
    /// Where the documents are that clients are held to.
    pub fn trusted_documents_file(&self) -> PathBuf {
        let given = self.trusted_documents.clone();
        given.unwrap_or_else(|| self.data_dir.join("trusted-documents.json"))
    }

    /// Where the register is kept.
    pub fn location(&self) -> Location {
        match &self.database_url {
            Some(url) => Location::Server(url.clone()),
            None => Location::Embedded(self.data_dir.clone()),
        }
    }

    /// Where the ring of data keys is.
    pub fn data_key_source(&self) -> Source {
        match (&self.data_keys, &self.data_keys_file) {
            (Some(ring), _) => Source::Given(ring.clone()),
            (None, Some(path)) => Source::File(path.clone()),
            (None, None) => Source::Beside(self.data_dir.clone()),
        }
    }

    /// Reads the file, if there is one, and what `environment` gives, over the defaults.
    ///
    /// Returns every mistake when there is any: an unknown key, a value of the wrong kind.
    pub fn load(
        file: Option<&Path>,
        environment: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Config, Vec<String>> {
        let mut mistakes = Vec::new();
        let defaults: toml::Table = match DEFAULTS.parse() {
            Ok(table) => table,
            Err(error) => return Err(vec![format!("config.default.toml: {error}")]),
        };
        let mut settings = defaults.clone();
        if let Some(path) = file {
            match std::fs::read_to_string(path).map(|text| text.parse::<toml::Table>()) {
                Ok(Ok(table)) => {
                    for (key, value) in table {
                        if defaults.contains_key(&key) {
                            settings.insert(key, value);
                        } else {
                            mistakes.push(format!("{}: unknown key {key}", path.display()));
                        }
                    }
                }
                Ok(Err(error)) => mistakes.push(format!("{}: {error}", path.display())),
                Err(error) => mistakes.push(format!("{}: {error}", path.display())),
            }
        }
        for (key, default) in &defaults {
            let variable = format!("TUNGGAL_{}", key.to_uppercase());
            if let Some(text) = environment(&variable) {
                settings.insert(key.clone(), typed_like(default, text));
            }
        }
        if let Some(url) = environment("DATABASE_URL")
            && environment("TUNGGAL_DATABASE_URL").is_none()
        {
            settings.insert("database_url".into(), toml::Value::String(url));
        }
        let mut read = Reader { settings, mistakes };
        let config = Config {
            data_dir: PathBuf::from(read.text("data_dir")),
            database_url: read.given("database_url"),
            data_keys_file: read.given("data_keys_file").map(PathBuf::from),
            data_keys: read.given("data_keys").map(Secret::new),
            listen: read.parsed("listen", "an address and port such as 127.0.0.1:8080"),
            graphiql: read.boolean("graphiql"),
            limits: limits::Limits::read(&mut read),
            introspection: read.listed("introspection", "roles such as developer", Role::from_code),
            cors_origins: read.listed("cors_origins", "origins such as https://umkm.id", origin),
            tls: read.pair("tls_certificate_file", "tls_key_file"),
            trusted_documents: read.given("trusted_documents_file").map(PathBuf::from),
            upload_bytes: read.number("upload_bytes"),
            import_batch_rows: usize::try_from(read.number("import_batch_rows"))
                .unwrap_or(usize::MAX)
                .max(1),
            small_cell: u32::try_from(read.number("small_cell")).unwrap_or(u32::MAX),
            data_producer: read.text("data_producer"),
            data_licence: read.text("data_licence"),
            checkpoint_minutes: read.number("checkpoint_minutes").max(1),
            checkpoint_entries: read.number("checkpoint_entries").max(1),
            checkpoint_dir: read.given("checkpoint_dir").map(PathBuf::from),
            checkpoint_url: read.given("checkpoint_url"),
            shutdown_seconds: read.number("shutdown_seconds"),
            embedded_issuer: read.boolean("embedded_issuer"),
            institutions: institutions::Institutions::read(&mut read),
            oidc: oidc::Oidc::read(&mut read),
            sign_ins_per_minute: u32::try_from(read.number("sign_ins_per_minute"))
                .unwrap_or(u32::MAX),
            signature_minutes: u16::try_from(read.number("signature_minutes").clamp(1, 60))
                .unwrap_or(60),
            trusted_proxies: read.networks("trusted_proxies"),
            programmes_dir: read.given("programmes_dir").map(PathBuf::from),
            forms: {
                let directory = read.given("national_forms_dir");
                let found = forms::load(directory.as_deref().map(Path::new));
                found.unwrap_or_else(|it| {
                    read.mistakes.extend(it);
                    Vec::new()
                })
            },
            sources: match read.given("sources_dir") {
                Some(directory) => {
                    let read_in = sources::load(Path::new(&directory), environment);
                    read_in.unwrap_or_else(|it| {
                        read.mistakes.extend(it);
                        Vec::new()
                    })
                }
                None => Vec::new(),
            },
            webhook_networks: read.networks("webhook_networks"),
            log_json: read.boolean("log_json"),
            sandbox: false,
        };
        if !config.embedded_issuer && config.oidc.is_none() {
            read.mistakes.push("embedded_issuer: turned off, it leaves no way to sign in".into());
        }
        read.mistakes.extend(config.database_url.as_deref().and_then(wrong_database));
        read.mistakes.extend(config.checkpoint_url.as_deref().and_then(wrong_url));
        if read.mistakes.is_empty() { Ok(config) } else { Err(read.mistakes) }
    }
}

/// What is wrong with the URL of a database, if anything.
pub fn wrong_database(url: &str) -> Option<String> {
    let known = url.starts_with("postgres://") || url.starts_with("postgresql://");
    (!known).then(|| "database_url: must begin with postgres://".to_owned())
}

fn wrong_url(url: &str) -> Option<String> {
    let known = url.starts_with("http://") || url.starts_with("https://");
    (!known).then(|| "checkpoint_url: must begin with https:// or http://".to_owned())
}

/// An origin as browsers write it.
fn origin(text: &str) -> Option<String> {
    let (scheme, host) = text.split_once("://")?;
    let known = matches!(scheme, "http" | "https");
    let bare = !host.is_empty() && !host.contains(['/', '*', '?', '#', '@', ' ']);
    (known && bare).then(|| text.to_ascii_lowercase())
}

fn typed_like(default: &toml::Value, text: String) -> toml::Value {
    match default {
        toml::Value::Integer(_) => text.parse().ok().map(toml::Value::Integer),
        toml::Value::Boolean(_) => text.parse().ok().map(toml::Value::Boolean),
        _ => None,
    }
    .unwrap_or(toml::Value::String(text))
}

struct Reader {
    settings: toml::Table,
    mistakes: Vec<String>,
}

impl Reader {
    fn text(&mut self, key: &str) -> String {
        match self.settings.get(key) {
            Some(toml::Value::String(text)) => text.clone(),
            _ => self.wrong(key, "a text"),
        }
    }

    /// A text that is not empty.
    fn given(&mut self, key: &str) -> Option<String> {
        Some(self.text(key)).filter(|it| !it.is_empty())
    }

    fn number(&mut self, key: &str) -> u64 {
        match self.settings.get(key) {
            Some(toml::Value::Integer(it)) if 0 <= *it => it.unsigned_abs(),
            _ => self.wrong(key, "a whole number, 0 or more"),
        }
    }

    fn boolean(&mut self, key: &str) -> bool {
        match self.settings.get(key) {
            Some(toml::Value::Boolean(it)) => *it,
            _ => self.wrong(key, "true or false"),
        }
    }

    fn parsed(&mut self, key: &str, expected: &str) -> SocketAddr {
        let text = match self.settings.get(key) {
            Some(toml::Value::String(text)) => text.as_str(),
            _ => "",
        };
        text.parse().unwrap_or_else(|_| {
            self.mistakes.push(format!("{key}: must be {expected}"));
            SocketAddr::from(([127, 0, 0, 1], 8080))
        })
    }

    /// Values parted by commas.
    fn listed<T>(&mut self, key: &str, expected: &str, of: fn(&str) -> Option<T>) -> Vec<T> {
        let text = self.text(key);
        let parts = text.split(',').map(str::trim).filter(|it| !it.is_empty());
        let all: Option<Vec<T>> = parts.map(of).collect();
        all.unwrap_or_else(|| self.wrong(key, expected))
    }

    /// Two files of which neither is of use alone.
    fn pair(&mut self, one: &str, other: &str) -> Option<(PathBuf, PathBuf)> {
        match (self.given(one), self.given(other)) {
            (Some(one), Some(other)) => Some((one.into(), other.into())),
            (None, None) => None,
            _ => self.wrong(other, &format!("named together with {one}")),
        }
    }

    /// Addresses and networks, parted by commas.
    fn networks(&mut self, key: &str) -> Vec<IpNet> {
        let text = self.text(key);
        let names = text.split(',').map(str::trim).filter(|it| !it.is_empty());
        let read =
            |it: &str| it.parse().ok().or_else(|| it.parse::<IpAddr>().ok().map(IpNet::from));
        let all: Option<Vec<IpNet>> = names.map(read).collect();
        all.unwrap_or_else(|| self.wrong(key, "addresses or networks such as 10.0.0.0/8"))
    }

    fn wrong<T: Default>(&mut self, key: &str, expected: &str) -> T {
        self.mistakes.push(format!("{key}: must be {expected}"));
        T::default()
    }
}

#[cfg(test)]
mod tests;
