//! What introspection says of the schema, and queries made of it.

use std::collections::BTreeMap;

use domain::viewer::Role;
use serde_json::Value;

use crate::hub::TestHub;

/// One field of a type.
#[derive(Debug, Clone)]
pub struct Field {
    pub name: String,
    /// The type it gives, without list and non-null.
    pub of: String,
    pub has_fields: bool,
    /// The arguments it cannot be asked without.
    pub required: Vec<String>,
}

/// One type with fields, or several that stand for one interface.
#[derive(Debug, Clone, Default)]
pub struct Type {
    pub fields: Vec<Field>,
    /// The types behind an interface.
    pub possible: Vec<String>,
}

/// The schema.
pub struct Shape {
    pub types: BTreeMap<String, Type>,
    /// The fields of inputs and the values of enums, by type.
    pub inputs: BTreeMap<String, Vec<String>>,
}

const QUERY: &str = "{ __schema { types { name kind possibleTypes { name } inputFields { name } enumValues { name }
    fields { name args { name defaultValue type { kind } }
             type { ...one ofType { ...one ofType { ...one ofType { ...one ofType { ...one ofType { ...one } } } } } } } } } }
    fragment one on __Type { kind name }";

impl Shape {
    pub async fn read(hub: &TestHub) -> Shape {
        let reply = hub.ask_as(Role::Steward, QUERY, Value::Null).await;
        let (mut types, mut inputs) = (BTreeMap::new(), BTreeMap::new());
        for it in reply.at("/__schema/types").as_array().unwrap() {
            let name = it["name"].as_str().unwrap();
            if name.starts_with("__") {
                continue;
            }
            let names = |key: &str| -> Vec<String> {
                let all = it[key].as_array().cloned().unwrap_or_default();
                all.iter().map(|it| it["name"].as_str().unwrap().to_owned()).collect()
            };
            match it["kind"].as_str().unwrap() {
                "INPUT_OBJECT" => _ = inputs.insert(name.to_owned(), names("inputFields")),
                "ENUM" => _ = inputs.insert(name.to_owned(), names("enumValues")),
                "OBJECT" => {
                    let fields = it["fields"].as_array().unwrap().iter().map(field).collect();
                    types.insert(name.to_owned(), Type { fields, possible: vec![] });
                }
                "INTERFACE" | "UNION" => {
                    let possible = names("possibleTypes");
                    types.insert(name.to_owned(), Type { fields: vec![], possible });
                }
                _ => {}
            }
        }
        Shape { types, inputs }
    }

    pub fn field(&self, of: &str, name: &str) -> &Field {
        self.types[of].fields.iter().find(|it| it.name == name).unwrap()
    }

    /// A selection of everything below a type, as deep as `depth`. A type is not entered again below itself
    /// but for what has no fields of its own; a page is entered by `via`, its nodes or its edges.
    pub fn select(&self, of: &str, via: &str, depth: usize, above: &mut Vec<String>) -> String {
        let known = &self.types[of];
        if !known.possible.is_empty() {
            let each = known.possible.iter();
            let each = each.map(|it| format!("... on {it} {}", self.select(it, via, depth, above)));
            return format!("{{ __typename {} }}", each.collect::<Vec<_>>().join(" "));
        }
        let again = above.iter().filter(|it| *it == of).count();
        above.push(of.to_owned());
        let mut text = String::from("{ __typename");
        for field in &known.fields {
            let page = known.fields.iter().any(|it| it.name == "edges");
            let other =
                page && ["nodes", "edges"].contains(&field.name.as_str()) && field.name != via;
            if other || !field.required.is_empty() {
                continue;
            }
            if !field.has_fields {
                text += &format!(" {}", field.name);
            } else if 0 < depth
                && again == 0
                && above.iter().filter(|it| **it == field.of).count() < 2
            {
                // A page inside a page stays small.
                let first = if field.of.ends_with("Connection") { "(first: 3)" } else { "" };
                let below = self.select(&field.of, via, depth - 1, above);
                text += &format!(" {}{first} {below}", field.name);
            }
        }
        above.pop();
        text + " }"
    }
}

fn field(it: &Value) -> Field {
    let mut kind = &it["type"];
    while kind["name"].is_null() {
        assert!(kind.is_object(), "a type of more layers than are asked for: {it}");
        kind = &kind["ofType"];
    }
    let args = it["args"].as_array().unwrap().iter();
    let required =
        args.filter(|it| it["type"]["kind"] == "NON_NULL" && it["defaultValue"].is_null());
    Field {
        name: it["name"].as_str().unwrap().to_owned(),
        of: kind["name"].as_str().unwrap().to_owned(),
        has_fields: matches!(kind["kind"].as_str(), Some("OBJECT" | "INTERFACE" | "UNION")),
        required: required.map(|it| it["name"].as_str().unwrap().to_owned()).collect(),
    }
}
