//! Finding the persons named as owners. A person is found when one of her enterprises is.

use domain::id::{EnterpriseId, OwnerId};
use domain::viewer::Scope;
use entity::{enterprise, membership, owner};
use sea_orm::sea_query::{Expr, ExprTrait, Query, SelectStatement};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
};
use uuid::Uuid;

use super::scope::within;
use super::slice::{At, Key, Slice};
use super::ties;
use crate::error::Error;
use crate::sealing::{Place, Sealer, What};
use crate::store::Store;

/// One person as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredOwner {
    /// The id.
    pub id: Uuid,
    /// The name.
    pub name: String,
    /// The name as lists are ordered.
    pub sort_name: String,
    /// The NIK.
    pub nik: Option<String>,
    /// Records that name the person.
    pub records: i32,
    /// Enterprises of the person.
    pub enterprises: i32,
}

impl Store {
    /// Those of `ids` that `scope` opens.
    pub async fn owners(&self, scope: &Scope, ids: &[OwnerId]) -> Result<Vec<StoredOwner>, Error> {
        let rows = owner::Entity::find()
            .filter(open_owners(scope))
            .filter(owner::Column::Id.is_in(ids.iter().map(|it| it.0)))
            .all(self.reader())
            .await?;
        self.opened_owners(rows)
    }

    fn opened_owners(&self, rows: Vec<owner::Model>) -> Result<Vec<StoredOwner>, Error> {
        let sealer = self.sealer();
        let opened = |row: owner::Model| {
            let nik = row.nik.map(|it| sealer.open_text(What::Nik, Place::of(row.id), it));
            Ok(StoredOwner {
                id: row.id,
                name: row.name,
                sort_name: row.sort_name,
                nik: nik.transpose()?,
                records: row.records,
                enterprises: row.enterprises,
            })
        };
        rows.into_iter().map(opened).collect()
    }

    /// The persons that `scope` opens by name, the nameless last, and whether there are more; with `several`, only those
    /// of more than one enterprise.
    pub async fn owner_page(
        &self,
        scope: &Scope,
        several: bool,
        slice: &Slice,
    ) -> Result<(Vec<StoredOwner>, bool), Error> {
        let columns = [
            Expr::col((owner::Entity, owner::Column::SortName)),
            Expr::col((owner::Entity, owner::Column::Id)),
        ];
        let mut rows = vec![];
        for (nameless, part) in slice.by_name() {
            let missing = (slice.limit + 1).saturating_sub(rows.len() as u64);
            if missing == 0 {
                break;
            }
            let name = owner::Column::SortName;
            let found = owner::Entity::find()
                .filter(open_owners(scope))
                .filter(of_several(scope, several))
                .filter(if nameless { name.eq("") } else { name.gt("") })
                .filter(part.bounds(&columns))
                .order_by(name, part.direction())
                .order_by(owner::Column::Id, part.direction())
                .limit(missing)
                .all(self.reader())
                .await?;
            rows.extend(found);
        }
        let (rows, more) = slice.cut(rows);
        Ok((self.opened_owners(rows)?, more))
    }

    /// How many persons `scope` opens.
    pub async fn owner_count(&self, scope: &Scope, several: bool) -> Result<u64, Error> {
        let query =
            owner::Entity::find().filter(open_owners(scope)).filter(of_several(scope, several));
        Ok(query.count(self.reader()).await?)
    }

    /// The enterprises of `owners` that `scope` opens, as pairs.
    pub async fn enterprises_of_owners(
        &self,
        scope: &Scope,
        owners: &[OwnerId],
    ) -> Result<Vec<(OwnerId, EnterpriseId)>, Error> {
        let pairs: Vec<(Uuid, Uuid)> = membership::Entity::find()
            .select_only()
            .column(membership::Column::OwnerId)
            .column(membership::Column::EnterpriseId)
            .distinct()
            .filter(membership::Column::OwnerId.is_in(owners.iter().map(|it| it.0)))
            .filter(opened(scope))
            .order_by_asc(membership::Column::EnterpriseId)
            .into_tuple()
            .all(self.reader())
            .await?;
        Ok(pairs.into_iter().map(|(a, b)| (OwnerId(a), EnterpriseId(b))).collect())
    }
}

/// What a person's row keeps of her NIK: the number, sealed.
pub(super) fn sealed(sealer: &Sealer, it: &StoredOwner) -> Result<Option<Vec<u8>>, Error> {
    let nik = it.nik.as_ref();
    nik.map(|nik| sealer.seal(What::Nik, Place::of(it.id), nik.as_bytes())).transpose()
}

/// Where a person stands in a list by name.
pub fn owner_key(owner: &StoredOwner) -> Key {
    Key(vec![At::Text(owner.sort_name.clone()), At::Id(owner.id)])
}

/// A key of the kind that lists of persons have.
pub fn owner_key_kind() -> Key {
    Key(vec![At::Text(String::new()), At::Id(Uuid::nil())])
}

/// Persons of several enterprises, so far as `scope` opens them: of others it would tell that they are there.
fn of_several(scope: &Scope, several: bool) -> Condition {
    let found = match scope {
        _ if !several => None,
        Scope::All => Some(owner::Column::Enterprises.gt(1)),
        _ => Some(owns_several(scope)),
    };
    Condition::all().add_option(found)
}

/// That `scope` opens more than one enterprise of a person.
fn owns_several(scope: &Scope) -> Expr {
    let enterprises = Expr::col(membership::Column::EnterpriseId).count_distinct();
    let mut counted = hers(scope);
    counted.expr(enterprises);
    Expr::from(counted).gt(1)
}

/// The memberships of a person in enterprises that `scope` opens, for a subquery of a question about persons.
fn hers(scope: &Scope) -> SelectStatement {
    let person = Expr::col((owner::Entity, owner::Column::Id));
    Query::select()
        .from(membership::Entity)
        .and_where(Expr::col((membership::Entity, membership::Column::OwnerId)).eq(person))
        .and_where(opened(scope))
        .to_owned()
}

/// That `scope` opens the enterprise of a membership. It is asked of each membership that is looked at: a list of all
/// enterprises that are open is as long as the register.
pub(super) fn opened(scope: &Scope) -> Expr {
    let enterprise = Expr::col((enterprise::Entity, enterprise::Column::Id));
    let home = Expr::col((membership::Entity, membership::Column::EnterpriseId));
    let open = Query::select()
        .expr(Expr::val(1))
        .from(enterprise::Entity)
        .and_where(enterprise.eq(home))
        .cond_where(within(scope))
        .to_owned();
    Expr::exists(open)
}

fn open_owners(scope: &Scope) -> Condition {
    let id = || Expr::col((owner::Entity, owner::Column::Id));
    match scope {
        Scope::All => return Condition::all(),
        // Herself, and not who owns an enterprise with her.
        Scope::Person(anchor) => {
            return Condition::all().add(id().in_subquery(ties::person(*anchor)));
        }
        _ => {}
    }
    let mut named = hers(scope);
    named.expr(Expr::val(1));
    Condition::all().add(Expr::exists(named))
}
