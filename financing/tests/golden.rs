//! Cases worked out by hand (`golden/cases.toml`): facts of a day, a programme, and what must come of them.

use chrono::NaiveDate;
use domain::amount::Rupiah;
use financing::assessment::{Assessment, NOTICE_EN, NOTICE_ID, assess};
use financing::fact::Fact;
use financing::facts::{Facts, Gap, Known};
use financing::value::Possible;
use financing::verdict::Assessor;
use serde::Deserialize;
use toml::{Spanned, Table, Value};

/// What must come of a case.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expected {
    programme: String,
    status: String,
    #[serde(default)]
    ceiling: i64,
    #[serde(default)]
    next: i64,
    #[serde(default)]
    because: Vec<String>,
    /// What the bank must be told to check, beside the programme's usual.
    #[serde(default)]
    bank: Vec<String>,
    /// The papers that would help, those that give most first.
    steps: Option<Vec<String>>,
    /// Facts that are unknown, and why.
    #[serde(default)]
    gaps: Table,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    working: String,
    on: toml::value::Datetime,
    #[serde(default)]
    facts: Table,
    expect: Expected,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Cases {
    base: Table,
    case: Vec<Spanned<Case>>,
}

pub fn day(written: &toml::value::Datetime) -> NaiveDate {
    written.to_string().parse().unwrap()
}

fn known(fact: Fact, value: &Value) -> Known {
    let number = |it: &Value| it.as_integer().unwrap_or_else(|| panic!("{}: {it}", fact.name()));
    let gap_of = |code: &str| Gap::ALL.into_iter().find(|it| it.code() == code);
    let (possible, gap) = match value {
        Value::Boolean(it) => (Possible::only(i64::from(*it)), None),
        Value::Integer(it) => (Possible::only(*it), None),
        Value::Array(it) => (Possible::between(number(&it[0]), number(&it[1])), None),
        Value::String(it) if gap_of(it).is_some() => (Possible::ANY, gap_of(it)),
        Value::String(it) => (Possible::only(fact.kind().number(it).unwrap()), None),
        other => panic!("{}: {other}", fact.name()),
    };
    Known { possible, gap, evidence: [].into() }
}

/// Checks what was assessed, naming the case when it is otherwise.
pub fn check(name: &str, expected: &Expected, assessment: &Assessment, facts: &Facts) {
    let of = assessment.programmes.iter().find(|it| it.programme.id == expected.programme);
    let of = of.unwrap_or_else(|| panic!("{name}: the programme is not in force"));
    let rupiah = |it: Option<Rupiah>| it.map_or(0, |it| it.0);
    let mut because = of.because();
    because.sort_unstable();
    let mut wanted = expected.because.clone();
    wanted.sort_unstable();
    assert_eq!(of.verdict.status.code(), expected.status, "{name}: status, because {because:?}");
    assert_eq!(because, wanted, "{name}: because");
    assert_eq!(rupiah(of.verdict.ceiling), expected.ceiling, "{name}: ceiling");
    assert_eq!(rupiah(of.verdict.next), expected.next, "{name}: ceiling with one more paper");
    let bank: Vec<&str> = of.bank_checks().map(|it| it.rule.id.as_str()).collect();
    for rule in &expected.bank {
        assert!(bank.contains(&rule.as_str()), "{name}: the bank checks {bank:?}, not {rule}");
    }
    if let Some(steps) = &expected.steps {
        let found: Vec<&str> = of.steps.iter().map(|it| it.paper.id.as_str()).collect();
        assert_eq!(&found, steps, "{name}: steps");
    }
    for (fact, gap) in &expected.gaps {
        let found = facts.get(Fact::from_name(fact).unwrap()).gap.map(Gap::code);
        assert_eq!(found, gap.as_str(), "{name}: why {fact} is not known");
    }
}

#[test]
fn cases_worked_by_hand_come_out_so() {
    let text = include_str!("golden/cases.toml");
    let cases: Cases = toml::from_str(text).unwrap();
    let catalogue = &*crate::SHIPPED;
    for spanned in &cases.case {
        let line = text[..spanned.span().start].lines().count();
        let case = spanned.get_ref();
        let name = format!("cases.toml:{line}: {}", case.working);
        let on = day(&case.on);
        let mut facts = Facts::unknown(on);
        for (fact, value) in cases.base.iter().chain(&case.facts) {
            let fact = Fact::from_name(fact).unwrap_or_else(|| panic!("{name}: {fact}"));
            facts.set(fact, known(fact, value));
        }
        let in_force = catalogue.on(on);
        check(&name, &case.expect, &assess(&Assessor::new(&in_force), &facts), &facts);
    }
    assert!(60 <= cases.case.len(), "only {} cases", cases.case.len());
}

#[test]
fn what_the_owner_reads_tells_the_next_paper_where_and_at_what_cost() {
    let cases: Cases = toml::from_str(include_str!("golden/cases.toml")).unwrap();
    let on = NaiveDate::from_ymd_opt(2026, 3, 2).unwrap();
    let mut facts = Facts::unknown(on);
    for (fact, value) in &cases.base {
        let fact = Fact::from_name(fact).unwrap();
        facts.set(fact, known(fact, value));
    }
    facts.set(Fact::Kbli, known(Fact::Kbli, &Value::String("10710".to_owned())));
    let catalogue = &*crate::SHIPPED;
    let in_force = catalogue.on(on);
    let assessment = assess(&Assessor::new(&in_force), &facts);
    assert_eq!(assessment.highest_now().map(|it| it.1), Some(Rupiah(50_000_000)));
    assert_eq!(assessment.highest_next().map(|it| it.1), Some(Rupiah(500_000_000)));
    assert_eq!((assessment.on, assessment.fingerprint), (on, catalogue.fingerprint()));
    let of = |id: &str| assessment.programmes.iter().find(|it| it.programme.id == id).unwrap();
    let step = &of("kur_micro").steps[0];
    assert_eq!(step.paper.id, "npwp");
    assert!(step.paper.note.as_ref().unwrap().en.contains("only a yearly report is due"));
    let advice = of("kur_micro").advice(catalogue);
    let advice: Vec<&str> = advice.iter().map(|it| it.id.as_str()).collect();
    assert_eq!(advice, ["halal", "pirt"]);
    let halal = catalogue.papers().iter().find(|it| it.id == "halal").unwrap();
    assert!(halal.cost.id.starts_with("Gratis") && !halal.where_to.id.is_empty());
    let small = of("kur_small");
    assert_eq!(
        (small.with_all.0.code(), small.with_all.1),
        ("likely_eligible", Some(Rupiah(500_000_000)))
    );
    let said: Vec<&str> = small
        .rules
        .iter()
        .filter(|it| it.rule.id == "npwp")
        .map(|it| it.says().id.as_str())
        .collect();
    assert_eq!(said, ["NPWP tidak tercatat."]);
    let bpjs = small.bank_checks().find(|it| it.rule.id == "bpjs").unwrap();
    assert_eq!(bpjs.undecided, [(Fact::HasBpjs, Gap::BankOnly)]);
    assert!(
        NOTICE_ID.contains("bukan keputusan kredit") && NOTICE_EN.contains("not a credit decision")
    );
}
