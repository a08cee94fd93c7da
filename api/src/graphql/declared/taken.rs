//! What a field takes, looked up.

use domain::permission::may;
use domain::viewer::Role;

use super::Takes::{Narrowed, Object, Right, RightOfId};
use super::{TYPES, Takes};

/// What `field` of the type `of` takes; none for one that nobody has declared.
pub fn takes(of: &str, field: &str) -> Option<Takes> {
    if is_page(of) {
        return Some(Object);
    }
    let (_, fields) = TYPES.iter().find(|it| it.0 == of)?;
    let (takes, _) = fields.iter().find(|it| it.1.split_whitespace().any(|it| it == field))?;
    Some(*takes)
}

/// Whether the type is a page of a list, of which the list says what it takes.
pub fn is_page(of: &str) -> bool {
    of == "PageInfo" || of.ends_with("Connection") || of.ends_with("Edge")
}

/// The directives of a field in the published schema; empty for one that takes no right, or one that the
/// public has.
pub fn directives(of: &str, field: &str) -> String {
    match takes(of, field) {
        Some(Right(right) | Narrowed(right)) if !may(Role::Public, right) => {
            format!(" @authenticated @requiresScopes(scopes: [[\"{}\"]])", right.scope())
        }
        Some(RightOfId) => " @authenticated".to_owned(),
        _ => String::new(),
    }
}
