//! Financial inclusion in numbers and under pseudonyms, for a central bank: who stands where with the programmes,
//! without a name. Everything comes of the edition that is told (decision 0022).

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, PoisonError};

use chrono::{DateTime, Utc};
use disclosure::pseudonym::{Pseudonym, PseudonymKey};
use disclosure::{Category, Dimension, Figure as Told, Release, Spot};
use domain::id::EnterpriseId;
use domain::permission::Action;
use domain::viewer::Viewer;
use sha2::{Digest, Sha256};

use super::financing::view::require_programme;
use super::statistics::edition::{Counted, Edition, Order};
use super::statistics::plan::{KECAMATAN, NIB, SECTION, SEX, SIZE};
use super::statistics::{Figure, figure, sees_exact};
use crate::app::App;
use crate::error::Error;
use crate::store::slice::{At, Key};

/// By what inclusion is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum By {
    /// The kecamatan.
    Kecamatan,
    /// The section of KBLI 2020.
    Section,
    /// The size class.
    Size,
    /// Whether there is an NIB.
    Nib,
    /// The owner's sex, by her NIK.
    OwnerSex,
    /// How an enterprise stands with the programme.
    Status,
    /// Which papers are missing, of those to which papers are missing.
    Missing,
}

/// A category: how it is called, if it is known.
pub type Label = (By, Option<String>);

/// How many have something in common.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cell {
    /// What they have in common.
    pub labels: Vec<Label>,
    /// How many; none where that is not told.
    pub count: Figure,
}

/// A table of figures.
#[derive(Debug, Clone)]
pub struct Table {
    /// When the register was counted.
    pub at: DateTime<Utc>,
    /// Counts below this are not told; none when all are.
    pub threshold: Option<u64>,
    /// All enterprises.
    pub enterprises: Figure,
    /// Each group of enterprises; what is not listed is none.
    pub cells: Vec<Cell>,
}

/// Counts the register by up to some things at once.
///
/// Fails with [`Error::UnknownProgramme`], and with [`Error::InvalidInput`] on what is not told together.
pub async fn table(
    app: &App,
    viewer: &Viewer,
    programme: Option<&str>,
    by: &[By],
) -> Result<Table, Error> {
    programme.map_or(Ok(()), |it| require_programme(&app.rules, it))?;
    let counted = app.figures.now(app).await?;
    let figures = if sees_exact(viewer) { &counted.exact } else { &counted.edition.figures };
    let mut asked: Vec<(usize, By)> = vec![];
    for by in by {
        let place = match by {
            By::Kecamatan => KECAMATAN,
            By::Section => SECTION,
            By::Size => SIZE,
            By::Nib => NIB,
            By::OwnerSex => SEX,
            By::Status | By::Missing => facet(&counted, programme)?,
        };
        if asked.iter().any(|it| it.0 == place) {
            return Err(Error::invalid("by", "names the same twice, or STATUS with MISSING"));
        }
        asked.push((place, *by));
    }
    asked.sort_unstable();
    let places: Vec<usize> = asked.iter().map(|it| it.0).collect();
    let together = |_| Error::invalid("by", "these are not told together; ask by fewer at once");
    let release = &figures.enterprises;
    let mut cells = vec![];
    for row in release.table(&places).map_err(together)? {
        let each = asked.iter().zip(&row.categories);
        let labels: Option<Vec<Label>> = each
            .map(|((place, by), category)| label(release.cube().dimension(*place), *by, *category))
            .collect();
        if let (Some(labels), true) = (labels, row.figure != Told::Shown(0)) {
            cells.push(Cell { labels, count: figure(row.figure) });
        }
    }
    let enterprises = figure(release.answer(&[]).map_err(Error::internal)?);
    Ok(Table { at: figures.at, threshold: figures.threshold, enterprises, cells })
}

fn facet(counted: &Counted, programme: Option<&str>) -> Result<usize, Error> {
    let Some(programme) = programme else {
        return Err(Error::invalid("programme", "say whose STATUS or MISSING is asked for"));
    };
    let facet = counted.plan.facet(programme);
    facet.ok_or_else(|| Error::invalid("programme", "is not counted by"))
}

/// What a category is called, if it is one of those that are asked by.
fn label(dimension: &Dimension, by: By, category: Category) -> Option<Label> {
    let parent = dimension.parent(category).filter(|it| *it != Category::TOTAL);
    let own = dimension.label(category).map(str::to_owned);
    match (by, parent) {
        (By::Missing, Some(_)) => Some((by, own)),
        (By::Missing, None) | (_, Some(_)) => None,
        (_, None) => Some((by, own)),
    }
}

/// An enterprise under a pseudonym, with what as many others have in common with it as the threshold says.
#[derive(Debug, Clone)]
pub struct Row {
    /// Which it is, for whoever writes down what was read.
    pub id: EnterpriseId,
    /// The name by which this recipient knows it in this edition.
    pub pseudonym: Pseudonym,
    /// What is told of it.
    pub labels: Vec<Label>,
    /// What is not, because too few would have all of it in common.
    pub withheld: Vec<By>,
}

/// A page of them.
#[derive(Debug, Clone)]
pub struct Page {
    /// Each with its cursor.
    pub rows: Vec<(Key, Row)>,
    /// There are more.
    pub more: bool,
    /// How many there are on all pages.
    pub total: u64,
}

/// What a row tells, the first first: what is left out leaves out all behind it.
const CHAIN: [By; 5] = [By::Kecamatan, By::Status, By::Missing, By::OwnerSex, By::Size];

/// So many of the enterprises behind a page are looked at as well, in place of those that are told of no more.
const SPARE: usize = 100;

/// A key of the kind that these lists have.
pub fn key_kind() -> Key {
    Key(vec![At::Text(String::new()), At::Order(0), At::Text(String::new())])
}

/// A page of enterprises under the names that the viewer's institution knows them by, in the order of these: two
/// statements, whatever its size.
///
/// Fails with [`Error::CursorForeign`] on a cursor of another institution or programme, and with
/// [`Error::InvalidInput`] on one of an edition that is told no more.
pub async fn page(
    app: &App,
    viewer: &Viewer,
    programme: &str,
    after: Option<Key>,
    limit: u64,
) -> Result<Page, Error> {
    require_programme(&app.rules, programme)?;
    let none = || Error::forbidden(viewer, Action::ReadPseudonyms);
    let institution = viewer.institution.clone().ok_or_else(none)?;
    let counted = app.figures.now(app).await?;
    let facet = facet(&counted, Some(programme))?;
    let edition = &counted.edition;
    let binding = binding(&institution, programme);
    let after = after.map(|it| behind(&it, edition.seq, &binding)).transpose()?;
    let release = &edition.figures.enterprises;
    // Of a register of few it is not told either how many they are.
    if figure(release.answer(&[]).map_err(Error::internal)?).is_none() {
        return Ok(Page { rows: vec![], more: false, total: 0 });
    }
    let order = order(app, &counted, institution, programme.to_owned()).await?;
    let start = after.map_or(0, |it| order.partition_point(|one| one.0.to_string() <= it));
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let end = start.saturating_add(limit).saturating_add(SPARE).min(order.len());
    let page = &order[start..end];
    let ids: Vec<EnterpriseId> = page.iter().map(|it| edition.spots[it.1].0).collect();
    // Who had the use of her data restricted since, or was erased, is told of no more.
    let in_use: HashSet<EnterpriseId> = match ids.is_empty() {
        true => HashSet::new(),
        false => app.store.in_use(&ids).await?,
    };
    let mut teller = Teller { release, facet, known: HashMap::new() };
    let (mut rows, mut next) = (vec![], start);
    for (pseudonym, place) in page {
        if rows.len() == limit {
            break;
        }
        next += 1;
        let (id, spot) = edition.spots[*place];
        if !in_use.contains(&id) {
            continue;
        }
        let (labels, withheld) = teller.tell(spot).map_err(Error::internal)?;
        let [name, bound] = [pseudonym.to_string(), binding.clone()].map(At::Text);
        let key = Key(vec![name, At::Order(edition.seq), bound]);
        rows.push((key, Row { id, pseudonym: *pseudonym, labels, withheld }));
    }
    Ok(Page { rows, more: next < order.len(), total: order.len() as u64 })
}

/// What a cursor is bound to.
fn binding(institution: &str, programme: &str) -> String {
    let digest = Sha256::digest(format!("{institution}\u{1f}{programme}").as_bytes());
    digest[..12].iter().map(|it| format!("{it:02x}")).collect()
}

fn behind(cursor: &Key, edition: i64, binding: &str) -> Result<String, Error> {
    match cursor.0.as_slice() {
        [At::Text(_), _, At::Text(bound)] if bound != binding => Err(Error::CursorForeign),
        [At::Text(name), At::Order(seq), _] if *seq == edition => Ok(name.clone()),
        _ => Err(Error::invalid("after", "is of figures that are told no more; begin again")),
    }
}

/// The enterprises of the edition in the order of their names. The names are of one institution, one programme and
/// one edition: what somebody is told of two of these cannot be put together enterprise by enterprise.
async fn order(
    app: &App,
    counted: &Arc<Counted>,
    institution: String,
    programme: String,
) -> Result<Order, Error> {
    let known = |edition: &Edition, key: &(String, String)| {
        edition.orders.lock().unwrap_or_else(PoisonError::into_inner).get(key).cloned()
    };
    let key = (institution, programme);
    if let Some(order) = known(&counted.edition, &key) {
        return Ok(order);
    }
    let secret = app.store.sealer().pseudonyms();
    let counted = Arc::clone(counted);
    let make = move || {
        let edition = &counted.edition;
        let recipient = format!("{}\n{}\n{}", key.0, key.1, edition.seq);
        let names = PseudonymKey::of_recipient(&secret, &recipient)
            .ok_or_else(|| Error::internal("a secret that is too short"))?;
        let spots = edition.spots.iter().enumerate();
        let mut order: Vec<(Pseudonym, usize)> =
            spots.map(|(place, it)| (names.pseudonym(it.0.0.as_bytes()), place)).collect();
        order.sort_unstable();
        let order: Order = Arc::new(order);
        let mut orders = edition.orders.lock().unwrap_or_else(PoisonError::into_inner);
        orders.insert(key, Arc::clone(&order));
        Ok(order)
    };
    tokio::task::spawn_blocking(make).await.map_err(Error::internal)?
}

/// How far each spot is told of.
struct Teller<'a> {
    release: &'a Release,
    facet: usize,
    known: HashMap<Vec<Category>, usize>,
}

impl Teller<'_> {
    /// What is told of an enterprise at a spot, and what not.
    ///
    /// The chain goes through tables of the release, each within the one before. How many rows tell so much and no
    /// more is therefore the count of a cell less the counts within it that are shown: what the figures tell anyway.
    fn tell(&mut self, spot: Spot) -> Result<(Vec<Label>, Vec<By>), disclosure::Invalid> {
        let cube = self.release.cube();
        let leaf = |dimension| cube.leaf_of(spot, dimension);
        let facet = cube.dimension(self.facet);
        let reason = leaf(self.facet);
        let status = facet.parent(reason).filter(|it| *it != Category::TOTAL).unwrap_or(reason);
        let (place, size, sex) = (leaf(KECAMATAN), leaf(SIZE), leaf(SEX));
        let depth = match self.known.get(&vec![place, size, sex, reason]) {
            Some(depth) => *depth,
            None => {
                let f = self.facet;
                let chain: [(&[usize], &[Category]); 5] = [
                    (&[KECAMATAN], &[place]),
                    (&[KECAMATAN, f], &[place, status]),
                    (&[KECAMATAN, f], &[place, reason]),
                    (&[KECAMATAN, SEX, f], &[place, sex, reason]),
                    (&[KECAMATAN, SIZE, SEX, f], &[place, size, sex, reason]),
                ];
                let mut depth = 0;
                for (dimensions, categories) in chain {
                    if self.release.figure(dimensions, categories)? == Told::Hidden {
                        break;
                    }
                    depth += 1;
                }
                self.known.insert(vec![place, size, sex, reason], depth);
                depth
            }
        };
        let own = |dimension: usize| cube.dimension(dimension).label(leaf(dimension));
        let label = |by: By| match by {
            By::Kecamatan => own(KECAMATAN),
            By::Status => facet.label(status),
            By::Missing if status == reason => None,
            By::Missing => facet.label(reason),
            By::OwnerSex => own(SEX),
            By::Size => own(SIZE),
            By::Section | By::Nib => None,
        };
        let told = CHAIN[..depth].iter().map(|it| (*it, label(*it).map(str::to_owned)));
        Ok((told.collect(), CHAIN[depth..].to_vec()))
    }
}
