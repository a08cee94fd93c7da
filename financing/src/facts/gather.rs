//! From a profile and its records to facts.

use std::collections::BTreeMap;

use chrono::{Datelike, NaiveDate};
use domain::agency::{Agency, AgencyKind};
use domain::amount::Rupiah;
use domain::date::PartialDate;
use domain::enterprise::{Attribute, Claim, EnterpriseProfile, SizeBasis, SizeClass, Value};
use domain::id::RecordId;
use domain::identifier::{Nib, Nik, Npwp, is_placeholder};
use domain::record::{Field, SourceRecord};

use super::said::amount;
use super::{Confidence, Evidence, Facts, Gap, Known, Said};
use crate::catalogue::Reading;
use crate::fact::{Fact, Kind};
use crate::value::Possible;

/// What the facts of one enterprise are read from.
#[derive(Debug, Clone, Copy)]
pub struct Sources<'a> {
    /// The profile as it was on the day.
    pub profile: &'a EnterpriseProfile,
    /// The current versions of its records.
    pub records: &'a [SourceRecord],
    /// Who sends lists.
    pub agencies: &'a [Agency],
    /// How sure it is that each record belongs to the enterprise.
    pub links: &'a BTreeMap<RecordId, Confidence>,
}

/// A person is not taken for an owner outside these ages; a NIK has but two digits of the year of birth.
const AGES: std::ops::RangeInclusive<i64> = 12..=99;

/// Reads every fact that the register can know, as of the day `on`: what was written later is left out.
pub fn gather(sources: &Sources, reading: Reading, on: NaiveDate) -> Facts {
    let mut facts = Facts::unknown(on);
    facts.set(Fact::MonthsInBusiness, months(sources, on));
    money(sources, reading, on, &mut facts);
    let nik = sources.on_record(Attribute::Nik, Field::Nik, on, Nik::read, Possible::ANY);
    facts.set(Fact::HasNik, nik);
    facts.set(Fact::Age, age(sources, on));
    let no = Possible::only(0);
    facts.set(Fact::HasNib, sources.on_record(Attribute::Nib, Field::Nib, on, Nib::read, no));
    facts.set(Fact::HasNpwp, sources.on_record(Attribute::Npwp, Field::Npwp, on, Npwp::read, no));
    let text = |_: &str| domain::identifier::Reading::<()>::Missing;
    facts.set(Fact::HasPirt, sources.on_record(Attribute::Pirt, Field::Pirt, on, text, no));
    facts.set(Fact::HasHalal, sources.on_record(Attribute::Halal, Field::Halal, on, text, no));
    facts.set(Fact::HasSku, letter(sources, reading, on));
    facts.set(Fact::ReportedClosed, closed(sources, on));
    facts.set(
        Fact::LegalForm,
        coded(sources, Attribute::LegalForm, Fact::LegalForm, on, legal_form),
    );
    let of = |code: u32| Some(i64::from(code));
    facts.set(
        Fact::Kbli,
        coded(sources, Attribute::Kbli, Fact::Kbli, on, |it| match it {
            Value::Kbli(code) => of(code.prefix(5)),
            _ => None,
        }),
    );
    facts.set(
        Fact::Sector,
        coded(sources, Attribute::Kbli, Fact::Sector, on, |it| match it {
            Value::Kbli(code) => Fact::Sector.kind().number(&code.section().letter.to_string()),
            _ => None,
        }),
    );
    facts.set(
        Fact::Kecamatan,
        coded(sources, Attribute::Kecamatan, Fact::Kecamatan, on, |it| match it {
            Value::Kecamatan(code) => of(code.0),
            _ => None,
        }),
    );
    facts.set(
        Fact::Kelurahan,
        coded(sources, Attribute::Kelurahan, Fact::Kelurahan, on, |it| match it {
            Value::Kelurahan(code) => i64::try_from(code.0).ok(),
            _ => None,
        }),
    );
    facts
}

/// Whole months from `from` to `to`; none when `to` is earlier.
fn months_between(from: NaiveDate, to: NaiveDate) -> Option<i64> {
    let months =
        i64::from(to.year() - from.year()) * 12 + i64::from(to.month()) - i64::from(from.month());
    let months = months - i64::from(to.day() < from.day());
    (0 <= months).then_some(months)
}

/// The last day a date can mean.
fn latest(date: PartialDate) -> Option<NaiveDate> {
    let month = date.month.map_or(12, u32::from);
    match date.day {
        Some(day) => NaiveDate::from_ymd_opt(date.year, month, u32::from(day)),
        None => {
            let (year, next) =
                if month == 12 { (date.year + 1, 1) } else { (date.year, month + 1) };
            NaiveDate::from_ymd_opt(year, next, 1)?.pred_opt()
        }
    }
}

fn months(sources: &Sources, on: NaiveDate) -> Known {
    // A business that an agency wrote down has run since then at least.
    let first = sources.records_on(on).into_iter().rfind(|it| it.recorded_on.is_some());
    let proven = first.and_then(|it| months_between(it.recorded_on?, on));
    let claims = sources.claims(Attribute::Established, on);
    let (mut evidence, mut found) = (Vec::new(), None::<Possible>);
    for claim in &claims.all {
        let Value::Date(date) = claim.value else { continue };
        evidence.extend(sources.evidence(claim, &Said::Date(date), on));
        let Some(most) = date.earliest().and_then(|it| months_between(it, on)) else { continue };
        let least = latest(date).and_then(|it| months_between(it, on)).unwrap_or(0);
        let one = Possible::between(least.max(proven.unwrap_or(0)).min(most), most);
        found = Some(match found {
            Some(before) if claims.disputed => before.or(one),
            Some(before) => before,
            None => one,
        });
    }
    let gap = match found {
        Some(_) if claims.disputed => Some(Gap::Conflicting),
        Some(one) => one.value().is_none().then_some(Gap::Imprecise),
        // A beginning after the day of assessment cannot be right.
        None if !evidence.is_empty() => Some(Gap::Destroyed),
        None => Some(Gap::NotRecorded),
    };
    if let (None, Some(record), Some(day)) = (found, first, first.and_then(|it| it.recorded_on)) {
        evidence.push(sources.evidence_of(record, Said::Date(PartialDate::from(day))));
    }
    let possible = found.or(proven.map(Possible::at_least)).unwrap_or(Possible::ANY);
    Known { possible, gap, evidence: evidence.into() }
}

fn age(sources: &Sources, on: NaiveDate) -> Known {
    let claims = sources.claims(Attribute::Nik, on);
    let (mut evidence, mut found) = (Vec::new(), None::<Possible>);
    let years = |born: NaiveDate| months_between(born, on).map(|it| it / 12);
    let mut add = |one: Possible| found = Some(found.map_or(one, |it: Possible| it.or(one)));
    for claim in &claims.all {
        let Value::Nik(nik) = &claim.value else { continue };
        evidence.extend(sources.evidence(claim, &Said::Present, on));
        // Of the two centuries a NIK can mean, the one that gives an owner's age.
        let centuries = [on.year(), on.year() - 12].map(|it| nik.birth_date(it).and_then(years));
        let fits = centuries.into_iter().flatten().find(|it| AGES.contains(it));
        if let Some(years) = fits {
            add(Possible::only(years));
        }
    }
    let dates = sources.records_on(on).into_iter().filter_map(|it| {
        let read = PartialDate::read(it.fields.get(Field::BirthDate)?).whole()?;
        Some((it, read))
    });
    for (record, date) in dates {
        let span = (latest(date).and_then(years), date.earliest().and_then(years));
        if let (Some(least), Some(most)) = span
            && AGES.contains(&least)
        {
            let one = Possible::between(least, most);
            evidence.push(sources.evidence_of(record, Said::Date(date)));
            add(one);
        }
    }
    let Some(possible) = found else {
        let broken = sources.unreadable(Field::Nik, on, Nik::read);
        let gap = if broken.is_empty() && evidence.is_empty() {
            Gap::NotRecorded
        } else {
            Gap::Destroyed
        };
        evidence.extend(broken);
        return Known { possible: Possible::ANY, gap: Some(gap), evidence: evidence.into() };
    };
    let gap = possible.value().is_none().then_some(if 1 < evidence.len() {
        Gap::Conflicting
    } else {
        Gap::Imprecise
    });
    Known { possible, gap, evidence: evidence.into() }
}

/// What the claims of one year say together: the range of them where they differ.
fn amounts(sources: &Sources, attribute: Attribute, on: NaiveDate) -> (Known, Possible) {
    let claims = sources.claims(attribute, on);
    let year_of =
        |it: &Claim| it.sources.iter().filter_map(|it| it.recorded_on).filter(|it| *it <= on).max();
    let year_of = |it: &Claim| year_of(it).map(|it| it.year());
    let newest = claims.all.first().and_then(|it| year_of(it));
    let (mut evidence, mut found) = (Vec::new(), None::<Possible>);
    for (place, claim) in claims.all.iter().enumerate() {
        // Figures of other years are no contradiction, unless they are too far apart to be of one business.
        let counts = place == 0 || claims.disputed || year_of(claim) == newest;
        let Some(one) = amount(&claim.value).filter(|_| counts) else { continue };
        evidence.extend(sources.evidence(claim, &Said::Number(one), on));
        let one = Possible::only(one);
        found = Some(found.map_or(one, |it| it.or(one)));
    }
    let possible = found.unwrap_or(Possible::ANY);
    let gap = match found {
        None => Some(Gap::NotRecorded),
        Some(one) => one.value().is_none().then_some(Gap::Conflicting),
    };
    let year = newest.map_or(Possible::ANY, |it| Possible::only(i64::from(it)));
    (Known { possible, gap, evidence: evidence.into() }, year)
}

fn money(sources: &Sources, reading: Reading, on: NaiveDate, facts: &mut Facts) {
    let (sales, year) = amounts(sources, Attribute::AnnualSales, on);
    let (capital, _) = amounts(sources, Attribute::Capital, on);
    let oldest = i64::from(on.year()) - i64::from(reading.recent_sales_years);
    let recent = if sales.possible.is_any() {
        sales.clone()
    } else {
        match year.value() {
            Some(year) if oldest <= year => sales.clone(),
            Some(_) => Known { possible: Possible::ANY, gap: Some(Gap::Stale), ..sales.clone() },
            None => Known { possible: Possible::ANY, gap: Some(Gap::Imprecise), ..sales.clone() },
        }
    };
    facts.set(Fact::RecentAnnualSales, recent);
    let gap = year.is_any().then_some(sales.gap.unwrap_or(Gap::Imprecise));
    facts.set(
        Fact::AnnualSalesYear,
        Known { possible: year, gap, evidence: sales.evidence.clone() },
    );
    let known = |it: &Known| !it.possible.is_any();
    if known(&sales) || known(&capital) {
        let basis = if known(&sales) { SizeBasis::Sales } else { SizeBasis::Capital };
        let of = if known(&sales) { &sales } else { &capital };
        let class = |amount: i64| {
            let amount = Some(Rupiah(amount));
            let class = match basis {
                SizeBasis::Sales => SizeClass::of(amount, None),
                SizeBasis::Capital => SizeClass::of(None, amount),
            };
            class.map_or(0, |it| it.0 as i64)
        };
        let possible = Possible::between(class(of.possible.low()), class(of.possible.high()));
        let gap = of.gap.filter(|_| possible.value().is_none());
        facts.set(Fact::SizeClass, Known { possible, gap, evidence: of.evidence.clone() });
        let possible = Possible::only(i64::from(basis == SizeBasis::Capital));
        facts.set(Fact::SizeBasis, Known { possible, gap: None, evidence: of.evidence.clone() });
    }
    facts.set(Fact::AnnualSales, sales);
    facts.set(Fact::Capital, capital);
    facts.set(Fact::Workers, amounts(sources, Attribute::Workers, on).0);
    let declared = sources.records_on(on).into_iter().find_map(|it| {
        let amount = Rupiah::read(it.fields.get(Field::LoanCapital)?).whole()?;
        Some((it, amount.0))
    });
    if let Some((record, amount)) = declared {
        let evidence = vec![sources.evidence_of(record, Said::Number(amount))];
        facts.set(
            Fact::LoanCapital,
            Known { possible: Possible::only(amount), gap: None, evidence: evidence.into() },
        );
    }
}

/// A letter of business: its own column, or the number a sub-district office gave its row, when that has the
/// form of a letter's number.
fn letter(sources: &Sources, reading: Reading, on: NaiveDate) -> Known {
    let of_kecamatan = |it: &SourceRecord| {
        let agency = sources.agencies.iter().find(|agency| agency.code == it.agency);
        agency.is_some_and(|it| it.kind == AgencyKind::Kecamatan)
    };
    let has = |it: &&SourceRecord| {
        let column = it.fields.get(Field::BusinessLetter).is_some_and(|it| !is_placeholder(it));
        let own = it.fields.get(Field::OwnNumber).is_some_and(|it| it.contains('/'));
        column || own && of_kecamatan(it)
    };
    let letters: Vec<&SourceRecord> = sources.records_on(on).into_iter().filter(has).collect();
    let said = letters.iter().map(|it| sources.evidence_of(it, Said::Present));
    let evidence: Vec<Evidence> = said.collect();
    let months = |it: &&SourceRecord| it.recorded_on.and_then(|it| months_between(it, on));
    let (possible, gap) = match letters.first() {
        None => (Possible::only(0), Some(Gap::NotRecorded)),
        Some(newest) => match months(newest) {
            Some(age) if age < i64::from(reading.sku_valid_months) => (Possible::only(1), None),
            Some(_) => (Possible::only(0), Some(Gap::Stale)),
            None => (Possible::ANY, Some(Gap::Imprecise)),
        },
    };
    Known { possible, gap, evidence: evidence.into() }
}

fn closed(sources: &Sources, on: NaiveDate) -> Known {
    let told = sources.records_on(on).into_iter().find_map(|it| {
        let text = it.fields.get(Field::Status)?.to_lowercase();
        let over =
            ["tutup", "tidak aktif", "non aktif", "nonaktif", "non-aktif", "bubar", "berhenti"];
        Some((it, over.iter().any(|word| text.contains(word)), text))
    });
    let Some((record, closed, text)) = told else {
        return Known { possible: Possible::only(0), gap: None, evidence: [].into() };
    };
    let evidence = vec![sources.evidence_of(record, Said::Text(text))];
    Known { possible: Possible::only(i64::from(closed)), gap: None, evidence: evidence.into() }
}

fn legal_form(value: &Value) -> Option<i64> {
    let Value::Text(text) = value else { return None };
    let kind: Kind = Fact::LegalForm.kind();
    kind.number(&text.to_lowercase()).or_else(|| kind.number("other"))
}

/// A fact whose value is a code; claims that differ give the range of them, which decides what all of them do.
fn coded(
    sources: &Sources,
    attribute: Attribute,
    fact: Fact,
    on: NaiveDate,
    number: impl Fn(&Value) -> Option<i64>,
) -> Known {
    let claims = sources.claims(attribute, on);
    let (mut evidence, mut found) = (Vec::new(), None::<Possible>);
    let count = if claims.disputed { claims.all.len() } else { 1 };
    for claim in claims.all.iter().take(count) {
        let Some(one) = number(&claim.value) else { continue };
        evidence.extend(sources.evidence(claim, &Said::Text(fact.kind().text(one)), on));
        let one = Possible::only(one);
        found = Some(found.map_or(one, |it| it.or(one)));
    }
    let gap = match found {
        None => Some(Gap::NotRecorded),
        Some(one) => one.value().is_none().then_some(Gap::Conflicting),
    };
    Known { possible: found.unwrap_or(Possible::ANY), gap, evidence: evidence.into() }
}
