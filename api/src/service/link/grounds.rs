//! Decisions as a run meets them.

use std::collections::HashSet;

use domain::id::{DecisionId, RecordId};

use super::CauseKind;
use crate::app::App;
use crate::error::Error;
use crate::store::decisions::{DecisionChange, StoredDecision, Verdict};

/// What decisions are to a run.
pub(super) struct Grounds {
    /// Those in force once the run is over, the oldest first.
    pub(super) verdicts: Vec<(DecisionId, Verdict)>,
    /// The one that comes into force or is taken back.
    pub(super) verdict: Option<Verdict>,
    /// The one that is taken back.
    pub(super) undone: Option<Box<StoredDecision>>,
    /// The records they speak of.
    pub(super) spoken: Vec<RecordId>,
    /// Linked records that are no more.
    pub(super) gone: Vec<RecordId>,
    /// What is to be written of them.
    pub(super) made: Vec<DecisionChange>,
}

impl Grounds {
    /// Those of a run for this cause.
    pub(super) async fn of(app: &App, cause: CauseKind) -> Result<Grounds, Error> {
        let verdicts = app.store.standing_verdicts().await?;
        let (spoken, gone, made) = (vec![], vec![], vec![]);
        let mut it = Grounds { verdicts, verdict: None, undone: None, spoken, gone, made };
        match cause {
            CauseKind::NewRecords | CauseKind::Everything | CauseKind::Activated(..) => {}
            CauseKind::Erased(records) => {
                let erased: HashSet<RecordId> = records.iter().copied().collect();
                for (id, said) in std::mem::take(&mut it.verdicts) {
                    // What a decision held together or apart is judged anew.
                    let about = said.records();
                    if about.iter().any(|it| erased.contains(it)) {
                        it.spoken.extend(about.into_iter().filter(|it| !erased.contains(it)));
                    }
                    it.verdicts.extend(said.without(&erased).map(|it| (id, it)));
                }
                it.gone = records;
            }
            CauseKind::Together(all) => {
                it.spoken.extend(all.iter().flat_map(|it| it.verdict.records()));
                it.verdicts.extend(all.iter().map(|it| (it.id, it.verdict.clone())));
                it.made.extend(all.into_iter().map(DecisionChange::Make));
            }
            CauseKind::Decided(id, said, change) => {
                it.spoken = said.records();
                it.verdicts.push((id, said.clone()));
                it.verdict = Some(said);
                it.made.push(change);
            }
            CauseKind::Undone(stored) => {
                it.spoken = stored.verdict.records();
                it.verdicts.retain(|it| it.0 != stored.id);
                it.verdict = Some(stored.verdict.clone());
                it.made.push(DecisionChange::Undo(stored.id));
                it.undone = Some(stored);
            }
        }
        Ok(it)
    }
}
