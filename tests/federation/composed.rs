//! The hub's graph composes with others, as two implementations compose.

use serde_json::{Value, json};
use tunggal::graphql::subgraph;

use super::PLACE;
use crate::node::{output, source};

/// Each graph with its name and schema.
fn graphs() -> Vec<(&'static str, String)> {
    let file = |name: &str| std::fs::read_to_string(source(PLACE, name)).unwrap();
    vec![
        ("tunggal", subgraph::sdl().to_owned()),
        ("tourism", file("tourism.graphql")),
        ("retail", file("retail.graphql")),
    ]
}

fn composed(program: (&str, &str), graphs: &[(&str, String)], more: &[&str]) -> Value {
    let all: Vec<Value> = graphs
        .iter()
        .map(|(name, sdl)| json!({ "name": name, "url": "http://127.0.0.1:1/graphql", "sdl": sdl }))
        .collect();
    let told = output(program, more, &[], &Value::from(all).to_string()).unwrap();
    serde_json::from_str(&told).unwrap()
}

const APOLLO: (&str, &str) = ("composition", "compose.mjs");
const GUILD: (&str, &str) = (PLACE, "composed.mjs");

/// Whether the schema has this type, or in this type this field.
fn has(told: &Value, of: &str, field: Option<&str>) -> bool {
    let api = told["api"].as_str().unwrap();
    let kinds = ["type", "interface", "input", "enum"];
    let Some(at) = kinds.iter().find_map(|it| api.find(&format!("\n{it} {of} "))) else {
        return false;
    };
    let body = &api[at + 1..];
    let body = &body[..body.find("\n}").unwrap()];
    field.is_none_or(|it| {
        body.contains(&format!("\n  {it}:")) || body.contains(&format!("\n  {it}("))
    })
}

#[test]
fn the_graph_composes_with_two_others_by_both_compositions() {
    for program in [APOLLO, GUILD] {
        let told = composed(program, &graphs(), &[]);
        assert_eq!(told["errors"], json!([]), "{program:?}");
        for (of, field) in [
            ("Enterprise", "name"),
            ("Enterprise", "establishment"),
            ("Enterprise", "placements"),
            ("Establishment", "enterprise"),
            ("Query", "enterprises"),
            ("Query", "establishments"),
            ("Query", "financingView"),
            ("Mutation", "giveConsent"),
        ] {
            assert!(has(&told, of, Some(field)), "{program:?}: {of}.{field} is missing");
        }
        // What keeps the register is the hub's alone, with every type that leads nowhere else.
        for (of, field) in [
            ("Query", "reviewQueue"),
            ("Query", "why"),
            ("Query", "linkageModels"),
            ("Mutation", "decide"),
            ("Mutation", "activateModel"),
            ("Enterprise", "links"),
            ("Enterprise", "how"),
            ("Enterprise", "nibKey"),
        ] {
            assert!(!has(&told, of, Some(field)), "{program:?}: {of}.{field} is there");
        }
        for of in ["ReviewItem", "LinkageModel", "Explanation", "DecisionsTogether", "_Entity"] {
            assert!(!has(&told, of, None), "{program:?}: {of} is there");
        }
    }
}

#[test]
fn a_graph_that_does_not_fit_is_refused_by_both_compositions() {
    for program in [APOLLO, GUILD] {
        let mut all = graphs();
        all[1].1 = all[1].1.replace("nibKey: String", "nibKey: Int");
        let told = composed(program, &all, &[]);
        let errors = told["errors"].to_string();
        assert!(errors.contains("Enterprise.nibKey"), "{program:?}: {errors}");
    }
}

/// A contract, as one is cut of a composed graph by the tags of an audience.
#[test]
fn a_contract_for_an_audience_has_what_its_role_may_ask_for() {
    type Fields<'a> = &'a [(&'a str, &'a str)];
    let cases: [(&str, Fields<'_>, Fields<'_>); 3] = [
        (
            "lender",
            &[("Query", "financingView"), ("Query", "consentChanges"), ("Enterprise", "name")],
            &[("Query", "accessLog"), ("Query", "owners"), ("Mutation", "giveConsent")],
        ),
        (
            "agency_operator",
            &[("Query", "sourceFiles"), ("Mutation", "uploadSourceFile"), ("Enterprise", "owners")],
            &[("Query", "accessLog"), ("Mutation", "settleBreakGlass")],
        ),
        (
            "public",
            &[("Query", "statistics"), ("Query", "kelurahan"), ("Query", "dataUse")],
            &[("Query", "enterprises"), ("Query", "accessLog"), ("Query", "node")],
        ),
    ];
    for (role, there, absent) in cases {
        let told = composed(GUILD, &graphs()[..1], &[role]);
        assert_eq!(told["errors"], json!([]), "{role}");
        for (of, field) in there {
            assert!(has(&told, of, Some(field)), "{role}: {of}.{field} is missing");
        }
        for (of, field) in absent {
            assert!(!has(&told, of, Some(field)), "{role}: {of}.{field} is there");
        }
    }
    let public = composed(GUILD, &graphs()[..1], &["public"]);
    assert!(!has(&public, "Enterprise", None) && !has(&public, "AccessEntry", None));
}
