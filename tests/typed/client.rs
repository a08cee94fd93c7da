//! A client of Tunggal whose types come from its schema: lists the enterprises of a kecamatan, page by page, a
//! line of JSON each.
//!
//! ```sh
//! TUNGGAL_TOKEN=... cargo run -p tests --example typed_client -- http://127.0.0.1:8080/graphql 36.73.01
//! ```

use std::error::Error;
use std::io::Write;

use graphql_client::{GraphQLQuery, Response};
use serde_json::json;

// A field that the schema does not have, or has as another type, does not compile.
#[derive(GraphQLQuery)]
#[graphql(
    schema_path = "../schema.graphql",
    query_path = "typed/in_kecamatan.graphql",
    response_derives = "Debug",
    variables_derives = "Clone"
)]
struct InKecamatan;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(url), Some(kecamatan)) = (arguments.next(), arguments.next()) else {
        return Err("TUNGGAL_TOKEN=... typed_client URL KECAMATAN".into());
    };
    #[expect(clippy::disallowed_methods, reason = "a program apart from the hub")]
    let token = std::env::var("TUNGGAL_TOKEN")?;
    let client = reqwest::Client::builder().no_proxy().build()?;
    let mut out = std::io::stdout().lock();
    let mut after = None;
    loop {
        let variables = in_kecamatan::Variables { kecamatan: kecamatan.clone(), after };
        let request = client.post(&url).bearer_auth(&token);
        let answer = request.json(&InKecamatan::build_query(variables)).send().await?;
        let answer: Response<in_kecamatan::ResponseData> = answer.json().await?;
        // What the hub refuses has a code and a remedy in its extensions.
        if let Some(error) = answer.errors.unwrap_or_default().first() {
            return Err(format!("{error} {:?}", error.extensions).into());
        }
        let page = answer.data.and_then(|it| it.enterprises).ok_or("no data")?;
        for it in page.nodes {
            let line = json!({
                "id": it.id,
                "name": it.name.value.unwrap_or_else(|| format!("({:?})", it.name.access)),
                "kelurahan": it.kelurahan.value.and_then(|it| it.name),
                "workers": it.workers.value,
            });
            writeln!(out, "{line}")?;
        }
        if !page.page_info.has_next_page {
            return Ok(());
        }
        after = page.page_info.end_cursor;
    }
}
