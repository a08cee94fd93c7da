//! The public contract: the schema file, descriptions, and who sees what.

use std::path::{Path, PathBuf};

use domain::viewer::Role;
use serde_json::Value;
use tunggal::graphql::schema;

use crate::hub::{Kind, TestHub};

pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// Compares a file that is made from code with what the code makes. With `TUNGGAL_UPDATE` set it is
/// written instead.
fn check(path: &str, made: &str, how: &str) {
    let path = root().join(path);
    if tunggal::command::environment("TUNGGAL_UPDATE").is_some() {
        std::fs::write(&path, made).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(kept == made, "{} is stale: {how}", path.display());
}

#[test]
fn the_schema_file_is_current() {
    check("schema.graphql", &schema::sdl(), "run `tunggal schema > schema.graphql`");
}

#[test]
fn the_visibility_matrix_is_current() {
    let text = format!(
        "# Who sees what\n\n\
         Made from `domain::visibility`, `domain::permission`, `domain::purpose` and \
         `api::graphql::declared`; a test keeps it current \
         (`TUNGGAL_UPDATE=1 cargo test -p tests contract`).\n\n\
         ## Attributes of an enterprise\n\n\
         How much of a value a role sees for its usual purpose; for agencies' roles what their own \
         agency wrote, and for an owner what rows about herself write, beside what others wrote; behind a colon \
         why no more. A lender sees it where the \
         person agreed. Which enterprises a role finds at all is its scope: everything for \
         stewards, administrators and auditors; those with a record of the agency for its viewers and \
         operators; those with a live consent for its institution and the purpose it states for a lender; her own for \
         an owner; everything for a developer while the register \
         is synthetic, otherwise nothing, and then she may read published figures alone; nothing for the public and the \
         central bank. What is restricted is there for those whom the last table below names, and for its owner \
         ([rights.md](rights.md)).

{}
\
         ## Actions\n\n\
         What a role may ask for at all. A scope holds a token to less than its role: the actions \
         whose scopes it names.\n\n{}\n\
         ## Purposes\n\n\
         What a role may state in the header `Tunggal-Purpose`, or in the field `purpose` of a socket's \
         `connection_init`; what it has unless it states one.\n\n{}\n\
         ## Fields\n\n\
         What each field of the API takes. The published schema says it too, as `@authenticated` and \
         `@requiresScopes`. `tests/matrix` walks every field in every role by several paths and compares \
         what comes back with this table; a field that is not in it fails.\n\n{}\n\
         ## What cannot be asked\n\n\
         - A filter, an order or a search by an attribute that a role does not see whole of every enterprise \
         it finds is refused with `WITHHELD`, and so is `enterprise(nib:)`: a few of them would tell the \
         value. A lender asks by what owners can agree to, and finds among those who did.\n\
         - A NIK is looked for in persons' rights alone (`findPersons`, `subjectReport`), with that purpose and on \
         record. Names are ordered and searched without a person's number in them.\n\
         - Exact figures count by size and NIB, so they are for those who see both of everybody; others get \
         them with small cells suppressed.\n\
         - What is out of scope and what does not exist give the same bytes, after the same statements to \
         the database.\n\
         - `links`, `how` and `why` tell how well two rows agree in every attribute, whatever is shown of its \
         texts: they are for those who review.\n",
        domain::visibility::matrix(),
        domain::permission::matrix(),
        domain::purpose::matrix(),
        tunggal::graphql::declared::matrix(),
    );
    check("docs/visibility.md", &text, "read the change, then update it");
}

#[test]
fn the_list_of_errors_is_current() {
    let text = format!(
        "# Errors\n\n\
         Made from `api/src/error/catalogue.rs`; a test keeps it current \
         (`TUNGGAL_UPDATE=1 cargo test -p tests contract`).\n\n\
         Every refusal carries its code in `extensions.code`, and what to do about it in \
         `extensions.remedy` (at `/oauth/token` in `error` and `remedy`, as RFC 6749 names them). Codes \
         do not change with the language. The language is that of `Accept-Language`: Indonesian where it \
         is preferred, otherwise English, which programs read. In Indonesian the message says what the \
         code means, and `extensions.detail` says more exactly what is wrong. What rows of a list can have \
         is in [problems.md](problems.md), with the reasons for which a file is refused.\n\n{}",
        tunggal::error::catalogue::table(),
    );
    check("docs/errors.md", &text, "read the change, then update it");
}

#[test]
fn every_type_field_argument_and_value_is_described() {
    let mut bare = vec![];
    let mut described = false;
    let mut inside = String::new();
    let mut depth_of_text = false;
    for line in schema::sdl().lines() {
        let text = line.trim();
        let quotes = text.matches("\"\"\"").count();
        if quotes == 1 {
            depth_of_text = !depth_of_text;
            described = true;
            continue;
        }
        if depth_of_text || text.is_empty() || quotes == 2 {
            described |= quotes == 2;
            continue;
        }
        let opens = ["type ", "enum ", "input ", "interface ", "scalar "];
        if opens.iter().any(|it| text.starts_with(it)) {
            inside = text.to_owned();
            if !described && !standard(text) {
                bare.push(text.to_owned());
            }
        } else if !matches!(text, "}" | ")" | "schema {") && !text.starts_with(')') {
            let root =
                ["query:", "mutation:", "subscription:"].iter().any(|it| text.starts_with(it));
            if !described && !root && !text.starts_with("directive") {
                bare.push(format!("{inside} {text}"));
            }
        }
        described = false;
    }
    assert!(bare.is_empty(), "without a description:\n{}", bare.join("\n"));
}

/// What GraphQL or the multipart specification defines.
fn standard(text: &str) -> bool {
    text.contains("Edge ") || text.contains("Connection ") || text.contains("scalar Upload")
}

/// Everybody's first query is one of these.
#[test]
fn every_example_of_the_page_fits_the_schema() {
    crate::hub::run(async {
        let hub = TestHub::start_with(Kind::Sqlite, |it| it.graphiql = true).await;
        hub.app.store.set_setting("synthetic", "true").await.unwrap();
        let answer = hub.client.get(format!("{}/graphiql/examples.json", hub.url)).send().await;
        let examples: Vec<Value> = answer.unwrap().json().await.unwrap();
        assert!(10 < examples.len());
        for example in examples {
            let title = example["title"].as_str().unwrap();
            let role = Role::from_code(example["role"].as_str().unwrap()).unwrap();
            let query = example["query"].as_str().unwrap();
            if query.contains("subscription") {
                continue;
            }
            let variables = example["variables"].as_str().unwrap_or_default();
            let variables = serde_json::from_str(variables).unwrap_or(Value::Null);
            let agency = matches!(role, Role::AgencyOperator | Role::AgencyViewer);
            let token =
                (role != Role::Public).then(|| hub.token(role, agency.then_some("kominfo")));
            let reply = hub.ask(token, query, variables).await;
            let mutation = query.contains("mutation");
            assert!(mutation || reply.body.get("errors").is_none(), "{title}: {reply:?}");
            assert_ne!(reply.code(), "INVALID_REQUEST", "{title}: {reply:?}");
        }
    });
}
