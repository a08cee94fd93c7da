//! An invented register for stories about decisions: two agencies that know the same businesses by nearly
//! the same names, and what is asked of it.

use std::collections::{BTreeMap, BTreeSet};

use domain::consent::Channel;
use domain::enterprise::{Attribute, Value};
use domain::id::{EnterpriseId, RecordId};
use domain::purpose::Purpose;
use domain::viewer::{Role, Scope, Viewer};
use serde_json::json;
use tunggal::app::App;
use tunggal::service::consents::{self, Agreement, Subject};
use tunggal::service::decisions::{self, Answer};
use tunggal::service::link::{explain, link, link_everything};
use tunggal::store::consents::ConsentFilter;
use tunggal::store::decisions::Verdict;
use tunggal::store::enterprises::EnterpriseFilter;
use tunggal::store::slice::Slice;
use tunggal::store::ties::Member;

use crate::hub::{TestHub, viewer};

const INSTITUTION: &str = "bjb";

const TRADES: [&str; 8] =
    ["Sate Bandeng", "Emping", "Batik", "Kue Kering", "Bengkel", "Laundry", "Keripik", "Mie Ayam"];
const BRANDS: [&str; 8] =
    ["Barokah", "Mutiara", "Lestari", "Sinar Jaya", "Berkah Ibu", "Mekar", "Cahaya", "Nusantara"];
const OWNERS: [&str; 10] = [
    "Siti Aminah",
    "Budi Santoso",
    "Dewi Lestari",
    "Ahmad Fauzi",
    "Nurhayati",
    "Rohman Hakim",
    "Yuliana Sari",
    "Hendra Wijaya",
    "Maemunah",
    "Dedi Kurnia",
];
const PLACES: [(&str, &str); 4] = [
    ("Sumur Pecung", "Serang"),
    ("Kasemen", "Kasemen"),
    ("Banten", "Kasemen"),
    ("Cipare", "Serang"),
];

/// A pseudo-random sequence: the same seed, the same story.
pub struct Dice(u64);

impl Dice {
    pub fn of(seed: u64) -> Dice {
        Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// A number below `end`.
    pub fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) as usize % end
    }
}

/// The list of kominfo with these businesses; `edition` tells later versions of rows from earlier ones.
pub fn kominfo(businesses: &[usize], edition: usize) -> String {
    let mut list =
        "Kode Peserta,Nama UMKM,Nama Owner,NIK,No WhatsApp,Alamat,Kelurahan,Kecamatan\n".to_owned();
    for &it in businesses {
        let Business { name, owner, nik, phone, street, place } = business(it);
        let street = if edition == 0 { street } else { format!("{street} Blok {edition}") };
        list += &format!("K-{it},{name},{owner},{nik},{phone},{street},{},{}\n", place.0, place.1);
    }
    list
}

/// The list of pariwisata, which writes the same businesses a little otherwise.
pub fn pariwisata(businesses: &[usize], edition: usize) -> String {
    let mut list =
        "No. TDUP,Nama Usaha,Penanggung Jawab,NIK,No. Telp,Alamat,Kelurahan,Kecamatan\n".to_owned();
    for &it in businesses {
        let Business { name, owner, nik, phone, street, place } = business(it);
        let name = if it % 3 == 0 { name.replace('a', "") } else { name };
        let nik = if it % 2 == 0 { nik } else { String::new() };
        let phone = if edition == 0 { phone } else { format!("08221{edition:02}{it:05}") };
        list += &format!("P-{it},{name},{owner},{nik},{phone},{street},{},{}\n", place.0, place.1);
    }
    list
}

struct Business {
    name: String,
    owner: String,
    nik: String,
    phone: String,
    street: String,
    place: (&'static str, &'static str),
}

fn business(number: usize) -> Business {
    // Neighbours share an owner's name, a trade or a brand, so that there is doubt.
    let (trade, brand) = (TRADES[number % 8], BRANDS[number / 3 % 8]);
    let person = number / 2;
    let owner = format!("{} {}", OWNERS[person % 10], BRANDS[person / 10 % 8]);
    let (day, month, year) = (1 + person % 28, 1 + person % 12, 60 + person % 39);
    let nik = match number % 5 {
        4 => String::new(),
        _ => format!("367301{day:02}{month:02}{year:02}{:04}", 1 + person),
    };
    Business {
        name: format!("{trade} {brand}"),
        owner,
        nik,
        phone: format!("08123{:07}", number * 37),
        street: format!("Jl. Ayip Usman {}", 1 + number % 40),
        place: PLACES[number % 4],
    }
}

/// A steward of this name.
pub fn steward(name: &str) -> Viewer {
    Viewer { subject: name.to_owned(), ..viewer(Role::Steward, None) }
}

/// Everything a steward sees of every enterprise, as one text.
pub async fn view(hub: &TestHub) -> String {
    let query = "query($after: String) { enterprises(first: 25, after: $after) {
        pageInfo { hasNextPage endCursor }
        nodes {
            id updatedAt recordCount retiredIds
            name { ...Text } trade { ...Text } ownerName { ...Text } nik { ...Text } nib { ...Text }
            phone { ...Text } street { ...Text } kelurahan { value { code } disputed }
            size { class basis access } owners { id name { value } }
            sourceRecords { id agency fileId row texts { field text } }
            links { a b weight probability linked }
            history { kind other records attribute at undone cause { kind runId decisionId by files } }
        }
    } }
    fragment Text on TextAttribute {
        value access disputed provenance { recordId agency recordedOn } alternatives { value access }
    }";
    let (mut all, mut after) = (String::new(), serde_json::Value::Null);
    loop {
        let page = hub.ask_as(Role::Steward, query, json!({ "after": after })).await;
        assert!(page.body.get("errors").is_none(), "{page:?}");
        for node in page.at("/enterprises/nodes").as_array().unwrap() {
            all += &format!("{node}\n");
        }
        if page.at("/enterprises/pageInfo/hasNextPage") == false {
            return all;
        }
        after = page.at("/enterprises/pageInfo/endCursor").clone();
    }
}

/// What holds of a register at every moment, whatever happened to it.
pub async fn check_invariants(app: &App) {
    let store = &app.store;
    let members = store.members().await.unwrap();
    // Every record is in one live enterprise, and the profile says so too.
    let mut of: BTreeMap<EnterpriseId, Vec<RecordId>> = BTreeMap::new();
    for (record, member) in &members {
        of.entry(member.enterprise).or_default().push(*record);
    }
    let live: Vec<EnterpriseId> = of.keys().copied().collect();
    let filter = EnterpriseFilter::default();
    let stored = store.enterprise_count(&Scope::All, &filter).await.unwrap();
    assert_eq!(stored, live.len() as u64, "an enterprise without records");
    for found in store.enterprises(&Scope::All, &live).await.unwrap() {
        let mut records = of.remove(&found.profile.id).unwrap();
        records.sort();
        assert_eq!(found.profile.records, records, "a profile that is not of its records");
        for (attribute, it) in &found.profile.attributes {
            let mut values: Vec<&Value> =
                std::iter::once(&it.chosen).chain(&it.alternatives).map(|it| &it.value).collect();
            let all = values.len();
            values.sort();
            values.dedup();
            assert_eq!(values.len(), all, "{attribute:?} holds a value twice");
            let sources = std::iter::once(&it.chosen).chain(&it.alternatives);
            let strange =
                sources.flat_map(|it| &it.sources).any(|it| !records.contains(&it.record));
            assert!(!strange, "{attribute:?} has a value of a record that is not there");
        }
    }
    assert!(of.is_empty(), "a record in no live enterprise");
    check_reach(app, &live).await;
    // A retired id is not in use and reaches one that is.
    let live: BTreeSet<EnterpriseId> = live.into_iter().collect();
    let retired: Vec<EnterpriseId> = store.retired().await.unwrap().into_keys().collect();
    let heirs = store.heirs(&retired).await.unwrap();
    for id in &retired {
        assert!(!live.contains(id), "a retired id in use");
        assert!(
            heirs.get(id).is_some_and(|it| live.contains(it)),
            "a retired id that leads nowhere"
        );
    }
    // What stewards said holds.
    let together = |a: &RecordId, b: &RecordId| members[a].enterprise == members[b].enterprise;
    for (id, verdict) in store.standing_verdicts().await.unwrap() {
        match verdict {
            Verdict::Same(a, b) => assert!(together(&a, &b), "{id}: same does not hold"),
            Verdict::Never(a, b) => assert!(!together(&a, &b), "{id}: never does not hold"),
            Verdict::Split(a, others) => {
                assert!(others.iter().all(|it| !together(&a, it)), "{id}: a split does not hold");
            }
            Verdict::NotSure(..) | Verdict::Override(..) => {}
        }
    }
}

/// Law 3: linking everything afresh finds nothing to change. And law 7: the parts of an explanation add up
/// to the weight that is stored.
pub async fn check_relinking(app: &App) {
    link(app).await.unwrap();
    let before = (store_state(app).await, clusters(app).await);
    let found = link_everything(app).await.unwrap();
    assert_eq!((found.changed, found.retired), (0, 0), "linking everything found something else");
    let after = (store_state(app).await, clusters(app).await);
    assert_eq!(before.0.symmetric_difference(&after.0).next(), None, "another state");
    assert!(after.1 == before.1, "other enterprises");
    for pair in app.store.pairs().await.unwrap().iter().step_by(7) {
        let (a, b) = (RecordId(pair.a), RecordId(pair.b));
        let told = explain(app, a, b).await.unwrap();
        let fields: f64 = told.fields.iter().map(|it| it.level_bits + it.rarity_bits).sum();
        let sum = told.prior_bits
            + fields
            + told.moved_or_two_owners_bits
            + told.other_business_bits
            + told.context_bits;
        assert!((sum - told.weight_bits).abs() < 1e-6, "the parts do not add up");
        assert!((told.weight_bits - pair.weight).abs() < 1e-6, "not the stored weight");
    }
}

/// The members, the pairs and what waits for a steward, in order.
async fn store_state(app: &App) -> BTreeSet<String> {
    let mut state = BTreeSet::new();
    let members = app.store.members().await.unwrap();
    state.extend(members.into_iter().map(|it| format!("{it:?}")));
    state.extend(app.store.pairs().await.unwrap().into_iter().map(|it| format!("{it:?}")));
    let items = app.store.review_items(None).await.unwrap();
    state.extend(items.into_iter().map(|it| format!("{it:?}")));
    state
}

/// Which records are together, whatever the ids.
pub async fn clusters(app: &App) -> BTreeSet<BTreeSet<RecordId>> {
    let mut of: BTreeMap<EnterpriseId, BTreeSet<RecordId>> = BTreeMap::new();
    for (record, member) in app.store.members().await.unwrap() {
        of.entry(member.enterprise).or_default().insert(record);
    }
    of.into_values().collect()
}

/// The row of kominfo with this number.
pub fn of_kominfo(number: usize) -> RecordId {
    row("kominfo", &format!("K-{number}"))
}

/// The row of pariwisata with this number.
pub fn of_pariwisata(number: usize) -> RecordId {
    row("pariwisata", &format!("P-{number}"))
}

fn row(agency: &str, number: &str) -> RecordId {
    let code = domain::agency::AgencyCode::parse(agency).unwrap();
    RecordId::of_row(&code, &format!("number {number}"))
}

/// The enterprise that a record is in.
pub async fn home(app: &App, record: RecordId) -> EnterpriseId {
    app.store.homes(&[record]).await.unwrap()[&record]
}

/// Answers as the steward `walidata`; the decision's id.
pub async fn decide(
    app: &App,
    answer: Answer,
    a: RecordId,
    b: RecordId,
) -> Result<domain::id::DecisionId, tunggal::error::Error> {
    decisions::decide(app, &steward("walidata"), answer, a, b, "seen the shop").await
}

/// Somebody whom a row names agrees that a bank reads an enterprise of hers, or all of them.
pub async fn agree(app: &App, record: RecordId, every: bool) {
    let by = steward("walidata");
    let text = consents::add_text(app, &by, "uji-1", "Saya setuju data usaha ini dibaca bank.");
    text.await.unwrap();
    let Member { enterprise, owner, .. } = app.store.member(record).await.unwrap().unwrap();
    let enterprise = Some(enterprise).filter(|_| !every || owner.is_none());
    let given = Agreement {
        subject: Subject { owner, enterprise },
        institution: INSTITUTION.to_owned(),
        purpose: Purpose::Financing,
        fields: Attribute::Phone.into(),
        text_version: "uji-1".to_owned(),
        channel: Channel::Paper,
        evidence: "map 12/2026 lembar 4".to_owned(),
        reference: None,
        expires_at: tunggal::clock::now() + chrono::TimeDelta::days(30),
    };
    consents::give(app, &by, given).await.unwrap();
}

/// A consent opens the enterprise of the row by which it was given and, where it is for every enterprise of the
/// person whom that row names now, the others of hers.
async fn check_reach(app: &App, live: &[EnterpriseId]) {
    let members = app.store.members().await.unwrap();
    let all = Slice { descending: true, after: None, before: None, limit: 1_000, backwards: false };
    let given = app.store.consent_page(&Scope::All, &ConsentFilter::default(), &all).await.unwrap();
    let mut reached = BTreeSet::new();
    for consent in given.0 {
        let Some(anchor) = members.get(&RecordId(consent.anchor)) else { continue };
        reached.insert(anchor.enterprise);
        if consent.every_enterprise && anchor.owner.is_some() {
            let hers = members.values().filter(|it| it.owner == anchor.owner);
            reached.extend(hers.map(|it| it.enterprise));
        }
    }
    let bank = Scope::Consent(INSTITUTION.to_owned(), Purpose::Financing);
    let opened = app.store.open_ids(&bank, live).await.unwrap();
    assert_eq!(opened.into_iter().collect::<BTreeSet<_>>(), reached, "what consents open");
}
