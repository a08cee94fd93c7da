//! Every answer that may be had, and the register that it is about.

use std::collections::BTreeMap;

use domain::viewer::{Role, Viewer};
use serde_json::{Value, json};

use super::city::{analyst, ask_of};
use crate::hub::{TestHub, viewer};

/// What is known of an enterprise, by what is asked by; for a status or a paper with the programme behind a colon.
pub type Facts = BTreeMap<String, Option<String>>;
/// The figures of a table by the categories of what it is asked by: a count, or none where it is not told.
pub type Cells = BTreeMap<Vec<Option<String>>, Option<u64>>;
/// The tables, by what they are asked by.
pub type Tables = BTreeMap<Vec<String>, Cells>;

const QUERY: &str = "query($by: [InclusionDimension!]!, $programme: String) { inclusion(by: $by, programme: $programme) {
    countedAt threshold enterprises cells { count suppressed
        group { kecamatan section size hasNib ownerSex status missing } } } }";
pub const PROGRAMMES: [&str; 2] = ["kur_micro", "umi"];

/// What is told together, without programmes and with one.
fn combinations() -> Vec<(Vec<&'static str>, Option<&'static str>)> {
    let shared = ["KECAMATAN", "SECTION", "SIZE", "NIB", "OWNER_SEX"];
    let mut all = vec![(vec![], None), (vec!["KECAMATAN", "SIZE", "OWNER_SEX"], None)];
    for (place, one) in shared.iter().enumerate() {
        all.push((vec![*one], None));
        all.extend(shared[place + 1..].iter().map(|other| (vec![*one, *other], None)));
    }
    for programme in PROGRAMMES {
        for stands in ["STATUS", "MISSING"] {
            let with = |of: &[&'static str]| ([of, &[stands]].concat(), Some(programme));
            all.extend([with(&[]), with(&["SECTION"]), with(&["NIB"])]);
            for set in 1..8 {
                let three = ["KECAMATAN", "SIZE", "OWNER_SEX"].into_iter().enumerate();
                let chosen: Vec<&str> =
                    three.filter(|it| set >> it.0 & 1 == 1).map(|it| it.1).collect();
                all.push(with(&chosen));
            }
        }
    }
    all
}

fn label(by: &str, group: &Value) -> Option<String> {
    let text = |it: &Value| it.as_str().map(str::to_owned);
    match by {
        "KECAMATAN" => text(&group["kecamatan"]),
        "SECTION" => text(&group["section"]),
        "SIZE" => text(&group["size"]),
        "NIB" => group["hasNib"].as_bool().map(|it| it.to_string()),
        "OWNER_SEX" => text(&group["ownerSex"]),
        "STATUS" => text(&group["status"]),
        _ => {
            let papers = group["missing"].as_array()?;
            Some(papers.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(","))
        }
    }
}

/// Everything that this viewer may ask of inclusion.
pub async fn tables(hub: &TestHub, who: &Viewer) -> Tables {
    let mut tables = Tables::new();
    for (by, programme) in combinations() {
        let reply = ask_of(hub, who, QUERY, json!({ "by": by, "programme": programme })).await;
        assert_eq!(reply.code(), "", "{by:?}: {reply:?}");
        let of_programme = |it: &&str| match (*it, programme) {
            ("STATUS" | "MISSING", Some(programme)) => format!("{it}:{programme}"),
            _ => (*it).to_owned(),
        };
        let mut cells = Cells::new();
        for cell in reply.at("/inclusion/cells").as_array().unwrap() {
            assert_eq!(cell["count"].is_null(), cell["suppressed"] == true);
            let labels = by.iter().map(|it| label(it, &cell["group"])).collect();
            cells.insert(labels, cell["count"].as_u64());
        }
        tables.insert(by.iter().map(of_programme).collect(), cells);
    }
    tables
}

/// What the central bank is told.
pub async fn told(hub: &TestHub) -> Tables {
    tables(hub, &analyst("bank")).await
}

/// The same as it is.
pub async fn exact(hub: &TestHub) -> Tables {
    tables(hub, &viewer(Role::Steward, None)).await
}

/// The register enterprise by enterprise, as the store has it.
pub async fn register(hub: &TestHub) -> Vec<Facts> {
    let programmes = PROGRAMMES.map(str::to_owned);
    let one = |it: tunggal::store::statistics::Facts| {
        let name = |names: &[&str], number: Option<i16>| {
            number.map(|it| names[usize::try_from(it).unwrap()].to_owned())
        };
        let kecamatan = it.kecamatan.map(|it| format!("36.73.{:02}", it % 100));
        let mut facts = Facts::from([
            ("KECAMATAN".to_owned(), kecamatan),
            ("SECTION".to_owned(), it.section),
            ("SIZE".to_owned(), name(&["MICRO", "SMALL", "MEDIUM", "LARGE"], it.size)),
            ("NIB".to_owned(), Some(it.has_nib.to_string())),
            ("OWNER_SEX".to_owned(), name(&["FEMALE", "MALE"], it.owner_sex)),
        ]);
        for (programme, standing) in programmes.iter().zip(it.standings) {
            let (status, papers) = standing.unwrap();
            let codes = ["NOT_ELIGIBLE", "CANNOT_SAY", "MISSING", "LIKELY_ELIGIBLE"];
            facts.insert(format!("STATUS:{programme}"), name(&codes, Some(status)));
            if status == 2 {
                let papers = papers.trim_matches(',').to_owned();
                facts.insert(format!("MISSING:{programme}"), Some(papers));
            }
        }
        facts
    };
    hub.app.store.facts(&programmes).await.unwrap().into_iter().map(one).collect()
}
