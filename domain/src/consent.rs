//! What an owner agreed to: which fields, to which institution, for which purpose, until when
//! (UU PDP 27/2022 articles 20, 22 and 24), and what that opens of an enterprise.
//!
//! A person is known by one row that names her, her *anchor*: ids of persons and enterprises pass on
//! when records are linked anew, the row stays with her. So a consent follows her and nobody else.

use std::collections::BTreeSet;

use enumset::EnumSet;

use crate::enterprise::Attribute;
use crate::id::{ConsentId, RecordId};
use crate::purpose::{Purpose, default_of};
use crate::viewer::Role;
use crate::visibility::{Access, Asked, Relation, Sensitivity, access, sensitivity};

/// How an owner gave or took back her consent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Channel {
    /// She herself, signed in.
    Herself,
    /// On paper, kept by the office that wrote it down.
    Paper,
    /// At the counter of an office.
    Counter,
    /// By telephone; the office keeps when and with whom.
    Telephone,
}

impl Channel {
    /// Every channel.
    pub const ALL: [Channel; 4] =
        [Channel::Herself, Channel::Paper, Channel::Counter, Channel::Telephone];

    /// Its name in the register.
    pub fn code(self) -> &'static str {
        match self {
            Channel::Herself => "herself",
            Channel::Paper => "paper",
            Channel::Counter => "counter",
            Channel::Telephone => "telephone",
        }
    }

    /// The channel of this name.
    pub fn from_code(code: &str) -> Option<Channel> {
        Channel::ALL.into_iter().find(|it| it.code() == code)
    }
}

/// Whether an owner can agree to `purpose`: it is one that a lender reads for.
pub fn can_be_agreed_to(purpose: Purpose) -> bool {
    purpose == default_of(Role::Lender)
}

/// Whether an institution that has a consent for `attribute` sees anything of it.
pub fn is_shown_at_all(attribute: Attribute) -> bool {
    let role = Role::Lender;
    let (relation, consented, restricted) = (Relation::Others, true, false);
    let purpose = default_of(role);
    let asked = Asked { role, purpose, relation, consented, restricted, attribute };
    access(&asked).access != Access::Hidden
}

/// Whether a value of `attribute` speaks of the business, whoever wrote it; any other speaks of the
/// person whom the row names, and a consent or a right reaches it in her rows alone.
pub fn is_of_the_business(attribute: Attribute) -> bool {
    sensitivity(attribute) == Sensitivity::Signboard
}

/// What one consent opens of one enterprise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// By which consent.
    pub consent: ConsentId,
    /// The institution's own number of her application, where she applied there.
    pub reference: Option<String>,
    /// The fields she agreed to.
    pub attributes: EnumSet<Attribute>,
    /// The rows of the enterprise that are about her, or about no person by name.
    pub records: BTreeSet<RecordId>,
}

/// What ties a viewer to one enterprise beyond her role: consents for her institution, or that she is one
/// of its owners; and what keeps her from it, a restriction.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ties {
    /// What was agreed to, for the viewer's institution and the purpose she states.
    pub grants: Vec<Grant>,
    /// For an owner: the rows that are about her, or about no person by name.
    pub own: BTreeSet<RecordId>,
    /// One of its owners had its use restricted.
    pub restricted: bool,
}

impl Ties {
    /// What the consents open of what `records` say.
    pub fn consented<'a>(
        &self,
        records: impl Iterator<Item = &'a RecordId> + Clone,
    ) -> EnumSet<Attribute> {
        let opened = |grant: &Grant| {
            let hers = records.clone().any(|it| grant.records.contains(it));
            let opened = grant.attributes.iter().filter(|it| hers || is_of_the_business(*it));
            opened.collect::<EnumSet<_>>()
        };
        self.grants.iter().map(opened).collect()
    }

    /// Everything that was agreed to for some row of the enterprise.
    pub fn agreed(&self) -> EnumSet<Attribute> {
        self.grants.iter().map(|it| it.attributes).collect()
    }

    /// Whether a row is among those that the ties reach.
    pub fn reach(&self, record: &RecordId) -> bool {
        self.own.contains(record) || self.grants.iter().any(|it| it.records.contains(record))
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn a_consent_opens_what_is_about_her_and_what_a_signboard_says() {
        let [hers, another] = [1, 2].map(|it| RecordId(Uuid::from_u128(it)));
        let grant = Grant {
            consent: ConsentId(Uuid::nil()),
            reference: None,
            attributes: Attribute::BusinessName | Attribute::Phone,
            records: [hers].into(),
        };
        let ties = Ties { grants: vec![grant], ..Ties::default() };
        let both = Attribute::BusinessName | Attribute::Phone;
        assert_eq!(ties.consented([hers].iter()), both);
        assert_eq!(ties.consented([hers, another].iter()), both);
        assert_eq!(ties.consented([another].iter()), EnumSet::only(Attribute::BusinessName));
        assert_eq!(Ties::default().consented([hers].iter()), EnumSet::empty());
    }

    #[test]
    fn an_owner_agrees_to_financing_and_to_nothing_that_needs_no_consent() {
        let agreed: Vec<_> = Purpose::ALL.iter().filter(|it| can_be_agreed_to(**it)).collect();
        assert_eq!(agreed, [&Purpose::Financing]);
    }
}
