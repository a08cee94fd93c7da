//! What a field takes, looked up.

use std::collections::HashMap;
use std::sync::LazyLock;

use domain::enterprise::Attribute;
use domain::permission::may;
use domain::viewer::Role;

use super::Takes::{Narrowed, Object, Part, Right, RightOfId, SizeValue, Value};
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

/// The attributes that a field of an enterprise is told from; none for one that tells none.
pub fn attributes_told_by(field: &str) -> &'static [Attribute] {
    static TOLD: LazyLock<HashMap<&str, Vec<Attribute>>> = LazyLock::new(|| {
        let fields = TYPES.iter().filter(|it| it.0 == "Enterprise").flat_map(|it| it.1);
        let told = fields.flat_map(|(takes, names)| {
            let attributes = match takes {
                Value(attribute) => vec![*attribute],
                SizeValue => vec![Attribute::AnnualSales, Attribute::Capital],
                // The key by which other graphs know it.
                Part => vec![Attribute::Nib],
                _ => vec![],
            };
            names.split_whitespace().map(move |it| (it, attributes.clone()))
        });
        // What happened to a value is told to whoever sees it.
        told.chain([("history", Attribute::ALL.to_vec())]).collect()
    });
    TOLD.get(field).map_or(&[], Vec::as_slice)
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
