//! What a lender learns of a profile: of what was agreed to, the value, whose and from when; of anything else,
//! not whether it is there.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use chrono::NaiveDate;
use domain::agency::AgencyCode;
use domain::amount::Rupiah;
use domain::consent::{Grant, Ties};
use domain::enterprise::{
    Attribute, Attributed, Claim, EnterpriseProfile, Provenance, Sales, Value,
};
use domain::id::{ConsentId, EnterpriseId, FileId, RecordId};
use domain::identifier::{Nik, Phone};
use domain::record::{Field, RecordFields, SourceRecord};
use domain::view::{Disclosure, ProfileView, SizeView, cut, cut_record};
use domain::viewer::{Role, Viewer};
use domain::visibility::Reason;
use uuid::Uuid;

fn row(number: u128) -> RecordId {
    RecordId(Uuid::from_u128(number))
}

fn kominfo() -> AgencyCode {
    AgencyCode::parse("kominfo").unwrap()
}

fn claim(value: Value, record: RecordId) -> Claim {
    let recorded_on = NaiveDate::from_ymd_opt(2026, 3, 1);
    Claim { value, sources: vec![Provenance { record, agency: kominfo(), recorded_on }] }
}

fn text(value: &str) -> Value {
    Value::Text(value.to_owned())
}

fn phone(number: &str) -> Value {
    Value::Phone(Phone::read_all(number).0.remove(0))
}

/// A profile of her row 1 and another person's row 2.
fn profile(attributes: Vec<(Attribute, Vec<Claim>)>) -> EnterpriseProfile {
    let attributed = |mut claims: Vec<Claim>| {
        let chosen = claims.remove(0);
        Attributed { chosen, disputed: !claims.is_empty(), alternatives: claims }
    };
    EnterpriseProfile {
        id: EnterpriseId(Uuid::from_u128(9)),
        owners: vec![],
        attributes: attributes.into_iter().map(|it| (it.0, attributed(it.1))).collect(),
        records: vec![row(1), row(2)],
    }
}

/// What a bank sees that she agreed to tell `agreed`, of her row.
fn seen(agreed: &[Attribute], profile: &EnterpriseProfile) -> ProfileView {
    cut(&bank(), &ties(agreed), profile)
}

fn bank() -> Viewer {
    Viewer { role: Role::Lender, institution: Some("bjb".to_owned()), ..Viewer::public() }
}

fn ties(agreed: &[Attribute]) -> Ties {
    let consent = ConsentId(Uuid::nil());
    let attributes = agreed.iter().copied().collect();
    let grant = Grant { consent, reference: None, attributes, records: [row(1)].into() };
    Ties { grants: vec![grant], ..Ties::default() }
}

const AGREED: [Attribute; 3] = [Attribute::BusinessName, Attribute::Phone, Attribute::AnnualSales];

#[test]
fn what_was_not_agreed_to_reads_the_same_whether_anybody_wrote_it_or_not() {
    let name = || vec![claim(text("Sate Barokah"), row(1))];
    let sparse = profile(vec![(Attribute::BusinessName, name())]);
    let rich = profile(vec![
        (Attribute::BusinessName, name()),
        (Attribute::Nik, vec![claim(Value::Nik(Nik::parse("3673014507850001").unwrap()), row(1))]),
        (Attribute::Capital, vec![claim(Value::Rupiah(Rupiah(5)), row(1))]),
        // Of the partner alone: she did not agree to his.
        (Attribute::Phone, vec![claim(phone("081234567801"), row(2))]),
    ]);
    let view = seen(&AGREED, &rich);
    assert_eq!(view, seen(&AGREED, &sparse));
    for attribute in [Attribute::Nik, Attribute::Capital, Attribute::Halal] {
        let told = &view.attributes[&attribute];
        assert_eq!(told.chosen.shown, Disclosure::Hidden(Reason::Consent));
        assert!(told.chosen.sources.is_empty() && told.alternatives.is_empty() && !told.disputed);
    }
    assert!(!view.attributes.contains_key(&Attribute::Phone), "agreed to, and nothing is known");
    assert_eq!(view.records, [row(1)], "the partner's row is not counted");
    assert_eq!(view.size, SizeView::Hidden(Reason::Consent));
    let none = seen(&[Attribute::BusinessName], &rich);
    assert_eq!(none.size, SizeView::Hidden(Reason::Consent));
}

#[test]
fn what_was_agreed_to_is_told_with_agency_and_date_and_what_hides_before_it_is_not_missed() {
    let sales = |it| Value::Sales(Sales { annual: Rupiah(it), from_month: false });
    let profile = profile(vec![
        (Attribute::BusinessName, vec![claim(text("Sate Barokah"), row(1))]),
        (
            Attribute::Phone,
            vec![claim(phone("081234567802"), row(2)), claim(phone("081234567801"), row(1))],
        ),
        (Attribute::AnnualSales, vec![claim(sales(120_000_000), row(1))]),
    ]);
    let view = seen(&AGREED, &profile);
    let told = &view.attributes[&Attribute::Phone];
    assert_eq!(told.chosen.shown, Disclosure::Whole(phone("081234567801")));
    assert!(told.alternatives.is_empty() && !told.disputed);
    let [source] = told.chosen.sources.as_slice() else { panic!("{told:?}") };
    assert_eq!(
        (&source.agency, source.recorded_on),
        (&kominfo(), NaiveDate::from_ymd_opt(2026, 3, 1))
    );
    assert!(matches!(view.size, SizeView::Shown(..)));
    // Whoever reads rows is told all of them, and that there is another number.
    let steward = Viewer { role: Role::Steward, ..Viewer::public() };
    let all = cut(&steward, &Ties::default(), &profile);
    assert_eq!(all.records, [row(1), row(2)]);
    assert!(all.attributes[&Attribute::Phone].disputed);
    assert!(!all.attributes.contains_key(&Attribute::Halal));
}

#[test]
fn a_row_tells_a_bank_what_was_agreed_to_and_not_where_it_stands() {
    let mut fields = RecordFields::default();
    for (field, text) in [
        (Field::BusinessName, "Sate Barokah"),
        (Field::Phone, "081234567801"),
        (Field::Remark, "menunggak"),
        (Field::OwnNumber, "K-1"),
    ] {
        fields.set(field, text);
    }
    let record = SourceRecord {
        id: row(1),
        agency: kominfo(),
        file: FileId(Uuid::from_u128(3)),
        sheet: "Sheet1".to_owned(),
        row: 4,
        fields,
        recorded_on: NaiveDate::from_ymd_opt(2026, 3, 1),
    };
    let told = cut_record(&bank(), &ties(&AGREED), &record);
    let fields: Vec<Field> = told.texts.keys().copied().collect();
    assert_eq!(fields, [Field::BusinessName, Field::Phone]);
    assert_eq!((told.place, told.recorded_on, told.whole), (None, record.recorded_on, false));
    let steward = Viewer { role: Role::Steward, ..Viewer::public() };
    let whole = cut_record(&steward, &Ties::default(), &record);
    assert_eq!((whole.texts.len(), whole.place.map(|it| it.row)), (4, Some(4)));
}
