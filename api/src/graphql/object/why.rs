//! Why two rows are one enterprise, or are not, as the API shows it.

use async_graphql::{Context, Enum, ID, SimpleObject};
use domain::consent::Ties;
use domain::id::RecordId;
use domain::permission::Action;
use domain::view::{RecordView, attribute_of, cut_record};

use super::attribute::Access;
use super::record::RecordText;
use crate::error::Error;
use crate::graphql::Ask;
use crate::service::why::{Verdict, Why, columns, why};
use crate::store::pairs::StoredRecord;

/// What the engine makes of one field of two rows.
#[derive(Debug, Clone, SimpleObject)]
pub struct FieldEvidence {
    /// The field. Example: "phone".
    pub field: String,
    /// What row a says in the columns that the field reads, as far as you see it.
    pub a: Vec<RecordText>,
    /// What row b says there.
    pub b: Vec<RecordText>,
    /// How well the two agree in it. Example: "equal"; "missing" is no evidence.
    pub level: String,
    /// How probable this agreement is when the two are one enterprise, from 0 to 1; null where it is no
    /// evidence.
    pub m: Option<f64>,
    /// How probable it is when the two have nothing to do with each other, from 0 to 1; 1 where the rarity
    /// of the value itself is counted instead.
    pub u: Option<f64>,
    /// The share of unrelated rows that the engine takes to have the shared value, from 0 to 1: two to the
    /// power of minus `rarityBits`. Null where rarity does not count.
    pub term_frequency: Option<f64>,
    /// Evidence in bits: log2 of how much likelier this agreement is for one enterprise than for two.
    pub bits: f64,
    /// More bits for how rare the shared value is.
    pub rarity_bits: f64,
    /// What the field says in all, `bits` and `rarityBits` together: above 0 for one enterprise, below 0
    /// against it.
    pub total_bits: f64,
}

/// What became of two rows, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum PairVerdict {
    /// A steward said *same* of these two.
    Same,
    /// A steward said *never* of these two.
    Never,
    /// Linked: their own evidence reaches the threshold.
    Linked,
    /// Linked through other rows of the enterprise; their own evidence does not reach the threshold.
    LinkedThroughOthers,
    /// Apart because a steward said *never* of other rows of the two enterprises.
    PartedByNever,
    /// Apart: their own evidence reaches the threshold, but the rest of the two enterprises speaks against.
    PartedByOthers,
    /// Apart: the evidence lies between the two thresholds, so a person is asked.
    InDoubt,
    /// Apart: compared, and the evidence is below both thresholds.
    BelowThreshold,
    /// Apart: never compared, because no blocking rule proposes the two.
    NotProposed,
    /// Apart: never compared, because the blocks they share are too large.
    BlockTooLarge,
}

/// Why a pair weighs what it weighs and what became of it; the parts add up to the weight.
#[derive(Debug, Clone, SimpleObject)]
pub struct Explanation {
    /// Bits before any evidence: how seldom two random rows are one enterprise.
    pub prior_bits: f64,
    /// The evidence of each field.
    pub fields: Vec<FieldEvidence>,
    /// Bits given back because the evidence also fits one enterprise that moved or has two owners.
    pub moved_or_two_owners_bits: f64,
    /// Bits taken off because the evidence also fits another business of the same person or at the same
    /// address.
    pub other_business_bits: f64,
    /// Bits that the owner's other rows add, or take away when they show another business of hers.
    pub context_bits: f64,
    /// The weight, in bits.
    pub weight: f64,
    /// The two are in one enterprise.
    pub linked: bool,
    /// What became of the two, and why.
    pub verdict: PairVerdict,
    /// The same in a sentence.
    pub cause: String,
    /// The steward's decision that settled it; null where none did. Example: `dec_...`.
    pub decision: Option<ID>,
    /// Bits from which a pair is linked without a person's word.
    pub link_bits: f64,
    /// Bits from which a pair is put to a person.
    pub review_bits: f64,
}

/// Explains two rows to whoever asks; rows out of scope are not found.
pub(crate) async fn explain(
    ctx: &Context<'_>,
    a: RecordId,
    b: RecordId,
) -> Result<Explanation, Error> {
    ctx.permit(Action::Review, "why")?;
    let found = why(ctx.app(), ctx.viewer(), a, b).await?;
    let views =
        found.records.each_ref().map(|it| cut_record(ctx.viewer(), &Ties::default(), &it.record));
    let evidence = found.explanation.fields.iter().zip(&found.probabilities).map(|(it, known)| {
        let field = it.field.as_str();
        let text = |side: usize| texts(ctx, &found.records[side], &views[side], field);
        FieldEvidence {
            a: text(0),
            b: text(1),
            field: field.to_owned(),
            level: it.level.to_owned(),
            m: known.map(|it| it.0),
            u: known.map(|it| it.1),
            term_frequency: (it.rarity_bits != 0.0).then(|| (-it.rarity_bits).exp2()),
            bits: it.level_bits,
            rarity_bits: it.rarity_bits,
            total_bits: it.level_bits + it.rarity_bits,
        }
    });
    Ok(Explanation {
        prior_bits: found.explanation.prior_bits,
        fields: evidence.collect(),
        moved_or_two_owners_bits: found.explanation.moved_or_two_owners_bits,
        other_business_bits: found.explanation.other_business_bits,
        context_bits: found.explanation.context_bits,
        weight: found.explanation.weight_bits,
        linked: found.linked,
        verdict: verdict(found.verdict),
        cause: cause(&found),
        decision: found.decision.map(|it| ID(it.to_string())),
        link_bits: found.link_bits,
        review_bits: found.review_bits,
    })
}

fn texts(
    ctx: &Context<'_>,
    stored: &StoredRecord,
    view: &RecordView,
    field: &str,
) -> Vec<RecordText> {
    let shown = columns(field).iter().filter_map(|column| {
        let text = RecordText::new(*column, view.texts.get(column)?);
        let seen = text.access != Access::Hidden;
        ctx.ledger().read(stored.enterprise, attribute_of(*column).code(), seen);
        Some(text)
    });
    shown.collect()
}

fn verdict(verdict: Verdict) -> PairVerdict {
    match verdict {
        Verdict::Same => PairVerdict::Same,
        Verdict::Never => PairVerdict::Never,
        Verdict::Linked => PairVerdict::Linked,
        Verdict::LinkedThroughOthers => PairVerdict::LinkedThroughOthers,
        Verdict::PartedByNever => PairVerdict::PartedByNever,
        Verdict::PartedByOthers => PairVerdict::PartedByOthers,
        Verdict::InDoubt => PairVerdict::InDoubt,
        Verdict::BelowThreshold => PairVerdict::BelowThreshold,
        Verdict::NotProposed => PairVerdict::NotProposed,
        Verdict::BlockTooLarge => PairVerdict::BlockTooLarge,
    }
}

fn cause(found: &Why) -> String {
    let bits = found.explanation.weight_bits;
    let (link, review) = (found.link_bits, found.review_bits);
    match found.verdict {
        Verdict::Same => "A steward said that the two are one enterprise.".to_owned(),
        Verdict::Never => "A steward said that the two are not one enterprise.".to_owned(),
        Verdict::Linked => {
            format!("Linked automatically: {bits:.1} bits reach the threshold of {link:.1} bits.")
        }
        Verdict::LinkedThroughOthers => format!(
            "Linked through other rows of the enterprise; their own {bits:.1} bits do not reach the \
             threshold of {link:.1} bits."
        ),
        Verdict::PartedByNever => format!(
            "Apart: their own {bits:.1} bits reach the threshold of {link:.1} bits, but a steward said \
             never of other rows of the two enterprises."
        ),
        Verdict::PartedByOthers => format!(
            "Apart: their own {bits:.1} bits reach the threshold of {link:.1} bits, but the other rows of \
             the two enterprises speak against."
        ),
        Verdict::InDoubt => format!(
            "Apart: {bits:.1} bits lie between {review:.1} bits, from which a person is asked, and the \
             threshold of {link:.1} bits."
        ),
        Verdict::BelowThreshold => {
            format!(
                "Apart: {bits:.1} bits are below {review:.1} bits, from which a person is asked."
            )
        }
        Verdict::NotProposed => {
            "Apart: never compared, because no blocking rule proposes the two.".to_owned()
        }
        Verdict::BlockTooLarge => {
            "Apart: never compared, because the blocks they share are too large.".to_owned()
        }
    }
}
