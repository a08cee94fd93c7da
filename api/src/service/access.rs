//! Evidence of reading: every request keeps a ledger of whose data it showed, and one entry of it is
//! durable before the answer leaves (law 9; UU PDP 27/2022 article 31).

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::{Mutex, PoisonError};

use domain::id::{DecisionId, EnterpriseId, FileId, OwnerId, RecordId};
use domain::permission::{Action, touches_persons};
use domain::purpose::{Purpose, default_of, may_claim};
use domain::viewer::Viewer;
use evidence::{Act, Outcome, Read};

use super::evidence::Evidence;
use crate::error::Error;

/// The longest reason for breaking the glass, in characters.
const REASON: usize = 500;
/// The longest name of a person or a machine in the log, in characters.
const NAME: usize = 200;

/// What a request says of itself: what for, why, and by which id its answer is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stated {
    /// What the data is for.
    pub purpose: Purpose,
    /// Why, where the purpose asks for a reason; otherwise empty.
    pub reason: String,
    /// The id of the request.
    pub request: String,
    refusal: Option<&'static str>,
}

/// The refusal of a text that may hold a person's number.
pub const HOLDS_NUMBER: &str = "must not hold a NIK, an NPWP or a telephone number";

/// Whether a text holds what may be a NIK, an NPWP or a telephone number, written in one or with gaps; a day with
/// its time is shorter.
pub fn holds_number(text: &str) -> bool {
    let longest = |gaps: &[char]| {
        let (mut run, mut longest) = (0, 0);
        for it in text.chars().filter(|it| !gaps.contains(it)) {
            run = if it.is_ascii_digit() { run + 1 } else { 0 };
            longest = longest.max(run);
        }
        longest
    };
    9 <= longest(&[]) || 15 <= longest(&[' ', '.', '-'])
}

impl Stated {
    /// What `viewer` states with the name of a purpose, or without one. [`Stated::check`] says whether she
    /// may.
    pub fn new(
        viewer: &Viewer,
        purpose: Option<&str>,
        reason: Option<&str>,
        request: &str,
    ) -> Stated {
        let usual = Stated::usual(viewer, request);
        let Some(name) = purpose else { return usual };
        let Some(purpose) = Purpose::from_code(&name.trim().to_ascii_lowercase()) else {
            return Stated { refusal: Some("the hub knows no such purpose"), ..usual };
        };
        let reason = match purpose {
            Purpose::BreakGlass => plain(reason.unwrap_or_default(), REASON),
            _ => String::new(),
        };
        // The log is for ever, and erasing a person takes nothing from it.
        if holds_number(&reason) {
            let refusal = Some("the reason must not hold a person's number");
            return Stated { purpose, refusal, ..usual };
        }
        let refusal = if !may_claim(viewer.role, purpose) {
            Some("your role may not state this purpose")
        } else if purpose == Purpose::BreakGlass && reason.chars().count() < 10 {
            Some("breaking the glass needs a reason")
        } else {
            None
        };
        Stated { purpose, reason, refusal, ..usual }
    }

    /// What `viewer` states by saying nothing.
    pub fn usual(viewer: &Viewer, request: &str) -> Stated {
        let purpose = default_of(viewer.role);
        Stated { purpose, reason: String::new(), request: request.to_owned(), refusal: None }
    }

    /// Fails with [`Error::PurposeRefused`] on a purpose that the role may not claim, on breaking the glass
    /// without a reason of at least ten characters or with one that holds a person's number, and on breaking it
    /// for anything but one query.
    pub fn check(&self, one_query: bool) -> Result<(), Error> {
        let refusal = self.refusal.or_else(|| {
            let broken = self.purpose == Purpose::BreakGlass;
            (broken && !one_query)
                .then_some("the glass is broken for one query over HTTP at a time")
        });
        refusal.map_or(Ok(()), |it| Err(Error::PurposeRefused(it)))
    }
}

/// Whose data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Whose {
    /// An enterprise's.
    Enterprise(EnterpriseId),
    /// A person's.
    Owner(OwnerId),
    /// Those in a row.
    Record(RecordId),
    /// Those in a file.
    File(FileId),
    /// Those a decision is about.
    Decision(DecisionId),
}

macro_rules! whose {
    ($($name:ident($id:ty)),+) => {
        $(impl From<$id> for Whose {
            fn from(id: $id) -> Whose { Whose::$name(id) }
        })+

        impl fmt::Display for Whose {
            fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self { $(Whose::$name(id) => id.fmt(out)),+ }
            }
        }
    };
}
whose!(
    Enterprise(EnterpriseId),
    Owner(OwnerId),
    Record(RecordId),
    File(FileId),
    Decision(DecisionId)
);

/// What one request read and what it was refused.
#[derive(Debug)]
pub struct Ledger {
    stated: Stated,
    entries: Mutex<Entries>,
}

#[derive(Debug, Default)]
struct Entries {
    operations: BTreeSet<&'static str>,
    rights: BTreeSet<Action>,
    /// It touches persons and is not yet written down.
    due: bool,
    refused: bool,
    done: bool,
    /// Attributes by whose they are and whether they were shown.
    read: BTreeMap<(Whose, bool), BTreeSet<&'static str>>,
}

impl Ledger {
    /// The empty ledger of a request.
    pub fn new(stated: Stated) -> Ledger {
        Ledger { stated, entries: Mutex::default() }
    }

    /// What the data is for.
    pub fn purpose(&self) -> Purpose {
        self.stated.purpose
    }

    /// Notes what the request does, as the field it asks for, and the right that it takes.
    pub fn operation(&self, name: &'static str, right: Action) {
        self.entries(|it| {
            it.operations.insert(name);
            it.rights.insert(right);
            it.due |= touches_persons(right);
        });
    }

    /// Notes that something the request asks for was refused as a whole.
    pub fn refuse(&self) {
        self.entries(|it| (it.refused, it.due) = (true, true));
    }

    /// Notes that `name`, which needs no right, was refused.
    pub fn refuse_as(&self, name: &'static str) {
        self.entries(|it| it.operations.insert(name));
        self.refuse();
    }

    /// Notes that what was asked was done, though nobody's data was shown.
    pub fn done(&self) {
        self.entries(|it| it.done = true);
    }

    /// Notes that `attribute` of `whose` was asked for, and whether anything of it was shown.
    pub fn read(&self, whose: impl Into<Whose>, attribute: &'static str, shown: bool) {
        let key = (whose.into(), shown);
        self.entries(|it| {
            it.due = true;
            it.read.entry(key).or_default().insert(attribute);
        });
    }

    /// Writes down what was noted since the last time, as one entry; nothing noted of persons writes
    /// nothing. `answered` says whether the answer is about to leave.
    pub async fn seal(
        &self,
        evidence: &Evidence,
        viewer: &Viewer,
        answered: bool,
    ) -> Result<(), Error> {
        match self.entries(|it| it.act(viewer, &self.stated, answered)) {
            Some(act) => evidence.record(act).await,
            None => Ok(()),
        }
    }

    fn entries<T>(&self, change: impl FnOnce(&mut Entries) -> T) -> T {
        change(&mut self.entries.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Entries {
    /// The entry of what is due, after which nothing is. The operations stay: a subscription goes on.
    fn act(&mut self, viewer: &Viewer, stated: &Stated, answered: bool) -> Option<Act> {
        if !std::mem::take(&mut self.due) {
            return None;
        }
        let shown = std::mem::take(&mut self.done) || self.read.keys().any(|it| it.1);
        let refused = std::mem::take(&mut self.refused);
        let outcome = match (answered, refused, shown) {
            (false, ..) => Outcome::Failed,
            (_, true, _) => Outcome::Refused,
            (_, _, true) => Outcome::Allowed,
            _ => Outcome::Withheld,
        };
        let mut groups: BTreeMap<(BTreeSet<&str>, bool), Vec<String>> = BTreeMap::new();
        for ((whose, shown), attributes) in std::mem::take(&mut self.read) {
            groups.entry((attributes, shown)).or_default().push(whose.to_string());
        }
        let reads = groups.into_iter().map(|((attributes, shown), whose)| Read {
            shown,
            fields: attributes.into_iter().map(str::to_owned).collect(),
            whose,
        });
        let rights: Vec<&str> = self.rights.iter().map(|it| it.phrase()).collect();
        let operations: Vec<&str> = self.operations.iter().copied().collect();
        Some(Act {
            request: stated.request.clone(),
            subject: plain(&viewer.subject, NAME),
            role: viewer.role.code().to_owned(),
            agency: viewer.agency.as_ref().map(ToString::to_string).unwrap_or_default(),
            institution: plain(viewer.institution.as_deref().unwrap_or_default(), NAME),
            client: plain(viewer.client.as_deref().unwrap_or_default(), NAME),
            purpose: stated.purpose.code().to_owned(),
            reason: stated.reason.clone(),
            operation: operations.join(" "),
            rights: rights.join("; "),
            outcome,
            reads: reads.collect(),
        })
    }
}

/// A text without what no database or terminal takes, and not too long: one odd name must not keep the
/// entries of others from being written.
pub fn plain(text: &str, longest: usize) -> String {
    text.trim().chars().filter(|it| !it.is_control()).take(longest).collect()
}

#[cfg(test)]
mod tests {
    use domain::viewer::Role;
    use uuid::Uuid;

    use super::*;

    fn steward() -> Viewer {
        Viewer { subject: "ani".into(), role: Role::Steward, ..Viewer::public() }
    }

    fn act(ledger: &Ledger) -> Option<Act> {
        ledger.entries(|it| it.act(&steward(), &ledger.stated, true))
    }

    fn enterprise(number: u128) -> EnterpriseId {
        EnterpriseId(Uuid::from_u128(number))
    }

    #[test]
    fn one_entry_holds_what_was_shown_and_what_was_withheld() {
        let ledger = Ledger::new(Stated::usual(&steward(), "r"));
        ledger.operation("enterprises", Action::ReadEnterprises);
        for id in [enterprise(1), enterprise(2)] {
            ledger.read(id, "owner_name", true);
            ledger.read(id, "nik", false);
        }
        ledger.read(enterprise(2), "phone", true);
        let act = act(&ledger).unwrap();
        let told: Vec<_> =
            act.reads.iter().map(|it| (it.whose.len(), it.fields.join(" "), it.shown)).collect();
        assert_eq!(
            told,
            [
                (2, "nik".to_owned(), false),
                (1, "owner_name".to_owned(), true),
                (1, "owner_name phone".to_owned(), true)
            ]
        );
        assert_eq!((act.outcome, act.purpose.as_str()), (Outcome::Allowed, "data_quality"));
    }

    #[test]
    fn what_touches_persons_is_an_entry_even_if_it_shows_nothing() {
        let ledger = Ledger::new(Stated::usual(&steward(), "r"));
        ledger.operation("statistics", Action::ReadStatistics);
        assert_eq!(act(&ledger), None);
        ledger.operation("decide", Action::Decide);
        assert_eq!(act(&ledger).unwrap().outcome, Outcome::Withheld);
    }

    #[test]
    fn each_answer_of_a_subscription_is_an_entry_of_its_own() {
        let ledger = Ledger::new(Stated::usual(&steward(), "r"));
        ledger.operation("changes", Action::ReadEnterprises);
        for number in 1..=3 {
            ledger.read(enterprise(number), "nik", true);
            let act = act(&ledger).unwrap();
            assert_eq!((act.operation.as_str(), act.reads.len()), ("changes", 1));
            assert_eq!(act.reads[0].whose, [enterprise(number).to_string()]);
        }
        assert_eq!(act(&ledger), None);
    }

    #[test]
    fn a_purpose_is_one_that_the_role_may_claim() {
        let state = |purpose, reason| {
            let stated = Stated::new(&steward(), purpose, reason, "r");
            stated.check(true).ok().map(|()| stated.purpose.code())
        };
        assert_eq!(state(None, None), Some("data_quality"));
        assert_eq!(state(Some("Public_Service"), None), Some("public_service"));
        for purpose in ["financing", "audit", "curiosity", "", "break_glass"] {
            assert_eq!(state(Some(purpose), None), None, "{purpose}");
        }
        assert_eq!(state(Some("break_glass"), Some("  \u{0}\u{7} why  ")), None);
        assert_eq!(state(Some("break_glass"), Some("flood in Kasemen")), Some("break_glass"));
        let dated = "flood of 22-11-2026 08.15.00 in RT 012/003";
        assert_eq!(state(Some("break_glass"), Some(dated)), Some("break_glass"));
        for number in
            ["3673014507880001", "3673 0145 0788 0001", "36.730145-0788.0001", "081234567801"]
        {
            let reason = format!("she of {number} is ill");
            let stated = Stated::new(&steward(), Some("break_glass"), Some(&reason), "r");
            assert!(stated.check(true).is_err() && stated.reason.is_empty(), "{number}");
        }
        let broken = Stated::new(&steward(), Some("break_glass"), Some("flood in Kasemen"), "r");
        assert!(broken.check(false).is_err(), "a mutation, or a socket");
    }
}
