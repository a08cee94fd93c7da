#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;
use std::io::Write;
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
