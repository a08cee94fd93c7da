use super::*;

/// Every cell: 10,000 and more, so each law below holds of all of them.
fn cells() -> impl Iterator<Item = Asked> {
    let roles = Role::ALL.iter().flat_map(|role| Purpose::ALL.iter().map(move |it| (*role, *it)));
    let bits = |it: u8| [it & 1 != 0, it & 2 != 0];
    roles.flat_map(move |(role, purpose)| {
        (0..8_u8).flat_map(move |bit| {
            let [consented, restricted] = bits(bit);
            let relation = if bit & 4 == 0 { Relation::Own } else { Relation::Others };
            Attribute::ALL.iter().map(move |it| Asked {
                role,
                purpose,
                relation,
                consented,
                restricted,
                attribute: *it,
            })
        })
    })
}

#[test]
fn what_is_not_whole_says_why_and_what_is_whole_has_no_reason() {
    for asked in cells() {
        let ruling = access(&asked);
        assert_eq!(ruling.access == Access::Whole, ruling.reason.is_none(), "{asked:?}");
    }
}

#[test]
fn consent_and_an_own_row_never_take_away_and_restriction_never_gives() {
    for asked in cells() {
        let now = access(&asked).access;
        assert!(now <= access(&Asked { consented: true, ..asked }).access, "{asked:?}");
        assert!(now <= access(&Asked { relation: Relation::Own, ..asked }).access, "{asked:?}");
        assert!(now <= access(&Asked { restricted: false, ..asked }).access, "{asked:?}");
    }
}

#[test]
fn a_purpose_that_the_role_may_not_claim_opens_nothing() {
    for asked in cells().filter(|it| !may_claim(it.role, it.purpose)) {
        assert_eq!(access(&asked).access, Access::Hidden, "{asked:?}");
    }
}

#[test]
fn figures_need_nobodys_data() {
    for asked in cells().filter(|it| it.purpose == Purpose::Statistics) {
        let seen = access(&asked).access;
        let signboard = sensitivity(asked.attribute) == Sensitivity::Signboard;
        assert!(signboard || seen == Access::Hidden, "{asked:?}");
    }
}

#[test]
fn restricted_data_is_for_settling_the_matter_and_for_oversight() {
    for asked in cells().filter(|it| it.restricted) {
        let may = matches!(asked.role, Role::Steward | Role::Auditor)
            && asked.purpose != Purpose::PublicService
            || asked.purpose == Purpose::BreakGlass
            || asked.role == Role::Owner && asked.relation == Relation::Own;
        assert!(may || access(&asked).access == Access::Hidden, "{asked:?}");
    }
}

#[test]
fn a_lender_sees_what_was_agreed_to_and_nothing_else() {
    for asked in cells().filter(|it| it.role == Role::Lender && !it.consented) {
        let ruling = access(&asked);
        assert_eq!(ruling.access, Access::Hidden, "{asked:?}");
        let whatever = by_role(asked.role, sensitivity(asked.attribute)) != Access::Hidden;
        let reason = if asked.restricted { Reason::Restricted } else { Reason::Consent };
        assert!(whatever && ruling.reason == Some(reason), "{asked:?}");
    }
    let institution = Some("bank".to_owned());
    let lender = Viewer { role: Role::Lender, institution, ..Viewer::public() };
    let agreed = Standing { consented: Attribute::Phone.into(), ..Standing::default() };
    let sees = |attribute| lender.sees(&agreed, attribute);
    assert_eq!(sees(Attribute::Phone), Ruling { access: Access::Whole, reason: None });
    let withheld = Ruling { access: Access::Hidden, reason: Some(Reason::Consent) };
    assert_eq!(sees(Attribute::AnnualSales), withheld);
    // The store holds such a question to those who agreed to it.
    assert!(lender.finds_by(Attribute::Phone) && !lender.finds_by(Attribute::Nik));
    assert!(!lender.sees_of_everybody(Attribute::Phone));
}

#[test]
fn an_owner_sees_what_is_hers_whole_and_of_another_person_what_serves_the_business() {
    let owner = Viewer { role: Role::Owner, ..Viewer::public() };
    for &attribute in Attribute::ALL {
        let restricted = Standing { restricted: true, ..Standing::own() };
        for standing in [Standing::own(), restricted] {
            assert_eq!(owner.sees(&standing, attribute).access, Access::Whole, "{attribute:?}");
        }
        let expected = match sensitivity(attribute) {
            Sensitivity::Signboard => (Access::Whole, None),
            Sensitivity::Contact | Sensitivity::Person => {
                (Access::Masked, Some(Reason::OtherPerson))
            }
            Sensitivity::Finance => (Access::Hidden, Some(Reason::OtherPerson)),
        };
        let ruling = owner.sees(&Standing::default(), attribute);
        assert_eq!((ruling.access, ruling.reason), expected, "{attribute:?}");
    }
}

#[test]
fn what_ties_a_viewer_to_an_enterprise_says_how_she_stands_to_each_row() {
    let [kominfo, pariwisata] = ["kominfo", "pariwisata"].map(|it| AgencyCode::parse(it).unwrap());
    let [hers, another] = [1, 2].map(|it| RecordId(uuid::Uuid::from_u128(it)));
    let to = |viewer: &Viewer, ties: &Ties, rows: &[(&AgencyCode, &RecordId)]| {
        Standing::to(viewer, ties, rows.iter().copied())
    };
    let agency = Some(kominfo.clone());
    let operator = Viewer { role: Role::AgencyOperator, agency, ..Viewer::public() };
    let restricted = Ties { restricted: true, ..Ties::default() };
    let (a, b) = ((&kominfo, &hers), (&pariwisata, &another));
    assert_eq!(to(&operator, &Ties::default(), &[a, b]), Standing::own());
    assert_eq!(to(&operator, &Ties::default(), &[b]), Standing::default());
    let expected = Standing { restricted: true, ..Standing::own() };
    assert_eq!(to(&operator, &restricted, &[a]), expected);
    let owner = Viewer { role: Role::Owner, ..Viewer::public() };
    let ties = Ties { own: [hers].into(), ..Ties::default() };
    assert_eq!(to(&owner, &ties, &[a]), Standing::own());
    assert_eq!(to(&owner, &ties, &[b]), Standing::default());
}

#[test]
fn the_public_sees_no_attribute_of_an_enterprise() {
    for asked in cells().filter(|it| matches!(it.role, Role::Public | Role::CentralBank)) {
        assert_eq!(access(&asked).access, Access::Hidden, "{asked:?}");
    }
}

#[test]
fn an_administrator_reads_no_personal_data_unless_she_breaks_the_glass() {
    let usual = |it: &Asked| it.purpose != Purpose::BreakGlass;
    for asked in cells().filter(|it| it.role == Role::Administrator && usual(it)) {
        let signboard = sensitivity(asked.attribute) == Sensitivity::Signboard;
        assert!(signboard || access(&asked).access == Access::Hidden, "{asked:?}");
    }
}

#[test]
fn only_stewards_and_developers_of_synthetic_data_read_another_agencys_nik_whole() {
    let nik = |it: &Asked| it.attribute == Attribute::Nik && it.relation == Relation::Others;
    for asked in cells().filter(nik) {
        let may = matches!(reads_as(asked.role, asked.purpose), Role::Steward | Role::Developer);
        assert!(may || access(&asked).access != Access::Whole, "{asked:?}");
    }
}
