//! What of a profile a viewer may see: one pure function, attribute by attribute.

use crate::consent::Ties;
use crate::enterprise::{Attribute, Claim};
use crate::viewer::{Role, Viewer};

/// How much of a value is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Access {
    /// The value as it is.
    Whole,
    /// Enough to recognise a value one already has, not to learn it.
    Masked,
    /// Nothing but that it is withheld.
    Hidden,
}

impl Access {
    /// The word for it in the matrix and the API.
    pub fn code(self) -> &'static str {
        match self {
            Access::Whole => "whole",
            Access::Masked => "masked",
            Access::Hidden => "hidden",
        }
    }
}

/// What binds the viewer to the one claim that is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Relation {
    /// The viewer's own agency wrote the value, or it is about the viewer herself.
    Own,
    /// The owner agreed that the viewer's institution sees it, for the purpose stated.
    Consented,
    /// Others wrote it.
    Others,
}

impl Relation {
    /// How `viewer` stands to `claim` of `attribute`, given what ties her to the enterprise.
    pub fn to(viewer: &Viewer, ties: &Ties, attribute: Attribute, claim: &Claim) -> Relation {
        let own = |agency| claim.sources.iter().any(|it| &it.agency == agency);
        let hers = claim.sources.iter().any(|it| ties.own.contains(&it.record));
        if hers || viewer.agency.as_ref().is_some_and(own) {
            Relation::Own
        } else if ties.consents_to(attribute, claim) {
            Relation::Consented
        } else {
            Relation::Others
        }
    }
}

/// How sensitive an attribute is; the attributes of one class are seen alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sensitivity {
    /// What a signboard says: name, trade, kelurahan.
    Signboard,
    /// How to reach the business, and its licence.
    Contact,
    /// The numbers of a natural person (UU 27/2022 art. 4).
    Person,
    /// Financial data of a person, "specific" in UU 27/2022 art. 4.
    Finance,
}

pub(crate) fn sensitivity(attribute: Attribute) -> Sensitivity {
    match attribute {
        Attribute::BusinessName
        | Attribute::Trade
        | Attribute::Kbli
        | Attribute::LegalForm
        | Attribute::Kelurahan
        | Attribute::Kecamatan
        | Attribute::Established
        | Attribute::Pirt
        | Attribute::Halal => Sensitivity::Signboard,
        Attribute::Nib
        | Attribute::OwnerName
        | Attribute::Phone
        | Attribute::Email
        | Attribute::Street
        | Attribute::RtRw => Sensitivity::Contact,
        Attribute::Nik | Attribute::Npwp => Sensitivity::Person,
        Attribute::AnnualSales | Attribute::Capital | Attribute::Workers => Sensitivity::Finance,
    }
}

/// How much of `attribute` someone in `role` sees, given how she stands to who wrote it.
///
/// Which enterprises she finds at all is [`Viewer::scope`]'s business, not this function's.
pub fn access(role: Role, relation: Relation, attribute: Attribute) -> Access {
    use Access::{Hidden, Masked, Whole};
    use Sensitivity::{Contact, Finance, Person, Signboard};
    match (role, sensitivity(attribute)) {
        (Role::Public | Role::CentralBank, _) => Hidden,
        (Role::Developer | Role::Steward, _) => Whole,
        (Role::AgencyOperator, _) if relation == Relation::Own => Whole,
        (Role::AgencyViewer, Signboard | Contact | Finance) if relation == Relation::Own => Whole,
        (Role::AgencyOperator | Role::AgencyViewer, Signboard | Contact) => Whole,
        (Role::AgencyOperator | Role::AgencyViewer, Person) => Masked,
        (Role::AgencyOperator | Role::AgencyViewer, Finance) => Hidden,
        (Role::Lender, _) if relation != Relation::Consented => Hidden,
        (Role::Lender, Signboard | Contact | Finance) => Whole,
        (Role::Lender, Person) => Masked,
        (Role::Owner, _) if relation == Relation::Own => Whole,
        (Role::Owner, Signboard) => Whole,
        (Role::Owner, Contact | Person) => Masked,
        (Role::Owner, Finance) => Hidden,
        (Role::Auditor | Role::Administrator, Signboard) => Whole,
        (Role::Auditor, Contact | Person) => Masked,
        (Role::Auditor, Finance) | (Role::Administrator, Contact | Person | Finance) => Hidden,
    }
}

/// The role x attribute matrix as a Markdown table, own and others' values side by side: the reviewed
/// form of [`access`].
pub fn matrix() -> String {
    let mut table = String::from("| attribute |");
    for role in Role::ALL {
        table += &format!(" {} |", role.code());
    }
    table += &format!("\n|---|{}\n", "---|".repeat(Role::ALL.len()));
    for &attribute in Attribute::ALL {
        table += &format!("| {} |", attribute.code());
        for &role in Role::ALL {
            let own = access(role, Relation::Own, attribute).code();
            let others = access(role, Relation::Others, attribute).code();
            let consented = access(role, Relation::Consented, attribute).code();
            let cell = match role {
                Role::AgencyOperator | Role::AgencyViewer | Role::Owner if own != others => {
                    format!("{own} (own), {others}")
                }
                Role::Lender if consented != others => format!("{consented} (consented), {others}"),
                _ => others.to_owned(),
            };
            table += &format!(" {cell} |");
        }
        table.push('\n');
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_public_sees_no_attribute_of_an_enterprise() {
        for &attribute in Attribute::ALL {
            assert_eq!(access(Role::Public, Relation::Others, attribute), Access::Hidden);
        }
    }

    #[test]
    fn only_stewards_and_developers_of_synthetic_data_read_another_agencys_nik_whole() {
        for &role in Role::ALL {
            let expected = matches!(role, Role::Steward | Role::Developer);
            let whole = access(role, Relation::Others, Attribute::Nik) == Access::Whole;
            assert_eq!(whole, expected, "{}", role.code());
        }
    }
}
