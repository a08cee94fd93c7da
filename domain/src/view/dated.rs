//! What is left of a view for who is told of a value its agency and date alone: of what is withheld, nothing
//! tells whether it is there.

use std::collections::{BTreeMap, BTreeSet};

use enumset::EnumSet;

use super::{AttributeView, ClaimView, Disclosure, ProfileView, SizeView};
use crate::consent::Ties;
use crate::enterprise::{Attribute, SizeBasis, SizeClass, Value};
use crate::id::RecordId;
use crate::viewer::Viewer;
use crate::visibility::{Access, Reason, Standing};

/// `view`, so that it is the same for every profile that has what `viewer` sees.
pub(super) fn cut(viewer: &Viewer, ties: &Ties, mut view: ProfileView) -> ProfileView {
    let agreed = ties.agreed();
    let shown = |attribute: &Attribute| view.attributes.get(attribute).and_then(seen);
    let attributes: BTreeMap<Attribute, AttributeView> = Attribute::ALL
        .iter()
        .filter_map(|it| {
            let hidden = withheld(viewer, ties, agreed, *it).map(nothing_but);
            Some((*it, shown(it).or(hidden)?))
        })
        .collect();
    let claims = |it: &'_ AttributeView| {
        let all = std::iter::once(&it.chosen).chain(&it.alternatives);
        all.flat_map(|it| &it.sources).map(|it| it.record).collect::<Vec<_>>()
    };
    let behind: BTreeSet<RecordId> = attributes.values().flat_map(claims).collect();
    view.records.retain(|it| behind.contains(it));
    view.size = size(viewer, ties, &attributes);
    ProfileView { attributes, ..view }
}

/// The attribute by what is shown of it: the most trusted of that takes the place of what is not.
fn seen(all: &AttributeView) -> Option<AttributeView> {
    let claims = std::iter::once(&all.chosen).chain(&all.alternatives);
    let mut claims = claims.filter(|it| it.shown.is_seen()).cloned();
    let chosen = claims.next()?;
    let alternatives: Vec<ClaimView> = claims.collect();
    let disputed = all.disputed && !alternatives.is_empty();
    Some(AttributeView { chosen, alternatives, disputed })
}

fn nothing_but(why: Reason) -> AttributeView {
    let chosen = ClaimView { shown: Disclosure::Hidden(why), sources: vec![] };
    AttributeView { chosen, alternatives: vec![], disputed: false }
}

/// Why `viewer` would see nothing of the attribute, whoever wrote it; none where she would, if it were there.
fn withheld(
    viewer: &Viewer,
    ties: &Ties,
    agreed: EnumSet<Attribute>,
    attribute: Attribute,
) -> Option<Reason> {
    let standing =
        Standing { consented: agreed, restricted: ties.restricted, ..Standing::default() };
    let ruling = viewer.sees(&standing, attribute);
    ruling.reason.filter(|_| ruling.access == Access::Hidden)
}

/// The size class by the figures that are shown.
fn size(viewer: &Viewer, ties: &Ties, shown: &BTreeMap<Attribute, AttributeView>) -> SizeView {
    let agreed = ties.agreed();
    for (attribute, basis) in
        [(Attribute::AnnualSales, SizeBasis::Sales), (Attribute::Capital, SizeBasis::Capital)]
    {
        if let Some(why) = withheld(viewer, ties, agreed, attribute) {
            return SizeView::Hidden(why);
        }
        let value = shown.get(&attribute).map(|it| &it.chosen.shown);
        let class = match value {
            Some(Disclosure::Whole(Value::Sales(it))) => SizeClass::of(Some(it.annual), None),
            Some(Disclosure::Whole(Value::Rupiah(it))) => SizeClass::of(None, Some(*it)),
            _ => None,
        };
        if let Some((class, _)) = class {
            return SizeView::Shown(class, basis);
        }
    }
    SizeView::Unknown
}
