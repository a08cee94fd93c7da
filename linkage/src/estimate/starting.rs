//! Where the estimate starts, and what stands behind it when a list is too small to show better.

use crate::compare::ComparedField;
use crate::model::{CLASSES, FieldParameters, LevelParameters};

/// Whether the chance of this level is not counted on random pairs but taken from the rarity of the
/// value that agrees.
pub(super) fn is_rare(field: ComparedField, level: usize) -> bool {
    match field {
        ComparedField::Nik | ComparedField::Nib | ComparedField::Npwp | ComparedField::Phone => {
            level <= 2
        }
        ComparedField::Email => level <= 2,
        ComparedField::Owner => level <= 5,
        ComparedField::Business | ComparedField::OwnedBusiness => level <= 4,
        ComparedField::Street => level <= 4,
        _ => false,
    }
}

/// Probabilities of the levels that are not missing: in each class, then unrelated.
type Start = ([&'static [f64]; CLASSES], &'static [f64]);

fn start(field: ComparedField) -> Start {
    // What tells a person is the same in every class but that of two owners.
    let person = |same: &'static [f64], two_owners: &'static [f64], unrelated: &'static [f64]| {
        ([same, same, two_owners, same, same, two_owners], unrelated)
    };
    match field {
        ComparedField::Nik => person(
            &[0.93, 0.03, 0.01, 0.03],
            &[0.08, 0.01, 0.01, 0.90],
            &[1.0, 1.0, 0.0002, 0.9998],
        ),
        ComparedField::NikDigits => person(&[0.95, 0.05], &[0.30, 0.70], &[0.20, 0.80]),
        ComparedField::Nib => person(&[0.86, 0.04, 0.10], &[0.60, 0.04, 0.36], &[1.0, 1.0, 1.0]),
        ComparedField::Npwp => person(&[0.88, 0.04, 0.08], &[0.30, 0.04, 0.66], &[1.0, 1.0, 1.0]),
        ComparedField::Phone => person(&[0.70, 0.04, 0.26], &[0.50, 0.04, 0.46], &[1.0, 1.0, 1.0]),
        ComparedField::Email => person(&[0.85, 0.05, 0.10], &[0.15, 0.05, 0.80], &[1.0, 1.0, 1.0]),
        ComparedField::Owner => person(
            &[0.55, 0.15, 0.15, 0.09, 0.05, 0.01],
            &[0.01, 0.01, 0.02, 0.02, 0.10, 0.84],
            &[1.0, 1.0, 1.0, 1.0, 1.0, 0.95],
        ),
        ComparedField::Business => (
            [
                &[0.50, 0.14, 0.18, 0.10, 0.08],
                &[0.50, 0.14, 0.18, 0.10, 0.08],
                &[0.55, 0.15, 0.15, 0.08, 0.07],
                &[0.03, 0.01, 0.03, 0.06, 0.87],
                &[0.03, 0.01, 0.03, 0.06, 0.87],
                &[0.03, 0.01, 0.03, 0.06, 0.87],
            ],
            &[1.0, 1.0, 1.0, 1.0, 0.95],
        ),
        ComparedField::OwnedBusiness => (
            [
                &[0.42, 0.12, 0.12, 0.06, 0.18, 0.05, 0.05],
                &[0.42, 0.12, 0.12, 0.06, 0.18, 0.05, 0.05],
                &[0.42, 0.12, 0.12, 0.06, 0.18, 0.05, 0.05],
                &[0.03, 0.01, 0.02, 0.03, 0.18, 0.30, 0.43],
                &[0.03, 0.01, 0.02, 0.03, 0.18, 0.30, 0.43],
                &[0.03, 0.01, 0.02, 0.03, 0.18, 0.30, 0.43],
            ],
            &[1.0, 1.0, 1.0, 1.0, 0.18, 0.35, 0.45],
        ),
        ComparedField::Named => business(&[0.35, 0.65], &[0.15, 0.85], &[0.12, 0.88]),
        ComparedField::NameTrade => {
            business(&[0.76, 0.16, 0.08], &[0.12, 0.18, 0.70], &[0.06, 0.20, 0.74])
        }
        ComparedField::Sector => {
            business(&[0.25, 0.60, 0.15], &[0.06, 0.34, 0.60], &[0.04, 0.30, 0.66])
        }
        ComparedField::Street => address(
            [&[0.40, 0.45, 0.02, 0.08, 0.05], &[0.01, 0.02, 0.02, 0.05, 0.90]],
            &[1.0, 1.0, 1.0, 1.0, 0.97],
        ),
        ComparedField::RtRw => {
            address([&[0.90, 0.05, 0.05], &[0.02, 0.15, 0.83]], &[0.01, 0.12, 0.87])
        }
        ComparedField::Place => address(
            [&[0.78, 0.18, 0.02, 0.02], &[0.10, 0.15, 0.25, 0.50]],
            &[0.02, 0.05, 0.15, 0.78],
        ),
        ComparedField::StreetPlace => address(
            [&[0.78, 0.18, 0.02, 0.02], &[0.10, 0.15, 0.25, 0.50]],
            &[0.20, 0.15, 0.15, 0.50],
        ),
        ComparedField::Established => {
            business(&[0.70, 0.20, 0.10], &[0.08, 0.22, 0.70], &[0.06, 0.20, 0.74])
        }
        ComparedField::Sales | ComparedField::Workers => {
            business(&[0.45, 0.40, 0.15], &[0.15, 0.30, 0.55], &[0.15, 0.30, 0.55])
        }
        ComparedField::Agency => business(&[0.15, 0.85], &[0.20, 0.80], &[0.15, 0.85]),
    }
}

/// What tells a business: alike in one enterprise, by chance in two.
fn business(same: &'static [f64], other: &'static [f64], unrelated: &'static [f64]) -> Start {
    ([same, same, same, other, other, other], unrelated)
}

/// What tells an address: alike in one enterprise and in two at one address.
fn address(here_and_elsewhere: [&'static [f64]; 2], unrelated: &'static [f64]) -> Start {
    let [here, elsewhere] = here_and_elsewhere;
    ([here, elsewhere, here, here, elsewhere, here], unrelated)
}

/// The parameters before anything was seen.
pub(super) fn fields() -> Vec<FieldParameters> {
    let of = |field: &ComparedField| {
        let (related, unrelated) = start(*field);
        let levels = field.levels().iter().enumerate().map(|(index, level)| {
            let at = |list: &[f64]| index.checked_sub(1).map_or(1.0, |it| list[it]);
            LevelParameters {
                level: (*level).to_owned(),
                related: related.map(at),
                unrelated: at(unrelated),
            }
        });
        FieldParameters { field: field.code().to_owned(), levels: levels.collect() }
    };
    ComparedField::ALL.iter().map(of).collect()
}
