//! A steward sees what another model would change before it does, and gets exactly that.

use std::collections::{BTreeMap, BTreeSet};
use std::process::{Command, Stdio};

use domain::viewer::Role;
use serde_json::{Value, json};

use crate::hub::{Reply, TestHub, on_every_database};
use crate::sample::{city, homes};

const PREVIEW: &str = "mutation($change: ModelChange!) { previewModel(change: $change) {
    id version active linkBits expectedPrecision
    preview { holds enterprisesNow enterprisesThen mergedCount splitCount touchedCount
              sample { enterpriseIds groups enterprises { id } } } } }";

const ACTIVATE: &str = "mutation($id: ID!) { activateModel(id: $id) {
    model { id active preview { holds } } run { id modelId cause }
    changes { mergedCount splitCount touchedCount createdCount merged { from to } split { from to } } } }";

async fn preview(hub: &TestHub, change: Value) -> Reply {
    hub.ask_as(Role::Steward, PREVIEW, json!({ "change": change })).await
}

async fn activate(hub: &TestHub, id: &Value) -> Reply {
    hub.steward("second@serang", ACTIVATE, json!({ "id": id })).await
}

async fn link_bits(hub: &TestHub) -> f64 {
    let reply = hub.ask_as(Role::Steward, "{ linkageModel { linkBits } }", Value::Null).await;
    reply.at("/linkageModel/linkBits").as_f64().unwrap()
}

async fn decide(hub: &TestHub, kind: &str, a: &str, b: &str) -> String {
    let text = format!(
        "mutation($a: ID!, $b: ID!) {{ decide(kind: {kind}, a: $a, b: $b, reason: \"seen\") {{ id }} }}"
    );
    let reply = hub.ask_as(Role::Steward, &text, json!({ "a": a, "b": b })).await;
    reply.at("/decide/id").as_str().unwrap_or_else(|| panic!("{reply:?}")).to_owned()
}

fn groups(homes: &BTreeMap<String, String>) -> BTreeSet<BTreeSet<&String>> {
    let mut groups: BTreeMap<&str, BTreeSet<&String>> = BTreeMap::new();
    for (record, home) in homes {
        groups.entry(home).or_default().insert(record);
    }
    groups.into_values().collect()
}

/// Two rows of one enterprise, and two rows of two.
fn together_and_apart(homes: &BTreeMap<String, String>) -> [(String, String); 2] {
    let mut groups: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (record, home) in homes {
        groups.entry(home).or_default().push(record);
    }
    let pair = groups.values().find(|it| 1 < it.len()).unwrap();
    let alone: Vec<_> = groups.values().filter(|it| it.len() == 1).take(2).collect();
    [(pair[0].to_owned(), pair[1].to_owned()), (alone[0][0].to_owned(), alone[1][0].to_owned())]
}

on_every_database! {
    /// Laws 4 and 5: what a preview says is what an activation does, ids live on, decisions hold.
    async fn a_stricter_threshold_does_exactly_what_its_preview_said(hub: TestHub) {
        city(&hub).await;
        let [(parted, from), (joined, to)] = together_and_apart(&homes(&hub).await);
        decide(&hub, "NEVER", &parted, &from).await;
        decide(&hub, "SAME", &joined, &to).await;
        let before = homes(&hub).await;
        let old = hub.ask_as(Role::Steward, "{ linkageModel { id version } }", Value::Null).await;

        let bits = link_bits(&hub).await + 12.0;
        let previewed = preview(&hub, json!({ "linkBits": bits })).await;
        let found = previewed.at("/previewModel/preview");
        assert_eq!(found["holds"], true, "{previewed:?}");
        let split = found["splitCount"].as_i64().unwrap();
        assert!(0 < split, "{found}");
        assert_eq!(found["mergedCount"], 0, "a higher threshold joins nothing");
        assert!(homes(&hub).await == before, "a preview changes nothing");
        let sample = found["sample"].as_array().unwrap();
        assert!(!sample.is_empty());

        let done = activate(&hub, previewed.at("/previewModel/id")).await;
        let changes = done.at("/activateModel/changes");
        for count in ["mergedCount", "splitCount", "touchedCount"] {
            assert_eq!(changes[count], found[count], "{count}: {done:?}");
        }
        assert_eq!(done.at("/activateModel/model/active"), true);
        let after = homes(&hub).await;
        let then: BTreeSet<&String> = after.values().collect();
        assert_eq!(found["enterprisesThen"].as_u64().unwrap() as usize, then.len());
        // Every change of the sample came about.
        for change in sample {
            for group in change["groups"].as_array().unwrap() {
                let ids: BTreeSet<&String> = group.as_array().unwrap().iter()
                    .map(|it| &after[it.as_str().unwrap()]).collect();
                assert_eq!(ids.len(), 1, "{change}");
            }
        }
        // Every id that was live still is, and most rows kept theirs.
        for id in before.values() {
            assert!(then.contains(id), "{id} is gone");
        }
        let kept = before.iter().filter(|(record, id)| after[*record] == **id).count();
        assert!(before.len() / 2 < kept);
        // Decisions hold.
        assert_ne!(after[&parted], after[&from]);
        assert_eq!(after[&joined], after[&to]);

        // The old model is still there to read and to go back to.
        let id = old.at("/linkageModel/id");
        let query = "query($id: ID!) { linkageModel(id: $id) { active linkBits statement converged
            expectedPrecision settings { name value } firstLinkedAt lastLinkedAt }
            linkageModels { totalCount nodes { id version active } } }";
        let read = hub.ask_as(Role::Auditor, query, json!({ "id": id })).await;
        assert_eq!(read.at("/linkageModel/active"), false, "{read:?}");
        assert!(read.at("/linkageModel/statement").as_str().unwrap().starts_with("The estimate"));
        assert_eq!(read.at("/linkageModels/totalCount"), 2);
        assert_eq!(read.at("/linkageModels/nodes/0/active"), true);
        let back = preview(&hub, json!({ "from": id })).await;
        let again = activate(&hub, id).await;
        assert_eq!(again.at("/activateModel/changes/mergedCount"), back.at("/previewModel/preview/mergedCount"));
        let last = homes(&hub).await;
        assert!(groups(&last) == groups(&before), "going back gives every enterprise back");
        // Where two equal parts meet again one id retires; every id that was ever given still leads there.
        for (record, id) in before.iter().filter(|(record, id)| last[*record] != **id) {
            let query = "query($id: ID!) { enterprise(id: $id) { id } }";
            let found = hub.ask_as(Role::Steward, query, json!({ "id": id })).await;
            assert_eq!(found.at("/enterprise/id"), &last[record]);
        }
    }

    async fn a_preview_holds_only_while_nothing_else_happens(hub: TestHub) {
        city(&hub).await;
        let bits = link_bits(&hub).await + 3.0;
        let previewed = preview(&hub, json!({ "linkBits": bits })).await;
        let id = previewed.at("/previewModel/id").clone();
        let [(a, b), _] = together_and_apart(&homes(&hub).await);
        decide(&hub, "NEVER", &a, &b).await;
        let refused = activate(&hub, &id).await;
        assert_eq!(refused.code(), "PREVIEW_STALE", "{refused:?}");
        let query = "query($id: ID!) { linkageModel(id: $id) { active preview { holds } } }";
        let read = hub.ask_as(Role::Steward, query, json!({ "id": id })).await;
        assert_eq!(read.at("/linkageModel"), &json!({ "active": false, "preview": { "holds": false } }));
        // Previewed again, it holds again under the same id.
        let again = preview(&hub, json!({ "linkBits": bits })).await;
        assert_eq!(again.at("/previewModel/id"), &id);
        assert_eq!(activate(&hub, &id).await.at("/activateModel/model/active"), true);
        assert_eq!(activate(&hub, &id).await.code(), "CONFLICT", "it is active already");
        // Rows that wait would be counted as the model's doing.
        hub.ingest("disperindakop", "Nama Usaha,Nama Pemilik,Kecamatan\nBakso Barokah,Siti Aminah,Serang\n").await;
        assert_eq!(preview(&hub, json!({ "linkBits": bits + 1.0 })).await.code(), "CONFLICT");
    }

    async fn a_changed_setting_estimates_anew_and_a_wrong_one_is_refused(hub: TestHub) {
        city(&hub).await;
        let change = json!({ "settings": [{ "name": "target_precision", "value": "0.999" }] });
        let strict = preview(&hub, change).await;
        assert!(link_bits(&hub).await < strict.at("/previewModel/linkBits").as_f64().unwrap(), "{strict:?}");
        for (name, value) in [("no_such_setting", "1"), ("target_precision", "\"high\""), ("target_precision", "{")] {
            let change = json!({ "settings": [{ "name": name, "value": value }] });
            assert_eq!(preview(&hub, change).await.code(), "INVALID_INPUT", "{name} {value}");
        }
        assert_eq!(preview(&hub, json!({ "linkBits": 1000.0 })).await.code(), "INVALID_INPUT");
        let variables = json!({ "change": { "linkBits": 3.0 } });
        for role in [Role::Auditor, Role::Developer] {
            let refused = hub.ask_as(role, PREVIEW, variables.clone()).await;
            assert_eq!(refused.code(), "FORBIDDEN", "{}", role.code());
        }
    }
}

/// The same by the command line, on a register of its own.
#[test]
fn the_command_line_previews_activates_and_lists_models_and_tells_whether_probabilities_hold() {
    let place = tempfile::tempdir().unwrap();
    let run = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tunggal-under-test"));
        command.args(arguments).arg("--data-dir").arg(place.path().join("data"));
        command.env_remove("DATABASE_URL").env("TUNGGAL_LOG", "off").current_dir(place.path());
        let output = command.stdin(Stdio::null()).output().unwrap();
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        (output.status.success(), String::from_utf8(output.stdout).unwrap(), told)
    };
    let done = |arguments: &[&str]| {
        let (success, out, told) = run(arguments);
        assert!(success, "{arguments:?}: {told}");
        out
    };
    let mut truth = "record_id,enterprise_id\n".to_owned();
    for agency in ["kominfo", "pariwisata"] {
        let text = crate::sample::rows(agency, 700);
        std::fs::write(place.path().join(format!("{agency}.csv")), &text).unwrap();
        let numbers =
            text.split([',', '\n']).filter(|it| it.starts_with("KOM-") || it.starts_with("PAR-"));
        truth.extend(numbers.map(|it| format!("{it},{it}\n")));
        done(&["ingest", &format!("{agency}.csv"), "--agency", agency]);
    }
    done(&["link"]);
    let json = |text: &str| serde_json::from_str::<Value>(text).unwrap();
    let previewed = json(&done(&["model", "preview", "--link-bits", "14", "--report", "json"]));
    let id = previewed["id"].as_str().unwrap_or_else(|| panic!("{previewed}")).to_owned();
    assert!(0 < previewed["split"].as_u64().unwrap(), "{previewed}");
    assert!(done(&["model", "list"]).contains(&id));
    let said = format!("{} split off", previewed["split"]);
    let activated = done(&["model", "activate", &id]);
    assert!(activated.contains(&said), "{activated}");
    assert!(done(&["model", "list"]).lines().any(|it| it.starts_with('*') && it.contains(&id)));
    let (success, _, told) = run(&["model", "activate", &id]);
    assert!(!success && told.contains("active one already"), "{told}");

    // By a truth in which no two rows are one, no share is true whatever was expected.
    std::fs::write(place.path().join("truth.csv"), truth).unwrap();
    let measured = json(&done(&["evaluate", "--truth", "truth.csv", "--report", "json"]));
    let bands = measured["reliability"].as_array().unwrap_or_else(|| panic!("{measured}"));
    assert!(2 < bands.len());
    for band in bands {
        let of = |name: &str| band[name].as_f64().unwrap();
        assert!((of("from")..=of("to")).contains(&of("expected_share_true")), "{band}");
        assert_eq!(of("actual_share_true"), 0.0);
    }
}
