//! A client that signs: its tokens are given to its key, and each of its calls is its own, of these minutes, and taken
//! once.

use std::process::{Command, Stdio};
use std::time::Duration;

use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::signature::{ECDSA_P384_SHA384_ASN1_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair};
use chrono::{DateTime, TimeDelta, Utc};
use domain::viewer::Role;
use reqwest::Method;
use serde_json::{Value, json};
use tunggal::error::Error;
use tunggal::service::accounts;

mod client;

use self::client::{
    Call, Pair, ask_token, client, error, fresh_id, now, pem, sign_in, standing, token, written,
};
use crate::hub::{TestHub, on_every_database, reply, within};
use crate::sign_in::with_secret;
use crate::socket::{Heard, Socket};

/// How soon another secret or key is felt.
const FELT: Duration = Duration::from_secs(5);
/// What would leave a trace if it ran.
const CHANGE: &str = "mutation { link { enterprises } }";
const VIEWER: &str = "{ viewer { subject } }";

async fn ready(hub: &TestHub, token: &str, secret: &str) {
    within(FELT, async || Call::asking(VIEWER, token, secret).send(hub).await.status == 200).await;
}

on_every_database! {
    async fn a_token_is_given_to_the_key_of_a_client_that_signs_and_to_nothing_else(hub: TestHub) {
        let pairs = [("bank-rsa", Pair::rsa()), ("bank-p256", Pair::curve()), ("bank-ed25519", Pair::edwards())];
        let plain = accounts::add_client(&hub.app, "bank-biasa", standing(Role::Lender), None, None).await.unwrap();
        for (name, pair) in &pairs {
            let secret = client(&hub, name, Role::Lender, pair).await;
            let at = now();
            let given = sign_in(&hub, name, pair, &at).await;
            assert_eq!((given.status, &given.body["expires_in"]), (200, &json!(3_600)), "{name}: {given:?}");
            // The same request, as somebody has it who wrote it down.
            assert_eq!(error(&sign_in(&hub, name, pair, &at).await), (400, "invalid_request"), "{name}");
            token(&sign_in(&hub, name, pair, &now()).await);
            // The secret of its calls is no way in.
            assert_eq!(error(&with_secret(&hub, name, &secret).await), (401, "invalid_client"));
            let at = now();
            let signature = pair.sign(&format!("{name}|{at}"));
            let other = Pair::rsa().sign(&format!("{name}|{at}"));
            let headers = [("X-CLIENT-KEY", *name), ("X-TIMESTAMP", at.as_str()), ("X-SIGNATURE", signature.as_str())];
            let changed = |place: usize, value| {
                let mut headers = headers.to_vec();
                headers[place].1 = value;
                headers
            };
            let (later, body_name) = (now(), [("client_id", *name)]);
            for (what, headers, form, refused) in [
                ("another time", changed(1, &later), &[][..], (401, "invalid_client")),
                ("another key", changed(2, &other), &[], (401, "invalid_client")),
                ("another client", changed(0, "bank-biasa"), &[], (401, "invalid_client")),
                ("nobody", changed(0, "bank-tidak-ada"), &[], (401, "invalid_client")),
                ("no time", changed(1, "kemarin"), &[], (400, "invalid_request")),
                ("a time without offset", changed(1, "2026-11-23T09:00:00"), &[], (400, "invalid_request")),
                ("no signature", changed(2, "?"), &[], (400, "invalid_request")),
                ("an empty signature", changed(2, ""), &[], (401, "invalid_client")),
                ("nothing", headers[..1].to_vec(), &[], (400, "invalid_request")),
                ("twice", [&headers[..], &headers[1..2]].concat(), &[], (400, "invalid_request")),
                ("named twice", headers.to_vec(), &body_name, (400, "invalid_request")),
            ] {
                assert_eq!(error(&ask_token(&hub, &headers, form).await), refused, "{name}: {what}");
            }
            // None of these has used it up.
            token(&ask_token(&hub, &headers, &[]).await);
        }
        for ahead in [-10, 10] {
            let at = written(tunggal::clock::now() + TimeDelta::minutes(ahead));
            let told = sign_in(&hub, "bank-rsa", &pairs[0].1, &at).await;
            assert_eq!(error(&told), (400, "clock_off"), "{told:?}");
            let hub_time: DateTime<Utc> = told.body["hub_time"].as_str().unwrap().parse().unwrap();
            assert!((tunggal::clock::now() - hub_time).abs() < TimeDelta::minutes(1));
        }
        // Whoever does not sign is asked for none, and a header more does not matter.
        let bearing = token(&with_secret(&hub, "bank-biasa", &plain).await);
        within(FELT, async || hub.ask(Some(bearing.clone()), VIEWER, Value::Null).await.status == 200).await;
        assert_eq!(Call::asking(VIEWER, &bearing, "x").send(&hub).await.at("/viewer/subject"), "bank-biasa");
        // What was refused is in the log, by the client's name.
        let log = hub.access_log().await;
        assert!(log.iter().any(|it| it.1 == "sign_in" && !it.3), "{log:?}");
    }

    async fn a_call_whose_signature_does_not_hold_leaves_nothing(hub: TestHub) {
        let pair = Pair::edwards();
        let secret = client(&hub, "mesin", Role::Steward, &pair).await;
        let other = client(&hub, "mesin-lain", Role::Steward, &Pair::edwards()).await;
        let bearing = token(&sign_in(&hub, "mesin", &pair, &now()).await);
        let at = now();
        let signature = pair.sign(&format!("mesin|{at}"));
        let headers = [("X-CLIENT-KEY", "mesin"), ("X-TIMESTAMP", at.as_str()), ("X-SIGNATURE", signature.as_str())];
        let second = token(&ask_token(&hub, &headers, &[("scope", "linkage:write")]).await);
        ready(&hub, &bearing, &secret).await;
        let taken = hub.rows("signed_request").await;
        let right = || Call::asking(CHANGE, &bearing, &secret);
        let moved = |call: Call, path: &str| Call { path: path.to_owned(), ..call };
        let body = |text: &str| Call { body: text.to_owned(), ..right() };
        let time = |at: &str| right().with("x-timestamp", at);
        let shorter = { let call = right(); let whole = call.headers[1].1.clone(); call.with("x-signature", &whole[..44]) };
        let cases = [
            ("no header", right().without("x-timestamp").without("x-signature").without("x-external-id")),
            ("no time", right().without("x-timestamp")),
            ("no signature", right().without("x-signature")),
            ("no name", right().without("x-external-id")),
            ("a name with what it may not have", right().with("x-external-id", "1|2")),
            ("a long name", right().with("x-external-id", "1".repeat(65))),
            ("another partner", right().with("x-partner-id", "mesin-lain")),
            ("another client's secret", right().signed(&other)),
            ("no secret", right().signed("")),
            ("another token", Call { token: second.clone(), ..right() }),
            ("another path", moved(right(), "/graphql?x=1")),
            ("another method", Call { method: Method::GET, ..moved(right(), "/graphql?query=%7Bviewer%7Brole%7D%7D") }),
            ("another body", body(&json!({ "query": "mutation { link { run } }" }).to_string())),
            ("a body with more", body(&format!("{{\"operationName\":null,{}", &json!({ "query": CHANGE }).to_string()[1..]))),
            ("space within a text", body(&json!({ "query": format!(" {CHANGE}") }).to_string())),
            ("no body", body("").with("content-type", "application/json")),
            ("a second more", time(&written(tunggal::clock::now() + TimeDelta::seconds(1)))),
            ("no time at all", time("hari ini")),
            ("an empty signature", right().with("x-signature", "")),
            ("half a signature", shorter),
            ("not base64", right().with("x-signature", "---")),
            ("in hexadecimal", right().with("x-signature", "ab".repeat(64))),
        ];
        for (what, call) in &cases {
            let answer = call.send(&hub).await;
            assert_eq!((answer.status, answer.code()), (401, "SIGNATURE_REFUSED"), "{what}: {answer:?}");
            assert!(answer.headers.contains_key("www-authenticate"));
        }
        let file = reqwest::multipart::Form::new().text("operations", json!({ "query": CHANGE }).to_string());
        let mut request = hub.client.post(format!("{}/graphql", hub.url)).bearer_auth(&bearing).multipart(file);
        // Signed as if it had no body.
        for (name, value) in Call::of(Method::POST, "/graphql", String::new(), &bearing, &secret, &now()).headers {
            request = request.header(name, value);
        }
        let answer = reply(request.header("graphql-preflight", "1").send().await.unwrap()).await;
        assert_eq!((answer.status, answer.code()), (401, "SIGNATURE_REFUSED"), "{answer:?}");
        assert_eq!((hub.rows("link_run").await, hub.rows("signed_request").await), (0, taken));
        let log = hub.access_log().await;
        assert_eq!(log.iter().filter(|it| it.1 == "signature" && !it.3).count(), 1, "{log:?}");
        // What differs in space between its parts alone says the same.
        let pretty = Call { body: format!("{{ \"query\" :\n {} }}\n", json!(CHANGE)), ..right() };
        assert_eq!(pretty.send(&hub).await.status, 200);
        assert_eq!((hub.rows("link_run").await, hub.rows("signed_request").await), (1, taken + 1));
    }

    async fn a_signed_call_is_taken_once_on_whatever_node(hub: TestHub) {
        let pair = Pair::edwards();
        let secret = client(&hub, "mesin", Role::Steward, &pair).await;
        let at = now();
        let bearing = token(&sign_in(&hub, "mesin", &pair, &at).await);
        ready(&hub, &bearing, &secret).await;
        let other = hub.another_node().await;
        ready(&other, &bearing, &secret).await;
        let runs = async || hub.rows("link_run").await;
        let call = Call::asking(CHANGE, &bearing, &secret);
        assert_eq!(call.send(&hub).await.status, 200);
        assert_eq!(runs().await, 1);
        let refused = async |hub: &TestHub, call: &Call, what| {
            let answer = call.send(hub).await;
            assert_eq!((answer.status, answer.code()), (409, "REQUEST_REPLAYED"), "{what}: {answer:?}");
        };
        let name = call.headers.iter().find(|it| it.0 == "x-external-id").unwrap().1.clone();
        for node in [&hub, &other] {
            refused(node, &call, "the very same").await;
            refused(node, &call.clone().with("x-external-id", fresh_id()), "under another name").await;
            let again = Call::asking(CHANGE, &bearing, &secret).with("x-external-id", name.clone());
            refused(node, &again, "signed anew under the same name").await;
        }
        assert_eq!(error(&sign_in(&other, "mesin", &pair, &at).await), (400, "invalid_request"));
        assert_eq!(runs().await, 1);
        // Many at once: one of them is taken.
        let call = Call::asking(CHANGE, &bearing, &secret);
        let all = (0..12).map(|it| {
            let call = if it % 3 == 0 { call.clone() } else { call.clone().with("x-external-id", fresh_id()) };
            let node = if it % 2 == 0 { &hub } else { &other };
            async move { call.send(node).await.status }
        });
        let mut all: Vec<u16> = futures_util::future::join_all(all).await;
        all.sort_unstable();
        assert_eq!(all, [&[200][..], &[409; 11][..]].concat());
        // Another client may use the name, and so may this one on the day before, for a call of its own.
        let pair = Pair::edwards();
        let secret = client(&hub, "mesin-lain", Role::Steward, &pair).await;
        let theirs = token(&sign_in(&hub, "mesin-lain", &pair, &now()).await);
        ready(&hub, &theirs, &secret).await;
        assert_eq!(Call::asking(VIEWER, &theirs, &secret).with("x-external-id", name).send(&hub).await.status, 200);
        // What is kept says nothing of what was named.
        let (_, database) = hub.database().await;
        let query = "SELECT external_id AS it FROM signed_request";
        let statement = sea_orm::Statement::from_string(sea_orm::ConnectionTrait::get_database_backend(&database), query);
        let rows = sea_orm::ConnectionTrait::query_all_raw(&database, statement).await.unwrap();
        assert!(rows.iter().all(|it| it.try_get::<String>("", "it").unwrap().len() == 43));
    }

    async fn a_clock_that_is_off_is_told_the_time_of_the_hub(hub: TestHub) {
        let pair = Pair::edwards();
        let secret = client(&hub, "mesin", Role::Steward, &pair).await;
        let bearing = token(&sign_in(&hub, "mesin", &pair, &now()).await);
        ready(&hub, &bearing, &secret).await;
        let (taken, clock) = (hub.rows("signed_request").await, tunggal::clock::now());
        for minutes in [-10, -6, 6, 10, 60 * 24 * 400] {
            let at = written(clock + TimeDelta::minutes(minutes));
            let call = Call::at(CHANGE, &bearing, &secret, &at);
            let told = call.clone().send(&hub).await;
            assert_eq!((told.status, told.code()), (401, "CLOCK_OFF"), "{told:?}");
            let message = told.body["errors"][0]["message"].as_str().unwrap();
            let hour = tunggal::clock::now().format("%Y-%m-%dT").to_string();
            assert!(message.contains("5 minutes") && message.contains(&hour), "{message}");
            let told = call.with("accept-language", "id").send(&hub).await;
            let said = &told.body["errors"][0];
            assert!(said["message"].as_str().unwrap().starts_with("Waktu permintaan"), "{told:?}");
            assert!(said["extensions"]["detail"].as_str().unwrap().contains(&hour), "{told:?}");
        }
        assert_eq!((hub.rows("link_run").await, hub.rows("signed_request").await), (0, taken));
        for minutes in [-4, 4] {
            let at = written(tunggal::clock::now() + TimeDelta::minutes(minutes));
            assert_eq!(Call::at(VIEWER, &bearing, &secret, &at).send(&hub).await.status, 200);
        }
    }

    async fn keys_and_secrets_change_without_a_gap(hub: TestHub) {
        let (first, second) = (Pair::edwards(), Pair::curve());
        let before = client(&hub, "mesin", Role::Lender, &first).await;
        let bearing = token(&sign_in(&hub, "mesin", &first, &now()).await);
        ready(&hub, &bearing, &before).await;
        let asking = async |secret: &str| Call::asking(VIEWER, &bearing, secret).send(&hub).await.status;
        let hour = TimeDelta::hours(1);
        let after = accounts::rotate_secret(&hub.app, "mesin", hour).await.unwrap();
        assert_ne!(before, after);
        within(FELT, async || asking(&after).await == 200).await;
        assert_eq!(asking(&before).await, 200);
        let last = accounts::rotate_secret(&hub.app, "mesin", TimeDelta::zero()).await.unwrap();
        within(FELT, async || asking(&after).await == 401).await;
        assert_eq!((asking(&last).await, asking(&before).await), (200, 401));
        // The same for the key.
        accounts::change_key(&hub.app, "mesin", second.pem().as_bytes(), hour).await.unwrap();
        token(&sign_in(&hub, "mesin", &first, &now()).await);
        token(&sign_in(&hub, "mesin", &second, &now()).await);
        let third = Pair::edwards();
        accounts::change_key(&hub.app, "mesin", third.pem().as_bytes(), TimeDelta::zero()).await.unwrap();
        for (pair, refused) in [(&first, true), (&second, true), (&third, false)] {
            assert_eq!(sign_in(&hub, "mesin", pair, &now()).await.status == 401, refused);
        }
        // No secret stands in the register.
        let (_, database) = hub.database().await;
        let query = "SELECT account, generation FROM client_signature";
        let statement = sea_orm::Statement::from_string(sea_orm::ConnectionTrait::get_database_backend(&database), query);
        let rows = sea_orm::ConnectionTrait::query_all_raw(&database, statement).await.unwrap();
        assert_eq!(rows[0].try_get::<i32>("", "generation").unwrap(), 3);
        assert_eq!(hub.rows("client_secret").await, 0);
    }

    async fn a_client_that_signs_opens_no_socket_and_its_streams_and_files_are_signed(hub: TestHub) {
        let pair = Pair::edwards();
        let secret = client(&hub, "mesin", Role::Lender, &pair).await;
        let bearing = token(&sign_in(&hub, "mesin", &pair, &now()).await);
        ready(&hub, &bearing, &secret).await;
        let mut socket = Socket::open(&hub, "graphql-transport-ws").await.unwrap();
        let payload = json!({ "Authorization": format!("Bearer {bearing}") });
        socket.say(json!({ "type": "connection_init", "payload": payload })).await;
        assert_eq!(socket.hear().await, Heard::Closed(4403));
        let stream = |call: Call| call.with("accept", "text/event-stream");
        let listen = "subscription { financingChanged(programme: \"kur_micro\") { programme } }";
        let refused = stream(Call::asking(listen, &bearing, &secret).without("x-signature")).send(&hub).await;
        assert_eq!((refused.status, refused.code()), (401, "SIGNATURE_REFUSED"));
        let heard = stream(Call::asking(VIEWER, &bearing, &secret)).send(&hub).await;
        assert_eq!(heard.status, 200, "{heard:?}");
        assert!(heard.body.as_str().unwrap().contains("mesin"), "{heard:?}");
        for path in ["/graphql?query=%7Bviewer%7Bsubject%7D%7D", "/financing/kur_micro/export?format=csv", "/receipts/1"] {
            let call = Call::get(path, &bearing, &secret);
            let unsigned = call.clone().without("x-signature").send(&hub).await;
            assert_eq!((unsigned.status, unsigned.code()), (401, "SIGNATURE_REFUSED"), "{path}");
            let signed = call.send(&hub).await;
            assert_ne!(signed.status, 401, "{path}: {signed:?}");
            assert_eq!(call.send(&hub).await.code(), "REQUEST_REPLAYED", "{path}");
        }
    }

    async fn a_key_that_is_none_is_not_taken(hub: TestHub) {
        let small = "-----BEGIN PUBLIC KEY-----
MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQC7vz1aNpY5Kj3rtAGFfBtFkRjd
-----END PUBLIC KEY-----";
        let wide = EcdsaKeyPair::generate(&ECDSA_P384_SHA384_ASN1_SIGNING).unwrap();
        let wide = pem("PUBLIC KEY", wide.public_key().as_der().unwrap().as_ref());
        let private = pem("PRIVATE KEY", Ed25519KeyPair::generate().unwrap().to_pkcs8v1().unwrap().as_ref());
        for key in [small, &wide, &private, "", "kunci", &short_rsa()] {
            let lender = standing(Role::Lender);
            let made = accounts::add_signing_client(&hub.app, "bank-malam", lender, None, None, key.as_bytes()).await;
            assert!(matches!(made, Err(Error::InvalidInput { field: "public_key", .. })), "{key}");
        }
        assert_eq!((hub.rows("account").await, hub.rows("client_signature").await), (0, 0));
        accounts::add_client(&hub.app, "bank-biasa", standing(Role::Lender), None, None).await.unwrap();
        let key = Pair::edwards().pem();
        let changed = accounts::change_key(&hub.app, "bank-biasa", key.as_bytes(), TimeDelta::zero()).await;
        assert!(matches!(changed, Err(Error::InvalidInput { .. })), "{changed:?}");
    }
}

/// A public key of RSA that is too short, as openssl makes it.
fn short_rsa() -> String {
    let run = |arguments: &[&str], input: Vec<u8>| {
        use std::io::Write;
        let mut command = Command::new("openssl");
        command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        child.stdin.take().unwrap().write_all(&input).unwrap();
        child.wait_with_output().unwrap().stdout
    };
    let private = run(&["genrsa", "1024"], vec![]);
    let public = String::from_utf8(run(&["rsa", "-pubout"], private)).unwrap();
    assert!(public.starts_with("-----BEGIN PUBLIC KEY-----"), "{public}");
    public
}

/// The same by the command line.
#[test]
fn the_command_line_makes_a_client_that_signs() {
    let place = tempfile::tempdir().unwrap();
    let run = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tunggal-under-test"));
        command.args(arguments).arg("--data-dir").arg(place.path().join("data"));
        command.env_remove("DATABASE_URL").env("TUNGGAL_LOG", "off").current_dir(place.path());
        let output = command.stdin(Stdio::null()).output().unwrap();
        let said = [output.stdout, output.stderr].concat();
        (output.status.success(), String::from_utf8(said).unwrap())
    };
    std::fs::write(place.path().join("key.pem"), Pair::curve().pem()).unwrap();
    let lender = ["--role", "lender", "--institution", "bjb", "--public-key", "key.pem"];
    let (made, first) = run(&[&["client", "add", "bjb-malam"][..], &lender].concat());
    assert!(made && first.contains("client_secret  tgs_"), "{first}");
    let (rotated, second) = run(&["client", "rotate", "bjb-malam"]);
    assert!(rotated && second.contains("client_secret  tgs_") && first != second, "{second}");
    let key = ["client", "key", "bjb-malam", "--public-key"];
    assert!(run(&[&key[..], &["key.pem"]].concat()).0);
    std::fs::write(place.path().join("none.pem"), "kunci").unwrap();
    let (taken, told) = run(&[&key[..], &["none.pem"]].concat());
    assert!(!taken && told.contains("RSA of 2048"), "{told}");
    assert!(!run(&[&key[..], &["absent.pem"]].concat()).0);
    // No secret stands in the register.
    let file = std::fs::read(place.path().join("data/tunggal.sqlite")).unwrap();
    for told in [first, second] {
        let secret = told.split("tgs_").nth(1).unwrap().trim();
        assert!(!file.windows(secret.len()).any(|it| it == secret.as_bytes()));
    }
}
