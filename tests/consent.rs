//! What an owner agrees to binds every path, from the next request on and until the moment it ends.

use domain::viewer::{Role, Viewer};
use serde_json::{Value, json};

use crate::hub::{Reply, TestHub, on_every_database, viewer};

const KOMINFO: &str = "\
Kode Peserta,Nama UMKM,Nama Owner,NIK,No WhatsApp,Alamat,Kelurahan,Kecamatan,NIB,Omzet per Tahun
K-1,Sate Bandeng Barokah,Siti Aminah,3673014507850001,081234567801,Jl. Ayip Usman 3,Sumur Pecung,Serang,0807229043975,120000000
K-2,Warung Kopi Siti,Siti Aminah,3673014507850001,081234567801,Jl. Veteran 9,Cipare,Serang,,80000000
K-3,Emping Mutiara Lestari,Budi Santoso,3673021203790002,081234567802,Jl. Raya Kasemen 7,Kasemen,Kasemen,,90000000
";

/// The whole answer of a lender, by every way to an enterprise.
const ALL: &str = "query($id: ID!, $nib: String!) {
    enterprise(id: $id) { name { value } phone { value access provenance { agency } } annualSales { value { annual } access }
        nik { value access } npwp { value access } street { value access }
        sourceRecords { agency fileId sheet row texts { field text access } cells }
        history { kind cause { files } } owners { name { value } }
        retiredIds recordCount }
    node(id: $id) { id }
    byNib: enterprise(nib: $nib) { id }
    past: enterprise(id: $id, asOf: \"2999-01-01\") { id }
    enterprises(first: 10) { totalCount nodes { id } }
    search: enterprises(search: \"sate bandeng\") { totalCount nodes { id } }
    filtered: enterprises(filter: { kecamatan: \"36.73.01\" }, orderBy: { field: UPDATED_AT }) { totalCount }
    hasNib: enterprises(filter: { hasNib: true }) { totalCount }
}";

pub const TEXT: &str = "Saya setuju data usaha saya dibaca oleh bank untuk penilaian pembiayaan.";

/// An hour from now, as a client writes it.
fn soon() -> String {
    (tunggal::clock::now() + chrono::TimeDelta::hours(1)).to_rfc3339()
}

async fn filled(hub: &TestHub) {
    hub.ingest("kominfo", KOMINFO).await;
    hub.link().await;
    let mutation = "mutation($text: String!) { addConsentText(version: \"uji-1\", content: $text) { version } }";
    let added = hub.ask_as(Role::Steward, mutation, json!({ "text": TEXT })).await;
    assert_eq!(added.at("/addConsentText/version"), "uji-1", "{added:?}");
}

/// The id of the enterprise of this name.
async fn id_of(hub: &TestHub, name: &str) -> Value {
    let query =
        "query($name: String) { enterprises(search: $name) { nodes { id name { value } } } }";
    let found = hub.ask_as(Role::Steward, query, json!({ "name": name })).await;
    let all = found.at("/enterprises/nodes").as_array().unwrap();
    all.iter().find(|it| it["name"]["value"] == name).unwrap()["id"].clone()
}

const GIVE: &str = "mutation($input: ConsentInput!) { giveConsent(input: $input) {
    id person live fields everyEnterprise expiresAt } }";

fn input(enterprise: &Value, fields: &[&str]) -> Value {
    json!({ "input": {
        "enterprise": enterprise, "institution": "bank", "purpose": "FINANCING", "fields": fields,
        "textVersion": "uji-1", "channel": "PAPER", "evidence": "map 12/2026 lembar 4",
        "expiresAt": soon(),
    } })
}

async fn given(hub: &TestHub, enterprise: &Value, fields: &[&str]) -> String {
    let reply = hub.operator("kominfo", GIVE, input(enterprise, fields)).await;
    assert_eq!(reply.at("/giveConsent/live"), true, "{reply:?}");
    reply.at("/giveConsent/id").as_str().unwrap().to_owned()
}

async fn lender(hub: &TestHub, id: &Value) -> Reply {
    hub.ask_as(Role::Lender, ALL, json!({ "id": id, "nib": "0807229043975" })).await
}

/// That the lender finds nothing by any way: nothing comes back, or the question is refused.
fn found_nothing(reply: &Reply) {
    for path in ["/enterprise", "/node", "/byNib", "/past"] {
        assert_eq!(reply.at(path), &Value::Null, "{path}: {reply:?}");
    }
    for path in ["enterprises", "search", "filtered", "hasNib"] {
        let refused = reply.code() == "WITHHELD" && reply.at(&format!("/{path}")).is_null();
        let total = reply.at(&format!("/{path}/totalCount"));
        assert!(refused || total == 0, "{path}: {reply:?}");
    }
}

on_every_database! {
    /// Law 8.
    async fn a_lender_finds_what_an_owner_agreed_to_and_nothing_else(hub: TestHub) {
        filled(&hub).await;
        let sate = id_of(&hub, "Sate Bandeng Barokah").await;
        found_nothing(&lender(&hub, &sate).await);

        let mut with_nik = input(&sate, &["phone"]);
        with_nik["input"]["evidence"] = json!("fotokopi KTP 3673021801769511");
        assert_eq!(hub.operator("kominfo", GIVE, with_nik).await.code(), "INVALID_INPUT");
        let consent = given(&hub, &sate, &["phone", "annual_sales", "kecamatan"]).await;
        let seen = lender(&hub, &sate).await;
        assert_eq!(seen.at("/enterprise/name/value"), "Sate Bandeng Barokah", "{seen:?}");
        assert_eq!(seen.at("/enterprise/phone/value"), "+6281234567801");
        assert_eq!(seen.at("/enterprise/annualSales/value/annual"), 120_000_000);
        for hidden in ["nik", "street"] {
            assert_eq!(seen.at(&format!("/enterprise/{hidden}/access")), "HIDDEN", "{hidden}");
        }
        assert_eq!(seen.at("/enterprise/owners"), &json!([]));
        assert_eq!(seen.at("/node/id"), &sate);
        // The NIB was not agreed to: neither its value nor a filter on it says anything.
        assert_eq!(seen.at("/byNib"), &Value::Null);
        assert_eq!(seen.at("/hasNib/totalCount"), 0);
        assert_eq!(seen.at("/past"), &Value::Null);
        for list in ["enterprises", "search", "filtered"] {
            assert_eq!(seen.at(&format!("/{list}/totalCount")), 1, "{list}");
        }
        // Of her row the texts she agreed to, and neither where it stands nor that it has more.
        let row = seen.at("/enterprise/sourceRecords/0");
        let texts: Vec<&str> = row["texts"].as_array().unwrap().iter()
            .map(|it| it["field"].as_str().unwrap()).collect();
        assert_eq!(texts, ["business_name", "phone", "kecamatan", "annual_sales"]);
        assert_eq!(row["agency"], "kominfo");
        for place in ["fileId", "sheet", "row"] {
            assert_eq!(row[place], Value::Null, "{place}");
        }
        assert_eq!(seen.at("/enterprise/phone/provenance/0/agency"), "kominfo");
        assert_eq!(seen.at("/enterprise/history/0/cause/files"), &json!([]));
        // What nobody wrote and what she did not agree to read alike.
        assert_eq!(seen.at("/enterprise/npwp"), seen.at("/enterprise/nik"), "{seen:?}");
        assert_eq!(seen.at("/enterprise/sourceRecords/0/cells"), &Value::Null);

        // Another institution, and another purpose, find nothing.
        let other = Viewer { institution: Some("koperasi".into()), ..viewer(Role::Lender, None) };
        let token = hub.app.keys.issue(&other, chrono::TimeDelta::hours(1)).unwrap();
        let variables = json!({ "id": sate, "nib": "0807229043975" });
        found_nothing(&hub.ask(Some(token), ALL, variables.clone()).await);
        let request = hub.client.post(format!("{}/graphql", hub.url));
        let request = request.bearer_auth(hub.token(Role::Lender, None));
        let request = request.header("Tunggal-Purpose", "statistics");
        let request = request.json(&json!({ "query": ALL, "variables": variables }));
        found_nothing(&crate::hub::reply(request.send().await.unwrap()).await);

        // Taking it back binds the next request.
        let withdraw = "mutation($id: ID!) { withdrawConsent(id: $id) { live withdrawnAt } }";
        let back = hub.operator("kominfo", withdraw, json!({ "id": consent })).await;
        assert_eq!(back.at("/withdrawConsent/live"), false, "{back:?}");
        found_nothing(&lender(&hub, &sate).await);
        let again = hub.operator("kominfo", withdraw, json!({ "id": consent })).await;
        assert_eq!(again.code(), "CONFLICT");
    }

    /// Law 8.
    async fn a_consent_that_expires_between_two_pages_opens_no_second_page(hub: TestHub) {
        filled(&hub).await;
        for name in ["Emping Mutiara Lestari", "Sate Bandeng Barokah", "Warung Kopi Siti"] {
            given(&hub, &id_of(&hub, name).await, &["phone"]).await;
        }
        let page = "query($after: String) { enterprises(first: 1, after: $after) {
            totalCount pageInfo { endCursor hasNextPage } nodes { name { value } } } }";
        let first = hub.ask_as(Role::Lender, page, Value::Null).await;
        assert_eq!(first.at("/enterprises/totalCount"), 3, "{first:?}");
        let after = json!({ "after": first.at("/enterprises/pageInfo/endCursor") });
        let second = hub.ask_as(Role::Lender, page, after.clone()).await;
        assert_eq!(second.at("/enterprises/nodes/0/name/value"), "Sate Bandeng Barokah");
        // The time of all of them is over, as if the clock had gone on by an hour.
        let (_, database) = hub.database().await;
        let over = format!("UPDATE consent SET expires_at = {}", tunggal::clock::now().timestamp_millis());
        sea_orm::ConnectionTrait::execute_unprepared(&database, &over).await.unwrap();
        let second = hub.ask_as(Role::Lender, page, after).await;
        assert_eq!(second.at("/enterprises/nodes"), &json!([]), "{second:?}");
        assert_eq!(second.at("/enterprises/totalCount"), 0);
        let before = "query($before: String) { enterprises(last: 1, before: $before) { nodes { id } } }";
        let back = json!({ "before": first.at("/enterprises/pageInfo/endCursor") });
        let back = hub.ask_as(Role::Lender, before, back).await;
        assert_eq!(back.at("/enterprises/nodes"), &json!([]));
    }

    /// UU PDP 27/2022 articles 20 and 22: she agrees by herself, for herself alone.
    async fn an_owner_agrees_for_all_of_hers_and_nobody_elses(hub: TestHub) {
        filled(&hub).await;
        let sate = id_of(&hub, "Sate Bandeng Barokah").await;
        let emping = id_of(&hub, "Emping Mutiara Lestari").await;
        let siti = owner(&hub, &sate).await;
        // She sees her own whole, and no one else's.
        let mine = "{ enterprises { totalCount nodes { nik { value } phone { value } } }
            owners { totalCount nodes { name { value } nik { value } } } }";
        let seen = hub.ask(Some(siti.clone()), mine, Value::Null).await;
        assert_eq!(seen.at("/enterprises/totalCount"), 2, "{seen:?}");
        assert_eq!(seen.at("/enterprises/nodes/0/nik/value"), "3673014507850001");
        let all = json!({ "input": {
            "institution": "bank", "purpose": "FINANCING", "fields": ["phone"], "textVersion": "uji-1",
            "channel": "HERSELF", "expiresAt": soon(),
        } });
        let one = "query($id: ID!) { owner(id: $id) { id } enterprise(id: $id) { id } }";
        let others = hub.ask(Some(siti.clone()), one, json!({ "id": emping })).await;
        assert_eq!(others.at("/enterprise"), &Value::Null);
        let refused = hub.ask(Some(siti.clone()), GIVE, input(&emping, &["phone"])).await;
        assert_eq!(refused.code(), "INVALID_INPUT", "the channel of an office: {refused:?}");
        let mut hers = input(&emping, &["phone"]);
        hers["input"]["channel"] = json!("HERSELF");
        let refused = hub.ask(Some(siti.clone()), GIVE, hers).await;
        assert_eq!(refused.code(), "NOT_FOUND", "{refused:?}");
        let given = hub.ask(Some(siti.clone()), GIVE, all).await;
        assert_eq!(given.at("/giveConsent/everyEnterprise"), true, "{given:?}");
        let list = "{ enterprises { totalCount nodes { name { value } } } }";
        let found = hub.ask_as(Role::Lender, list, Value::Null).await;
        assert_eq!(found.at("/enterprises/totalCount"), 2, "{found:?}");
        // One more enterprise of hers, known later.
        hub.ingest("pariwisata", "No. TDUP,Nama Usaha,Penanggung Jawab,NIK,No. Telp,Alamat,Kelurahan,Kecamatan
P-1,Penginapan Siti Indah,Siti Aminah,3673014507850001,081234567801,Jl. Pelabuhan 1,Banten,Kasemen\n").await;
        hub.link().await;
        let found = hub.ask_as(Role::Lender, list, Value::Null).await;
        assert_eq!(found.at("/enterprises/totalCount"), 3, "{found:?}");
        // She takes it back herself; a stranger could not have.
        let budi = owner(&hub, &emping).await;
        let withdraw = "mutation($id: ID!) { withdrawConsent(id: $id) { live } }";
        let id = json!({ "id": given.at("/giveConsent/id") });
        assert_eq!(hub.ask(Some(budi), withdraw, id.clone()).await.code(), "NOT_FOUND");
        assert_eq!(hub.ask(Some(siti), withdraw, id).await.at("/withdrawConsent/live"), false);
        let found = hub.ask_as(Role::Lender, list, Value::Null).await;
        assert_eq!(found.at("/enterprises/totalCount"), 0);
    }

    /// A bank learns what it may read and what it must forget, and nothing about persons.
    async fn the_institution_is_told_of_every_change_without_personal_data(hub: TestHub) {
        filled(&hub).await;
        let feed = "query($since: String) { consentChanges(since: $since) {
            mark changes { kind consent institution purpose enterprises } } }";
        let empty = hub.ask_as(Role::Lender, feed, Value::Null).await;
        assert_eq!(empty.at("/consentChanges/changes"), &json!([]));
        let sate = id_of(&hub, "Sate Bandeng Barokah").await;
        let consent = given(&hub, &sate, &["phone"]).await;
        let since = json!({ "since": empty.at("/consentChanges/mark") });
        let told = hub.ask_as(Role::Lender, feed, since).await;
        assert_eq!(told.at("/consentChanges/changes/0"), &json!({
            "kind": "GIVEN", "consent": consent, "institution": "bank", "purpose": "FINANCING",
            "enterprises": [sate],
        }));
        let withdraw = "mutation($id: ID!) { withdrawConsent(id: $id) { live } }";
        hub.operator("kominfo", withdraw, json!({ "id": consent })).await;
        let since = json!({ "since": told.at("/consentChanges/mark") });
        let told = hub.ask_as(Role::Lender, feed, since).await;
        let kinds: Vec<&Value> = told.at("/consentChanges/changes").as_array().unwrap()
            .iter().map(|it| &it["kind"]).collect();
        assert_eq!(kinds.last().unwrap(), &"WITHDRAWN", "{told:?}");
        // Another institution is told of nothing.
        let other = Viewer { institution: Some("koperasi".into()), ..viewer(Role::Lender, None) };
        let token = hub.app.keys.issue(&other, chrono::TimeDelta::hours(1)).unwrap();
        let told = hub.ask(Some(token.clone()), feed, Value::Null).await;
        assert_eq!(told.at("/consentChanges/changes"), &json!([]));
        let consents = "{ consents { totalCount nodes { institution evidence } } }";
        assert_eq!(hub.ask(Some(token), consents, Value::Null).await.at("/consents/totalCount"), 0);
        let own = hub.ask_as(Role::Lender, consents, Value::Null).await;
        assert_eq!(own.at("/consents/nodes/0"), &json!({ "institution": "bank", "evidence": null }));
    }

    /// UU PDP 27/2022 article 41: who was told what it may read is told that it must not use it now.
    async fn the_institution_is_told_of_a_restriction_and_that_it_was_lifted(hub: TestHub) {
        filled(&hub).await;
        let (sate, emping) = (id_of(&hub, "Sate Bandeng Barokah").await, id_of(&hub, "Emping Mutiara Lestari").await);
        let consent = given(&hub, &sate, &["phone"]).await;
        given(&hub, &emping, &["phone"]).await;
        let feed = "query($since: String, $first: Int! = 200) { consentChanges(since: $since, first: $first) {
            mark changes { kind consent enterprises } } }";
        let all = async |since: &Value, first: usize| -> (Vec<Value>, Value) {
            let asked = json!({ "since": since, "first": first });
            let told = hub.ask_as(Role::Lender, feed, asked).await;
            let changes = told.at("/consentChanges/changes").as_array().unwrap().clone();
            (changes, told.at("/consentChanges/mark").clone())
        };
        let siti = owner(&hub, &sate).await;
        let ask = json!({ "kind": "RESTRICTION", "enterprise": sate, "reason": "datanya keliru" });
        let asked = crate::rights::ask(&hub, siti, ask).await;
        crate::rights::carry_out(&hub, &asked["id"]).await;
        let expected = |kind: &str| json!({ "kind": kind, "consent": consent, "enterprises": [sate] });
        assert_eq!(all(&Value::Null, 200).await.0[2..], [expected("RESTRICTED")]);
        let lift = "mutation($id: ID!) { liftRestriction(id: $id) { id } }";
        let lifted = hub.ask_as(Role::Steward, lift, json!({ "id": asked["id"] })).await;
        assert!(lifted.body.get("errors").is_none(), "{lifted:?}");
        let whole = all(&Value::Null, 200).await.0;
        assert_eq!(whole[2..], [expected("RESTRICTED"), expected("LIFTED")]);
        // One at a time it is the same.
        let (mut since, mut paged) = (Value::Null, vec![]);
        for _ in 0..whole.len() {
            let (mut page, mark) = all(&since, 1).await;
            paged.append(&mut page);
            since = mark;
        }
        assert_eq!(paged, whole);
        let other = Viewer { institution: Some("koperasi".into()), ..viewer(Role::Lender, None) };
        let token = hub.app.keys.issue(&other, chrono::TimeDelta::hours(1)).unwrap();
        let told = hub.ask(Some(token), feed, Value::Null).await;
        assert_eq!(told.at("/consentChanges/changes"), &json!([]), "{told:?}");
    }

    async fn a_lender_finds_by_size_class_what_the_profile_shows_her(hub: TestHub) {
        hub.ingest("kominfo", "Kode Peserta,Nama UMKM,Nama Owner,NIK,Alamat,Kelurahan,Kecamatan,Omzet per Tahun,Modal
K-1,Sate Bandeng Barokah,Siti Aminah,3673014507850001,Jl. Ayip Usman 3,Sumur Pecung,Serang,120000000,
K-2,Emping Mutiara Lestari,Budi Santoso,3673021203790002,Jl. Raya Kasemen 7,Kasemen,Kasemen,,20000000
K-3,Bengkel Sinar Jaya,Ahmad Fauzi,3673032203820003,Jl. Veteran 9,Cipare,Serang,80000000,10000000\n").await;
        hub.link().await;
        hub.ask_as(Role::Steward, crate::financing_feed::TEXT, Value::Null).await;
        // What each class rests on, and what her owner agreed to.
        for (name, fields) in [
            ("Sate Bandeng Barokah", ["annual_sales"]),
            ("Emping Mutiara Lestari", ["annual_sales"]),
            ("Bengkel Sinar Jaya", ["capital"]),
        ] {
            let id = id_of(&hub, name).await;
            given(&hub, &id, &fields).await;
        }
        let list = "query($filter: EnterpriseFilter) { enterprises(filter: $filter) { totalCount nodes { name { value } size { class } } } }";
        let whole = hub.ask_as(Role::Lender, list, Value::Null).await;
        let shown = |it: &&Value| it["size"]["class"] == "MICRO";
        let shown: Vec<&Value> = whole.at("/enterprises/nodes").as_array().unwrap().iter().filter(shown).collect();
        let found = hub.ask_as(Role::Lender, list, json!({ "filter": { "sizeClass": "MICRO" } })).await;
        let found_nodes: Vec<&Value> = found.at("/enterprises/nodes").as_array().unwrap().iter().collect();
        assert_eq!((shown.len(), found_nodes), (1, shown), "{whole:?}");
        assert_eq!(found.at("/enterprises/totalCount"), 1);
        given(&hub, &id_of(&hub, "Emping Mutiara Lestari").await, &["capital"]).await;
        let found = hub.ask_as(Role::Lender, list, json!({ "filter": { "sizeClass": "MICRO" } })).await;
        assert_eq!(found.at("/enterprises/totalCount"), 2, "{found:?}");
    }

    async fn a_consent_needs_a_text_proof_and_an_end(hub: TestHub) {
        filled(&hub).await;
        let sate = id_of(&hub, "Sate Bandeng Barokah").await;
        let wrong = [
            ("textVersion", json!("uji-2"), "INVALID_INPUT"),
            ("evidence", json!("x"), "INVALID_INPUT"),
            ("channel", json!("HERSELF"), "INVALID_INPUT"),
            ("purpose", json!("STATISTICS"), "INVALID_INPUT"),
            ("fields", json!([]), "INVALID_INPUT"),
            ("fields", json!(["shoe_size"]), "INVALID_INPUT"),
            ("institution", json!("bank-mana"), "INVALID_INPUT"),
            ("expiresAt", json!("2001-01-01T00:00:00Z"), "INVALID_INPUT"),
            ("expiresAt", json!("2999-01-01T00:00:00Z"), "INVALID_INPUT"),
        ];
        for (field, value, code) in wrong {
            let mut input = input(&sate, &["phone"]);
            input["input"][field] = value;
            assert_eq!(hub.operator("kominfo", GIVE, input).await.code(), code, "{field}");
        }
        // Whoever names an institution that nobody has is told which there are.
        let mut unknown = input(&sate, &["phone"]);
        unknown["input"]["institution"] = json!("bank-mana");
        let refused = hub.operator("kominfo", GIVE, unknown).await;
        let told = refused.body["errors"][0]["message"].as_str().unwrap();
        let there = hub.public("{ institutions { code name } }", Value::Null).await;
        let there = there.at("/institutions").as_array().unwrap();
        assert!(there.contains(&json!({ "code": "bank", "name": "Bank Uji" })), "{there:?}");
        assert!(there.iter().all(|it| told.contains(it["code"].as_str().unwrap())), "{told}");
        // An agency speaks for no owner of another's enterprises, and a lender for none.
        let refused = hub.operator("pariwisata", GIVE, input(&sate, &["phone"])).await;
        assert_eq!(refused.code(), "NOT_FOUND");
        let refused = hub.ask_as(Role::Lender, GIVE, input(&sate, &["phone"])).await;
        assert_eq!(refused.code(), "FORBIDDEN");
        // A version has one text for ever.
        let another = "mutation { addConsentText(version: \"uji-1\", content: \"Saya setuju dengan segalanya.\") { version } }";
        assert_eq!(hub.ask_as(Role::Steward, another, Value::Null).await.code(), "CONFLICT");
        assert_eq!(hub.rows("consent").await, 0);
    }
}

/// A token of the owner of an enterprise.
async fn owner(hub: &TestHub, enterprise: &Value) -> String {
    let query = "query($id: ID!) { enterprise(id: $id) { sourceRecords { id } } }";
    let found = hub.ask_as(Role::Steward, query, json!({ "id": enterprise })).await;
    let row = found.at("/enterprise/sourceRecords/0/id").as_str().unwrap().to_owned();
    let owner = Viewer { person: Some(row.parse().unwrap()), ..viewer(Role::Owner, None) };
    hub.app.keys.issue(&owner, chrono::TimeDelta::hours(1)).unwrap()
}
