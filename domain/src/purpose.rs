//! What personal data is asked for: stated with every request, bound to the role, and written down
//! (UU PDP 27/2022 articles 20, 27 and 28: a lawful basis, and use for the stated purpose alone).

use crate::viewer::{Role, Viewer};

macro_rules! purposes {
    ($($(#[$doc:meta])* $name:ident = $code:literal),+ $(,)?) => {
        /// What personal data is asked for.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Purpose { $($(#[$doc])* $name),+ }

        impl Purpose {
            /// Every purpose.
            pub const ALL: &'static [Purpose] = &[$(Purpose::$name),+];

            /// The purpose's name in headers and in the access log.
            pub fn code(self) -> &'static str {
                match self { $(Purpose::$name => $code),+ }
            }

            /// The purpose with this code.
            pub fn from_code(code: &str) -> Option<Purpose> {
                Purpose::ALL.iter().copied().find(|it| it.code() == code)
            }
        }
    };
}

purposes! {
    /// Published figures.
    Statistics = "statistics",
    /// Building a client against synthetic data.
    Development = "development",
    /// The task of an agency: registering, licensing and assisting enterprises (PP 7/2021).
    PublicService = "public_service",
    /// Linking and correcting records.
    DataQuality = "data_quality",
    /// Running the hub.
    Administration = "administration",
    /// Assessing an enterprise that agreed to it for credit.
    Financing = "financing",
    /// Oversight of how data is used.
    Audit = "audit",
    /// Answering a person about her own data (UU PDP articles 5 to 13 and 32).
    SubjectRequest = "subject_request",
    /// An emergency that cannot wait for a right to be given: one request, with a reason, reviewed
    /// afterwards.
    BreakGlass = "break_glass",
}

/// Whether someone in `role` may state `purpose`.
pub fn may_claim(role: Role, purpose: Purpose) -> bool {
    use Purpose::{BreakGlass, DataQuality, PublicService, Statistics, SubjectRequest};
    let more: &[Purpose] = match role {
        Role::AgencyOperator => &[DataQuality, SubjectRequest],
        Role::Steward => &[PublicService, SubjectRequest, BreakGlass],
        Role::Administrator => &[BreakGlass],
        Role::Auditor => &[SubjectRequest],
        Role::Public
        | Role::Developer
        | Role::Owner
        | Role::AgencyViewer
        | Role::Lender
        | Role::CentralBank => &[],
    };
    purpose == Statistics || purpose == default_of(role) || more.contains(&purpose)
}

/// The purpose of someone in `role` who states none.
pub fn default_of(role: Role) -> Purpose {
    match role {
        Role::Public | Role::CentralBank => Purpose::Statistics,
        Role::Developer => Purpose::Development,
        Role::Owner => Purpose::SubjectRequest,
        Role::AgencyViewer | Role::AgencyOperator => Purpose::PublicService,
        Role::Steward => Purpose::DataQuality,
        Role::Administrator => Purpose::Administration,
        Role::Lender => Purpose::Financing,
        Role::Auditor => Purpose::Audit,
    }
}

/// In which role someone in `role` reads for `purpose`: who breaks the glass reads what a steward does.
pub fn reads_as(role: Role, purpose: Purpose) -> Role {
    let broken = purpose == Purpose::BreakGlass && may_claim(role, purpose);
    if broken { Role::Steward } else { role }
}

/// As whom `viewer` reads for `purpose`, for as long as one request takes. What she changes and who she is
/// stay her own.
pub fn reading_as(viewer: &Viewer, purpose: Purpose) -> Viewer {
    Viewer { role: reads_as(viewer.role, purpose), stated: Some(purpose), ..viewer.clone() }
}

/// The role x purpose matrix as a Markdown table: the reviewed form of [`may_claim`].
pub fn matrix() -> String {
    let mut table = String::from("| purpose |");
    for role in Role::ALL {
        table += &format!(" {} |", role.code());
    }
    table += &format!("\n|---|{}\n", "---|".repeat(Role::ALL.len()));
    for &purpose in Purpose::ALL {
        table += &format!("| {} |", purpose.code());
        for &role in Role::ALL {
            table += match may_claim(role, purpose) {
                true if default_of(role) == purpose => " unless stated otherwise |",
                true => " yes |",
                false => " |",
            };
        }
        table.push('\n');
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::permission::Action;
    use crate::viewer::Scope;

    #[test]
    fn every_role_may_claim_the_purpose_it_has_without_stating_one() {
        for &role in Role::ALL {
            assert!(may_claim(role, default_of(role)), "{}", role.code());
        }
    }

    #[test]
    fn only_a_bank_finances_and_only_stewards_and_administrators_break_the_glass() {
        let claimants = |purpose| -> Vec<Role> {
            Role::ALL.iter().copied().filter(|it| may_claim(*it, purpose)).collect()
        };
        assert_eq!(claimants(Purpose::Financing), [Role::Lender]);
        assert_eq!(claimants(Purpose::BreakGlass), [Role::Steward, Role::Administrator]);
    }

    #[test]
    fn breaking_the_glass_opens_what_a_steward_sees_and_nothing_else_does() {
        let administrator =
            Viewer { subject: "ani".into(), role: Role::Administrator, ..Viewer::public() };
        for &purpose in Purpose::ALL {
            let read = reading_as(&administrator, purpose);
            assert_eq!(read.role == Role::Steward, purpose == Purpose::BreakGlass);
            let scope = if purpose == Purpose::BreakGlass { Scope::All } else { Scope::Used };
            assert_eq!((read.subject.as_str(), read.scope()), ("ani", scope));
        }
        let narrow = Viewer { held_to: Some([Action::ReadEnterprises].into()), ..administrator };
        let read = reading_as(&narrow, Purpose::BreakGlass);
        assert!(read.may(Action::ReadEnterprises) && !read.may(Action::ReadOwners));
    }
}
