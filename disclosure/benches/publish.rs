//! How fast a city is published: `cargo bench -p disclosure --bench publish [-- ENTERPRISES]`. Counts a million
//! enterprises, or as many as asked for, by place (6 kecamatan with 67 kelurahan), sector (20), size (4) and sex
//! of the owner (3), crosses up to three of them, and decides the release and one that follows it. Prints
//! one line of JSON for each with the seconds, and what share of the cells and of the enterprises of each kind of
//! table is shown.

use std::error::Error;
use std::io::Write;
use std::sync::Arc;
use std::time::Instant;

use disclosure::{Category, Cube, Dimension, Figure, Release, Rules, Tally};

/// That of the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> Result<(), Box<dyn Error>> {
    // Cargo adds `--bench` to what it is given.
    let asked = std::env::args().skip(1).find(|it| !it.starts_with('-'));
    let count: usize = asked.map_or(Ok(1_000_000), |it| it.replace('_', "").parse())?;
    let mut out = std::io::stdout().lock();
    let kelurahan = [12, 10, 12, 6, 17, 10];
    let places = kelurahan.iter().enumerate().map(|(it, within)| {
        (format!("kecamatan {it}"), Some((0..*within).map(|it| format!("kelurahan {it}"))))
    });
    let numbered = |count: usize| (1..=count).map(|it| it.to_string());
    let cube = Arc::new(Cube::up_to(
        vec![
            Dimension::nested("place", places)?,
            Dimension::flat("sector", numbered(20))?,
            Dimension::flat("size", numbered(4))?,
            Dimension::flat("sex", numbered(2))?,
        ],
        3,
    )?);

    let mut random = Random(42);
    let leaves: Vec<Vec<Category>> = cube
        .dimensions()
        .iter()
        .map(|it| it.categories().filter(|one| it.is_leaf(*one)).collect())
        .collect();
    // Most are few: a sector or size is rarer than the one before it, and some of everything is unknown.
    let enterprises: Vec<[Category; 4]> = (0..count)
        .map(|_| {
            let place = leaves[0][random.below(leaves[0].len())];
            let sector = leaves[1][(0..20).find(|_| random.below(4) == 0).unwrap_or(20)];
            let size = leaves[2][(0..4).find(|_| random.below(8) != 0).unwrap_or(4)];
            [place, sector, size, leaves[3][random.below(21) / 10]]
        })
        .collect();

    let (tally, seconds) = timed(|| tally(&cube, &enterprises));
    let tally = tally?;
    writeln!(out, r#"{{"step":"count","enterprises":{count},"seconds":{seconds:.3}}}"#)?;
    let (release, seconds) = timed(|| Release::first(&tally, Rules::default()));
    writeln!(out, r#"{{"step":"publish","seconds":{seconds:.3}}}"#)?;
    // A month later one in a hundred has moved.
    let mut later = enterprises;
    for _ in 0..count / 100 {
        let (one, other) = (random.below(count), random.below(count));
        later[one] = later[other];
    }
    let after = self::tally(&cube, &later)?;
    let (following, seconds) = timed(|| Release::following(&release.hidden(), &after, Rules::default()));
    writeln!(out, r#"{{"step":"follow","seconds":{seconds:.3}}}"#)?;

    for (when, release, tally) in [("first", &release, &tally), ("following", &following, &after)] {
        for dimensions in cube.tables() {
            let exact = Release::first(tally, Rules::below(0));
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
            let share = |part: u64, whole: u64| 100.0 * part as f64 / whole.max(1) as f64;
            writeln!(
                out,
                r#"{{"release":"{when}","table":"{}","cells":{all},"cells_shown_percent":{:.1},"enterprises_shown_percent":{:.1}}}"#,
                names.join(" x "),
                share(shown, all),
                share(told, counted),
            )?;
        }
    }
    Ok(())
}

fn tally(cube: &Arc<Cube>, enterprises: &[[Category; 4]]) -> Result<Tally, disclosure::Invalid> {
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
