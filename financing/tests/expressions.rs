//! Expressions: the checked tree answers as the library does, the unknown spreads as Kleene has it, and nothing an
//! author can write takes long or brings the program down.

use cel::{Context, Program};
use financing::expression::{Expression, MOST_STEPS};
use financing::fact::{Fact, Kind};
use financing::logic::Truth;
use financing::value::{Possible, Values};
use proptest::prelude::*;

/// What the library says, every fact that is one value being bound and every other left out: its error is our
/// unknown.
fn by_the_library(text: &str, values: &Values) -> Truth {
    let program = Program::compile(text).unwrap();
    let mut context = Context::default();
    for &fact in Fact::ALL {
        let Some(value) = values.get(fact).value() else { continue };
        match fact.kind() {
            Kind::Flag => context.add_variable(fact.name(), value == 1).unwrap(),
            Kind::Number => context.add_variable(fact.name(), value).unwrap(),
            kind => context.add_variable(fact.name(), kind.text(value)).unwrap(),
        }
    }
    match program.execute(&context) {
        Ok(cel::Value::Bool(holds)) => Truth::from(holds),
        _ => Truth::Unknown,
    }
}

fn number() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("age".to_owned()),
        Just("workers".to_owned()),
        Just("months_in_business".to_owned()),
        (-4_i64..60).prop_map(|it| format!("({it})")),
        Just("9223372036854775807".to_owned()),
    ];
    leaf.prop_recursive(2, 12, 2, |inner| {
        (inner.clone(), prop_oneof!["\\+", "-", "\\*", "/", "%"], inner)
            .prop_map(|(one, sign, two)| format!("({one} {sign} {two})"))
            .prop_filter("a written zero is refused", |it| {
                Expression::parse(&format!("{it} < 1")).is_ok()
            })
    })
}

fn test() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("has_nib".to_owned()),
        Just("married".to_owned()),
        Just("true".to_owned()),
        Just("size_class == 'micro'".to_owned()),
        Just("size_class in ['small', 'large']".to_owned()),
        Just("kbli.startsWith('10')".to_owned()),
        Just("kbli != '56103'".to_owned()),
        Just("age in [3, 4, 20]".to_owned()),
        (number(), prop_oneof!["<", "<=", ">", ">=", "==", "!="], number())
            .prop_map(|(one, sign, two)| format!("{one} {sign} {two}")),
    ];
    leaf.prop_recursive(3, 24, 3, |inner| {
        prop_oneof![
            inner.clone().prop_map(|it| format!("!({it})")),
            (inner.clone(), inner.clone()).prop_map(|(one, two)| format!("({one} && {two})")),
            (inner.clone(), inner.clone()).prop_map(|(one, two)| format!("({one} || {two})")),
            (inner.clone(), inner.clone()).prop_map(|(one, two)| format!("({one}) == ({two})")),
            (inner.clone(), inner.clone(), inner)
                .prop_map(|(one, two, three)| format!("({one} ? {two} : {three})")),
        ]
    })
}

const USED: [Fact; 7] = [
    Fact::Age,
    Fact::Workers,
    Fact::MonthsInBusiness,
    Fact::HasNib,
    Fact::Married,
    Fact::SizeClass,
    Fact::Kbli,
];

fn value(fact: Fact) -> BoxedStrategy<i64> {
    match fact {
        Fact::HasNib | Fact::Married => (0_i64..2).boxed(),
        Fact::SizeClass => (0_i64..4).boxed(),
        Fact::Kbli => prop_oneof![Just(10710_i64), Just(56103), Just(1462), Just(47112)].boxed(),
        _ => prop_oneof![-3_i64..60, Just(i64::MAX), Just(i64::MIN)].boxed(),
    }
}

/// Each fact one value or nothing.
fn crisp() -> impl Strategy<Value = Values> {
    let each: Vec<_> = USED.iter().map(|it| proptest::option::weighted(0.7, value(*it))).collect();
    each.prop_map(|all| {
        let known = USED.into_iter().zip(all);
        known.fold(Values::UNKNOWN, |values, (fact, value)| {
            values.with(fact, value.map_or(Possible::ANY, Possible::only))
        })
    })
}

/// Each fact somewhere between two values, and values that lie there.
fn ranges() -> impl Strategy<Value = (Values, Vec<Values>)> {
    let spans: Vec<_> =
        USED.iter().map(|it| (value(*it), value(*it), value(*it), value(*it))).collect();
    spans.prop_map(|all| {
        let mut wide = Values::UNKNOWN;
        let mut inside = vec![Values::UNKNOWN; 4];
        for (fact, (a, b, c, d)) in USED.into_iter().zip(all) {
            let span = Possible::between(a, b);
            wide.set(fact, span);
            for (place, one) in [a, b, c, d].into_iter().enumerate() {
                let within = span.low() <= one && one <= span.high();
                inside[place].set(fact, Possible::only(if within { one } else { a }));
            }
        }
        (wide, inside)
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, ..ProptestConfig::default() })]

    #[test]
    fn the_tree_answers_as_the_library_does(text in test(), values in crisp()) {
        let expression = Expression::parse(&text).unwrap();
        prop_assert_eq!(expression.holds(&values), by_the_library(&text, &values), "{}", text);
    }

    #[test]
    fn what_is_said_of_a_range_holds_for_all_that_lies_in_it(text in test(), (wide, inside) in ranges()) {
        let expression = Expression::parse(&text).unwrap();
        let said = expression.holds(&wide);
        if said != Truth::Unknown {
            for values in inside {
                let one = by_the_library(&text, &values);
                prop_assert!(one == said || one == Truth::Unknown, "{text}: {said:?}, but {one:?}");
            }
        }
    }

    #[test]
    fn an_unknown_answer_names_what_it_hangs_on(text in test(), values in crisp()) {
        let expression = Expression::parse(&text).unwrap();
        let undecided = expression.undecided(&values);
        if expression.holds(&values) != Truth::Unknown {
            prop_assert!(undecided.is_empty());
        }
        for fact in undecided {
            prop_assert!(values.get(fact).value().is_none() && expression.facts().contains(&fact));
        }
    }

    #[test]
    fn whatever_an_author_writes_is_answered(text in "[a-z_0-9 ()\\[\\]{}!?:.,'\"<>=&|+*/%@#$\\\\`\n-]{0,80}") {
        let _ = Expression::parse(&text);
    }

    #[test]
    fn words_of_the_language_in_any_order_are_answered(
        words in proptest::collection::vec(prop_oneof![
            Just("age"), Just("("), Just(")"), Just("["), Just("]"), Just("{"), Just("}"), Just("!"),
            Just("&&"), Just("||"), Just("?"), Just(":"), Just("."), Just("startsWith"), Just("in"),
            Just("'x'"), Just("1"), Just("0"), Just("=="), Just("<"), Just("/"), Just("-"), Just(","),
            Just("1.5"), Just("\""), Just("all"), Just("has"), Just("kbli"), Just("true"), Just("null"),
        ], 0..24)
    ) {
        let _ = Expression::parse(&words.join(" "));
    }
}

fn refused(text: &str, code: &str, at: usize) {
    let refusal = Expression::parse(text).unwrap_err();
    assert_eq!((refusal.code, refusal.at), (code, at), "{text}: {}", refusal.text);
    assert!(!refusal.remedy.is_empty());
}

#[test]
fn mistakes_are_told_where_they_are() {
    refused("age >= 21 && has_nbi", "UNKNOWN_FACT", 13);
    refused("age", "WRONG_TYPE", 0);
    refused("has_nib > 1", "WRONG_TYPE", 0);
    refused("size_class == 'mikro'", "UNKNOWN_VALUE", 14);
    refused("size_class < 'small'", "WRONG_TYPE", 0);
    refused("size_class", "WRONG_TYPE", 0);
    refused("annual_sales <= 4.8", "WRONG_TYPE", 16);
    refused("kbli.startsWith('1x')", "UNKNOWN_VALUE", 16);
    refused("size_class.startsWith('m')", "WRONG_TYPE", 21);
    refused("age == 'x'", "WRONG_TYPE", 7);
    refused("age in []", "WRONG_TYPE", 7);
    refused("age / 0 > 1", "DIVISION_BY_ZERO", 6);
    refused("age % 0 > 1", "DIVISION_BY_ZERO", 6);
    refused("age >= 21 &&", "RULE_SYNTAX", 12);
    refused("age >= 21 \u{201c}", "RULE_SYNTAX", 10);
    refused("  ", "RULE_SYNTAX", 0);
}

#[test]
fn a_near_name_is_proposed() {
    let refusal = Expression::parse("has_nibb").unwrap_err();
    assert!(refusal.remedy.contains("has_nib"), "{}", refusal.remedy);
}

#[test]
fn no_rule_can_run_long() {
    refused("[1, 2].all(it, it < age)", "RULE_NOT_ALLOWED", 10);
    refused("[1].map(x, [1].map(y, x)) == [1]", "RULE_NOT_ALLOWED", 7);
    refused("size(kbli) == 5", "RULE_NOT_ALLOWED", 4);
    let long = vec!["has_nib"; MOST_STEPS].join(" && ");
    assert_eq!(Expression::parse(&long).unwrap_err().code, "RULE_TOO_LONG");
    let sums = format!("1 < {}", vec!["age"; 400].join(" + "));
    let choices = "has_nib ? ".repeat(100) + "has_nib" + &" : has_nib".repeat(100);
    for text in ["(".repeat(400), "[".repeat(400), "-".repeat(2_001), sums, choices] {
        let refusal = Expression::parse(&text).unwrap_err();
        assert!(["RULE_TOO_LONG", "RULE_SYNTAX"].contains(&refusal.code), "{}", refusal.code);
    }
}

#[test]
fn texts_that_once_brought_the_parser_down_are_answered() {
    for text in [".", "/", "!!(", ")", "]", ": age", "age ? ", "a.b.", "{", "'", "\"\"\""] {
        assert!(Expression::parse(text).is_err(), "{text}");
    }
    for many in [7, 24, 42, 300, 660] {
        assert!(Expression::parse(&"!!(".repeat(many)).is_err());
        assert!(Expression::parse(&"-!(".repeat(many)).is_err());
    }
    for long in [
        "1+".repeat(997) + "1<2",
        "age".to_owned() + &".b".repeat(990),
        "age".to_owned() + &"[0]".repeat(660),
    ] {
        assert!(Expression::parse(&long).is_err());
    }
    let nested = |many: usize| "!!(".repeat(many) + "has_nib" + &")".repeat(many);
    assert!(Expression::parse(&nested(20)).is_ok());
    assert_eq!(Expression::parse(&nested(25)).unwrap_err().code, "RULE_TOO_LONG");
}

#[test]
fn a_division_by_what_turns_out_to_be_zero_is_unknown() {
    let expression = Expression::parse("annual_sales / workers > 1000000").unwrap();
    let with = |workers| {
        let values = Values::UNKNOWN.with(Fact::AnnualSales, Possible::only(9_000_000));
        expression.holds(&values.with(Fact::Workers, workers))
    };
    assert_eq!(with(Possible::only(3)), Truth::Met);
    assert_eq!(with(Possible::only(0)), Truth::Unknown);
    assert_eq!(with(Possible::between(-1, 4)), Truth::Unknown);
    assert_eq!(with(Possible::between(1, 4)), Truth::Met);
    assert_eq!(with(Possible::between(20, 40)), Truth::NotMet);
    // The ends of the range say less than 1.9 million, one worker between them says more.
    let below = Expression::parse("annual_sales / workers < 1900000").unwrap();
    let values = Values::UNKNOWN.with(Fact::AnnualSales, Possible::only(9_000_000));
    let around_zero = values.with(Fact::Workers, Possible::between(-5, 5));
    assert_eq!(below.holds(&around_zero), Truth::Unknown);
}

#[test]
fn the_laws_of_kleene_hold() {
    for one in Truth::ALL {
        assert_eq!(!!one, one);
        assert_eq!(one.and(Truth::NotMet), Truth::NotMet);
        assert_eq!(one.or(Truth::Met), Truth::Met);
        for two in Truth::ALL {
            assert_eq!(one.and(two), two.and(one));
            assert_eq!(!(one.and(two)), (!one).or(!two));
            for three in Truth::ALL {
                assert_eq!(one.and(two.or(three)), one.and(two).or(one.and(three)));
                assert_eq!(one.and(two.and(three)), one.and(two).and(three));
            }
        }
    }
    assert_eq!(Truth::Unknown.or(!Truth::Unknown), Truth::Unknown);
}
