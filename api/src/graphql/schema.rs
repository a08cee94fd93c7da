//! The schema: what `schema.graphql` says, with its limits.

use async_graphql::{SDLExportOptions, Schema, SchemaBuilder};

use super::cost::TellCost;
use super::declared::directives;
use super::mutation::Mutation;
use super::query::Query;
use super::subscription::Subscription;
use crate::app::App;
use crate::service::audit::UseCounted;

/// The schema of the hub.
pub type HubSchema = Schema<Query, Mutation, Subscription>;

/// The schema that serves `app`.
pub fn build(app: App) -> HubSchema {
    serving(app).finish()
}

/// The same schema, which tells what each request costs. Telling takes time at every field.
pub fn build_telling_cost(app: App) -> HubSchema {
    let most = app.config.limits.document.cost;
    serving(app).extension(TellCost(most)).finish()
}

fn serving(app: App) -> SchemaBuilder<Query, Mutation, Subscription> {
    let limits = app.config.limits.document;
    builder()
        .limit_depth(limits.field_depth)
        .limit_complexity(limits.cost)
        .limit_directives(limits.field_directives)
        .data(app)
        .data(UseCounted::default())
}

/// The schema as text: the public contract, in a stable order, each field with the right it takes.
pub fn sdl() -> String {
    let options = SDLExportOptions::new().sorted_fields().sorted_arguments().sorted_enum_items();
    with_rights(&builder().finish().sdl_with_options(options))
}

/// What the directives of rights mean, as Apollo Federation 2.5 defines them. The library prints neither in
/// a schema of its own.
const RIGHTS: &str = "\
\"\"\"
Null for whoever sends no token.
\"\"\"
directive @authenticated on FIELD_DEFINITION
\"\"\"
Null for whoever has none of these lists of scopes: her role may not do it, or her token is held to less.
\"\"\"
directive @requiresScopes(scopes: [[String!]!]!) on FIELD_DEFINITION
";

/// The text of a schema with the directives of each field behind it.
fn with_rights(sdl: &str) -> String {
    let mut out = String::with_capacity(sdl.len() * 2);
    let (mut of, mut field, mut inside_text) = (None, None, false);
    for line in sdl.lines() {
        let quotes = line.matches("\"\"\"").count();
        inside_text ^= quotes % 2 == 1;
        if line == "schema {" {
            out += RIGHTS;
        }
        out += line;
        if !inside_text && quotes == 0 {
            match line.strip_prefix('\t') {
                None => of = line.strip_prefix("type ").and_then(|it| it.split([' ', '{']).next()),
                Some(text) if !text.starts_with(['\t', ')']) => {
                    field = text.split(['(', ':']).next();
                }
                Some(_) => {}
            }
            let ends = line.starts_with('\t') && !line.starts_with("\t\t") && !line.ends_with('(');
            if let (true, Some(of), Some(field)) = (ends, of, field) {
                out += &directives(of, field);
            }
        }
        out.push('\n');
    }
    out
}

fn builder() -> SchemaBuilder<Query, Mutation, Subscription> {
    Schema::build(Query::default(), Mutation::default(), Subscription)
}
