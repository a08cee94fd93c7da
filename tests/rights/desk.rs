//! An office that has a person before it: she is found by her NIK, and what she asks for is written down and
//! settled over GraphQL or at the command line.

use domain::viewer::Role;
use serde_json::{Value, json};

use super::{filled, row, tunggal};
use crate::hub::{Reply, TestHub, on_every_database, reply};

const FIND: &str =
    "mutation($nik: String!) { findPersons(nik: $nik) { id name { value } nik { access } } }";
const NIK: &str = "3673014507850001";

/// Asks with the purpose that the search by a number has.
async fn find(hub: &TestHub, role: Role, agency: Option<&str>, nik: &str) -> Reply {
    let request = hub.client.post(format!("{}/graphql", hub.url));
    let request = request.bearer_auth(hub.token(role, agency));
    let request = request.header("Tunggal-Purpose", "subject_request");
    let body = json!({ "query": FIND, "variables": { "nik": nik } });
    reply(request.json(&body).send().await.unwrap()).await
}

on_every_database! {
    async fn an_office_finds_the_person_before_it_by_her_nik_and_asks_in_her_name(hub: TestHub) {
        filled(&hub).await;
        let found = find(&hub, Role::AgencyOperator, Some("kominfo"), NIK).await;
        let persons = found.at("/findPersons").as_array().unwrap();
        assert_eq!((persons.len(), &persons[0]["name"]["value"]), (1, &json!("Zubaidah Qistina")), "{found:?}");
        // Another agency's list is nothing to confirm a number by, and neither is a list without her.
        for (agency, nik) in [("pariwisata", NIK), ("kominfo", "3673010101800009"), ("kominfo", "3673010101990001")] {
            let nobody = find(&hub, Role::AgencyOperator, Some(agency), nik).await;
            assert_eq!(nobody.at("/findPersons"), &json!([]), "{agency} {nik}: {nobody:?}");
        }
        let variables = json!({ "nik": NIK });
        let unstated = hub.operator("kominfo", FIND, variables.clone()).await;
        assert_eq!(unstated.code(), "PURPOSE_REFUSED");
        let reader = hub.token(Role::AgencyViewer, Some("kominfo"));
        assert_eq!(hub.ask(Some(reader), FIND, variables).await.code(), "FORBIDDEN");
        let wrong = find(&hub, Role::Steward, None, "123").await;
        assert_eq!(wrong.code(), "INVALID_INPUT");
        // A change cannot be asked for in an address.
        let address = format!("{}/graphql", hub.url);
        let query = [("query", format!("mutation {{ findPersons(nik: \"{NIK}\") {{ id }} }}"))];
        let get = reqwest::Url::parse_with_params(&address, &query).unwrap();
        let get = hub.client.get(get).bearer_auth(hub.token(Role::Steward, None));
        assert_ne!(reply(get.send().await.unwrap()).await.code(), "");
        // It is evidence of whom, and the number is not in it.
        let entries = hub.access_log().await;
        let finds: Vec<_> = entries.iter().filter(|it| it.1 == "findPersons").collect();
        assert!(finds.iter().any(|it| it.0 == "agency_operator" && it.2.contains("nik") && it.3), "{entries:?}");
        assert!(!format!("{entries:?}").contains(NIK));
        // She asks, and the list says of whom that is, as its reader may see.
        let ask = "mutation($input: RightInput!) { askRight(input: $input) { id owner { name { value } } } }";
        let input = json!({ "input": { "kind": "RESTRICTION", "owner": persons[0]["id"], "reason": "datanya keliru" } });
        let asked = hub.operator("kominfo", ask, input).await;
        assert_eq!(asked.at("/askRight/owner/name/value"), "Zubaidah Qistina", "{asked:?}");
        let list = "{ rightsRequests { nodes { owner { name { value access } nik { value } } } } }";
        let seen = hub.ask_as(Role::Auditor, list, Value::Null).await;
        assert_eq!(seen.at("/rightsRequests/nodes/0/owner/name/access"), "MASKED", "{seen:?}");
        let seen = hub.ask_as(Role::Steward, list, Value::Null).await;
        assert_eq!(seen.at("/rightsRequests/nodes/0/owner/nik/value"), NIK, "{seen:?}");
    }

    async fn the_command_line_asks_foresees_shows_settles_and_lifts(hub: TestHub) {
        filled(&hub).await;
        let done = |arguments: &[&str], input: &str| {
            let (done, told) = tunggal(&hub, arguments, input);
            assert!(done, "{arguments:?}: {told}");
            told
        };
        let stdin = format!("{NIK}\n");
        let ask = |kind| ["rights", "ask", kind, "--nik-stdin", "--reason", "datang ke loket"];
        let told = done(&ask("restriction"), &stdin);
        let id = told.split_whitespace().next().unwrap().to_owned();
        assert!(id.starts_with("req_") && told.contains("open due "), "{told}");
        let list = done(&["rights", "list"], "");
        assert!(list.contains(&id) && list.contains("Zubaidah Qistina"), "{list}");
        let shown = done(&["rights", "show", &id], "");
        assert!(shown.contains("Zubaidah Qistina") && shown.contains("cli:sri"), "{shown}");
        let would = done(&["rights", "settle", &id, "--dry-run"], "");
        assert!(would.contains("3 enterprises would be restricted"), "{would}");
        assert!(done(&["rights", "settle", &id, "--carry-out"], "").contains("done"));
        assert!(done(&["rights", "lift", &id], "").contains("lifted"));
        // An erasure: told first, refused with a reason, and then carried out by another request.
        let told = done(&ask("erasure"), &stdin);
        let id = told.split_whitespace().next().unwrap().to_owned();
        let would = done(&["rights", "settle", &id, "--dry-run"], "");
        assert!(would.contains("3 rows and 3 enterprises would be erased; 0 shared"), "{would}");
        assert_eq!(hub.rows("enterprise").await, 5, "nothing is done yet");
        assert!(!tunggal(&hub, &["rights", "settle", &id, "--refuse", "x"], "").0);
        assert!(!tunggal(&hub, &["rights", "settle", &id], "").0);
        let refused = done(&["rights", "settle", &id, "--refuse", "wajib disimpan menurut Pasal 15"], "");
        assert!(refused.contains("refused"), "{refused}");
        let told = done(&ask("erasure"), &stdin);
        let id = told.split_whitespace().next().unwrap().to_owned();
        assert!(done(&["rights", "settle", &id, "--carry-out"], "").contains("done"));
        assert_eq!(hub.rows("enterprise").await, 2);
        assert!(!tunggal(&hub, &ask("erasure"), &stdin).0, "nobody has this number any more");
        // A rectification travels to the agency; what the row should say comes by standard input.
        let (budi, _) = row(&hub, "kominfo", "K-3").await;
        let rectify = ["rights", "ask", "rectification", "--nik-stdin", "--record", budi.as_str().unwrap(),
            "--field", "street", "--proposed-stdin", "--reason", "alamat lama"];
        let told = done(&rectify, "3673021203790002\nJl. Melati 1\n");
        let id = told.split_whitespace().next().unwrap();
        assert!(told.contains(" sent "), "{told}");
        assert!(done(&["rights", "show", id], "").contains("Jl. Melati 1"));
        assert!(done(&["rights", "settle", id, "--dry-run"], "").contains("does not say so yet"));
        // Each is evidence: who, and what for.
        let log = hub.access_log().await;
        for operation in ["askRight", "settleRight", "liftRestriction", "rightsRequests"] {
            assert!(log.iter().any(|it| it.0 == "command_line" && it.1 == operation), "{operation}: {log:?}");
        }
        // An id that is none is told by its form.
        let (_, told) = tunggal(&hub, &["token", "--role", "owner", "--person", "rec_nonesuch"], "");
        assert!(told.contains("rec_ and the 32 hexadecimal digits"), "{told}");
    }
}
