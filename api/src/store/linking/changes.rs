//! Writing what a run changes.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use domain::agency::AgencyCode;
use domain::enterprise::Attribute;
use domain::id::{EnterpriseId, OwnerId, RecordId, RunId};
use entity::link_pair;
use rayon::prelude::*;
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{
    ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait, Statement, Value,
};
use uuid::Uuid;

use super::{Member, Run};
use crate::error::Error;
use crate::sealing::{Sealer, What};
use crate::store::blocks::{self, BlockChanges};
use crate::store::decisions::Move;
use crate::store::enterprises::place;
use crate::store::financing::{self, Standings};
use crate::store::history::EventKind;
use crate::store::owners::StoredOwner;
use crate::store::queue::QueueChanges;
use crate::store::sql::{Execute, Transaction, padded, parameters};
use crate::store::{bulk, owners, queue, reach};

/// One enterprise as a run leaves it.
#[derive(Debug)]
pub struct EnterpriseRow {
    /// The columns of the table but for the profile.
    pub columns: entity::enterprise::Model,
    /// The profile as [`crate::store::profile_json`] writes it.
    pub profile: String,
    /// How many records each agency wrote.
    pub agencies: BTreeMap<AgencyCode, i32>,
    /// The words it is found by, with where each comes from.
    pub words: BTreeSet<(String, i16)>,
}

/// Something that happened to an enterprise in a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewEvent {
    /// The enterprise.
    pub enterprise: EnterpriseId,
    /// What happened.
    pub kind: EventKind,
    /// The other enterprise, for what happened between two.
    pub other: Option<EnterpriseId>,
    /// The records it is about.
    pub records: Vec<RecordId>,
    /// The attribute, where one value was set.
    pub attribute: Option<Attribute>,
}

/// What a run changes. Whatever is not named stays as it is.
#[derive(Debug, Default)]
pub struct RunChanges {
    /// Enterprises to write, new or anew.
    pub enterprises: Vec<EnterpriseRow>,
    /// Enterprises that are no more.
    pub gone_enterprises: Vec<EnterpriseId>,
    /// Owners to write, new or anew.
    pub owners: Vec<StoredOwner>,
    /// Owners that are no more.
    pub gone_owners: Vec<OwnerId>,
    /// Members to write, new or anew.
    pub members: Vec<(RecordId, Member, AgencyCode)>,
    /// Records that are no longer linked.
    pub gone_members: Vec<RecordId>,
    /// Pairs to write, new or anew.
    pub pairs: Vec<link_pair::Model>,
    /// Pairs no longer worth keeping.
    pub gone_pairs: Vec<(RecordId, RecordId)>,
    /// What changes in the blocking index.
    pub blocks: BlockChanges,
    /// What changes in the stewards' queue.
    pub queue: QueueChanges,
    /// Retired ids and their heirs.
    pub redirects: Vec<(EnterpriseId, EnterpriseId)>,
    /// Ids that are in use again after an undo.
    pub restored: Vec<EnterpriseId>,
    /// What happened to enterprises.
    pub events: Vec<NewEvent>,
    /// How those that changed stand with financing programmes now.
    pub standings: Standings,
    /// Where records moved that were linked before.
    pub moves: HashMap<RecordId, Move>,
    /// The run that this one takes back so that nothing of either remains.
    pub cancels: Option<RunId>,
}

/// Writes what a run changes, as part of its transaction.
pub(super) async fn write(
    transaction: &Transaction,
    sealer: &Sealer,
    run: &Run,
    changes: RunChanges,
) -> Result<(), Error> {
    let at = run.finished_at.timestamp_millis();
    financing::write(transaction, changes.standings, &changes.gone_enterprises, at).await?;
    let touched: Vec<Uuid> = changes
        .enterprises
        .iter()
        .map(|it| it.columns.id)
        .chain(changes.gone_enterprises.iter().map(|it| it.0))
        .collect();
    keep_versions(transaction, run, &touched).await?;
    let agencies = agencies_before(transaction, &changes.events).await?;
    for (table, column) in [
        ("enterprise", "id"),
        ("enterprise_agency", "enterprise_id"),
        ("search_word", "enterprise_id"),
    ] {
        bulk::delete(transaction, table, column, touched.iter().map(|it| (*it).into())).await?;
    }
    write_enterprises(transaction, sealer, changes.enterprises).await?;

    let owners = changes.owners.iter().map(|it| it.id);
    let owners = owners.chain(changes.gone_owners.iter().map(|it| it.0)).map(Value::from);
    bulk::delete(transaction, "owner", "id", owners).await?;
    let columns = ["id", "name", "sort_name", "nik", "records", "enterprises"];
    let rows = changes.owners.into_iter().map(|it| -> Result<[Value; 6], Error> {
        let nik = owners::sealed(sealer, &it)?;
        Ok([
            it.id.into(),
            it.name.into(),
            it.sort_name.into(),
            nik.into(),
            it.records.into(),
            it.enterprises.into(),
        ])
    });
    let rows: Vec<[Value; 6]> = rows.collect::<Result<_, Error>>()?;
    bulk::insert(transaction, "owner", columns, rows).await?;

    let moved = changes.members.iter().map(|it| it.0).chain(changes.gone_members);
    let moved: Vec<RecordId> = moved.collect();
    let named = reach::before(transaction, &moved).await?;
    let ids = moved.iter().map(|it| it.0.into());
    bulk::delete(transaction, "membership", "record_id", ids).await?;
    let columns = ["record_id", "enterprise_id", "owner_id", "agency", "version_seq", "beside"];
    let rows = changes.members.into_iter().map(|(record, it, agency)| -> [Value; 6] {
        [
            record.0.into(),
            it.enterprise.0.into(),
            it.owner.map(|owner| owner.0).into(),
            agency.to_string().into(),
            it.version.into(),
            it.beside.into(),
        ]
    });
    bulk::insert(transaction, "membership", columns, rows).await?;
    reach::moved(transaction, &moved, named).await?;

    write_pairs(transaction, changes.pairs, changes.gone_pairs).await?;
    blocks::write(transaction, sealer, changes.blocks).await?;
    queue::write(transaction, changes.queue).await?;
    write_redirects(transaction, run, changes.redirects, changes.restored, changes.cancels).await?;
    write_events(transaction, run, changes.events, &agencies, changes.cancels).await
}

/// Keeps the profiles that are about to be replaced or to go.
async fn keep_versions(
    transaction: &Transaction,
    run: &Run,
    enterprises: &[Uuid],
) -> Result<(), Error> {
    let backend = transaction.backend();
    for chunk in enterprises.chunks(1_024) {
        let ids = parameters(chunk);
        let fixed = [bulk::placeholders(backend, 1, 1), bulk::placeholders(backend, 2, 1)];
        let text = format!(
            "INSERT INTO enterprise_version \
             (enterprise_id, valid_from, valid_to, updated_at, run_id, profile) \
             SELECT id, written_at, {}, updated_at, {}, profile FROM enterprise WHERE id IN ({})",
            fixed[0],
            fixed[1],
            bulk::placeholders(backend, 3, ids.len())
        );
        let values = [run.finished_at.into(), run.id.0.into()].into_iter().chain(ids);
        transaction.execute(Statement::from_sql_and_values(backend, text, values)).await?;
    }
    Ok(())
}

async fn write_enterprises(
    transaction: &Transaction,
    sealer: &Sealer,
    enterprises: Vec<EnterpriseRow>,
) -> Result<(), Error> {
    let agencies: Vec<[Value; 3]> = enterprises
        .iter()
        .flat_map(|it| {
            it.agencies.iter().map(|(agency, records)| {
                [agency.to_string().into(), it.columns.id.into(), (*records).into()]
            })
        })
        .collect();
    let columns = ["agency", "enterprise_id", "records"];
    bulk::insert(transaction, "enterprise_agency", columns, agencies).await?;

    let vocabulary: BTreeSet<String> =
        enterprises.iter().flat_map(|it| it.words.iter().map(|(word, _)| word.clone())).collect();
    let new_words = unknown_words(transaction, vocabulary).await?;
    let variants = new_words.iter().flat_map(|word| {
        crate::store::search_words::variants(word)
            .into_iter()
            .map(|it| -> [Value; 2] { [it.into(), word.clone().into()] })
    });
    bulk::insert(transaction, "search_variant", ["variant", "word"], variants).await?;
    let words: Vec<[Value; 3]> = enterprises
        .iter()
        .flat_map(|it| {
            let id = it.columns.id;
            it.words
                .iter()
                .map(move |(word, source)| [word.clone().into(), (*source).into(), id.into()])
        })
        .collect();
    bulk::insert(transaction, "search_word", ["word", "source", "enterprise_id"], words).await?;

    let columns = [
        "id",
        "name",
        "sort_name",
        "nib",
        "has_npwp",
        "kbli",
        "section",
        "kecamatan",
        "kelurahan",
        "size_class",
        "size_basis",
        "owner_sex",
        "records",
        "profile",
        "updated_at",
        "written_at",
    ];
    let rows = enterprises.into_par_iter().map(|row| -> Result<[Value; 16], Error> {
        let it = row.columns;
        let place = place(it.id, it.written_at);
        let profile = sealer.seal(What::Profile, place, row.profile.as_bytes())?;
        Ok([
            it.id.into(),
            it.name.into(),
            it.sort_name.into(),
            it.nib.into(),
            it.has_npwp.into(),
            it.kbli.into(),
            it.section.into(),
            it.kecamatan.into(),
            it.kelurahan.into(),
            it.size_class.into(),
            it.size_basis.into(),
            it.owner_sex.into(),
            it.records.into(),
            profile.into(),
            it.updated_at.into(),
            it.written_at.into(),
        ])
    });
    let rows: Vec<[Value; 16]> = rows.collect::<Result<_, Error>>()?;
    Ok(bulk::insert(transaction, "enterprise", columns, rows).await?)
}

/// Those of `vocabulary` whose variants are not stored yet.
async fn unknown_words(
    transaction: &Transaction,
    mut vocabulary: BTreeSet<String>,
) -> Result<BTreeSet<String>, Error> {
    let words: Vec<String> = vocabulary.iter().cloned().collect();
    for words in words.chunks(2_048) {
        let query = entity::search_variant::Entity::find()
            .select_only()
            .column(entity::search_variant::Column::Word)
            .filter(entity::search_variant::Column::Variant.is_in(padded(words)))
            .filter(ExprTrait::eq(
                Expr::col(entity::search_variant::Column::Variant),
                Expr::col(entity::search_variant::Column::Word),
            ))
            .build(transaction.backend());
        for word in transaction.rows(query, |it| it.get::<String>(0)).await? {
            vocabulary.remove(&word);
        }
    }
    Ok(vocabulary)
}

async fn write_pairs(
    transaction: &Transaction,
    pairs: Vec<link_pair::Model>,
    gone: Vec<(RecordId, RecordId)>,
) -> Result<(), Error> {
    let stale = pairs.iter().map(|it| (it.a, it.b)).chain(gone.iter().map(|it| (it.0.0, it.1.0)));
    bulk::delete_pairs(transaction, "link_pair", &stale.collect::<Vec<_>>()).await?;
    let columns = ["a", "b", "weight", "context", "probability", "person_weight", "linked"];
    let rows = pairs.into_iter().map(|it| -> [Value; 7] {
        [
            it.a.into(),
            it.b.into(),
            it.weight.into(),
            it.context.into(),
            it.probability.into(),
            it.person_weight.into(),
            it.linked.into(),
        ]
    });
    Ok(bulk::insert(transaction, "link_pair", columns, rows).await?)
}

async fn write_redirects(
    transaction: &Transaction,
    run: &Run,
    redirects: Vec<(EnterpriseId, EnterpriseId)>,
    restored: Vec<EnterpriseId>,
    cancels: Option<RunId>,
) -> Result<(), Error> {
    let stale = restored.into_iter().chain(redirects.iter().map(|it| it.0));
    bulk::delete(transaction, "enterprise_redirect", "retired", stale.map(|it| it.0.into()))
        .await?;
    let undone = cancels.is_some();
    let rows = redirects.into_iter().map(|(retired, heir)| -> [Value; 4] {
        [retired.0.into(), heir.0.into(), run.id.0.into(), undone.into()]
    });
    let columns = ["retired", "heir", "run_id", "undone"];
    Ok(bulk::insert(transaction, "enterprise_redirect", columns, rows).await?)
}

/// The agencies that had records in the enterprises of `events` before this run, their codes parted by spaces.
async fn agencies_before(
    transaction: &Transaction,
    events: &[NewEvent],
) -> Result<HashMap<Uuid, String>, Error> {
    use entity::enterprise_agency::Column;
    let was =
        events.iter().filter(|it| !matches!(it.kind, EventKind::Created | EventKind::SplitFrom));
    let ids: BTreeSet<Uuid> = was.map(|it| it.enterprise.0).collect();
    let mut agencies: HashMap<Uuid, String> = HashMap::new();
    for ids in ids.into_iter().collect::<Vec<_>>().chunks(1_024) {
        let query = entity::enterprise_agency::Entity::find()
            .select_only()
            .columns([Column::EnterpriseId, Column::Agency])
            .filter(Column::EnterpriseId.is_in(padded(ids)))
            .order_by_asc(Column::Agency)
            .build(transaction.backend());
        for (id, agency) in transaction.rows(query, |it| Ok((it.get(0)?, it.get(1)?))).await? {
            let (id, agency): (Uuid, String) = (id, agency);
            let before = agencies.entry(id).or_default();
            if !before.is_empty() {
                before.push(' ');
            }
            before.push_str(&agency);
        }
    }
    Ok(agencies)
}

async fn write_events(
    transaction: &Transaction,
    run: &Run,
    events: Vec<NewEvent>,
    agencies: &HashMap<Uuid, String>,
    cancels: Option<RunId>,
) -> Result<(), Error> {
    if let Some(cancelled) = cancels {
        let update = entity::enterprise_event::Entity::update_many()
            .col_expr(entity::enterprise_event::Column::UndoneAt, run.finished_at.into())
            .filter(entity::enterprise_event::Column::RunId.eq(cancelled.0));
        transaction.execute(update.build(transaction.backend())).await?;
    }
    let rows = events.into_iter().map(|it| -> Result<[Value; 9], Error> {
        let records: Vec<Uuid> = it.records.iter().map(|it| it.0).collect();
        Ok([
            it.enterprise.0.into(),
            it.kind.code().into(),
            it.other.map(|it| it.0).into(),
            serde_json::to_string(&records)?.into(),
            it.attribute.map(|it| it.code().to_owned()).into(),
            run.id.0.into(),
            run.finished_at.into(),
            cancels.map(|_| run.finished_at).into(),
            agencies.get(&it.enterprise.0).cloned().unwrap_or_default().into(),
        ])
    });
    let rows: Vec<[Value; 9]> = rows.collect::<Result<_, Error>>()?;
    let columns = [
        "enterprise_id",
        "kind",
        "other",
        "records",
        "attribute",
        "run_id",
        "at",
        "undone_at",
        "agencies",
    ];
    Ok(bulk::insert(transaction, "enterprise_event", columns, rows).await?)
}
