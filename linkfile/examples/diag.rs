#![allow(missing_docs)]
use std::collections::HashMap;
use domain::id::RecordId;
use linkage::features::{Features, Texts};
use linkage::link::link;
use linkage::model::Model;
use linkage::score::explain;
use linkage::settings::Settings;
struct Row { id: RecordId, cells: HashMap<String, String>, line: String }
impl Texts for Row { fn id(&self) -> RecordId { self.id } fn text(&self, c: &str) -> Option<&str> { self.cells.get(c).map(String::as_str) } }
#[allow(clippy::print_stdout, clippy::unwrap_used)]
fn main() {
    let a: Vec<String> = std::env::args().collect();
    let settings = Settings::shipped("umkm").unwrap();
    let mut rows = vec![]; let mut key = HashMap::new();
    let mut r = csv::Reader::from_path(format!("{}/records.csv", a[1])).unwrap();
    let h = r.headers().unwrap().clone();
    for l in r.records() { let l = l.unwrap(); let id = RecordId(uuid::Uuid::new_v5(&uuid::Uuid::NAMESPACE_OID, l[0].as_bytes()));
        key.insert(l[0].to_owned(), rows.len());
        rows.push(Row { id, cells: h.iter().zip(l.iter()).map(|(a, b)| (a.to_owned(), b.to_owned())).collect(), line: l.iter().collect::<Vec<_>>().join("|") }); }
    let mut truth = vec![(String::new(), String::new()); rows.len()];
    for l in csv::Reader::from_path(format!("{}/truth.csv", a[1])).unwrap().records() { let l = l.unwrap(); truth[key[&l[0]]] = (l[1].to_owned(), l.get(2).unwrap_or("").to_owned()); }
    let f = Features::read(&settings, &rows);
    let m = Model::train(&f, &settings);
    println!("ctx {:?}", m.other_business); println!("itself {}", m.affinity.itself); println!("priors {:?} link {:.2} exp {:.3} gaz {} affinity {}", m.priors.iter().map(|p| (p * 10.0).round() / 10.0).collect::<Vec<_>>(), m.link_bits, m.expected_precision, m.gazetteer, m.affinity.labels.len());
    for fp in &m.fields { println!("{}", fp.field); for l in fp.levels.iter().skip(1) { println!("   {:20} u {:.4} m {:?}", l.level, l.unrelated, l.related.iter().map(|x| (x * 1000.0).round() / 1000.0).collect::<Vec<_>>()); } }
    let linkage = link(&f, &m, &[], &|_, _| {});
    let mut at: HashMap<RecordId, usize> = HashMap::new();
    let pos: HashMap<RecordId, usize> = rows.iter().enumerate().map(|(i, r)| (r.id, i)).collect();
    for (n, c) in linkage.enterprises.iter().enumerate() { for r in c { at.insert(*r, n); } }
    let mut by: HashMap<&str, Vec<usize>> = HashMap::new();
    for (i, t) in truth.iter().enumerate() { by.entry(&t.0).or_default().push(i); }
    let mut missed = vec![]; for g in by.values() { for (i, x) in g.iter().enumerate() { for y in &g[i + 1..] { if at[&rows[*x].id] != at[&rows[*y].id] { missed.push((*x, *y)); } } } }
    let mut falses = vec![]; for c in &linkage.enterprises { for (i, x) in c.iter().enumerate() { for y in &c[i + 1..] { let (x, y) = (pos[x], pos[y]); if truth[x].0 != truth[y].0 { falses.push((x, y)); } } } }
    let mut d: std::collections::HashSet<RecordId> = Default::default();
    for p in &linkage.pairs { if p.person_bits >= 3.0 && p.weight_bits <= -4.0 { d.insert(p.a); d.insert(p.b); } }
    let mut table: std::collections::BTreeMap<(i32, bool, bool), usize> = Default::default();
    for p in &linkage.pairs { if p.person_bits >= 3.0 && p.weight_bits > -4.0 { let known = d.contains(&p.a) || d.contains(&p.b); let same = truth[pos[&p.a]].0 == truth[pos[&p.b]].0; *table.entry(((p.weight_bits.min(6.0) / 1.0).floor() as i32, known, same)).or_default() += 1; } }
    for w in -4..7 { let g = |k, s| table.get(&(w, k, s)).copied().unwrap_or(0); println!("W {w}: no rival: same {} other {} ({:.2}) | rival: same {} other {} ({:.2})", g(false, true), g(false, false), g(false, true) as f64 / (g(false, true) + g(false, false)).max(1) as f64, g(true, true), g(true, false), g(true, true) as f64 / (g(true, true) + g(true, false)).max(1) as f64); }
    let n: usize = a[2].parse().unwrap();
    for (what, mut list) in [("MISSED", missed), ("FALSE", falses)] {
        list.sort_by_key(|(x, y)| (rows[*x].id.0.as_u128() ^ rows[*y].id.0.as_u128()).wrapping_mul(0x9e3779b97f4a7c15));
        let mut sum: HashMap<String, usize> = HashMap::new();
        for (x, y) in list.iter().take(3000) { let e = explain(&rows[*x], &rows[*y], &m); for f in &e.fields { if f.level != "missing" { *sum.entry(format!("{}:{}", f.field, f.level)).or_default() += 1; } } *sum.entry(format!("W{:+03}", (e.weight_bits / 2.0).floor() * 2.0)).or_default() += 1; if truth[*x].1 == truth[*y].1 { *sum.entry("same owner".into()).or_default() += 1; } }
        let mut s: Vec<_> = sum.into_iter().collect(); s.sort();
        println!("{what} {}: {:?}", list.len(), s);
        for (x, y) in list.iter().take(n) { let e = explain(&rows[*x], &rows[*y], &m);
            println!("{what} {:.1} prior {:.1} corr {:.1}\n  {}\n  {}\n  {}", e.weight_bits, e.prior_bits, e.correction_bits, rows[*x].line, rows[*y].line, e.fields.iter().filter(|f| f.level != "missing").map(|f| format!("{}:{}:{:.1}", f.field, f.level, f.level_bits + f.rarity_bits)).collect::<Vec<_>>().join(" ")); }
    }
}
