//! By what the register is counted: two cubes, and where each enterprise is in them.

use std::collections::BTreeMap;
use std::sync::Arc;

use disclosure::{Category, Cube, Dimension, Invalid, Spot};
use domain::agency::Agency;
use domain::enterprise::SizeClass;
use domain::place;
use financing::catalogue::{Catalogue, Programme, RuleKind};
use financing::verdict::Status;
use sha2::{Digest, Sha256};

use crate::error::Error;
use crate::service::financing::rules::Rules;
use crate::store::Store;
use crate::store::statistics::Facts;

/// The place of each dimension in the cube of enterprises; programmes come after.
pub const KECAMATAN: usize = 0;
/// The section of KBLI.
pub const SECTION: usize = 1;
/// The size class.
pub const SIZE: usize = 2;
/// Whether there is an NIB.
pub const NIB: usize = 3;
/// The owner's sex.
pub const SEX: usize = 4;
const SHARED: usize = 5;

/// How sizes are called, the smallest first.
pub const SIZES: [&str; 4] = ["MICRO", "SMALL", "MEDIUM", "LARGE"];
/// How sexes are called, by their numbers.
pub const SEXES: [&str; 2] = ["FEMALE", "MALE"];
/// What an enterprise with an NIB, or known to an agency, is under; others are under the unknown.
const YES: &str = "yes";
/// More programmes, or agencies, are not counted by.
const MOST: usize = disclosure::cube::MOST_DIMENSIONS;
/// More rules about papers than this in a programme: each paper alone is told, and several together.
const MOST_RULES: usize = 4;

/// The cubes.
#[derive(Debug)]
pub struct Plan {
    /// Enterprises by place, section, size, NIB, sex of the owner, and standing in each programme.
    pub enterprises: Arc<Cube>,
    /// Enterprises by which agencies know them.
    pub agencies: Arc<Cube>,
    /// The programmes that are counted by, each a facet.
    pub programmes: Vec<String>,
    /// The agencies, by code.
    pub codes: Vec<String>,
    /// A digest of all categories: the same for the same cubes.
    pub digest: String,
}

impl Plan {
    /// By the programmes and agencies of this hub.
    pub async fn of(rules: &Rules, store: &Store) -> Result<Plan, Error> {
        let agencies = rules.agencies(store).await?;
        Plan::made(&rules.catalogue, agencies).map_err(Error::internal)
    }

    fn made(catalogue: &Catalogue, agencies: &[Agency]) -> Result<Plan, Invalid> {
        let kecamatan = place::kecamatan().iter().map(|it| it.code.to_string());
        let sections = ('A'..='U').map(|it| it.to_string());
        let shared = vec![
            Dimension::flat("kecamatan", kecamatan)?,
            Dimension::flat("section", sections)?,
            Dimension::flat("size", SIZES)?,
            Dimension::flat("nib", [YES])?,
            Dimension::flat("owner_sex", SEXES)?,
        ];
        let told = &catalogue.programmes()[..catalogue.programmes().len().min(MOST - SHARED)];
        let facets: Vec<Dimension> =
            told.iter().map(|it| facet(catalogue, it)).collect::<Result<_, _>>()?;
        let mut tables: Vec<Vec<usize>> = vec![vec![KECAMATAN, SIZE, SEX]];
        for one in 0..SHARED {
            tables.extend((one + 1..SHARED).map(|other| vec![one, other]));
        }
        for it in SHARED..SHARED + facets.len() {
            tables.extend([vec![KECAMATAN, SIZE, SEX, it], vec![SECTION, it], vec![NIB, it]]);
        }
        let tables: Vec<&[usize]> = tables.iter().map(Vec::as_slice).collect();
        let enterprises = Cube::star(shared, facets, &tables)?;

        let mut codes: Vec<String> = agencies.iter().map(|it| it.code.to_string()).collect();
        codes.sort();
        codes.truncate(MOST);
        let known = codes.iter().map(|it| Dimension::flat(&format!("agency {it}"), [YES]));
        let agencies = Cube::up_to(known.collect::<Result<_, _>>()?, 2)?;
        let programmes = told.iter().map(|it| it.id.clone()).collect();
        let digest = digest([&enterprises, &agencies]);
        let (enterprises, agencies) = (Arc::new(enterprises), Arc::new(agencies));
        Ok(Plan { enterprises, agencies, programmes, codes, digest })
    }

    /// The dimension of a programme; none of one that is not counted by.
    pub fn facet(&self, programme: &str) -> Option<usize> {
        self.programmes.iter().position(|it| it == programme).map(|it| SHARED + it)
    }

    /// Where an enterprise is: in the cube of enterprises and in that of agencies.
    pub fn spots(&self, facts: &Facts, memory: &mut Memory) -> Result<(Spot, Spot), Invalid> {
        let kecamatan = facts.kecamatan.map(|it| place::KecamatanCode(it.unsigned_abs()));
        let kecamatan = kecamatan.map(|it| it.to_string());
        let name = |names: &[&'static str], number: Option<i16>| {
            number.and_then(|it| names.get(usize::try_from(it).ok()?).copied())
        };
        let shared = [
            kecamatan.as_deref(),
            facts.section.as_deref(),
            name(&SIZES, facts.size),
            facts.has_nib.then_some(YES),
            name(&SEXES, facts.owner_sex),
        ];
        let mut leaves: Vec<Category> = vec![];
        for (dimension, label) in self.enterprises.dimensions().iter().zip(shared) {
            // What is no category of the register, such as a kecamatan of another city, is unknown.
            let found = dimension.find(&[label]).or_else(|| dimension.find(&[None]));
            leaves.extend(found);
        }
        for (facet, standing) in
            self.enterprises.dimensions()[SHARED..].iter().zip(&facts.standings)
        {
            let known = memory.0.entry((leaves.len(), standing.clone()));
            leaves.push(*known.or_insert_with(|| stands(facet, standing.as_ref())));
        }
        let agencies = self.agencies.dimensions().iter().zip(&self.codes).filter_map(|it| {
            let known = facts.agencies.iter().any(|one| one.0 == *it.1);
            it.0.find(&[known.then_some(YES)])
        });
        let agencies: Vec<Category> = agencies.collect();
        Ok((self.enterprises.spot_at(&leaves)?, self.agencies.spot_at(&agencies)?))
    }
}

/// Categories that were looked up before: most enterprises stand like others.
#[derive(Debug, Default)]
pub struct Memory(BTreeMap<(usize, Option<(i16, String)>), Category>);

fn stands(facet: &Dimension, standing: Option<&(i16, String)>) -> Category {
    let status = standing.and_then(|it| {
        let status = Status::ALL.get(usize::try_from(it.0).ok()?)?;
        Some((*status, it.1.trim_matches(',')))
    });
    let found = match status {
        Some((Status::Missing, papers)) => {
            let missing = Some(Status::Missing.code());
            facet.find(&[missing, Some(papers)]).or_else(|| facet.find(&[missing, None]))
        }
        Some((status, _)) => facet.find(&[Some(status.code())]),
        None => None,
    };
    found.or_else(|| facet.find(&[None])).unwrap_or(Category::TOTAL)
}

/// How enterprises may stand with a programme; those to which papers are missing by which.
fn facet(catalogue: &Catalogue, programme: &Programme) -> Result<Dimension, Invalid> {
    let rules = programme.versions.iter().flat_map(|it| it.every_rule());
    let rules = rules.map(|it| &catalogue.rules()[it]).filter(|it| it.kind == RuleKind::Paper);
    let mut asked: Vec<Vec<usize>> = rules.map(|it| it.papers.clone()).collect();
    asked.iter_mut().for_each(|it| it.sort_unstable());
    asked.sort();
    asked.dedup();
    let sets: Vec<u32> = match asked.len() {
        0..=MOST_RULES => (1..1 << asked.len()).collect(),
        more => (0..more.min(31)).map(|it| 1 << it).collect(),
    };
    let papers = |set: u32| {
        let chosen = asked.iter().enumerate().filter(|it| set >> it.0 & 1 == 1);
        let mut papers: Vec<usize> = chosen.flat_map(|it| it.1.iter().copied()).collect();
        papers.sort_unstable();
        papers.dedup();
        let ids: Vec<&str> = papers.iter().map(|it| catalogue.papers()[*it].id.as_str()).collect();
        ids.join(",")
    };
    let mut reasons: Vec<String> = sets.into_iter().map(papers).collect();
    reasons.sort();
    reasons.dedup();
    let within = |it: &Status| (*it == Status::Missing).then(|| reasons.clone());
    let groups = Status::ALL.iter().map(|it| (it.code(), within(it)));
    Dimension::nested(&format!("programme {}", programme.id), groups)
}

fn digest(cubes: [&Cube; 2]) -> String {
    let mut all = Sha256::new();
    for dimension in cubes.iter().flat_map(|it| it.dimensions()) {
        all.update(format!("{:?}\n", dimension.name()));
        for category in dimension.categories() {
            let inner = dimension.parent(category).is_some_and(|it| it != Category::TOTAL);
            all.update(format!("{inner} {:?}\n", dimension.label(category)));
        }
    }
    all.finalize().iter().map(|it| format!("{it:02x}")).collect()
}

/// The name of a size class.
pub fn size_of(name: &str) -> Option<SizeClass> {
    use SizeClass::{Large, Medium, Micro, Small};
    let place = SIZES.iter().position(|it| *it == name)?;
    [Micro, Small, Medium, Large].get(place).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_standing_has_its_place() {
        let plan = Plan::made(&Catalogue::shipped().unwrap(), &[]).unwrap();
        assert_eq!(plan.programmes.len(), 6);
        let facet = plan.facet("kur_micro").unwrap();
        let dimension = plan.enterprises.dimension(facet);
        let at = |standing: Option<(i16, &str)>| {
            stands(dimension, standing.map(|it| (it.0, it.1.to_owned())).as_ref())
        };
        let path = |category: Category| {
            let outer = dimension.parent(category).and_then(|it| dimension.label(it));
            (outer.map(str::to_owned), dimension.label(category).map(str::to_owned))
        };
        let text = |it: &str| Some(it.to_owned());
        assert_eq!(path(at(Some((3, "")))), (None, text("likely_eligible")));
        assert_eq!(path(at(Some((2, ",npwp,")))), (text("missing"), text("npwp")));
        assert_eq!(path(at(Some((2, ",nib,sku,")))), (text("missing"), text("nib,sku")));
        assert_eq!(path(at(Some((2, ",bpjs,pirt,")))), (text("missing"), None));
        assert_eq!(path(at(None)), (None, None));
    }
}
