//! Tokens of a real OpenID provider, which runs beside the hub: npm oidc-provider, in `provider/`.

use std::collections::BTreeMap;
use std::net::TcpListener;
use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use domain::viewer::Role;
use jsonwebtoken::{Algorithm, EncodingKey};
use serde_json::{Value, json};
use tunggal::config::Config;
use tunggal::service::accounts;

use crate::hub::{Kind, Reply, TestHub, eventually, kinds, run, within};
use crate::sign_in::with_password;
use crate::socket::{Heard, Socket};

mod running;

use running::{Provider, issuer, source};

/// What the provider writes into `aud`.
const AUDIENCE: &str = "urn:tunggal:test";

/// A hub that takes the tokens of a provider on this port, with some settings changed.
async fn hub_with(kind: Kind, port: u16, changed: &[(&str, &str)]) -> TestHub {
    let issuer = issuer(port);
    let mut settings = BTreeMap::from([
        ("TUNGGAL_OIDC_ISSUER", issuer.as_str()),
        ("TUNGGAL_OIDC_AUDIENCE", AUDIENCE),
        ("TUNGGAL_OIDC_ROLE_CLAIM", "realm_access.roles"),
        (
            "TUNGGAL_OIDC_ROLES",
            "walidata=steward, inspektorat=auditor, opd=agency_operator, bank=lender",
        ),
    ]);
    settings.extend(changed.iter().copied());
    let read = Config::load(None, &|key| settings.get(key).map(|it| (*it).to_owned())).unwrap();
    TestHub::start_with(kind, |it| {
        it.oidc = read.oidc;
        it.embedded_issuer = read.embedded_issuer;
    })
    .await
}

async fn seen(hub: &TestHub, token: &str) -> Reply {
    let query = "{ viewer { subject role agency institution client } }";
    hub.ask(Some(token.to_owned()), query, Value::Null).await
}

fn is_refused(answer: &Reply) {
    assert_eq!((answer.status, answer.code()), (401, "UNAUTHENTICATED"), "{answer:?}");
}

#[test]
fn a_person_signs_in_through_the_citys_provider() {
    for kind in kinds() {
        run(async move {
            let provider = Provider::start();
            let port = provider.port;
            let hub = hub_with(kind, port, &[]).await;
            let tokens = provider.person().await;
            let access = tokens["access_token"].as_str().unwrap();
            let ani = json!({ "subject": "oidc:ani", "role": "STEWARD", "agency": null, "institution": null, "client": "console" });
            assert_eq!(seen(&hub, access).await.at("/viewer"), &ani);
            // The identity token says who she is to the console; it opens nothing, whatever is configured.
            let identity = tokens["id_token"].as_str().unwrap();
            is_refused(&seen(&hub, identity).await);
            let lax =
                [("TUNGGAL_OIDC_AUDIENCE", "console"), ("TUNGGAL_OIDC_TOKEN_TYPES", "JWT, none")];
            is_refused(&seen(&hub_with(kind, port, &lax).await, identity).await);
            // A subject of the provider is shut out here as an account is.
            let mut socket = Socket::introduced(&hub, Some(access.to_owned())).await;
            accounts::disable(&hub.app, "oidc:ani").await.unwrap();
            assert_eq!(socket.hear().await, Heard::Closed(4403));
            let out = async || seen(&hub, access).await.code() == "ACCOUNT_DISABLED";
            within(Duration::from_secs(5), out).await;
        });
    }
}

#[test]
fn a_providers_claims_mean_what_the_configuration_says() {
    run(async {
        let provider = Provider::start();
        let port = provider.port;
        let hub = hub_with(Kind::Sqlite, port, &[]).await;
        for algorithm in ["RS256", "ES256", "EdDSA"] {
            let token = provider.machine(algorithm).await;
            assert_eq!(
                seen(&hub, &token).await.at("/viewer/subject"),
                "oidc:machine",
                "{algorithm}"
            );
        }
        let roles = |names: &[&str]| json!({ "realm_access": { "roles": names } });
        let with = |role: &str, name: &str, value: Value| {
            let mut claims = roles(&[role]);
            claims[name] = value;
            claims
        };
        for (claims, expected) in [
            (with("opd", "agency", json!("kominfo")), json!("kominfo")),
            (with("opd", "kecamatan", json!("36.73.02")), json!("kecamatan_kasemen")),
            (with("opd", "kecamatan", json!("367302")), json!("kecamatan_kasemen")),
        ] {
            provider.claims(claims.clone()).await;
            let answer = seen(&hub, &provider.machine("RS256").await).await;
            assert_eq!(answer.at("/viewer/agency"), &expected, "{claims}");
        }
        provider.claims(with("bank", "institution", json!("bjb"))).await;
        let bank = provider.machine("RS256").await;
        assert_eq!(seen(&hub, &bank).await.at("/viewer/institution"), "bjb");
        let both = json!({ "realm_access": { "roles": ["opd"] }, "agency": "kominfo", "kecamatan": "36.73.02" });
        for claims in [
            json!({}),
            roles(&[]),
            roles(&["steward", "offline_access"]),
            roles(&["walidata", "inspektorat"]),
            json!({ "realm_access": "walidata" }),
            json!({ "realm_access": { "roles": { "walidata": true } } }),
            json!({ "realm_access": { "roles": ["walidata", 1] } }),
            roles(&["opd"]),
            roles(&["bank"]),
            with("opd", "agency", json!("ministry")),
            with("bank", "institution", json!("bank-mana")),
            with("opd", "agency", json!(["kominfo"])),
            with("opd", "kecamatan", json!("Kasemen")),
            with("opd", "kecamatan", json!("36.73.99")),
            both,
            with("walidata", "nonce", json!("n")),
        ] {
            provider.claims(claims.clone()).await;
            let answer = seen(&hub, &provider.machine("RS256").await).await;
            assert_eq!((answer.status, answer.code()), (401, "UNAUTHENTICATED"), "{claims}");
        }
    });
}

#[test]
fn a_provider_changes_its_keys_while_the_hub_runs() {
    run(async {
        let provider = Provider::start();
        let port = provider.port;
        let hub = hub_with(Kind::Sqlite, port, &[]).await;
        let first = provider.machine("ES256").await;
        assert_eq!(seen(&hub, &first).await.status, 200);
        provider.rotate(true).await;
        let second = provider.machine("ES256").await;
        // The hub asks for keys it does not know, but not more often than every five seconds.
        eventually(async || seen(&hub, &second).await.status == 200).await;
        assert_eq!(seen(&hub, &first).await.status, 200);
        provider.rotate(false).await;
        let third = provider.machine("ES256").await;
        eventually(async || seen(&hub, &third).await.status == 200).await;
        for old in [&first, &second] {
            is_refused(&seen(&hub, old).await);
        }
        let fetched = provider.fetched().await;
        let parts: Vec<&str> = third.split('.').collect();
        for at in 0..200 {
            let header = json!({ "alg": "ES256", "typ": "at+jwt", "kid": format!("kid-{at}") });
            let header = BASE64_URL_SAFE_NO_PAD.encode(header.to_string());
            is_refused(&seen(&hub, &format!("{header}.{}.{}", parts[1], parts[2])).await);
        }
        assert!(provider.fetched().await <= fetched + 2, "names of keys made the hub ask");
    });
}

#[test]
fn a_hub_starts_without_its_provider_and_serves_on_when_it_goes() {
    run(async {
        // A token of the provider from a time before.
        let (port, before) = {
            let provider = Provider::start();
            (provider.port, provider.machine("EdDSA").await)
        };
        let hub = hub_with(Kind::Sqlite, port, &[]).await;
        let answer = seen(&hub, &before).await;
        assert_eq!((answer.status, answer.code()), (503, "PROVIDER_UNREACHABLE"));
        assert!(answer.headers.contains_key("retry-after"));
        let extensions = &answer.body["errors"][0]["extensions"];
        assert!(extensions["remedy"].is_string());
        let mut socket = Socket::open(&hub, "graphql-transport-ws").await.unwrap();
        let payload = json!({ "Authorization": format!("Bearer {before}") });
        socket.say(json!({ "type": "connection_init", "payload": payload })).await;
        assert_eq!(socket.hear().await, Heard::Closed(1013));
        // Whoever needs no provider is served.
        assert_eq!(
            hub.public("{ viewer { role } }", Value::Null).await.at("/viewer/role"),
            "PUBLIC"
        );
        let own = hub.token(Role::Steward, None);
        assert_eq!(seen(&hub, &own).await.status, 200);
        let provider = Provider::start_again(port);
        let token = provider.machine("EdDSA").await;
        eventually(async || seen(&hub, &token).await.status == 200).await;
        // The keys of the provider before it started anew are not its keys any more.
        is_refused(&seen(&hub, &before).await);
        drop(provider);
        assert_eq!(seen(&hub, &token).await.status, 200);
    });
}

#[test]
fn a_provider_with_a_certificate_of_the_citys_own_is_trusted_when_its_authority_is_named() {
    run(async {
        let provider = Provider::start_with_tls();
        let port = provider.port;
        let token = provider.machine("RS256").await;
        let (issuer, ca) = (provider.issuer.clone(), source("tls/ca.pem").display().to_string());
        let named =
            [("TUNGGAL_OIDC_ISSUER", issuer.as_str()), ("TUNGGAL_OIDC_CA_FILE", ca.as_str())];
        let hub = hub_with(Kind::Sqlite, port, &named).await;
        assert_eq!(seen(&hub, &token).await.at("/viewer/role"), "STEWARD");
        let wary = hub_with(Kind::Sqlite, port, &named[..1]).await;
        assert_eq!(seen(&wary, &token).await.code(), "PROVIDER_UNREACHABLE");
    });
}

#[test]
fn a_provider_that_hangs_holds_nobody_up_for_long() {
    run(async {
        let provider = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = provider.local_addr().unwrap().port();
        let hub = hub_with(Kind::Sqlite, port, &[]).await;
        let part = |it: Value| BASE64_URL_SAFE_NO_PAD.encode(it.to_string());
        let header = part(json!({ "alg": "RS256", "typ": "at+jwt", "kid": "x" }));
        let token = format!("{header}.{}.eA", part(json!({ "iss": issuer(port) })));
        let crowd = futures_util::future::join_all((0..20).map(|_| seen(&hub, &token)));
        let answers = tokio::time::timeout(Duration::from_secs(9), crowd).await.unwrap();
        for answer in answers {
            assert_eq!((answer.status, answer.code()), (503, "PROVIDER_UNREACHABLE"));
        }
    });
}

#[test]
fn what_the_provider_did_not_sign_for_us_is_refused() {
    run(async {
        let provider = Provider::start();
        let port = provider.port;
        let hub = hub_with(Kind::Sqlite, port, &[("TUNGGAL_EMBEDDED_ISSUER", "false")]).await;
        let token = provider.machine("RS256").await;
        assert_eq!(seen(&hub, &token).await.at("/viewer/role"), "STEWARD");
        // Nothing of the hub's own is taken, under whatever name.
        is_refused(&seen(&hub, &hub.token(Role::Steward, None)).await);
        assert_eq!(with_password(&hub, "ani", "x").await.status, 404);
        let parts: Vec<&str> = token.split('.').collect();
        let decoded = |part: &str| -> Value {
            serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
        };
        let (header, claims) = (decoded(parts[0]), decoded(parts[1]));
        let written = |header: &Value, claims: &Value| {
            let part = |it: &Value| BASE64_URL_SAFE_NO_PAD.encode(it.to_string());
            format!("{}.{}", part(header), part(claims))
        };
        let keys = provider.client.get(format!("{}/jwks", provider.issuer)).send().await.unwrap();
        let keys: Value = keys.json().await.unwrap();
        let modulus = keys["keys"][0]["n"].as_str().unwrap();
        let mut symmetric = header.clone();
        symmetric["alg"] = json!("HS256");
        let signed = written(&symmetric, &claims);
        for secret in [modulus.as_bytes(), &BASE64_URL_SAFE_NO_PAD.decode(modulus).unwrap()] {
            let key = EncodingKey::from_secret(secret);
            let signature = jsonwebtoken::crypto::sign(signed.as_bytes(), &key, Algorithm::HS256);
            is_refused(&seen(&hub, &format!("{signed}.{}", signature.unwrap())).await);
        }
        for (name, value) in [
            ("alg", json!("none")),
            ("alg", json!("ES256")),
            ("alg", json!("RS512")),
            ("kid", json!("x")),
            ("jku", json!("https://evil.test")),
            ("typ", json!("JWT")),
        ] {
            let mut changed = header.clone();
            changed[name] = value.clone();
            let forged = format!("{}.{}", written(&changed, &claims), parts[2]);
            is_refused(&seen(&hub, &forged).await);
        }
        let mut steward = claims.clone();
        steward["sub"] = json!("eve");
        is_refused(&seen(&hub, &format!("{}.{}", written(&header, &steward), parts[2])).await);
        for changed in [
            [("TUNGGAL_OIDC_AUDIENCE", "another")],
            [("TUNGGAL_OIDC_ALGORITHMS", "ES256, EdDSA")],
            [("TUNGGAL_OIDC_TOKEN_TYPES", "JWT")],
        ] {
            let strict = hub_with(Kind::Sqlite, port, &changed).await;
            is_refused(&seen(&strict, &token).await);
        }
        // Keys at an address of their own, without discovery.
        let url = format!("{}/jwks", provider.issuer);
        let given = hub_with(Kind::Sqlite, port, &[("TUNGGAL_OIDC_JWKS_URL", url.as_str())]).await;
        assert_eq!(seen(&given, &token).await.status, 200);
    });
}
