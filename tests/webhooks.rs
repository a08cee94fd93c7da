//! An institution is told that there are changes, at an address of its own or over a subscription, and of nobody.

use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering};

use aws_lc_rs::hmac;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use chrono::{DateTime, TimeDelta, Utc};
use domain::viewer::Role;
use serde_json::{Value, json};
use tunggal::clock;
use tunggal::service::webhooks::{self, ATTEMPTS};

use crate::financing_feed::{TEXT, agree, machine, withdraw};
use crate::financing_view::WHOLE;
use crate::hub::{Kind, TestHub, on_every_database};
use crate::live_sources::web::{Asked, Web};
use crate::register::kominfo;
use crate::socket::{Heard, Socket};

/// A receiver whose answer is changed as a story goes on.
async fn receiver(status: u16) -> (Web, Arc<AtomicU16>) {
    let answers = Arc::new(AtomicU16::new(status));
    let answer = Arc::clone(&answers);
    let told = move |_: &Asked| (answer.load(Ordering::SeqCst), String::new(), String::new());
    (Web::serve(told).await, answers)
}

fn told(web: &Web) -> Vec<Asked> {
    web.asked.lock().unwrap().clone()
}

fn header(asked: &Asked, name: &str) -> String {
    let line = asked.0.lines().find_map(|it| it.strip_prefix(&format!("{name}: ")));
    line.unwrap_or_default().to_owned()
}

/// Whether one of the signatures of a message is by the secret, worked out as its receiver would.
fn is_signed(asked: &Asked, secret: &str) -> bool {
    let key = BASE64_STANDARD.decode(secret.strip_prefix("whsec_").unwrap()).unwrap();
    let (id, at) = (header(asked, "webhook-id"), header(asked, "webhook-timestamp"));
    let text = format!("{id}.{at}.{}", asked.1);
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &key), text.as_bytes());
    let right = format!("v1,{}", BASE64_STANDARD.encode(tag));
    header(asked, "webhook-signature").split(' ').any(|it| it == right)
}

/// A register of two enterprises that sends to this machine, with the text that owners are told.
async fn filled(kind: Kind) -> (TestHub, Vec<String>) {
    let open = |it: &mut tunggal::config::Config| {
        it.webhook_networks = vec!["127.0.0.0/8".parse().unwrap()];
    };
    let hub = TestHub::start_with(kind, open).await;
    let ids = fill(&hub).await;
    (hub, ids)
}

async fn fill(hub: &TestHub) -> Vec<String> {
    hub.ingest("kominfo", &kominfo(&[1, 4], 0)).await;
    hub.link().await;
    hub.ask_as(Role::Steward, TEXT, Value::Null).await;
    let found = hub.ask_as(Role::Steward, "{ enterprises { nodes { id } } }", Value::Null).await;
    let all = found.at("/enterprises/nodes").as_array().unwrap();
    all.iter().map(|it| it["id"].as_str().unwrap().to_owned()).collect()
}

async fn add(hub: &TestHub, institution: &str, web: &Web) -> String {
    let url = format!("http://127.0.0.1:{}/hub", web.port);
    webhooks::add(&hub.app, &format!("{institution}-mikro"), institution, "kur_micro", &url)
        .await
        .unwrap()
}

/// What the institution sees of its messages.
async fn messages(hub: &TestHub, institution: &str) -> Vec<Value> {
    let query = "{ webhooks { name programme active
        messages { id state attempts madeAt triedAt nextAt result status } } }";
    let seen = hub.ask(Some(machine(hub, institution, "malam")), query, Value::Null).await;
    assert!(seen.body.get("errors").is_none(), "{seen:?}");
    seen.at("/webhooks/0/messages").as_array().cloned().unwrap_or_default()
}

fn time(it: &Value) -> DateTime<Utc> {
    it.as_str().unwrap().parse().unwrap()
}

/// When it is looked again whether there are changes.
fn later(seconds: i64) -> DateTime<Utc> {
    clock::now() + TimeDelta::seconds(seconds)
}

#[test]
fn an_institution_is_told_that_there_are_changes_and_of_nobody() {
    for kind in crate::hub::kinds() {
        crate::hub::run(async move {
            let (hub, ids) = filled(kind).await;
            let (web, _) = receiver(204).await;
            let secret = add(&hub, "bank", &web).await;
            webhooks::tick(&hub.app, later(0)).await.unwrap();
            assert_eq!(told(&web), vec![]);
            let consent = agree(&hub, &ids[0], "bank", &WHOLE).await;
            agree(&hub, &ids[1], "koperasi", &WHOLE).await;
            webhooks::tick(&hub.app, later(10)).await.unwrap();
            // Once, however often it is looked.
            webhooks::tick(&hub.app, later(20)).await.unwrap();
            let first = told(&web);
            assert_eq!(first.len(), 1, "{first:?}");
            assert!(is_signed(&first[0], &secret));
            let body: Value = serde_json::from_str(&first[0].1).unwrap();
            let data = json!({ "programme": "kur_micro", "institution": "bank" });
            let whole = json!({ "type": "financing.changed", "timestamp": body["timestamp"], "data": data });
            assert_eq!(body, whole);
            let sent = messages(&hub, "bank").await;
            assert_eq!(
                (&sent[0]["id"], &sent[0]["state"]),
                (&json!(header(&first[0], "webhook-id")), &json!("DELIVERED"))
            );
            assert_eq!((&sent[0]["result"], &sent[0]["status"]), (&json!("TAKEN"), &json!(204)));
            // Each secret that is live signs.
            let second =
                webhooks::rotate(&hub.app, "bank-mikro", TimeDelta::hours(1)).await.unwrap();
            withdraw(&hub, &consent).await;
            webhooks::tick(&hub.app, later(30)).await.unwrap();
            agree(&hub, &ids[0], "bank", &WHOLE).await;
            webhooks::tick(&hub.app, later(7_200)).await.unwrap();
            let all = told(&web);
            assert_eq!(all.len(), 3);
            let signed: Vec<_> =
                all.iter().map(|it| (is_signed(it, &secret), is_signed(it, &second))).collect();
            assert_eq!(signed, [(true, false), (true, true), (false, true)]);
            // One that is shut is told nothing, and then once.
            webhooks::set_disabled(&hub.app, "bank-mikro", true).await.unwrap();
            hub.ingest("kominfo", &kominfo(&[1, 4], 1)).await;
            hub.link().await;
            webhooks::tick(&hub.app, later(7_300)).await.unwrap();
            assert_eq!(told(&web).len(), 3);
            webhooks::set_disabled(&hub.app, "bank-mikro", false).await.unwrap();
            webhooks::tick(&hub.app, later(7_400)).await.unwrap();
            assert_eq!(told(&web).len(), 4);
        });
    }
}

#[test]
fn what_is_not_taken_comes_again_and_is_given_up_in_sight() {
    for kind in crate::hub::kinds() {
        crate::hub::run(async move {
            let (hub, ids) = filled(kind).await;
            let (web, answers) = receiver(503).await;
            add(&hub, "bank", &web).await;
            agree(&hub, &ids[0], "bank", &WHOLE).await;
            let mut now = clock::now();
            let mut last = TimeDelta::zero();
            for attempt in 1..=ATTEMPTS {
                webhooks::tick(&hub.app, now).await.unwrap();
                let one = messages(&hub, "bank").await.remove(0);
                assert_eq!(
                    (&one["attempts"], &one["result"], &one["status"]),
                    (&json!(attempt), &json!("REFUSED"), &json!(503))
                );
                if attempt == ATTEMPTS {
                    assert_eq!((&one["state"], &one["nextAt"]), (&json!("DEAD"), &Value::Null));
                    break;
                }
                let next = time(&one["nextAt"]);
                let (least, most) = (TimeDelta::seconds(5), TimeDelta::hours(6));
                assert!(least <= next - now && next - now <= most, "{attempt}: {now} {next}");
                assert!(last <= (next - now) * 2, "{attempt}: it does not shrink but by chance");
                last = next - now;
                // Not before its time.
                webhooks::tick(&hub.app, next - TimeDelta::milliseconds(1)).await.unwrap();
                assert_eq!(told(&web).len(), usize::try_from(attempt).unwrap());
                now = next;
            }
            let id = messages(&hub, "bank").await[0]["id"].clone();
            let resend = "mutation($id: ID!) { resendWebhook(id: $id) { state attempts } }";
            let of = |institution| machine(&hub, institution, "malam");
            let foreign = hub.ask(Some(of("koperasi")), resend, json!({ "id": id })).await;
            assert_eq!(foreign.code(), "NOT_FOUND", "{foreign:?}");
            let wrong = hub.ask(Some(of("bank")), resend, json!({ "id": "ent_1" })).await;
            assert_eq!(wrong.code(), "INVALID_INPUT");
            let again = hub.ask(Some(of("bank")), resend, json!({ "id": id })).await;
            assert_eq!(
                again.at("/resendWebhook"),
                &json!({ "state": "WAITING", "attempts": 0 }),
                "{again:?}"
            );
            let twice = hub.ask(Some(of("bank")), resend, json!({ "id": id })).await;
            assert_eq!(twice.code(), "CONFLICT");
            assert_eq!(messages(&hub, "koperasi").await, Vec::<Value>::new());
            // The register is opened anew, and the receiver is back: the message outlasted both.
            let other = hub.another_node().await;
            answers.store(200, Ordering::SeqCst);
            webhooks::tick(&other.app, later(1)).await.unwrap();
            assert_eq!(messages(&other, "bank").await[0]["state"], "DELIVERED");
            assert!(told(&web).iter().all(|it| json!(header(it, "webhook-id")) == id));
        });
    }
}

on_every_database! {
    async fn several_nodes_send_a_message_once(hub: TestHub) {
        let mut config = (*hub.app.config).clone();
        config.webhook_networks = vec!["127.0.0.0/8".parse().unwrap()];
        let nodes = [TestHub::of(config.clone()).await, TestHub::of(config).await];
        let ids = fill(&hub).await;
        let (web, answers) = receiver(503).await;
        add(&nodes[0], "bank", &web).await;
        agree(&hub, &ids[0], "bank", &WHOLE).await;
        let mut now = later(0);
        // Both look, and find the same message due at the same moment, again and again.
        for attempt in 1..=8 {
            let both = nodes.iter().map(|it| webhooks::tick(&it.app, now));
            futures_util::future::try_join_all(both).await.unwrap();
            assert_eq!(told(&web).len(), attempt);
            now = time(&messages(&hub, "bank").await[0]["nextAt"]);
        }
        answers.store(204, Ordering::SeqCst);
        let both = nodes.iter().map(|it| webhooks::tick(&it.app, now));
        futures_util::future::try_join_all(both).await.unwrap();
        assert_eq!((told(&web).len(), messages(&hub, "bank").await.len()), (9, 1));
    }
}

#[test]
fn a_node_that_serves_tells_by_itself_until_it_stops() {
    crate::hub::run(async {
        let (hub, ids) = filled(Kind::Sqlite).await;
        let (web, _) = receiver(204).await;
        add(&hub, "bank", &web).await;
        agree(&hub, &ids[0], "bank", &WHOLE).await;
        let (stop, stopping) = tokio::sync::watch::channel(false);
        let keeper = tokio::spawn(webhooks::keep(hub.app.clone(), stopping));
        let done =
            async || messages(&hub, "bank").await.iter().any(|it| it["state"] == "DELIVERED");
        crate::hub::eventually(done).await;
        assert_eq!(told(&web).len(), 1);
        stop.send(true).unwrap();
        keeper.await.unwrap();
    });
}

#[test]
fn a_webhook_reaches_nothing_that_is_not_open() {
    crate::hub::run(async {
        let hub = TestHub::start(Kind::Sqlite).await;
        let ids = fill(&hub).await;
        for url in [
            "http://bank.id/",
            "https://127.0.0.1/",
            "https://[::ffff:7f00:1]/",
            "https://169.254.169.254/",
        ] {
            let refused =
                webhooks::add(&hub.app, "bank-mikro", "bank", "kur_micro", url).await.unwrap_err();
            assert_eq!(refused.code(), "INVALID_INPUT", "{url}");
        }
        for (name, institution, programme, code) in [
            ("x", "bank", "kur_micro", "INVALID_INPUT"),
            ("bank-mikro", "bank-mana", "kur_micro", "INVALID_INPUT"),
            ("bank-mikro", "bank", "kur_raksasa", "UNKNOWN_PROGRAMME"),
        ] {
            let refused =
                webhooks::add(&hub.app, name, institution, programme, "https://bank.id/").await;
            assert_eq!(refused.unwrap_err().code(), code);
        }
        // A name that leads to the machine itself is found out when it is looked up.
        let (web, _) = receiver(204).await;
        let url = format!("https://localhost:{}/", web.port);
        webhooks::add(&hub.app, "bank-mikro", "bank", "kur_micro", &url).await.unwrap();
        agree(&hub, &ids[0], "bank", &WHOLE).await;
        webhooks::tick(&hub.app, later(0)).await.unwrap();
        assert_eq!(messages(&hub, "bank").await[0]["result"], "TARGET_NOT_ALLOWED");
        assert_eq!(told(&web), vec![]);
        // A receiver that leads elsewhere is not followed.
        let (hub, ids) = filled(Kind::Sqlite).await;
        let elsewhere = format!("Location: http://127.0.0.1:{}/\r\n", web.port);
        let leads = Web::serve(move |_| (302, elsewhere.clone(), String::new())).await;
        add(&hub, "bank", &leads).await;
        agree(&hub, &ids[0], "bank", &WHOLE).await;
        webhooks::tick(&hub.app, later(0)).await.unwrap();
        let sent = messages(&hub, "bank").await;
        assert_eq!(
            (&sent[0]["result"], &sent[0]["status"]),
            (&json!("LEADS_ELSEWHERE"), &json!(302))
        );
        assert_eq!((told(&leads).len(), told(&web).len()), (1, 0));
    });
}

fn follow() -> Value {
    let query =
        "subscription { financingChanged(programme: \"kur_micro\") { programme institution } }";
    json!({ "type": "subscribe", "id": "1", "payload": { "query": query } })
}

on_every_database! {
    async fn who_listens_hears_that_there_are_changes_for_her_institution(hub: TestHub) {
        let ids = fill(&hub).await;
        let mut bank = Socket::introduced(&hub, Some(machine(&hub, "bank", "siang"))).await;
        let mut other = Socket::introduced(&hub, Some(machine(&hub, "koperasi", "siang"))).await;
        for socket in [&mut bank, &mut other] {
            socket.say(follow()).await;
        }
        // Both listen once what stood before was compared.
        let compared = "financing_feed WHERE compared <> '' AND behind IS NULL";
        crate::hub::eventually(async || hub.rows(compared).await == 2).await;
        for (institution, socket) in [("bank", &mut bank), ("koperasi", &mut other)] {
            agree(&hub, &ids[0], institution, &WHOLE).await;
            let Heard::Text(heard) = socket.hear().await else { panic!("it was closed") };
            let told = json!({ "programme": "kur_micro", "institution": institution });
            assert_eq!(heard["payload"], json!({ "data": { "financingChanged": told } }), "{heard}");
        }
        let unknown = follow().to_string().replace("kur_micro", "kur_raksasa");
        let mut wrong = Socket::introduced(&hub, Some(machine(&hub, "bank", "siang"))).await;
        wrong.say(serde_json::from_str(&unknown).unwrap()).await;
        let Heard::Text(refused) = wrong.hear().await else { panic!("it was closed") };
        assert!(refused.to_string().contains("UNKNOWN_PROGRAMME"), "{refused}");
        // It is of an institution alone.
        let mut steward = Socket::introduced(&hub, Some(hub.token(Role::Steward, None))).await;
        steward.say(follow()).await;
        let Heard::Text(refused) = steward.hear().await else { panic!("it was closed") };
        assert!(refused.to_string().contains("FORBIDDEN"), "{refused}");
    }
}

#[test]
fn the_command_line_shows_a_secret_once() {
    let place = tempfile::tempdir().unwrap();
    let run = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tunggal-under-test"));
        command.arg("webhook").args(arguments).arg("--data-dir").arg(place.path().join("data"));
        command.env_remove("DATABASE_URL").env("TUNGGAL_LOG", "off").current_dir(place.path());
        let output = command.output().unwrap();
        let text = [output.stdout, output.stderr].concat();
        (output.status.success(), String::from_utf8(text).unwrap())
    };
    let add = ["add", "bjb-mikro", "--institution", "bjb", "--programme", "kur_micro", "--url"];
    let at = |url| run(&[&add[..], &[url]].concat());
    let (made, said) = at("https://bjb.example/hub");
    assert!(made && said.contains("secret   whsec_"), "{said}");
    assert!(!at("https://bjb.example/hub").0 && !at("https://10.0.0.1/").0);
    let (made, another) = run(&["rotate", "bjb-mikro"]);
    assert!(made && another.contains("whsec_") && another != said);
    assert!(run(&["disable", "bjb-mikro"]).0);
    let (_, list) = run(&["list"]);
    assert!(
        list.contains("bjb-mikro") && list.contains("disabled") && !list.contains("whsec_"),
        "{list}"
    );
}
