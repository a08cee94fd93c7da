//! How a job went, as one line for programs.

use linkage::evaluate::Quality;
use linkage::link::Whole;
use serde::Serialize;

/// How a job went.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    /// Rows read.
    pub records: usize,
    /// Clusters found.
    pub clusters: usize,
    /// Pairs that blocking proposed.
    pub candidate_pairs: usize,
    /// Of the true pairs, the share that blocking proposed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub candidate_recall: Option<f64>,
    /// Over pairs of rows in one cluster; with two files those across them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pairwise: Option<Shares>,
    /// Over rows, each with the overlap of its two clusters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub b_cubed: Option<Shares>,
    /// Blocks left out for their size, those that stay too large even with a second key part included: rows that
    /// share nothing rarer were not compared.
    pub capped_blocks: usize,
    /// Rows with more or fewer cells than the heading; the first of them stands in `first_ragged_row`.
    pub ragged_rows: usize,
    /// The row, counted from 1 with the heading, where cells are first missing or too many: often a
    /// delimiter or a quotation mark within a cell.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_ragged_row: Option<usize>,
    /// What the model says of itself.
    pub model: Model,
    /// Wall-clock seconds by stage.
    pub seconds: Seconds,
}

/// Shares of right answers, each between 0 and 1.
#[derive(Debug, Clone, Serialize)]
pub struct Shares {
    /// Of what was found, the share that is right.
    pub precision: f64,
    /// Of what is right, the share that was found.
    pub recall: f64,
    /// The harmonic mean of the two.
    pub f1: f64,
}

/// What the model says of itself.
#[derive(Debug, Clone, Serialize)]
pub struct Model {
    /// The weight in bits from which a pair is linked.
    pub link_bits: f64,
    /// The share of right links it expects above that.
    pub expected_precision: f64,
    /// The estimate came to rest before the rounds ran out.
    pub converged: bool,
    /// How many rounds it took.
    pub rounds: u32,
}

/// Wall-clock seconds by stage.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Seconds {
    /// Reading the files and their texts.
    pub read: f64,
    /// Counting words and dummies.
    pub prepare: f64,
    /// Putting rows under their keys.
    pub block: f64,
    /// Estimating the model.
    pub train: f64,
    /// Comparing and scoring pairs.
    pub score: f64,
    /// Making clusters.
    pub cluster: f64,
    /// Writing them.
    pub write: f64,
    /// Measuring them against the truth.
    pub evaluate: f64,
    /// All of it but the measuring.
    pub total: f64,
}

impl Report {
    pub(crate) fn new(
        records: usize,
        whole: &Whole,
        quality: Option<(Quality, Quality)>,
        asked: usize,
        ragged: (usize, Option<usize>),
        stages: Vec<(&'static str, f64)>,
    ) -> Report {
        let shares = |it: Quality| Shares { precision: it.precision, recall: it.recall, f1: it.f1 };
        let mut seconds = Seconds::default();
        for (stage, took) in stages {
            let slot = match stage {
                "read" => &mut seconds.read,
                "prepare" => &mut seconds.prepare,
                "block" => &mut seconds.block,
                "train" => &mut seconds.train,
                "score" => &mut seconds.score,
                "cluster" => &mut seconds.cluster,
                "write" => &mut seconds.write,
                _ => &mut seconds.evaluate,
            };
            *slot += took;
            if stage != "evaluate" {
                seconds.total += took;
            }
        }
        Report {
            records,
            clusters: whole.clusters.len(),
            candidate_pairs: whole.candidate_pairs,
            candidate_recall: quality
                .map(|_| if asked == 0 { 1.0 } else { whole.proposed as f64 / asked as f64 }),
            pairwise: quality.map(|it| shares(it.0)),
            b_cubed: quality.map(|it| shares(it.1)),
            capped_blocks: whole.capped_blocks,
            ragged_rows: ragged.0,
            first_ragged_row: ragged.1,
            model: Model {
                link_bits: whole.model.link_bits,
                expected_precision: whole.model.expected_precision,
                converged: whole.model.converged,
                rounds: whole.model.rounds,
            },
            seconds,
        }
    }
}
