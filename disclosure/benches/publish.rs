//! How fast a city is published: `cargo bench -p disclosure --bench publish [-- ENTERPRISES]`. Counts a million
//! enterprises, or as many as asked for, and decides a release and one that follows it, by two cubes: as the hub
//! tells them (6 kecamatan, 20 sections, 4 sizes, an NIB, the owner's sex, six programmes of 11 standings each, by
//! tables of two, and of four with a programme), and crossed by any three of place (6 kecamatan with 67 kelurahan),
//! sector, size and sex. Prints one line of JSON for each step with the seconds, and what share of the cells and of
//! the enterprises of each kind of table is shown.

use std::error::Error;
use std::io::{StdoutLock, Write};
use std::sync::Arc;
use std::time::Instant;

use disclosure::{Category, Cube, Dimension, Figure, Invalid, Release, Rules, Tally};

/// That of the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> Result<(), Box<dyn Error>> {
    // Cargo adds `--bench` to what it is given.
    let asked = std::env::args().skip(1).find(|it| !it.starts_with('-'));
    let count: usize = asked.map_or(Ok(1_000_000), |it| it.replace('_', "").parse())?;
    let mut out = std::io::stdout().lock();
    publish(&mut out, "told", &Arc::new(told()?), count)?;
    publish(&mut out, "three", &Arc::new(three()?), count)
}

fn numbered(count: usize) -> impl Iterator<Item = String> {
    (1..=count).map(|it| it.to_string())
}

fn told() -> Result<Cube, Invalid> {
    let shared = vec![
        Dimension::flat("kecamatan", numbered(6))?,
        Dimension::flat("sector", numbered(20))?,
        Dimension::flat("size", numbered(4))?,
        Dimension::flat("nib", numbered(1))?,
        Dimension::flat("sex", numbered(2))?,
    ];
    let facet = |it: usize| {
        let groups = [("likely", None), ("missing", Some(7)), ("unclear", None), ("not", None)];
        Dimension::nested(&format!("programme {it}"), groups.map(|it| (it.0, it.1.map(numbered))))
    };
    let facets: Vec<Dimension> = (0..6).map(facet).collect::<Result<_, _>>()?;
    let mut tables = vec![vec![0, 2, 4]];
    for one in 0..5 {
        tables.extend((one + 1..5).map(|other| vec![one, other]));
    }
    for it in 5..11 {
        tables.extend([vec![0, 2, 4, it], vec![1, it], vec![3, it]]);
    }
    Cube::star(shared, facets, &tables.iter().map(Vec::as_slice).collect::<Vec<_>>())
}

fn three() -> Result<Cube, Invalid> {
    let kelurahan = [12, 10, 12, 6, 17, 10];
    let places = kelurahan.iter().enumerate().map(|(it, within)| {
        (format!("kecamatan {it}"), Some((0..*within).map(|it| format!("kelurahan {it}"))))
    });
    let dimensions = vec![
        Dimension::nested("place", places)?,
        Dimension::flat("sector", numbered(20))?,
        Dimension::flat("size", numbered(4))?,
        Dimension::flat("sex", numbered(2))?,
    ];
    Cube::up_to(dimensions, 3)
}

fn publish(
    out: &mut StdoutLock<'_>,
    name: &str,
    cube: &Arc<Cube>,
    count: usize,
) -> Result<(), Box<dyn Error>> {
    let mut random = Random(42);
    let leaves: Vec<Vec<Category>> = cube
        .dimensions()
        .iter()
        .map(|it| it.categories().filter(|one| it.is_leaf(*one)).collect())
        .collect();
    // Most are few: a sector or size is rarer than the one before it, and some of everything is unknown.
    let enterprises: Vec<Vec<Category>> = (0..count)
        .map(|_| {
            let leaf = |it: (usize, &Vec<Category>)| {
                let (dimension, leaves) = it;
                let rarer = match cube.dimension(dimension).name() {
                    "sector" => 2,
                    "size" => 7,
                    "sex" => return leaves[random.below(21) / 10],
                    it if it.starts_with("programme") => 3,
                    _ => return leaves[random.below(leaves.len())],
                };
                let last = leaves.len() - 1;
                leaves[(0..last).find(|_| random.below(8) < rarer).unwrap_or(last)]
            };
            let mut spot: Vec<Category> = leaves.iter().enumerate().map(leaf).collect();
            // The larger ones stand nowhere.
            let micro = spot[2] == leaves[2][0];
            let facets = spot.iter_mut().zip(&leaves).skip(5);
            facets.filter(|_| !micro).for_each(|(it, leaves)| *it = leaves[leaves.len() - 2]);
            spot
        })
        .collect();

    let (tally, seconds) = timed(|| tally(cube, &enterprises));
    let tally = tally?;
    writeln!(
        out,
        r#"{{"cube":"{name}","step":"count","enterprises":{count},"seconds":{seconds:.3}}}"#
    )?;
    let (release, seconds) = timed(|| Release::first(&tally, Rules::default()));
    writeln!(out, r#"{{"cube":"{name}","step":"publish","seconds":{seconds:.3}}}"#)?;
    // A month later one in a hundred has moved.
    let mut later = enterprises;
    for _ in 0..count / 100 {
        let (one, other) = (random.below(count), random.below(count));
        later[one] = later[other].clone();
    }
    let after = self::tally(cube, &later)?;
    let hidden = release.hidden();
    let (following, seconds) = timed(|| Release::following(&hidden, &after, Rules::default()));
    writeln!(out, r#"{{"cube":"{name}","step":"follow","seconds":{seconds:.3}}}"#)?;

    for (when, release, tally) in [("first", &release, &tally), ("following", &following, &after)] {
        let exact = Release::first(tally, Rules::below(0));
        for dimensions in cube.tables() {
            let (mut shown, mut all, mut counted, mut told) = (0, 0, 0, 0);
            for (row, exact) in release.table(dimensions)?.zip(exact.table(dimensions)?) {
                let Figure::Shown(count) = exact.figure else { continue };
                if 0 < count {
                    all += 1;
                    counted += count;
                }
                if row.figure == exact.figure && 0 < count {
                    shown += 1;
                    told += count;
                }
            }
            let names: Vec<&str> = dimensions.iter().map(|it| cube.dimension(*it).name()).collect();
            // One programme stands for all.
            if names.iter().any(|it| it.starts_with("programme") && *it != "programme 0") {
                continue;
            }
            let share = |part: u64, whole: u64| 100.0 * part as f64 / whole.max(1) as f64;
            writeln!(
                out,
                r#"{{"cube":"{name}","release":"{when}","table":"{}","cells":{all},"cells_shown_percent":{:.1},"enterprises_shown_percent":{:.1}}}"#,
                names.join(" x "),
                share(shown, all),
                share(told, counted),
            )?;
        }
    }
    Ok(())
}

fn tally(cube: &Arc<Cube>, enterprises: &[Vec<Category>]) -> Result<Tally, Invalid> {
    let mut tally = Tally::new(cube);
    for it in enterprises {
        tally.add_at(it, 1)?;
    }
    Ok(tally)
}

fn timed<R>(work: impl FnOnce() -> R) -> (R, f64) {
    let start = Instant::now();
    let result = work();
    (result, start.elapsed().as_secs_f64())
}

/// SplitMix64: the same city on every machine.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ mixed >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ mixed >> 31) % limit.max(1) as u64).unwrap_or(0)
    }
}
