//! What must hold of every enterprise: an answer for any facts, and no paper that does harm.

use chrono::NaiveDate;
use financing::assessment::{Assessment, assess};
use financing::fact::{Fact, Holder, Kind};
use financing::facts::{Facts, Gap, Known};
use financing::logic::Truth;
use financing::value::{Possible, Values};
use financing::verdict::{Answers, Assessor, Status};
use proptest::prelude::*;

fn possible(fact: Fact) -> BoxedStrategy<Possible> {
    let value = match fact.kind() {
        Kind::Flag => (0_i64..2).boxed(),
        Kind::Choice(choices) => (0..choices.len() as i64).boxed(),
        Kind::Code(_) => (1_000_i64..99_999).boxed(),
        Kind::Number => prop_oneof![
            -2_i64..80,
            4_799_999_999_i64..4_800_000_002,
            Just(i64::MAX),
            Just(i64::MIN)
        ]
        .boxed(),
    };
    prop_oneof![
        2 => Just(Possible::ANY),
        6 => value.clone().prop_map(Possible::only),
        1 => (value.clone(), value.clone()).prop_map(|(a, b)| Possible::between(a, b)),
        1 => value.prop_map(Possible::at_least),
    ]
    .boxed()
}

fn values() -> impl Strategy<Value = Values> {
    let each: Vec<_> = Fact::ALL.iter().map(|it| possible(*it)).collect();
    each.prop_map(|all| {
        let each = Fact::ALL.iter().zip(all);
        each.fold(Values::UNKNOWN, |values, (fact, it)| values.with(*fact, it))
    })
}

fn day() -> impl Strategy<Value = NaiveDate> {
    (2015_i32..2032, 1_u32..366).prop_map(|it| NaiveDate::from_yo_opt(it.0, it.1).unwrap())
}

fn facts(values: &Values, on: NaiveDate) -> Facts {
    let mut facts = Facts::unknown(on);
    for &fact in Fact::ALL.iter().filter(|it| it.holder() != Holder::Calendar) {
        let known = Known { possible: values.get(fact), gap: None, evidence: [].into() };
        facts.set(fact, known);
    }
    facts
}

fn ceilings(assessment: &Assessment) -> Vec<i64> {
    let of =
        |it: &financing::assessment::ProgrammeAssessment| it.verdict.ceiling.map_or(0, |it| it.0);
    assessment.programmes.iter().map(of).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn any_facts_on_any_day_are_answered(values in values(), on in day()) {
        let catalogue = &*crate::SHIPPED;
        let in_force = catalogue.on(on);
        let assessment = assess(&Assessor::new(&in_force), &facts(&values, on));
        for programme in &assessment.programmes {
            for result in &programme.rules {
                prop_assert!(!result.says().id.is_empty() && !result.says().en.is_empty());
                let undecided = !result.undecided.is_empty();
                prop_assert!(result.truth == Truth::Unknown || !undecided);
            }
            let verdict = programme.verdict;
            prop_assert_eq!(verdict.ceiling.is_some(), verdict.status == Status::LikelyEligible);
            prop_assert!(verdict.next.is_none_or(|it| verdict.ceiling.is_none_or(|now| now < it)));
            prop_assert_eq!(programme.because().is_empty(), verdict.status == Status::LikelyEligible);
        }
    }

    #[test]
    fn a_paper_never_lowers_a_ceiling(values in values(), on in day(), paper in 0_usize..7) {
        let catalogue = &*crate::SHIPPED;
        let in_force = catalogue.on(on);
        let before = assess(&Assessor::new(&in_force), &facts(&values, on));
        let paper = &catalogue.papers()[paper];
        let with = values.with(paper.gives, Possible::only(1));
        let after = assess(&Assessor::new(&in_force), &facts(&with, on));
        for ((one, two), programme) in ceilings(&before).into_iter().zip(ceilings(&after)).zip(&after.programmes) {
            prop_assert!(one <= two, "{} lowers {}", paper.id, programme.programme.id);
        }
        // What was foretold of the paper is what comes.
        for (one, two) in before.programmes.iter().zip(&after.programmes) {
            if let Some(step) = one.steps.iter().find(|it| it.paper.id == paper.id) {
                prop_assert_eq!((step.status, step.ceiling), (two.verdict.status, two.verdict.ceiling));
            }
        }
    }

    #[test]
    fn a_register_and_an_enterprise_get_the_same_verdict(all in proptest::collection::vec(values(), 1..6), on in day()) {
        let catalogue = &*crate::SHIPPED;
        let in_force = catalogue.on(on);
        let all: Vec<Values> = all.iter().map(|it| *facts(it, on).values()).collect();
        let many = Assessor::new(&in_force).verdicts(&all);
        let one_by_one: Vec<_> = all
            .iter()
            .flat_map(|it| assess(&Assessor::new(&in_force), &facts(it, on)).programmes.iter().map(|it| it.verdict).collect::<Vec<_>>())
            .collect();
        prop_assert_eq!(many, one_by_one);
    }

    #[test]
    fn learning_more_never_turns_an_answer_round(values in values(), fact in 0_usize..Fact::COUNT, more in -2_i64..80) {
        let catalogue = &*crate::SHIPPED;
        let in_force = catalogue.on(NaiveDate::from_ymd_opt(2026, 3, 2).unwrap());
        let assessor = Assessor::new(&in_force);
        let fact = Fact::ALL[fact];
        let unknown = values.with(fact, Possible::ANY);
        let known = values.with(fact, Possible::only(more));
        let (mut before, mut after) = (Answers::default(), Answers::default());
        assessor.ask(&unknown, &mut before);
        assessor.ask(&known, &mut after);
        for (place, rule) in catalogue.rules().iter().enumerate() {
            let answers = (assessor.answer_of(place, &before), assessor.answer_of(place, &after));
            if let (Some(before), Some(after)) = answers {
                prop_assert!(before == Truth::Unknown || before == after, "{}", rule.id);
            }
        }
    }
}

#[test]
fn what_only_the_bank_knows_is_never_known_here() {
    let facts = Facts::unknown(NaiveDate::from_ymd_opt(2026, 3, 2).unwrap());
    for &fact in Fact::ALL.iter().filter(|it| it.holder() == Holder::Bank) {
        assert_eq!(facts.get(fact).gap, Some(Gap::BankOnly), "{}", fact.name());
    }
}
