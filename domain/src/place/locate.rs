//! Reading a kelurahan and a kecamatan from what people write.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::{KecamatanCode, KelurahanCode, kecamatan, kelurahan};

/// Where a row says its business lies.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Located {
    /// The kecamatan, read or implied by the kelurahan.
    pub kecamatan: Option<KecamatanCode>,
    /// The kelurahan, when one alone fits.
    pub kelurahan: Option<KelurahanCode>,
    /// The kelurahan that fit equally well, when more than one does; else empty.
    pub ambiguous: Vec<KelurahanCode>,
    /// A kelurahan or a kecamatan was written that Kota Serang does not have.
    pub unknown: bool,
}

/// Finds kelurahan and kecamatan from their own columns and from the street.
///
/// Tolerates prefixes ("Kel.", "Kec.", "Desa"), glued and split words, known variants, and one or two
/// typing errors. A kelurahan inside the street counts when it is marked as one ("Kel. Sumurpecung") or
/// stands between commas. `default_kecamatan` is where the row lies unless it says otherwise.
pub fn locate(
    kelurahan_text: Option<&str>,
    kecamatan_text: Option<&str>,
    street_text: Option<&str>,
    default_kecamatan: Option<KecamatanCode>,
) -> Located {
    let written = kelurahan_text.map(words).filter(|it| !is_nothing(it));
    let mut written_kecamatan = kecamatan_text.map(words).filter(|it| !is_nothing(it));
    let mut written_kelurahan = written;
    // A kecamatan in the column of the kelurahan.
    if written_kelurahan.as_ref().is_some_and(|it| is_kecamatan_mark(&it[0]) && 1 < it.len()) {
        let moved = written_kelurahan.take();
        written_kecamatan = written_kecamatan.or(moved);
    }
    let read_kecamatan = written_kecamatan.as_deref().and_then(kecamatan_named);
    let near = read_kecamatan.or(default_kecamatan);
    let mut found = written_kelurahan.as_deref().map_or(vec![], |it| kelurahan_named(it, near));
    let mut unknown = (written_kelurahan.is_some() && found.is_empty())
        || (written_kecamatan.is_some() && read_kecamatan.is_none());
    if found.is_empty()
        && let Some(street) = street_text
    {
        found = kelurahan_in_street(street, near);
        unknown &= found.is_empty();
    }
    let inside: Vec<KelurahanCode> =
        found.iter().copied().filter(|it| Some(it.kecamatan()) == near).collect();
    let fitting = if inside.is_empty() { found } else { inside };
    match fitting[..] {
        [] => Located { kecamatan: near, unknown, ..Located::default() },
        [one] => Located {
            kecamatan: Some(one.kecamatan()),
            kelurahan: Some(one),
            ambiguous: vec![],
            unknown,
        },
        _ => {
            let first = fitting[0].kecamatan();
            let common = fitting.iter().all(|it| it.kecamatan() == first).then_some(first);
            Located { kecamatan: near.or(common), kelurahan: None, ambiguous: fitting, unknown }
        }
    }
}

struct Names {
    kelurahan: HashMap<String, Vec<KelurahanCode>>,
    /// The keys of `kelurahan` in order, for the search by distance.
    spellings: Vec<(String, Vec<KelurahanCode>)>,
    kecamatan: Vec<(String, KecamatanCode)>,
}

/// Spellings in use that no prefix, gap or typing error explains.
const VARIANTS: &[(&str, &str)] = &[
    ("masjidpriyayi", "mesjidpriyayi"),
    ("bantenlama", "banten"),
    ("kerundang", "karundang"),
    ("penancangan", "panancangan"),
    ("pengampelan", "pangampelan"),
    ("tritih", "teritih"),
    ("trondol", "terondol"),
];

static NAMES: LazyLock<Names> = LazyLock::new(|| {
    let mut by_name: HashMap<String, Vec<KelurahanCode>> = HashMap::new();
    for area in kelurahan() {
        by_name.entry(words(&area.name).concat()).or_default().push(area.code);
    }
    for (variant, name) in VARIANTS {
        if let Some(codes) = by_name.get(*name).cloned() {
            by_name.entry((*variant).to_owned()).or_insert(codes);
        }
    }
    let mut spellings: Vec<_> = by_name.iter().map(|(k, v)| (k.clone(), v.clone())).collect();
    spellings.sort();
    let districts = kecamatan().iter().map(|it| (words(&it.name).concat(), it.code)).collect();
    Names { kelurahan: by_name, spellings, kecamatan: districts }
});

/// Lower-case runs of letters; everything else parts words.
fn words(text: &str) -> Vec<String> {
    let parts = text.split(|it: char| !it.is_alphabetic()).filter(|it| !it.is_empty());
    parts.map(str::to_lowercase).collect()
}

fn is_nothing(words: &[String]) -> bool {
    match words {
        [] => true,
        [only] => matches!(only.as_str(), "kosong" | "tidak" | "null" | "na" | "x"),
        [first, second, ..] => {
            matches!(first.as_str(), "tidak" | "belum") && matches!(second.as_str(), "ada" | "tahu")
        }
    }
}

fn is_kelurahan_mark(word: &str) -> bool {
    matches!(word, "kel" | "kelurahan" | "klurahan" | "desa" | "ds" | "kl")
}

fn is_kecamatan_mark(word: &str) -> bool {
    matches!(word, "kec" | "kecamatan" | "kcmtn" | "kecamtan")
}

fn kecamatan_named(written: &[String]) -> Option<KecamatanCode> {
    let start = written.iter().position(|it| !is_kecamatan_mark(it))?;
    let name = written[start..].concat();
    let known = &NAMES.kecamatan;
    if let Some((_, code)) = known.iter().find(|it| it.0 == name) {
        return Some(*code);
    }
    // "Cipocok" for Cipocok Jaya.
    if let [(_, code)] =
        known.iter().filter(|it| 5 <= name.len() && it.0.starts_with(&name)).collect::<Vec<_>>()[..]
    {
        return Some(*code);
    }
    let mut best: Vec<(usize, KecamatanCode)> = known
        .iter()
        .map(|(it, code)| (distance(it, &name, tolerance(name.len())), *code))
        .filter(|it| it.0 <= tolerance(name.len()))
        .collect();
    best.sort();
    match best[..] {
        [] => None,
        [(a, _), (b, _), ..] if a == b => None,
        [(_, code), ..] => Some(code),
    }
}

/// The kelurahan `written` may mean, all of those that fit best.
fn kelurahan_named(written: &[String], near: Option<KecamatanCode>) -> Vec<KelurahanCode> {
    let start = written.iter().position(|it| !is_kelurahan_mark(it)).unwrap_or(written.len());
    // "Cipete Kec. Curug" names the kelurahan before the mark.
    let rest = &written[start..];
    let end = rest.iter().position(|it| is_kecamatan_mark(it)).unwrap_or(rest.len());
    let name = rest[..end].concat();
    if let Some(codes) = NAMES.kelurahan.get(&name) {
        return codes.clone();
    }
    nearest(&name, near)
}

fn nearest(name: &str, near: Option<KecamatanCode>) -> Vec<KelurahanCode> {
    let mut best = tolerance(name.len());
    let mut found: Vec<KelurahanCode> = vec![];
    if best == 0 {
        return found;
    }
    for (spelling, codes) in &NAMES.spellings {
        if best < spelling.len().abs_diff(name.len()) {
            continue;
        }
        let distance = distance(spelling, name, best);
        if distance < best || (distance == best && found.is_empty()) {
            (best, found) = (distance, codes.clone());
        } else if distance == best {
            found
                .extend(codes.iter().filter(|it| !found.contains(it)).copied().collect::<Vec<_>>());
        }
    }
    // Two typing errors are believed only where the row lies anyway.
    if 1 < best && near.is_some() {
        found.retain(|it| Some(it.kecamatan()) == near);
    }
    found.sort();
    found
}

fn kelurahan_in_street(street: &str, near: Option<KecamatanCode>) -> Vec<KelurahanCode> {
    let all = words(street);
    for (index, word) in all.iter().enumerate() {
        if !is_kelurahan_mark(word) {
            continue;
        }
        for fuzzy in [false, true] {
            for length in (1..=2).rev() {
                let Some(name) = all.get(index + 1..index + 1 + length).map(|it| it.concat())
                else {
                    continue;
                };
                match NAMES.kelurahan.get(&name) {
                    Some(codes) => return codes.clone(),
                    None if fuzzy => {
                        let found = nearest(&name, near);
                        if !found.is_empty() {
                            return found;
                        }
                    }
                    None => {}
                }
            }
        }
    }
    // "Kp. Ragas, Cipete, Curug": a bare name of a kecamatan is taken for the kecamatan or the city.
    let names = street.split([',', ';']).skip(1).map(|it| words(it).concat());
    let own_names = names.filter(|name| NAMES.kecamatan.iter().all(|it| it.0 != *name));
    let named: Vec<_> = own_names.filter_map(|it| NAMES.kelurahan.get(&it)).collect();
    named.last().map(|it| (*it).clone()).unwrap_or_default()
}

/// How many typing errors a name of this length may hold.
fn tolerance(length: usize) -> usize {
    match length {
        0..=3 => 0,
        4..=7 => 1,
        _ => 2,
    }
}

/// Edit distance in bytes, a swap of neighbours counting one; gives up above `most` and answers `most + 1`.
fn distance(a: &str, b: &str, most: usize) -> usize {
    const WIDTH: usize = 25;
    let (a, b) = (a.as_bytes(), b.as_bytes());
    if most < a.len().abs_diff(b.len()) || WIDTH <= a.len().max(b.len()) {
        return most + 1;
    }
    let mut rows = [[0_usize; WIDTH]; 3];
    rows[0] = std::array::from_fn(|column| column);
    for i in 1..=a.len() {
        let (now, last, before) = (i % 3, (i + 2) % 3, (i + 1) % 3);
        rows[now][0] = i;
        let mut least = i;
        for j in 1..=b.len() {
            let change = rows[last][j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut cost = change.min(rows[last][j] + 1).min(rows[now][j - 1] + 1);
            if 1 < i && 1 < j && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                cost = cost.min(rows[before][j - 2] + 1);
            }
            rows[now][j] = cost;
            least = least.min(cost);
        }
        if most < least {
            return most + 1;
        }
    }
    rows[a.len() % 3][b.len()].min(most + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SERANG: KecamatanCode = KecamatanCode(367_301);
    const CURUG: KecamatanCode = KecamatanCode(367_304);

    fn check(texts: [&str; 3], default: Option<KecamatanCode>, kelurahan: &str, kecamatan: &str) {
        let [a, b, c] = texts.map(|it| (!it.is_empty()).then_some(it));
        let found = locate(a, b, c, default);
        let written = |it: Option<String>| it.unwrap_or_default();
        assert_eq!(written(found.kelurahan.map(|it| it.to_string())), kelurahan, "{texts:?}");
        assert_eq!(written(found.kecamatan.map(|it| it.to_string())), kecamatan, "{texts:?}");
    }

    #[test]
    fn prefixes_gaps_variants_and_typing_errors_are_read() {
        let sumur_pecung = "36.73.01.1003";
        for text in
            ["Sumur Pecung", "SUMURPECUNG", "Kel. Sumurpecung", "Sumur Pecumg", "sumru pecung"]
        {
            check([text, "", ""], None, sumur_pecung, "36.73.01");
        }
        check(["Masjid Priyayi", "", ""], None, "36.73.02.1002", "36.73.02");
        check(["Desa Penancangan", "Kec. Cipocok", ""], None, "36.73.05.1003", "36.73.05");
        check(["TERUMBJ", "KASEMEN", ""], None, "36.73.02.1003", "36.73.02");
    }

    #[test]
    fn a_kelurahan_inside_the_street_is_read_when_marked() {
        check(["", "", "Jl. Ayip Usman No 3 Kel. Sumurpecung"], None, "36.73.01.1003", "36.73.01");
        check(["", "", "Kp. Ragas, Cipete, Curug"], None, "36.73.04.1004", "36.73.04");
        check(["", "", "Jl. Raya Cilegon Drangong"], None, "", "");
    }

    #[test]
    fn the_two_sukawana_need_a_kecamatan() {
        check(["Sukawana", "Curug", ""], None, "36.73.04.1007", "36.73.04");
        check(["Sukawana", "", ""], Some(SERANG), "36.73.01.1008", "36.73.01");
        check(["Sukawana", "Kec. Curug", ""], Some(SERANG), "36.73.04.1007", "36.73.04");
        let open = locate(Some("Sukawana"), None, None, None);
        assert_eq!((open.kelurahan, open.ambiguous.len(), open.unknown), (None, 2, false));
    }

    #[test]
    fn a_kecamatan_named_like_its_kelurahan_is_not_taken_for_it() {
        check(["", "Curug", ""], None, "", "36.73.04");
        check(["Kec. Curug", "", ""], None, "", "36.73.04");
        check(["Curug", "Curug", ""], None, "36.73.04.1001", "36.73.04");
    }

    #[test]
    fn a_row_may_lie_outside_the_kecamatan_of_its_office() {
        check(["Cipete", "", ""], Some(SERANG), "36.73.04.1004", "36.73.04");
        check(["", "", ""], Some(CURUG), "", "36.73.04");
    }

    #[test]
    fn a_place_the_city_does_not_have_is_unknown() {
        let found = locate(Some("Kramatwatu"), Some("Kramatwatu"), None, None);
        assert!(found.unknown && found.kelurahan.is_none());
        assert!(!locate(Some("-"), None, None, None).unknown);
    }
}
