//! A bank's nightly job, as small as it can be: it keeps a copy of the financing view of its institution in a file
//! and brings it up to date. docs/banking.md says what each step is for.
//!
//! ```sh
//! TUNGGAL_URL=http://127.0.0.1:8080 TUNGGAL_CLIENT=bjb-malam TUNGGAL_SECRET=tgs_... \
//!   cargo run -p api --example nightly -- kur_micro copy.json
//! ```

#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a program of somebody else, that takes nothing from this one"
)]

use std::error::Error;
use std::path::Path;

use serde_json::{Map, Value, json};

const CHANGES: &str = "query($programme: String!, $since: String) {
    financingChanges(programme: $programme, since: $since, first: 200) {
        cursor hasNextPage asOf fingerprint
        changes { kind enterpriseId otherId matters at
            row { since enterprise { id name { value } phone { value access } }
                readiness { status ceiling nextCeiling steps { paper { id } } } } } } }";

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(programme), Some(file)) = (arguments.next(), arguments.next()) else {
        return Err("which programme, and the file of the copy?".into());
    };
    let file = Path::new(&file);
    let (url, client) = (setting("TUNGGAL_URL")?, reqwest::Client::new());
    let token = token(&client, &url).await?;
    let mut copy: Value = match std::fs::read(file) {
        Ok(bytes) => serde_json::from_slice(&bytes)?,
        Err(_) => json!({ "cursor": null, "rows": {} }),
    };
    loop {
        let variables = json!({ "programme": programme, "since": copy["cursor"] });
        let body = json!({ "query": CHANGES, "variables": variables });
        let request = client.post(format!("{url}/graphql")).bearer_auth(&token).json(&body);
        let answer: Value = request.send().await?.json().await?;
        let page = &answer["data"]["financingChanges"];
        if page.is_null() {
            // Nothing moved: the cursor that is kept stays good, unless the code says otherwise.
            return Err(answer["errors"][0]["extensions"]["code"].to_string().into());
        }
        apply(&mut copy, page)?;
        keep(file, &copy)?;
        if page["hasNextPage"] != true {
            break;
        }
    }
    println!("{} enterprises", copy["rows"].as_object().map_or(0, Map::len));
    Ok(())
}

fn setting(name: &str) -> Result<String, Box<dyn Error>> {
    std::env::var(name).map_err(|_| format!("{name} is not set").into())
}

async fn token(client: &reqwest::Client, url: &str) -> Result<String, Box<dyn Error>> {
    let request = client
        .post(format!("{url}/oauth/token"))
        .basic_auth(setting("TUNGGAL_CLIENT")?, Some(setting("TUNGGAL_SECRET")?))
        .form(&[("grant_type", "client_credentials")]);
    let answer: Value = request.send().await?.json().await?;
    let token = answer["access_token"].as_str().map(str::to_owned);
    token.ok_or_else(|| answer["error"].to_string().into())
}

/// A row takes the place of the one that is held; what came without one goes.
fn apply(copy: &mut Value, page: &Value) -> Result<(), Box<dyn Error>> {
    let rows = copy["rows"].as_object_mut().ok_or("the copy has no rows")?;
    for change in page["changes"].as_array().ok_or("a page without changes")? {
        let id = change["enterpriseId"].as_str().ok_or("a change of nothing")?;
        match &change["row"] {
            Value::Null => drop(rows.remove(id)),
            row => drop(rows.insert(id.to_owned(), row.clone())),
        }
    }
    copy["cursor"] = page["cursor"].clone();
    Ok(())
}

/// Rows and cursor are kept together, or neither is.
fn keep(file: &Path, copy: &Value) -> Result<(), Box<dyn Error>> {
    let beside = file.with_extension("new");
    std::fs::write(&beside, serde_json::to_vec(copy)?)?;
    Ok(std::fs::rename(beside, file)?)
}
