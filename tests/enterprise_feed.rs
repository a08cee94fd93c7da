//! What changed in the enterprises that an office finds: who applies it holds what the list gives.

use std::collections::{BTreeMap, BTreeSet};

use domain::id::DecisionId;
use domain::viewer::Role;
use serde_json::{Value, json};
use tunggal::service::decisions::{self, Answer};

use crate::financing_feed::story::{everything, lift, right};
use crate::hub::{Kind, Reply, TestHub, kinds, on_every_database, postgres, run};
use crate::laws::say;
use crate::register::{Dice, decide, home, kominfo, of_kominfo, pariwisata, steward};
use crate::socket::{Heard, Socket, progress};

const ROW: &str =
    "id name { value } phone { value access } kecamatan { value { code } } nib { value access }
    recordCount updatedAt owners { name { value } } sourceRecords { id agency }";

async fn changes(hub: &TestHub, token: &str, variables: Value) -> Reply {
    let query = format!(
        "query($since: String, $first: Int) {{ enterpriseChanges(since: $since, first: $first) {{
            cursor hasNextPage changes {{ kind enterpriseId otherId at enterprise {{ {ROW} }} }} }} }}"
    );
    hub.ask(Some(token.to_owned()), &query, variables).await
}

/// Who copies what it finds and goes by what it is told.
#[derive(Debug, Clone)]
struct Copy {
    token: String,
    cursor: Value,
    held: BTreeMap<String, Value>,
    told: Vec<Value>,
}

impl Copy {
    fn of(token: String) -> Copy {
        Copy { token, cursor: Value::Null, held: BTreeMap::new(), told: vec![] }
    }

    fn of_agency(hub: &TestHub, agency: &str) -> Copy {
        Copy::of(hub.token(Role::AgencyViewer, Some(agency)))
    }

    async fn page(&mut self, hub: &TestHub, first: usize) -> bool {
        let asked = json!({ "since": self.cursor, "first": first });
        let reply = changes(hub, &self.token, asked).await;
        assert!(reply.body.get("errors").is_none(), "{reply:?}");
        let page = reply.at("/enterpriseChanges");
        let all = page["changes"].as_array().unwrap();
        assert!(all.len() <= first);
        for it in all {
            let id = it["enterpriseId"].as_str().unwrap().to_owned();
            let there = ["ENTERED", "SPLIT_FROM", "CHANGED"].map(Value::from).contains(&it["kind"]);
            assert_eq!(there, !it["enterprise"].is_null(), "{it}");
            match there {
                true => drop(self.held.insert(id, it["enterprise"].clone())),
                false => drop(self.held.remove(&id)),
            }
            self.told.push(it.clone());
        }
        self.cursor = page["cursor"].clone();
        page["hasNextPage"].as_bool().unwrap()
    }

    async fn drain(&mut self, hub: &TestHub, first: usize) {
        self.told.clear();
        while self.page(hub, first).await {}
    }

    async fn check(&self, hub: &TestHub, when: &str) {
        let query = format!("{{ enterprises(first: 200) {{ nodes {{ {ROW} }} }} }}");
        let whole = hub.ask(Some(self.token.clone()), &query, Value::Null).await;
        let nodes = whole.at("/enterprises/nodes").as_array().unwrap();
        let whole: BTreeMap<String, Value> =
            nodes.iter().map(|it| (it["id"].as_str().unwrap().to_owned(), it.clone())).collect();
        let ids = |it: &BTreeMap<String, Value>| it.keys().cloned().collect::<Vec<_>>();
        assert_eq!(ids(&self.held), ids(&whole), "{when}");
        for (id, row) in &whole {
            assert_eq!(&self.held[id], row, "{when}: {id}");
        }
    }

    fn kinds(&self) -> BTreeMap<String, String> {
        let text = |it: &Value| it.as_str().unwrap_or_default().to_owned();
        self.told.iter().map(|it| (text(&it["enterpriseId"]), text(&it["kind"]))).collect()
    }
}

const BUSINESSES: usize = 24;
const STEPS: usize = 40;

async fn story(kind: Kind, seed: u64) -> BTreeSet<String> {
    let hub = TestHub::start(kind).await;
    let other = hub.another_node().await;
    let mut dice = Dice::of(seed);
    let first: Vec<usize> = (0..BUSINESSES).collect();
    hub.ingest("kominfo", &kominfo(&first, 0)).await;
    hub.ingest("pariwisata", &pariwisata(&first[..BUSINESSES / 2], 0)).await;
    hub.link().await;
    let mut told = BTreeSet::new();
    let mut said: Vec<DecisionId> = vec![];
    let mut restrictions: Vec<Value> = vec![];
    let walidata = || hub.token(Role::Steward, None);
    let mut steady = [
        Copy::of_agency(&hub, "kominfo"),
        Copy::of_agency(&hub, "pariwisata"),
        Copy::of(walidata()),
    ];
    let mut slow = Copy::of_agency(&hub, "pariwisata");
    for step in 0..STEPS {
        match dice.below(20) {
            0..=6 => said.extend(say(&hub.app, &mut dice).await),
            7..=9 if !said.is_empty() => {
                let id = said.swap_remove(dice.below(said.len()));
                drop(decisions::undo(&hub.app, &steward("second"), id).await);
            }
            10..=12 => {
                let all = everything(&hub).await;
                let one = &all[dice.below(all.len())];
                match dice.below(3) {
                    0 => drop(right(&hub, one, "ERASURE").await),
                    _ => restrictions.push(right(&hub, one, "RESTRICTION").await),
                }
            }
            13 | 14 if !restrictions.is_empty() => {
                lift(&hub, &restrictions.swap_remove(dice.below(restrictions.len()))).await;
            }
            15 => {
                // A whole list lacks what the agency had before.
                let some: Vec<usize> = (0..BUSINESSES).filter(|_| dice.below(3) != 0).collect();
                hub.ingest_whole_list("pariwisata", &pariwisata(&some, step)).await;
                hub.link().await;
            }
            _ => {
                let some: Vec<usize> = (0..6).map(|_| dice.below(BUSINESSES)).collect();
                match dice.below(2) {
                    0 => hub.ingest("kominfo", &kominfo(&some, step)).await,
                    _ => hub.ingest("pariwisata", &pariwisata(&some, step)).await,
                }
                hub.link().await;
            }
        }
        let node = if dice.below(2) == 0 { &hub } else { &other };
        match dice.below(4) {
            0 => {
                for copy in &mut steady {
                    copy.drain(node, 1 + dice.below(7)).await;
                    told.extend(copy.kinds().into_values());
                    copy.check(node, &format!("seed {seed}, step {step}")).await;
                }
            }
            1 => drop(slow.page(node, 1 + dice.below(3)).await),
            2 => {
                // What an interruption lost is told again.
                let before = slow.clone();
                slow.page(node, 4).await;
                slow = before;
            }
            _ => {}
        }
    }
    let late = Copy::of_agency(&hub, "kominfo");
    for mut copy in [slow, late].into_iter().chain(steady) {
        copy.drain(&other, 5).await;
        copy.check(&hub, &format!("seed {seed}, at the end")).await;
        copy.drain(&hub, 50).await;
        assert_eq!(copy.told, Vec::<Value>::new(), "nothing changed since");
    }
    told
}

#[test]
fn who_applies_the_changes_holds_what_the_list_gives() {
    for kind in kinds() {
        let mut told = BTreeSet::new();
        for seed in 0..if kind == Kind::Sqlite { 5 } else { 2 } {
            run(async { told.extend(story(kind, 310 + seed).await) });
        }
        let sure = ["CHANGED", "ENTERED", "LEFT", "MERGED_INTO"];
        assert!(sure.iter().all(|it| told.contains(*it)), "{told:?}");
    }
}

/// The first row of two agencies, and one that nobody else has.
async fn filled(hub: &TestHub) {
    hub.ingest("kominfo", &kominfo(&[1, 4, 7], 0)).await;
    hub.ingest("pariwisata", &pariwisata(&[11], 0)).await;
    hub.link().await;
}

on_every_database! {
    async fn each_change_says_what_happened_to_what_an_agency_finds(hub: TestHub) {
        filled(&hub).await;
        let mut kominfo_office = Copy::of_agency(&hub, "kominfo");
        let mut pariwisata_office = Copy::of_agency(&hub, "pariwisata");
        kominfo_office.drain(&hub, 2).await;
        pariwisata_office.drain(&hub, 2).await;
        assert_eq!(kominfo_office.told.len(), 3, "{:?}", kominfo_office.told);
        assert!(kominfo_office.kinds().values().all(|it| it == "ENTERED"));
        assert_eq!(pariwisata_office.told.len(), 1, "what others alone have is not there");

        // Two of one agency are one, as a steward says; the other agency hears nothing.
        let before = [home(&hub.app, of_kominfo(1)).await, home(&hub.app, of_kominfo(4)).await];
        let said = decide(&hub.app, Answer::Same, of_kominfo(1), of_kominfo(4)).await.unwrap();
        drop(decisions::approve(&hub.app, &steward("second"), said).await);
        let heir = home(&hub.app, of_kominfo(1)).await;
        let retired = before.into_iter().find(|it| *it != heir).unwrap();
        kominfo_office.drain(&hub, 50).await;
        pariwisata_office.drain(&hub, 50).await;
        assert_eq!(pariwisata_office.told, Vec::<Value>::new());
        let merged = kominfo_office.told.iter().find(|it| it["kind"] == "MERGED_INTO").unwrap();
        assert_eq!(merged["enterpriseId"], retired.to_string());
        assert_eq!(merged["otherId"], heir.to_string());
        assert_eq!(kominfo_office.kinds()[&heir.to_string()], "CHANGED");

        decisions::undo(&hub.app, &steward("walidata"), said).await.unwrap();
        kominfo_office.drain(&hub, 50).await;
        assert_eq!(kominfo_office.kinds()[&retired.to_string()], "ENTERED", "{:?}", kominfo_office.told);

        // The other agency sends what this one has: it finds the enterprise from now on.
        hub.ingest("pariwisata", &pariwisata(&[7], 0)).await;
        hub.link().await;
        let shared = home(&hub.app, of_kominfo(7)).await.to_string();
        pariwisata_office.drain(&hub, 50).await;
        kominfo_office.drain(&hub, 50).await;
        assert_eq!(pariwisata_office.told.len(), 1, "{:?}", pariwisata_office.told);
        assert_eq!(pariwisata_office.told[0]["kind"], "ENTERED");
        if pariwisata_office.told[0]["enterpriseId"] == shared.as_str() {
            assert_eq!(kominfo_office.kinds()[&shared], "CHANGED");
        }

        let asked = right(&hub, &shared, "RESTRICTION").await;
        kominfo_office.drain(&hub, 50).await;
        assert_eq!(kominfo_office.kinds()[&shared], "LEFT");
        lift(&hub, &asked).await;
        kominfo_office.drain(&hub, 50).await;
        assert!(kominfo_office.held.contains_key(&shared));
        right(&hub, &shared, "ERASURE").await;
        kominfo_office.drain(&hub, 50).await;
        assert_eq!(kominfo_office.kinds()[&shared], "ERASED");
        kominfo_office.check(&hub, "erased").await;
        // Who was told is in the access log.
        let log = hub.access_log().await;
        assert!(log.iter().any(|it| it.0 == "agency_viewer" && it.1 == "enterpriseChanges"), "{log:?}");
    }

    async fn a_cursor_is_good_for_its_agency_alone(hub: TestHub) {
        filled(&hub).await;
        let mut office = Copy::of_agency(&hub, "kominfo");
        office.page(&hub, 2).await;
        let asked = json!({ "since": office.cursor });
        for token in [
            hub.token(Role::AgencyViewer, Some("pariwisata")),
            hub.token(Role::Steward, None),
        ] {
            let refused = changes(&hub, &token, asked.clone()).await;
            assert_eq!(refused.code(), "CURSOR_FOREIGN", "{refused:?}");
        }
        for since in ["", "x", "%%%"] {
            let refused = changes(&hub, &office.token, json!({ "since": since })).await;
            assert_eq!(refused.code(), "INVALID_INPUT", "{since}");
        }
        let refused = changes(&hub, &office.token, json!({ "first": 0 })).await;
        assert_eq!(refused.code(), "INVALID_INPUT");
        for role in [Role::Auditor, Role::Administrator, Role::CentralBank] {
            let refused = changes(&hub, &hub.token(role, None), Value::Null).await;
            assert_eq!(refused.code(), "FORBIDDEN", "{}", role.code());
        }
        // The register of an earlier day has not come as far as the cursor.
        office.drain(&hub, 50).await;
        let (_, database) = hub.database().await;
        sea_orm::ConnectionTrait::execute_unprepared(&database, "DELETE FROM enterprise_event").await.unwrap();
        let stale = changes(&hub, &office.token, json!({ "since": office.cursor })).await;
        assert_eq!(stale.code(), "CURSOR_STALE");
    }

    async fn who_listens_on_one_node_hears_what_another_did(hub: TestHub) {
        filled(&hub).await;
        let other = hub.another_node().await;
        let listen = json!({ "type": "subscribe", "id": "1",
            "payload": { "query": "subscription { enterprisesChanged { at } }" } });
        let of = |agency| Some(hub.token(Role::AgencyViewer, Some(agency)));
        let mut pariwisata_office = Socket::introduced(&other, of("pariwisata")).await;
        let mut kominfo_office = Socket::introduced(&other, of("kominfo")).await;
        for socket in [&mut pariwisata_office, &mut kominfo_office] {
            socket.say(listen.clone()).await;
        }
        crate::hub::eventually(async || other.app.changed.listeners() == 2).await;
        hub.ingest("kominfo", &kominfo(&[2], 0)).await;
        hub.link().await;
        let Heard::Text(heard) = kominfo_office.hear().await else { panic!("it was closed") };
        assert!(heard["payload"]["data"]["enterprisesChanged"]["at"].is_string(), "{heard}");
        // The other office heard nothing of that; what comes next is its own.
        hub.ingest("pariwisata", &pariwisata(&[12], 0)).await;
        hub.link().await;
        let before = tunggal::clock::now();
        let Heard::Text(heard) = pariwisata_office.hear().await else { panic!("it was closed") };
        let at = heard["payload"]["data"]["enterprisesChanged"]["at"].as_str().unwrap_or_default();
        let at = chrono::DateTime::parse_from_rfc3339(at).unwrap_or_else(|_| panic!("{heard}"));
        assert!(before.timestamp_millis() - 60_000 < at.timestamp_millis());
    }
}

#[test]
fn progress_of_one_node_is_heard_on_another() {
    if postgres().is_none() {
        return;
    }
    run(async {
        let hub = TestHub::start(Kind::Postgres).await;
        let other = hub.another_node().await;
        let token = Some(hub.token(Role::AgencyOperator, Some("kominfo")));
        let mut socket = Socket::introduced(&other, token).await;
        socket.say(crate::socket::subscribe("subscription { progress { done } }")).await;
        // It is told again until the nodes hear each other.
        let telling = async {
            loop {
                hub.app.progress.tell(progress("pariwisata", 1));
                hub.app.progress.tell(progress("kominfo", 7));
                tokio::task::yield_now().await;
            }
        };
        let heard = tokio::select! { it = socket.hear() => it, () = telling => unreachable!() };
        let Heard::Text(heard) = heard else { panic!("it was closed") };
        assert_eq!(heard["payload"]["data"]["progress"]["done"], 7.0, "{heard}");
    });
}
