//! Enterprises on their way to a programme, in numbers.

use async_graphql::SimpleObject;
use financing::verdict;

use super::{FinancingStatus, Paper};
use crate::graphql::page::count;
use crate::graphql::scalar::Date;
use crate::service::financing::rules::Rules;
use crate::service::financing::view;

/// How many enterprises have a status.
#[derive(Debug, Clone, SimpleObject)]
pub struct StatusCount {
    /// The status.
    pub status: FinancingStatus,
    /// How many.
    pub enterprises: i32,
}

/// How many enterprises a paper is missing to.
#[derive(Debug, Clone, SimpleObject)]
pub struct MissingCount {
    /// The paper.
    pub paper: Paper,
    /// How many enterprises it is missing to.
    pub enterprises: i32,
    /// To how many of them one paper is missing, this or another that does as well.
    pub one_away: i32,
}

/// The way of enterprises to a programme, in numbers.
#[derive(Debug, Clone, SimpleObject)]
pub struct FinancingFunnel {
    /// Of which day.
    pub as_of: Date,
    /// The fingerprint of the rules.
    pub fingerprint: String,
    /// Rows of agencies' lists about these enterprises.
    pub source_records: i32,
    /// Enterprises.
    pub enterprises: i32,
    /// Those with an NIB.
    pub with_nib: i32,
    /// Those with an NIB and an NPWP.
    pub with_npwp: i32,
    /// Those that are likely eligible.
    pub likely_eligible: i32,
    /// Those that are one paper away from it: `financingView` lists them with the filter `oneAway`.
    pub one_away: i32,
    /// By status. To agencies and owners those that are not eligible and those of which it cannot be said are
    /// told together, as the latter.
    pub by_status: Vec<StatusCount>,
    /// What is missing, the most missed first.
    pub missing: Vec<MissingCount>,
    /// For an institution: how many enterprises of the register no consent opens to it; null where these are few,
    /// and for others.
    pub beyond_consent: Option<i32>,
}

impl FinancingFunnel {
    /// The numbers, with papers by their names.
    pub fn of(rules: &Rules, it: view::Funnel) -> FinancingFunnel {
        use verdict::Status;
        let of = |status: Status| -> u64 {
            it.counts.standings.iter().filter(|it| it.0 == status).map(|it| it.3).sum()
        };
        let mut by_status: Vec<(Status, u64)> =
            Status::ALL.into_iter().rev().map(|status| (status, of(status))).collect();
        if it.merged {
            by_status.retain(|it| it.0 != Status::NotEligible);
            let together = of(Status::NotEligible) + of(Status::CannotSay);
            let unknown = by_status.iter_mut().find(|it| it.0 == Status::CannotSay);
            unknown.into_iter().for_each(|it| it.1 = together);
        }
        let papers = rules.catalogue.papers();
        let missing = it.missing.iter().filter_map(|(id, all, alone)| {
            let paper = papers.iter().find(|it| it.id == *id)?;
            let (enterprises, one_away) = (count(*all), count(*alone));
            Some(MissingCount { paper: paper.into(), enterprises, one_away })
        });
        let one_away = it.counts.standings.iter().filter(|it| it.2).map(|it| it.3).sum();
        FinancingFunnel {
            as_of: Date(it.on),
            fingerprint: it.fingerprint.clone(),
            source_records: count(it.counts.records),
            enterprises: count(it.counts.enterprises),
            with_nib: count(it.counts.with_nib),
            with_npwp: count(it.counts.with_npwp),
            likely_eligible: count(of(Status::LikelyEligible)),
            one_away: count(one_away),
            by_status: by_status
                .into_iter()
                .map(|(status, all)| StatusCount { status: status.into(), enterprises: count(all) })
                .collect(),
            missing: missing.collect(),
            beyond_consent: it.beyond.map(count),
        }
    }
}
