//! Three enterprises whose every value is there once: one known to kominfo, one to pariwisata, one to both.

use std::collections::BTreeMap;

use domain::enterprise::Attribute;
use domain::viewer::Role;
use serde_json::{Value, json};

use crate::hub::TestHub;

const HEADINGS: &str = "Kode Peserta,Nama Usaha,Nama Pemilik,NIK,No KK,Tanggal Lahir,NPWP,No HP,Email,Alamat,\
    RT/RW,Kelurahan,Kecamatan,NIB,KBLI,Jenis Usaha,Badan Hukum,Tahun Berdiri,Omzet per Tahun,Modal,\
    Tenaga Kerja,PIRT,Halal,Keterangan\n";

/// A person's number stands in two texts where it does not belong: in a name and in an address.
const KOMINFO: &str = "\
K-1,Kanariwulan 3673011405710017,Zubaydafira,3673011405710017,3673012209110041,14-05-1971,092542943431016,081290010001,kanaripos@contoh.id,Jl. Kanarijalan 3 NIK 3673011405710017,017/023,Sumur Pecung,Serang,0807229043975,10794,kerupukalfa,CV,2011,123456701,45670101,7413,2063673010107-28,ID36110000111111711,catatanalfa
K-4,Kanariwulan 3673011405710017,Zubaydafira,3673011405710017,3673012209110041,14-05-1971,092542943431016,081290010001,kanaripos@contoh.id,Jl. Kanarijalan 3 NIK 3673011405710017,017/023,Sumur Pecung,Serang,0807229043975,10794,kerupukalfa,CV,2011,123456701,45670101,7413,2063673010107-28,ID36110000111111711,catatanalfa
K-2,Merakgading Sentosa,Quramatilde,1234567,,,,081290010003,merakpos@contoh.id,Jl. Merakjalan 5,019/029,Kasemen,Kasemen,,10793,tahugama,,2015,123456703,45670103,7415,,,
";

const PARIWISATA: &str = "\
P-1,Bangaukencana Lestari,Xavierindah,3673022303650021,3673022209110052,23-03-1965,081735524431027,081290010002,bangaupos@contoh.id,Jl. Bangaujalan 4,018/026,Banten,Kasemen,0220932935677,13134,batikbeta,CV,2012,123456702,45670102,7414,2063673010107-29,ID36110000111111722,catatanbeta
P-2,Merakgading Sentosa,Quramatilde,3673034509820033,3673032209110063,05-09-1982,073446916431038,081290010004,merakdua@contoh.id,Jl. Merakjalan 6,021/031,Sumur Pecung,Serang,0812309554411,47721,temegama,,2016,123456704,45670104,7416,2063673010107-31,ID36110000111111744,catatangama
";

/// One of the three.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Of {
    /// Kominfo knows it alone.
    Kominfo,
    /// Pariwisata knows it alone.
    Pariwisata,
    /// Both know it.
    Both,
}

/// A value that is there once.
pub struct Canary {
    /// The least of it that gives it away.
    pub text: &'static str,
    pub attribute: Attribute,
    pub of: Of,
    /// Who wrote it.
    pub agency: &'static str,
}

macro_rules! canaries {
    ($($of:ident $agency:literal { $($attribute:ident: $($text:literal)+;)+ })+) => {
        pub const CANARIES: &[Canary] = &[$($($(
            Canary { text: $text, attribute: Attribute::$attribute, of: Of::$of, agency: $agency },
        )+)+)+];
    };
}

canaries! {
    Kominfo "kominfo" {
        BusinessName: "kanariwulan"; OwnerName: "zubaydafira"; Trade: "kerupukalfa";
        // What is of a person beside her NIK is seen as the NIK is.
        Nik: "3673011405710017" "3673012209110041" "14-05-1971" "catatanalfa";
        Npwp: "92542943431016"; Phone: "81290010001"; Email: "kanaripos"; Street: "kanarijalan";
        RtRw: "017/023"; Nib: "0807229043975"; AnnualSales: "123456701"; Capital: "45670101";
        Workers: "7413"; Pirt: "2063673010107-28"; Halal: "ID36110000111111711";
    }
    Both "kominfo" {
        Trade: "tahugama"; Phone: "81290010003"; Email: "merakpos"; RtRw: "019/029";
        AnnualSales: "123456703"; Capital: "45670103"; Workers: "7415";
    }
    Pariwisata "pariwisata" {
        BusinessName: "bangaukencana"; OwnerName: "xavierindah"; Trade: "batikbeta";
        Nik: "3673022303650021" "3673022209110052" "23-03-1965" "catatanbeta";
        Npwp: "81735524431027"; Phone: "81290010002"; Email: "bangaupos"; Street: "bangaujalan";
        RtRw: "018/026"; Nib: "0220932935677"; AnnualSales: "123456702"; Capital: "45670102";
        Workers: "7414"; Pirt: "2063673010107-29"; Halal: "ID36110000111111722";
    }
    Both "pariwisata" {
        Trade: "temegama"; Nik: "3673034509820033" "3673032209110063" "05-09-1982" "catatangama";
        Npwp: "73446916431038"; Phone: "81290010004"; Email: "merakdua"; RtRw: "021/031";
        Nib: "0812309554411"; AnnualSales: "123456704"; Capital: "45670104"; Workers: "7416";
        Pirt: "2063673010107-31"; Halal: "ID36110000111111744";
    }
}

impl Of {
    pub const ALL: [Of; 3] = [Of::Kominfo, Of::Pariwisata, Of::Both];

    /// Which agencies wrote the attribute.
    pub fn writers(self, attribute: Attribute) -> &'static [&'static str] {
        use Attribute::{Halal, LegalForm, Nib, Nik, Npwp, Pirt};
        match (self, attribute) {
            (Of::Kominfo, _) => &["kominfo"],
            (Of::Pariwisata, _) => &["pariwisata"],
            (Of::Both, LegalForm) => &[],
            (Of::Both, Halal | Nib | Nik | Npwp | Pirt) => &["pariwisata"],
            (Of::Both, _) => &["kominfo", "pariwisata"],
        }
    }

    /// Whether an agency knows it.
    pub fn is_known_to(self, agency: &str) -> bool {
        match self {
            Of::Kominfo => agency == "kominfo",
            Of::Pariwisata => agency == "pariwisata",
            Of::Both => true,
        }
    }
}

/// The city, and the ids by which it is asked for.
pub struct City {
    pub enterprises: BTreeMap<Of, String>,
    pub owners: BTreeMap<Of, String>,
    /// By the number the agency gave the row.
    pub records: BTreeMap<String, String>,
    /// By agency; `asking` waits for an answer.
    pub files: BTreeMap<String, String>,
    pub decision: String,
    pub model: String,
    /// What the owner of [`Of::Kominfo`] agreed to, for the bank.
    pub consent: String,
    /// That a row of hers be corrected.
    pub request: String,
}

/// To what she agreed: of each kind of attribute one, and not all of any.
pub const AGREED: &[Attribute] = &[
    Attribute::BusinessName,
    Attribute::Kecamatan,
    Attribute::Phone,
    Attribute::Nik,
    Attribute::AnnualSales,
];

/// Fills the register through the API, so that every kind of thing is there.
pub async fn fill(hub: &TestHub) -> City {
    hub.ingest("kominfo", &format!("{HEADINGS}{KOMINFO}")).await;
    hub.ingest("pariwisata", &format!("{HEADINGS}{PARIWISATA}")).await;
    hub.link().await;
    let records = rows(hub).await;
    let text = "mutation($a: ID!, $b: ID!) { decide(kind: SAME, a: $a, b: $b, reason: \"seen\") { id status } }";
    let pair = json!({ "a": records["K-2"], "b": records["P-2"] });
    let decided = hub.steward("tuti@serang", text, pair).await;
    assert_eq!(decided.at("/decide/status"), "STANDING", "{decided:?}");
    let decision = decided.at("/decide/id").as_str().unwrap().to_owned();
    let text = "mutation { previewModel(change: { linkBits: 90 }) { id } }";
    let previewed = hub.steward("tuti@serang", text, Value::Null).await;
    let model = previewed.at("/previewModel/id").as_str().unwrap().to_owned();
    let (mut enterprises, mut owners, mut files) =
        (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
    let text = "{ enterprises { nodes { id owners { id } sourceRecords { agency fileId } } } }";
    let found = hub.ask_as(Role::Steward, text, Value::Null).await;
    let found = found.at("/enterprises/nodes").as_array().unwrap().clone();
    assert_eq!(found.len(), 3, "{found:?}");
    for one in found {
        let rows = one["sourceRecords"].as_array().unwrap();
        let wrote = |agency| rows.iter().any(|it| it["agency"] == agency);
        let of = match (wrote("kominfo"), wrote("pariwisata")) {
            (true, true) => Of::Both,
            (true, false) => Of::Kominfo,
            _ => Of::Pariwisata,
        };
        enterprises.insert(of, text_of(&one["id"]));
        owners.insert(of, text_of(&one["owners"][0]["id"]));
        for row in rows {
            files.insert(text_of(&row["agency"]), text_of(&row["fileId"]));
        }
    }
    let (consent, request) = agree(hub, &enterprises[&Of::Kominfo], &records["K-1"]).await;
    City { enterprises, owners, records, files, decision, model, consent, request }
}

/// An owner agrees to something for the bank, and asks that her row be corrected to a canary.
async fn agree(hub: &TestHub, enterprise: &str, row: &str) -> (String, String) {
    let text = "mutation { addConsentText(version: \"uji-1\", content: \"Saya setuju data ini dibaca.\") { version } }";
    let added = hub.ask_as(Role::Steward, text, Value::Null).await;
    assert_eq!(added.at("/addConsentText/version"), "uji-1", "{added:?}");
    let give = "mutation($input: ConsentInput!) { giveConsent(input: $input) { id } }";
    let fields: Vec<&str> = AGREED.iter().map(|it| it.code()).collect();
    let soon = (tunggal::clock::now() + chrono::TimeDelta::hours(1)).to_rfc3339();
    let input = json!({ "input": {
        "enterprise": enterprise, "institution": "bank", "purpose": "FINANCING", "fields": fields,
        "textVersion": "uji-1", "channel": "PAPER", "evidence": "map 12 lembar 4", "expiresAt": soon,
    } });
    let given = hub.operator("kominfo", give, input).await;
    let ask = "mutation($input: RightInput!) { askRight(input: $input) { id } }";
    let input = json!({ "input": {
        "kind": "RECTIFICATION", "enterprise": enterprise, "record": row, "field": "phone",
        "proposed": "081290010001", "reason": "nomor lama",
    } });
    let asked = hub.operator("kominfo", ask, input).await;
    assert!(asked.at("/askRight/id").is_string(), "{asked:?}");
    (text_of(given.at("/giveConsent/id")), text_of(asked.at("/askRight/id")))
}

fn text_of(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

async fn rows(hub: &TestHub) -> BTreeMap<String, String> {
    let text = "{ enterprises { nodes { sourceRecords { id texts { field text } } } } }";
    let found = hub.ask_as(Role::Steward, text, Value::Null).await;
    let mut rows = BTreeMap::new();
    for one in found.at("/enterprises/nodes").as_array().unwrap() {
        for row in one["sourceRecords"].as_array().unwrap() {
            let texts = row["texts"].as_array().unwrap();
            let number = texts.iter().find(|it| it["field"] == "own_number").unwrap();
            rows.insert(text_of(&number["text"]), text_of(&row["id"]));
        }
    }
    rows
}
