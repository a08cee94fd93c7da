//! The settings of an OpenID provider: whose tokens are taken, and what their claims mean.

use std::collections::BTreeMap;
use std::path::PathBuf;

use domain::viewer::Role;
use jsonwebtoken::Algorithm;
use reqwest::Url;

use super::Reader;

/// An OpenID provider as the configuration names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Oidc {
    /// Its address, as tokens name it in `iss`.
    pub issuer: String,
    /// What its tokens must name in `aud`.
    pub audience: String,
    /// Where its keys are; where its discovery document says when absent.
    pub jwks_url: Option<Url>,
    /// Certificates to trust besides the system's, as PEM.
    pub ca_file: Option<PathBuf>,
    /// Which signatures are taken; never a symmetric one.
    pub algorithms: Vec<Algorithm>,
    /// Which values of the header `typ` are taken, in lower case.
    pub token_types: Vec<String>,
    /// The path of the claim with the role or roles.
    pub role_claim: String,
    /// The path of the claim with the agency's code.
    pub agency_claim: String,
    /// The path of the claim with the institution.
    pub institution_claim: String,
    /// The path of the claim with the code of the kecamatan.
    pub kecamatan_claim: String,
    /// The provider's names of roles; empty when it uses ours.
    pub roles: BTreeMap<String, Role>,
}

impl Oidc {
    /// The provider in the settings; absent when no issuer is named.
    pub(super) fn read(read: &mut Reader) -> Option<Oidc> {
        let issuer = read.text("oidc_issuer");
        let jwks = read.text("oidc_jwks_url");
        let oidc = Oidc {
            audience: read.text("oidc_audience"),
            jwks_url: Url::parse(&jwks).ok(),
            ca_file: Some(read.text("oidc_ca_file")).filter(|it| !it.is_empty()).map(PathBuf::from),
            algorithms: listed(read, "oidc_algorithms", "RS256, ES256 or EdDSA", algorithm),
            token_types: listed(read, "oidc_token_types", "types of token", |it| {
                Some(it.to_ascii_lowercase())
            }),
            role_claim: read.text("oidc_role_claim"),
            agency_claim: read.text("oidc_agency_claim"),
            institution_claim: read.text("oidc_institution_claim"),
            kecamatan_claim: read.text("oidc_kecamatan_claim"),
            roles: listed(read, "oidc_roles", "pairs such as walidata=steward", role),
            issuer,
        };
        if oidc.issuer.is_empty() {
            return None;
        }
        if !Url::parse(&oidc.issuer).is_ok_and(|it| is_private(&it)) {
            read.wrong::<()>("oidc_issuer", "an address that begins with https://");
        }
        if oidc.audience.is_empty() {
            read.wrong::<()>("oidc_audience", "named with the issuer");
        }
        if !jwks.is_empty() && !oidc.jwks_url.as_ref().is_some_and(is_private) {
            read.wrong::<()>("oidc_jwks_url", "an address that begins with https://");
        }
        if oidc.algorithms.is_empty() {
            read.wrong::<()>("oidc_algorithms", "one algorithm at least");
        }
        Some(oidc)
    }

    /// Our role of this name of the provider's.
    pub fn role(&self, name: &str) -> Option<Role> {
        if self.roles.is_empty() {
            return Role::from_code(name).filter(|it| *it != Role::Public);
        }
        self.roles.get(name).copied()
    }
}

/// Whether nobody on the way can change what an address answers: https, or this very computer.
pub fn is_private(url: &Url) -> bool {
    let here = matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
    url.scheme() == "https" || url.scheme() == "http" && here
}

/// The parts of a text at its commas, each as `one` reads it; one that it cannot is a mistake.
fn listed<T, L: FromIterator<T>>(
    read: &mut Reader,
    key: &str,
    expected: &str,
    one: impl Fn(&str) -> Option<T>,
) -> L {
    let text = read.text(key);
    let parts: Vec<&str> = text.split(',').map(str::trim).filter(|it| !it.is_empty()).collect();
    let known: Vec<T> = parts.iter().filter_map(|it| one(it)).collect();
    if known.len() < parts.len() {
        read.wrong::<()>(key, expected);
    }
    known.into_iter().collect()
}

fn algorithm(name: &str) -> Option<Algorithm> {
    match name {
        "RS256" => Some(Algorithm::RS256),
        "ES256" => Some(Algorithm::ES256),
        "EdDSA" => Some(Algorithm::EdDSA),
        _ => None,
    }
}

fn role(pair: &str) -> Option<(String, Role)> {
    let (theirs, ours) = pair.split_once('=')?;
    let role = Role::from_code(ours.trim()).filter(|it| *it != Role::Public)?;
    Some((theirs.trim().to_owned(), role))
}
