//! Viewers: who asks, in which role, and which rows that opens.

use std::collections::BTreeSet;

use crate::agency::AgencyCode;
use crate::id::RecordId;
use crate::permission::Action;
use crate::purpose::{Purpose, default_of};
use crate::visibility::reads_restricted;

macro_rules! roles {
    ($($(#[$doc:meta])* $name:ident = $code:literal),+ $(,)?) => {
        /// In which capacity somebody asks.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Role { $($(#[$doc])* $name),+ }

        impl Role {
            /// Every role, the least trusted first.
            pub const ALL: &'static [Role] = &[$(Role::$name),+];

            /// The role's name in tokens, commands and the visibility matrix.
            pub fn code(self) -> &'static str {
                match self { $(Role::$name => $code),+ }
            }

            /// The role with this code.
            pub fn from_code(code: &str) -> Option<Role> {
                Role::ALL.iter().copied().find(|it| it.code() == code)
            }
        }
    };
}

roles! {
    /// Nobody in particular: a request without a token.
    Public = "public",
    /// A developer building against synthetic data.
    Developer = "developer",
    /// An owner who asks about herself (UU PDP 27/2022 articles 5 to 13).
    Owner = "owner",
    /// Somebody in an agency who reads.
    AgencyViewer = "agency_viewer",
    /// Somebody in an agency who sends its lists.
    AgencyOperator = "agency_operator",
    /// A data steward (walidata) who settles doubtful pairs.
    Steward = "steward",
    /// An administrator of the hub; does not thereby read personal data.
    Administrator = "administrator",
    /// An analyst of a lender, such as BJB.
    Lender = "lender",
    /// An analyst of the central bank.
    CentralBank = "central_bank",
    /// An auditor or data protection officer.
    Auditor = "auditor",
}

/// Which enterprises a viewer may find at all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// Every enterprise, those whose use is restricted included.
    All,
    /// Every enterprise whose use is not restricted.
    Used,
    /// The enterprises that have a record of this agency and whose use is not restricted.
    Agency(AgencyCode),
    /// The enterprises with a live consent for this institution and purpose whose use is not restricted.
    Consent(String, Purpose),
    /// The enterprises of the person whom this row names.
    Person(RecordId),
    /// No enterprise; figures only.
    Nothing,
}

impl Scope {
    /// It is not bound to an agency, an institution or a person.
    pub fn is_whole(&self) -> bool {
        matches!(self, Scope::All | Scope::Used)
    }
}

/// Who asks: made from the token and the live state of its account, before anything is executed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Viewer {
    /// The subject of the token; empty without one.
    pub subject: String,
    /// The capacity in which it asks.
    pub role: Role,
    /// The agency it belongs to, for the roles of an agency.
    pub agency: Option<AgencyCode>,
    /// The institution it belongs to, for a lender or the central bank.
    pub institution: Option<String>,
    /// For an owner: a row that names her.
    pub person: Option<RecordId>,
    /// The program through which it asks, where its token names one.
    pub client: Option<String>,
    /// The only actions of the role that the token is for; every one when absent.
    pub held_to: Option<BTreeSet<Action>>,
    /// The register holds synthetic data alone, which is all a developer may see.
    pub synthetic: bool,
    /// What this request states its data is for; the usual of the role when absent.
    pub stated: Option<Purpose>,
}

impl Viewer {
    /// Somebody without a token.
    pub fn public() -> Viewer {
        Viewer {
            subject: String::new(),
            role: Role::Public,
            agency: None,
            institution: None,
            person: None,
            client: None,
            held_to: None,
            synthetic: false,
            stated: None,
        }
    }

    /// What the data is for.
    pub fn purpose(&self) -> Purpose {
        self.stated.unwrap_or_else(|| default_of(self.role))
    }

    /// Which enterprises this viewer may find.
    pub fn scope(&self) -> Scope {
        let every = || match reads_restricted(self.role, self.purpose()) {
            true => Scope::All,
            false => Scope::Used,
        };
        match (self.role, &self.agency, &self.institution) {
            (Role::Steward | Role::Auditor | Role::Administrator, ..) => every(),
            (Role::AgencyOperator | Role::AgencyViewer, Some(agency), _) => {
                Scope::Agency(agency.clone())
            }
            (Role::Lender, _, Some(institution)) => {
                Scope::Consent(institution.clone(), self.purpose())
            }
            (Role::Owner, ..) => self.person.map_or(Scope::Nothing, Scope::Person),
            (Role::Developer, ..) if self.synthetic => every(),
            _ => Scope::Nothing,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(role: Role, synthetic: bool, expected: Scope) {
        let viewer = Viewer { role, synthetic, ..Viewer::public() };
        assert_eq!(viewer.scope(), expected, "{}", role.code());
    }

    #[test]
    fn a_role_without_its_agency_or_institution_finds_nothing() {
        for role in [Role::AgencyOperator, Role::AgencyViewer, Role::Lender, Role::Owner] {
            check(role, false, Scope::Nothing);
        }
    }

    #[test]
    fn a_developer_finds_synthetic_enterprises_only() {
        check(Role::Developer, false, Scope::Nothing);
        check(Role::Developer, true, Scope::Used);
    }

    #[test]
    fn the_public_and_the_central_bank_find_no_single_enterprise() {
        check(Role::Public, true, Scope::Nothing);
        check(Role::CentralBank, true, Scope::Nothing);
    }

    #[test]
    fn what_is_restricted_is_found_by_those_who_settle_that_and_those_who_oversee() {
        check(Role::Steward, false, Scope::All);
        check(Role::Auditor, false, Scope::All);
        check(Role::Administrator, false, Scope::Used);
        let stated = Some(Purpose::PublicService);
        let serving = Viewer { role: Role::Steward, stated, ..Viewer::public() };
        assert_eq!(serving.scope(), Scope::Used);
    }

    #[test]
    fn a_lender_finds_what_was_agreed_to_for_the_purpose_she_states() {
        let bank = Some("bank".to_owned());
        let lender = Viewer { role: Role::Lender, institution: bank, ..Viewer::public() };
        assert_eq!(lender.scope(), Scope::Consent("bank".into(), Purpose::Financing));
        let figures = Viewer { stated: Some(Purpose::Statistics), ..lender };
        assert_eq!(figures.scope(), Scope::Consent("bank".into(), Purpose::Statistics));
    }
}
