//! Finding enterprises. The first argument of every finder is the scope of its caller: a row outside
//! it is not there.

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, Utc};
use domain::agency::AgencyCode;
use domain::enterprise::{Attribute, EnterpriseProfile, SizeClass};
use domain::id::EnterpriseId;
use domain::place::{KecamatanCode, KelurahanCode};
use domain::viewer::Scope;
use entity::{enterprise, enterprise_redirect};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, Condition, DbErr, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect, QueryTrait, Select,
};
use uuid::Uuid;

use super::profile_json::{self, Wanted};
use super::scope::{among, has_record_of, within_for};
use super::search::{self, WordMatch};
use super::slice::{At, Key, Slice, namelessness};
use super::sql::{Row, padded};
use crate::error::Error;
use crate::parallel;
use crate::sealing::{Place, Sealer, What};
use crate::store::Store;

/// One enterprise as stored.
#[derive(Debug, Clone)]
pub struct StoredEnterprise {
    /// What is known of it.
    pub profile: EnterpriseProfile,
    /// Its name as lists are ordered.
    pub sort_name: String,
    /// Since when its profile is as it is.
    pub updated_at: DateTime<Utc>,
    /// When its profile was last written, undoing included.
    pub written_at: DateTime<Utc>,
}

/// Which enterprises are asked for; what is not set does not matter.
#[derive(Debug, Clone, Default)]
pub struct EnterpriseFilter {
    /// Lies in this kecamatan.
    pub kecamatan: Option<KecamatanCode>,
    /// Lies in this kelurahan.
    pub kelurahan: Option<KelurahanCode>,
    /// Its KBLI code begins with these digits.
    pub kbli: Option<String>,
    /// Its KBLI section.
    pub section: Option<char>,
    /// Its size class.
    pub size: Option<SizeClass>,
    /// An agency that has a record of it.
    pub agency: Option<AgencyCode>,
    /// Its NIB.
    pub nib: Option<String>,
    /// Whether it has a NIB.
    pub has_nib: Option<bool>,
    /// Whether it has an NPWP.
    pub has_npwp: Option<bool>,
    /// Its profile was written at or after this time, undoing included.
    pub updated_since: Option<DateTime<Utc>>,
    /// Each of these words is one of its words.
    pub words: Vec<WordMatch>,
    /// The attributes that the conditions above are about.
    pub asks: Vec<Attribute>,
}

/// What a list of enterprises is ordered by; the id decides between equals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EnterpriseOrder {
    /// By name.
    Name,
    /// By the time of the last change, undoing included.
    UpdatedAt,
}

impl EnterpriseOrder {
    /// What it compares first.
    fn column(self) -> enterprise::Column {
        match self {
            EnterpriseOrder::Name => enterprise::Column::SortName,
            EnterpriseOrder::UpdatedAt => enterprise::Column::WrittenAt,
        }
    }

    /// A key of the kind that lists of this order have.
    pub fn key_kind(self) -> Key {
        let at = match self {
            EnterpriseOrder::Name => At::Text(String::new()),
            EnterpriseOrder::UpdatedAt => At::Time(DateTime::UNIX_EPOCH),
        };
        Key(vec![at, At::Id(Uuid::nil())])
    }
}

impl Store {
    /// Those of `ids` that `scope` opens.
    pub async fn enterprises(
        &self,
        scope: &Scope,
        ids: &[EnterpriseId],
    ) -> Result<Vec<StoredEnterprise>, Error> {
        self.parts_of_enterprises(scope, ids, Wanted::ALL).await
    }

    /// The same with what is `wanted` of their profiles alone.
    pub async fn parts_of_enterprises(
        &self,
        scope: &Scope,
        ids: &[EnterpriseId],
        wanted: Wanted,
    ) -> Result<Vec<StoredEnterprise>, Error> {
        if ids.is_empty() {
            return Ok(vec![]);
        }
        self.found(&found().filter(among(scope, ids)), wanted).await
    }

    /// The enterprises that `filter` and `scope` allow, in order, with what is `wanted` of their profiles, and
    /// whether there are more.
    pub async fn enterprise_page(
        &self,
        scope: &Scope,
        filter: &EnterpriseFilter,
        order: EnterpriseOrder,
        slice: &Slice,
        wanted: Wanted,
    ) -> Result<(Vec<StoredEnterprise>, bool), Error> {
        if !filter.words.is_empty() {
            return self.searched_page(scope, filter, order, slice, wanted).await;
        }
        let column = order.column();
        let columns =
            [column, enterprise::Column::Id].map(|it| Expr::col((enterprise::Entity, it)));
        let parts = match order {
            EnterpriseOrder::Name => {
                slice.by_name().into_iter().map(|it| (Some(it.0), it.1)).collect()
            }
            EnterpriseOrder::UpdatedAt => vec![(None, slice.clone())],
        };
        let mut rows = vec![];
        for (nameless, part) in parts {
            let missing = (slice.limit + 1).saturating_sub(rows.len() as u64);
            if missing == 0 {
                break;
            }
            let name = enterprise::Column::SortName;
            let part_of_names = nameless.map(|it| if it { name.eq("") } else { name.gt("") });
            let query = found()
                .filter(open_to(scope, filter))
                .filter(matching(filter))
                .filter(Condition::all().add_option(part_of_names))
                .filter(part.bounds(&columns))
                .order_by(column, part.direction())
                .order_by(enterprise::Column::Id, part.direction())
                .limit(missing);
            rows.extend(self.found(&query, wanted).await?);
        }
        Ok(slice.cut(rows))
    }

    /// The same of a search: which they are and in what order is read from indexes, and those of the page alone are
    /// read whole.
    async fn searched_page(
        &self,
        scope: &Scope,
        filter: &EnterpriseFilter,
        order: EnterpriseOrder,
        slice: &Slice,
        wanted: Wanted,
    ) -> Result<(Vec<StoredEnterprise>, bool), Error> {
        use enterprise::Column::Id;
        let own = |it: enterprise::Column| Expr::col((enterprise::Entity, it));
        let (mut columns, part) = match order {
            EnterpriseOrder::Name => {
                (vec![namelessness(own(order.column()))], slice.nameless_last())
            }
            EnterpriseOrder::UpdatedAt => (vec![], slice.clone()),
        };
        columns.extend([own(order.column()), own(Id)]);
        let in_order = |such: Select<enterprise::Entity>| {
            columns.iter().fold(such, |it, column| it.order_by(column.clone(), part.direction()))
        };
        let page = enterprise::Entity::find()
            .select_only()
            .column(Id)
            .filter(open_to(scope, filter))
            .filter(matching(filter))
            .filter(part.bounds(&columns))
            .limit(slice.limit + 1);
        let page = found().filter(Id.in_subquery(in_order(page).into_query()));
        Ok(slice.cut(self.found(&in_order(page), wanted).await?))
    }

    pub(super) async fn found(
        &self,
        query: &Select<enterprise::Entity>,
        wanted: Wanted,
    ) -> Result<Vec<StoredEnterprise>, Error> {
        let rows = self.rows(query.build(self.backend()), found_row).await?;
        let sealer = self.sealer();
        parallel::map(rows, |it| whole(it, &sealer, wanted)).into_iter().collect()
    }

    /// The enterprises that hold one of `nibs` and that `scope` opens to a question about NIBs, each with its NIB.
    pub async fn enterprises_by_nib(
        &self,
        scope: &Scope,
        nibs: &BTreeSet<&str>,
    ) -> Result<Vec<(String, EnterpriseId)>, Error> {
        let rows: Vec<(String, Uuid)> = enterprise::Entity::find()
            .select_only()
            .column(enterprise::Column::Nib)
            .column(enterprise::Column::Id)
            .filter(within_for(scope, &[Attribute::Nib]))
            .filter(enterprise::Column::Nib.is_in(nibs.iter().copied()))
            .into_tuple()
            .all(self.reader())
            .await?;
        Ok(rows.into_iter().map(|(nib, id)| (nib, EnterpriseId(id))).collect())
    }

    /// How many enterprises `filter` and `scope` allow.
    pub async fn enterprise_count(
        &self,
        scope: &Scope,
        filter: &EnterpriseFilter,
    ) -> Result<u64, Error> {
        let open = open_to(scope, filter);
        let query = enterprise::Entity::find().filter(open).filter(matching(filter));
        Ok(query.count(self.reader()).await?)
    }

    /// Where retired ids lead: the heir now in use, through any number of retirements.
    ///
    /// An id that is not retired is absent. The heir may still lie outside the caller's scope.
    pub async fn heirs(
        &self,
        ids: &[EnterpriseId],
    ) -> Result<HashMap<EnterpriseId, EnterpriseId>, Error> {
        /// A chain longer than this would be a circle.
        const LONGEST_CHAIN: usize = 64;
        let mut heirs: HashMap<EnterpriseId, EnterpriseId> = HashMap::new();
        let mut asked: Vec<Uuid> = ids.iter().map(|it| it.0).collect();
        for _ in 0..LONGEST_CHAIN {
            let query = enterprise_redirect::Entity::find()
                .select_only()
                .column(enterprise_redirect::Column::Retired)
                .column(enterprise_redirect::Column::Heir)
                .filter(enterprise_redirect::Column::Retired.is_in(padded(&asked)))
                .build(self.backend());
            let rows = self.rows(query, |it| Ok((it.get(0)?, it.get(1)?))).await?;
            if rows.is_empty() {
                break;
            }
            let step: HashMap<Uuid, Uuid> = rows.into_iter().collect();
            for id in ids {
                let now = heirs.get(id).unwrap_or(id);
                if let Some(next) = step.get(&now.0) {
                    heirs.insert(*id, EnterpriseId(*next));
                }
            }
            asked = step.into_values().collect();
        }
        Ok(heirs)
    }

    /// Those of `ids` that are in use and that `scope` opens.
    pub async fn open_ids(
        &self,
        scope: &Scope,
        ids: &[EnterpriseId],
    ) -> Result<Vec<EnterpriseId>, Error> {
        let mut found = vec![];
        for ids in ids.chunks(2_048) {
            let query = enterprise::Entity::find()
                .select_only()
                .column(enterprise::Column::Id)
                .filter(among(scope, ids))
                .build(self.backend());
            found.extend(self.rows(query, |it| it.get(0).map(EnterpriseId)).await?);
        }
        Ok(found)
    }

    /// The ids that lead directly to one of `heirs`, as pairs of retired id and heir; those that came and
    /// went with a decision only if they are included.
    pub async fn retired_ids(
        &self,
        heirs: &[EnterpriseId],
        include_undone: bool,
    ) -> Result<Vec<(EnterpriseId, EnterpriseId)>, Error> {
        let rows = enterprise_redirect::Entity::find()
            .filter(enterprise_redirect::Column::Heir.is_in(heirs.iter().map(|it| it.0)))
            .filter(Condition::all().add_option(
                (!include_undone).then(|| enterprise_redirect::Column::Undone.eq(false)),
            ))
            .order_by_asc(enterprise_redirect::Column::Retired)
            .all(self.reader())
            .await?;
        Ok(rows.into_iter().map(|it| (EnterpriseId(it.retired), EnterpriseId(it.heir))).collect())
    }
}

/// The rows of `enterprise` that `scope` opens to what a filter asks: to a size class where it opens the figure that
/// the class rests on, as a profile shows it.
fn open_to(scope: &Scope, filter: &EnterpriseFilter) -> Condition {
    let open = within_for(scope, &filter.asks);
    if filter.size.is_none() {
        return open;
    }
    let by = |basis: &str, figure| {
        let rests = enterprise::Column::SizeBasis.eq(basis);
        within_for(scope, &[figure]).add(rests)
    };
    let either = Condition::any();
    open.add(either.add(by("sales", Attribute::AnnualSales)).add(by("capital", Attribute::Capital)))
}

fn matching(filter: &EnterpriseFilter) -> Condition {
    use enterprise::Column;
    let is_known = |column: Column, known: bool| {
        if known { column.is_not_null() } else { column.is_null() }
    };
    Condition::all()
        .add_option(filter.kecamatan.map(|it| Column::Kecamatan.eq(it.0.cast_signed())))
        .add_option(filter.kelurahan.map(|it| Column::Kelurahan.eq(it.0.cast_signed())))
        .add_option(filter.kbli.as_ref().map(|it| Column::Kbli.starts_with(it)))
        .add_option(filter.section.map(|it| Column::Section.eq(it.to_string())))
        .add_option(filter.size.map(|it| Column::SizeClass.eq(it as i16)))
        .add_option(filter.agency.as_ref().map(has_record_of))
        .add_option(filter.nib.as_ref().map(|it| Column::Nib.eq(it)))
        .add_option(filter.has_nib.map(|it| is_known(Column::Nib, it)))
        .add_option(filter.has_npwp.map(|it| Column::HasNpwp.eq(it)))
        .add_option(filter.updated_since.map(|it| Column::WrittenAt.gte(it)))
        .add_option(search::having(&filter.words).map(|it| Column::Id.in_subquery(it)))
}

/// Where a profile stands: with its enterprise, since it was written, whether it is the present one or not.
pub(super) fn place(enterprise: Uuid, since: DateTime<Utc>) -> Place {
    Place::and(enterprise, u128::from(since.timestamp_millis().cast_unsigned()))
}

/// The text of a sealed profile.
pub(super) fn opened(
    sealer: &Sealer,
    enterprise: Uuid,
    since: DateTime<Utc>,
    profile: Vec<u8>,
) -> Result<String, Error> {
    sealer.open_text(What::Profile, place(enterprise, since), profile)
}

/// A row as the domain knows it.
pub(crate) fn stored(row: enterprise::Model, sealer: &Sealer) -> Result<StoredEnterprise, Error> {
    let row = (row.id, row.sort_name, row.profile, row.updated_at, row.written_at);
    whole(row, sealer, Wanted::ALL)
}

/// The columns that [`found`] asks for.
pub(super) type Found = (Uuid, String, Vec<u8>, DateTime<Utc>, DateTime<Utc>);

/// How many these are.
pub(super) const FOUND: usize = 5;

/// Those columns of a row, which begins with them.
pub(super) fn found_row(row: &Row<'_>) -> Result<Found, DbErr> {
    Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?))
}

pub(super) fn whole(
    row: Found,
    sealer: &Sealer,
    wanted: Wanted,
) -> Result<StoredEnterprise, Error> {
    let (id, sort_name, profile, updated_at, written_at) = row;
    let profile = opened(sealer, id, written_at, profile)?;
    let profile = profile_json::from_json(EnterpriseId(id), &profile, wanted)?;
    Ok(StoredEnterprise { profile, sort_name, updated_at, written_at })
}

/// What is read of enterprises that are found.
pub(super) fn found() -> Select<enterprise::Entity> {
    use enterprise::Column::{Id, Profile, SortName, UpdatedAt, WrittenAt};
    let columns = [Id, SortName, Profile, UpdatedAt, WrittenAt];
    enterprise::Entity::find().select_only().columns(columns)
}

impl StoredEnterprise {
    /// Where this enterprise stands in a list of that order.
    pub fn key(&self, order: EnterpriseOrder) -> Key {
        let at = match order {
            EnterpriseOrder::Name => At::Text(self.sort_name.clone()),
            EnterpriseOrder::UpdatedAt => At::Time(self.written_at),
        };
        Key(vec![at, At::Id(self.profile.id.0)])
    }
}
