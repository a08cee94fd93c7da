//! Where the estimate starts, and what stands behind it when a list is too small to show better.

use crate::compare::ComparedField;
use crate::model::{FieldParameters, LevelParameters};

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

/// Probabilities of the levels that are not missing: one enterprise, one person, unrelated.
type Start = (&'static [f64], &'static [f64], &'static [f64]);

fn start(field: ComparedField) -> Start {
    match field {
        ComparedField::Nik => (
            &[0.82, 0.03, 0.08, 0.01, 0.06],
            &[0.88, 0.02, 0.07, 0.01, 0.02],
            &[1.0, 1.0, 0.1, 0.0002, 0.9],
        ),
        ComparedField::Nib => (&[0.86, 0.04, 0.10], &[0.80, 0.03, 0.17], &[1.0, 1.0, 1.0]),
        ComparedField::Npwp => (&[0.86, 0.04, 0.10], &[0.85, 0.03, 0.12], &[1.0, 1.0, 1.0]),
        ComparedField::Phone => (&[0.72, 0.04, 0.24], &[0.62, 0.03, 0.35], &[1.0, 1.0, 1.0]),
        ComparedField::Email => (&[0.85, 0.05, 0.10], &[0.80, 0.05, 0.15], &[1.0, 1.0, 1.0]),
        ComparedField::Owner => (
            &[0.50, 0.15, 0.15, 0.08, 0.07, 0.05],
            &[0.52, 0.16, 0.16, 0.08, 0.07, 0.01],
            &[1.0, 1.0, 1.0, 1.0, 1.0, 0.95],
        ),
        ComparedField::Business => (
            &[0.50, 0.14, 0.18, 0.10, 0.08],
            &[0.03, 0.01, 0.03, 0.06, 0.87],
            &[1.0, 1.0, 1.0, 1.0, 0.95],
        ),
        ComparedField::OwnedBusiness => (
            &[0.42, 0.12, 0.12, 0.06, 0.18, 0.05, 0.05],
            &[0.03, 0.01, 0.02, 0.03, 0.18, 0.30, 0.43],
            &[1.0, 1.0, 1.0, 1.0, 0.18, 0.35, 0.45],
        ),
        ComparedField::NameTrade => (&[0.72, 0.16, 0.12], &[0.12, 0.18, 0.70], &[0.06, 0.20, 0.74]),
        ComparedField::Sector => (&[0.30, 0.50, 0.20], &[0.06, 0.34, 0.60], &[0.04, 0.30, 0.66]),
        ComparedField::Street => (
            &[0.35, 0.35, 0.04, 0.14, 0.12],
            &[0.22, 0.18, 0.05, 0.10, 0.45],
            &[1.0, 1.0, 1.0, 1.0, 0.97],
        ),
        ComparedField::RtRw => (&[0.85, 0.07, 0.08], &[0.45, 0.08, 0.47], &[0.01, 0.12, 0.87]),
        ComparedField::Place => {
            (&[0.80, 0.16, 0.02, 0.02], &[0.45, 0.20, 0.15, 0.20], &[0.02, 0.05, 0.15, 0.78])
        }
        ComparedField::Established => {
            (&[0.70, 0.18, 0.12], &[0.08, 0.22, 0.70], &[0.06, 0.20, 0.74])
        }
        ComparedField::Agency => (&[0.15, 0.85], &[0.20, 0.80], &[0.15, 0.85]),
    }
}

/// The parameters before anything was seen.
pub(super) fn fields() -> Vec<FieldParameters> {
    let of = |field: &ComparedField| {
        let (same, person, unrelated) = start(*field);
        let levels = field.levels().iter().enumerate().map(|(index, level)| {
            let at = |list: &[f64]| index.checked_sub(1).map_or(1.0, |it| list[it]);
            LevelParameters {
                level: (*level).to_owned(),
                same_enterprise: at(same),
                same_person: at(person),
                unrelated: at(unrelated),
            }
        });
        FieldParameters { field: field.code().to_owned(), levels: levels.collect() }
    };
    ComparedField::ALL.iter().map(of).collect()
}
