//! The walk over every field.

use std::collections::{BTreeMap, BTreeSet};

use domain::permission::Action;
use domain::purpose::{Purpose, default_of, may_claim, reading_as};
use domain::viewer::{Role, Viewer};
use serde_json::{Value, json};
use tunggal::clock;
use tunggal::config::Config;
use tunggal::graphql::declared::{TYPES, Takes, directives, takes};
use tunggal::graphql::schema;
use tunggal::service::{schedule, webhooks};

use super::city::{City, Of, fill};
use super::judge::{Judge, of_agency};
use super::shape::Shape;
use crate::hub::{Kind, Reply, TestHub, reply, run, viewer};
use crate::live_sources::one_that_is_gone;

/// Everybody who can ask, in every role: an owner of what kominfo alone knows, a lender to whom she agreed, and
/// one to whom nobody did.
pub fn everybody(city: &City) -> Vec<Viewer> {
    let hers = city.records["K-1"].parse().unwrap();
    let one = |role: &Role| Viewer {
        person: (*role == Role::Owner).then_some(hers),
        ..viewer(*role, of_agency(*role).then_some("kominfo"))
    };
    let stranger = Viewer {
        subject: "koperasi@test".to_owned(),
        institution: Some("koperasi".to_owned()),
        ..viewer(Role::Lender, None)
    };
    Role::ALL.iter().map(one).chain([stranger]).collect()
}

/// Asks as somebody, for a purpose.
pub async fn ask(hub: &TestHub, who: &Viewer, purpose: Purpose, query: &str) -> Reply {
    let mut request = hub.client.post(format!("{}/graphql", hub.url));
    if who.role != Role::Public {
        let token = hub.app.keys.issue(who, chrono::TimeDelta::hours(1)).unwrap();
        request = request.bearer_auth(token);
    }
    request = request.header("Tunggal-Purpose", purpose.code());
    request = request.header("Tunggal-Reason", "the walk over every field");
    reply(request.json(&json!({ "query": query })).send().await.unwrap()).await
}

/// How each field of the root is asked, by its arguments and by the right it takes. Whoever adds a field with
/// arguments says here how it is asked.
pub fn ways(city: &City, field: &str) -> Vec<(String, Option<Action>)> {
    use Action::{ReadEnterprises, ReadOwners, ReadSourceFiles};
    let right = match takes("Query", field) {
        Some(Takes::Right(it)) => Some(it),
        _ => None,
    };
    let of_ids = |ids: &BTreeMap<Of, String>| -> Vec<String> {
        ids.values().map(|it| format!("(id: \"{it}\")")).collect()
    };
    let files = || city.files.values().map(|it| format!("(id: \"{it}\")"));
    let ways: Vec<String> = match field {
        "enterprise" => {
            let past = "asOfMoment: \"2100-01-01T00:00:00Z\"";
            let past = city.enterprises.values().map(|it| format!("(id: \"{it}\", {past})"));
            let nib = ["(nib: \"0807229043975\")".to_owned()];
            of_ids(&city.enterprises).into_iter().chain(past).chain(nib).collect()
        }
        "enterprises" => vec![
            "(first: 3)".to_owned(),
            "(first: 3, orderBy: { field: UPDATED_AT })".to_owned(),
            "(last: 2, search: \"kanariwulan\")".to_owned(),
            "(first: 3, filter: { kecamatan: \"36.73.02\" })".to_owned(),
        ],
        "financingView" => vec![
            "(programme: \"kur_micro\", first: 3)".to_owned(),
            "(programme: \"kur_micro\", first: 3, filter: { status: LIKELY_ELIGIBLE })".to_owned(),
            "(programme: \"umi\", first: 3, filter: { missing: \"npwp\" })".to_owned(),
        ],
        "enterpriseChanges" => vec!["(first: 3)".to_owned()],
        "financingChanges" => vec!["(programme: \"kur_micro\", first: 3)".to_owned()],
        "financingFunnel" => vec!["(programme: \"kur_micro\")".to_owned()],
        "inclusion" => vec![
            "(by: [])".to_owned(),
            "(by: [KECAMATAN, SIZE, OWNER_SEX, STATUS], programme: \"kur_micro\")".to_owned(),
            "(by: [SECTION, NIB])".to_owned(),
            "(by: [MISSING], programme: \"umi\")".to_owned(),
        ],
        "inclusionRows" => vec!["(programme: \"kur_micro\", first: 3)".to_owned()],
        "owner" => of_ids(&city.owners),
        // An owner asks about herself, others about one person.
        "subjectReport" => vec![
            String::new(),
            format!("(owner: \"{}\")", city.owners[&Of::Kominfo]),
            "(nik: \"3673011405710017\")".to_owned(),
        ],
        "corrections" => vec!["(agency: \"kominfo\", first: 3)".to_owned()],
        "qualityScorecard" => vec!["(agency: \"kominfo\")".to_owned()],
        "correctionCounts" => vec!["(agency: \"kominfo\")".to_owned()],
        "owners" => vec!["(first: 3)".to_owned(), "(first: 3, several: true)".to_owned()],
        "sourceFile" => files().collect(),
        "decision" => vec![format!("(id: \"{}\")", city.decision)],
        "why" => vec![
            format!("(a: \"{}\", b: \"{}\")", city.records["K-1"], city.records["P-1"]),
            format!("(a: \"{}\", b: \"{}\")", city.records["K-2"], city.records["P-2"]),
        ],
        "linkageModel" => vec![String::new(), format!("(id: \"{}\")", city.model)],
        "consents" | "rightsRequests" | "sourceFiles" | "decisions" | "reviewQueue"
        | "linkRuns" | "linkageModels" | "accessLog" => {
            vec!["(first: 3)".to_owned()]
        }
        "_entities" => {
            let (them, nib) =
                (entities(city), "{ __typename: \"Enterprise\", nibKey: \"0807229043975\" }");
            let asked = |it: &str| format!("(representations: [{it}])");
            let each = them.iter().map(|it| (asked(&it.0), it.1));
            return each.chain([(asked(nib), Some(ReadEnterprises))]).collect();
        }
        "node" => {
            let with = |ids: Vec<String>, right| ids.into_iter().map(move |it| (it, right));
            let agency = ("(id: \"agy_kominfo\")".to_owned(), None);
            let enterprises = with(of_ids(&city.enterprises), Some(ReadEnterprises));
            let owners = with(of_ids(&city.owners), Some(ReadOwners));
            let files = with(files().collect(), Some(ReadSourceFiles));
            return enterprises.chain(owners).chain(files).chain([agency]).collect();
        }
        _ => vec![String::new()],
    };
    ways.into_iter().map(|it| (it, right)).collect()
}

/// Everything that another graph may name by an id, with the right that takes.
fn entities(city: &City) -> Vec<(String, Option<Action>)> {
    let of = |name: &str, id: &str| format!("{{ __typename: \"{name}\", id: \"{id}\" }}");
    let enterprises = city.enterprises.values();
    let enterprises = enterprises.map(|it| (of("Enterprise", it), Some(Action::ReadEnterprises)));
    let owners = city.owners.values().map(|it| (of("Owner", it), Some(Action::ReadOwners)));
    let code = "{ __typename: \"Kelurahan\", code: \"36.73.01.1003\" }".to_owned();
    let open = [(of("Agency", "agy_kominfo"), None), (code, None)];
    enterprises.chain(owners).chain(open).collect()
}

/// Asks one field of the root in one way and judges what comes back.
async fn one(
    hub: &TestHub,
    judge: &mut Judge<'_>,
    who: &Viewer,
    field: &str,
    way: &(String, Option<Action>),
    (via, depth): (&str, usize),
) {
    let of = judge.shape.field("Query", field).of.clone();
    let below = judge.shape.types.contains_key(&of);
    judge.asked = format!("{{ {field}{} via {via} }}", way.0);
    let mut reply;
    let mut depth = depth;
    // As deep as the limits let anybody ask.
    loop {
        let selection =
            if below { judge.shape.select(&of, via, depth, &mut vec![]) } else { String::new() };
        let query = format!("{{ {field}{} {selection} }}", way.0);
        reply = ask(hub, who, judge.viewer.purpose(), &query).await;
        if reply.code() != "TOO_COMPLEX" || depth == 0 {
            break;
        }
        depth -= 1;
    }
    let errors = reply.body["errors"].as_array().cloned().unwrap_or_default();
    let code = |it: &Value| it["extensions"]["code"].as_str().unwrap_or_default().to_owned();
    // An entity is refused where it stands among the others.
    let root = if field == "_entities" { 2 } else { 1 };
    let at_root = errors.iter().find(|it| it["path"].as_array().is_some_and(|it| it.len() == root));
    let refused = at_root.is_some_and(|it| code(it) == "FORBIDDEN");
    if way.1.is_some_and(|it| !judge.viewer.may(it)) != refused {
        judge.blame(format!("Query.{field} is refused: {refused}, {errors:?}"));
    }
    // Who answers a person says whom, and that this is what for.
    let unsaid = ["INVALID_INPUT", "PURPOSE_REFUSED"];
    for error in &errors {
        let code = code(error);
        let known = matches!(code.as_str(), "FORBIDDEN" | "WITHHELD" | "NOT_FOUND");
        let unsaid = field == "subjectReport" && unsaid.contains(&code.as_str());
        if !known && !unsaid {
            judge.blame(format!("Query.{field} fails with {error}"));
        }
    }
    let value = reply.body["data"][field].clone();
    judge.field("Query", field, &value);
}

/// How many types deep the walk goes.
const DEEP: usize = 6;

/// What nobody reaches by a question: what changes answer, what is listened to, and what takes a state of the
/// register that this city has not. Each is shown by another test.
const ELSEWHERE: &[&str] = &[
    "Mutation",
    "Subscription",
    "Progress",
    "EnterprisesChanged",
    "FinancingChanged",
    "Receipt",
    "LinkReport",
    "ModelActivation",
    "DecisionsTogether",
    // An asking file, a problem, a broken glass, an estimate: what they hold is no value of a row.
    "Question",
    "QuestionColumn",
    "AccessReview",
    "EstimatedShare",
    "PreviewedChange",
    "BulkRead",
    "OddHours",
    "UnusedRights",
    "EnterprisePassage",
    "DataUse",
    "OverlapCell",
    // A paper that is all that is missing.
    "MissingCount",
];

/// Law 8. What the store finds is asked of both databases elsewhere; this is about what is shown of it.
#[test]
fn every_field_is_declared_and_comes_back_as_declared_in_every_role_by_every_path() {
    run(async {
        let settings = |it: &mut Config| {
            // Where no count is small the few enterprises of this city are told of under pseudonyms, too.
            it.small_cell = 1;
            it.sources = one_that_is_gone();
        };
        let hub = TestHub::start_with(Kind::Sqlite, settings).await;
        // It leads to where messages may not go, so that one waits.
        let add =
            webhooks::add(&hub.app, "bank-mikro", "bank", "kur_micro", "https://localhost:9/");
        add.await.unwrap();
        let city = fill(&hub).await;
        webhooks::tick(&hub.app, clock::now()).await.unwrap();
        schedule::tick(&hub.app, clock::now()).await.unwrap();
        let shape = Shape::read(&hub).await;
        let mut undeclared = vec![];
        for (of, known) in &shape.types {
            for field in &known.fields {
                if takes(of, &field.name).is_none() {
                    undeclared.push(format!("{of}.{}", field.name));
                }
            }
        }
        assert!(
            undeclared.is_empty(),
            "say in api/src/graphql/declared.rs what these take: {undeclared:?}"
        );
        let (mut reached, mut wrong) = (BTreeSet::new(), BTreeMap::new());
        for who in everybody(&city) {
            for &purpose in Purpose::ALL.iter().filter(|it| may_claim(who.role, **it)) {
                let usual = purpose == default_of(who.role);
                let reads_as = reading_as(&who, purpose);
                let mut judge = Judge {
                    city: &city,
                    shape: &shape,
                    viewer: &reads_as,
                    asked: String::new(),
                    reached: BTreeSet::new(),
                    wrong: BTreeMap::new(),
                };
                for field in &shape.types["Query"].fields {
                    // Another purpose changes what is shown, not who may ask.
                    let again = ["enterprise", "owner", "why", "subjectReport"]
                        .contains(&field.name.as_str());
                    if !usual && !again {
                        continue;
                    }
                    let ways = ways(&city, &field.name);
                    let ways = ways.iter().take(if usual { ways.len() } else { 3 });
                    for (place, way) in ways.enumerate() {
                        // All the way down once; then every value of every row by another way.
                        let deep = if usual && place == 0 { DEEP } else { 2 };
                        one(&hub, &mut judge, &who, &field.name, way, ("nodes", deep)).await;
                        if usual && place == 0 && field.of.ends_with("Connection") {
                            one(&hub, &mut judge, &who, &field.name, way, ("edges", 5)).await;
                        }
                    }
                }
                reached.extend(judge.reached);
                wrong.extend(judge.wrong);
            }
        }
        assert!(wrong.is_empty(), "{} cells are not as declared: {wrong:#?}", wrong.len());
        let mut missed: Vec<String> = vec![];
        for (of, known) in shape.types.iter().filter(|it| !ELSEWHERE.contains(&it.0.as_str())) {
            for field in known.fields.iter().map(|it| it.name.clone()) {
                if !reached.contains(&(of.clone(), field.clone())) {
                    missed.push(format!("{of}.{field}"));
                }
            }
        }
        assert!(missed.is_empty(), "the walk does not get to these: {missed:?}");
    });
}

/// The published schema says what is declared, and nothing is declared that is not there.
#[test]
fn the_published_schema_says_what_every_field_takes() {
    let sdl = schema::sdl();
    let (mut of, mut field, mut inside_text) = ("", "", false);
    let mut seen = BTreeSet::new();
    for line in sdl.lines() {
        inside_text ^= line.matches("\"\"\"").count() % 2 == 1;
        if inside_text || line.contains("\"\"\"") {
            continue;
        }
        if !line.starts_with('\t') {
            of = line.strip_prefix("type ").map_or("", |it| it.split(' ').next().unwrap());
        } else if !line.starts_with("\t\t") && !of.is_empty() {
            if !line.starts_with("\t)") {
                field = line.trim().split(['(', ':']).next().unwrap();
            }
            if !line.ends_with('(') {
                let says = line.find(" @").map_or("", |it| &line[it..]);
                assert_eq!(says, directives(of, field), "{of}.{field}");
                seen.insert((of, field));
            }
        }
    }
    assert!(sdl.contains("\tnode(") && sdl.contains("): Node @authenticated\n"));
    assert!(sdl.contains("): Owner @authenticated @requiresScopes(scopes: [[\"owners:read\"]])"));
    for (of, fields) in TYPES {
        for name in fields.iter().flat_map(|it| it.1.split_whitespace()) {
            assert!(seen.contains(&(*of, name)), "{of}.{name} is declared and not there");
        }
    }
}
