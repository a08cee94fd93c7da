//! The figures of the register, and which of them are told (law 11; decision 0022).

pub mod edition;
pub mod plan;

use chrono::{DateTime, Utc};
use disclosure::{Category, Figure as Counted, Release};
use domain::enterprise::Attribute;
use domain::permission::Action;
use domain::viewer::Viewer;

use crate::app::App;
use crate::error::Error;
use edition::Figures;
use plan::{KECAMATAN, NIB, Plan, SECTION, SIZE};

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

/// Whether `viewer` is told the register as it stands, and not the edition.
///
/// Exact counts by size and NIB tell them of the few: they are for whoever sees those of everybody.
pub fn sees_exact(viewer: &Viewer) -> bool {
    let counted_by = [Attribute::AnnualSales, Attribute::Capital, Attribute::Nib];
    viewer.may(Action::ReadExactStatistics)
        && viewer.scope().is_whole()
        && counted_by.into_iter().all(|it| viewer.finds_by(it))
}

/// The figures of the whole register, as it stands or as it is told, by what `viewer` may see.
pub async fn statistics(app: &App, viewer: &Viewer) -> Result<Statistics, Error> {
    let counted = app.figures.now(app).await?;
    let figures = if sees_exact(viewer) { &counted.exact } else { &counted.edition.figures };
    told(&counted.plan, figures).map_err(Error::internal)
}

/// A figure as it is told.
pub fn figure(it: Counted) -> Figure {
    match it {
        Counted::Shown(count) => Some(count),
        Counted::Hidden => None,
    }
}

fn told(plan: &Plan, figures: &Figures) -> Result<Statistics, disclosure::Invalid> {
    let Figures { enterprises, agencies, records, .. } = figures;
    let total = figure(enterprises.answer(&[])?);
    let by = |dimension: usize| by(enterprises, dimension);
    let with_nib = by(NIB)?.into_iter().find(|it| it.0.is_some()).map_or(Some(0), |it| it.1);
    // The two cubes share the total: where one hides it, the other must not give it away.
    let whole = total.and(figure(agencies.answer(&[])?)).is_some();
    let known_to = |places: &[usize]| if whole { yes(agencies, places) } else { Ok(None) };
    let mut known = vec![];
    for (place, code) in plan.codes.iter().enumerate() {
        known.push((place, code, known_to(&[place])?));
    }
    // An agency's rows bound its enterprises from above, and all rows together give away those of one.
    let every = known.iter().all(|it| it.2.is_some());
    let rows = |code: &String| records.get(code).copied().unwrap_or(0);
    known.retain(|it| it.2 != Some(0));
    let mut overlap = vec![];
    for (place, (one, code, _)) in known.iter().enumerate() {
        for (other, second, _) in &known[place + 1..] {
            overlap.push(((*code).clone(), (*second).clone(), known_to(&[*one, *other])?));
        }
    }
    overlap.retain(|it| it.2 != Some(0));
    let agency = known
        .into_iter()
        .map(|(_, code, figure)| (code.clone(), figure, every.then(|| rows(code))));
    Ok(Statistics {
        at: figures.at,
        threshold: figures.threshold,
        records: total.map(|_| records.values().sum()),
        enterprises: total,
        with_nib,
        kecamatan: by(KECAMATAN)?,
        section: by(SECTION)?,
        size: by(SIZE)?,
        agency: agency.collect(),
        overlap,
    })
}

/// How many are known to all of these agencies.
fn yes(agencies: &Release, places: &[usize]) -> Result<Figure, disclosure::Invalid> {
    let dimension = |it: &usize| agencies.cube().dimension(*it);
    let each = places.iter().map(|it| dimension(it).categories().next().unwrap_or(Category::TOTAL));
    Ok(figure(agencies.figure(places, &each.collect::<Vec<_>>())?))
}

/// The figures of one dimension by label, those that are not none.
fn by(
    release: &Release,
    dimension: usize,
) -> Result<Vec<(Option<String>, Figure)>, disclosure::Invalid> {
    let label = |it: Category| release.cube().dimension(dimension).label(it).map(str::to_owned);
    let rows = release.table(&[dimension])?.filter(|it| it.figure != Counted::Shown(0));
    Ok(rows.map(|it| (label(it.categories[0]), figure(it.figure))).collect())
}
