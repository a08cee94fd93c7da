//! How long one more row takes against a register that is linked, from the row to a durable answer, and how
//! many rows a second a list of them brings: `cargo bench -p tests --bench one_more_row -- CITY [DATABASE]`.
//!
//! CITY is a directory made by `make_city`; all its rows but the last are taken and linked first. DATABASE is
//! the URL of an empty PostgreSQL database; without it the register is an SQLite file beside the city, kept for
//! the next time. Prints one line of JSON for each figure; times are milliseconds.

mod city;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Instant;

use tunggal::app::App;
use tunggal::config::Config;
use tunggal::service::link::{link, link_everything};

use crate::city::{Failure, rows, take};

/// That of the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Rows that come one by one.
const SINGLE: usize = 1_000;
/// Rows that come as lists, so many at once.
const LISTS: [usize; 2] = [500, 5_000];
fn main() -> Result<(), Failure> {
    let mut arguments = std::env::args().skip(1).filter(|it| it != "--bench");
    let city = PathBuf::from(arguments.next().ok_or("which city? See the head of this file")?);
    let database = arguments.next();
    tokio::runtime::Runtime::new()?.block_on(measure(&city, database))
}

async fn measure(city: &Path, database: Option<String>) -> Result<(), Failure> {
    let rows = rows(city)?;
    let held_back = SINGLE + LISTS.iter().sum::<usize>();
    let (first, last) = rows.split_at(rows.len().checked_sub(held_back).ok_or("too small a city")?);
    let defaults = Config::load(None, &|_| None).map_err(|it| it.join("; "))?;
    let data_dir = city.join("register");
    let app = App::start(Config { data_dir, database_url: database, ..defaults }).await?;
    if app.store.is_empty().await? {
        let started = Instant::now();
        take(&app, first).await?;
        let taken = started.elapsed();
        link(&app).await?;
        let all = started.elapsed();
        say(&format!(
            "\"taken_s\":{:.1},\"linked_s\":{:.1}",
            taken.as_secs_f64(),
            (all - taken).as_secs_f64()
        ))?;
    }
    let (single, mut lists) = last.split_at(SINGLE);
    let mut times = vec![];
    let mut linking = vec![];
    for row in single {
        let started = Instant::now();
        take(&app, std::slice::from_ref(row)).await?;
        let taken = started.elapsed();
        link(&app).await?;
        times.push(started.elapsed().as_secs_f64() * 1e3);
        linking.push((started.elapsed() - taken).as_secs_f64() * 1e3);
    }
    say(&format!("\"rows\":1,\"times\":{SINGLE},{}", quantiles("whole", &mut times)))?;
    say(&format!("\"rows\":1,\"times\":{SINGLE},{}", quantiles("linking", &mut linking)))?;
    for count in LISTS {
        let (list, rest) = lists.split_at(count);
        lists = rest;
        let started = Instant::now();
        take(&app, list).await?;
        let taken = started.elapsed().as_secs_f64();
        link(&app).await?;
        let all = started.elapsed().as_secs_f64();
        let (rate, linking) = (count as f64 / all, (all - taken) * 1e3);
        say(&format!("\"rows\":{count},\"linking\":{linking:.0},\"rows_per_second\":{rate:.0}"))?;
    }
    if tunggal::command::environment("CHECK").is_some() {
        let found = link_everything(&app).await?;
        say(&format!("\"changed_by_linking_everything\":{}", found.changed))?;
    }
    Ok(())
}

fn quantiles(what: &str, times: &mut [f64]) -> String {
    times.sort_by(f64::total_cmp);
    let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize];
    let (p50, p99, most) = (at(0.5), at(0.99), at(1.0));
    format!("\"{what}_p50\":{p50:.2},\"{what}_p99\":{p99:.2},\"{what}_most\":{most:.2}")
}

fn say(figures: &str) -> Result<(), Failure> {
    Ok(writeln!(std::io::stdout(), "{{{figures}}}")?)
}
