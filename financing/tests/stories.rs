//! Enterprises from the rows agencies wrote (`golden/stories.toml`): read, merged and assessed as of a day.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use domain::agency::{Agency, AgencyCode, AgencyKind};
use domain::id::{EnterpriseId, FileId, RecordId};
use domain::record::{Field, RecordFields, SourceRecord};
use financing::assessment::assess;
use financing::fact::Fact;
use financing::facts::{Confidence, Facts, Sources, gather};
use financing::verdict::Assessor;
use linkage::merge::merge;
use linkage::normalise::normalise;
use serde::Deserialize;
use toml::{Spanned, Table, Value};
use uuid::Uuid;

use crate::golden::{Expected, check, day};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Story {
    working: String,
    on: toml::value::Datetime,
    records: Vec<Table>,
    /// What must be known of facts: a value, or a range.
    #[serde(default)]
    facts: Table,
    expect: Option<Expected>,
}

#[derive(Deserialize)]
struct Stories {
    story: Vec<Spanned<Story>>,
}

fn agencies() -> Vec<Agency> {
    let kinds = [
        ("disperindakop", AgencyKind::Office),
        ("pariwisata", AgencyKind::Office),
        ("kecamatan_serang", AgencyKind::Kecamatan),
        ("hipmikindo", AgencyKind::Association),
    ];
    let agency = |(code, kind)| Agency {
        code: AgencyCode::parse(code).unwrap(),
        name: code.to_owned(),
        kind,
        kecamatan: None,
    };
    kinds.into_iter().map(agency).collect()
}

/// The record of a table: `agency`, `on`, and texts by the codes of fields.
fn record(place: usize, table: &Table) -> SourceRecord {
    let agency = table["agency"].as_str().unwrap();
    let texts = table.iter().filter(|it| !["agency", "on"].contains(&it.0.as_str()));
    let fields: RecordFields = texts
        .map(|(name, text)| {
            let field = Field::from_code(name).unwrap_or_else(|| panic!("no field {name}"));
            (field, text.as_str().unwrap().to_owned())
        })
        .collect();
    SourceRecord {
        id: RecordId(Uuid::from_u128(place as u128 + 1)),
        agency: AgencyCode::parse(agency).unwrap(),
        file: FileId(Uuid::from_u128(1)),
        sheet: String::new(),
        row: 1,
        fields,
        recorded_on: table.get("on").and_then(Value::as_datetime).map(day),
    }
}

fn gathered(tables: &[Table], on: NaiveDate) -> (Facts, Vec<SourceRecord>) {
    let records: Vec<SourceRecord> =
        tables.iter().enumerate().map(|(place, it)| record(place, it)).collect();
    let agencies = agencies();
    let of = |it: &SourceRecord| agencies.iter().find(|one| one.code == it.agency).unwrap();
    let normalised: Vec<_> = records.iter().map(|it| (normalise(it, of(it)), of(it))).collect();
    let pairs: Vec<_> = normalised.iter().map(|it| (&it.0, it.1)).collect();
    let profile = merge(EnterpriseId(Uuid::from_u128(9)), vec![], &pairs);
    let links: BTreeMap<RecordId, Confidence> =
        records.iter().map(|it| (it.id, Confidence::Bits(5.0))).collect();
    let reading = crate::SHIPPED.reading();
    let sources =
        Sources { profile: &profile, records: &records, agencies: &agencies, links: &links };
    (gather(&sources, reading, on), records)
}

fn require(name: &str, facts: &Facts, wanted: &Table) {
    for (fact, value) in wanted {
        let fact = Fact::from_name(fact).unwrap_or_else(|| panic!("{name}: {fact}"));
        let known = facts.get(fact).possible;
        let found = (known.low(), known.high());
        let integer = |it: &Value| it.as_integer().unwrap();
        let expected = match value {
            Value::Boolean(it) => (i64::from(*it), i64::from(*it)),
            Value::Integer(it) => (*it, *it),
            Value::Array(it) => (integer(&it[0]), integer(&it[1])),
            Value::String(it) => {
                let number = fact.kind().number(it).unwrap();
                (number, number)
            }
            other => panic!("{name}: {other}"),
        };
        assert_eq!(found, expected, "{name}: {}", fact.name());
    }
}

#[test]
fn enterprises_made_of_rows_come_out_so() {
    let text = include_str!("golden/stories.toml");
    let stories: Stories = toml::from_str(text).unwrap();
    let catalogue = &*crate::SHIPPED;
    for spanned in &stories.story {
        let story = spanned.get_ref();
        let line = text[..spanned.span().start].lines().count();
        let name = format!("stories.toml:{line}: {}", story.working);
        let on = day(&story.on);
        let (facts, _) = gathered(&story.records, on);
        require(&name, &facts, &story.facts);
        if let Some(expected) = &story.expect {
            let in_force = catalogue.on(on);
            check(&name, expected, &assess(&Assessor::new(&in_force), &facts), &facts);
        }
    }
    assert!(20 <= stories.story.len());
}

#[test]
fn evidence_names_record_agency_date_and_link_and_no_number() {
    let tables: Vec<Table> = vec![
        toml::from_str("agency = 'disperindakop'\non = 2025-06-01\nbusiness_name = 'Warung Sari'\nnib = '0220503714826'\nnik = '3673014509850003'").unwrap(),
        toml::from_str("agency = 'hipmikindo'\non = 2026-01-10\nbusiness_name = 'Warung Sari'\nannual_sales = '120000000'").unwrap(),
    ];
    let on = NaiveDate::from_ymd_opt(2026, 3, 2).unwrap();
    let (facts, records) = gathered(&tables, on);
    let nib = facts.get(Fact::HasNib).evidence;
    assert_eq!(nib.len(), 1);
    assert_eq!(nib[0].record, Some(records[0].id));
    assert_eq!(nib[0].agency.as_ref().map(AgencyCode::as_str), Some("disperindakop"));
    assert_eq!(nib[0].recorded_on, NaiveDate::from_ymd_opt(2025, 6, 1));
    assert_eq!(nib[0].link.probability(), Some(32.0 / 33.0));
    let shown = format!("{facts:?}");
    for secret in ["0220503714826", "3673014509850003", "45098"] {
        assert!(!shown.contains(secret), "{secret}");
    }
    let catalogue = &*crate::SHIPPED;
    let in_force = catalogue.on(on);
    let assessment = assess(&Assessor::new(&in_force), &facts);
    let rules = assessment.programmes.iter().flat_map(|it| &it.rules);
    let of = |id: &str| rules.clone().find(|it| it.rule.id == id).unwrap();
    assert_eq!(of("nib_or_sku").link_probability, Some(32.0 / 33.0));
    assert_eq!(of("slik").link_probability, None);
    assert_eq!(
        assessment.highest_now().map(|it| it.1.0),
        assessment.programmes.iter().filter_map(|it| it.verdict.ceiling).map(|it| it.0).max()
    );
}

#[test]
fn an_only_record_rests_on_no_link_and_an_unmeasured_one_says_so() {
    let one: Table = toml::from_str("agency = 'pariwisata'\non = 2025-06-01\nbusiness_name = 'Warung Sari'\nnib = '0220503714826'").unwrap();
    let on = NaiveDate::from_ymd_opt(2026, 3, 2).unwrap();
    let (facts, _) = gathered(std::slice::from_ref(&one), on);
    assert_eq!(facts.get(Fact::HasNib).evidence[0].link, Confidence::OnlyRecord);
    assert_eq!(Confidence::Unmeasured.probability(), None);
    assert_eq!(Confidence::Steward.probability(), Some(1.0));
}
