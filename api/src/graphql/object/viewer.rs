//! The caller, as the hub knows her.

use async_graphql::{Enum, Object};
use domain::permission::Action;
use domain::viewer::{self, Scope};

/// In which capacity somebody asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "viewer::Role")]
pub enum Role {
    /// Nobody in particular: a request without a token.
    Public,
    /// A developer building against synthetic data.
    Developer,
    /// An owner who asks about herself.
    Owner,
    /// Somebody in an agency who reads.
    AgencyViewer,
    /// Somebody in an agency who sends its lists.
    AgencyOperator,
    /// A data steward (walidata) who settles doubtful pairs.
    Steward,
    /// An administrator of the hub; does not thereby read personal data.
    Administrator,
    /// An analyst of a lender, such as BJB.
    Lender,
    /// An analyst of the central bank.
    CentralBank,
    /// An auditor or data protection officer.
    Auditor,
}

/// Which enterprises you can find at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum ScopeKind {
    /// Every enterprise.
    All,
    /// Those that have a record of your agency.
    Agency,
    /// Those whose owner consents to your institution, for the purpose you state.
    Consent,
    /// Your own.
    Person,
    /// None; figures only.
    Nothing,
}

/// You, as your token says.
pub struct Viewer(pub viewer::Viewer);

/// You, as your token says.
#[Object]
impl Viewer {
    /// The subject of your token, as the access log names you; empty without a token.
    async fn subject(&self) -> &str {
        &self.0.subject
    }

    /// Your role.
    async fn role(&self) -> Role {
        self.0.role.into()
    }

    /// The code of your agency, for the roles of an agency. Example: "kominfo".
    async fn agency(&self) -> Option<&str> {
        self.0.agency.as_ref().map(|it| it.as_str())
    }

    /// Your institution, for a lender or the central bank. Example: "bjb".
    async fn institution(&self) -> Option<&str> {
        self.0.institution.as_deref()
    }

    /// The program through which you ask, where your token names one. Example: "console".
    async fn client(&self) -> Option<&str> {
        self.0.client.as_deref()
    }

    /// Which enterprises you can find at all.
    async fn scope(&self) -> ScopeKind {
        match self.0.scope() {
            Scope::All | Scope::Used => ScopeKind::All,
            Scope::Agency(_) => ScopeKind::Agency,
            Scope::Consent(..) => ScopeKind::Consent,
            Scope::Person(_) => ScopeKind::Person,
            Scope::Nothing => ScopeKind::Nothing,
        }
    }

    /// What your role may do, as phrases. Example: "read statistics".
    async fn may(&self) -> Vec<&'static str> {
        let allowed = Action::ALL.iter().filter(|it| self.0.may(**it));
        allowed.map(|it| it.phrase()).collect()
    }
}
