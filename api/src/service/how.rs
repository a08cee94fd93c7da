//! How the records of one enterprise came together, and where it is weakest.

use std::collections::HashMap;

use domain::id::{DecisionId, EnterpriseId, RecordId};
use domain::viewer::Viewer;
use linkage::features::Written;
use linkage::how::{Cause, Rule, parts, steps, weakest};
use linkage::link::DecisionKind;

use crate::app::App;
use crate::error::Error;
use crate::service::link::{required, standing_bonds};
use crate::store::pairs::Parts;

/// Beyond so many records only the pairs the engine kept are weighed; the others count as its floor.
const WEIGHED: usize = 100;

/// Why two groups of records joined.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StepCause {
    /// The evidence between them reaches the threshold.
    Evidence,
    /// A steward said *same*.
    Steward(DecisionId),
    /// What was decided of other records holds them together.
    Others,
}

/// One join.
#[derive(Debug, Clone)]
pub struct Step {
    /// One group.
    pub left: Vec<RecordId>,
    /// The other.
    pub right: Vec<RecordId>,
    /// The pair that decided it.
    pub pair: (RecordId, RecordId),
    /// Its bits.
    pub pair_bits: f64,
    /// The bits the join was judged by.
    pub bits: f64,
    /// Why.
    pub cause: StepCause,
}

/// How an enterprise came together.
#[derive(Debug, Clone)]
pub struct How {
    /// The joins, in order.
    pub steps: Vec<Step>,
    /// The place of the weakest join among them, and the two groups that a split there would give.
    pub weakest: Option<(usize, [Vec<RecordId>; 2])>,
    /// Bits from which two groups join.
    pub link_bits: f64,
}

/// How the records of `enterprise` came together under the active model; one of a single record did not.
pub async fn how(app: &App, viewer: &Viewer, enterprise: EnterpriseId) -> Result<How, Error> {
    let scope = viewer.scope();
    let ready = required(app).await?;
    let records = app.store.records_of(&scope, &[enterprise], Parts::ALL).await?;
    let mut sides = Vec::with_capacity(records.len());
    for it in &records {
        sides.push((it.record.clone(), app.store.agency(&it.record.agency).await?));
    }
    let ids: Vec<RecordId> = sides.iter().map(|it| it.0.id).collect();
    let place: HashMap<RecordId, usize> = ids.iter().enumerate().map(|it| (*it.1, it.0)).collect();
    let kept: HashMap<(usize, usize), f64> = app
        .store
        .links_within(&scope, &[enterprise])
        .await?
        .iter()
        .filter_map(|it| {
            let (a, b) = (place.get(&RecordId(it.pair.a))?, place.get(&RecordId(it.pair.b))?);
            Some(((*a.min(b), *a.max(b)), it.pair.weight))
        })
        .collect();
    let bonds: Vec<(DecisionId, (usize, usize))> = standing_bonds(app)
        .await?
        .iter()
        .filter(|it| it.kind == DecisionKind::Same)
        .filter_map(|it| Some((it.id, (*place.get(&it.a)?, *place.get(&it.b)?))))
        .collect();
    let link_bits = ready.model().link_bits;
    let beside = app.store.beside(&ids).await?;
    let work = move || {
        let model = ready.model();
        let rule = Rule {
            threshold: model.link_bits,
            best_share: model.settings.best_pair_share,
            cap: model.settings.pair_bits_cap,
        };
        let weight = |a: usize, b: usize| match kept.get(&(a, b)) {
            Some(bits) => *bits,
            None if WEIGHED < sides.len() => model.settings.floor_bits,
            None => {
                let beside = beside.contains(&sides[a].0.id) || beside.contains(&sides[b].0.id);
                let [a, b] = [a, b].map(|it| Written::new(&sides[it].0, &sides[it].1));
                linkage::score::explain(&a, &b, model, beside).weight_bits
            }
        };
        let same: Vec<(usize, usize)> = bonds.iter().map(|it| it.1).collect();
        let found = steps(sides.len(), &same, rule, &weight);
        let weak = weakest(&found).map(|it| (it, parts(sides.len(), &found, it)));
        (found, weak, bonds)
    };
    let (found, weak, bonds) = tokio::task::spawn_blocking(work).await.map_err(Error::internal)?;
    let named = |group: &[usize]| group.iter().map(|it| ids[*it]).collect::<Vec<_>>();
    let steps = found.iter().map(|it| Step {
        left: named(&it.left),
        right: named(&it.right),
        pair: (ids[it.pair.0], ids[it.pair.1]),
        pair_bits: it.pair_bits,
        bits: it.bits,
        cause: match it.cause {
            Cause::Evidence => StepCause::Evidence,
            Cause::Same(place) => StepCause::Steward(bonds[place].0),
            Cause::Others => StepCause::Others,
        },
    });
    let weakest = weak.map(|(place, [one, other])| (place, [named(&one), named(&other)]));
    Ok(How { steps: steps.collect(), weakest, link_bits })
}
