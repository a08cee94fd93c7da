//! Signing in to the hub's own accounts: persons with a password, machines with a secret.

use std::collections::BTreeSet;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use chrono::TimeDelta;
use domain::agency::AgencyCode;
use domain::permission::Action;
use domain::viewer::Role;
use futures_util::future::join_all;
use serde_json::{Value, json};
use tunggal::service::accounts;
use tunggal::store::accounts::Standing;

use crate::evidence_log;
use crate::hub::{Kind, Reply, TestHub, eventually, on_every_database, reply, run};

/// A password that the rules allow.
pub const PASSWORD: &str = "kuda hijau makan soto";

const VIEWER: &str = "{ viewer { subject role agency institution client may } }";

/// As an operator of kominfo.
pub fn operator() -> Standing {
    let agency = AgencyCode::parse("kominfo").ok();
    Standing { role: Role::AgencyOperator, agency, institution: None, person: None }
}

/// As a role that belongs to nothing.
pub fn standing(role: Role) -> Standing {
    Standing { role, agency: None, institution: None, person: None }
}

fn lender() -> Standing {
    Standing { role: Role::Lender, agency: None, institution: Some("bjb".to_owned()), person: None }
}

/// Asks for a token with these parameters.
pub async fn ask_token(hub: &TestHub, parameters: &[(&str, &str)]) -> Reply {
    let request = hub.client.post(format!("{}/oauth/token", hub.url)).form(parameters);
    reply(request.send().await.unwrap()).await
}

/// Asks for a token with a name and password.
pub async fn with_password(hub: &TestHub, name: &str, password: &str) -> Reply {
    let grant = [("grant_type", "password"), ("username", name), ("password", password)];
    ask_token(hub, &grant).await
}

/// Asks for a token with the secret of a client.
pub async fn with_secret(hub: &TestHub, name: &str, secret: &str) -> Reply {
    let grant =
        [("grant_type", "client_credentials"), ("client_id", name), ("client_secret", secret)];
    ask_token(hub, &grant).await
}

/// The token of an answer.
pub fn token(answer: &Reply) -> String {
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.body["access_token"].as_str().unwrap().to_owned()
}

fn is_error(answer: &Reply, status: u16, error: &str) {
    assert_eq!((answer.status, answer.body["error"].as_str()), (status, Some(error)), "{answer:?}");
    assert!(answer.body["error_description"].is_string() && answer.body["remedy"].is_string());
    assert_eq!(answer.headers["cache-control"], "no-store");
    assert_eq!(answer.headers["pragma"], "no-cache");
    assert_eq!(answer.headers.contains_key("www-authenticate"), status == 401);
}

on_every_database! {
    async fn a_person_signs_in_with_her_password_and_is_who_her_account_says(hub: TestHub) {
        accounts::add_person(&hub.app, "siti.aminah", operator(), PASSWORD).await.unwrap();
        let answer = with_password(&hub, "siti.aminah", PASSWORD).await;
        assert_eq!(answer.body["token_type"], "Bearer");
        assert_eq!(answer.body["expires_in"], 8 * 3_600);
        assert_eq!(answer.headers["cache-control"], "no-store");
        let reply = hub.ask(Some(token(&answer)), VIEWER, Value::Null).await;
        let viewer = reply.at("/viewer");
        assert_eq!(viewer["subject"], "siti.aminah");
        assert_eq!((&viewer["role"], &viewer["agency"]), (&json!("AGENCY_OPERATOR"), &json!("kominfo")));
        for (name, password) in [
            ("siti.aminah", "kuda hijau makan sate"),
            ("siti.aminah", ""),
            ("Siti.Aminah", PASSWORD),
            ("siti", PASSWORD),
        ] {
            let answer = with_password(&hub, name, password).await;
            let error = if password.is_empty() { "invalid_request" } else { "invalid_grant" };
            is_error(&answer, 400, error);
        }
        // The same name and a bad password are refused when the account is made.
        assert!(accounts::add_person(&hub.app, "siti.aminah", operator(), PASSWORD).await.is_err());
        assert!(accounts::add_person(&hub.app, "budi", operator(), "Password1234").await.is_err());
        let nowhere = Standing { agency: AgencyCode::parse("ministry").ok(), ..operator() };
        assert!(accounts::add_person(&hub.app, "budi", nowhere, PASSWORD).await.is_err());
        assert!(accounts::add_person(&hub.app, "Budi!", operator(), PASSWORD).await.is_err());
        assert!(accounts::add_person(&hub.app, "budi", standing(Role::Lender), PASSWORD).await.is_err());
    }

    async fn an_account_waits_after_five_wrong_passwords_however_they_come(hub: TestHub) {
        accounts::add_person(&hub.app, "ani", standing(Role::Steward), PASSWORD).await.unwrap();
        accounts::add_person(&hub.app, "budi", standing(Role::Steward), PASSWORD).await.unwrap();
        for _ in 0..4 {
            is_error(&with_password(&hub, "ani", "wrong").await, 400, "invalid_grant");
        }
        // A right password before the fifth wrong one starts the count anew.
        token(&with_password(&hub, "ani", PASSWORD).await);
        let guesses = (0..12).map(async |_| with_password(&hub, "ani", "wrong").await);
        for answer in join_all(guesses).await {
            is_error(&answer, 400, "invalid_grant");
        }
        let (account, _) = hub.app.store.account("ani").await.unwrap().unwrap();
        assert_eq!(account.failures, 5, "the rest were not looked at");
        assert!(tunggal::clock::now() < account.locked_until.unwrap());
        let locked = with_password(&hub, "ani", PASSWORD).await;
        is_error(&locked, 400, "invalid_grant");
        // Nothing tells a locked account from one that is not there.
        assert_eq!(locked.body, with_password(&hub, "nobody", PASSWORD).await.body);
        token(&with_password(&hub, "budi", PASSWORD).await);
        // Another password ends the wait.
        accounts::set_password(&hub.app, "ani", "gajah biru minum kopi").await.unwrap();
        token(&with_password(&hub, "ani", "gajah biru minum kopi").await);
    }

    async fn a_client_signs_in_with_its_secret_in_body_or_header(hub: TestHub) {
        let scopes = Some(BTreeSet::from([Action::ReadEnterprises, Action::ReadStatistics]));
        let secret = accounts::add_client(&hub.app, "bjb-nightly", lender(), scopes, None).await.unwrap();
        let answer = with_secret(&hub, "bjb-nightly", &secret).await;
        assert_eq!(answer.body["scope"], "statistics:read enterprises:read");
        assert_eq!(answer.body["expires_in"], 3_600);
        let basic = async |pair: &str| {
            let request = hub.client.post(format!("{}/oauth/token", hub.url));
            let code = format!("Basic {}", BASE64_STANDARD.encode(pair));
            let request = request.header("authorization", code);
            let body = [("grant_type", "client_credentials"), ("scope", "statistics:read")];
            reply(request.form(&body).send().await.unwrap()).await
        };
        let narrow = basic(&format!("bjb-nightly:{secret}")).await;
        assert_eq!(narrow.body["scope"], "statistics:read");
        let seen = hub.ask(Some(token(&narrow)), VIEWER, Value::Null).await;
        assert_eq!(seen.at("/viewer/institution"), "bjb");
        assert_eq!(seen.at("/viewer/client"), "bjb-nightly");
        assert_eq!(seen.at("/viewer/may"), &json!(["read statistics"]));
        let list = "{ enterprises { totalCount } }";
        let refused = hub.ask(Some(token(&narrow)), list, Value::Null).await;
        assert_eq!(refused.code(), "INSUFFICIENT_SCOPE");
        let whole = hub.ask(Some(token(&answer)), list, Value::Null).await;
        assert_eq!(whole.code(), "", "{whole:?}");
        let log = evidence_log::entries(&hub.app).await;
        let read = log.iter().filter(|it| !it.0.act.purpose.is_empty());
        let told: Vec<_> = read.map(|it| (it.0.act.client.as_str(), it.0.act.outcome.code())).collect();
        assert_eq!(told, [("bjb-nightly", "refused"), ("bjb-nightly", "withheld")]);
        for pair in ["bjb-nightly:wrong", "nobody:x", "bjb-nightly", ""] {
            is_error(&basic(pair).await, 401, "invalid_client");
        }
        // The secret is kept nowhere.
        let stored = hub.app.store.client_secrets("bjb-nightly", tunggal::clock::now()).await.unwrap();
        assert!(!format!("{stored:?}").contains(&secret));
        let beyond = Some(BTreeSet::from([Action::Decide]));
        assert!(accounts::add_client(&hub.app, "bjb-more", lender(), beyond, None).await.is_err());
        let past = Some(tunggal::clock::now() - TimeDelta::days(1));
        assert!(accounts::add_client(&hub.app, "bjb-more", lender(), None, past).await.is_err());
    }

    async fn two_secrets_of_a_client_are_taken_while_it_changes_them(hub: TestHub) {
        let first = accounts::add_client(&hub.app, "bjb-nightly", lender(), None, None).await.unwrap();
        let rotate = async |overlap| {
            accounts::rotate_secret(&hub.app, "bjb-nightly", overlap).await.unwrap()
        };
        let second = rotate(TimeDelta::days(7)).await;
        for secret in [&first, &second] {
            token(&with_secret(&hub, "bjb-nightly", secret).await);
        }
        let third = rotate(TimeDelta::days(7)).await;
        is_error(&with_secret(&hub, "bjb-nightly", &first).await, 401, "invalid_client");
        for secret in [&second, &third] {
            token(&with_secret(&hub, "bjb-nightly", secret).await);
        }
        let fourth = rotate(TimeDelta::zero()).await;
        is_error(&with_secret(&hub, "bjb-nightly", &third).await, 401, "invalid_client");
        token(&with_secret(&hub, "bjb-nightly", &fourth).await);
    }

    async fn a_clients_time_ends_and_its_tokens_end_with_it(hub: TestHub) {
        let end = Some(tunggal::clock::now() + TimeDelta::seconds(4));
        let secret = accounts::add_client(&hub.app, "trial", lender(), None, end).await.unwrap();
        let answer = with_secret(&hub, "trial", &secret).await;
        assert!(answer.body["expires_in"].as_i64().unwrap() <= 4);
        let bearing = token(&answer);
        let late = async || hub.ask(Some(bearing.clone()), VIEWER, Value::Null).await.status;
        eventually(async || late().await == 401).await;
        is_error(&with_secret(&hub, "trial", &secret).await, 401, "invalid_client");
    }

    async fn what_is_not_a_request_for_a_token_is_refused_as_the_standard_says(hub: TestHub) {
        accounts::add_person(&hub.app, "ani", standing(Role::Steward), PASSWORD).await.unwrap();
        let url = format!("{}/oauth/token", hub.url);
        let person = [("grant_type", "password"), ("username", "ani"), ("password", PASSWORD)];
        let plus = |more: &[(&'static str, &'static str)]| [&person[..], more].concat();
        for (parameters, error) in [
            (vec![], "invalid_request"),
            (vec![("grant_type", "")], "invalid_request"),
            (vec![("grant_type", "authorization_code"), ("code", "x")], "unsupported_grant_type"),
            (vec![("grant_type", "refresh_token")], "unsupported_grant_type"),
            (person[..2].to_vec(), "invalid_request"),
            (plus(&[("username", "budi")]), "invalid_request"),
            (plus(&[("grant_type", "password")]), "invalid_request"),
            (plus(&[("client_secret", "x")]), "invalid_request"),
            (plus(&[("scope", "everything")]), "invalid_scope"),
            (plus(&[("scope", "files:write")]), "invalid_scope"),
        ] {
            is_error(&ask_token(&hub, &parameters).await, 400, error);
        }
        let nobody = ask_token(&hub, &[("grant_type", "client_credentials")]).await;
        is_error(&nobody, 401, "invalid_client");
        // A person is no client, and a client no person.
        is_error(&with_secret(&hub, "ani", PASSWORD).await, 401, "invalid_client");
        let secret = accounts::add_client(&hub.app, "bjb-nightly", lender(), None, None).await.unwrap();
        is_error(&with_password(&hub, "bjb-nightly", &secret).await, 400, "invalid_grant");
        let sent = async |request: reqwest::RequestBuilder| reply(request.send().await.unwrap()).await;
        let body = format!("grant_type=password&username=ani&password={}", PASSWORD.replace(' ', "+"));
        let form = "application/x-www-form-urlencoded";
        let post = |content_type: &str, body: String| {
            hub.client.post(&url).header("content-type", content_type).body(body)
        };
        token(&sent(post(form, body.clone())).await);
        is_error(&sent(post("application/json", json!({ "grant_type": "password" }).to_string())).await, 400, "invalid_request");
        is_error(&sent(post("text/plain", body.clone())).await, 400, "invalid_request");
        is_error(&sent(post(form, "x".repeat(20_000))).await, 400, "invalid_request");
        let in_address = hub.client.post(format!("{url}?{body}")).form(&person);
        is_error(&sent(in_address).await, 400, "invalid_request");
        let get = sent(hub.client.get(format!("{url}?{body}"))).await;
        is_error(&get, 405, "invalid_request");
        assert_eq!(get.headers["allow"], "POST");
        let twice = post(form, body).header("authorization", "Basic eA==").header("authorization", "Basic eA==");
        is_error(&sent(twice).await, 401, "invalid_client");
    }
}

#[test]
fn a_hub_whose_issuer_is_turned_off_gives_no_tokens_and_takes_none_of_its_own() {
    run(async {
        let closed = TestHub::start_with(Kind::Sqlite, |it| it.embedded_issuer = false).await;
        let answer = with_password(&closed, "ani", PASSWORD).await;
        assert_eq!((answer.status, answer.code()), (404, "NOT_FOUND"));
        let answer = closed.ask_as(Role::Steward, VIEWER, Value::Null).await;
        assert_eq!((answer.status, answer.code()), (401, "UNAUTHENTICATED"));
        let answer = closed.public(VIEWER, Value::Null).await;
        assert_eq!(answer.at("/viewer/role"), "PUBLIC");
    });
}
