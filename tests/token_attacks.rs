//! Tokens that do not hold: each is refused with 401 and the same code, and nothing comes of the request.
//!
//! Every case differs in one thing from a token that is accepted, which is checked too.

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use base64::Engine;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE, BASE64_URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, EncodingKey};
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderValue};
use serde_json::{Value, json};

use crate::hub::{Reply, TestHub, on_every_database, reply};
use crate::socket::{Heard, Socket};

/// What would leave a trace if it ran.
const CHANGE: &str = "mutation { link { enterprises } }";

/// The key by which the hub signs, as a thief of its file has it, and what a token of the hub says.
struct Forge {
    private: Vec<u8>,
    public: Vec<u8>,
    header: Value,
    claims: Value,
}

fn base64(bytes: impl AsRef<[u8]>) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}

fn now() -> i64 {
    tunggal::clock::now().timestamp()
}

impl Forge {
    fn of(hub: &TestHub) -> Forge {
        let file = std::fs::read(hub.app.config.data_dir.join("token-keys.json")).unwrap();
        let keys: Value = serde_json::from_slice(&file).unwrap();
        let private = BASE64_STANDARD.decode(keys[0]["private"].as_str().unwrap()).unwrap();
        let pair = Ed25519KeyPair::from_pkcs8(&private).unwrap();
        let public = pair.public_key().as_ref().to_vec();
        let header = json!({ "alg": "EdDSA", "typ": "at+jwt", "kid": keys[0]["kid"] });
        let claims = json!({
            "iss": "tunggal", "aud": "tunggal-api", "sub": "eve@cli", "role": "steward",
            "iat": now(), "nbf": now(), "exp": now() + 600,
        });
        Forge { private, public, header, claims }
    }

    /// A token of just these texts, signed by the hub's key.
    fn written(&self, header: &str, claims: &str) -> String {
        let signed = format!("{}.{}", base64(header), base64(claims));
        let key = EncodingKey::from_ed_der(&self.private);
        let signature = jsonwebtoken::crypto::sign(signed.as_bytes(), &key, Algorithm::EdDSA);
        format!("{signed}.{}", signature.unwrap())
    }

    fn token(&self) -> String {
        self.written(&self.header.to_string(), &self.claims.to_string())
    }

    fn with_header(&self, name: &str, value: impl Into<Value>) -> String {
        let mut header = self.header.clone();
        header[name] = value.into();
        self.written(&header.to_string(), &self.claims.to_string())
    }

    fn without_header(&self, name: &str) -> String {
        let mut header = self.header.clone();
        header.as_object_mut().unwrap().remove(name);
        self.written(&header.to_string(), &self.claims.to_string())
    }

    fn with(&self, name: &str, value: impl Into<Value>) -> String {
        let mut claims = self.claims.clone();
        claims[name] = value.into();
        self.written(&self.header.to_string(), &claims.to_string())
    }

    fn without(&self, name: &str) -> String {
        let mut claims = self.claims.clone();
        claims.as_object_mut().unwrap().remove(name);
        self.written(&self.header.to_string(), &claims.to_string())
    }

    /// The claims with one more text before them, such as a name that is there already.
    fn with_text(&self, text: &str) -> String {
        let claims = self.claims.to_string();
        self.written(&self.header.to_string(), &format!("{{{text},{}", &claims[1..]))
    }

    /// A token that a shared secret signs.
    fn symmetric(&self, algorithm: Algorithm, secret: &[u8]) -> String {
        let name = format!("{algorithm:?}");
        let mut header = self.header.clone();
        header["alg"] = name.into();
        let signed = format!("{}.{}", base64(header.to_string()), base64(self.claims.to_string()));
        let key = EncodingKey::from_secret(secret);
        let signature = jsonwebtoken::crypto::sign(signed.as_bytes(), &key, algorithm).unwrap();
        format!("{signed}.{signature}")
    }
}

async fn send(hub: &TestHub, path: &str, headers: HeaderMap) -> Reply {
    let request = hub.client.post(format!("{}{path}", hub.url)).headers(headers);
    reply(request.json(&json!({ "query": CHANGE })).send().await.unwrap()).await
}

fn bearer(token: &str) -> HeaderMap {
    authorization(&[&format!("Bearer {token}")])
}

fn authorization(values: &[&str]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for value in values {
        headers.append(AUTHORIZATION, HeaderValue::from_bytes(value.as_bytes()).unwrap());
    }
    headers
}

/// Checks that each of `cases` is refused and has changed nothing, and how many there are.
async fn all_refused(hub: &TestHub, cases: &[(String, HeaderMap)]) {
    for (name, headers) in cases {
        let answer = send(hub, "/graphql", headers.clone()).await;
        assert_eq!((answer.status, answer.code()), (401, "UNAUTHENTICATED"), "{name}: {answer:?}");
        assert!(answer.body["errors"][0]["extensions"]["remedy"].is_string(), "{name}");
        assert!(answer.headers.contains_key("www-authenticate"), "{name}");
    }
    assert_eq!(hub.rows("link_run").await, 0);
    // What is left behind says that tokens were refused, and was not made by each of them.
    let log = hub.access_log().await;
    assert!(log.len() < cases.len().max(3), "{} entries", log.len());
    assert!(log.iter().all(|it| it.1 == "token" && !it.3), "{log:?}");
}

fn named(cases: Vec<(&str, String)>) -> Vec<(String, HeaderMap)> {
    cases.into_iter().map(|(name, token)| (name.to_owned(), bearer(&token))).collect()
}

async fn accepted(hub: &TestHub, token: &str) {
    let query = "{ viewer { role subject } }";
    let answer = hub.ask(Some(token.to_owned()), query, Value::Null).await;
    assert_eq!(answer.at("/viewer"), &json!({ "role": "STEWARD", "subject": "eve@cli" }));
}

on_every_database! {
    async fn a_header_that_chooses_how_it_is_checked_is_refused(hub: TestHub) {
        let forge = Forge::of(&hub);
        accepted(&hub, &forge.token()).await;
        let (own, claims) = (forge.header.to_string(), forge.claims.to_string());
        let unsigned = |alg: &str| {
            let header = own.replace("EdDSA", alg);
            format!("{}.{}.", base64(header), base64(&claims))
        };
        let attacker = Ed25519KeyPair::generate().unwrap();
        let theirs = Forge {
            private: attacker.to_pkcs8v1().unwrap().as_ref().to_vec(),
            public: attacker.public_key().as_ref().to_vec(),
            header: forge.header.clone(),
            claims: forge.claims.clone(),
        };
        let jwk = json!({ "kty": "OKP", "crv": "Ed25519", "x": base64(&theirs.public), "kid": "x" });
        let pem = BASE64_STANDARD.encode(&forge.public);
        all_refused(&hub, &named(vec![
            ("alg none without a signature", unsigned("none")),
            ("alg None", unsigned("None")),
            ("alg nOnE", unsigned("nOnE")),
            ("alg none with a signature", forge.with_header("alg", "none")),
            ("alg missing", forge.without_header("alg")),
            ("alg null", forge.with_header("alg", Value::Null)),
            ("alg a list", forge.with_header("alg", json!(["EdDSA"]))),
            ("alg in other letters", forge.with_header("alg", "EDDSA")),
            ("HS256 with the public key", forge.symmetric(Algorithm::HS256, &forge.public)),
            ("HS384 with the public key", forge.symmetric(Algorithm::HS384, &forge.public)),
            ("HS512 with the public key", forge.symmetric(Algorithm::HS512, &forge.public)),
            ("HS256 with the public key as text", forge.symmetric(Algorithm::HS256, pem.as_bytes())),
            ("HS256 with nothing", forge.symmetric(Algorithm::HS256, b"")),
            ("RS256 with our signature", forge.with_header("alg", "RS256")),
            ("ES256 with our signature", forge.with_header("alg", "ES256")),
            ("PS256", forge.with_header("alg", "PS256")),
            ("kid missing", forge.without_header("kid")),
            ("kid empty", forge.with_header("kid", "")),
            ("kid null", forge.with_header("kid", Value::Null)),
            ("kid a number", forge.with_header("kid", 1)),
            ("kid a path", forge.with_header("kid", "../../../../dev/null")),
            ("kid a statement", forge.with_header("kid", "x' UNION SELECT 'key' --")),
            ("kid a command", forge.with_header("kid", "key|/usr/bin/id")),
            ("kid unknown", forge.with_header("kid", "0000000000000000")),
            ("kid of 10 KB", forge.with_header("kid", "k".repeat(10_000))),
            ("another key under our kid", theirs.token()),
            ("jwk of the attacker", theirs.with_header("jwk", jwk.clone())),
            ("jwk beside our signature", forge.with_header("jwk", jwk)),
            ("jku", forge.with_header("jku", "https://evil.test/keys")),
            ("x5u", forge.with_header("x5u", "https://evil.test/chain")),
            ("x5c", forge.with_header("x5c", json!(["MIIB"]))),
            ("crit", forge.with_header("crit", json!(["exp"]))),
            ("b64 false", forge.with_header("b64", false)),
            ("zip", forge.with_header("zip", "DEF")),
            ("enc", forge.with_header("enc", "A256GCM")),
            ("typ missing", forge.without_header("typ")),
            ("typ of another token", forge.with_header("typ", "logout+jwt")),
            ("typ a number", forge.with_header("typ", 1)),
            ("alg twice", forge.written(&own.replacen('{', r#"{"alg":"none","#, 1), &claims)),
            ("kid twice", forge.written(&own.replacen('{', r#"{"kid":"x","#, 1), &claims)),
            ("a header that is a list", forge.written("[]", &claims)),
        ])).await;
    }

    async fn claims_that_do_not_hold_are_refused(hub: TestHub) {
        let forge = Forge::of(&hub);
        accepted(&hub, &forge.token()).await;
        accepted(&hub, &forge.with("anything", "else")).await;
        let mut cases = named(vec![
            ("expired", forge.with("exp", now() - 1)),
            ("for longer than any of ours", forge.with("exp", now() + 31 * 86_400)),
            ("not valid yet", forge.with("nbf", now() + 300)),
            ("issued in the future", forge.with("iat", now() + 300)),
            ("another issuer", forge.with("iss", "https://id.test")),
            ("issuers", forge.with("iss", json!(["tunggal"]))),
            ("no issuer", forge.without("iss")),
            ("another audience", forge.with("aud", "tunggal")),
            ("audiences of others", forge.with("aud", json!(["a", "b"]))),
            ("audiences with ours", forge.with("aud", json!(["tunggal-api", "evil"]))),
            ("no audience", forge.without("aud")),
            ("an empty list of audiences", forge.with("aud", json!([]))),
            ("no subject", forge.without("sub")),
            ("an empty subject", forge.with("sub", "")),
            ("a subject of blanks", forge.with("sub", "  ")),
            ("a subject with a line end", forge.with("sub", "ani\nadmin")),
            ("a numeric subject", forge.with("sub", 7)),
            ("a subject of 1 KB", forge.with("sub", "x".repeat(1_000))),
            ("an identity token by its nonce", forge.with("nonce", "n")),
            ("an identity token by at_hash", forge.with("at_hash", "x")),
            ("an identity token by c_hash", forge.with("c_hash", "x")),
            ("an identity token by typ", forge.with("typ", "ID")),
            ("a refresh token by typ", forge.with("typ", "Refresh")),
            ("an identity token by token_use", forge.with("token_use", "id")),
            ("no role", forge.without("role")),
            ("an unknown role", forge.with("role", "mayor")),
            ("the public's role", forge.with("role", "public")),
            ("roles", forge.with("role", json!(["steward"]))),
            ("an unknown agency", forge.with("agency", "ministry")),
            ("agencies", forge.with("agency", json!(["kominfo"]))),
            ("an operator of no agency", forge.with("role", "agency_operator")),
            ("an unknown institution", forge.with("institution", "bank-mana")),
            ("a lender of no institution", forge.with("role", "lender")),
            ("an unknown scope", forge.with("scope", "everything")),
            ("an account that is not there", forge.with("generation", 0)),
            ("a role twice", forge.with_text(r#""role":"developer""#)),
            ("a subject twice", forge.with_text(r#""sub":"ani""#)),
            ("an expiry twice", forge.with_text(r#""exp":9999999999"#)),
            ("something twice further down", forge.with_text(r#""a":[{"b":1,"b":2}]"#)),
            ("a token of 100 KB", forge.with("padding", "x".repeat(75_000))),
        ]);
        let times = [
            ("a text", json!((now() + 60).to_string())),
            ("a fraction", json!(now() as f64 + 0.5)),
            ("a whole fraction", json!(now() as f64)),
            ("negative", json!(-1)),
            ("huge", json!(1e300)),
            ("beyond any calendar", json!(i64::MAX)),
            ("above 64 bits", json!(u64::MAX)),
            ("a list", json!([now()])),
            ("an object", json!({ "seconds": now() })),
            ("true", json!(true)),
            ("null", Value::Null),
        ];
        for claim in ["exp", "nbf", "iat"] {
            cases.push((format!("{claim} missing"), bearer(&forge.without(claim))));
            for (name, value) in &times {
                cases.push((format!("{claim} {name}"), bearer(&forge.with(claim, value.clone()))));
            }
        }
        all_refused(&hub, &cases).await;
    }

    async fn what_is_not_one_whole_token_is_refused(hub: TestHub) {
        let forge = Forge::of(&hub);
        let token = forge.token();
        accepted(&hub, &token).await;
        let parts: Vec<&str> = token.split('.').collect();
        let (header, claims, signature) = (parts[0], parts[1], parts[2]);
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(signature).unwrap();
        let mut flipped = bytes.clone();
        flipped[10] ^= 1;
        // The last letter has bits that mean nothing: another letter would be the same signature.
        let last = signature.chars().last().unwrap();
        let twin = char::from(u8::try_from(last).unwrap() + 1);
        let twin = format!("{}{twin}", &signature[..signature.len() - 1]);
        let other = base64(forge.claims.to_string().replace("steward", "auditor"));
        let deep = format!("{{\"a\":{}{}}}", "[".repeat(3_000), "]".repeat(3_000));
        let mut cases = named(vec![
            ("cut short", token[..token.len() - 8].to_owned()),
            ("no signature", format!("{header}.{claims}")),
            ("an empty signature", format!("{header}.{claims}.")),
            ("a changed signature", format!("{header}.{claims}.{}", base64(flipped))),
            ("a signature and more", format!("{header}.{claims}.{}", base64([&bytes[..], &[0]].concat()))),
            ("the same signature in other letters", format!("{header}.{claims}.{twin}")),
            ("changed claims", format!("{header}.{other}.{signature}")),
            ("one part", header.to_owned()),
            ("a fourth part", format!("{token}.{signature}")),
            ("a fifth part", format!("{token}..")),
            ("an empty part before", format!(".{token}")),
            ("no parts", "..".to_owned()),
            ("padding", format!("{header}.{claims}.{}", BASE64_URL_SAFE.encode(&bytes))),
            ("the other alphabet", format!("{header}.{claims}.{}", BASE64_STANDARD.encode(&bytes))),
            ("a blank within", format!("{header}.{claims} .{signature}")),
            ("a tab within", format!("{header}.\t{claims}.{signature}")),
            ("quotes", format!("\"{token}\"")),
            ("a letter beyond ASCII", format!("{header}.{claims}é.{signature}")),
            ("claims that are no JSON", forge.written(&forge.header.to_string(), "steward")),
            ("claims that are a list", forge.written(&forge.header.to_string(), "[]")),
            ("claims that are empty", forge.written(&forge.header.to_string(), "")),
            ("claims nested deep", forge.written(&forge.header.to_string(), &deep)),
            ("claims and more", forge.written(&forge.header.to_string(), &format!("{} {{}}", forge.claims))),
        ]);
        let bearing = format!("Bearer {token}");
        for (name, values) in [
            ("two headers", vec![bearing.clone(), bearing.clone()]),
            ("two tokens in one header", vec![format!("{bearing}, {bearing}")]),
            ("no scheme", vec![token.clone()]),
            ("the scheme alone", vec!["Bearer".to_owned()]),
            ("the scheme twice", vec![format!("Bearer {bearing}")]),
            ("another scheme", vec![format!("Token {token}")]),
            ("Basic", vec![format!("Basic {}", BASE64_STANDARD.encode(format!("x:{token}")))]),
            ("a colon", vec![format!("Bearer: {token}")]),
            ("two blanks", vec![format!("Bearer  {token}")]),
            ("a tab", vec![format!("Bearer\t{token}")]),
        ] {
            let values: Vec<&str> = values.iter().map(String::as_str).collect();
            cases.push((name.to_owned(), authorization(&values)));
        }
        all_refused(&hub, &cases).await;
    }

    async fn a_token_in_the_address_is_refused_and_never_the_public(hub: TestHub) {
        let token = hub.token(domain::viewer::Role::Steward, None);
        for name in ["access_token", "ACCESS_TOKEN", "token", "id_token", "authorization"] {
            let path = format!("/graphql?{name}={token}");
            for headers in [HeaderMap::new(), bearer(&token)] {
                let answer = send(&hub, &path, headers).await;
                assert_eq!((answer.status, answer.code()), (401, "UNAUTHENTICATED"), "{name}");
                assert!(!answer.body.to_string().contains(&token));
            }
        }
        let url = format!("{}/graphql?query={{viewer{{role}}}}&access_token={token}", hub.url);
        let answer = reply(hub.client.get(url).send().await.unwrap()).await;
        assert_eq!((answer.status, answer.code()), (401, "UNAUTHENTICATED"));
        assert_eq!(hub.rows("link_run").await, 0);
    }

    async fn a_socket_takes_no_token_that_a_request_would_not(hub: TestHub) {
        let forge = Forge::of(&hub);
        let token = forge.token();
        let expired = forge.with("exp", now() - 1);
        for payload in [
            json!({ "Authorization": format!("Bearer {expired}") }),
            json!({ "Authorization": token }),
            json!({ "Authorization": [format!("Bearer {token}")] }),
            json!({ "Authorization": null }),
            json!({ "Authorization": format!("Bearer {token}"), "authorization": "Bearer x" }),
        ] {
            let mut socket = Socket::open(&hub, "graphql-transport-ws").await.unwrap();
            socket.say(json!({ "type": "connection_init", "payload": payload })).await;
            assert_eq!(socket.hear().await, Heard::Closed(4403), "{payload}");
        }
        let url = format!("{}/graphql/ws", hub.url);
        for (url, headers) in [
            (format!("{url}?access_token={token}"), HeaderMap::new()),
            (url.clone(), bearer(&token)),
        ] {
            let answer = reply(hub.client.get(url).headers(headers).send().await.unwrap()).await;
            assert_eq!((answer.status, answer.code()), (401, "UNAUTHENTICATED"));
        }
    }

    async fn the_tokens_of_a_replaced_key_hold_until_it_is_revoked(hub: TestHub) {
        let other = hub.another_node().await;
        let before = Forge::of(&hub).token();
        hub.app.keys.rotate(false).unwrap();
        let between = hub.token(domain::viewer::Role::Steward, None);
        accepted(&hub, &before).await;
        accepted(&other, &before).await;
        let mut socket = Socket::introduced(&other, Some(before.clone())).await;
        hub.app.keys.rotate(true).unwrap();
        assert_eq!(socket.hear().await, Heard::Closed(4403));
        all_refused(&hub, &named(vec![("revoked", before.clone()), ("revoked too", between)])).await;
        // The other node reads the file anew.
        crate::hub::eventually(async || send(&other, "/graphql", bearer(&before)).await.status == 401).await;
        let after = Forge::of(&hub).token();
        accepted(&hub, &after).await;
        accepted(&other, &after).await;
        // A key whose day is over is not taken, though it still stands in the file.
        hub.app.keys.rotate(false).unwrap();
        let path = hub.app.config.data_dir.join("token-keys.json");
        let mut keys: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
        keys[1]["until"] = json!(now() - 1);
        std::fs::write(&path, keys.to_string()).unwrap();
        crate::hub::eventually(async || send(&hub, "/graphql", bearer(&after)).await.status == 401).await;
    }
}
