//! Starts the provider and plays the parts of those who get tokens from it.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use reqwest::header::{COOKIE, LOCATION, SET_COOKIE};
use serde_json::Value;

use crate::node;

/// How often it is started before a test gives up.
const TRIES: usize = 5;
/// An example of RFC 7636, appendix B: what the client keeps, and what it shows.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// The provider, running until it is dropped.
pub struct Provider {
    process: Child,
    pub port: u16,
    pub issuer: String,
    pub client: reqwest::Client,
}

impl Drop for Provider {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A port below those that the system gives to outgoing connections.
fn some_port() -> u16 {
    let random = uuid::Uuid::new_v4().as_u128() % 10_000;
    20_000 + u16::try_from(random).unwrap()
}

/// The issuer at a port.
pub fn issuer(port: u16) -> String {
    format!("http://127.0.0.1:{port}")
}

/// A file of the provider's.
pub fn source(name: &str) -> PathBuf {
    node::source("provider", name)
}

impl Provider {
    /// Starts it somewhere.
    pub fn start() -> Provider {
        let launch = |port| Provider::launch(port, issuer(port), &[]);
        std::iter::repeat_with(some_port).take(TRIES).find_map(launch).unwrap()
    }

    /// Starts it where it was before.
    pub fn start_again(port: u16) -> Provider {
        let launch = || Provider::launch(port, issuer(port), &[]);
        std::iter::repeat_with(launch).take(TRIES).flatten().next().unwrap()
    }

    /// With a certificate of an authority that only `tls/ca.pem` vouches for.
    pub fn start_with_tls() -> Provider {
        let at = |port| {
            let issuer = issuer(port).replace("http:", "https:");
            Provider::launch(port, issuer, &[source("tls")])
        };
        std::iter::repeat_with(some_port).take(TRIES).find_map(at).unwrap()
    }

    fn launch(port: u16, issuer: String, more: &[PathBuf]) -> Option<Provider> {
        let mut program = Command::new("node");
        program.arg(source("server.mjs")).arg(port.to_string());
        program.arg(node::packages("provider")).args(more);
        let mut process = program.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let stdout = process.stdout.take().unwrap();
        let (tell, told) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            let mut line = String::new();
            // Nobody waits for it any more after the deadline.
            let _ = BufReader::new(stdout).read_line(&mut line).map(|_| tell.send(line));
        });
        let line = told.recv_timeout(Duration::from_secs(10)).unwrap_or_default();
        let ca = std::fs::read(source("tls/ca.pem")).unwrap();
        let ca = reqwest::Certificate::from_pem(&ca).unwrap();
        let client = reqwest::Client::builder().no_proxy().tls_certs_only([ca]);
        let client = client.redirect(reqwest::redirect::Policy::none()).build().unwrap();
        let provider = Provider { process, port, issuer, client };
        // Node 20 now and then waits for itself when it starts: dropped, it is ended.
        (line == "listening\n").then_some(provider)
    }

    /// Tells what the tokens from now on say of roles and places.
    pub async fn claims(&self, claims: Value) {
        let request = self.client.post(format!("{}/claims", self.issuer)).json(&claims);
        assert_eq!(request.send().await.unwrap().status(), 200);
    }

    /// Signs with new keys; the ones before stay published if they are kept.
    pub async fn rotate(&self, keep: bool) {
        let path = if keep { "rotate?keep" } else { "rotate" };
        let request = self.client.post(format!("{}/{path}", self.issuer));
        assert_eq!(request.send().await.unwrap().status(), 200);
    }

    /// How often the keys were fetched.
    pub async fn fetched(&self) -> i64 {
        let request = self.client.get(format!("{}/fetched", self.issuer));
        request.send().await.unwrap().text().await.unwrap().parse().unwrap()
    }

    /// The token of a machine, signed with this algorithm.
    pub async fn machine(&self, algorithm: &str) -> String {
        let form = [("grant_type", "client_credentials"), ("scope", algorithm)];
        let tokens = self.tokens(("machine", "machine-secret"), &form).await;
        tokens["access_token"].as_str().unwrap().to_owned()
    }

    async fn tokens(&self, client: (&str, &str), form: &[(&str, &str)]) -> Value {
        let request = self.client.post(format!("{}/token", self.issuer)).form(form);
        let answer = request.basic_auth(client.0, Some(client.1)).send().await.unwrap();
        assert_eq!(answer.status(), 200);
        answer.json().await.unwrap()
    }

    /// What a person gets who signs in with a browser: the authorisation code flow.
    pub async fn person(&self) -> Value {
        let landing = format!("{}/landed", self.issuer);
        let mut cookies = BTreeMap::new();
        let mut at = format!(
            "{}/auth?client_id=console&response_type=code&redirect_uri={landing}&scope=openid\
             &nonce=n&code_challenge={CHALLENGE}&code_challenge_method=S256",
            self.issuer
        );
        while !at.starts_with(&landing) {
            let jar: Vec<String> = cookies.iter().map(|(k, v)| format!("{k}={v}")).collect();
            let answer = self.client.get(&at).header(COOKIE, jar.join("; ")).send().await.unwrap();
            assert_eq!(answer.status(), 303, "{at}");
            for cookie in answer.headers().get_all(SET_COOKIE) {
                let pair = cookie.to_str().unwrap().split(';').next().unwrap();
                let (name, value) = pair.split_once('=').unwrap();
                cookies.insert(name.to_owned(), value.to_owned());
            }
            let next = answer.headers()[LOCATION].to_str().unwrap();
            at = if next.starts_with('/') {
                format!("{}{next}", self.issuer)
            } else {
                next.to_owned()
            };
        }
        let code = at.split("code=").nth(1).unwrap().split('&').next().unwrap();
        let form = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", &landing),
            ("code_verifier", VERIFIER),
        ];
        self.tokens(("console", "console-secret"), &form).await
    }
}
