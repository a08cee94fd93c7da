//! The corpus: features together with how rare each word is under a model.

use rayon::prelude::*;

use crate::affinity::{Affinity, Labelled, Labels};
use crate::compare::Scale;
use crate::features::Features;
use crate::model::Model;
use crate::plan::Plan;
use crate::settings::Kind;
use crate::text::mix;

/// Records ready to be blocked and compared.
pub(crate) struct Corpus<'a> {
    pub(crate) features: &'a Features,
    pub(crate) plan: Plan,
    pub(crate) scale: Scale,
    /// For each list, the bits of surprise when two unrelated records share a word in it.
    pub(crate) bits: Vec<Vec<f32>>,
    /// For each record and list, the bits when an unrelated record has exactly its words.
    phrases: Vec<f32>,
    labelled: Labelled,
}

impl<'a> Corpus<'a> {
    /// How rare each word is comes from `model`, never from the records. `features` must have lost the
    /// model's dummies ([`Model::settle`]).
    pub(crate) fn new(features: &'a Features, model: &Model) -> Corpus<'a> {
        let plan = Plan::new(&model.settings).expect("a model's settings were checked");
        let words = &features.vocabulary;
        let bits: Vec<Vec<f32>> = model
            .words
            .iter()
            .map(|of| (0..words.len() as u32).map(|it| of.bits(words.word(it))).collect())
            .collect();
        let places: Vec<usize> = list_cells(&plan);
        let phrases = (0..features.len())
            .into_par_iter()
            .flat_map_iter(|record| {
                let of = places.iter().zip(&model.words).zip(&bits);
                of.map(move |((at, frequencies), bits)| match features.words(record, *at) {
                    [] => 0.0,
                    [only] => bits[only.token as usize],
                    several => frequencies.phrase_bits(
                        &several
                            .iter()
                            .map(|it| words.whole[it.token as usize])
                            .collect::<Vec<_>>(),
                    ),
                })
            })
            .collect();
        let labelled = labelled(features, &plan, &model.affinity);
        Corpus { features, plan, scale: model.scale(), bits, phrases, labelled }
    }

    pub(crate) fn len(&self) -> usize {
        self.features.len()
    }

    /// Fetches records from memory together, before they are compared one by one.
    pub(crate) fn touch(&self, records: &[u32]) {
        self.features.touch(records);
        let lists = self.bits.len();
        let sum = records.iter().fold(0.0, |sum, it| {
            sum + self.phrases.get(*it as usize * lists).copied().unwrap_or(0.0)
        });
        std::hint::black_box(sum);
        self.labelled.touch(records);
    }

    pub(crate) fn phrase_bits(&self, record: usize, list: usize) -> f32 {
        self.phrases[record * self.bits.len() + list]
    }
}

impl Corpus<'_> {
    /// The labels of a record's trade.
    pub(crate) fn labels(&self, record: usize) -> Labels {
        trade_cell(&self.plan).map_or([0; 2], |at| labels(self.features, record, at))
    }

    /// Bits for the trades of two records, as learned.
    pub(crate) fn affinity_bits(&self, a: usize, b: usize) -> Option<f32> {
        self.labelled.bits(a, b)
    }

    /// Takes over what was learned of labels.
    pub(crate) fn learn(&mut self, affinity: &Affinity) {
        self.labelled = labelled(self.features, &self.plan, affinity);
    }
}

fn trade_cell(plan: &Plan) -> Option<usize> {
    plan.fields.iter().find(|it| it.kind == Kind::Trade).map(|it| it.at)
}

fn labels(features: &Features, record: usize, at: usize) -> Labels {
    let cells = features.cells(record);
    let column = u64::from(cells[at + 3]) | u64::from(cells[at + 4]) << 32;
    let named = cells[at + 5];
    [column, if named == 0 { 0 } else { mix(named.into()) }]
}

fn labelled(features: &Features, plan: &Plan, affinity: &Affinity) -> Labelled {
    match trade_cell(plan) {
        Some(at) => {
            Labelled::new(affinity, (0..features.len()).map(|record| labels(features, record, at)))
        }
        None => Labelled::default(),
    }
}

/// The cell of each list of words.
pub(crate) fn list_cells(plan: &Plan) -> Vec<usize> {
    let fields = plan.fields.iter().enumerate();
    let starts = fields.filter(|(index, it)| {
        let next = plan.fields.get(index + 1).map_or(plan.lists.len(), |it| it.list);
        it.list < next
    });
    starts.map(|it| it.1.at).collect()
}
