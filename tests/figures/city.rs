//! A made-up city of some hundred enterprises, some rare, as a list of an agency.

use chrono::Datelike;
use domain::viewer::{Role, Viewer};
use serde_json::Value;
use tunggal::service::financing::standing::today;

use crate::hub::{Reply, TestHub, viewer};

/// SplitMix64: the same city on every machine.
pub struct Random(pub u64);

impl Random {
    pub fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ mixed >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ mixed >> 31) % limit as u64).unwrap()
    }

    fn one<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[self.below(of.len())]
    }

    fn word(&mut self) -> String {
        let syllables = [
            "ba", "ci", "du", "fe", "go", "ha", "ji", "ka", "lu", "me", "ni", "po", "ra", "su",
            "te", "wi", "ya", "zo",
        ];
        let word: String = (0..3 + self.below(2)).map(|_| self.one(&syllables)).collect();
        word[..1].to_uppercase() + &word[1..]
    }
}

const HEADINGS: &str = "Kode Peserta,Nama UMKM,Nama Owner,NIK,No WhatsApp,Alamat,Kecamatan,NIB,NPWP,KBLI,\
    Tahun Berdiri,Omzet per Tahun,Tanggal Pendataan\n";

/// Rows of which no two are one enterprise, numbered from `from`: most are micro, in trade, in two kecamatan.
pub fn list(from: usize, count: usize, seed: u64) -> String {
    let mut random = Random(seed);
    let day = today() - chrono::TimeDelta::days(30);
    let day = format!("{:02}/{:02}/{}", day.day(), day.month(), day.year());
    let mut list = HEADINGS.to_owned();
    for it in from..from + count {
        let kecamatan = match random.below(15) {
            0..=7 => "Serang",
            14 => "Curug",
            _ => "Kasemen",
        };
        let kbli = match random.below(20) {
            0..=10 => "47241",
            19 => "56101",
            _ => "10750",
        };
        let sales = if random.below(10) == 0 { "3000000000" } else { "120000000" };
        let birth = random.below(28) + 1 + 40 * random.below(2);
        let nik = format!(
            "367301{birth:02}{:02}{:02}{it:04}",
            random.below(12) + 1,
            70 + random.below(25)
        );
        let nib =
            if random.below(3) == 0 { String::new() } else { format!("12{:011}", 7_919 * it + 13) };
        let npwp =
            if random.below(2) == 0 { String::new() } else { format!("0925{:05}3431016", it) };
        let (business, owner) = (random.word(), format!("{} {}", random.word(), random.word()));
        list += &format!(
            "K-{it},{business} {},{owner},{nik},0812{:08},Jl. {} {it},{kecamatan},{nib},{npwp},{kbli},2011,{sales},{day}\n",
            random.word(),
            31_337 * it + 11,
            random.word(),
        );
    }
    list
}

/// An analyst of the central bank's, at this institution.
pub fn analyst(institution: &str) -> Viewer {
    Viewer { institution: Some(institution.to_owned()), ..viewer(Role::CentralBank, None) }
}

/// Asks as somebody.
pub async fn ask_of(hub: &TestHub, who: &Viewer, query: &str, variables: Value) -> Reply {
    let token = hub.app.keys.issue(who, chrono::TimeDelta::hours(1)).unwrap();
    hub.ask(Some(token), query, variables).await
}
