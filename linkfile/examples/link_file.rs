//! Links files without the rest of Tunggal, to measure the engine alone: `cargo run --release -p linkfile --example
//! link_file -- SETTINGS A.csv [TRUTH.csv] [B.csv] [OUT.csv]`; an empty argument stands for none.

use std::io::Write;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().collect();
    let settings = match linkage::settings::Settings::shipped(&arguments[1]) {
        Ok(it) => it,
        Err(_) => linkage::settings::Settings::parse(&std::fs::read_to_string(&arguments[1])?)?,
    };
    let path = |it: usize| arguments.get(it).filter(|it| !it.is_empty()).map(Into::into);
    let job = linkfile::Job {
        settings,
        a: arguments[2].clone().into(),
        truth: path(3),
        b: path(4),
        out: path(5),
        id_column: "record_id".into(),
    };
    let report = linkfile::run(&job)?;
    writeln!(std::io::stdout(), "{}", serde_json::to_string(&report)?)?;
    Ok(())
}
