//! Values that stewards set above what the records say.

use std::collections::{BTreeMap, HashMap};

use domain::enterprise::{Attribute, Attributed, Claim, EnterpriseProfile, Value};
use domain::id::{DecisionId, RecordId};

use crate::store::decisions::Verdict;

/// What stewards set: by the record it is anchored in the order of saying, the attribute and the value.
pub(super) struct Overrides(HashMap<RecordId, Vec<(usize, Attribute, Value)>>);

impl Overrides {
    /// The values that `verdicts`, the oldest first, set.
    pub(super) fn of(verdicts: &[(DecisionId, Verdict)]) -> Overrides {
        let mut overrides: HashMap<RecordId, Vec<(usize, Attribute, Value)>> = HashMap::new();
        for (place, (_, verdict)) in verdicts.iter().enumerate() {
            if let Verdict::Override(record, attribute, value) = verdict {
                let set = (place, *attribute, value.clone());
                overrides.entry(*record).or_default().push(set);
            }
        }
        Overrides(overrides)
    }

    /// Puts what stewards set above what the records say; the latest word counts. Its sources are the
    /// records that say the same, if any.
    pub(super) fn apply(&self, profile: &mut EnterpriseProfile) {
        let set = profile.records.iter().filter_map(|it| self.0.get(it)).flatten();
        let mut set: Vec<&(usize, Attribute, Value)> = set.collect();
        set.sort_by_key(|it| it.0);
        let latest: BTreeMap<Attribute, &Value> = set.iter().map(|it| (it.1, &it.2)).collect();
        for (attribute, value) in latest {
            let said: Vec<Claim> = match profile.attributes.remove(&attribute) {
                Some(it) => std::iter::once(it.chosen).chain(it.alternatives).collect(),
                None => vec![],
            };
            let (agreeing, others): (Vec<Claim>, Vec<Claim>) =
                said.into_iter().partition(|it| it.value == *value);
            let sources = agreeing.into_iter().flat_map(|it| it.sources).collect();
            let chosen = Claim { value: value.clone(), sources };
            let attributed = Attributed { chosen, alternatives: others, disputed: false };
            profile.attributes.insert(attribute, attributed);
        }
    }
}
