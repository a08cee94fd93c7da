//! Law 8, walked: every field that introspection finds, in every role and by several paths, against what
//! `api::graphql::declared` and `domain::visibility` say of it. The city's values are canaries: each is there
//! once, so one that turns up where it must not names the leak.

mod changes;
pub mod city;
mod indistinguishable;
mod judge;
mod questions;
mod restricted;
mod shape;
mod walk;
