//! What a client does that signs, written anew from what the documents say.

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{self, KeySize};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair, RSA_PKCS1_SHA256,
};
use aws_lc_rs::{hmac, rand};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use chrono::{DateTime, FixedOffset, SecondsFormat, Utc};
use domain::viewer::Role;
use reqwest::Method;
use serde_json::json;
use tunggal::service::accounts;
use tunggal::store::accounts::Standing;

use crate::hub::{Reply, TestHub, reply};

/// The keys of a client.
pub enum Pair {
    Rsa(rsa::KeyPair),
    Curve(EcdsaKeyPair),
    Edwards(Ed25519KeyPair),
}

impl Pair {
    pub fn rsa() -> Pair {
        Pair::Rsa(rsa::KeyPair::generate(KeySize::Rsa2048).unwrap())
    }

    pub fn curve() -> Pair {
        Pair::Curve(EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).unwrap())
    }

    pub fn edwards() -> Pair {
        Pair::Edwards(Ed25519KeyPair::generate().unwrap())
    }

    /// Its public key, as a file of openssl has it.
    pub fn pem(&self) -> String {
        let der = match self {
            Pair::Rsa(it) => it.public_key().as_der().unwrap().as_ref().to_vec(),
            Pair::Curve(it) => it.public_key().as_der().unwrap().as_ref().to_vec(),
            Pair::Edwards(it) => it.public_key().as_der().unwrap().as_ref().to_vec(),
        };
        pem("PUBLIC KEY", &der)
    }

    pub fn sign(&self, text: &str) -> String {
        let (random, text) = (SystemRandom::new(), text.as_bytes());
        let signature = match self {
            Pair::Rsa(it) => {
                let mut signature = vec![0; it.public_modulus_len()];
                it.sign(&RSA_PKCS1_SHA256, &random, text, &mut signature).unwrap();
                signature
            }
            Pair::Curve(it) => it.sign(&random, text).unwrap().as_ref().to_vec(),
            Pair::Edwards(it) => it.sign(text).as_ref().to_vec(),
        };
        BASE64_STANDARD.encode(signature)
    }
}

pub fn pem(label: &str, der: &[u8]) -> String {
    let text = BASE64_STANDARD.encode(der);
    let lines: Vec<&str> =
        text.as_bytes().chunks(64).map(|it| std::str::from_utf8(it).unwrap()).collect();
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", lines.join("\n"))
}

/// A time as a bank in Serang writes it.
pub fn written(at: DateTime<Utc>) -> String {
    let here = FixedOffset::east_opt(7 * 3_600).unwrap();
    at.with_timezone(&here).to_rfc3339_opts(SecondsFormat::Micros, false)
}

pub fn now() -> String {
    written(tunggal::clock::now())
}

pub fn fresh_id() -> String {
    let mut bytes = [0; 8];
    rand::fill(&mut bytes).unwrap();
    u64::from_be_bytes(bytes).to_string()
}

pub fn standing(role: Role) -> Standing {
    let institution = (role == Role::Lender).then(|| "bank".to_owned());
    Standing { role, agency: None, institution, person: None }
}

/// A client that signs, with its key and the secret of its calls.
pub async fn client(hub: &TestHub, name: &str, role: Role, pair: &Pair) -> String {
    let key = pair.pem();
    accounts::add_signing_client(&hub.app, name, standing(role), None, None, key.as_bytes())
        .await
        .unwrap()
}

/// Asks for a token with these headers and parameters beside the type of grant.
pub async fn ask_token(hub: &TestHub, headers: &[(&str, &str)], form: &[(&str, &str)]) -> Reply {
    let mut request = hub.client.post(format!("{}/oauth/token", hub.url));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let form = [&[("grant_type", "client_credentials")], form].concat();
    reply(request.form(&form).send().await.unwrap()).await
}

pub async fn sign_in(hub: &TestHub, name: &str, pair: &Pair, timestamp: &str) -> Reply {
    let signature = pair.sign(&format!("{name}|{timestamp}"));
    let headers = [("X-CLIENT-KEY", name), ("X-TIMESTAMP", timestamp), ("X-SIGNATURE", &signature)];
    ask_token(hub, &headers, &[]).await
}

pub fn token(answer: &Reply) -> String {
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.body["access_token"].as_str().unwrap().to_owned()
}

pub fn error(answer: &Reply) -> (u16, &str) {
    (answer.status, answer.body["error"].as_str().unwrap_or_default())
}

/// A call, all of it as it is sent.
#[derive(Clone)]
pub struct Call {
    pub method: Method,
    pub path: String,
    pub token: String,
    pub body: String,
    pub headers: Vec<(&'static str, String)>,
}

/// The signature of a call, worked out as SNAP says it. `body` is minified.
pub fn tag(
    secret: &str,
    method: &str,
    path: &str,
    token: &str,
    body: &str,
    timestamp: &str,
) -> String {
    let digest: String =
        digest(&SHA256, body.as_bytes()).as_ref().iter().map(|it| format!("{it:02x}")).collect();
    let text = format!("{method}:{path}:{token}:{digest}:{timestamp}");
    let key = hmac::Key::new(hmac::HMAC_SHA512, secret.as_bytes());
    BASE64_STANDARD.encode(hmac::sign(&key, text.as_bytes()))
}

impl Call {
    pub fn get(path: &str, token: &str, secret: &str) -> Call {
        Call::of(Method::GET, path, String::new(), token, secret, &now())
    }

    pub fn asking(query: &str, token: &str, secret: &str) -> Call {
        Call::at(query, token, secret, &now())
    }

    pub fn at(query: &str, token: &str, secret: &str, timestamp: &str) -> Call {
        let body = json!({ "query": query }).to_string();
        Call::of(Method::POST, "/graphql", body, token, secret, timestamp)
    }

    pub fn of(
        method: Method,
        path: &str,
        body: String,
        token: &str,
        secret: &str,
        timestamp: &str,
    ) -> Call {
        let signature = tag(secret, method.as_str(), path, token, &body, timestamp);
        let headers = vec![
            ("x-timestamp", timestamp.to_owned()),
            ("x-signature", signature),
            ("x-external-id", fresh_id()),
        ];
        Call { method, path: path.to_owned(), token: token.to_owned(), body, headers }
    }

    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Call {
        self.headers.retain(|it| it.0 != name);
        self.headers.push((name, value.into()));
        self
    }

    pub fn without(mut self, name: &str) -> Call {
        self.headers.retain(|it| it.0 != name);
        self
    }

    /// With another secret's signature over the same.
    pub fn signed(self, secret: &str) -> Call {
        let timestamp = self.headers.iter().find(|it| it.0 == "x-timestamp").unwrap().1.clone();
        let again =
            tag(secret, self.method.as_str(), &self.path, &self.token, &self.body, &timestamp);
        self.with("x-signature", again)
    }

    pub async fn send(&self, hub: &TestHub) -> Reply {
        let mut request =
            hub.client.request(self.method.clone(), format!("{}{}", hub.url, self.path));
        request = request.bearer_auth(&self.token);
        for (name, value) in &self.headers {
            request = request.header(*name, value);
        }
        if !self.body.is_empty() {
            request = request.header("content-type", "application/json").body(self.body.clone());
        }
        reply(request.send().await.unwrap()).await
    }
}
