//! What is out of scope and what is not there: the same bytes, after the same statements.

use domain::purpose::default_of;
use domain::viewer::{Role, Viewer};
use serde_json::json;

use super::city::{City, Of, fill};
use super::walk::everybody;
use crate::hub::{TestHub, on_every_database};

/// Every lookup by an id: of what kominfo cannot find, and of what nobody can.
fn lookups(city: &City) -> Vec<(String, String)> {
    let (ent, own) = (&city.enterprises[&Of::Pariwisata], &city.owners[&Of::Pariwisata]);
    let (rec, file) = (&city.records["P-1"], &city.files["pariwisata"]);
    let none =
        |id: &str| format!("{}_00000000000000000000000000000001", &id[..id.find('_').unwrap()]);
    let of = |ids: &[&String], ask: &dyn Fn(&str) -> String| -> Vec<(String, String)> {
        ids.iter().map(|it| (ask(it), ask(&none(it)))).collect()
    };
    let own_row = &city.records["K-1"];
    [
        of(&[ent], &|id| format!("{{ enterprise(id: \"{id}\") {{ id name {{ value }} }} }}")),
        of(&[ent], &|id| format!("{{ enterprise(id: \"{id}\", asOf: \"2100-01-01\") {{ id }} }}")),
        of(&[ent, own, file], &|id| format!("{{ node(id: \"{id}\") {{ id }} }}")),
        of(&[ent], &|id| {
            let them = format!("[{{ __typename: \"Enterprise\", id: \"{id}\" }}]");
            format!("{{ _entities(representations: {them}) {{ ... on Enterprise {{ id }} }} }}")
        }),
        of(&[own], &|id| {
            let them = format!("[{{ __typename: \"Owner\", id: \"{id}\" }}]");
            format!("{{ _entities(representations: {them}) {{ ... on Owner {{ id }} }} }}")
        }),
        vec![(by_nib("0220932935677"), by_nib("0220932935685"))],
        of(&[own], &|id| format!("{{ owner(id: \"{id}\") {{ id name {{ value }} }} }}")),
        of(&[own], &|id| format!("{{ subjectReport(owner: \"{id}\") {{ json }} }}")),
        of(&[file], &|id| format!("{{ sourceFile(id: \"{id}\") {{ id name }} }}")),
        of(&[&city.decision], &|id| format!("{{ decision(id: \"{id}\") {{ id }} }}")),
        of(&[&city.model], &|id| format!("{{ linkageModel(id: \"{id}\") {{ id }} }}")),
        of(&[rec], &|id| format!("{{ why(a: \"{own_row}\", b: \"{id}\") {{ weight }} }}")),
        of(&[ent, own, rec, file], &|id| {
            format!("{{ accessLog(filter: {{ whose: \"{id}\" }}) {{ totalCount }} }}")
        }),
        of(&[rec], &|id| {
            format!("mutation {{ splitOut(record: \"{id}\", reason: \"seen\") {{ id }} }}")
        }),
        of(&[rec], &|id| {
            format!("mutation {{ overrideValue(record: \"{id}\", attribute: \"phone\", value: \"0812\", reason: \"x\") {{ id }} }}")
        }),
        of(&[&city.decision], &|id| format!("mutation {{ undoDecision(id: \"{id}\") {{ id }} }}")),
        of(&[file], &|id| format!("mutation {{ confirmMapping(file: \"{id}\", mapping: []) {{ known }} }}")),
    ]
    .concat()
}

fn by_nib(nib: &str) -> String {
    let them = format!("[{{ __typename: \"Enterprise\", nibKey: \"{nib}\" }}]");
    format!("{{ _entities(representations: {them}) {{ ... on Enterprise {{ id }} }} }}")
}

/// What is answered, byte by byte, and how many statements that took at the least.
async fn answered(hub: &TestHub, who: &Viewer, query: &str) -> (u16, String, u64) {
    let (mut answer, mut least) = ((0, String::new()), u64::MAX);
    // Something else may ask the database meanwhile, so the least of some counts.
    for _ in 0..2 {
        let before = hub.app.store.statements();
        let mut request = hub.client.post(format!("{}/graphql", hub.url));
        if who.role != Role::Public {
            request =
                request.bearer_auth(hub.app.keys.issue(who, chrono::TimeDelta::hours(1)).unwrap());
        }
        request = request.header("Tunggal-Purpose", default_of(who.role).code());
        let response = request.json(&json!({ "query": query })).send().await.unwrap();
        answer = (response.status().as_u16(), response.text().await.unwrap());
        least = least.min(hub.app.store.statements() - before);
    }
    (answer.0, answer.1, least)
}

on_every_database! {
    /// Law 8.
    async fn out_of_scope_reads_as_absent_to_the_byte_and_the_statement(hub: TestHub) {
        let city = fill(&hub).await;
        let mut asked = 0;
        for who in everybody(&city) {
            // Who finds everything has nothing out of scope.
            if who.scope().is_whole() {
                continue;
            }
            for (hidden, absent) in lookups(&city) {
                let (a, b) = (answered(&hub, &who, &hidden).await, answered(&hub, &who, &absent).await);
                assert_eq!(a, b, "{}: {hidden}", who.role.code());
                assert!(a.1.contains("null"), "{hidden}: {a:?}");
                asked += u64::from(0 < a.2);
            }
            let report = async |id: &str| {
                let address = format!("{}/files/{id}/report.xlsx", hub.url);
                let request = hub.client.get(address);
                let request = match who.role {
                    Role::Public => request,
                    _ => request.bearer_auth(hub.app.keys.issue(&who, chrono::TimeDelta::hours(1)).unwrap()),
                };
                let response = request.send().await.unwrap();
                (response.status().as_u16(), response.text().await.unwrap())
            };
            let hidden = report(&city.files["pariwisata"]).await;
            assert_eq!(hidden, report("fil_00000000000000000000000000000001").await, "{}", who.role.code());
            assert_eq!(hidden.0, 404);
        }
        assert!(8 <= asked, "the statements are counted: {asked}");
    }
}
