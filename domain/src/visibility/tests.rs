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
            || asked.purpose == Purpose::BreakGlass;
        assert!(may || access(&asked).access == Access::Hidden, "{asked:?}");
    }
}

#[test]
fn a_lender_sees_the_signboard_and_otherwise_what_was_agreed_to() {
    for asked in cells().filter(|it| it.role == Role::Lender && !it.consented) {
        let signboard = sensitivity(asked.attribute) == Sensitivity::Signboard;
        assert!(signboard || access(&asked).access == Access::Hidden, "{asked:?}");
    }
    let lender = Viewer { role: Role::Lender, ..Viewer::public() };
    let agreed = Standing { consented: [Attribute::Phone].into(), restricted: false };
    let sees = |attribute| lender.sees(Relation::Others, &agreed, attribute);
    assert_eq!(sees(Attribute::Phone), Ruling { access: Access::Whole, reason: None });
    let withheld = Ruling { access: Access::Hidden, reason: Some(Reason::Consent) };
    assert_eq!(sees(Attribute::AnnualSales), withheld);
    assert!(!lender.finds_by(Attribute::Phone));
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
