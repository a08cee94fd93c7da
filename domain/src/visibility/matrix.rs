//! The matrix as Markdown: the reviewed form of [`access`].

use super::{Access, Asked, Origin, Relation, Sensitivity, access, origin, sensitivity};
use crate::enterprise::Attribute;
use crate::purpose::{Purpose, default_of, may_claim};
use crate::viewer::Role;

const CLASSES: [(Sensitivity, &str); 4] = [
    (Sensitivity::Signboard, "signboard"),
    (Sensitivity::Contact, "contact"),
    (Sensitivity::Person, "person"),
    (Sensitivity::Finance, "finance"),
];

/// What every role sees of every attribute: first for its usual purpose, then class by class for every purpose
/// it may state, then what differs without consent and under restriction.
pub fn matrix() -> String {
    [usual(), classes(), purposes(), exceptions(), origins()].join("\n")
}

fn header(first: &[&str], rest: impl Iterator<Item = String>) -> String {
    let names: Vec<String> = first.iter().map(|it| (*it).to_owned()).chain(rest).collect();
    format!("| {} |\n|{}\n", names.join(" | "), "---|".repeat(names.len()))
}

/// How a cell reads: own and others' side by side where they differ, with the reason where not whole.
fn cell(role: Role, purpose: Purpose, consented: bool, restricted: bool, it: Attribute) -> String {
    let [own, others] = Relation::ALL.map(|relation| {
        let asked = Asked { role, purpose, relation, consented, restricted, attribute: it };
        let ruling = access(&asked);
        let why = ruling.reason.map(|it| format!(": {}", it.code())).unwrap_or_default();
        format!("{}{why}", ruling.access.code())
    });
    let of_one = matches!(role, Role::AgencyOperator | Role::AgencyViewer | Role::Owner);
    if of_one && own != others { format!("{own} (own), {others}") } else { others }
}

fn usual() -> String {
    let mut table = header(&["attribute"], Role::ALL.iter().map(|it| it.code().to_owned()));
    for &attribute in Attribute::ALL {
        let cells = Role::ALL.iter().map(|it| cell(*it, default_of(*it), true, false, attribute));
        let cells: Vec<String> = cells.collect();
        table += &format!("| {} | {} |\n", attribute.code(), cells.join(" | "));
    }
    table
}

fn classes() -> String {
    let mut table = String::from("The attributes of one class are seen alike.\n\n");
    table += &header(&["class", "attributes"], std::iter::empty());
    for (class, name) in CLASSES {
        let of = Attribute::ALL.iter().filter(|it| sensitivity(**it) == class);
        let of: Vec<&str> = of.map(|it| it.code()).collect();
        table += &format!("| {name} | {} |\n", of.join(", "));
    }
    table
}

/// One row of classes.
fn row(role: Role, purpose: Purpose, consented: bool, restricted: bool) -> String {
    let one = |class| Attribute::ALL.iter().copied().find(|it| sensitivity(*it) == class);
    let cells = CLASSES.iter().filter_map(|it| one(it.0));
    let cells: Vec<String> =
        cells.map(|it| cell(role, purpose, consented, restricted, it)).collect();
    format!("| {} | {} | {} |\n", role.code(), purpose.code(), cells.join(" | "))
}

fn claims() -> impl Iterator<Item = (Role, Purpose)> {
    let all = Role::ALL.iter().flat_map(|it| Purpose::ALL.iter().map(|purpose| (*it, *purpose)));
    all.filter(|it| may_claim(it.0, it.1))
}

fn names() -> impl Iterator<Item = String> {
    CLASSES.iter().map(|it| it.1.to_owned())
}

fn purposes() -> String {
    let text = "For each purpose that a role may state, with consent and without restriction:\n\n";
    let mut table = format!("{text}{}", header(&["role", "purpose"], names()));
    for (role, purpose) in claims() {
        table += &row(role, purpose, true, false);
    }
    table
}

fn origins() -> String {
    let mut table = String::from("What is told of where a value comes from:\n\n");
    table += &header(
        &["role", "of a value that is shown", "of one that is withheld"],
        std::iter::empty(),
    );
    let names = |of: Origin| {
        let roles = Role::ALL.iter().filter(|it| origin(**it) == of).map(|it| it.code());
        roles.collect::<Vec<_>>().join(", ")
    };
    for (of, shown, withheld) in [
        (
            Origin::Rows,
            "its rows, with agency, date, file, sheet and number, and the row's other texts as the attributes \
             above",
            "that it is there, in how many rows, and why it is withheld",
        ),
        (
            Origin::Dated,
            "its rows, with agency and date; no file, sheet or number, and of a row's texts those that are shown",
            "nothing: it reads the same whether anybody wrote it or not",
        ),
    ] {
        table += &format!("| {} | {shown} | {withheld} |\n", names(of));
    }
    table
}

fn exceptions() -> String {
    let mut table = String::from("Where the person has not agreed to the attribute:\n\n");
    table += &header(&["role", "purpose"], names());
    for (role, purpose) in claims() {
        let without = row(role, purpose, false, false);
        if without != row(role, purpose, true, false) {
            table += &without;
        }
    }
    table += "\nWhere the person had the use of her data restricted (UU 27/2022 art. 41), nothing is shown \
              to a role and purpose that is not in this table:\n\n";
    table += &header(&["role", "purpose"], names());
    for (role, purpose) in claims() {
        let shown = |attribute: &Attribute| {
            let (relation, consented, restricted) = (Relation::Own, true, true);
            let asked =
                Asked { role, purpose, relation, consented, restricted, attribute: *attribute };
            access(&asked).access != Access::Hidden
        };
        if Attribute::ALL.iter().any(shown) {
            table += &row(role, purpose, true, true);
        }
    }
    table
}
