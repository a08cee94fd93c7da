//! What the questions of filters and orders are about.

use domain::enterprise::Attribute;

use super::Fields;
use super::Takes::{Object, SizeValue, Value};

/// What filters and orders of enterprises ask about. Each is refused to whoever does not see that whole of all
/// that the question reaches.
pub const QUESTIONS: &[(&str, &[Fields])] = &[
    (
        "EnterpriseFilter",
        &[
            (Value(Attribute::Kecamatan), "kecamatan"),
            (Value(Attribute::Kelurahan), "kelurahan"),
            (Value(Attribute::Kbli), "kbli section"),
            (SizeValue, "sizeClass"),
            (Value(Attribute::Nib), "nib hasNib"),
            (Value(Attribute::Npwp), "hasNpwp"),
            (Object, "agency updatedSince"),
        ],
    ),
    ("EnterpriseOrderField", &[(Value(Attribute::BusinessName), "NAME"), (Object, "UPDATED_AT")]),
];
