//! Why two records are one enterprise, or are not: the evidence, the sum and the decision with its cause.

use std::collections::HashSet;

use domain::id::{DecisionId, RecordId};
use domain::record::Field;
use domain::viewer::Viewer;
use linkage::features::{Features, Written};
use linkage::link::{Decision, DecisionKind};
use linkage::model::Model;
use linkage::score::Explanation;

use crate::app::App;
use crate::error::Error;
use crate::service::link::{required, standing_bonds};
use crate::store::pairs::{Parts, StoredRecord};

/// Why two records are where they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// A steward said *same* of these two.
    Same,
    /// A steward said *never* of these two.
    Never,
    /// Linked: their own evidence reaches the threshold.
    Linked,
    /// Linked through other records of the enterprise; their own evidence does not reach the threshold.
    LinkedThroughOthers,
    /// Apart because a steward said *never* of other records of the two enterprises.
    PartedByNever,
    /// Apart: their own evidence reaches the threshold, the rest of the two enterprises speaks against.
    PartedByOthers,
    /// Apart: put to a person, because the evidence lies between the two thresholds.
    InDoubt,
    /// Apart: compared, and the evidence is below both thresholds.
    BelowThreshold,
    /// Apart: never compared, because no blocking rule proposes the two.
    NotProposed,
    /// Apart: never compared, because the blocks they share are too large.
    BlockTooLarge,
}

/// How probable a level is, in pairs of one enterprise (m) and in unrelated pairs (u).
pub type Probabilities = Option<(f64, f64)>;

/// Everything that is to be said about two records.
#[derive(Debug)]
pub struct Why {
    /// The records as linked.
    pub records: [StoredRecord; 2],
    /// The evidence and its sum.
    pub explanation: Explanation,
    /// m and u of each field's level, in the order of the evidence.
    pub probabilities: Vec<Probabilities>,
    /// The two are in one enterprise.
    pub linked: bool,
    /// What became of them and why.
    pub verdict: Verdict,
    /// The steward's decision that says so.
    pub decision: Option<DecisionId>,
    /// Bits from which a pair is linked without a person's word.
    pub link_bits: f64,
    /// Bits from which a pair is put to a person.
    pub review_bits: f64,
}

/// Why the records `a` and `b` are one enterprise or are not, under the active model, compared or not.
///
/// Records out of the viewer's scope are not found.
pub async fn why(app: &App, viewer: &Viewer, a: RecordId, b: RecordId) -> Result<Why, Error> {
    let ready = required(app).await?;
    let model = ready.model();
    let scope = viewer.scope();
    let mut found = app.store.linked_by_id(&scope, &[a, b]).await?;
    found.sort_by_key(|it| it.record.id != a);
    let records: [StoredRecord; 2] =
        found.try_into().map_err(|_| Error::NotFound { noun: "linked record" })?;
    let mut sides = Vec::with_capacity(2);
    for it in &records {
        let agency = app.store.agency(&it.record.agency).await?;
        sides.push(agency);
    }
    let written = [0, 1].map(|it| Written::new(&records[it].record, &sides[it]));
    let beside = !app.store.beside(&[a, b]).await?.is_empty();
    let explanation = linkage::score::explain(&written[0], &written[1], model, beside);
    let linked = records[0].enterprise == records[1].enterprise;
    let standing = standing_bonds(app).await?;
    let bits = explanation.weight_bits;
    let (verdict, decision) = match on_pair(&standing, a, b) {
        Some(it) if it.kind == DecisionKind::Same => (Verdict::Same, Some(it.id)),
        Some(it) => (Verdict::Never, Some(it.id)),
        None if linked && model.link_bits <= bits => (Verdict::Linked, None),
        None if linked => (Verdict::LinkedThroughOthers, None),
        None => {
            let homes = [records[0].enterprise, records[1].enterprise];
            let around = app.store.records_of(&scope, &homes, Parts::NONE).await?;
            let around: HashSet<RecordId> = around.iter().map(|it| it.record.id).collect();
            let never = standing.iter().find(|it| {
                it.kind == DecisionKind::Never && around.contains(&it.a) && around.contains(&it.b)
            });
            let stored = app.store.pair(a, b).await?.is_some();
            let features = Features::read(&model.settings, &written);
            let proposed = !linkage::link::candidate_pairs(&features, model).is_empty();
            let compared = stored || (proposed && bits < model.settings.floor_bits);
            match never {
                _ if !compared && proposed => (Verdict::BlockTooLarge, None),
                _ if !compared => (Verdict::NotProposed, None),
                Some(it) if model.link_bits <= bits => (Verdict::PartedByNever, Some(it.id)),
                _ if model.link_bits <= bits => (Verdict::PartedByOthers, None),
                _ if model.review_bits <= bits => (Verdict::InDoubt, None),
                _ => (Verdict::BelowThreshold, None),
            }
        }
    };
    Ok(Why {
        probabilities: probabilities(&explanation, model),
        records,
        explanation,
        linked,
        verdict,
        decision,
        link_bits: model.link_bits,
        review_bits: model.review_bits,
    })
}

/// The columns of a record that a compared field reads; empty for one that reads something else.
pub fn columns(field: &str) -> &'static [Field] {
    match field {
        "nik" | "nik_digits" => &[Field::Nik],
        "nib" => &[Field::Nib],
        "npwp" => &[Field::Npwp],
        "phone" => &[Field::Phone],
        "email" => &[Field::Email],
        "owner" => &[Field::OwnerName],
        "business" | "owned_business" | "name_trade" => &[Field::BusinessName],
        "sector" => &[Field::Trade, Field::Kbli, Field::BusinessName],
        "kbli" => &[Field::Kbli],
        "street" => &[Field::Street],
        "rt_rw" => &[Field::RtRw, Field::Rt, Field::Rw, Field::Street],
        "place" | "street_place" => &[Field::Kelurahan, Field::Kecamatan],
        "established" => &[Field::Established],
        "sales" => &[Field::AnnualSales, Field::MonthlySales],
        "capital" => &[Field::Capital],
        "workers" => &[Field::Workers, Field::WorkersMale, Field::WorkersFemale],
        _ => &[],
    }
}

fn on_pair(standing: &[Decision], a: RecordId, b: RecordId) -> Option<&Decision> {
    standing.iter().find(|it| (it.a, it.b) == (a, b) || (it.b, it.a) == (a, b))
}

fn probabilities(explanation: &Explanation, model: &Model) -> Vec<Probabilities> {
    let of = |field: &linkage::score::FieldEvidence| {
        let known = model.fields.iter().find(|it| it.field == field.field)?;
        let level = known.levels.iter().skip(1).find(|it| it.level == field.level)?;
        Some((level.related[0], level.unrelated))
    };
    explanation.fields.iter().map(of).collect()
}
