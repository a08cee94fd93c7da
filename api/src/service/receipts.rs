//! Receipts of answers: what was disclosed, such that the access log holds the hub to it.

use std::collections::BTreeSet;

use domain::id::ConsentId;
use domain::permission::Action;
use domain::viewer::Viewer;
use evidence::merkle::{included, inclusion_behind};
use evidence::receipt::RECEIPT;
use evidence::{Act, Entry, Hash, Proof, Receipt};
use uuid::Uuid;

use super::access::named;
use crate::app::App;
use crate::clock;
use crate::error::Error;

const MISSING: Error = Error::NotFound { noun: "receipt" };

/// The receipt of an answer whose digest is `data`, and which `consents` opened, before its entry is written.
pub async fn of(
    app: &App,
    act: &Act,
    consents: &BTreeSet<ConsentId>,
    data: Hash,
) -> Result<Receipt, Error> {
    Ok(Receipt {
        layout: RECEIPT.to_owned(),
        installation: app.store.log_head().await?.installation,
        request: act.request.clone(),
        at: clock::now().timestamp_millis(),
        subject: act.subject.clone(),
        institution: act.institution.clone(),
        client: act.client.clone(),
        purpose: act.purpose.clone(),
        operation: act.operation.clone(),
        rules: app.rules.catalogue.fingerprint().to_owned(),
        consents: consents.iter().map(ToString::to_string).collect(),
        data: data.to_string(),
        salt: Uuid::new_v4().simple().to_string(),
    })
}

/// What shows that the log holds the hub to the receipt whose entry is the `seq`-th: for whoever was given it, her
/// institution, and auditors.
///
/// Fails with [`Error::NotFound`] for everybody else, with [`Error::NotSignedYet`] before the next checkpoint, and
/// with [`Error::EvidenceBroken`] when the log is not what was signed.
pub async fn proof(app: &App, viewer: &Viewer, seq: u64) -> Result<Proof, Error> {
    let before = seq.checked_sub(1).ok_or(MISSING)?;
    let found = app.store.log_part(before, 1).await?.pop();
    let (entry, _) = found.ok_or(MISSING)?.map_err(Error::EvidenceBroken)?;
    if entry.seq != seq || entry.act.receipt.is_empty() || !may_have(viewer, &entry) {
        return Err(MISSING);
    }
    let over = app.store.checkpoint_over(seq).await?;
    let (checkpoint, before) = over.ok_or(Error::NotSignedYet)?;
    let from = before.size();
    let stored = app.store.log_part(from, checkpoint.head.size - from).await?;
    let entries: Result<Vec<_>, u64> = stored.into_iter().collect();
    let leaves: Vec<_> =
        entries.map_err(Error::EvidenceBroken)?.iter().map(|it| it.0.leaf()).collect();
    let path = inclusion_behind(&before, &leaves, seq - 1).ok_or(Error::EvidenceBroken(seq))?;
    let (size, root) = (checkpoint.head.size, checkpoint.tree.root());
    if !included(&entry.leaf(), seq - 1, size, &path, &root) {
        return Err(Error::EvidenceBroken(seq));
    }
    let path = path.iter().map(ToString::to_string).collect();
    Ok(Proof { entry, path, checkpoint: checkpoint.to_string() })
}

fn may_have(viewer: &Viewer, entry: &Entry) -> bool {
    let act = &entry.act;
    let named = named(viewer);
    let hers = match named.institution.is_empty() {
        true => (&act.subject, &act.agency) == (&named.subject, &named.agency),
        false => act.institution == named.institution,
    };
    (hers && act.role == named.role) || viewer.may(Action::ReadEvidence)
}
