//! The figures of the register, and which of them may be published (law 11).

use std::sync::Arc;

use chrono::{DateTime, Utc};
use domain::enterprise::Attribute;
use domain::permission::Action;
use domain::viewer::Viewer;
use tokio::sync::Mutex;

use crate::app::App;
use crate::clock;
use crate::error::Error;
use crate::store::statistics::{Cell, Counts, Edition};

/// A count; `None` where it is suppressed.
pub type Figure = Option<u64>;

/// The figures as one viewer sees them.
#[derive(Debug, Clone)]
pub struct Statistics {
    /// When they were counted.
    pub at: DateTime<Utc>,
    /// Counts below this are suppressed; `None` when nothing is.
    pub threshold: Option<u64>,
    /// Rows of the agencies' lists.
    pub records: Figure,
    /// Enterprises.
    pub enterprises: Figure,
    /// Enterprises with a NIB.
    pub with_nib: Figure,
    /// Enterprises by kecamatan.
    pub kecamatan: Vec<(Option<String>, Figure)>,
    /// Enterprises by KBLI section.
    pub section: Vec<(Option<String>, Figure)>,
    /// Enterprises by size class.
    pub size: Vec<(Option<String>, Figure)>,
    /// By agency: enterprises and records.
    pub agency: Vec<(String, Figure, Figure)>,
    /// Enterprises that two agencies both know.
    pub overlap: Vec<(String, String, Figure)>,
}

/// The register as last counted, shared by all requests: it is counted once per state of the register,
/// however many ask.
#[derive(Debug, Default)]
pub struct Counted(Mutex<Option<Arc<Count>>>);

/// The register counted once.
#[derive(Debug)]
struct Count {
    /// Which state of the register was counted.
    edition: Edition,
    counts: Counts,
    at: DateTime<Utc>,
}

impl Counted {
    /// The counts of the register as it stands, and when they were made.
    ///
    /// The lock is held while counting: those who ask meanwhile wait for the one answer without
    /// holding a connection.
    async fn now(&self, app: &App) -> Result<Arc<Count>, Error> {
        let mut last = self.0.lock().await;
        // Read before the counts: a change in between is then counted again, never missed.
        let edition = app.store.edition().await?;
        if let Some(known) = last.as_ref().filter(|it| it.edition == edition) {
            return Ok(Arc::clone(known));
        }
        let counted =
            Arc::new(Count { edition, counts: app.store.counts().await?, at: clock::now() });
        *last = Some(Arc::clone(&counted));
        Ok(counted)
    }
}

/// The figures of the whole register, exact or as published, by what `viewer` may see.
pub async fn statistics(
    app: &App,
    counted: &Counted,
    viewer: &Viewer,
) -> Result<Statistics, Error> {
    let counted = counted.now(app).await?;
    // Exact counts by size and NIB tell them of the few: they are for whoever sees those of everybody.
    let counted_by = [Attribute::AnnualSales, Attribute::Capital, Attribute::Nib];
    let exact = viewer.may(Action::ReadExactStatistics)
        && viewer.scope().is_whole()
        && counted_by.into_iter().all(|it| viewer.finds_by(it));
    let threshold = (!exact).then_some(u64::from(app.config.small_cell));
    Ok(publish(&counted.counts, threshold, counted.at))
}

/// The figures with small cells suppressed, and with them what they could be solved from.
fn publish(counts: &Counts, threshold: Option<u64>, at: DateTime<Utc>) -> Statistics {
    let least = threshold.unwrap_or(0);
    let table = |cells: &[Cell]| {
        let figures = suppress(&cells.iter().map(|it| it.1).collect::<Vec<_>>(), least);
        cells.iter().map(|it| it.0.clone()).zip(figures).collect()
    };
    // With and without a NIB make a table of two cells: both are shown or neither.
    let without = counts.enterprises.saturating_sub(counts.with_nib);
    let nib = suppress(&[counts.with_nib, without], least);
    let enterprises: Vec<u64> = counts.agency.iter().map(|it| it.1).collect();
    let records: Vec<u64> = counts.agency_records.iter().map(|it| it.1).collect();
    let by_agency = suppress(&enterprises, least).into_iter().zip(suppress(&records, least));
    let overlap: Vec<u64> = counts.overlap.iter().map(|it| it.2).collect();
    Statistics {
        at,
        threshold,
        records: Some(counts.records).filter(|it| shown(*it, least)),
        enterprises: Some(counts.enterprises).filter(|it| shown(*it, least)),
        with_nib: nib[0],
        kecamatan: table(&counts.kecamatan),
        section: table(&counts.section),
        size: table(&counts.size),
        agency: counts
            .agency
            .iter()
            .zip(by_agency)
            .map(|(cell, (enterprises, records))| {
                (cell.0.clone().unwrap_or_default(), enterprises, records)
            })
            .collect(),
        overlap: counts
            .overlap
            .iter()
            .zip(suppress(&overlap, least))
            .map(|(cell, figure)| (cell.0.clone(), cell.1.clone(), figure))
            .collect(),
    }
}

/// Whether a count may stand by itself. Nobody is described by a zero.
fn shown(count: u64, least: u64) -> bool {
    count == 0 || least <= count
}

/// Suppresses the counts from 1 to below `least`.
///
/// The total is published, so what is suppressed must not be solvable from it: the smallest counts
/// still shown are suppressed too until at least two are, which together reach `least`.
fn suppress(counts: &[u64], least: u64) -> Vec<Figure> {
    let mut figures: Vec<Figure> =
        counts.iter().map(|it| Some(*it).filter(|it| shown(*it, least))).collect();
    loop {
        let hidden: Vec<u64> =
            counts.iter().zip(&figures).filter(|it| it.1.is_none()).map(|it| *it.0).collect();
        if hidden.is_empty() || (1 < hidden.len() && least <= hidden.iter().sum()) {
            return figures;
        }
        let next = (0..counts.len())
            .filter(|it| figures[*it].is_some_and(|count| 0 < count))
            .min_by_key(|it| counts[*it]);
        // A zero hides as well as anything when nothing else is left.
        let next = next.or_else(|| figures.iter().position(Option::is_some));
        match next {
            Some(index) => figures[index] = None,
            None => return figures,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(counts: &[u64], expected: &[Figure]) {
        assert_eq!(suppress(counts, 5), expected, "{counts:?}");
    }

    #[test]
    fn law_11_a_small_cell_is_suppressed_and_never_alone() {
        check(&[40, 3, 20, 7], &[Some(40), None, Some(20), None]);
        check(&[40, 3, 4, 7], &[Some(40), None, None, Some(7)]);
        check(&[40, 1, 2, 7], &[Some(40), None, None, None]);
        check(&[40, 20], &[Some(40), Some(20)]);
        check(&[0, 40], &[Some(0), Some(40)]);
        check(&[0, 0, 2], &[None, None, None]);
        check(&[], &[]);
    }

    #[test]
    fn law_11_what_is_suppressed_cannot_be_solved_from_the_total() {
        for seed in 0_u64..2_000 {
            let counts: Vec<u64> =
                (0..5).map(|it| (seed * 7 + it * it * seed + it * 3) % 13).collect();
            let figures = suppress(&counts, 5);
            let hidden: Vec<u64> =
                counts.iter().zip(&figures).filter(|it| it.1.is_none()).map(|it| *it.0).collect();
            assert_ne!(hidden.len(), 1, "{counts:?}");
            assert!(figures.iter().flatten().all(|it| shown(*it, 5)));
        }
    }

    #[test]
    fn with_and_without_a_nib_are_shown_together_or_not_at_all() {
        let counts = Counts { enterprises: 100, with_nib: 98, ..Counts::default() };
        assert_eq!(publish(&counts, Some(5), DateTime::UNIX_EPOCH).with_nib, None);
        assert_eq!(publish(&counts, None, DateTime::UNIX_EPOCH).with_nib, Some(98));
    }
}
