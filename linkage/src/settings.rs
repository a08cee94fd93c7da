//! Settings: every number the engine is free to choose, with what it means.

use serde::{Deserialize, Serialize};

/// What a steward may set before a model is trained; part of the frozen model afterwards.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// The share of automatic links that shall be right: the automatic threshold is the lowest at which
    /// the model expects this of the links above it.
    pub target_precision: f64,
    /// A pair less probable than this is not put to a steward.
    pub review_probability: f64,
    /// A pair below this weight, in bits, is forgotten; it could neither be linked nor reviewed.
    pub floor_bits: f64,
    /// How many pairs at most the parameters are estimated from.
    pub training_pairs: usize,
    /// How many random pairs show what unrelated records agree in by chance.
    pub random_pairs: usize,
    /// Rounds of expectation maximisation at most.
    pub rounds: usize,
    /// The estimate has converged when no parameter moves more than this in a round.
    pub tolerance: f64,
    /// How many imagined pairs stand behind the starting values, so that a small list does not run wild.
    pub starting_weight: f64,
    /// Of the bits a rare word gives, the part that counts: words of one name go together.
    pub word_bits_share: f64,
    /// Bits that a word gives less when it agrees but for a typing error.
    pub near_word_loss: f64,
    /// Bits at most that the words of one field give together.
    pub word_bits_cap: f64,
    /// Bits that an equal NIK, NIB, NPWP or e-mail gives above `log2(records)`: how seldom unrelated records
    /// share one by mistake.
    pub identifier_bits: f64,
    /// The same for a telephone number, which families and field officers share.
    pub phone_bits: f64,
    /// An identifier or phone that more records hold than this is a dummy and no evidence.
    pub dummy_holders: u32,
    /// A blocking key that more records share is a stop key: it blocks only together with a second.
    pub block_size: u32,
    /// A block larger than this is left out and reported, whatever its key.
    pub block_limit: u32,
    /// Of the bits between two clusters, the part their best pair decides; the mean of all pairs decides the
    /// rest. At 1 chains join, at 0 one record with little in it parts a cluster.
    pub best_pair_share: f64,
    /// Bits a pair counts at most for or against in a cluster.
    pub pair_bits_cap: f64,
    /// Bits of evidence, prior included, for two records to name one owner.
    pub owner_threshold_bits: f64,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            target_precision: 0.98,
            review_probability: 0.2,
            floor_bits: -8.0,
            training_pairs: 200_000,
            random_pairs: 60_000,
            rounds: 40,
            tolerance: 0.001,
            starting_weight: 60.0,
            word_bits_share: 0.85,
            near_word_loss: 2.0,
            word_bits_cap: 16.0,
            identifier_bits: 4.0,
            phone_bits: 2.0,
            dummy_holders: 12,
            block_size: 40,
            block_limit: 2_000,
            best_pair_share: 0.6,
            pair_bits_cap: 12.0,
            owner_threshold_bits: 0.0,
        }
    }
}
