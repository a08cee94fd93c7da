//! Decisions as a run meets them.

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
    /// What is to be written of them.
    pub(super) made: Vec<DecisionChange>,
}

impl Grounds {
    /// Those of a run for this cause.
    pub(super) async fn of(app: &App, cause: CauseKind) -> Result<Grounds, Error> {
        let verdicts = app.store.standing_verdicts().await?;
        let mut it =
            Grounds { verdicts, verdict: None, undone: None, spoken: vec![], made: vec![] };
        match cause {
            CauseKind::NewRecords | CauseKind::Everything | CauseKind::Activated(..) => {}
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
