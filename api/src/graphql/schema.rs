//! The schema: what `schema.graphql` says, with its limits.

use async_graphql::{SDLExportOptions, Schema};

use super::limits;
use super::mutation::Mutation;
use super::query::Query;
use super::subscription::Subscription;
use crate::app::App;
use crate::service::audit::UseCounted;
use crate::service::statistics::Counted;

/// The schema of the hub.
pub type HubSchema = Schema<Query, Mutation, Subscription>;

/// The schema that serves `app`.
pub fn build(app: App) -> HubSchema {
    builder().data(app).data(Counted::default()).data(UseCounted::default()).finish()
}

/// The schema as text: the public contract, in a stable order.
pub fn sdl() -> String {
    let options = SDLExportOptions::new().sorted_fields().sorted_arguments().sorted_enum_items();
    builder().finish().sdl_with_options(options)
}

fn builder() -> async_graphql::SchemaBuilder<Query, Mutation, Subscription> {
    Schema::build(Query::default(), Mutation::default(), Subscription)
        .limit_depth(limits::DEPTH)
        .limit_complexity(limits::COMPLEXITY)
        .limit_directives(limits::DIRECTIVES)
}
