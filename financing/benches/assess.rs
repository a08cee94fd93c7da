//! How fast a register is assessed: `cargo bench -p financing --bench assess [-- ENTERPRISES]`. Makes a million
//! enterprises, or as many as asked for, assesses them by every shipped programme, previews the rules of 2026
//! against those of 2025, and tells one enterprise's whole story ten thousand times. One line of JSON for each:
//! seconds, seconds of processor time over all cores, enterprises per second and core.

use std::error::Error;
use std::io::Write;
use std::time::Instant;

use chrono::NaiveDate;
use domain::id::EnterpriseId;
use financing::assessment::assess;
use financing::catalogue::Catalogue;
use financing::compare::compare;
use financing::fact::{Fact, Holder, Kind};
use financing::facts::{Facts, Known};
use financing::value::{Possible, Values};
use financing::verdict::{Assessor, Status};
use uuid::Uuid;

/// That of the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> Result<(), Box<dyn Error>> {
    // Cargo adds `--bench` to what it is given.
    let asked = std::env::args().skip(1).find(|it| !it.starts_with('-'));
    let count: usize = asked.map_or(Ok(1_000_000), |it| it.replace('_', "").parse())?;
    let catalogue = Catalogue::shipped()?;
    let day = |year| NaiveDate::from_ymd_opt(year, 3, 2).ok_or("no such day");
    let (old, new) = (catalogue.on(day(2025)?), catalogue.on(day(2026)?));
    let mut random = Random(42);
    let enterprises: Vec<(EnterpriseId, Values)> = (0..count)
        .map(|it| (EnterpriseId(Uuid::from_u128(it as u128)), enterprise(&mut random)))
        .collect();
    let values: Vec<Values> = enterprises.iter().map(|it| it.1).collect();

    let assessor = Assessor::new(&new);
    let (verdicts, time) = timed(|| assessor.verdicts(&values));
    let programmes = new.versions.len();
    let of = |status| verdicts.iter().filter(|it| it.status == status).count();
    let [no, open, missing, likely] = Status::ALL.map(of);
    let what = format!(
        "\"assess\":{count},\"programmes\":{programmes},\"not_eligible\":{no},\"cannot_say\":{open},\"missing\":{missing},\"likely_eligible\":{likely}"
    );
    tell(&what, count, &time)?;

    let (comparison, time) = timed(|| compare(&old, &new, &enterprises, 1_000));
    tell(&format!("\"preview\":{count},\"changed\":{}", comparison.changed), count, &time)?;

    let stories = 10_000.min(count);
    let facts: Vec<Facts> = values.iter().take(stories).map(|it| facts(it, new.on)).collect();
    let assessor = Assessor::new(&new);
    let (told, time) =
        timed(|| facts.iter().map(|it| assess(&assessor, it).programmes.len()).sum::<usize>());
    tell(&format!("\"one_by_one\":{stories},\"told\":{told}"), stories, &time)
}

struct Time {
    seconds: f64,
    processor: f64,
}

fn timed<T>(work: impl FnOnce() -> T) -> (T, Time) {
    let (start, before) = (Instant::now(), processor_seconds());
    let done = work();
    let time =
        Time { seconds: start.elapsed().as_secs_f64(), processor: processor_seconds() - before };
    (done, time)
}

fn tell(what: &str, count: usize, time: &Time) -> Result<(), Box<dyn Error>> {
    let each = count as f64 / time.processor.max(0.01);
    writeln!(
        std::io::stdout(),
        "{{{what},\"seconds\":{:.2},\"processor_seconds\":{:.2},\"per_second_and_core\":{each:.0}}}",
        time.seconds,
        time.processor
    )?;
    Ok(())
}

/// Time spent by all threads, on Linux, where a tick is a hundredth of a second.
fn processor_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after = stat.rsplit(')').next().unwrap_or_default();
    let ticks = after.split_whitespace().skip(11).take(2);
    ticks.filter_map(|it| it.parse::<f64>().ok()).sum::<f64>() / 100.0
}

struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> i64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) % bound) as i64
    }
}

/// Values as a register has them: half of the numbers missing, some destroyed, some in conflict.
fn enterprise(random: &mut Random) -> Values {
    let mut values = Values::UNKNOWN.with(Fact::AsOfYear, Possible::only(2026));
    for &fact in Fact::ALL.iter().filter(|it| it.holder() == Holder::Register) {
        let known = random.below(100);
        let possible = match (fact, fact.kind()) {
            (Fact::ReportedClosed, _) => Possible::only(i64::from(known < 3)),
            (_, Kind::Flag) if known < 5 => Possible::ANY,
            (_, Kind::Flag) => Possible::only(i64::from(known < 45)),
            _ if known < 25 => Possible::ANY,
            (Fact::Age, _) => Possible::only(17 + random.below(60)),
            (Fact::MonthsInBusiness, _) if known < 35 => Possible::at_least(random.below(24)),
            (Fact::MonthsInBusiness, _) => Possible::only(random.below(240)),
            (_, Kind::Choice(choices)) => Possible::only(random.below(choices.len() as u64)),
            (_, Kind::Code(_)) => Possible::only(1_000 + random.below(95_000)),
            (_, Kind::Number) => {
                let amount = 1_000_000 << random.below(14);
                if known < 32 {
                    Possible::between(amount, amount * 2)
                } else {
                    Possible::only(amount)
                }
            }
        };
        values.set(fact, possible);
    }
    values
}

fn facts(values: &Values, on: NaiveDate) -> Facts {
    let mut facts = Facts::unknown(on);
    for &fact in Fact::ALL {
        facts.set(fact, Known { possible: values.get(fact), gap: None, evidence: [].into() });
    }
    facts
}
