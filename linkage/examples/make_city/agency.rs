//! The agencies: which enterprises each holds, and how it fills its list.

use domain::place::{self, Kelurahan};

use super::city::Enterprise;
use super::corrupt::Hand;
use super::random::Random;

/// One office and how it fills its list.
pub struct Agency {
    pub code: &'static str,
    pub prefix: &'static str,
    pub hand: Hand,
    /// How careless it is; 1 is usual.
    pub slips: f64,
    pub owner: f64,
    pub business: f64,
    pub nik: f64,
    pub nib: f64,
    pub npwp: f64,
    pub phone: f64,
    pub email: f64,
    pub rt_rw: f64,
    pub kelurahan: f64,
    pub street: f64,
    pub kbli: f64,
    pub amounts: f64,
}

const OFFICE: Agency = Agency {
    code: "disperindakop",
    prefix: "DKP",
    hand: Hand::Capitals,
    slips: 0.8,
    owner: 0.99,
    business: 0.96,
    nik: 0.48,
    nib: 0.70,
    npwp: 0.42,
    phone: 0.64,
    email: 0.12,
    rt_rw: 0.7,
    kelurahan: 0.95,
    street: 0.95,
    kbli: 0.55,
    amounts: 0.7,
};
const KECAMATAN: Agency = Agency {
    slips: 1.1,
    owner: 1.0,
    business: 0.82,
    nik: 0.47,
    nib: 0.2,
    npwp: 0.08,
    phone: 0.4,
    email: 0.01,
    rt_rw: 0.85,
    kelurahan: 0.96,
    street: 0.93,
    kbli: 0.02,
    amounts: 0.15,
    ..OFFICE
};

/// All offices: the trade office first, then the kecamatan in the order of their codes.
pub const AGENCIES: [Agency; 10] = [
    OFFICE,
    Agency { code: "kecamatan_serang", prefix: "SRG", ..KECAMATAN },
    Agency {
        code: "kecamatan_kasemen",
        prefix: "KSM",
        slips: 1.5,
        nik: 0.32,
        phone: 0.22,
        ..KECAMATAN
    },
    Agency { code: "kecamatan_walantaka", prefix: "WLT", ..KECAMATAN },
    Agency {
        code: "kecamatan_curug",
        prefix: "CRG",
        hand: Hand::Mixed,
        slips: 1.5,
        nik: 0.35,
        ..KECAMATAN
    },
    Agency { code: "kecamatan_cipocok_jaya", prefix: "CPJ", slips: 0.9, ..KECAMATAN },
    Agency { code: "kecamatan_taktakan", prefix: "TKT", hand: Hand::Title, ..KECAMATAN },
    Agency {
        code: "pariwisata",
        prefix: "PAR",
        hand: Hand::Title,
        owner: 0.88,
        business: 0.99,
        nik: 0.05,
        phone: 0.82,
        email: 0.45,
        rt_rw: 0.35,
        kelurahan: 0.8,
        amounts: 0.3,
        ..OFFICE
    },
    Agency {
        code: "kominfo",
        prefix: "KOM",
        hand: Hand::Lower,
        slips: 1.0,
        owner: 0.93,
        nik: 0.1,
        nib: 0.5,
        npwp: 0.13,
        phone: 0.92,
        email: 0.55,
        rt_rw: 0.25,
        kelurahan: 0.7,
        street: 0.78,
        kbli: 0.15,
        amounts: 0.3,
        ..OFFICE
    },
    Agency {
        code: "hipmikindo",
        prefix: "HPM",
        hand: Hand::Title,
        slips: 1.1,
        nik: 0.05,
        nib: 0.36,
        npwp: 0.24,
        phone: 0.84,
        email: 0.3,
        rt_rw: 0.2,
        kelurahan: 0.6,
        street: 0.75,
        kbli: 0.1,
        amounts: 0.5,
        ..OFFICE
    },
];

/// The offices that hold the enterprise; one twice when it renewed its letter there.
pub fn holders(of: &Enterprise, random: &mut Random) -> Vec<&'static Agency> {
    let kecamatan = |it: &Kelurahan| {
        place::kecamatan().iter().position(|one| one.code == it.code.kecamatan()).unwrap_or(0) + 1
    };
    loop {
        let mut held = vec![];
        let formal = 0.5 + of.formal;
        let mut hold = |agency: usize, share: f64, random: &mut Random| {
            if random.chance(share) {
                held.push(&AGENCIES[agency]);
                if random.chance(0.09) {
                    held.push(&AGENCIES[agency]);
                }
            }
        };
        hold(0, 0.30 + 0.42 * of.formal, random);
        hold(kecamatan(of.address.kelurahan), 0.66 - 0.1 * of.formal, random);
        if let Some((_, moved)) = &of.moved {
            hold(kecamatan(moved.kelurahan), 0.4, random);
        }
        for (agency, share) in (7..).zip(of.trade.held) {
            hold(agency, share * formal, random);
        }
        if !held.is_empty() {
            return held;
        }
    }
}
