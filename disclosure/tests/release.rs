//! What is shown and what is hidden, on tables that fit on a page.

use std::sync::Arc;

use disclosure::{
    Category, Cube, Dimension, Figure, Hidden, Invalid, Reason, Release, Rules, Tally,
};

use crate::made::{Register, cube, exact, places, tally, told};

fn category(cube: &Cube, dimension: usize, path: &[Option<&str>]) -> Category {
    cube.dimension(dimension).find(path).unwrap()
}

/// Sectors across and sizes down, as counted.
fn release(counts: [[u64; 2]; 3]) -> Release {
    let sector = Dimension::flat("sector", ["G", "I"]).unwrap();
    let size = Dimension::flat("size", ["micro", "small", "medium"]).unwrap();
    let cube = Arc::new(Cube::up_to(vec![sector, size], 2).unwrap());
    let mut tally = Tally::new(&cube);
    for (size, row) in ["micro", "small", "medium"].into_iter().zip(counts) {
        for (sector, count) in ["G", "I"].into_iter().zip(row) {
            tally.add(&[&[Some(sector)], &[Some(size)]], count).unwrap();
        }
    }
    Release::first(&tally, Rules::default())
}

fn reasons(release: &Release) -> Vec<Option<Reason>> {
    let cube = release.cube();
    let mut reasons = vec![];
    for size in ["micro", "small", "medium"] {
        for sector in ["G", "I"] {
            let cell = [category(cube, 0, &[Some(sector)]), category(cube, 1, &[Some(size)])];
            reasons.push(release.reason(&[0, 1], &cell).unwrap());
        }
    }
    reasons
}

#[test]
fn law_11_a_small_count_is_hidden_with_three_that_cover_it() {
    let release = release([[400, 300], [40, 30], [9, 3]]);
    let (small, cover) = (Some(Reason::Small), Some(Reason::Cover));
    assert_eq!(reasons(&release), [None, None, cover, cover, cover, small]);
    assert_eq!(release.answer(&[]).unwrap(), Figure::Shown(782));
}

#[test]
fn nothing_small_nothing_hidden_and_a_zero_describes_nobody() {
    let release = release([[400, 300], [40, 0], [9, 5]]);
    assert!(told(&release).values().all(Option::is_some));
}

#[test]
fn a_register_of_few_hides_even_how_many_it_has() {
    let release = release([[2, 0], [1, 0], [0, 0]]);
    assert_eq!(release.answer(&[]).unwrap(), Figure::Hidden);
}

#[test]
fn every_figure_that_is_shown_is_the_true_one_and_the_order_of_rows_is_nothing() {
    let cube = cube(&[3, 2], &[3, 2], 3);
    let counts = (0..).map(|it: u64| it * it * 3 % 23);
    let register: Register = places(&cube).into_iter().zip(counts).collect();
    let one = told(&Release::first(&tally(&cube, &register), Rules::default()));
    let mut backwards = Tally::new(&cube);
    for (place, count) in register.iter().rev() {
        (0..*count).for_each(|_| backwards.add_at(place, 1).unwrap());
    }
    assert_eq!(one, told(&Release::first(&backwards, Rules::default())));
    let exact = exact(&cube, &register);
    assert!(one.iter().all(|it| it.1.is_none_or(|count| exact[it.0] == Some(count))));
    assert!(one.values().any(Option::is_none));
}

#[test]
fn what_was_hidden_stays_hidden_in_the_release_that_follows() {
    let cube = cube(&[2], &[2], 2);
    let register: Register = places(&cube).into_iter().zip([3, 40, 50, 60, 70, 80, 90]).collect();
    let first = Release::first(&tally(&cube, &register), Rules::default());
    let grown: Register = register.into_iter().map(|it| (it.0, it.1 + 10)).collect();
    let grown = tally(&cube, &grown);
    let following = told(&Release::following(&first.hidden(), &grown, Rules::default()));
    assert!(told(&Release::first(&grown, Rules::default())).values().all(Option::is_some));
    for (cell, count) in told(&first) {
        assert!(count.is_some() || following[&cell].is_none(), "{cell:?}");
    }
}

#[test]
fn a_kelurahan_unknown_is_counted_in_its_kecamatan() {
    let place =
        [("Serang", Some(["Cipare", "Kagungan"])), ("Kasemen", Some(["Banten", "Kilasah"]))];
    let cube = Arc::new(Cube::up_to(vec![Dimension::nested("place", place).unwrap()], 1).unwrap());
    let mut tally = Tally::new(&cube);
    for path in [&[Some("Serang"), Some("Cipare")], &[Some("Serang"), None], &[None, None]] {
        tally.add(&[path], 20).unwrap();
    }
    assert!(matches!(tally.add(&[&[Some("Serang")]], 1), Err(Invalid::NoSuchCategory { .. })));
    let release = Release::first(&tally, Rules::default());
    let serang = category(&cube, 0, &[Some("Serang")]);
    assert_eq!(release.answer(&[(0, vec![serang])]).unwrap(), Figure::Shown(40));
    let unknown = category(&cube, 0, &[None]);
    assert_eq!(release.answer(&[(0, vec![serang, unknown])]).unwrap(), Figure::Shown(60));
}

#[test]
fn a_question_that_has_no_answer_says_why() {
    let release = release([[400, 300], [40, 30], [9, 3]]);
    let micro = category(release.cube(), 1, &[Some("micro")]);
    assert_eq!(release.answer(&[(1, vec![micro, micro])]), Err(Invalid::Overlap));
    assert_eq!(release.answer(&[(1, vec![])]), Err(Invalid::Overlap));
    assert_eq!(release.answer(&[(2, vec![micro])]), Err(Invalid::NotCrossed));
    assert_eq!(release.answer(&[(1, vec![micro]), (1, vec![micro])]), Err(Invalid::NotCrossed));
    let total = release.answer(&[(1, vec![Category::TOTAL])]);
    assert!(matches!(total, Err(Invalid::NoSuchCategory { .. })));
    let sizes = || vec![Dimension::flat("size", ["micro"]).unwrap()];
    assert!(matches!(Cube::new(sizes(), &[&[1]]), Err(Invalid::NoSuchDimension)));
    assert!(matches!(Dimension::flat("size", ["micro", "micro"]), Err(Invalid::Twice { .. })));
    let facets =
        || vec![Dimension::flat("kur", ["yes"]).unwrap(), Dimension::flat("umi", ["yes"]).unwrap()];
    assert!(matches!(Cube::star(sizes(), facets(), &[&[1, 2]]), Err(Invalid::TwoFacets)));
    assert!(Cube::star(sizes(), facets(), &[&[0, 1], &[0, 2]]).is_ok());
}

#[test]
fn what_was_hidden_is_kept_as_bytes_and_holds_in_a_cube_of_other_categories() {
    let first = release([[400, 300], [40, 30], [9, 3]]);
    let kept = Hidden::from_bytes(&first.hidden().to_bytes()).unwrap();
    assert_eq!(kept, first.hidden());
    assert_eq!(Hidden::from_bytes(&[1; 9]), None);
    // Another order of dimensions, a sector more, and nothing is small now.
    let size = Dimension::flat("size", ["micro", "small", "medium"]).unwrap();
    let sector = Dimension::flat("sector", ["A", "G", "I"]).unwrap();
    let cube = Arc::new(Cube::up_to(vec![size, sector], 2).unwrap());
    let mut tally = Tally::new(&cube);
    for size in ["micro", "small", "medium"] {
        for sector in ["A", "G", "I"] {
            tally.add(&[&[Some(size)], &[Some(sector)]], 50).unwrap();
        }
    }
    let hidden = |release: &Release, size, sector| {
        let cell = [category(&cube, 0, &[Some(size)]), category(&cube, 1, &[Some(sector)])];
        release.figure(&[0, 1], &cell).unwrap() == Figure::Hidden
    };
    let following = Release::following(&kept, &tally, Rules::default());
    for (size, sector, expected) in [
        ("medium", "I", true),
        ("medium", "G", true),
        ("small", "I", true),
        ("micro", "I", false),
        ("small", "A", false),
    ] {
        assert_eq!(hidden(&following, size, sector), expected, "{size} {sector}");
        assert!(!hidden(&Release::first(&tally, Rules::default()), size, sector));
    }
    let restored = Release::restored(&following.hidden(), &tally, Rules::default());
    assert_eq!(told(&restored), told(&following));
}

/// Large enterprises stand nowhere; still a few of them in one place are covered by those in another.
#[test]
fn what_goes_together_in_a_facet_does_not_hide_the_total() {
    let shared = [("kecamatan", &["1", "2", "3"][..]), ("size", &["micro", "large"])];
    let shared = shared.map(|it| Dimension::flat(it.0, it.1.iter().copied()).unwrap());
    let facets = ["kur", "umi"].map(|it| Dimension::flat(it, ["likely", "not"]).unwrap());
    let tables: [&[usize]; 2] = [&[0, 1, 2], &[0, 1, 3]];
    let cube = Arc::new(Cube::star(shared.into(), facets.into(), &tables).unwrap());
    let mut tally = Tally::new(&cube);
    for (kecamatan, micro, large) in [("1", 200, 3), ("2", 150, 8), ("3", 90, 20)] {
        for (size, count, stands) in [("micro", micro, "likely"), ("large", large, "not")] {
            let path = [&[Some(kecamatan)][..], &[Some(size)], &[Some(stands)], &[Some(stands)]];
            tally.add(&path, count).unwrap();
        }
    }
    let release = Release::first(&tally, Rules::default());
    assert_eq!(release.answer(&[]).unwrap(), Figure::Shown(471));
    for (dimension, label, count) in
        [(0, "1", 203), (1, "large", 31), (2, "not", 31), (3, "likely", 440)]
    {
        let asked = (dimension, vec![category(&cube, dimension, &[Some(label)])]);
        assert_eq!(release.answer(&[asked]).unwrap(), Figure::Shown(count), "{label}");
    }
    let (first, large) = (category(&cube, 0, &[Some("1")]), category(&cube, 1, &[Some("large")]));
    assert_eq!(release.answer(&[(0, vec![first]), (1, vec![large])]).unwrap(), Figure::Hidden);
}

/// The first list of a city, of one kecamatan: a single enterprise is medium, and few are from anywhere else.
#[test]
fn the_only_one_of_a_size_does_not_hide_the_total() {
    let dimensions = [("kecamatan", ["1", "2"]), ("size", ["micro", "medium"])];
    let dimensions = dimensions.map(|it| Dimension::flat(it.0, it.1).unwrap());
    let cube = Arc::new(Cube::up_to(dimensions.into(), 2).unwrap());
    let mut tally = Tally::new(&cube);
    for (kecamatan, size, count) in [("1", "micro", 950), ("2", "micro", 2), ("2", "medium", 1)] {
        tally.add(&[&[Some(kecamatan)], &[Some(size)]], count).unwrap();
    }
    let release = Release::first(&tally, Rules::default());
    assert_eq!(release.answer(&[]).unwrap(), Figure::Shown(953));
    let medium = category(&cube, 1, &[Some("medium")]);
    assert_eq!(release.answer(&[(1, vec![medium])]).unwrap(), Figure::Hidden);
}

#[test]
fn how_many_came_left_or_changed_is_counted() {
    let cube = cube(&[2], &[2], 2);
    let register: Register = places(&cube).into_iter().zip([3, 40, 50, 60]).collect();
    let mut later = register.clone();
    *later.values_mut().next().unwrap() += 2;
    *later.values_mut().next_back().unwrap() += 7;
    *later.values_mut().nth(1).unwrap() -= 3;
    let (before, after) = (tally(&cube, &register), tally(&cube, &later));
    assert_eq!((after.changed_since(&before), before.changed_since(&after)), (9, 9));
    assert_eq!((after.changed_since(&after), after.total(), before.total()), (0, 159, 153));
}

#[test]
fn a_spot_is_kept_as_bytes() {
    let cube = cube(&[2], &[2], 2);
    for place in places(&cube) {
        let spot = cube.spot_at(&place).unwrap();
        assert_eq!(cube.spot_of(spot.to_bytes()), Some(spot));
        assert_eq!((cube.leaf_of(spot, 0), cube.leaf_of(spot, 1)), (place[0], place[1]));
    }
    assert_eq!(cube.spot_of([255; 8]), None);
}
