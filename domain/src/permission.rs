//! What each role may do at all: one pure function, role by role and action by action.

use crate::viewer::{Role, Viewer};

macro_rules! actions {
    ($($(#[$doc:meta])* $name:ident = $phrase:literal, $scope:literal;)+) => {
        /// Something a viewer can ask for.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Action { $($(#[$doc])* $name),+ }

        impl Action {
            /// Every action, reading before writing.
            pub const ALL: &'static [Action] = &[$(Action::$name),+];

            /// The action as a verb phrase, for refusals and the matrix.
            pub fn phrase(self) -> &'static str {
                match self { $(Action::$name => $phrase),+ }
            }

            /// The action as a scope of OAuth 2, by which a token can be held to less than its role.
            pub fn scope(self) -> &'static str {
                match self { $(Action::$name => $scope),+ }
            }

            /// The action of this scope.
            pub fn from_scope(scope: &str) -> Option<Action> {
                Action::ALL.iter().copied().find(|it| it.scope() == scope)
            }
        }
    };
}

actions! {
    /// The published figures; small cells are suppressed.
    ReadStatistics = "read statistics", "statistics:read";
    /// The figures as counted, small cells included.
    ReadExactStatistics = "read exact statistics", "statistics:read_exact";
    /// Figures of who stands where with financing programmes; small cells are suppressed.
    ReadInclusion = "read figures of inclusion", "inclusion:read";
    /// Enterprises under pseudonyms, with what many of them have in common.
    ReadPseudonyms = "read enterprises under pseudonyms", "pseudonyms:read";
    /// Profiles of enterprises, within the viewer's scope.
    ReadEnterprises = "read enterprises", "enterprises:read";
    /// What changed in the enterprises of one's scope.
    FollowEnterprises = "follow changes of enterprises", "enterprises:follow";
    /// What changed in the financing view of one's institution.
    FollowFinancing = "follow changes of a financing view", "financing:follow";
    /// Persons named as owners, within the viewer's scope.
    ReadOwners = "read owners", "owners:read";
    /// The files agencies sent: an agency's own, or all for those whose scope is all.
    ReadSourceFiles = "read source files", "files:read";
    /// What an agency is asked to correct in its own list: an agency's own, or all for stewards.
    ReadCorrections = "read corrections", "corrections:read";
    /// Linkage models and runs of the engine.
    ReadLinkage = "read linkage models and runs", "linkage:read";
    /// Doubtful pairs and past decisions.
    Review = "review pairs and decisions", "decisions:read";
    /// How far imports and link runs are.
    FollowProgress = "follow progress", "progress:read";
    /// Send a list in the name of an agency.
    Upload = "send a list", "files:write";
    /// Say what the columns of a list mean.
    ConfirmMapping = "confirm a mapping", "mappings:write";
    /// Have live sources pulled, and stop pulls.
    PullSources = "pull live sources", "sources:write";
    /// Say what holds of pairs, records and values, approve what others said, and take it back.
    Decide = "decide pairs", "decisions:write";
    /// Run the linkage engine.
    Link = "link records", "linkage:write";
    /// Preview linkage models and make one of them link.
    ChangeModel = "preview and activate linkage models", "models:write";
    /// Who read whose data, why, and where use is out of the ordinary.
    ReadEvidence = "read the access log", "evidence:read";
    /// Say whether breaking the glass was justified.
    SettleEvidence = "settle broken glass", "evidence:write";
    /// What owners agreed to: of one's own enterprises, for one's own institution, or within one's scope.
    ReadConsents = "read consents", "consents:read";
    /// Write down that an owner gives a consent or takes it back.
    ChangeConsents = "give and withdraw consents", "consents:write";
    /// Answer a person about everything that is held of her.
    AnswerPersons = "answer persons about their data", "persons:read";
    /// Ask for what is a person's right: rectification, restriction, erasure.
    AskRights = "ask for persons' rights", "rights:write";
    /// Carry out what persons ask for by right, or say why not.
    SettleRights = "carry out persons' rights", "rights:settle";
}

impl Viewer {
    /// Whether this viewer may do `action`: her role may, and her token is not held to less.
    pub fn may(&self, action: Action) -> bool {
        let held = self.held_to.as_ref();
        self.role_may(action) && held.is_none_or(|it| it.contains(&action))
    }

    /// Whether her role may do `action` here: a developer works on synthetic data alone, and of any other
    /// register she reads what everybody does.
    pub fn role_may(&self, action: Action) -> bool {
        let sandbox = self.role != Role::Developer || self.synthetic;
        may(if sandbox { self.role } else { Role::Public }, action)
    }
}

/// Whether someone in `role` may do `action`. Which rows it then reaches is the scope's business.
pub fn may(role: Role, action: Action) -> bool {
    use Action::{
        AnswerPersons, AskRights, ChangeConsents, ChangeModel, ConfirmMapping, FollowEnterprises,
        FollowFinancing, FollowProgress, Link, PullSources, ReadConsents, ReadCorrections,
        ReadEnterprises, ReadEvidence, ReadExactStatistics, ReadInclusion, ReadLinkage, ReadOwners,
        ReadPseudonyms, ReadSourceFiles, ReadStatistics, Review, SettleEvidence, SettleRights,
        Upload,
    };
    match role {
        Role::Public => matches!(action, ReadStatistics),
        Role::CentralBank => matches!(action, ReadStatistics | ReadInclusion | ReadPseudonyms),
        Role::Lender => {
            matches!(action, ReadStatistics | ReadEnterprises | FollowFinancing | ReadConsents)
        }
        Role::Owner => matches!(
            action,
            ReadStatistics
                | ReadEnterprises
                | ReadOwners
                | ReadConsents
                | ChangeConsents
                | AnswerPersons
                | AskRights
        ),
        Role::AgencyViewer => {
            matches!(
                action,
                ReadStatistics | ReadEnterprises | FollowEnterprises | ReadOwners | ReadSourceFiles
            )
        }
        Role::AgencyOperator => matches!(
            action,
            ReadStatistics
                | ReadEnterprises
                | FollowEnterprises
                | ReadOwners
                | ReadSourceFiles
                | ReadCorrections
                | FollowProgress
                | Upload
                | ConfirmMapping
                | PullSources
                | ReadConsents
                | ChangeConsents
                | AskRights
                | SettleRights
        ),
        Role::Auditor => matches!(
            action,
            ReadStatistics
                | ReadEnterprises
                | ReadOwners
                | ReadSourceFiles
                | ReadLinkage
                | Review
                | ReadEvidence
                | SettleEvidence
                | ReadConsents
                | AnswerPersons
                | AskRights
        ),
        Role::Developer => matches!(
            action,
            ReadStatistics
                | ReadExactStatistics
                | ReadInclusion
                | ReadEnterprises
                | FollowEnterprises
                | ReadOwners
                | ReadSourceFiles
                | ReadLinkage
                | Review
                | FollowProgress
        ),
        Role::Administrator => matches!(
            action,
            ReadStatistics
                | ReadEnterprises
                | ReadSourceFiles
                | ReadLinkage
                | FollowProgress
                | ConfirmMapping
                | PullSources
                | Link
                | ChangeModel
                | ReadEvidence
        ),
        Role::Steward => !matches!(
            action,
            FollowFinancing | Upload | ReadEvidence | SettleEvidence | ReadPseudonyms
        ),
    }
}

/// Whether `action` touches the data of persons, so that each request for it is written down whatever
/// becomes of it (law 9).
pub fn touches_persons(action: Action) -> bool {
    use Action::{
        AnswerPersons, AskRights, ChangeConsents, ConfirmMapping, Decide, FollowEnterprises,
        FollowFinancing, PullSources, ReadConsents, ReadCorrections, ReadEnterprises, ReadEvidence,
        ReadOwners, ReadPseudonyms, ReadSourceFiles, Review, SettleEvidence, SettleRights, Upload,
    };
    matches!(
        action,
        ReadEnterprises
            | ReadPseudonyms
            | FollowFinancing
            | FollowEnterprises
            | ReadOwners
            | ReadSourceFiles
            | ReadCorrections
            | Review
            | Upload
            | ConfirmMapping
            | PullSources
            | Decide
            | ReadEvidence
            | SettleEvidence
            | ReadConsents
            | ChangeConsents
            | AnswerPersons
            | AskRights
            | SettleRights
    )
}

/// The role x action matrix as a Markdown table: the reviewed form of [`may`].
pub fn matrix() -> String {
    let mut table = String::from("| action | scope |");
    for role in Role::ALL {
        table += &format!(" {} |", role.code());
    }
    table += &format!("\n|---|---|{}\n", "---|".repeat(Role::ALL.len()));
    for &action in Action::ALL {
        table += &format!("| {} | `{}` |", action.phrase(), action.scope());
        for &role in Role::ALL {
            table += if may(role, action) { " yes |" } else { " |" };
        }
        table.push('\n');
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_public_and_the_central_bank_read_figures_and_no_enterprise_by_name() {
        use Action::{ReadInclusion, ReadPseudonyms, ReadStatistics};
        let allowed = |role| -> Vec<Action> {
            Action::ALL.iter().copied().filter(|it| may(role, *it)).collect()
        };
        assert_eq!(allowed(Role::Public), [ReadStatistics]);
        assert_eq!(allowed(Role::CentralBank), [ReadStatistics, ReadInclusion, ReadPseudonyms]);
    }

    #[test]
    fn a_token_held_to_less_never_gives_more() {
        let held = |role| Viewer {
            role,
            held_to: Some([Action::ReadStatistics, Action::Decide].into()),
            ..Viewer::public()
        };
        assert!(held(Role::Steward).may(Action::Decide));
        assert!(!held(Role::Steward).may(Action::ReadOwners));
        assert!(!held(Role::Lender).may(Action::Decide));
    }

    #[test]
    fn only_a_steward_decides_and_only_an_operator_sends() {
        for &role in Role::ALL {
            assert_eq!(may(role, Action::Decide), role == Role::Steward);
            assert_eq!(may(role, Action::Upload), role == Role::AgencyOperator);
        }
    }
}
