//! What is told of the register in numbers, to everybody, to a bank, to the central bank: nobody is found out.

mod answers;
mod attacker;
mod city;
mod rows;

use std::collections::BTreeMap;

use domain::viewer::Role;
use serde_json::{Value, json};

use crate::hub::{TestHub, on_every_database, viewer};
use answers::{Tables, exact, register, told};
use attacker::{Day, attack};
use city::{analyst, ask_of, list};

const THRESHOLD: u64 = 5;

async fn filled(hub: &TestHub) {
    hub.ingest("kominfo", &list(0, 420, 42)).await;
    hub.link().await;
}

/// How many figures are not told.
fn dark(tables: &Tables) -> usize {
    tables.values().flat_map(|it| it.values()).filter(|it| it.is_none()).count()
}

/// What would be told if small counts alone were hidden.
fn without_cover(exact: &Tables) -> Tables {
    let mut tables = exact.clone();
    for count in tables.values_mut().flat_map(|it| it.values_mut()) {
        *count = count.filter(|it| *it == 0 || THRESHOLD <= *it);
    }
    tables
}

/// A figure that is told is the true one.
fn assert_true(told: &Tables, exact: &Tables) {
    for (table, cells) in told {
        for (cell, count) in cells.iter().filter(|it| it.1.is_some()) {
            assert_eq!(exact[table].get(cell), Some(count), "{table:?} {cell:?}");
        }
    }
}

on_every_database! {
    /// Law 11.
    async fn law_11_ten_thousand_differences_on_two_days_tell_of_no_group_of_few(hub: TestHub) {
        filled(&hub).await;
        let (first, before, was) = (told(&hub).await, exact(&hub).await, register(&hub).await);
        assert_true(&first, &before);
        let small = |it: &&u64| (1..THRESHOLD).contains(*it);
        assert!(before.values().flat_map(|it| it.values()).flatten().any(|it| small(&it)));
        // Two are joined by a steward, and forty more are taken.
        let rows = "{ enterprises(first: 2) { nodes { sourceRecords { id } } } }";
        let rows = hub.ask_as(Role::Steward, rows, Value::Null).await;
        let row = |it: usize| rows.at(&format!("/enterprises/nodes/{it}/sourceRecords/0/id")).clone();
        let same = "mutation($a: ID!, $b: ID!) { decide(kind: SAME, a: $a, b: $b, reason: \"dilihat\") { status } }";
        let joined = hub.ask_as(Role::Steward, same, json!({ "a": row(0), "b": row(1) })).await;
        assert_eq!(joined.code(), "", "{joined:?}");
        hub.ingest("kominfo", &list(420, 40, 43)).await;
        hub.link().await;
        let (second, after, is) = (told(&hub).await, exact(&hub).await, register(&hub).await);
        assert_true(&second, &after);
        assert_ne!(first, second);
        let days = [Day { register: &was, told: &first }, Day { register: &is, told: &second }];
        let (answered, found) = attack(&days);
        assert!(200 < answered, "only {answered} pairs were answered");
        assert_eq!(found, 0, "of {answered}");
        // The same attacker finds groups of few where small counts alone are hidden.
        let (first, second) = (without_cover(&before), without_cover(&after));
        let days = [Day { register: &was, told: &first }, Day { register: &is, told: &second }];
        let (answered, found) = attack(&days);
        assert!(0 < found, "{found} of {answered}");
    }

    /// Law 11.
    async fn law_11_what_was_hidden_stays_hidden_after_a_restart_and_on_another_node(hub: TestHub) {
        filled(&hub).await;
        let first = told(&hub).await;
        hub.ingest("kominfo", &list(420, 60, 43)).await;
        hub.link().await;
        let second = told(&hub).await;
        let hidden_of = |tables: &Tables| -> Vec<(Vec<String>, Vec<Option<String>>)> {
            let cells = tables.iter().flat_map(|it| it.1.iter().map(|cell| (it.0.clone(), cell)));
            cells.filter(|it| it.1.1.is_none()).map(|it| (it.0, it.1.0.clone())).collect()
        };
        for (table, cell) in hidden_of(&first) {
            // What is not listed is told to be none.
            assert_eq!(second[&table].get(&cell), Some(&None), "{table:?} {cell:?}");
        }
        let restarted = hub.another_node().await;
        assert_eq!(told(&restarted).await, second);
        assert_eq!(hub.rows("figures_edition").await, 1);
        // It is the kept edition that does it: without it more would be told.
        let (_, database) = hub.database().await;
        sea_orm::ConnectionTrait::execute_unprepared(&database, "DELETE FROM figures_edition").await.unwrap();
        let forgetful = hub.another_node().await;
        let unhidden = told(&forgetful).await;
        assert!(dark(&unhidden) < dark(&second), "{} {}", dark(&unhidden), dark(&second));
    }

    /// Law 11.
    async fn law_11_one_newcomer_is_in_no_difference_of_two_editions(hub: TestHub) {
        filled(&hub).await;
        let figures = "{ statistics { countedAt enterprises sourceRecords byKecamatan { code count } } }";
        let before = (hub.public(figures, Value::Null).await.body, told(&hub).await);
        for more in 420..424 {
            hub.ingest("kominfo", &list(more, 1, 99 + more as u64)).await;
            hub.link().await;
            assert_eq!((hub.public(figures, Value::Null).await.body, told(&hub).await), before, "{more}");
        }
        let exact = hub.ask_as(Role::Steward, figures, Value::Null).await;
        assert_eq!(exact.at("/statistics/sourceRecords"), 424);
        hub.ingest("kominfo", &list(424, 1, 777)).await;
        hub.link().await;
        let after = hub.public(figures, Value::Null).await;
        assert_eq!(after.at("/statistics/enterprises"), exact.at("/statistics/enterprises").as_i64().unwrap() + 1);
    }

    /// Law 11. What everybody, a bank and the central bank are told is one thing.
    async fn law_11_every_role_is_told_the_same_figures(hub: TestHub) {
        filled(&hub).await;
        let told = told(&hub).await;
        let text = "{ statistics { countedAt threshold enterprises withNib byKecamatan { code count } bySection { code count }
            bySize { code count } byAgency { agency enterprises sourceRecords } overlap { a b count } } }";
        let public = hub.public(text, Value::Null).await;
        for role in [Role::Lender, Role::CentralBank, Role::Developer, Role::Auditor] {
            assert_eq!(hub.ask_as(role, text, Value::Null).await.body, public.body, "{}", role.code());
        }
        let total = told[&vec![]][&vec![]];
        assert_eq!(public.at("/statistics/enterprises").as_u64(), total);
        for (list, by) in [("byKecamatan", "KECAMATAN"), ("bySection", "SECTION"), ("bySize", "SIZE")] {
            let cells = public.at(&format!("/statistics/{list}")).as_array().unwrap();
            let cells: BTreeMap<Vec<Option<String>>, Option<u64>> = cells
                .iter()
                .map(|it| (vec![it["code"].as_str().map(str::to_owned)], it["count"].as_u64()))
                .collect();
            assert_eq!(cells, told[&vec![by.to_owned()]], "{list}");
        }
        let with_nib = told[&vec!["NIB".to_owned()]][&vec![Some("true".to_owned())]];
        assert_eq!(public.at("/statistics/withNib").as_u64(), with_nib);
        assert_eq!(public.at("/statistics/byAgency/0/enterprises").as_u64(), total);
        // A bank is told how many it may not see by the same total, less those that agreed to it: here nobody.
        let funnel = "{ financingFunnel(programme: \"kur_micro\") { enterprises beyondConsent } }";
        let funnel = hub.ask_as(Role::Lender, funnel, Value::Null).await;
        assert_eq!(funnel.at("/financingFunnel/beyondConsent").as_u64(), total, "{funnel:?}");
    }

    async fn what_is_not_told_together_or_not_for_you_is_refused(hub: TestHub) {
        let text = "query($by: [InclusionDimension!]!, $programme: String) { inclusion(by: $by, programme: $programme) { enterprises cells { count } } }";
        let bank = analyst("bank");
        for (by, programme, code) in [
            (json!(["KECAMATAN", "SECTION", "SIZE"]), None, "INVALID_INPUT"),
            (json!(["STATUS"]), None, "INVALID_INPUT"),
            (json!(["STATUS", "MISSING"]), Some("umi"), "INVALID_INPUT"),
            (json!(["SIZE", "SIZE"]), None, "INVALID_INPUT"),
            (json!(["STATUS"]), Some("kur_raksasa"), "UNKNOWN_PROGRAMME"),
        ] {
            let reply = ask_of(&hub, &bank, text, json!({ "by": by, "programme": programme })).await;
            assert_eq!(reply.code(), code, "{by}: {reply:?}");
        }
        // Of nobody nothing is told but that there is nobody.
        let empty = ask_of(&hub, &bank, text, json!({ "by": ["SIZE"] })).await;
        assert_eq!(empty.at("/inclusion"), &json!({ "enterprises": 0, "cells": [] }), "{empty:?}");
        for role in [Role::Lender, Role::AgencyViewer, Role::AgencyOperator, Role::Administrator, Role::Auditor] {
            let agency = matches!(role, Role::AgencyViewer | Role::AgencyOperator).then_some("kominfo");
            let reply = ask_of(&hub, &viewer(role, agency), text, json!({ "by": [] })).await;
            assert_eq!(reply.code(), "FORBIDDEN", "{}", role.code());
        }
        assert_eq!(hub.public(text, json!({ "by": [] })).await.code(), "FORBIDDEN");
    }
}
