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
    let marks = |it: Marked<'_>| match it {
        Marked::Field(of, field) => directives(of, field),
        Marked::Type(_) | Marked::Argument(..) => String::new(),
    };
    let text = annotated(&builder().finish().sdl_with_options(options()), &marks);
    // Directives are defined last, before the roots are named.
    text.replacen("\nschema {\n", &format!("\n{RIGHTS}schema {{\n"), 1)
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

/// What a directive is put behind.
#[derive(Clone, Copy)]
pub(super) enum Marked<'a> {
    /// A type of any kind.
    Type(&'a str),
    /// A field of an object.
    Field(&'a str, &'a str),
    /// An argument of a field of an object; the same for each.
    Argument(&'a str, &'a str),
}

/// The text of a schema with more directives, those that `marks` says.
pub(super) fn annotated(sdl: &str, marks: &dyn Fn(Marked<'_>) -> String) -> String {
    let mut out = String::with_capacity(sdl.len() * 2);
    let (mut of, mut field, mut inside_text) = (None, "", false);
    for line in sdl.lines() {
        let quotes = line.matches("\"\"\"").count();
        inside_text ^= quotes % 2 == 1;
        let text = inside_text || 0 < quotes;
        match line.strip_prefix('\t') {
            Some(inner) if !text => {
                let argument = inner.starts_with('\t');
                if !argument && !inner.starts_with(')') {
                    field = inner.split(['(', ':']).next().unwrap_or_default();
                }
                let mark = match of {
                    Some(of) if argument => marks(Marked::Argument(of, field)),
                    Some(of) if !line.ends_with('(') => marks(Marked::Field(of, field)),
                    _ => String::new(),
                };
                // Arguments are parted by commas.
                let (line, comma) = line.strip_suffix(',').map_or((line, ""), |it| (it, ","));
                out.extend([line, &mark, comma]);
            }
            None if !text => {
                let (kind, rest) = line.split_once(' ').unwrap_or_default();
                let name = rest.split([' ', '{']).next().unwrap_or_default();
                of = (kind == "type").then_some(name);
                let of_type = ["type", "interface", "enum", "input", "scalar"].contains(&kind);
                let mark = if of_type { marks(Marked::Type(name)) } else { String::new() };
                let (line, brace) = line.strip_suffix(" {").map_or((line, ""), |it| (it, " {"));
                out.extend([line, &mark, brace]);
            }
            _ => out += line,
        }
        out.push('\n');
    }
    out
}

/// The schema as text in the words of a federation, without what is said of it there.
pub(super) fn federated() -> String {
    let all = builder().enable_subscription_in_federation().finish();
    all.sdl_with_options(options().federation())
}

fn options() -> SDLExportOptions {
    SDLExportOptions::new().sorted_fields().sorted_arguments().sorted_enum_items()
}

fn builder() -> SchemaBuilder<Query, Mutation, Subscription> {
    Schema::build(Query::default(), Mutation::default(), Subscription)
}
