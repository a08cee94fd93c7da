//! Training and linking in one go, for records that are linked once.

use super::Stage;
use super::run::{Judge, scored};
use crate::cluster::Bonds;
use crate::context::{self, ONE_PERSON};
use crate::estimate;
use crate::features::Features;
use crate::model::Model;
use crate::score::Scorer;
use crate::settings::Settings;

/// The result of [`link_whole`].
#[derive(Debug, Clone, PartialEq)]
pub struct Whole {
    /// The model that was trained.
    pub model: Model,
    /// The positions of the records of each entity, in order; every record is in one.
    pub clusters: Vec<Vec<u32>>,
    /// Pairs that blocking proposed.
    pub candidate_pairs: usize,
    /// Of the pairs asked for, how many blocking proposed.
    pub proposed: usize,
    /// Blocks left out for their size, in training or after it.
    pub capped_blocks: usize,
}

/// Trains a model on records and links them. With `side`, which says of each position from which of two lists
/// the record comes, only pairs across the two lists are compared. `asked` are pairs of positions of which one
/// wants to know whether blocking proposes them, to measure it.
pub fn link_whole(
    features: Features,
    settings: &Settings,
    side: Option<&[bool]>,
    asked: &[(u32, u32)],
    progress: &(dyn Fn(Stage, f32) + Sync),
) -> Whole {
    progress(Stage::Prepare, 0.0);
    let model = estimate::counted(&features, settings);
    let features = model.settled(features);
    let estimate::Trained { model, corpus, blocks } =
        estimate::estimated(&features, model, progress);
    progress(Stage::Score, 0.0);
    let scorer = Scorer::new(&model);
    // Below both, a pair neither links nor shows that a person has two businesses.
    let floor = (model.link_bits - model.other_business.unknown_bits).min(ONE_PERSON);
    let wanted = |a: usize, b: usize| side.is_none_or(|it| it[a] != it[b]);
    let (pairs, candidate_pairs) = scored(&corpus, &scorer, &blocks, &wanted, floor, progress);
    let proposed = asked.iter().filter(|it| blocks.proposes(**it)).count();
    let capped_blocks = blocks.capped() + model.refined_stop_keys.len();
    drop(blocks);
    progress(Stage::Cluster, 0.0);
    let known = context::known(corpus.len(), &pairs);
    let links = context::links(&pairs, &known, &model.other_business);
    drop(pairs);
    let judge = Judge { corpus: &corpus, scorer: &scorer, model: &model, known: &known };
    let clusters = judge.grouped(&links, &Bonds::default());
    progress(Stage::Cluster, 1.0);
    Whole { clusters, candidate_pairs, proposed, capped_blocks, model }
}
