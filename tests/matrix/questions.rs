//! What a question itself would tell: filters, orders, searches, counts and identifiers.

use domain::enterprise::Attribute;
use domain::permission::Action;
use domain::purpose::default_of;
use domain::viewer::{Role, Viewer};
use serde_json::{Value, json};
use tunggal::graphql::declared::{QUESTIONS, Takes};

use super::city::fill;
use super::shape::Shape;
use super::walk::{ask, everybody};
use crate::hub::{TestHub, on_every_database};

/// What a filter or an order asks about must be seen whole of everybody.
fn allowed(who: &Viewer, takes: Takes) -> bool {
    match takes {
        Takes::Value(it) => who.finds_by(it),
        Takes::SizeValue => {
            who.finds_by(Attribute::AnnualSales) && who.finds_by(Attribute::Capital)
        }
        _ => true,
    }
}

/// A value of each condition of the filter.
fn literal(condition: &str) -> &'static str {
    match condition {
        "kecamatan" => "\"36.73.02\"",
        "kelurahan" => "\"36.73.01.1003\"",
        "kbli" => "\"107\"",
        "section" => "\"C\"",
        "sizeClass" => "MICRO",
        "agency" => "\"kominfo\"",
        "nib" => "\"0807229043975\"",
        "hasNib" | "hasNpwp" => "true",
        "updatedSince" => "\"2020-01-01T00:00:00Z\"",
        other => panic!("say here how to ask with the condition {other}"),
    }
}

async fn found(hub: &TestHub, who: &Viewer, arguments: &str) -> (String, i64) {
    let query = format!("{{ enterprises({arguments}) {{ totalCount }} }}");
    let reply = ask(hub, who, default_of(who.role), &query).await;
    (reply.code().to_owned(), reply.at("/enterprises/totalCount").as_i64().unwrap_or(-1))
}

on_every_database! {
    /// Law 8.
    async fn a_filter_or_an_order_by_what_one_does_not_see_is_refused(hub: TestHub) {
        let city = fill(&hub).await;
        let shape = Shape::read(&hub).await;
        for (of, questions) in QUESTIONS {
            let named: Vec<&str> = questions.iter().flat_map(|it| it.1.split_whitespace()).collect();
            for name in &shape.inputs[*of] {
                assert!(named.contains(&name.as_str()), "say in api/src/graphql/declared.rs what {of}.{name} asks about");
            }
            for (takes, name) in questions.iter().flat_map(|it| it.1.split_whitespace().map(|name| (it.0, name))) {
                for who in everybody(&city).iter().filter(|it| it.may(Action::ReadEnterprises)) {
                    let arguments = match *of {
                        "EnterpriseOrderField" => format!("orderBy: {{ field: {name} }}"),
                        _ => format!("orderBy: {{ field: UPDATED_AT }}, filter: {{ {name}: {} }}", literal(name)),
                    };
                    let (code, _) = found(&hub, who, &arguments).await;
                    let expected = if allowed(who, takes) { "" } else { "WITHHELD" };
                    assert_eq!(code, expected, "{} {arguments}", who.role.code());
                }
            }
        }
        // By identifier, too.
        for who in everybody(&city).iter().filter(|it| it.may(Action::ReadEnterprises)) {
            let entity = "_entities(representations: [{ __typename: \"Enterprise\", nibKey: \"0220932935677\" }])";
            for query in ["{ enterprise(nib: \"0220932935677\") { id } }", &format!("{{ {entity} {{ __typename }} }}")] {
                let reply = ask(&hub, who, default_of(who.role), query).await;
                let expected = if who.finds_by(Attribute::Nib) { "" } else { "WITHHELD" };
                assert_eq!(reply.code(), expected, "{}: {query}", who.role.code());
            }
        }
        // Refused is written down as refused.
        let log = hub.access_log().await;
        assert!(log.iter().any(|it| it.0 == "auditor" && it.1 == "enterprise" && !it.3), "{log:?}");
    }

    /// Law 8. Somebody who asks again and again learns no more than by asking once.
    async fn an_attacker_who_bisects_learns_nothing(hub: TestHub) {
        let city = fill(&hub).await;
        let people = everybody(&city);
        let of = |role: Role| people.iter().find(|it| it.role == role).unwrap();
        // The size class, by trying each: a steward finds it, an agency is refused each time.
        for class in ["MICRO", "SMALL", "MEDIUM", "LARGE"] {
            let arguments = format!("filter: {{ sizeClass: {class} }}");
            let (code, total) = found(&hub, of(Role::Steward), &arguments).await;
            assert_eq!((code.as_str(), total), ("", if class == "MICRO" { 3 } else { 0 }));
            for role in [Role::AgencyOperator, Role::AgencyViewer, Role::Administrator, Role::Auditor] {
                assert_eq!(found(&hub, of(role), &arguments).await, ("WITHHELD".to_owned(), -1));
            }
        }
        // The owner's name and the NIK in a name, letter by letter through the search.
        let steps = |text: &'static str| (3..=text.len()).map(move |it| format!("search: \"{}\"", &text[..it]));
        for arguments in steps("zubaydafira") {
            assert_eq!(found(&hub, of(Role::Steward), &arguments).await.1, 1, "{arguments}");
            for role in [Role::Administrator, Role::Auditor] {
                assert_eq!(found(&hub, of(role), &arguments).await.1, 0, "{arguments}");
            }
        }
        for arguments in steps("3673011405710017") {
            for role in [Role::Steward, Role::AgencyViewer, Role::Administrator, Role::Auditor] {
                assert_eq!(found(&hub, of(role), &arguments).await.1, 0, "{arguments}");
            }
        }
        // What is out of scope is in no count.
        for arguments in ["search: \"bangaukencana\"", "filter: { kelurahan: \"36.73.02.1002\" }", "filter: { nib: \"0220932935677\" }"] {
            assert_eq!(found(&hub, of(Role::AgencyOperator), arguments).await.1, 0, "{arguments}");
        }
        // Counts by what one does not see: small ones are suppressed, the totals with them.
        for who in &people {
            let query = "{ statistics { threshold withNib bySize { count } } }";
            let reply = ask(&hub, who, default_of(who.role), query).await;
            let exact = who.role == Role::Steward;
            assert_eq!(reply.at("/statistics/withNib").is_null(), !exact, "{}: {reply:?}", who.role.code());
            let sizes = reply.at("/statistics/bySize").as_array().unwrap();
            assert!(exact || sizes.iter().all(|it| it["count"].is_null() || it["count"] == 0), "{sizes:?}");
        }
        let query = json!({ "query": "{ statistics { withNib } }" });
        let token = hub.token(Role::Steward, None);
        let request = hub.client.post(format!("{}/graphql", hub.url)).bearer_auth(token);
        let reply = crate::hub::reply(request.header("Tunggal-Purpose", "statistics").json(&query).send().await.unwrap()).await;
        assert_eq!(reply.at("/statistics/withNib"), &Value::Null, "figures for publication are suppressed");
    }

    /// Law 8.
    async fn a_person_of_several_enterprises_is_told_within_scope_alone(hub: TestHub) {
        let head = "Nama Usaha,Nama Pemilik,NIK,Alamat,Kelurahan,Kecamatan\n";
        let person = "Siti Aminah,3673014507850001";
        hub.ingest("kominfo", &format!("{head}Bakso Barokah,{person},Jl. Ayip Usman 3,Sumur Pecung,Serang\n")).await;
        hub.ingest("pariwisata", &format!("{head}Penginapan Karangantu,{person},Jl. Pelabuhan 1,Banten,Kasemen\n")).await;
        hub.link().await;
        let query = "{ owners { totalCount nodes { enterprises { id } } } several: owners(several: true) { totalCount nodes { id } } }";
        let all = hub.ask_as(Role::Steward, query, Value::Null).await;
        assert_eq!(all.at("/several/totalCount"), 1, "{all:?}");
        assert_eq!(all.at("/owners/nodes/0/enterprises").as_array().unwrap().len(), 2);
        let own = hub.operator("kominfo", query, Value::Null).await;
        assert_eq!(own.at("/owners/nodes/0/enterprises").as_array().unwrap().len(), 1);
        assert_eq!(own.at("/several"), &json!({ "totalCount": 0, "nodes": [] }));
    }
}
