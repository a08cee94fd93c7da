//! The keys of an OpenID provider: fetched when they are wanted, kept for a while, and kept longer while
//! the provider does not answer.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use jsonwebtoken::jwk::{Jwk, KeyAlgorithm, PublicKeyUse};
use jsonwebtoken::{Algorithm, AlgorithmFamily, DecodingKey};
use reqwest::{Certificate, Client, Url, redirect};
use serde::Deserialize;
use serde_json::Value;
use tokio::runtime::Handle;

use crate::config::oidc::{Oidc, is_private};
use crate::error::Error;

/// How old keys may be before the provider is asked again, beside the request that wants one.
const FRESH: Duration = Duration::from_secs(300);
/// How long they serve when it does not answer.
const LONGEST: Duration = Duration::from_secs(24 * 3_600);
/// It is not asked more often than this, whatever keys tokens name.
const PAUSE: Duration = Duration::from_secs(5);
/// How long it may take to answer.
const PATIENCE: Duration = Duration::from_secs(5);
/// The longest answer that is read, in bytes.
const ANSWER_BYTES: usize = 512 * 1024;

/// The keys of one provider.
pub struct KeySet {
    source: Source,
    client: Client,
    runtime: Handle,
    known: Mutex<Known>,
    turn: tokio::sync::Mutex<()>,
}

/// Where the keys are.
#[derive(Clone)]
enum Source {
    /// At this address.
    At(Url),
    /// Where the discovery document of this issuer says.
    DiscoveredOf(String),
}

#[derive(Clone, Default)]
struct Known {
    keys: Arc<HashMap<(String, Algorithm), Arc<DecodingKey>>>,
    fetched: Option<Instant>,
    asked: Option<Instant>,
}

#[derive(Deserialize)]
struct Discovery {
    issuer: String,
    jwks_uri: String,
}

/// A key that cannot be used here, such as one for encryption, is passed over.
#[derive(Deserialize)]
struct Jwks {
    keys: Vec<Value>,
}

/// Why keys could not be fetched; it names no more than the configuration does.
#[derive(Debug, thiserror::Error)]
enum Unfetched {
    #[error(transparent)]
    Http(#[from] reqwest::Error),
    #[error("the answer is not what it must be: {0}")]
    Answer(&'static str),
    #[error("no answer in time")]
    Late,
}

impl KeySet {
    /// The keys of the provider of these settings, none of them fetched yet.
    pub fn new(settings: &Oidc, runtime: Handle) -> Result<KeySet, Error> {
        // An answer from elsewhere is not the provider's: redirects are not followed.
        let mut client = Client::builder().redirect(redirect::Policy::none());
        if let Some(path) = &settings.ca_file {
            let bundle = Certificate::from_pem_bundle(&std::fs::read(path)?);
            client = client.tls_certs_merge(bundle.map_err(Error::internal)?);
        }
        let source = match &settings.jwks_url {
            Some(url) => Source::At(url.clone()),
            None => Source::DiscoveredOf(settings.issuer.clone()),
        };
        Ok(KeySet {
            source,
            client: client.build().map_err(Error::internal)?,
            runtime,
            known: Mutex::default(),
            turn: tokio::sync::Mutex::default(),
        })
    }

    /// The key of this name for this algorithm.
    ///
    /// Fails with [`Error::Unauthenticated`] when the provider has no such key, and with
    /// [`Error::ProviderUnreachable`] when it cannot be asked.
    pub async fn key(
        self: &Arc<Self>,
        name: &str,
        algorithm: Algorithm,
    ) -> Result<Arc<DecodingKey>, Error> {
        let wanted = (name.to_owned(), algorithm);
        let known = self.known();
        if let Some(key) = known.live().and_then(|it| it.get(&wanted)) {
            if known.fetched.is_none_or(|it| FRESH <= it.elapsed()) {
                self.refresh_aside();
            }
            return Ok(Arc::clone(key));
        }
        self.refresh().await;
        let known = self.known();
        match known.live().and_then(|it| it.get(&wanted)) {
            Some(key) => Ok(Arc::clone(key)),
            // Asked after it was last heard: its answer is still wanted.
            None if known.fetched < known.asked => Err(Error::ProviderUnreachable),
            None => Err(Error::Unauthenticated("the token's key is not one of the provider's")),
        }
    }

    /// Asks for the keys beside whatever goes on.
    pub fn refresh_aside(self: &Arc<Self>) {
        let this = Arc::clone(self);
        self.runtime.spawn(async move { this.refresh().await });
    }

    /// Asks for the keys, unless that was done just now. Whoever comes meanwhile waits for the answer.
    async fn refresh(self: &Arc<Self>) {
        let _turn = self.turn.lock().await;
        if self.known().asked.is_some_and(|it| it.elapsed() < PAUSE) {
            return;
        }
        let this = Arc::clone(self);
        // On the runtime of the process: a worker's ends with its thread.
        let fetched = self.runtime.spawn(async move {
            let fetched = tokio::time::timeout(PATIENCE, this.fetch()).await;
            fetched.unwrap_or(Err(Unfetched::Late))
        });
        let fetched = fetched.await;
        // From the end of the attempt: those who waited for it do not begin another.
        let asked = Some(Instant::now());
        match fetched {
            Ok(Ok(keys)) => {
                self.change(|it| *it = Known { keys: Arc::new(keys), fetched: asked, asked });
                return;
            }
            Ok(Err(error)) => tracing::warn!(%error, "the OpenID provider gives no keys"),
            Err(error) => tracing::error!(%error, "the OpenID provider was not asked"),
        }
        self.change(|it| it.asked = asked);
    }

    async fn fetch(&self) -> Result<HashMap<(String, Algorithm), Arc<DecodingKey>>, Unfetched> {
        let url = match &self.source {
            Source::At(url) => url.clone(),
            Source::DiscoveredOf(issuer) => {
                let base = issuer.trim_end_matches('/');
                let found: Discovery =
                    self.get(&format!("{base}/.well-known/openid-configuration")).await?;
                if found.issuer != *issuer {
                    return Err(Unfetched::Answer("it is of another issuer"));
                }
                let url = Url::parse(&found.jwks_uri).ok().filter(is_private);
                url.ok_or(Unfetched::Answer("its keys are not at an https address"))?
            }
        };
        let set: Jwks = self.get(url.as_str()).await?;
        Ok(set.keys.into_iter().filter_map(usable).collect())
    }

    async fn get<T: serde::de::DeserializeOwned>(&self, url: &str) -> Result<T, Unfetched> {
        let mut response = self.client.get(url).send().await?.error_for_status()?;
        if !response.status().is_success() {
            return Err(Unfetched::Answer("it points elsewhere"));
        }
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await? {
            if ANSWER_BYTES < body.len() + chunk.len() {
                return Err(Unfetched::Answer("it is too long"));
            }
            body.extend_from_slice(&chunk);
        }
        serde_json::from_slice(&body).map_err(|_| Unfetched::Answer("it is not the JSON expected"))
    }

    fn known(&self) -> Known {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn change(&self, change: impl FnOnce(&mut Known)) {
        change(&mut self.known.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

impl Known {
    /// The keys, unless they are too old to be trusted.
    fn live(&self) -> Option<&HashMap<(String, Algorithm), Arc<DecodingKey>>> {
        self.fetched.filter(|it| it.elapsed() < LONGEST).map(|_| &*self.keys)
    }
}

/// A key that checks signatures in a way the hub knows; never a shared secret.
fn usable(key: Value) -> Option<((String, Algorithm), Arc<DecodingKey>)> {
    let key: Jwk = serde_json::from_value(key).ok()?;
    if key.common.public_key_use.as_ref().is_some_and(|it| *it != PublicKeyUse::Signature) {
        return None;
    }
    let checking = DecodingKey::from_jwk(&key).ok()?;
    let (algorithm, named) = match checking.family() {
        AlgorithmFamily::Rsa => (Algorithm::RS256, KeyAlgorithm::RS256),
        AlgorithmFamily::Ec => (Algorithm::ES256, KeyAlgorithm::ES256),
        AlgorithmFamily::Ed => (Algorithm::EdDSA, KeyAlgorithm::EdDSA),
        AlgorithmFamily::Hmac => return None,
    };
    if key.common.key_algorithm.is_some_and(|it| it != named) {
        return None;
    }
    Some(((key.common.key_id?, algorithm), Arc::new(checking)))
}
