//! What is left of a profile when a person's rows are erased (UU PDP 27/2022 articles 8, 43 and 44).

use std::collections::HashSet;

use crate::enterprise::{Attributed, Claim, EnterpriseProfile};
use crate::id::{OwnerId, RecordId};

/// `profile` without what only the rows `erased` say, and without the persons `owners`; `None` when no row
/// is left. Where the chosen value goes, the most trusted of the others stands in its place.
pub fn without(
    mut profile: EnterpriseProfile,
    erased: &HashSet<RecordId>,
    owners: &HashSet<OwnerId>,
) -> Option<EnterpriseProfile> {
    profile.records.retain(|it| !erased.contains(it));
    profile.owners.retain(|it| !owners.contains(it));
    let attributes = std::mem::take(&mut profile.attributes).into_iter();
    profile.attributes =
        attributes.filter_map(|(key, it)| Some((key, attributed(it, erased)?))).collect();
    (!profile.records.is_empty()).then_some(profile)
}

fn attributed(all: Attributed, erased: &HashSet<RecordId>) -> Option<Attributed> {
    let claims = std::iter::once(all.chosen).chain(all.alternatives);
    let mut left = claims.filter_map(|mut claim: Claim| {
        claim.sources.retain(|it| !erased.contains(&it.record));
        (!claim.sources.is_empty()).then_some(claim)
    });
    let chosen = left.next()?;
    let alternatives: Vec<Claim> = left.collect();
    let disputed = all.disputed && !alternatives.is_empty();
    Some(Attributed { chosen, alternatives, disputed })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use uuid::Uuid;

    use super::*;
    use crate::agency::AgencyCode;
    use crate::enterprise::{Attribute, Provenance, Value};
    use crate::id::EnterpriseId;

    fn claim(text: &str, rows: &[u128]) -> Claim {
        let source = |row: &u128| Provenance {
            record: RecordId(Uuid::from_u128(*row)),
            agency: AgencyCode::parse("kominfo").unwrap(),
            recorded_on: None,
        };
        Claim { value: Value::Text(text.into()), sources: rows.iter().map(source).collect() }
    }

    #[test]
    fn what_another_row_says_too_stays_and_what_only_hers_says_goes() {
        let attributed = |chosen, alternatives| Attributed { chosen, alternatives, disputed: true };
        let profile = EnterpriseProfile {
            id: EnterpriseId(Uuid::nil()),
            owners: vec![OwnerId(Uuid::from_u128(8)), OwnerId(Uuid::from_u128(9))],
            attributes: BTreeMap::from([
                (Attribute::OwnerName, attributed(claim("Siti", &[1]), vec![claim("Budi", &[2])])),
                (Attribute::BusinessName, attributed(claim("Sate", &[1, 2]), vec![])),
                (Attribute::Street, attributed(claim("Jl. Mawar", &[1]), vec![])),
            ]),
            records: [1, 2].map(|it| RecordId(Uuid::from_u128(it))).into(),
        };
        let hers = HashSet::from([RecordId(Uuid::from_u128(1))]);
        let herself = HashSet::from([OwnerId(Uuid::from_u128(8))]);
        let left = without(profile.clone(), &hers, &herself).unwrap();
        assert_eq!(left.owners, [OwnerId(Uuid::from_u128(9))]);
        assert_eq!(left.attributes[&Attribute::OwnerName].chosen, claim("Budi", &[2]));
        assert_eq!(left.attributes[&Attribute::BusinessName].chosen, claim("Sate", &[2]));
        assert!(!left.attributes.contains_key(&Attribute::Street));
        let all = [1, 2].map(|it| RecordId(Uuid::from_u128(it))).into();
        assert_eq!(without(profile, &all, &herself), None);
    }
}
