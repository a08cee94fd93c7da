//! What other rules or another day would change, on a small register whose changes were counted by hand.

use chrono::NaiveDate;
use domain::id::EnterpriseId;
use financing::catalogue::{Catalogue, SHIPPED};
use financing::compare::{Comparison, compare};
use financing::fact::Fact;
use financing::logic::Truth;
use financing::value::{Possible, Values};
use financing::verdict::Status;
use uuid::Uuid;

fn day(year: i32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, 3, 2).unwrap()
}

fn grocer(sales: Possible) -> Values {
    let number = Possible::only;
    Values::UNKNOWN
        .with(Fact::MonthsInBusiness, number(36))
        .with(Fact::SizeClass, number(0))
        .with(Fact::RecentAnnualSales, sales)
        .with(Fact::HasNik, number(1))
        .with(Fact::Age, number(40))
        .with(Fact::HasNib, number(1))
        .with(Fact::HasSku, number(0))
        .with(Fact::HasNpwp, number(0))
        .with(Fact::ReportedClosed, number(0))
}

/// One with low sales, one with high, one whose sales nobody knows.
fn register() -> Vec<(EnterpriseId, Values)> {
    let sales = [Possible::only(100_000_000), Possible::only(6_000_000_000), Possible::ANY];
    let id = |it: usize| EnterpriseId(Uuid::from_u128(it as u128));
    sales.into_iter().enumerate().map(|(place, it)| (id(place), grocer(it))).collect()
}

fn moved(found: &Comparison, programme: &str, from: Status, to: Status) -> u64 {
    found.programmes[programme].moves.get(&(Some(from), Some(to))).copied().unwrap_or(0)
}

#[test]
fn the_change_of_2026_tells_who_changes_and_why() {
    let catalogue = &*crate::SHIPPED;
    let found = compare(&catalogue.on(day(2025)), &catalogue.on(day(2026)), &register(), 100);
    assert_eq!((found.enterprises, found.changed, found.unlisted), (3, 2, 0));
    let micro = |from, to| moved(&found, "kur_micro", from, to);
    assert_eq!(micro(Status::LikelyEligible, Status::LikelyEligible), 1);
    assert_eq!(micro(Status::LikelyEligible, Status::NotEligible), 1);
    assert_eq!(micro(Status::LikelyEligible, Status::CannotSay), 1);
    assert_eq!((found.programmes["kur_micro"].lower, found.programmes["kur_micro"].higher), (2, 0));
    assert_eq!(moved(&found, "umi", Status::LikelyEligible, Status::LikelyEligible), 3);
    let change = found.list.iter().find(|it| it.programme == "kur_micro").unwrap();
    assert_eq!(change.enterprise, EnterpriseId(Uuid::from_u128(1)));
    let limit = change.because.iter().find(|it| it.rule == "sales_limit_2026").unwrap();
    assert_eq!((limit.before, limit.after), (None, Some(Truth::NotMet)));
    // What holds on both sides, or on the only side that asks it, is no reason.
    for rule in ["months_6", "size_2026"] {
        assert!(change.because.iter().all(|it| it.rule != rule), "{rule}");
    }
}

#[test]
fn the_list_is_as_long_as_asked_for_and_the_counts_are_of_all() {
    let catalogue = &*crate::SHIPPED;
    let (old, new) = (catalogue.on(day(2025)), catalogue.on(day(2026)));
    let whole = compare(&old, &new, &register(), 100);
    let cut = compare(&old, &new, &register(), 1);
    assert_eq!(cut.list[..], whole.list[..1]);
    assert_eq!(cut.unlisted, whole.list.len() as u64 - 1);
    assert_eq!(cut.programmes, whole.programmes);
}

#[test]
fn a_register_read_in_pages_gives_what_it_gives_whole() {
    let catalogue = &*crate::SHIPPED;
    let (old, new) = (catalogue.on(day(2025)), catalogue.on(day(2026)));
    let register: Vec<_> = (0..50).flat_map(|_| register()).collect();
    let whole = compare(&old, &new, &register, 10);
    let mut pages = Comparison::default();
    for page in register.chunks(7) {
        pages.absorb(compare(&old, &new, page, 10), 10);
    }
    assert_eq!(pages, whole);
}

#[test]
fn another_file_is_previewed_against_the_shipped_one() {
    let shipped = &*crate::SHIPPED;
    let stricter: Vec<(&str, String)> = SHIPPED
        .iter()
        .map(|(name, text)| {
            (*name, text.replace("months_in_business >= 6", "months_in_business >= 60"))
        })
        .collect();
    let stricter: Vec<(&str, &str)> = stricter.iter().map(|it| (it.0, it.1.as_str())).collect();
    let stricter = Catalogue::load(&stricter).unwrap();
    assert_ne!(stricter.fingerprint(), shipped.fingerprint());
    let found = compare(&shipped.on(day(2026)), &stricter.on(day(2026)), &register()[..1], 100);
    assert_eq!(moved(&found, "kur_micro", Status::LikelyEligible, Status::NotEligible), 1);
    let reasons: Vec<&str> =
        found.programmes["kur_micro"].reasons.keys().map(|it| it.rule.as_str()).collect();
    assert_eq!(reasons, ["months_6"]);
    let same = compare(&shipped.on(day(2026)), &shipped.on(day(2026)), &register(), 100);
    assert_eq!((same.changed, same.list.len()), (0, 0));
}

#[test]
fn a_programme_that_comes_into_force_is_told_as_such() {
    let catalogue = &*crate::SHIPPED;
    let (old, new) = (catalogue.on(day(2019)), catalogue.on(day(2022)));
    let found = compare(&old, &new, &register()[..1], 100);
    let umi = &found.programmes["umi"];
    assert_eq!(umi.moves.get(&(None, Some(Status::LikelyEligible))), Some(&1));
    assert_eq!(umi.higher, 1);
    assert!(!found.programmes.contains_key("kur_micro"));
}
