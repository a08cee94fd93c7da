//! What somebody can work out who has everything that is told and a solver of linear programmes: for a cell,
//! the least and the most it can be (Hundepool et al. 2012, chapter 4). Knows nothing of how it was decided.

use disclosure::{Category, Cube};
use microlp::{ComparisonOp, LinearExpr, OptimizationDirection, Problem, Variable};

use crate::made::{Told, places, within};

/// No count is larger.
const MOST: i32 = 100_000;

/// By how much an innermost cell has more than in the first release.
pub type Change<'a> = &'a dyn Fn(&[Category]) -> i64;

/// The least and the most, in whole enterprises, that can be in a cell by all that is told. Of more releases
/// than one, the changes between them are known: `changes` tells by how many enterprises each innermost cell
/// has more than in the first.
pub fn interval(
    cube: &Cube,
    releases: &[(&Told, Change<'_>)],
    (dimensions, categories): (&[usize], &[Category]),
) -> (f64, f64) {
    let bound = |direction| {
        let places = places(cube);
        let belongs = |place: &[Category], dimensions: &[usize], categories: &[Category]| {
            let mut each = dimensions.iter().zip(categories);
            each.all(|it| within(cube.dimension(*it.0), place[*it.0], *it.1))
        };
        let mut problem = Problem::new(direction);
        let variables: Vec<Variable> = places
            .iter()
            .map(|place| {
                let asked = f64::from(u8::from(belongs(place, dimensions, categories)));
                let least = releases.iter().map(|it| -(it.1)(place)).max().unwrap_or(0).max(0);
                problem.add_integer_var(asked, (i32::try_from(least).unwrap(), MOST))
            })
            .collect();
        for (told, change) in releases {
            for ((dimensions, categories), count) in *told {
                let Some(count) = count else { continue };
                let mut sum = LinearExpr::empty();
                let mut changed = 0;
                for (place, variable) in places.iter().zip(&variables) {
                    if belongs(place, dimensions, categories) {
                        sum.add(*variable, 1.0);
                        changed += change(place);
                    }
                }
                let count = count.cast_signed() - changed;
                problem.add_constraint(sum, ComparisonOp::Eq, count as f64);
            }
        }
        problem.solve().unwrap().into_solution().unwrap().objective().round()
    };
    (bound(OptimizationDirection::Minimize), bound(OptimizationDirection::Maximize))
}
