//! What an agency writes down: the same enterprise in other words, with holes and mistakes.

use domain::place;

use super::agency::Agency;
use super::city::{self, Address, Enterprise, Person, Way};
use super::corrupt::{misdialled, respelled, slip, written};
use super::random::Random;
use super::words::{BEHIND, HUSBANDS, KINDS_WRITTEN, NAMES_WRITTEN, WIVES};

/// The columns of a record after its id and source, and the person it names.
pub fn record(
    of: &Enterprise,
    by: &Agency,
    offices_phones: &[String],
    random: &mut Random,
) -> ([String; 18], usize) {
    // When it was written, from 0 for 2018 to 1 for 2025, never before the enterprise began.
    let earliest = (of.year as f64 - 2018.0).max(0.0) / 8.0;
    let when = earliest + (0.999 - earliest) * random.unit().powf(0.7);
    let person = match (&of.heir, &of.spouse) {
        (Some((since, heir)), _) if *since < when => heir,
        (_, Some(spouse)) if random.chance(0.03) => spouse,
        _ => &of.owner,
    };
    let address = match &of.moved {
        _ if random.chance(0.1) => &of.owner.home,
        Some((since, moved)) if *since < when => moved,
        _ => &of.address,
    };
    let placed = !of.roams || random.chance(0.2);
    let has = |share: f64, random: &mut Random| random.chance(share);
    let business = match has(by.business, random) {
        true => written(business(of, when, person, by.slips, random), by.hand, random),
        false => (*random.pick(&["", "", "-", "belum ada"])).to_owned(),
    };
    let owner = match has(by.owner, random) {
        true => written(name(person, by.slips, random), by.hand, random),
        false => String::new(),
    };
    let nik = if has(by.nik, random) { nik(person, of, random) } else { String::new() };
    let nib = if has(by.nib, random) { nib(&of.owner.nib, random) } else { String::new() };
    let npwp = if has(by.npwp, random) { npwp(person, random) } else { String::new() };
    let phone = match has(by.phone, random) {
        true => phone(of, person, when, offices_phones, random),
        false => (*random.pick(&["", "", "", "-", "0"])).to_owned(),
    };
    let email = if has(by.email, random) { person.email.clone() } else { String::new() };
    let street = match placed && has(by.street, random) {
        true => street(address, by.slips, random),
        false => (*random.pick(&["", "", "keliling", "-"])).to_owned(),
    };
    let rt_rw =
        if placed && has(by.rt_rw, random) { rt_rw(address, random) } else { String::new() };
    let kelurahan = match placed && has(by.kelurahan, random) {
        true => written(kelurahan(address, by.slips, random), by.hand, random),
        false => String::new(),
    };
    let kecamatan = match has(0.88, random) {
        true => {
            let code = address.kelurahan.code.kecamatan();
            let name = place::kecamatan_by_code(code).map_or("", |it| &it.name);
            written(name.to_owned(), by.hand, random)
        }
        false => String::new(),
    };
    let kbli = match has(by.kbli, random) {
        true if random.chance(0.88) => of.kbli,
        true => random.pick(of.trade.kinds).1,
        false => "",
    };
    let sector = match random.below(10) {
        0..6 => *random.pick(of.trade.called),
        6..9 => of.goods,
        _ => "",
    };
    let year = of.year + if random.chance(0.1) { random.below(3) } else { 0 };
    let amount = |value: f64, spread: f64, random: &mut Random| match random.chance(by.amounts) {
        true => {
            ((value * (spread * random.normal()).exp() / 1e6).ceil() as u64 * 1_000_000).to_string()
        }
        false => String::new(),
    };
    let established =
        if has(by.amounts * 0.8, random) { year.min(2025).to_string() } else { String::new() };
    let sales = amount(of.sales, 0.35, random);
    let capital = amount(of.sales * 0.3, 0.5, random);
    let workers = match has(by.amounts, random) {
        true => (of.workers + usize::from(random.chance(0.2))).to_string(),
        false => String::new(),
    };
    let (month, day) = (random.between(1, 12), random.between(1, 28));
    let updated = format!("{}-{month:02}-{day:02}", 2018 + (when * 8.0) as usize);
    let (kbli, sector) = (kbli.to_owned(), sector.to_owned());
    let columns = [
        business,
        owner,
        nik,
        nib,
        npwp,
        phone,
        email,
        street,
        rt_rw,
        kelurahan,
        kecamatan,
        kbli,
        sector,
        established,
        sales,
        capital,
        workers,
        updated,
    ];
    (columns, person.id)
}

fn name(of: &Person, slips: f64, random: &mut Random) -> String {
    let mut names = of.names.clone();
    for name in &mut names {
        let known = NAMES_WRITTEN.iter().find(|it| it.0 == name);
        match known {
            Some((_, spellings)) if random.chance(0.06 + 0.16 * slips) => {
                *name = (*random.pick(spellings)).to_owned();
            }
            _ if random.chance(0.03 * slips) => *name = respelled(name, random),
            _ => {}
        }
    }
    let last = names.len() - 1;
    if 0 < last && random.chance(0.16 * slips) {
        match random.below(16) {
            0..5 => drop(names.pop()),
            5..8 => names[last] = format!("{}.", &names[last][..1]),
            8..10 => drop(names.remove(0)),
            10..12 => names.rotate_left(1),
            _ => names = vec![format!("{}{}", names[0], names[1..].concat().to_lowercase())],
        }
    } else if 7 < names[0].len() && random.chance(0.02 * slips) && names[0].is_ascii() {
        let rest = names[0].split_off(4);
        names[0] = format!("{} {rest}", names[0]);
    }
    let mut text = names.join(" ");
    if random.chance(0.08 * slips) {
        text = slip(&text, random);
    }
    let titles: &[&str] = match (of.haji && random.chance(0.55), of.woman) {
        (true, true) => &["Hj. ", "Hj ", "Hajah "],
        (true, false) => &["H. ", "H ", "Haji "],
        (false, true) if random.chance(0.06 * slips) => &["Ibu ", "Bu ", "Ny. ", "Sdri. "],
        (false, false) if random.chance(0.06 * slips) => &["Bpk. ", "Pak ", "Bapak ", "Sdr. "],
        _ => &[""],
    };
    let degree = if random.chance(0.03) { *random.pick(&[", S.E.", " S.Pd", ", SH"]) } else { "" };
    format!("{}{text}{degree}", random.pick(titles))
}

fn business(
    of: &Enterprise,
    when: f64,
    person: &Person,
    slips: f64,
    random: &mut Random,
) -> String {
    let mut name = match &of.renamed {
        Some((since, name)) if *since < when => name.clone(),
        _ => of.name.clone(),
    };
    match random.unit() / slips {
        x if x < 0.028 => return person.names.join(" "),
        x if x < 0.05 => {
            return format!("{}{}", random.pick(&["Jualan ", "Dagang ", "Usaha ", ""]), of.goods);
        }
        x if x < 0.08 => {
            let bare =
                name.split_once(' ').filter(|it| WIVES.contains(it.0) || HUSBANDS.contains(it.0));
            if let Some((_, bare)) = bare {
                name = format!("{}{bare}", if person.woman { "Ibu " } else { "Pak " });
            }
        }
        _ => {}
    }
    let written = KINDS_WRITTEN.iter().find(|it| it.0 == of.kind);
    let kind = match written {
        _ if random.chance(0.05 * slips) => "",
        Some((_, others)) if random.chance(0.05 + 0.17 * slips) => *random.pick(others),
        _ => of.kind,
    };
    let mut text =
        if BEHIND.contains(&of.kind) { format!("{name} {kind}") } else { format!("{kind} {name}") };
    if !of.legal_form.is_empty() && random.chance(0.7) {
        text = format!("{}. {text}", of.legal_form);
    }
    if random.chance(0.05 * slips) {
        text = respelled(text.trim(), random);
    }
    if random.chance(0.09 * slips) {
        text = slip(text.trim(), random);
    }
    text.trim().to_owned()
}

fn nik(person: &Person, of: &Enterprise, random: &mut Random) -> String {
    match random.below(1000) {
        0..14 => misdialled(&person.nik, random),
        14..18 => of.spouse.as_ref().map_or(&person.nik, |it| &it.nik).clone(),
        18..22 => {
            (*random.pick(&["3673000000000000", "1234567890123456", "3673010101010001"])).to_owned()
        }
        22..32 => format!("{}0", &person.nik[..15]), // as a spreadsheet keeps fifteen digits
        32..62 => format!("'{}", person.nik),
        _ => person.nik.clone(),
    }
}

fn nib(number: &str, random: &mut Random) -> String {
    match random.below(1000) {
        0..15 => misdialled(number, random),
        15..350 => number.trim_start_matches('0').to_owned(),
        _ => number.to_owned(),
    }
}

fn npwp(of: &Person, random: &mut Random) -> String {
    let it = &of.npwp;
    match random.below(100) {
        _ if it.is_empty() => String::new(),
        0..2 => misdialled(it, random),
        2..14 => of.nik.clone(),
        14..60 => {
            format!(
                "{}.{}.{}.{}-{}.{}",
                &it[..2],
                &it[2..5],
                &it[5..8],
                &it[8..9],
                &it[9..12],
                &it[12..]
            )
        }
        _ => it.clone(),
    }
}

fn phone(
    of: &Enterprise,
    person: &Person,
    when: f64,
    offices: &[String],
    random: &mut Random,
) -> String {
    let mut it = match &of.phone_changed {
        Some((since, number)) if *since < when => number.clone(),
        _ if person.id != of.owner.id => person.phone.clone(),
        _ => of.phone.clone(),
    };
    match random.below(1000) {
        0..12 => it.clone_from(random.pick(offices)), // the number of the officer who came by
        12..16 => return (*random.pick(&["081200000000", "08123456789"])).to_owned(),
        16..30 => it = misdialled(&it, random),
        30..90 => it = city::phone(random), // a second number of one's own
        _ => {}
    }
    let rest = it.strip_prefix('0').unwrap_or(&it);
    match random.below(20) {
        0..10 => it,
        10 => format!("+62{rest}"),
        11 => format!("62{rest}"),
        12..14 => format!("{}-{}-{}", &it[..4], &it[4..8], &it[8..]),
        14..16 => format!("{} {} {}", &it[..4], &it[4..8], &it[8..]),
        16..18 => rest.to_owned(), // the zero lost in a spreadsheet
        18 => format!("{it} (WA)"),
        _ => format!("'{it}"),
    }
}

fn street(of: &Address, slips: f64, random: &mut Random) -> String {
    let bare = random.chance(0.06 * slips);
    let (called, name): (&[&str], &str) = match &of.way {
        Way::Street(name) => (&["Jl. ", "Jl. ", "Jalan ", "Jln. ", "JL ", "Jl."], name),
        Way::Hamlet(name) => (&["Kp. ", "Kp. ", "Kampung ", "Kp ", "Lingk. ", "Link. "], name),
        Way::Estate(name) => (&["Perum ", "Komp. ", "Perumahan ", "Komplek ", ""], name),
        Way::Market(name) => (&[""], name),
    };
    let mut text = format!("{}{name}", if bare { "" } else { random.pick(called) });
    if 0 < of.number && !random.chance(0.09 * slips) {
        let sign = random.pick(&[" No. ", " No. ", " No ", " no.", "/"]);
        text = format!("{text}{sign}{}", of.number);
    }
    if random.chance(0.06 * slips) { slip(&text, random) } else { text }
}

fn rt_rw(of: &Address, random: &mut Random) -> String {
    let (rt, rw) = (of.rt, of.rw);
    match random.below(5) {
        _ if rt == 0 => String::new(),
        0 | 1 => format!("{rt:03}/{rw:03}"),
        2 => format!("RT {rt:02} RW {rw:02}"),
        3 => format!("RT.{rt}/{rw}"),
        _ => format!("{rt}/{rw}"),
    }
}

fn kelurahan(of: &Address, slips: f64, random: &mut Random) -> String {
    let mut it = of.kelurahan;
    if random.chance(0.025) {
        let near: Vec<_> = (place::kelurahan().iter())
            .filter(|one| one.code.kecamatan() == it.code.kecamatan())
            .collect();
        it = near[random.below(near.len())];
    }
    match random.below(100) {
        0..8 => format!("Kel. {}", it.name),
        8..25 => it.name.replace(' ', ""),
        _ if random.chance(0.03 * slips) => slip(&it.name, random),
        _ => it.name.clone(),
    }
}
