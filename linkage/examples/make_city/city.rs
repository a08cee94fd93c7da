//! The people, their families and their enterprises, as they are.

use domain::place::{self, Kelurahan};

use super::random::Random;
use super::words::*;

/// Where something stands.
#[derive(Clone)]
pub struct Address {
    pub kelurahan: &'static Kelurahan,
    pub way: Way,
    /// 0 for none.
    pub number: usize,
    /// Neighbourhood and ward; 0 in a market.
    pub rt: usize,
    pub rw: usize,
}

/// What an address begins with.
#[derive(Clone)]
pub enum Way {
    Street(&'static str),
    Hamlet(&'static str),
    Estate(String),
    Market(String),
}

#[derive(Clone)]
pub struct Person {
    pub id: usize,
    pub woman: bool,
    pub names: Vec<String>,
    pub nik: String,
    pub npwp: String,
    pub nib: String,
    pub phone: String,
    pub email: String,
    pub haji: bool,
    pub home: Address,
}

pub struct Enterprise {
    pub owner: Person,
    pub spouse: Option<Person>,
    /// Who took it over, and when, between 0 and 1 of the years in which lists were made.
    pub heir: Option<(f64, Person)>,
    pub trade: &'static Trade,
    pub kind: &'static str,
    pub kbli: &'static str,
    pub goods: &'static str,
    pub legal_form: &'static str,
    pub name: String,
    pub renamed: Option<(f64, String)>,
    pub address: Address,
    pub moved: Option<(f64, Address)>,
    pub phone: String,
    pub phone_changed: Option<(f64, String)>,
    pub year: usize,
    pub sales: f64,
    pub workers: usize,
    /// How much of its business is on paper, between 0 and 1.
    pub formal: f64,
    /// It has no place: a hawker, a seasonal stall.
    pub roams: bool,
}

/// The lists of words, parted once.
pub struct Lists {
    men: Vec<String>,
    women: Vec<String>,
    last_of_men: Vec<String>,
    last_of_women: Vec<String>,
    phrases: Vec<&'static str>,
    brands: Vec<&'static str>,
    wives: Vec<&'static str>,
    husbands: Vec<&'static str>,
    streets: Vec<&'static str>,
    hamlets: Vec<&'static str>,
    estates: Vec<&'static str>,
    markets: Vec<&'static str>,
}

impl Lists {
    pub fn new() -> Lists {
        let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        let phrases = |text: &'static str| text.split('|').collect::<Vec<_>>();
        let further = |base: &str, ends: &str| {
            let mut all = words(base);
            for end in ends.split(' ') {
                all.extend(BEGINNINGS.split(' ').map(|it| format!("{it}{end}")));
            }
            all
        };
        Lists {
            men: words(MEN),
            women: words(WOMEN),
            last_of_men: further(LAST_OF_MEN, ENDS_OF_MEN),
            last_of_women: further(LAST_OF_WOMEN, ENDS_OF_WOMEN),
            phrases: phrases(PHRASES),
            brands: phrases(BRANDS),
            wives: WIVES.split(' ').collect(),
            husbands: HUSBANDS.split(' ').collect(),
            streets: phrases(STREETS),
            hamlets: phrases(HAMLETS),
            estates: phrases(ESTATES),
            markets: phrases(MARKETS),
        }
    }

    /// A household: one to a few owners living together, with their enterprises. Persons are numbered
    /// from `first_person`.
    pub fn household(&self, first_person: usize, random: &mut Random) -> Vec<Enterprise> {
        let mut next = first_person;
        let mut id = || {
            next += 1;
            next
        };
        let home = self.address(random);
        let owner = self.person(id(), random.chance(0.53), home.clone(), None, random);
        let mut spouse =
            random.chance(0.7).then(|| self.person(id(), !owner.woman, home.clone(), None, random));
        if let Some(it) = spouse.as_mut().filter(|_| random.chance(0.25)) {
            it.phone.clone_from(&owner.phone);
        }
        let mut owners = vec![(owner.clone(), spouse.clone())];
        if random.chance(0.15) {
            match spouse {
                Some(it) if random.chance(0.4) => owners.push((it, Some(owner.clone()))),
                _ => {
                    let woman = random.chance(0.5);
                    let kin = self.person(id(), woman, home.clone(), Some(&owner), random);
                    owners.push((kin, None));
                }
            }
        }
        let mut made: Vec<Enterprise> = vec![];
        for (owner, spouse) in owners {
            let count = 1 + usize::from(random.chance(0.11)) + usize::from(random.chance(0.02));
            for _ in 0..count {
                let heir = random.chance(0.007).then(|| {
                    (
                        random.unit(),
                        self.person(id(), owner.woman, home.clone(), Some(&owner), random),
                    )
                });
                let mut one = self.enterprise(owner.clone(), spouse.clone(), heir, random);
                if let Some(first) = made.first().filter(|_| random.chance(0.25)) {
                    one.name.clone_from(&first.name); // a family trades under one name
                }
                made.push(one);
            }
        }
        made
    }

    fn address(&self, random: &mut Random) -> Address {
        let kelurahan = random.common(place::kelurahan());
        // Each kelurahan has its own few streets and hamlets.
        let own = |of: &[&'static str], few: usize, random: &mut Random| {
            of[(kelurahan.code.0 as usize * 7 + random.below(few) * 3) % of.len()]
        };
        let (way, number) = match random.below(100) {
            0..47 => (Way::Hamlet(own(&self.hamlets, 8, random)), 0),
            47..75 => (Way::Street(own(&self.streets, 5, random)), random.below(160)),
            _ => {
                let estate = own(&self.estates, 4, random);
                let block = char::from(b'A' + random.below(10) as u8);
                let block = format!("{estate} Blok {block}{}", random.between(1, 14));
                (Way::Estate(block), random.between(1, 30))
            }
        };
        let (rt, rw) = (random.between(1, 14), random.between(1, 18));
        Address { kelurahan, way, number, rt, rw }
    }

    fn stall(&self, random: &mut Random) -> Address {
        let at = random.below(self.markets.len());
        let kelurahan = &place::kelurahan()[at * 9 % place::kelurahan().len()];
        let row = char::from(b'A' + random.below(6) as u8);
        let (name, number) = if random.chance(0.6) {
            (format!("{} Blok {row}", self.markets[at]), random.between(1, 200))
        } else {
            (self.markets[at].to_owned(), 0)
        };
        Address { kelurahan, way: Way::Market(name), number, rt: 0, rw: 0 }
    }

    fn person(
        &self,
        id: usize,
        woman: bool,
        home: Address,
        kin: Option<&Person>,
        random: &mut Random,
    ) -> Person {
        let (first, last) = match woman {
            true => (&self.women, &self.last_of_women),
            false => (&self.men, &self.last_of_men),
        };
        let mut names = vec![random.common(first).clone()];
        let alone =
            ["Muhamad", "Abdul", "Siti", "Nur", "Sri", "Ahmad"].contains(&names[0].as_str());
        if alone || random.chance(0.8) {
            names.push(random.common(last).clone());
        }
        if random.chance(0.18) {
            names.push(random.pick(last).clone());
        }
        if let Some(family) = kin.and_then(|it| it.names.last()).filter(|_| random.chance(0.5)) {
            names.truncate(1);
            names.push(family.clone());
        }
        names.dedup();
        let year = 1950 + (54.0 * (random.unit() + random.unit()) / 2.0) as usize;
        let day = random.between(1, 28) + if woman { 40 } else { 0 };
        let region = match random.below(10) {
            0..8 => home.kelurahan.code.kecamatan().0.to_string(),
            _ => (*random.pick(&["360401", "317105", "327301", "331102", "137103", "127106"]))
                .to_owned(),
        };
        let month = random.between(1, 12);
        let serial = 9000 + random.below(999); // no real NIK has so high a serial
        let nik = format!("{region}{day:02}{month:02}{:02}{serial:04}", year % 100);
        let email = match random.chance(0.5) {
            true => {
                let (name, number) = (names.join("").to_lowercase(), random.below(9999));
                format!("{name}{number}@surel.example")
            }
            false => String::new(),
        };
        let phone = match kin.filter(|_| random.chance(0.3)) {
            Some(kin) => kin.phone.clone(),
            None => phone(random),
        };
        let npwp = if random.chance(0.6) { npwp(random) } else { String::new() };
        let nib = if random.chance(0.6) { nib(random) } else { String::new() };
        let haji = random.chance(if year < 1975 { 0.18 } else { 0.05 });
        Person { id, woman, names, nik, npwp, nib, phone, email, haji, home }
    }

    fn enterprise(
        &self,
        owner: Person,
        spouse: Option<Person>,
        heir: Option<(f64, Person)>,
        random: &mut Random,
    ) -> Enterprise {
        let trade = random.by_share(TRADES, |it| it.share);
        let (mut kind, kbli, goods) = *random.common(trade.kinds);
        let mut name = self.trade_name(&owner, random);
        if random.chance(0.02) {
            kind = "";
            name = (*random.pick(&self.brands)).to_owned();
        }
        let legal_form =
            if random.chance(0.06) { *random.pick(&["CV", "UD", "PD", "PT"]) } else { "" };
        let address = match random.below(100) {
            0..72 => owner.home.clone(),
            72..92 => self.address(random),
            _ => self.stall(random),
        };
        let changed = |share: f64, random: &mut Random| random.chance(share).then(|| random.unit());
        let phone_now = if random.chance(0.87) { owner.phone.clone() } else { phone(random) };
        Enterprise {
            renamed: changed(0.06, random).map(|it| (it, self.trade_name(&owner, random))),
            moved: changed(0.07, random).map(|it| (it, self.address(random))),
            phone_changed: changed(0.12, random).map(|it| (it, phone(random))),
            year: 2025 - (random.unit().powi(2) * 32.0) as usize,
            sales: (17.9 + random.normal()).exp(),
            workers: 1 + (random.unit().powi(2) * 5.0) as usize,
            formal: random.unit(),
            roams: random.chance(0.03),
            phone: phone_now,
            owner,
            spouse,
            heir,
            trade,
            kind,
            kbli,
            goods,
            legal_form,
            name,
            address,
        }
    }

    fn trade_name(&self, owner: &Person, random: &mut Random) -> String {
        let called = random.pick(&owner.names).clone();
        let phrase = *random.common(&self.phrases);
        match random.below(100) {
            0..30 => {
                let kin = if owner.woman { &self.wives } else { &self.husbands };
                format!("{} {called}", random.pick(kin))
            }
            30..52 => called,
            52..58 => random.pick(&self.women).clone(), // a child's name
            58..85 => phrase.to_owned(),
            85..92 => format!("{phrase} {}", random.pick(&self.phrases)),
            _ => format!(
                "{called} {}",
                random.pick(&["Jaya", "Putra", "Mandiri", "Berkah", "Rasa", "Group"])
            ),
        }
    }
}

/// A mobile number in its national form.
pub fn phone(random: &mut Random) -> String {
    let operators =
        ["0812", "0813", "0821", "0852", "0857", "0858", "0815", "0877", "0896", "0838", "0881"];
    let rest = if random.chance(0.25) { 7 } else { 8 };
    format!("{}{}", random.pick(&operators), random.digits(rest))
}

fn npwp(random: &mut Random) -> String {
    let digits = format!("{}{}", random.between(10, 99), random.digits(6));
    let sum: u32 = (digits.bytes().enumerate())
        .map(|(at, it)| u32::from(it - b'0') * (1 + at as u32 % 2))
        .map(|it| if 9 < it { it - 9 } else { it })
        .sum();
    format!("{digits}{}{}000", (10 - sum % 10) % 10, random.pick(&["401", "419", "451"]))
}

fn nib(random: &mut Random) -> String {
    let rest = random.digits(6);
    match random.below(3) {
        0 => format!("{}9{}{rest}", random.pick(&["8120", "9120", "0220"]), random.digits(2)),
        _ => {
            let (day, month) = (random.between(1, 28), random.between(1, 12));
            format!("{day:02}{month:02}{}9{rest}", random.between(21, 25))
        }
    }
}
