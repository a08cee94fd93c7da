//! Evidence of reading: every request keeps a ledger of whose data it showed, and one entry of it is
//! durable before the answer leaves (law 9; UU PDP 27/2022 article 31).

mod stated;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::{Mutex, PoisonError};

use domain::consent::Ties;
use domain::id::{ConsentId, DecisionId, EnterpriseId, FileId, OwnerId, RecordId};
use domain::permission::{Action, touches_persons};
use domain::purpose::Purpose;
use domain::viewer::Viewer;
use evidence::{Act, Hash, Outcome, Read, Receipt};

pub use self::stated::{HOLDS_NUMBER, Named, Stated, holds_number, named, plain};
use super::evidence::Evidence;
use super::receipts;
use crate::app::App;
use crate::error::Error;

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
    /// The consents that opened what was shown.
    consents: BTreeSet<ConsentId>,
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

    /// As [`Ledger::read`] of several attributes.
    pub fn read_all(&self, whose: impl Into<Whose>, attributes: &BTreeSet<(&'static str, bool)>) {
        let whose = whose.into();
        self.entries(|it| {
            for shown in [true, false] {
                let of = || attributes.iter().filter(|it| it.1 == shown).map(|it| it.0);
                if of().next().is_some() {
                    it.due = true;
                    it.read.entry((whose, shown)).or_default().extend(of());
                }
            }
        });
    }

    /// Notes which consents opened what is shown.
    pub fn rely(&self, ties: &Ties) {
        if !ties.grants.is_empty() {
            self.entries(|it| it.consents.extend(ties.grants.iter().map(|it| it.consent)));
        }
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
            Some(act) => evidence.record(act).await.map(drop),
            None => Ok(()),
        }
    }

    /// As [`Ledger::seal`] before an answer with this digest leaves, with a receipt of it: returns that with the
    /// place of its entry.
    pub async fn seal_with_receipt(
        &self,
        app: &App,
        viewer: &Viewer,
        data: Hash,
    ) -> Result<Option<(u64, Receipt)>, Error> {
        let due = self.entries(|it| {
            let consents = std::mem::take(&mut it.consents);
            it.act(viewer, &self.stated, true).map(|act| (act, consents))
        });
        let Some((mut act, consents)) = due else { return Ok(None) };
        let receipt = receipts::of(app, &act, &consents, data).await?;
        act.receipt = receipt.digest().to_string();
        Ok(Some((app.evidence.record(act).await?, receipt)))
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
        let named = named(viewer);
        Some(Act {
            request: stated.request.clone(),
            subject: named.subject,
            role: named.role,
            agency: named.agency,
            institution: named.institution,
            client: named.client,
            purpose: stated.purpose.code().to_owned(),
            reason: stated.reason.clone(),
            operation: operations.join(" "),
            rights: rights.join("; "),
            outcome,
            receipt: String::new(),
            reads: reads.collect(),
        })
    }
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
}
