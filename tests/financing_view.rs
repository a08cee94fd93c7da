//! How enterprises stand with financing programmes, for a bank, an agency and an owner.

mod exports;
mod pages;
mod receipts;
mod rules;
mod standing;

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Datelike, NaiveDate, TimeDelta};
use domain::viewer::{Role, Viewer};
use serde_json::{Value, json};
use tunggal::service::financing::standing::today;

use crate::hub::{Reply, TestHub, on_every_database, viewer};

const HEADINGS: &str = "Kode Peserta,Nama UMKM,Nama Owner,NIK,No WhatsApp,Alamat,Kelurahan,Kecamatan,NIB,NPWP,\
    Tahun Berdiri,Omzet per Tahun,Tanggal Pendataan\n";

/// What each is eligible for is worked out beside it.
const KOMINFO: [&str; 5] = [
    // Everything is there: KUR micro up to 100 million.
    "K-1,Sate Bandeng Barokah,Siti Aminah,3673014507850001,081234567801,Jl. Ayip Usman 3,Sumur Pecung,Serang,0807229043975,092542943431016,2011,120000000",
    // No NIB and no letter of business: a paper is missing, one away.
    "K-2,Emping Mutiara Lestari,Budi Santoso,3673021203790002,081234567802,Jl. Raya Kasemen 7,Kasemen,Kasemen,,,2012,90000000",
    // No NPWP: up to 50 million, with it 100 million.
    "K-3,Bengkel Sinar Jaya,Ahmad Fauzi,3673032203820003,081234567803,Jl. Veteran 9,Cipare,Serang,0220932935677,,2013,80000000",
    // Sales above 4.8 billion: not eligible.
    "K-4,Toko Besi Maju Perkasa,Dewi Lestari,3673034105750004,081234567804,Jl. Pelabuhan 1,Banten,Kasemen,0812309554411,073446916431038,2010,9000000000",
    // No sales are told: it cannot be said.
    "K-5,Batik Kencana Wungu,Ratna Sari,3673015508880005,081234567805,Jl. Ampera 5,Lopang,Serang,0911220033445,,2015,",
];

/// A month ago, so that figures are recent and letters hold on whichever day this runs.
fn written() -> NaiveDate {
    today() - TimeDelta::days(30)
}

fn list(rows: &[&str]) -> String {
    let day = written();
    let day = format!("{:02}/{:02}/{}", day.day(), day.month(), day.year());
    let rows: String = rows.iter().map(|it| format!("{it},{day}\n")).collect();
    format!("{HEADINGS}{rows}")
}

async fn filled(hub: &TestHub) {
    hub.ingest("kominfo", &list(&KOMINFO)).await;
    hub.link().await;
    let text = "mutation { addConsentText(version: \"uji-1\", content: \"Saya setuju data usaha ini dibaca bank.\") { version } }";
    let added = hub.ask_as(Role::Steward, text, Value::Null).await;
    assert_eq!(added.at("/addConsentText/version"), "uji-1", "{added:?}");
}

/// Every attribute that a KUR rests on.
pub const WHOLE: [&str; 12] = [
    "annual_sales",
    "capital",
    "established",
    "trade",
    "nik",
    "nib",
    "npwp",
    "kbli",
    "halal",
    "pirt",
    "kecamatan",
    "phone",
];

async fn ids(hub: &TestHub) -> BTreeMap<String, String> {
    let text = "{ enterprises { nodes { id name { value } } } }";
    let found = hub.ask_as(Role::Steward, text, Value::Null).await;
    let all = found.at("/enterprises/nodes").as_array().unwrap();
    let pair = |it: &Value| (text_of(&it["name"]["value"]), text_of(&it["id"]));
    all.iter().map(pair).collect()
}

fn text_of(it: &Value) -> String {
    it.as_str().unwrap_or_default().to_owned()
}

async fn agree(hub: &TestHub, enterprise: &str, fields: &[&str]) -> String {
    let give = "mutation($input: ConsentInput!) { giveConsent(input: $input) { id live } }";
    let soon = (tunggal::clock::now() + TimeDelta::hours(1)).to_rfc3339();
    let input = json!({ "input": {
        "enterprise": enterprise, "institution": "bank", "purpose": "FINANCING", "fields": fields,
        "textVersion": "uji-1", "channel": "PAPER", "evidence": "map 12/2026 lembar 4", "expiresAt": soon,
    } });
    let given = hub.operator("kominfo", give, input).await;
    assert_eq!(given.at("/giveConsent/live"), true, "{given:?}");
    text_of(given.at("/giveConsent/id"))
}

const VIEW: &str = "query($programme: String!, $filter: FinancingFilter, $first: Int, $after: String) {
    financingView(programme: $programme, filter: $filter, first: $first, after: $after) {
        totalCount pageInfo { endCursor hasNextPage }
        nodes { since enterprise { id name { value } annualSales { access } }
            readiness { asOf fingerprint notice { id en } programme { id version { id } }
                status ceiling nextCeiling because
                steps { paper { id where { id } cost { id } } status ceiling }
                rules { id kind outcome withheld says { id en } forTheBank undecided { fact gap }
                    evidence { fact value access reason recordId agency recordedOn linkProbability } } } } } }";

async fn view(hub: &TestHub, who: Role, variables: Value) -> Reply {
    let agency = matches!(who, Role::AgencyOperator | Role::AgencyViewer).then_some("kominfo");
    hub.ask(Some(hub.token(who, agency)), VIEW, variables).await
}

/// Status, ceiling and next ceiling by the name of the enterprise.
fn told(reply: &Reply) -> BTreeMap<String, (String, Value, Value)> {
    let nodes = reply.at("/financingView/nodes").as_array();
    let nodes = nodes.unwrap_or_else(|| panic!("{reply:?}"));
    let one = |it: &Value| {
        let readiness = &it["readiness"];
        let told = (
            text_of(&readiness["status"]),
            readiness["ceiling"].clone(),
            readiness["nextCeiling"].clone(),
        );
        (text_of(&it["enterprise"]["name"]["value"]), told)
    };
    nodes.iter().map(one).collect()
}

fn names(reply: &Reply) -> BTreeSet<String> {
    told(reply).into_keys().collect()
}

fn set(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|it| (*it).to_owned()).collect()
}

const MICRO: &str = "kur_micro";

fn micro() -> Value {
    json!({ "programme": MICRO })
}

on_every_database! {
    /// The same figures as the rules have by hand.
    async fn a_steward_sees_how_each_stands_with_reasons_and_evidence(hub: TestHub) {
        filled(&hub).await;
        let seen = view(&hub, Role::Steward, micro()).await;
        let (fifty, hundred) = (json!(50_000_000), json!(100_000_000));
        let of = |status: &str, ceiling: &Value, next: &Value| (status.to_owned(), ceiling.clone(), next.clone());
        let expected = BTreeMap::from([
            ("Sate Bandeng Barokah".to_owned(), of("LIKELY_ELIGIBLE", &hundred, &Value::Null)),
            ("Emping Mutiara Lestari".to_owned(), of("MISSING", &Value::Null, &fifty)),
            ("Bengkel Sinar Jaya".to_owned(), of("LIKELY_ELIGIBLE", &fifty, &hundred)),
            ("Toko Besi Maju Perkasa".to_owned(), of("NOT_ELIGIBLE", &Value::Null, &Value::Null)),
        ]);
        let mut all = told(&seen);
        assert_eq!(all.remove("Batik Kencana Wungu").unwrap().0, "CANNOT_SAY");
        assert_eq!(all, expected);
        assert_eq!(seen.at("/financingView/totalCount"), 5);
        let nodes = seen.at("/financingView/nodes").as_array().unwrap();
        let node = |name: &str| nodes.iter().find(|it| it["enterprise"]["name"]["value"] == name).unwrap();
        let besi = &node("Toko Besi Maju Perkasa")["readiness"];
        assert!(besi["because"].as_array().unwrap().contains(&json!("sales_limit_2026")), "{besi}");
        let rule = besi["rules"].as_array().unwrap().iter().find(|it| it["id"] == "sales_limit_2026").unwrap();
        assert_eq!((&rule["outcome"], &rule["withheld"]), (&json!("NOT_MET"), &Value::Null));
        let sales = rule["evidence"].as_array().unwrap().iter().find(|it| it["fact"] == "recent_annual_sales").unwrap();
        assert_eq!(sales["value"], "9000000000", "{rule}");
        assert_eq!((&sales["agency"], &sales["recordedOn"]), (&json!("kominfo"), &json!(written().to_string())));
        assert_eq!(sales["linkProbability"], 1.0, "its only row");
        assert!(besi["notice"]["en"].as_str().unwrap().contains("not a credit decision"));
        assert_eq!(besi["asOf"], today().to_string());
        assert_eq!(besi["fingerprint"], hub.app.rules.catalogue.fingerprint());
        // The next steps of who lacks a paper, with where and what it costs.
        let steps = node("Emping Mutiara Lestari")["readiness"]["steps"].as_array().unwrap().clone();
        let nib = steps.iter().find(|it| it["paper"]["id"] == "nib").unwrap();
        assert_eq!((&nib["status"], &nib["ceiling"]), (&json!("LIKELY_ELIGIBLE"), &fifty), "{nib}");
        assert!(!nib["paper"]["where"]["id"].as_str().unwrap().is_empty() && !nib["paper"]["cost"]["id"].as_str().unwrap().is_empty());
        // Numbers of persons are in no evidence.
        let whole = seen.body.to_string();
        assert!(!whole.contains("3673014507850001") && !whole.contains("092542943431016"), "{whole}");
    }

    /// Law 8.
    async fn a_bank_finds_what_owners_agreed_to_and_is_told_what_rests_on_that_alone(hub: TestHub) {
        filled(&hub).await;
        let ids = ids(&hub).await;
        assert_eq!(view(&hub, Role::Lender, micro()).await.at("/financingView/nodes"), &json!([]));
        let sate = agree(&hub, &ids["Sate Bandeng Barokah"], &WHOLE).await;
        let less = ["phone", "established", "trade", "nib", "nik", "npwp"];
        agree(&hub, &ids["Toko Besi Maju Perkasa"], &less).await;
        let seen = view(&hub, Role::Lender, micro()).await;
        assert_eq!(names(&seen), set(&["Sate Bandeng Barokah", "Toko Besi Maju Perkasa"]), "{seen:?}");
        assert_eq!(seen.at("/financingView/totalCount"), 2);
        let all = told(&seen);
        assert_eq!(all["Sate Bandeng Barokah"].0, "LIKELY_ELIGIBLE");
        // Her sales are above the limit, and she did not agree to their being seen: the status must not tell.
        assert_eq!(all["Toko Besi Maju Perkasa"].0, "CANNOT_SAY");
        let nodes = seen.at("/financingView/nodes").as_array().unwrap();
        let besi = nodes.iter().find(|it| it["enterprise"]["name"]["value"] == "Toko Besi Maju Perkasa").unwrap();
        assert_eq!(besi["since"], Value::Null, "when it became so would tell that it is otherwise");
        let rules = besi["readiness"]["rules"].as_array().unwrap();
        let limit = rules.iter().find(|it| it["id"] == "sales_limit_2026").unwrap();
        assert_eq!((&limit["outcome"], &limit["withheld"]), (&json!("UNKNOWN"), &json!("CONSENT")));
        // That it is not on record is not said: it is.
        assert_eq!(limit["says"]["en"], "Not shown to you: what it rests on is not within the owner's consent.");
        assert_eq!(limit["undecided"], json!([]), "{limit}");
        for evidence in limit["evidence"].as_array().unwrap() {
            assert_eq!((&evidence["access"], &evidence["value"], &evidence["recordId"]),
                (&json!("HIDDEN"), &Value::Null, &Value::Null), "{evidence}");
        }
        assert!(!besi.to_string().contains("9000000000"), "{besi}");
        let open = rules.iter().find(|it| it["id"] == "business_open").unwrap();
        assert_eq!(open["outcome"], "MET");
        // The age is told by its rule, not by its value: the NIK is masked for banks.
        let age = rules.iter().find(|it| it["id"] == "adult_or_married").unwrap();
        assert_eq!(age["outcome"], "MET", "{age}");
        // By status she finds those alone of which she may be told it.
        for (status, found) in [("LIKELY_ELIGIBLE", set(&["Sate Bandeng Barokah"])), ("NOT_ELIGIBLE", set(&[])), ("CANNOT_SAY", set(&[]))] {
            let variables = json!({ "programme": MICRO, "filter": { "status": status } });
            let seen = view(&hub, Role::Lender, variables).await;
            assert_eq!(names(&seen), found, "{status}");
            assert_eq!(seen.at("/financingView/totalCount"), found.len());
        }
        // Every enterprise and attribute is in the access log.
        let log = hub.access_log().await;
        let read = log.iter().rfind(|it| it.0 == "lender" && it.1 == "financingView" && !it.2.is_empty()).unwrap();
        for field in ["financing", "annual_sales", "nik", "nib"] {
            assert!(read.2.split(' ').any(|it| it == field), "{field}: {read:?}");
        }
        // Another institution, and another purpose, find nothing.
        let other = Viewer { institution: Some("koperasi".into()), ..viewer(Role::Lender, None) };
        let token = hub.app.keys.issue(&other, TimeDelta::hours(1)).unwrap();
        assert_eq!(hub.ask(Some(token), VIEW, micro()).await.at("/financingView/nodes"), &json!([]));
        // Taking it back binds the next request.
        let withdraw = "mutation($id: ID!) { withdrawConsent(id: $id) { live } }";
        hub.operator("kominfo", withdraw, json!({ "id": sate })).await;
        assert_eq!(names(&view(&hub, Role::Lender, micro()).await), set(&["Toko Besi Maju Perkasa"]));
        let one = "query($id: ID!) { enterprise(id: $id) { financing { status } } }";
        let gone = hub.ask_as(Role::Lender, one, json!({ "id": ids["Sate Bandeng Barokah"] })).await;
        assert_eq!(gone.at("/enterprise"), &Value::Null, "{gone:?}");
    }

    async fn a_page_goes_on_where_it_ended_and_a_cursor_is_good_for_its_question_alone(hub: TestHub) {
        filled(&hub).await;
        let ids = ids(&hub).await;
        for id in ids.values() {
            agree(&hub, id, &WHOLE).await;
        }
        let (mut after, mut found) = (Value::Null, vec![]);
        loop {
            let page = view(&hub, Role::Lender, json!({ "programme": MICRO, "first": 2, "after": after })).await;
            found.extend(names(&page));
            after = page.at("/financingView/pageInfo/endCursor").clone();
            if page.at("/financingView/pageInfo/hasNextPage") == false {
                break;
            }
        }
        assert_eq!(found.len(), 5, "each once");
        assert_eq!(found.into_iter().collect::<BTreeSet<_>>(), ids.keys().cloned().collect());
        let asked = json!({ "programme": MICRO, "first": 2 });
        let cursor = view(&hub, Role::Lender, asked).await.at("/financingView/pageInfo/endCursor").clone();
        let other = json!({ "programme": "kur_small", "first": 2, "after": cursor });
        assert_eq!(view(&hub, Role::Lender, other).await.code(), "CURSOR_FOREIGN");
        let filtered = json!({ "programme": MICRO, "filter": { "oneAway": true }, "after": cursor });
        assert_eq!(view(&hub, Role::Lender, filtered).await.code(), "CURSOR_FOREIGN");
        let again = json!({ "programme": MICRO, "after": cursor });
        assert_eq!(view(&hub, Role::Steward, again.clone()).await.code(), "CURSOR_FOREIGN");
        let another = Viewer { subject: "malam@bank".into(), ..viewer(Role::Lender, None) };
        let token = hub.app.keys.issue(&another, TimeDelta::hours(1)).unwrap();
        assert_eq!(hub.ask(Some(token), VIEW, again.clone()).await.code(), "CURSOR_FOREIGN");
        let broken = json!({ "programme": MICRO, "after": "x" });
        assert_eq!(view(&hub, Role::Lender, broken).await.code(), "INVALID_INPUT");
        let unknown = view(&hub, Role::Lender, json!({ "programme": "kur_raksasa" })).await;
        assert_eq!(unknown.code(), "UNKNOWN_PROGRAMME", "{unknown:?}");
        let one = "query($id: ID!) { enterprise(id: $id) { id financing(programme: \"kur_raksasa\") { status } } }";
        let unknown = hub.ask_as(Role::Steward, one, json!({ "id": ids["Sate Bandeng Barokah"] })).await;
        assert_eq!(unknown.code(), "UNKNOWN_PROGRAMME");
        // Consents that end between two pages leave nothing of the second.
        let (_, database) = hub.database().await;
        let over = format!("UPDATE consent SET expires_at = {}", tunggal::clock::now().timestamp_millis());
        sea_orm::ConnectionTrait::execute_unprepared(&database, &over).await.unwrap();
        let second = view(&hub, Role::Lender, again).await;
        assert_eq!(second.at("/financingView/nodes"), &json!([]), "{second:?}");
        assert_eq!(second.at("/financingView/totalCount"), 0);
    }

    async fn an_agency_sees_its_funnel_and_who_is_one_paper_away(hub: TestHub) {
        filled(&hub).await;
        let funnel = "{ financingFunnel(programme: \"kur_micro\") { asOf sourceRecords enterprises withNib withNpwp likelyEligible
            oneAway beyondConsent byStatus { status enterprises } missing { paper { id } enterprises oneAway } } }";
        let token = || Some(hub.token(Role::AgencyViewer, Some("kominfo")));
        let seen = hub.ask(token(), funnel, Value::Null).await;
        let figures = seen.at("/financingFunnel");
        let expected = [("sourceRecords", 5), ("enterprises", 5), ("withNib", 4), ("withNpwp", 2), ("likelyEligible", 2), ("oneAway", 1)];
        for (figure, count) in expected {
            assert_eq!(figures[figure], count, "{figure}: {figures}");
        }
        let papers: BTreeSet<String> = figures["missing"].as_array().unwrap().iter().map(|it| text_of(&it["paper"]["id"])).collect();
        assert_eq!(papers, set(&["nib", "sku"]));
        assert!(!figures.to_string().contains("NOT_ELIGIBLE"), "{figures}");
        let away = json!({ "programme": MICRO, "filter": { "oneAway": true } });
        let seen = view(&hub, Role::AgencyViewer, away.clone()).await;
        assert_eq!(names(&seen), set(&["Emping Mutiara Lestari"]), "{seen:?}");
        // Another agency knows none of them, and finds none.
        let other = hub.token(Role::AgencyViewer, Some("pariwisata"));
        let seen = hub.ask(Some(other.clone()), VIEW, away).await;
        assert_eq!(seen.at("/financingView/nodes"), &json!([]));
        assert_eq!(hub.ask(Some(other), funnel, Value::Null).await.at("/financingFunnel/enterprises"), 0);
        // Who is not eligible is told to no agency by a list, and to who oversees not at all.
        let refused = json!({ "programme": MICRO, "filter": { "status": "NOT_ELIGIBLE" } });
        for role in [Role::Auditor, Role::Administrator] {
            assert_eq!(view(&hub, role, refused.clone()).await.code(), "WITHHELD", "{}", role.code());
            assert_eq!(hub.ask_as(role, funnel, Value::Null).await.code(), "WITHHELD");
        }
        for token in [None, Some(hub.token(Role::CentralBank, None))] {
            assert_eq!(hub.ask(token.clone(), VIEW, micro()).await.code(), "FORBIDDEN");
            assert_eq!(hub.ask(token, funnel, Value::Null).await.code(), "FORBIDDEN");
        }
    }

    /// What another agency wrote of a person's money stays with it, but for what serving her takes.
    async fn an_agency_that_did_not_write_the_sales_learns_no_more_than_what_helps(hub: TestHub) {
        filled(&hub).await;
        // Pariwisata knows two of them, and neither's sales.
        hub.ingest("pariwisata", "No. TDUP,Nama Usaha,Penanggung Jawab,NIK,No. Telp,Alamat,Kelurahan,Kecamatan
P-1,Toko Besi Maju Perkasa,Dewi Lestari,3673034105750004,081234567804,Jl. Pelabuhan 1,Banten,Kasemen
P-2,Sate Bandeng Barokah,Siti Aminah,3673014507850001,081234567801,Jl. Ayip Usman 3,Sumur Pecung,Serang\n").await;
        hub.link().await;
        // Where the engine left two rows apart, a steward joins them.
        let all = "{ enterprises { nodes { name { value } sourceRecords { id } } } }";
        let all = hub.ask_as(Role::Steward, all, Value::Null).await;
        let mut rows: BTreeMap<String, Vec<Value>> = BTreeMap::new();
        for one in all.at("/enterprises/nodes").as_array().unwrap() {
            rows.entry(text_of(&one["name"]["value"])).or_default().push(one["sourceRecords"][0]["id"].clone());
        }
        for apart in rows.values().filter(|it| it.len() == 2) {
            let same = "mutation($a: ID!, $b: ID!) { decide(kind: SAME, a: $a, b: $b, reason: \"seen\") { status } }";
            let decided = hub.steward("tuti@serang", same, json!({ "a": apart[0], "b": apart[1] })).await;
            assert_eq!(decided.at("/decide/status"), "STANDING", "{decided:?}");
        }
        let token = hub.token(Role::AgencyViewer, Some("pariwisata"));
        let seen = hub.ask(Some(token.clone()), VIEW, micro()).await;
        let all = told(&seen);
        assert_eq!(all["Sate Bandeng Barokah"].0, "LIKELY_ELIGIBLE", "{seen:?}");
        assert_eq!(all["Toko Besi Maju Perkasa"].0, "CANNOT_SAY");
        for node in seen.at("/financingView/nodes").as_array().unwrap() {
            let rules = node["readiness"]["rules"].as_array().unwrap();
            let limit = rules.iter().find(|it| it["id"] == "sales_limit_2026").unwrap();
            assert_eq!((&limit["outcome"], &limit["withheld"]), (&json!("UNKNOWN"), &json!("OTHER_AGENCY")), "{limit}");
        }
        let refused = json!({ "programme": MICRO, "filter": { "status": "NOT_ELIGIBLE" } });
        assert_eq!(hub.ask(Some(token), VIEW, refused).await.code(), "WITHHELD");
        // Two rows each are one enterprise each, counted once.
        let steward = view(&hub, Role::Steward, micro()).await;
        assert_eq!(steward.at("/financingView/totalCount"), 5, "{steward:?}");
    }

    /// The rules and the facts of the day asked for.
    async fn an_owner_sees_her_readiness_and_what_it_was_by_the_rules_of_another_day(hub: TestHub) {
        filled(&hub).await;
        let ids = ids(&hub).await;
        let rows = "query($id: ID!) { enterprise(id: $id) { sourceRecords { id } } }";
        let id = json!({ "id": ids["Bengkel Sinar Jaya"] });
        let row = hub.ask_as(Role::Steward, rows, id.clone()).await.at("/enterprise/sourceRecords/0/id").clone();
        let herself = Viewer { person: Some(row.as_str().unwrap().parse().unwrap()), ..viewer(Role::Owner, None) };
        let token = || Some(hub.app.keys.issue(&herself, TimeDelta::hours(1)).unwrap());
        let ask = "query($id: ID!, $day: Date) { enterprise(id: $id) { financing(programme: \"kur_micro\", asOf: $day) {
            asOf programme { version { id } } status ceiling nextCeiling steps { paper { id how { id } } ceiling } } } }";
        let now = hub.ask(token(), ask, id.clone()).await;
        let now = now.at("/enterprise/financing/0");
        assert_eq!((&now["status"], &now["ceiling"], &now["nextCeiling"]), (&json!("LIKELY_ELIGIBLE"), &json!(50_000_000), &json!(100_000_000)), "{now}");
        assert_eq!((&now["steps"][0]["paper"]["id"], &now["steps"][0]["ceiling"]), (&json!("npwp"), &json!(100_000_000)));
        assert!(!now["steps"][0]["paper"]["how"]["id"].as_str().unwrap().is_empty());
        // Hers alone.
        assert_eq!(names(&hub.ask(token(), VIEW, micro()).await), set(&["Bengkel Sinar Jaya"]));
        // Before her rows came there is nothing to tell, and a bank is not told of the past.
        let past = json!({ "id": ids["Bengkel Sinar Jaya"], "day": "2025-06-30" });
        assert_eq!(hub.ask(token(), ask, past.clone()).await.at("/enterprise/financing"), &json!([]));
        agree(&hub, &ids["Bengkel Sinar Jaya"], &WHOLE).await;
        assert_eq!(hub.ask_as(Role::Lender, ask, past).await.code(), "WITHHELD");
        // By the rules of a day to come, figures grow old.
        let later = json!({ "id": ids["Bengkel Sinar Jaya"], "day": format!("{}-06-30", today().year() + 5) });
        let later = hub.ask_as(Role::Lender, ask, later).await;
        assert_eq!(later.at("/enterprise/financing/0/status"), "CANNOT_SAY", "{later:?}");
        let programmes = "query($day: Date) { programmes(asOf: $day) { id version { id ceilings { amount requires } } } }";
        let of = async |day: &str| {
            let all = hub.public(programmes, json!({ "day": day })).await;
            let all = all.at("/programmes").as_array().unwrap().clone();
            all.iter().find(|it| it["id"] == MICRO).map(|it| text_of(&it["version"]["id"])).unwrap()
        };
        assert_ne!(of("2025-12-31").await, of("2026-01-01").await);
    }
}
