//! The schema as graphs are composed from it: with the directives of Apollo Federation 2. What they say of
//! rights and audiences follows from what `declared` says each field takes.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::sync::LazyLock;

use async_graphql::parser::parse_schema;
use async_graphql::parser::types::{BaseType, Type, TypeKind, TypeSystemDefinition};
use domain::permission::{Action, may};
use domain::viewer::Role;

use super::declared::{Takes, directives, takes};
use super::schema::{Marked, annotated, federated};

/// The entities, with their keys.
const KEYS: &[(&str, &[&str])] = &[
    ("Agency", &["id"]),
    // A NIB may stand for several enterprises; asked by it, they are refused with `CONFLICT`.
    ("Enterprise", &["id", "nibKey"]),
    ("Kbli", &["code"]),
    ("Kecamatan", &["code"]),
    ("Kelurahan", &["code"]),
    ("Owner", &["id"]),
];

/// What another graph may tell as well, because it is the same wherever it is told: national reference data.
const SHAREABLE: &[&str] = &["Kbli", "Kecamatan", "Kelurahan", "Section"];

/// What gateways alone ask for. Whatever another graph answers to its own part of an enterprise, it answers with
/// its key: a key that consumers could ask for would tell them the NIB past the hub.
const KEYS_ALONE: &[(&str, &str)] = &[("Enterprise", "nibKey")];

/// The rights of those who keep the register. They ask the hub itself; a federation of graphs does not have what
/// takes these.
const INTERNAL: &[Action] =
    &[Action::ChangeModel, Action::Decide, Action::Link, Action::ReadLinkage, Action::Review];

const LINK: &str = "\
extend schema @link(
\turl: \"https://specs.apollo.dev/federation/v2.5\",
\timport: [\"@authenticated\", \"@inaccessible\", \"@key\", \"@requiresScopes\", \"@shareable\", \"@tag\"]
)
";

/// Made when it is first asked for.
static SDL: LazyLock<String> = LazyLock::new(made);

/// The schema as text, for composition. Each type and field has a `@tag` for every role that may ask for it, so
/// that a contract for an audience can be cut of a composed graph.
pub fn sdl() -> &'static str {
    &SDL
}

fn made() -> String {
    let plain = federated();
    let marks = Marks::of(&plain);
    let text = annotated(&plain, &|it| match it {
        Marked::Type(of) => marks.of_type(of),
        Marked::Field(of, field) => directives(of, field) + &marks.of_field(of, field),
        Marked::Argument(of, field) => marks.of_argument(of, field),
    });
    // Definitions of directives come last; those of GraphQL are known, those of the federation are linked.
    let types = text.find("\ndirective ").and_then(|it| text[..it].rfind("\n}\n"));
    let types = types.map_or(text.as_str(), |it| &text[..it + 3]);
    format!("{LINK}\n{types}")
}

/// What each type refers to: by field, the types it gives and takes.
type Graph = BTreeMap<String, Vec<(String, Vec<String>)>>;

fn graph(sdl: &str) -> Graph {
    let mut graph = Graph::new();
    let Ok(document) = parse_schema(sdl) else { return graph };
    for definition in document.definitions {
        let TypeSystemDefinition::Type(it) = definition else { continue };
        let fields = match it.node.kind {
            TypeKind::Object(of) => of.fields,
            TypeKind::Interface(of) => of.fields,
            TypeKind::InputObject(of) => {
                let inputs = of
                    .fields
                    .iter()
                    .map(|it| (it.node.name.to_string(), vec![named(&it.node.ty.node).to_owned()]));
                graph.insert(it.node.name.to_string(), inputs.collect());
                continue;
            }
            TypeKind::Scalar | TypeKind::Enum(_) | TypeKind::Union(_) => vec![],
        };
        let fields = fields.iter().map(|it| {
            let given = named(&it.node.ty.node).to_owned();
            let taken = it.node.arguments.iter().map(|it| named(&it.node.ty.node).to_owned());
            (it.node.name.to_string(), taken.chain([given]).collect())
        });
        graph.insert(it.node.name.to_string(), fields.collect());
    }
    graph
}

fn named(it: &Type) -> &str {
    match &it.base {
        BaseType::Named(name) => name,
        BaseType::List(inner) => named(inner),
    }
}

/// The types to which fields lead from the roots, by those fields alone that are open.
fn reached(graph: &Graph, open: impl Fn(&str, &str) -> bool) -> BTreeSet<String> {
    let mut reached = BTreeSet::new();
    let mut next: Vec<&str> = vec!["Query", "Mutation", "Subscription"];
    while let Some(of) = next.pop() {
        if !reached.insert(of.to_owned()) {
            continue;
        }
        let fields = graph.get(of).into_iter().flatten();
        next.extend(
            fields.filter(|it| open(of, &it.0)).flat_map(|it| it.1.iter().map(String::as_str)),
        );
    }
    reached
}

/// Whether a role may ask for a field at all.
fn may_ask(role: Role, of: &str, field: &str) -> bool {
    match takes(of, field) {
        Some(Takes::Right(right) | Takes::Narrowed(right)) => may(role, right),
        Some(Takes::RightOfId) => may(role, Action::ReadEnterprises),
        _ => true,
    }
}

fn is_internal(of: &str, field: &str) -> bool {
    matches!(takes(of, field), Some(Takes::Right(it) | Takes::Narrowed(it)) if INTERNAL.contains(&it))
}

/// What the directives say that do not follow from one field alone.
struct Marks {
    graph: Graph,
    /// What a federation of graphs has.
    shared: BTreeSet<String>,
    by_role: Vec<(Role, BTreeSet<String>)>,
}

impl Marks {
    fn of(sdl: &str) -> Marks {
        let graph = graph(sdl);
        let shared = reached(&graph, |of, field| !is_internal(of, field));
        let open = |role| {
            let open = |of: &str, field: &str| !is_internal(of, field) && may_ask(role, of, field);
            (role, reached(&graph, open))
        };
        let by_role = Role::ALL.iter().map(|it| open(*it)).collect();
        Marks { shared, by_role, graph }
    }

    /// Whether the role may ask for every field of the type that a federation of graphs has.
    fn is_whole(&self, role: Role, of: &str) -> bool {
        let mut fields = self.graph.get(of).into_iter().flatten();
        fields.all(|it| is_internal(of, &it.0) || may_ask(role, of, &it.0))
    }

    fn of_type(&self, of: &str) -> String {
        if !self.shared.contains(of) {
            return " @inaccessible".to_owned();
        }
        let mut text = String::new();
        for key in KEYS.iter().filter(|it| it.0 == of).flat_map(|it| it.1) {
            _ = write!(text, " @key(fields: \"{key}\")");
        }
        if SHAREABLE.contains(&of) {
            text += " @shareable";
        }
        let whole = |it: &&(Role, BTreeSet<String>)| it.1.contains(of) && self.is_whole(it.0, of);
        text + &tags(self.by_role.iter().filter(whole).map(|it| it.0))
    }

    fn of_field(&self, of: &str, field: &str) -> String {
        if !self.shared.contains(of) {
            return String::new();
        }
        if is_internal(of, field) || KEYS_ALONE.contains(&(of, field)) {
            return " @inaccessible".to_owned();
        }
        let alone = |it: &&(Role, BTreeSet<String>)| {
            it.1.contains(of) && !self.is_whole(it.0, of) && may_ask(it.0, of, field)
        };
        tags(self.by_role.iter().filter(alone).map(|it| it.0))
    }

    fn of_argument(&self, of: &str, field: &str) -> String {
        if !self.shared.contains(of) || is_internal(of, field) {
            return String::new();
        }
        let asks = |it: &&(Role, BTreeSet<String>)| it.1.contains(of) && may_ask(it.0, of, field);
        tags(self.by_role.iter().filter(asks).map(|it| it.0))
    }
}

fn tags(roles: impl Iterator<Item = Role>) -> String {
    roles.fold(String::new(), |mut text, role| {
        _ = write!(text, " @tag(name: \"{}\")", role.code());
        text
    })
}
