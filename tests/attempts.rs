//! Who was let in and who was not is in the access log, and nobody can fill it from outside.

use domain::viewer::Role;
use evidence::Act;
use serde_json::{Value, json};
use tunggal::service::accounts;

use crate::evidence_log::{entries, filled, verified};
use crate::hub::{Kind, Reply, TestHub, eventually, kinds, on_every_database, reply, run};
use crate::sign_in::{PASSWORD, standing, token, with_password, with_secret};

async fn acts(hub: &TestHub) -> Vec<Act> {
    entries(&hub.app).await.into_iter().map(|it| it.0.act).collect()
}

/// How many refusals entries stand for: each its own, or so many more.
fn refusals(acts: &[Act], operation: &str, subject: &str) -> u64 {
    let of = acts.iter().filter(|it| it.operation == operation && it.subject == subject);
    of.filter(|it| it.outcome.code() == "refused")
        .map(|it| it.reason.split_once(' ').map_or(1, |it| it.0.parse().unwrap()))
        .sum()
}

on_every_database! {
    /// Law 9.
    async fn who_is_let_in_is_an_entry_and_refusals_are_counted_without_filling_the_log(hub: TestHub) {
        let mut hub = hub;
        accounts::add_person(&hub.app, "ani", standing(Role::Steward), PASSWORD).await.unwrap();
        let bearing = token(&with_password(&hub, "ani", PASSWORD).await);
        let first = acts(&hub).await;
        assert_eq!(first.len(), 1, "durable before the token leaves");
        assert_eq!(
            (first[0].operation.as_str(), first[0].subject.as_str(), first[0].role.as_str()),
            ("sign_in", "ani", "steward")
        );
        assert_eq!((first[0].outcome.code(), first[0].reads.len()), ("allowed", 0));
        // Somebody types her password where the name goes.
        let typed = "gajah biru minum kopi";
        for _ in 0..10 {
            with_password(&hub, typed, "x").await;
            with_secret(&hub, typed, "x").await;
            with_password(&hub, "ani", "wrong").await;
        }
        accounts::disable(&hub.app, "ani").await.unwrap();
        let shut = async || hub.ask(Some(bearing.clone()), "{ viewer { role } }", Value::Null).await.status == 401;
        eventually(shut).await;
        for _ in 0..200 {
            hub.ask(Some("no.such.token".into()), "{ viewer { role } }", Value::Null).await;
        }
        hub.stop().await;
        let all = async || {
            let acts = acts(&hub).await;
            let count = |operation, subject| refusals(&acts, operation, subject);
            count("sign_in", "") == 20 && count("token", "") == 200
                && count("sign_in", "ani") + count("sign_in_while_waiting", "ani") == 10
                && count("sign_in_while_waiting", "ani") == 5 && 0 < count("token", "ani")
        };
        eventually(all).await;
        let acts = acts(&hub).await;
        // Five kinds, each once and once more for what followed; again if a minute has passed meanwhile.
        assert!(acts.len() <= 21, "{}", acts.len());
        assert!(acts.iter().all(|it| !format!("{it:?}").contains("gajah")));
        verified(&hub.app).await;
    }

    async fn a_sign_in_is_no_read_and_no_use_of_data(hub: TestHub) {
        accounts::add_person(&hub.app, "ani", standing(Role::Auditor), PASSWORD).await.unwrap();
        for _ in 0..6 {
            token(&with_password(&hub, "ani", PASSWORD).await);
        }
        let bearing = token(&with_password(&hub, "ani", PASSWORD).await);
        let query = "{ dataUse { reader } accessExcess { oddHours { subject } unusedRights { subject } } }";
        let seen = hub.ask(Some(bearing.clone()), query, Value::Null).await;
        let expected = json!({ "dataUse": [], "accessExcess": { "oddHours": [], "unusedRights": [] } });
        assert_eq!(seen.at(""), &expected, "{seen:?}");
        let query = "{ accessLog(filter: { subject: \"ani\", outcome: ALLOWED }) { nodes { operations purpose } } }";
        let seen = hub.ask(Some(bearing), query, Value::Null).await;
        let signed_in = json!({ "operations": ["sign_in"], "purpose": null });
        assert!(seen.at("/accessLog/nodes").is_array(), "{seen:?}");
        let nodes = seen.at("/accessLog/nodes").as_array().unwrap();
        assert_eq!(nodes.iter().filter(|it| **it == signed_in).count(), 7, "{seen:?}");
    }
}

async fn from(hub: &TestHub, forwarded: &str, password: &str) -> Reply {
    let grant = [("grant_type", "password"), ("username", "ani"), ("password", password)];
    let request = hub.client.post(format!("{}/oauth/token", hub.url)).form(&grant);
    reply(request.header("x-forwarded-for", forwarded).send().await.unwrap()).await
}

fn is_too_often(answer: &Reply) {
    assert_eq!((answer.status, answer.body["error"].as_str()), (429, Some("too_many_attempts")));
    let seconds: u64 = answer.headers["retry-after"].to_str().unwrap().parse().unwrap();
    assert!((1..=60).contains(&seconds), "{seconds}");
}

#[test]
fn an_address_that_signs_in_too_often_waits_whatever_it_says_of_itself() {
    for kind in kinds() {
        run(async move {
            let hub = TestHub::start_with(kind, |it| it.sign_ins_per_minute = 3).await;
            accounts::add_person(&hub.app, "ani", standing(Role::Steward), PASSWORD).await.unwrap();
            for number in 0..3 {
                let answer = from(&hub, &format!("198.51.100.{number}"), "wrong").await;
                assert_eq!(answer.body["error"], "invalid_grant");
            }
            is_too_often(&from(&hub, "198.51.100.9", PASSWORD).await);
            let log =
                async || acts(&hub).await.iter().any(|it| it.operation == "sign_in_too_often");
            eventually(log).await;
        });
    }
}

#[test]
fn behind_a_balancer_each_client_has_its_own_limit() {
    run(async {
        let hub = TestHub::start_with(Kind::Sqlite, |it| {
            it.sign_ins_per_minute = 1;
            it.trusted_proxies = vec!["127.0.0.0/8".parse().unwrap()];
        });
        let hub = hub.await;
        accounts::add_person(&hub.app, "ani", standing(Role::Steward), PASSWORD).await.unwrap();
        token(&from(&hub, "198.51.100.1", PASSWORD).await);
        // What the client wrote itself stands before what the balancer wrote.
        is_too_often(&from(&hub, "203.0.113.7, 198.51.100.1", PASSWORD).await);
        token(&from(&hub, "198.51.100.2", PASSWORD).await);
    });
}

/// Law 11.
#[test]
fn anybody_reads_what_data_is_used_for_without_a_script_and_without_small_counts() {
    for kind in kinds() {
        run(async move {
            let hub = TestHub::start(kind).await;
            filled(&hub).await;
            let page = async |path: &str| {
                let answer = hub.client.get(format!("{}{path}", hub.url)).send().await.unwrap();
                assert_eq!(answer.status(), 200, "{path}");
                let policy =
                    answer.headers()["content-security-policy"].to_str().unwrap().to_owned();
                (answer.text().await.unwrap(), policy)
            };
            let head = hub.client.head(format!("{}/penggunaan", hub.url)).send().await.unwrap();
            assert_eq!(head.status(), 200);
            assert!(page("/penggunaan").await.0.contains("Belum ada data pribadi yang dibaca"));
            let list = "{ enterprises { nodes { id ownerName { value } } } }";
            for _ in 0..5 {
                hub.operator("kominfo", list, Value::Null).await;
            }
            hub.ask_as(Role::Steward, list, Value::Null).await;
            let (text, policy) = page("/penggunaan").await;
            assert!(text.contains("Dinas Komunikasi") && text.contains("<td>5</td>"), "{text}");
            assert!(text.contains("<td>Pengelola Tunggal</td>"), "{text}");
            assert!(text.contains("kurang dari 5</td>") && !text.contains("<td>1</td>"), "{text}");
            for never in ["<script", "://", "style=", " onload", "Siti", "steward@test"] {
                assert!(!text.contains(never), "{never}: {text}");
            }
            assert!(policy.starts_with("default-src 'none'; style-src 'self'"), "{policy}");
            assert!(text.contains("href=\"/page.css\""));
            let css = hub.client.get(format!("{}/page.css", hub.url)).send().await.unwrap();
            assert_eq!(css.headers()["content-type"], "text/css; charset=utf-8");
            assert!(page("/").await.0.contains("href=\"/penggunaan\""));
        });
    }
}
