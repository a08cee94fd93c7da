//! Viewers: who asks, in which role, and which rows that opens.

use std::collections::BTreeSet;

use crate::agency::AgencyCode;
use crate::permission::Action;
use crate::purpose::{Purpose, default_of};

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
    /// Every enterprise.
    All,
    /// The enterprises that have a record of this agency.
    Agency(AgencyCode),
    /// The enterprises with a live consent for this institution.
    Consent(String),
    /// No enterprise; figures only.
    Nothing,
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
        match (self.role, &self.agency, &self.institution) {
            (Role::Steward | Role::Auditor | Role::Administrator, ..) => Scope::All,
            (Role::AgencyOperator | Role::AgencyViewer, Some(agency), _) => {
                Scope::Agency(agency.clone())
            }
            (Role::Lender, _, Some(institution)) => Scope::Consent(institution.clone()),
            (Role::Developer, ..) if self.synthetic => Scope::All,
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
        for role in [Role::AgencyOperator, Role::AgencyViewer, Role::Lender] {
            check(role, false, Scope::Nothing);
        }
    }

    #[test]
    fn a_developer_finds_synthetic_enterprises_only() {
        check(Role::Developer, false, Scope::Nothing);
        check(Role::Developer, true, Scope::All);
    }

    #[test]
    fn the_public_and_the_central_bank_find_no_single_enterprise() {
        check(Role::Public, true, Scope::Nothing);
        check(Role::CentralBank, true, Scope::Nothing);
    }
}
