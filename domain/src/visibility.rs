//! What of a profile a viewer may see: one pure function, attribute by attribute.
//!
//! Six things limit it: the role, a restriction at the person's demand, her consent, which agency wrote it, of
//! whom the row is, and what it is asked for. The strictest decides, and says that it was the one.

use enumset::EnumSet;

use crate::agency::AgencyCode;
use crate::consent::Ties;
use crate::enterprise::{Attribute, Claim};
use crate::id::RecordId;
use crate::purpose::{Purpose, may_claim, reads_as};
use crate::viewer::{Role, Scope, Viewer};

mod matrix;

pub use matrix::matrix;

/// How much of a value is shown, the least first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Access {
    /// Nothing but that it is withheld.
    Hidden,
    /// Enough to recognise a value one already has, not to learn it.
    Masked,
    /// The value as it is.
    Whole,
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

/// Why a value is not shown whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reason {
    /// The role does not see it, whoever wrote it and whatever for.
    Role,
    /// The person had its use restricted (UU 27/2022 art. 11 and 41).
    Restricted,
    /// The person has not agreed that this institution sees it (UU 27/2022 art. 20 and 22).
    Consent,
    /// Another agency wrote it.
    OtherAgency,
    /// It is of another person of the enterprise.
    OtherPerson,
    /// It is not needed for the stated purpose (UU 27/2022 art. 27 and 28).
    Purpose,
}

impl Reason {
    /// The word for it in the matrix.
    pub fn code(self) -> &'static str {
        match self {
            Reason::Role => "role",
            Reason::Restricted => "restricted",
            Reason::Consent => "consent",
            Reason::OtherAgency => "other_agency",
            Reason::OtherPerson => "other_person",
            Reason::Purpose => "purpose",
        }
    }
}

/// How much is shown, and why no more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Ruling {
    /// How much.
    pub access: Access,
    /// Why no more; absent when all of it is shown.
    pub reason: Option<Reason>,
}

/// Whose the value is that is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Relation {
    /// The viewer's own agency wrote it, or it is about the viewer herself.
    Own,
    /// Others wrote it, about others.
    #[default]
    Others,
}

impl Relation {
    /// Both.
    pub const ALL: [Relation; 2] = [Relation::Own, Relation::Others];
}

/// How one viewer stands to one value: whose it is, and what the person behind it has said about its use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Standing {
    /// Whose it is.
    pub relation: Relation,
    /// What she agreed that the viewer's institution sees for the stated purpose, by a consent that is live
    /// and reaches this value.
    pub consented: EnumSet<Attribute>,
    /// She had its use restricted (UU 27/2022 art. 41).
    pub restricted: bool,
}

impl Standing {
    /// How a viewer stands to what is hers or her agency's.
    pub fn own() -> Standing {
        Standing { relation: Relation::Own, ..Standing::default() }
    }

    /// How `viewer` stands to what these rows of these agencies say, given what ties her to their enterprise.
    pub fn to<'a>(
        viewer: &Viewer,
        ties: &Ties,
        rows: impl Iterator<Item = (&'a AgencyCode, &'a RecordId)> + Clone,
    ) -> Standing {
        let own = |(agency, record): (&AgencyCode, &RecordId)| {
            viewer.agency.as_ref() == Some(agency) || ties.own.contains(record)
        };
        let relation = if rows.clone().any(own) { Relation::Own } else { Relation::Others };
        let consented = ties.consented(rows.map(|it| it.1));
        Standing { relation, consented, restricted: ties.restricted }
    }

    /// How `viewer` stands to `claim`, given what ties her to its enterprise.
    pub fn to_claim(viewer: &Viewer, ties: &Ties, claim: &Claim) -> Standing {
        Standing::to(viewer, ties, claim.sources.iter().map(|it| (&it.agency, &it.record)))
    }
}

/// One cell of the matrix: who asks for what, and what bears on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Asked {
    /// In which role.
    pub role: Role,
    /// What for.
    pub purpose: Purpose,
    /// Whose the value is.
    pub relation: Relation,
    /// The person agreed that the viewer's institution sees this attribute.
    pub consented: bool,
    /// The person had the use of her data restricted.
    pub restricted: bool,
    /// For which attribute.
    pub attribute: Attribute,
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

/// How much is shown of what is asked for, and why no more: the strictest of six limits, and of equally
/// strict ones the first.
///
/// Which enterprises the viewer finds at all is [`Viewer::scope`]'s business, not this function's.
pub fn access(asked: &Asked) -> Ruling {
    let asked = &Asked { role: reads_as(asked.role, asked.purpose), ..*asked };
    let class = sensitivity(asked.attribute);
    let limits = [
        (Reason::Role, by_role(asked.role, class)),
        (Reason::Restricted, by_restriction(asked)),
        (Reason::Consent, by_consent(asked)),
        (Reason::OtherAgency, by_agency(asked, class)),
        (Reason::OtherPerson, by_person(asked, class)),
        (Reason::Purpose, by_purpose(asked, class)),
    ];
    let (mut access, mut why) = (Access::Whole, None);
    for (reason, limit) in limits {
        if limit < access {
            (access, why) = (limit, Some(reason));
        }
    }
    Ruling { access, reason: why }
}

/// The most that a role sees of a class.
fn by_role(role: Role, class: Sensitivity) -> Access {
    use Access::{Hidden, Masked, Whole};
    use Sensitivity::{Contact, Finance, Person, Signboard};
    match (role, class) {
        (Role::Public | Role::CentralBank, _) => Hidden,
        (Role::Developer | Role::Steward | Role::AgencyOperator | Role::Owner, _) => Whole,
        (Role::AgencyViewer | Role::Lender, Person) => Masked,
        (Role::AgencyViewer | Role::Lender, Signboard | Contact | Finance) => Whole,
        (Role::Auditor | Role::Administrator, Signboard) => Whole,
        (Role::Auditor, Contact | Person) => Masked,
        (Role::Auditor, Finance) | (Role::Administrator, Contact | Person | Finance) => Hidden,
    }
}

/// While its use is restricted, data is kept and not used (UU 27/2022 art. 41), but for settling the matter
/// itself and for oversight; what is hers stays open to the person.
fn by_restriction(asked: &Asked) -> Access {
    let hers = asked.role == Role::Owner && asked.relation == Relation::Own;
    let settles = reads_restricted(asked.role, asked.purpose);
    if asked.restricted && !settles && !hers { Access::Hidden } else { Access::Whole }
}

/// Whether someone in `role` sees for `purpose` what she otherwise would of data whose use is restricted.
///
/// Lists, filters, searches and counts leave such enterprises out for everybody else, but for the person
/// herself: where a row stands in a list tells its name.
pub fn reads_restricted(role: Role, purpose: Purpose) -> bool {
    match role {
        Role::Auditor => true,
        Role::Steward => {
            matches!(purpose, Purpose::DataQuality | Purpose::SubjectRequest | Purpose::BreakGlass)
        }
        Role::Public
        | Role::Developer
        | Role::Owner
        | Role::AgencyViewer
        | Role::AgencyOperator
        | Role::Administrator
        | Role::Lender
        | Role::CentralBank => false,
    }
}

/// A lender sees of an enterprise what its owner agreed to.
fn by_consent(asked: &Asked) -> Access {
    let needed = asked.role == Role::Lender;
    if needed && !asked.consented { Access::Hidden } else { Access::Whole }
}

/// What another agency wrote of persons and their money stays with it.
fn by_agency(asked: &Asked, class: Sensitivity) -> Access {
    let agency = matches!(asked.role, Role::AgencyViewer | Role::AgencyOperator);
    if agency && asked.relation == Relation::Others { serving(class) } else { Access::Whole }
}

/// An owner sees of those she runs an enterprise with what serving it takes, and no way to reach them.
fn by_person(asked: &Asked, class: Sensitivity) -> Access {
    match class {
        Sensitivity::Contact if is_another(asked) => Access::Masked,
        class if is_another(asked) => serving(class),
        _ => Access::Whole,
    }
}

fn is_another(asked: &Asked) -> bool {
    asked.role == Role::Owner && asked.relation == Relation::Others
}

/// What somebody in a role is told of the rows behind what she is shown, and of what she is not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// Every row she hears of: whose it is, its date, and where it stands in which file. What is withheld is
    /// told to be there, and why it is withheld.
    Rows,
    /// Of what she sees, whose row it is and its date, for she needs dated evidence. Where a row stands in an
    /// agency's file is not told, nor what else the row has, nor whether anything was written of what is
    /// withheld (UU 27/2022 art. 16 and 27).
    Dated,
}

/// What somebody in `role` is told of where values come from.
pub fn origin(role: Role) -> Origin {
    match role {
        Role::Lender => Origin::Dated,
        Role::Public
        | Role::Developer
        | Role::Owner
        | Role::AgencyViewer
        | Role::AgencyOperator
        | Role::Steward
        | Role::Administrator
        | Role::CentralBank
        | Role::Auditor => Origin::Rows,
    }
}

/// What a purpose needs: figures need nobody's data, and serving an enterprise no more than its agency gets.
fn by_purpose(asked: &Asked, class: Sensitivity) -> Access {
    match asked.purpose {
        purpose if !may_claim(asked.role, purpose) => Access::Hidden,
        Purpose::Statistics if class == Sensitivity::Signboard => Access::Whole,
        Purpose::Statistics => Access::Hidden,
        Purpose::PublicService if asked.relation == Relation::Others => serving(class),
        Purpose::PublicService
        | Purpose::Development
        | Purpose::DataQuality
        | Purpose::Administration
        | Purpose::Financing
        | Purpose::Audit
        | Purpose::SubjectRequest
        | Purpose::BreakGlass => Access::Whole,
    }
}

/// What serving an enterprise takes of what others wrote.
fn serving(class: Sensitivity) -> Access {
    match class {
        Sensitivity::Signboard | Sensitivity::Contact => Access::Whole,
        Sensitivity::Person => Access::Masked,
        Sensitivity::Finance => Access::Hidden,
    }
}

impl Viewer {
    /// How much this viewer sees of `attribute` of a value to which she stands as `standing` says.
    pub fn sees(&self, standing: &Standing, attribute: Attribute) -> Ruling {
        access(&Asked {
            role: self.role,
            purpose: self.purpose(),
            relation: standing.relation,
            consented: standing.consented.contains(attribute),
            restricted: standing.restricted,
            attribute,
        })
    }

    /// Whether this viewer sees `attribute` whole of every enterprise she finds, whoever wrote it.
    pub fn sees_of_everybody(&self, attribute: Attribute) -> bool {
        self.sees_wherever(&Standing::default(), attribute)
    }

    /// Whether this viewer may find by `attribute`, order by it or have it counted: she sees it whole of every
    /// enterprise that such a question reaches, or a few questions would tell what each profile withholds.
    /// A lender's reaches those alone whose owners agreed to the attribute.
    pub fn finds_by(&self, attribute: Attribute) -> bool {
        let agreed = matches!(self.scope(), Scope::Consent(..)).then_some(attribute);
        let consented = agreed.into_iter().collect();
        self.sees_wherever(&Standing { consented, ..Standing::default() }, attribute)
    }

    fn sees_wherever(&self, standing: &Standing, attribute: Attribute) -> bool {
        Relation::ALL.into_iter().all(|relation| {
            let standing = Standing { relation, ..*standing };
            self.sees(&standing, attribute).access == Access::Whole
        })
    }
}

#[cfg(test)]
mod tests;
