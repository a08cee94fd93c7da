//! What is restricted at a person's demand (UU 27/2022 art. 41): found by those who settle that, those who oversee,
//! and herself, for a purpose that says so; by everybody else by no path.

use domain::permission::Action;
use domain::purpose::{Purpose, may_claim, reading_as};
use domain::viewer::{Role, Scope};
use serde_json::{Value, json};

use super::city::{Of, fill};
use super::walk::{ask, everybody};
use crate::hub::on_every_database;

on_every_database! {
    /// Law 8.
    async fn what_is_restricted_is_found_by_no_path_but_for_what_it_is_kept_for(hub: TestHub) {
        let city = fill(&hub).await;
        let id = &city.enterprises[&Of::Kominfo];
        let demand = "mutation($input: RightInput!) { askRight(input: $input) { id } }";
        let input = json!({ "input": { "kind": "RESTRICTION", "enterprise": id, "reason": "keliru" } });
        let asked = hub.operator("kominfo", demand, input).await;
        let settle = "mutation($id: ID!) { settleRight(id: $id, carryOut: true) { status } }";
        let settled = hub.steward("tuti@serang", settle, json!({ "id": asked.at("/askRight/id") })).await;
        assert_eq!(settled.at("/settleRight/status"), "DONE", "{settled:?}");
        let ways = |who_finds_by_name: bool| {
            let mut ways = vec![
                format!("enterprise(id: \"{id}\") {{ id }}"),
                format!("enterprise(id: \"{id}\", asOfMoment: \"2100-01-01T00:00:00Z\") {{ id }}"),
                format!("node(id: \"{id}\") {{ id }}"),
                "enterprises(orderBy: { field: UPDATED_AT }) { nodes { id } }".to_owned(),
                "enterprises(filter: { kecamatan: \"36.73.01\" }, orderBy: { field: UPDATED_AT }) { nodes { id } }".to_owned(),
                format!("owner(id: \"{}\") {{ enterprises {{ id }} }}", city.owners[&Of::Kominfo]),
                "owners { nodes { enterprises { id } } }".to_owned(),
            ];
            if who_finds_by_name {
                ways.push("enterprises(search: \"kanariwulan\") { nodes { id } }".to_owned());
            }
            ways
        };
        let (mut found, mut kept) = (0, 0);
        for who in everybody(&city).iter().filter(|it| it.may(Action::ReadEnterprises)) {
            for &purpose in Purpose::ALL.iter().filter(|it| may_claim(who.role, **it)) {
                let scope = reading_as(who, purpose).scope();
                let opens = matches!(scope, Scope::All | Scope::Person(_));
                for way in ways(who.role != Role::Lender) {
                    let reply = ask(&hub, who, purpose, &format!("{{ {way} }}")).await;
                    let told = reply.body["data"].to_string().contains(id.as_str());
                    let persons = way.starts_with("owner");
                    let refused = matches!(reply.code(), "FORBIDDEN" | "WITHHELD");
                    let expected = opens && !(persons && refused);
                    assert_eq!(told, expected, "{} for {}: {way} {reply:?}", who.role.code(), purpose.code());
                    *(if told { &mut found } else { &mut kept }) += 1;
                }
                let count = "{ enterprises(orderBy: { field: UPDATED_AT }) { totalCount } }";
                let total = ask(&hub, who, purpose, count).await.at("/enterprises/totalCount").clone();
                let known = [Of::Pariwisata, Of::Both].into_iter().filter(|it| match &scope {
                    Scope::All | Scope::Used => true,
                    Scope::Agency(agency) => it.is_known_to(agency.as_str()),
                    _ => false,
                });
                assert_eq!(total, json!(known.count() + usize::from(opens)), "{}", who.role.code());
            }
        }
        assert!(0 < found && 0 < kept);
        // The pair it is in is explained to nobody who serves.
        let why = format!("{{ why(a: \"{}\", b: \"{}\") {{ weight }} }}", city.records["K-1"], city.records["P-1"]);
        let people = everybody(&city);
        let steward = people.iter().find(|it| it.role == Role::Steward).unwrap();
        assert_eq!(ask(&hub, steward, Purpose::PublicService, &why).await.at("/why"), &Value::Null);
        assert!(ask(&hub, steward, Purpose::DataQuality, &why).await.at("/why/weight").is_number());
    }
}
