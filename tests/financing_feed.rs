//! What changed in a bank's financing view: who applies it holds what the whole view gives.

pub mod clients;
mod cursors;
mod kinds;
pub mod story;

use std::collections::BTreeMap;

use chrono::TimeDelta;
use domain::viewer::{Role, Viewer};
use serde_json::{Value, json};

use crate::financing_view::WHOLE;
use crate::hub::{Reply, TestHub, viewer};

/// Everything of a row but what the page tells: the day and the fingerprint.
const ROW: &str = "since enterprise { id name { value } phone { value access provenance { recordId agency } }
        annualSales { value { annual } access } kecamatan { value { code } } nib { value access } updatedAt recordCount }
    readiness { programme { version { id } } status ceiling nextCeiling because statusWithAll
        steps { paper { id } status ceiling } advice { id }
        rules { id outcome withheld forTheBank undecided { fact gap }
            evidence { fact value access reason recordId agency recordedOn linkProbability } } }";

pub const TEXT: &str = "mutation { addConsentText(version: \"uji-1\", content: \"Saya setuju data usaha ini dibaca bank.\") { version } }";

/// A machine of an institution.
pub fn machine(hub: &TestHub, institution: &str, name: &str) -> String {
    let bearer = Viewer {
        subject: name.to_owned(),
        institution: Some(institution.to_owned()),
        ..viewer(Role::Lender, None)
    };
    hub.app.keys.issue(&bearer, TimeDelta::hours(1)).unwrap()
}

async fn changes(hub: &TestHub, token: &str, variables: Value) -> Reply {
    let query = format!(
        "query($programme: String!, $since: String, $first: Int) {{
            financingChanges(programme: $programme, since: $since, first: $first) {{
                cursor hasNextPage asOf fingerprint
                changes {{ kind enterpriseId otherId matters at row {{ {ROW} }} }} }} }}"
    );
    hub.ask(Some(token.to_owned()), &query, variables).await
}

/// Who copies the view of an institution and goes by what it is told.
#[derive(Debug, Clone)]
struct Copy {
    institution: &'static str,
    token: String,
    programme: &'static str,
    cursor: Value,
    held: BTreeMap<String, Value>,
    /// What the last drain told: enterprise, kind, the other.
    told: Vec<Value>,
}

impl Copy {
    fn of(hub: &TestHub, institution: &'static str) -> Copy {
        Copy {
            institution,
            token: machine(hub, institution, "malam"),
            programme: "kur_micro",
            cursor: Value::Null,
            held: BTreeMap::new(),
            told: vec![],
        }
    }

    /// Takes a page; whether there are more.
    async fn page(&mut self, hub: &TestHub, first: usize) -> bool {
        let asked = json!({ "programme": self.programme, "since": self.cursor, "first": first });
        let reply = changes(hub, &self.token, asked).await;
        assert!(reply.body.get("errors").is_none(), "{reply:?}");
        let page = reply.at("/financingChanges");
        let all = page["changes"].as_array().unwrap();
        assert!(all.len() <= first);
        for it in all {
            let id = it["enterpriseId"].as_str().unwrap().to_owned();
            match it["row"].is_null() {
                true => drop(self.held.remove(&id)),
                false => {
                    assert_eq!(it["row"]["enterprise"]["id"], id.as_str());
                    self.held.insert(id, it["row"].clone());
                }
            }
            let there = ["ENTERED", "SPLIT_FROM", "CHANGED"].map(Value::from).contains(&it["kind"]);
            assert_eq!(there, !it["row"].is_null(), "{it}");
            assert_eq!(it["kind"] == "CHANGED", it["matters"] != json!([]), "{it}");
            self.told.push(it.clone());
        }
        self.cursor = page["cursor"].clone();
        page["hasNextPage"].as_bool().unwrap()
    }

    async fn drain(&mut self, hub: &TestHub, first: usize) {
        self.told.clear();
        while self.page(hub, first).await {}
    }

    /// What the whole view gives.
    async fn whole(&self, hub: &TestHub) -> BTreeMap<String, Value> {
        let query = format!(
            "query($programme: String!, $after: String) {{
                financingView(programme: $programme, first: 40, after: $after) {{
                    pageInfo {{ endCursor hasNextPage }} nodes {{ {ROW} }} }} }}"
        );
        let (mut all, mut after) = (BTreeMap::new(), Value::Null);
        loop {
            let asked = json!({ "programme": self.programme, "after": after });
            let page = hub.ask(Some(self.token.clone()), &query, asked).await;
            assert!(page.body.get("errors").is_none(), "{page:?}");
            for it in page.at("/financingView/nodes").as_array().unwrap() {
                all.insert(it["enterprise"]["id"].as_str().unwrap().to_owned(), it.clone());
            }
            if page.at("/financingView/pageInfo/hasNextPage") == false {
                return all;
            }
            after = page.at("/financingView/pageInfo/endCursor").clone();
        }
    }

    async fn check(&self, hub: &TestHub, when: &str) {
        let whole = self.whole(hub).await;
        let ids = |it: &BTreeMap<String, Value>| it.keys().cloned().collect::<Vec<_>>();
        assert_eq!(ids(&self.held), ids(&whole), "{}, {when}", self.institution);
        for (id, row) in &whole {
            assert_eq!(&self.held[id], row, "{}, {when}: {id}", self.institution);
        }
    }

    /// What the last drain told, as kind by enterprise.
    fn kinds(&self) -> BTreeMap<String, String> {
        let text = |it: &Value| it.as_str().unwrap_or_default().to_owned();
        self.told.iter().map(|it| (text(&it["enterpriseId"]), text(&it["kind"]))).collect()
    }
}

/// Writes down that the owner of an enterprise agrees; the consent's id.
pub async fn agree(hub: &TestHub, enterprise: &str, institution: &str, fields: &[&str]) -> String {
    let given = give(hub, enterprise, institution, fields).await;
    given.at("/giveConsent/id").as_str().unwrap_or_else(|| panic!("{given:?}")).to_owned()
}

async fn give(hub: &TestHub, enterprise: &str, institution: &str, fields: &[&str]) -> Reply {
    let give = "mutation($input: ConsentInput!) { giveConsent(input: $input) { id } }";
    let soon = (tunggal::clock::now() + TimeDelta::hours(1)).to_rfc3339();
    let input = json!({ "input": {
        "enterprise": enterprise, "institution": institution, "purpose": "FINANCING", "fields": fields,
        "textVersion": "uji-1", "channel": "PAPER", "evidence": "map 12/2026 lembar 4", "expiresAt": soon,
    } });
    hub.ask_as(Role::Steward, give, input).await
}

pub async fn withdraw(hub: &TestHub, consent: &str) {
    let withdraw = "mutation($id: ID!) { withdrawConsent(id: $id) { live } }";
    let done = hub.ask_as(Role::Steward, withdraw, json!({ "id": consent })).await;
    assert_eq!(done.at("/withdrawConsent/live"), false, "{done:?}");
}

/// Lets the time of a consent be over, as if the clock had gone on.
async fn expire(hub: &TestHub, consent: &str) {
    let (_, database) = hub.database().await;
    let id: domain::id::ConsentId = consent.parse().unwrap();
    let backend = sea_orm::ConnectionTrait::get_database_backend(&database);
    let text = match backend {
        sea_orm::DbBackend::Postgres => "UPDATE consent SET expires_at = $1 WHERE id = $2",
        _ => "UPDATE consent SET expires_at = ? WHERE id = ?",
    };
    let now = tunggal::clock::now().timestamp_millis();
    let update = sea_orm::Statement::from_sql_and_values(backend, text, [now.into(), id.0.into()]);
    let done = sea_orm::ConnectionTrait::execute_raw(&database, update).await.unwrap();
    assert_eq!(done.rows_affected(), 1);
}
