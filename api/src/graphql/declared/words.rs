//! What is declared, as the published schema and the reviewed matrix say it.

use super::TYPES;
use super::Takes::{
    self, Answer, Narrowed, Object, Open, Part, Place, Right, RightOfId, SizeValue, Texts, Value,
    WholeRow,
};

impl Takes {
    /// The words for it in the reviewed matrix.
    fn phrase(self) -> String {
        match self {
            Open => "nothing".to_owned(),
            Object => "what its object takes".to_owned(),
            Right(it) => format!("`{}`", it.scope()),
            Narrowed(it) => format!("`{}`, otherwise nothing comes back", it.scope()),
            RightOfId => "the right for the kind of id; an agency, nothing".to_owned(),
            Value(it) => format!("as the attribute {}", it.code()),
            SizeValue => "as the attribute annual_sales or, without sales, capital".to_owned(),
            Part => "as the value it is part of".to_owned(),
            Texts => "each text as the attribute of its column".to_owned(),
            Place => "to be told where rows stand, which a lender is not".to_owned(),
            WholeRow => "every attribute whole".to_owned(),
            Answer => "nothing more: what the person herself sees".to_owned(),
        }
    }
}

/// The table as Markdown.
pub fn matrix() -> String {
    let mut table = String::from("| type | fields | take |\n|---|---|---|\n");
    for (of, fields) in TYPES {
        for (takes, names) in *fields {
            let names: Vec<&str> = names.split_whitespace().collect();
            table += &format!("| {of} | {} | {} |\n", names.join(", "), takes.phrase());
        }
    }
    table
}
