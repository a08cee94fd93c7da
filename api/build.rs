//! Builds the GraphiQL page into `$OUT_DIR/graphiql`, from where it is embedded in the binary.
//!
//! The page needs Node and npm. Without them, or without the packages, the build still succeeds
//! and the page says what to install. The work is done on a copy below the target directory of
//! the profile: the source tree stays clean, and a debug and a release build do not meet.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{fs, io};

/// What the page is made of, below `graphiql/`.
const SOURCES: &[&str] =
    &["package.json", "package-lock.json", ".npmrc", "vite.config.js", "index.html", "src"];

/// What decides which packages are installed.
const LOCK_FILES: &[&str] = &["package.json", "package-lock.json", ".npmrc"];

/// Offline, npm is to give up soon.
const INSTALL: &[&str] = &[
    "ci",
    "--ignore-scripts",
    "--prefer-offline",
    "--fetch-retries=1",
    "--fetch-retry-mintimeout=1000",
];

fn main() -> io::Result<()> {
    // Asked when it runs: a target directory that several checkouts share may keep the script of another.
    #[expect(clippy::disallowed_methods, reason = "cargo tells a build script its directories so")]
    let told = |name| PathBuf::from(std::env::var_os(name).expect("cargo sets it"));
    let out = told("OUT_DIR");
    let source = told("CARGO_MANIFEST_DIR").join("graphiql");
    let page = out.join("graphiql");

    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed=graphiql/examples");
    for name in SOURCES {
        println!("cargo:rerun-if-changed=graphiql/{name}");
    }

    // Cargo keeps a directory for clippy and another for the build; the work is done once for both.
    let work = out.ancestors().nth(2).unwrap_or(&out).join("graphiql-work");
    if let Err(reason) = build(&source, &work, &page) {
        println!("cargo:warning=GraphiQL is not in this build: {reason}");
        replace_directory(&page)?;
        fs::write(page.join("index.html"), apology(&reason))?;
    }
    fs::write(page.join("examples.json"), examples(&source.join("examples"))?)
}

/// Copies the sources, installs the packages where the lock changed, runs vite where anything did.
fn build(source: &Path, work: &Path, page: &Path) -> Result<(), String> {
    let text = |error: io::Error| format!("the page's files could not be copied: {error}");
    fs::create_dir_all(work).map_err(text)?;
    let lock = fs::File::create(work.join("lock")).map_err(text)?;
    lock.lock().map_err(text)?;

    let built = stamp(source, SOURCES).map_err(text)?;
    if !holds(&work.join("built"), &built) {
        replace_directory(&work.join("src")).map_err(text)?;
        for name in SOURCES {
            copy(&source.join(name), &work.join(name)).map_err(text)?;
        }
        let installed = stamp(source, LOCK_FILES).map_err(text)?;
        let modules = work.join("node_modules");
        if !holds(&modules.join("installed"), &installed) {
            run(work, "npm", INSTALL)?;
            fs::write(modules.join("installed"), &installed).map_err(text)?;
        }
        run(work, "node", &["node_modules/vite/bin/vite.js", "build"])?;
        fs::write(work.join("built"), built).map_err(text)?;
    }
    replace_directory(page).map_err(text)?;
    copy(&work.join("dist"), page).map_err(text)
}

fn run(directory: &Path, program: &str, arguments: &[&str]) -> Result<(), String> {
    let output = Command::new(program).args(arguments).current_dir(directory).output();
    let output = output.map_err(|error| format!("{program} does not start: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let said: Vec<&str> = said.lines().filter(|it| it.contains("rror")).take(3).collect();
    Err(format!("{program} {} failed: {}", arguments[0], said.join("; ")))
}

/// A digest of the named files and directories, to see whether they changed.
fn stamp(directory: &Path, names: &[&str]) -> io::Result<String> {
    let mut hasher = DefaultHasher::new();
    for name in names {
        for file in files(&directory.join(name))? {
            (file.strip_prefix(directory).ok(), fs::read(&file)?).hash(&mut hasher);
        }
    }
    Ok(format!("{:016x}", hasher.finish()))
}

fn holds(path: &Path, expected: &str) -> bool {
    fs::read_to_string(path).is_ok_and(|it| it == expected)
}

/// The files at or below `path`, in order of name.
fn files(path: &Path) -> io::Result<Vec<PathBuf>> {
    if !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let mut entries: Vec<PathBuf> =
        fs::read_dir(path)?.map(|it| it.map(|it| it.path())).collect::<io::Result<_>>()?;
    entries.sort();
    let below: Vec<Vec<PathBuf>> = entries.iter().map(|it| files(it)).collect::<io::Result<_>>()?;
    Ok(below.concat())
}

fn copy(from: &Path, to: &Path) -> io::Result<()> {
    for file in files(from)? {
        let below = file.strip_prefix(from).unwrap_or(&file);
        let target = if below.as_os_str().is_empty() { to.to_owned() } else { to.join(below) };
        fs::create_dir_all(target.parent().unwrap_or(to))?;
        fs::copy(&file, target)?;
    }
    Ok(())
}

fn replace_directory(path: &Path) -> io::Result<()> {
    if path.exists() {
        fs::remove_dir_all(path)?;
    }
    fs::create_dir_all(path)
}

/// The example queries as the list the page reads. A file opens with comments that name its role
/// and title, and the variables where it has any; the rest is the query.
fn examples(directory: &Path) -> io::Result<String> {
    let mut entries = Vec::new();
    for file in files(directory)? {
        let text = fs::read_to_string(&file)?;
        let header = |name: &str| {
            let line = text.lines().find_map(|it| it.strip_prefix(&format!("# {name}: ")));
            json(line.unwrap_or_default())
        };
        let query: Vec<&str> = text.lines().skip_while(|it| it.starts_with('#')).collect();
        let query = json(&format!("{}\n", query.join("\n").trim()));
        let (role, title, variables) = (header("role"), header("title"), header("variables"));
        entries.push(format!(
            r#"{{"role":{role},"title":{title},"query":{query},"variables":{variables}}}"#
        ));
    }
    Ok(format!("[{}]\n", entries.join(",\n")))
}

/// `text` as a JSON string.
fn json(text: &str) -> String {
    let escape = |it: char| match it {
        '"' => "\\\"".to_owned(),
        '\\' => "\\\\".to_owned(),
        '\n' => "\\n".to_owned(),
        it if it.is_control() => format!("\\u{:04x}", it as u32),
        it => it.to_string(),
    };
    format!("\"{}\"", text.chars().map(escape).collect::<String>())
}

/// The page served when the real one could not be built.
fn apology(reason: &str) -> String {
    let reason = reason.replace('&', "&amp;").replace('<', "&lt;");
    format!(
        r#"<!doctype html>
<html lang="id">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Tunggal · GraphiQL</title>
<link rel="icon" href="data:,">
<body style="font-family: system-ui, sans-serif; max-width: 40em; margin: 3em auto; padding: 0 1em; line-height: 1.5">
<h1>GraphiQL belum terpasang</h1>
<p>Halaman ini dibuat bersama program, tetapi saat itu Node dan npm atau paketnya tidak tersedia.
Pasang Node 20 (atau 18) beserta npm, hubungkan ke internet, lalu buat ulang programnya:</p>
<pre>touch api/build.rs &amp;&amp; cargo build --release</pre>
<p>API GraphQL di <code>/graphql</code> tetap berjalan tanpa halaman ini.</p>
<div lang="en">
<h1>GraphiQL is not in this build</h1>
<p>This page is built with the program, and Node and npm or its packages were not available then.
Install Node 20 (or 18) with npm, connect to the internet, and build again with the command above.
The GraphQL API at <code>/graphql</code> works without this page.</p>
</div>
<p><small>{reason}</small></p>
</body>
</html>
"#
    )
}
