//! Financial inclusion in numbers and under pseudonyms.

use async_graphql::{Context, Enum, Object, SimpleObject};
use financing::verdict::Status;

use super::enterprise::SizeClass;
use super::financing::FinancingStatus;
use crate::graphql::Ask;
use crate::graphql::page::count;
use crate::graphql::scalar::DateTime;
use crate::service::inclusion::{self, By, Label};
use crate::service::statistics::plan::size_of;

/// By what inclusion is counted, and what may be told of an enterprise under a pseudonym.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "By")]
pub enum InclusionDimension {
    /// The kecamatan.
    Kecamatan,
    /// The section of KBLI 2020.
    Section,
    /// The size class of PP 7/2021.
    Size,
    /// Whether there is an NIB.
    Nib,
    /// The sex of the owner, as her NIK states it.
    OwnerSex,
    /// How the enterprise stands with the programme.
    Status,
    /// Which papers are missing, of enterprises that stand so.
    Missing,
}

/// What a NIK states.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum Sex {
    /// A woman.
    Female,
    /// A man.
    Male,
}

/// What enterprises have in common. What was not asked for, is not told or is not known, is null.
#[derive(Debug, Clone, Default, SimpleObject)]
pub struct InclusionGroup {
    /// The code of the kecamatan. Example: "36.73.02".
    pub kecamatan: Option<String>,
    /// The letter of the section of KBLI 2020. Example: "C".
    pub section: Option<String>,
    /// The size class.
    pub size: Option<SizeClass>,
    /// Whether there is an NIB.
    pub has_nib: Option<bool>,
    /// The sex of the owner.
    pub owner_sex: Option<Sex>,
    /// How it stands with the programme.
    pub status: Option<FinancingStatus>,
    /// The papers that are missing: these and no others; null for those whose combination is not told apart.
    /// Example: ["nib", "sku"], either of which does.
    pub missing: Option<Vec<String>>,
}

impl InclusionGroup {
    fn of(labels: Vec<Label>) -> InclusionGroup {
        let mut group = InclusionGroup::default();
        for (by, label) in labels {
            let name = label.as_deref().unwrap_or_default();
            match by {
                By::Kecamatan => group.kecamatan = label,
                By::Section => group.section = label,
                By::Size => group.size = size_of(name).map(SizeClass::from),
                By::Nib => group.has_nib = Some(label.is_some()),
                By::OwnerSex => {
                    group.owner_sex = match name {
                        "FEMALE" => Some(Sex::Female),
                        "MALE" => Some(Sex::Male),
                        _ => None,
                    }
                }
                By::Status => {
                    let status = Status::ALL.into_iter().find(|it| it.code() == name);
                    group.status = status.map(FinancingStatus::from);
                }
                By::Missing => {
                    group.missing = label.map(|it| it.split(',').map(str::to_owned).collect());
                }
            }
        }
        group
    }
}

/// How many enterprises have something in common.
#[derive(Debug, Clone, SimpleObject)]
pub struct InclusionCell {
    /// What; null in what it was asked by stands for the enterprises of which it is unknown.
    pub group: InclusionGroup,
    /// How many; null where that is not told.
    pub count: Option<i32>,
    /// The count is below the threshold, or others could be solved from it.
    pub suppressed: bool,
}

/// The register counted by up to some things at once.
#[derive(Debug, Clone, SimpleObject)]
pub struct Inclusion {
    /// When it was counted.
    pub counted_at: DateTime,
    /// Counts from 1 to below this are suppressed for you, with what they could be solved from; null when you
    /// see them as counted.
    pub threshold: Option<i32>,
    /// All enterprises; null where suppressed.
    pub enterprises: Option<i32>,
    /// Each group. What is not listed is none.
    pub cells: Vec<InclusionCell>,
}

impl From<inclusion::Table> for Inclusion {
    fn from(it: inclusion::Table) -> Inclusion {
        let cell = |it: inclusion::Cell| InclusionCell {
            group: InclusionGroup::of(it.labels),
            count: it.count.map(count),
            suppressed: it.count.is_none(),
        };
        Inclusion {
            counted_at: DateTime(it.at),
            threshold: it.threshold.map(count),
            enterprises: it.enterprises.map(count),
            cells: it.cells.into_iter().map(cell).collect(),
        }
    }
}

/// An enterprise under a pseudonym, with what at least as many as the threshold have in common with it.
pub struct InclusionRow(pub inclusion::Row);

/// An enterprise under a pseudonym, with what at least as many as the threshold have in common with it.
#[Object]
impl InclusionRow {
    /// The name by which your institution knows it, in this programme and as long as the same figures are told.
    /// Example: "5c594dca6eb8cba6f18f7dcef71ee836".
    async fn pseudonym(&self, ctx: &Context<'_>) -> String {
        ctx.ledger().read(self.0.id, "pseudonym", true);
        self.0.pseudonym.to_string()
    }

    /// What is told of it.
    async fn group(&self, ctx: &Context<'_>) -> InclusionGroup {
        ctx.ledger().read(self.0.id, "inclusion", true);
        InclusionGroup::of(self.0.labels.clone())
    }

    /// What is not told, because too few have all of it in common.
    async fn withheld(&self, ctx: &Context<'_>) -> Vec<InclusionDimension> {
        ctx.ledger().read(self.0.id, "inclusion", true);
        self.0.withheld.iter().map(|it| InclusionDimension::from(*it)).collect()
    }
}
