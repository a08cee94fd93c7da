//! The registry of consents: what owners were told and what they agreed to. A consent is written once;
//! taking it back is the one change.

use domain::agency::AgencyCode;
use domain::enterprise::Attribute;
use domain::id::{ConsentId, OwnerId, RecordId};
use domain::viewer::Scope;
use entity::{consent, consent_text, membership, restriction};
use enumset::EnumSet;
use sea_orm::sea_query::{Expr, ExprTrait, OnConflict, Query};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, Condition, EntityTrait, PaginatorTrait,
    QueryFilter, QueryOrder, QuerySelect, QueryTrait,
};
use uuid::Uuid;

use super::owners::opened;
use super::slice::{At, Key, Slice};
use super::sql::Execute;
use super::{opening, reach, ties};
use crate::error::Error;
use crate::store::Store;

/// One consent as stored.
pub type StoredConsent = consent::Model;
/// One text as stored.
pub type StoredText = consent_text::Model;

/// Which consents are asked for; every condition that is set must hold.
#[derive(Debug, Clone, Default)]
pub struct ConsentFilter {
    /// Of the person whom this row names, or for her enterprise.
    pub person: Option<RecordId>,
    /// For one of these rows' enterprises, by the rows.
    pub anchors: Option<Vec<RecordId>>,
    /// To this institution.
    pub institution: Option<String>,
    /// Whether it holds at this moment, in milliseconds since 1970.
    pub live: Option<(bool, i64)>,
}

impl ConsentFilter {
    fn condition(&self) -> Condition {
        use consent::Column;
        let live = |(live, now): (bool, i64)| {
            let holds =
                Condition::all().add(Column::ExpiresAt.gt(now)).add(Column::WithdrawnAt.is_null());
            if live { holds } else { holds.not() }
        };
        let anchors = |it: &Vec<RecordId>| Column::Anchor.is_in(it.iter().map(|it| it.0));
        Condition::all()
            .add_option(self.person.map(named))
            .add_option(self.anchors.as_ref().map(anchors))
            .add_option(self.institution.as_deref().map(|it| Column::Institution.eq(it)))
            .add_option(self.live.map(live))
    }
}

/// Consents of the person whom the row `anchor` names.
fn named(anchor: RecordId) -> Condition {
    let rows = Query::select()
        .column(membership::Column::RecordId)
        .from(membership::Entity)
        .and_where(membership::Column::OwnerId.in_subquery(ties::person(anchor)))
        .to_owned();
    Condition::any()
        .add(consent::Column::Anchor.eq(anchor.0))
        .add(consent::Column::Anchor.in_subquery(rows))
}

/// The consents that `scope` opens: all, those of enterprises in scope, those for one's institution
/// whatever their purpose, or one's own.
fn open(scope: &Scope) -> Condition {
    let nothing = || Condition::all().add(Expr::val(1).eq(0));
    match scope {
        Scope::All | Scope::Used => Condition::all(),
        Scope::Agency(agency) => Condition::all().add(about_rows_within(agency)),
        Scope::Consent(institution, _) => {
            Condition::all().add(consent::Column::Institution.eq(institution))
        }
        Scope::Person(anchor) => named(*anchor),
        Scope::Nothing => nothing(),
    }
}

fn about_rows_within(agency: &AgencyCode) -> Expr {
    let row = Expr::col((membership::Entity, membership::Column::RecordId));
    let rows = Query::select()
        .expr(Expr::val(1))
        .from(membership::Entity)
        .and_where(row.eq(Expr::col((consent::Entity, consent::Column::Anchor))))
        .and_where(opened(&Scope::Agency(agency.clone())))
        .to_owned();
    Expr::exists(rows)
}

/// What became of a consent at a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ChangeKind {
    /// It was given.
    Given,
    /// Its time was over.
    Expired,
    /// It was taken back, or the person was erased.
    Withdrawn,
    /// The person had the use of her data restricted (UU 27/2022 art. 41); the consent itself stands.
    Restricted,
    /// That was lifted.
    Lifted,
}

/// What became of a consent.
#[derive(Debug, Clone)]
pub struct StoredChange {
    /// When, in milliseconds since 1970.
    pub at: i64,
    /// What.
    pub kind: ChangeKind,
    /// The consent.
    pub consent: StoredConsent,
    /// Of a restriction: whom it names, and whether it is for every enterprise of hers.
    pub restriction: Option<(RecordId, bool)>,
}

impl StoredChange {
    /// Its place among the others.
    pub fn place(&self) -> (i64, Uuid, ChangeKind) {
        (self.at, self.consent.id, self.kind)
    }
}

impl Store {
    /// Keeps a text under its version. Fails with [`Error::Conflict`] when the version has another text.
    pub async fn add_consent_text(&self, text: StoredText) -> Result<(), Error> {
        let (version, content) = (text.version.clone(), text.content.clone());
        let row = consent_text::ActiveModel {
            version: Set(text.version),
            content: Set(text.content),
            added_by: Set(text.added_by),
            added_at: Set(text.added_at),
        };
        consent_text::Entity::insert(row)
            .on_conflict(OnConflict::column(consent_text::Column::Version).do_nothing().to_owned())
            .exec_without_returning(self.writer())
            .await?;
        match self.consent_text(&version).await? {
            Some(kept) if kept.content == content => Ok(()),
            _ => Err(Error::Conflict(
                "this version has another text; give the new one a new name".into(),
            )),
        }
    }

    /// The text of a version.
    pub async fn consent_text(&self, version: &str) -> Result<Option<StoredText>, Error> {
        Ok(consent_text::Entity::find_by_id(version).one(self.writer()).await?)
    }

    /// Every text, the latest first.
    pub async fn consent_texts(&self) -> Result<Vec<StoredText>, Error> {
        let all = consent_text::Entity::find().order_by_desc(consent_text::Column::AddedAt);
        Ok(all.order_by_asc(consent_text::Column::Version).all(self.reader()).await?)
    }

    /// Keeps a consent, and which enterprises it reaches.
    pub async fn add_consent(&self, given: StoredConsent) -> Result<(), Error> {
        let (id, row) = (ConsentId(given.id), consent::ActiveModel::from(given));
        let transaction = self.begin().await?;
        let insert = consent::Entity::insert(row.reset_all()).build(transaction.backend());
        transaction.execute(insert).await?;
        reach::given(&transaction, id).await?;
        Ok(transaction.commit().await?)
    }

    /// The consent with this id, where `scope` opens it.
    pub async fn consent(
        &self,
        scope: &Scope,
        id: ConsentId,
    ) -> Result<Option<StoredConsent>, Error> {
        let query = consent::Entity::find_by_id(id.0).filter(open(scope));
        Ok(query.one(self.writer()).await?)
    }

    /// Takes a consent back. False when it was taken back before.
    pub async fn withdraw_consent(&self, id: ConsentId, by: &str, at: i64) -> Result<bool, Error> {
        let changed = consent::Entity::update_many()
            .filter(consent::Column::Id.eq(id.0))
            .filter(consent::Column::WithdrawnAt.is_null())
            .col_expr(consent::Column::WithdrawnBy, Expr::value(by))
            .col_expr(consent::Column::WithdrawnAt, Expr::value(at))
            .exec(self.writer())
            .await?;
        Ok(changed.rows_affected == 1)
    }

    /// A page of the consents that `filter` and `scope` allow, the latest first, and whether there are more.
    pub async fn consent_page(
        &self,
        scope: &Scope,
        filter: &ConsentFilter,
        slice: &Slice,
    ) -> Result<(Vec<StoredConsent>, bool), Error> {
        use consent::Column;
        let columns = [Column::GivenAt, Column::Id].map(|it| Expr::col((consent::Entity, it)));
        let rows = consent::Entity::find()
            .filter(open(scope))
            .filter(filter.condition())
            .filter(slice.bounds(&columns))
            .order_by(Column::GivenAt, slice.direction())
            .order_by(Column::Id, slice.direction())
            .limit(slice.limit + 1)
            .all(self.reader())
            .await?;
        Ok(slice.cut(rows))
    }

    /// How many consents `filter` and `scope` allow.
    pub async fn consent_count(&self, scope: &Scope, filter: &ConsentFilter) -> Result<u64, Error> {
        let query = consent::Entity::find().filter(open(scope)).filter(filter.condition());
        Ok(query.count(self.reader()).await?)
    }

    /// What became of the consents that `scope` opens, behind the change `after` and until `now`, at most
    /// `limit`, the earliest first.
    pub async fn consent_changes(
        &self,
        scope: &Scope,
        after: (i64, Uuid, ChangeKind),
        now: i64,
        limit: usize,
    ) -> Result<Vec<StoredChange>, Error> {
        use consent::Column;
        let kinds = [
            (ChangeKind::Given, Column::GivenAt),
            (ChangeKind::Expired, Column::ExpiresAt),
            (ChangeKind::Withdrawn, Column::WithdrawnAt),
        ];
        let mut changes = vec![];
        for (kind, column) in kinds {
            // Behind the change: later, or as late and then by id and kind.
            let later_kind =
                if after.2 < kind { Column::Id.gte(after.1) } else { Column::Id.gt(after.1) };
            let behind = Condition::any()
                .add(column.gt(after.0))
                .add(Condition::all().add(column.eq(after.0)).add(later_kind));
            let over = Expr::col(Column::WithdrawnAt)
                .is_null()
                .or(Expr::col(Column::WithdrawnAt).gt(Expr::col(Column::ExpiresAt)));
            let holds = match kind {
                ChangeKind::Expired => Condition::all().add(over),
                // What was taken back after its time is over, was over.
                ChangeKind::Withdrawn => Condition::all()
                    .add(Expr::col(Column::WithdrawnAt).lte(Expr::col(Column::ExpiresAt))),
                ChangeKind::Given | ChangeKind::Restricted | ChangeKind::Lifted => Condition::all(),
            };
            let rows = consent::Entity::find()
                .filter(open(scope))
                .filter(column.lte(now))
                .filter(behind)
                .filter(holds)
                .order_by_asc(column)
                .order_by_asc(Column::Id)
                .limit(limit as u64)
                .all(self.reader())
                .await?;
            changes.extend(rows.into_iter().map(|it| {
                let at = match kind {
                    ChangeKind::Given => it.given_at,
                    ChangeKind::Expired => it.expires_at,
                    _ => it.withdrawn_at.unwrap_or(it.expires_at),
                };
                StoredChange { at, kind, consent: it, restriction: None }
            }));
        }
        for kind in [ChangeKind::Restricted, ChangeKind::Lifted] {
            changes.extend(self.restricted(scope, kind, after, now, limit).await?);
        }
        changes.sort_by_key(StoredChange::place);
        changes.truncate(limit);
        Ok(changes)
    }

    /// The restrictions that were set, or lifted, of persons whose consents `scope` opens and that held then.
    async fn restricted(
        &self,
        scope: &Scope,
        kind: ChangeKind,
        after: (i64, Uuid, ChangeKind),
        now: i64,
        limit: usize,
    ) -> Result<Vec<StoredChange>, Error> {
        const PART: u64 = 500;
        let column = match kind {
            ChangeKind::Lifted => restriction::Column::LiftedAt,
            _ => restriction::Column::SetAt,
        };
        let (mut changes, mut read) = (vec![], 0);
        loop {
            let rows = restriction::Entity::find()
                .filter(column.gte(after.0))
                .filter(column.lte(now))
                .order_by_asc(column)
                .order_by_asc(restriction::Column::Id)
                .offset(read)
                .limit(PART)
                .all(self.reader())
                .await?;
            for it in &rows {
                let anchor = RecordId(it.anchor);
                let at = match kind {
                    ChangeKind::Lifted => it.lifted_at.unwrap_or(it.set_at),
                    _ => it.set_at,
                };
                let held = Condition::all()
                    .add(consent::Column::GivenAt.lte(at))
                    .add(consent::Column::ExpiresAt.gt(at))
                    .add(
                        Condition::any()
                            .add(consent::Column::WithdrawnAt.is_null())
                            .add(consent::Column::WithdrawnAt.gt(at)),
                    );
                let of = consent::Entity::find().filter(open(scope)).filter(named(anchor));
                let consents = of.filter(held).all(self.reader()).await?.into_iter();
                let restriction = Some((anchor, it.every_enterprise));
                changes.extend(
                    consents
                        .map(|consent| StoredChange { at, kind, consent, restriction })
                        .filter(|it| after < it.place()),
                );
            }
            read += PART;
            // The changes of one moment are read together.
            if rows.len() as u64 != PART || limit < changes.len() {
                return Ok(changes);
            }
        }
    }

    /// A row that names the person `owner`, in one of `scope`'s enterprises, by which she is known: the same
    /// one each time.
    pub async fn anchor_of_person(
        &self,
        scope: &Scope,
        owner: OwnerId,
    ) -> Result<Option<RecordId>, Error> {
        let row: Option<Uuid> = membership::Entity::find()
            .select_only()
            .column(membership::Column::RecordId)
            .filter(membership::Column::OwnerId.eq(owner.0))
            .filter(opened(scope))
            .order_by_asc(membership::Column::RecordId)
            .into_tuple()
            .one(self.reader())
            .await?;
        Ok(row.map(RecordId))
    }
}

/// Where a consent stands in a list.
pub fn consent_key(consent: &StoredConsent) -> Key {
    Key(vec![At::Order(consent.given_at), At::Id(consent.id)])
}

/// A key of the kind that lists of consents have.
pub fn consent_key_kind() -> Key {
    Key(vec![At::Order(0), At::Id(Uuid::nil())])
}

/// The attributes that a consent is for.
pub fn fields_of(consent: &StoredConsent) -> EnumSet<Attribute> {
    opening::fields(&consent.fields)
}

/// A list of attributes as it is stored.
pub fn written(fields: EnumSet<Attribute>) -> String {
    fields.iter().fold(",".to_owned(), |text, it| text + it.code() + ",")
}
