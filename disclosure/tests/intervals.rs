//! Every small count stays as uncertain as was asked for, whatever is combined with whatever.

use disclosure::{Category, Reason, Release, Rules};
use proptest::prelude::*;

use crate::auditor::{Change, interval};
use crate::made::{Register, cube, exact, leaves, places, star, tally, told, told_without_cover};

const UNCHANGED: Change<'static> = &|_| 0;

/// Counts of which many are small and some are none.
fn counts(cells: usize) -> impl Strategy<Value = Vec<u64>> {
    prop::collection::vec(prop_oneof![3 => Just(0), 4 => 1_u64..5, 2 => 5_u64..40], cells)
}

fn small(release: &Release) -> Vec<(Vec<usize>, Vec<Category>)> {
    let cells = told(release).into_keys();
    cells.filter(|it| release.reason(&it.0, &it.1).unwrap() == Some(Reason::Small)).collect()
}

/// Shapes of cubes: kelurahan of each kecamatan, categories of the others, how many are crossed.
const SHAPES: [(&[usize], &[usize], usize); 4] =
    [(&[1, 2], &[2], 2), (&[2], &[2, 1], 2), (&[1], &[2, 2], 3), (&[1, 1], &[1, 1, 1], 3)];

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn no_small_count_is_known_more_narrowly_than_asked(
        shape in 0..SHAPES.len(), counts in counts(256), threshold in 2_u64..7,
    ) {
        let (kelurahan, flat, crossed) = SHAPES[shape];
        let cube = cube(kelurahan, flat, crossed);
        let register: Register = places(&cube).into_iter().zip(counts).collect();
        let release = Release::first(&tally(&cube, &register), Rules::below(threshold));
        let told = told(&release);
        for (dimensions, categories) in small(&release).iter().step_by(7) {
            let (least, most) = interval(&cube, &[(&told, UNCHANGED)], (dimensions, categories));
            prop_assert!(threshold as f64 <= most - least, "{dimensions:?} {categories:?}: {least} to {most}");
        }
    }

    #[test]
    fn nor_where_dimensions_of_their_own_are_told_beside_those_that_are_shared(
        counts in counts(64), threshold in 2_u64..7, crossed in 0..2_usize, tied in any::<bool>(),
    ) {
        let cube = star(crossed == 1);
        // Often what is in one leaf of a dimension is in one of a facet.
        let goes = |it: &[Category]| !tied || it[0] != leaves(cube.dimension(0))[0] || it[2] == leaves(cube.dimension(2))[0];
        let counts = places(&cube).into_iter().zip(counts);
        let register: Register = counts.map(|(place, it)| if goes(&place) { (place, it) } else { (place, 0) }).collect();
        let release = Release::first(&tally(&cube, &register), Rules::below(threshold));
        let told = told(&release);
        for (dimensions, categories) in small(&release).iter().step_by(2) {
            let (least, most) = interval(&cube, &[(&told, UNCHANGED)], (dimensions, categories));
            prop_assert!(threshold as f64 <= most - least, "{dimensions:?} {categories:?}: {least} to {most}");
        }
    }

    #[test]
    fn two_releases_and_every_newcomer_between_tell_no_more_than_one(
        shape in 0..SHAPES.len(), before in counts(256), come in prop::collection::vec(0_u64..8, 256),
    ) {
        let (kelurahan, flat, crossed) = SHAPES[shape];
        let cube = cube(kelurahan, flat, crossed);
        let first: Register = places(&cube).into_iter().zip(before).collect();
        let newcomers = come.iter().map(|it| it.saturating_sub(4));
        let second: Register =
            first.iter().zip(newcomers).map(|it| (it.0.0.clone(), it.0.1 + it.1)).collect();
        let release = Release::first(&tally(&cube, &first), Rules::default());
        let following = Release::following(&release.hidden(), &tally(&cube, &second), Rules::default());
        let change = |place: &[Category]| second[place].cast_signed() - first[place].cast_signed();
        let (one, other) = (told(&release), told(&following));
        for (dimensions, categories) in small(&release).iter().step_by(9) {
            let both: [(_, Change<'_>); 2] = [(&one, UNCHANGED), (&other, &change)];
            let (least, most) = interval(&cube, &both, (dimensions, categories));
            prop_assert!(5.0 <= most - least, "{dimensions:?} {categories:?}: {least} to {most}");
        }
    }
}

#[test]
fn the_auditor_finds_out_a_release_that_hides_small_counts_alone() {
    let cube = cube(&[1, 2], &[2], 2);
    let counts = (0..).map(|it| if it % 4 == 1 { 3 } else { 7 + it % 5 });
    let register: Register = places(&cube).into_iter().zip(counts).collect();
    let release = Release::first(&tally(&cube, &register), Rules::default());
    let naive = told_without_cover(&release, &exact(&cube, &register));
    let found = small(&release).into_iter().any(|(dimensions, categories)| {
        let (least, most) = interval(&cube, &[(&naive, UNCHANGED)], (&dimensions, &categories));
        least == 3.0 && most == 3.0
    });
    assert!(found);
}
