//! What is taken out of tables whose rows are rewritten rather than deleted.

use std::collections::HashSet;

use domain::erasure::without;
use domain::id::{EnterpriseId, RecordId};
use entity::{
    block_page, consent, decision, enterprise_version, linkage_model, restriction, rights_request,
    source_record,
};
use linkage::model::Model;
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, Condition, DatabaseTransaction, EntityTrait,
    QueryFilter, QueryOrder, QuerySelect, Value,
};
use uuid::Uuid;

use super::{Erasure, PAGE};
use crate::error::Error;
use crate::sealing::{Place, Sealer, What};
use crate::store::decisions::{DecisionRow, Verdict, verdict};
use crate::store::profile_json::{self, Wanted};
use crate::store::{blocks, bulk, enterprises};

pub(super) async fn blocks(
    transaction: &DatabaseTransaction,
    erasure: &Erasure,
) -> Result<(), Error> {
    let mut versions: HashSet<i64> = HashSet::new();
    let records: Vec<RecordId> = erasure.records.iter().copied().collect();
    for ids in records.chunks(1_000) {
        let rows: Vec<i64> = source_record::Entity::find()
            .select_only()
            .column(source_record::Column::Seq)
            .filter(source_record::Column::RecordId.is_in(ids.iter().map(|it| it.0)))
            .into_tuple()
            .all(transaction)
            .await?;
        versions.extend(rows);
    }
    let seqs = versions.iter().map(|it| Value::from(*it));
    bulk::delete(transaction, "block_entry", "version_seq", seqs).await?;
    let mut after = -1;
    loop {
        let pages = block_page::Entity::find()
            .filter(block_page::Column::Page.gt(after))
            .order_by_asc(block_page::Column::Page)
            .limit(PAGE)
            .all(transaction)
            .await?;
        let Some(last) = pages.last() else { return Ok(()) };
        after = last.page;
        for page in pages {
            if let Some(entries) = blocks::without(&page.entries, &versions) {
                let (page, entries) = (Set(page.page), Set(entries));
                let row = block_page::ActiveModel { page, entries, ..Default::default() };
                row.update(transaction).await?;
            }
        }
    }
}

/// Decisions about rows that are gone go with them.
pub(super) async fn decisions(
    transaction: &DatabaseTransaction,
    sealer: &Sealer,
    erasure: &Erasure,
) -> Result<(), Error> {
    let rows = decision::Entity::find().all(transaction).await?;
    for row in rows {
        let row = DecisionRow::opened(row, sealer)?;
        let (said, row) = (verdict(&row)?, row.row);
        if said.records().iter().all(|it| !erasure.records.contains(it)) {
            continue;
        }
        match said.without(&erasure.records) {
            Some(Verdict::Split(_, others)) => {
                let others: Vec<Uuid> = others.iter().map(|it| it.0).collect();
                decision::Entity::update_many()
                    .filter(decision::Column::Seq.eq(row.seq))
                    .col_expr(decision::Column::Others, serde_json::to_string(&others)?.into())
                    .exec(transaction)
                    .await?;
            }
            _ => {
                let this = decision::Column::Seq.eq(row.seq);
                decision::Entity::delete_many().filter(this).exec(transaction).await?;
            }
        }
    }
    Ok(())
}

/// The profiles of the past, each without what the rows said.
pub(super) async fn past(
    transaction: &DatabaseTransaction,
    sealer: &Sealer,
    erasure: &Erasure,
) -> Result<(), Error> {
    use enterprise_version::Column;
    let mut after: Option<(Uuid, sea_orm::prelude::DateTimeUtc)> = None;
    loop {
        let behind = after.map(|(id, to)| {
            let later =
                Condition::all().add(Column::EnterpriseId.eq(id)).add(Column::ValidTo.gt(to));
            Condition::any().add(Column::EnterpriseId.gt(id)).add(later)
        });
        let rows = enterprise_version::Entity::find()
            .filter(Condition::all().add_option(behind))
            .order_by_asc(Column::EnterpriseId)
            .order_by_asc(Column::ValidTo)
            .limit(PAGE)
            .all(transaction)
            .await?;
        let Some(last) = rows.last() else { return Ok(()) };
        after = Some((last.enterprise_id, last.valid_to));
        for row in rows {
            let (id, since) = (row.enterprise_id, row.valid_from);
            let profile = enterprises::opened(sealer, id, since, row.profile)?;
            let profile = profile_json::from_json(EnterpriseId(id), &profile, Wanted::ALL)?;
            let about = profile.records.iter().any(|it| erasure.records.contains(it))
                || profile.owners.iter().any(|it| erasure.owners.contains(it));
            if !about {
                continue;
            }
            let this = Condition::all()
                .add(Column::EnterpriseId.eq(row.enterprise_id))
                .add(Column::ValidTo.eq(row.valid_to));
            match without(profile, &erasure.records, &erasure.owners) {
                Some(left) => {
                    let left = profile_json::to_json(&left)?;
                    let place = enterprises::place(id, since);
                    let left = sealer.seal(What::Profile, place, left.as_bytes())?;
                    let update = enterprise_version::Entity::update_many().filter(this);
                    update.col_expr(Column::Profile, left.into()).exec(transaction).await?;
                }
                None => {
                    enterprise_version::Entity::delete_many()
                        .filter(this)
                        .exec(transaction)
                        .await?;
                }
            }
        }
    }
}

/// Words that no other row had when a model was made go out of it. It takes a word it does not know for one
/// that occurs once, so what is left is weighed as before.
pub(super) async fn models(
    transaction: &DatabaseTransaction,
    sealer: &Sealer,
    erasure: &Erasure,
) -> Result<(), Error> {
    for mut row in linkage_model::Entity::find().all(transaction).await? {
        let place = Place::of(row.id);
        let parameters = sealer.open(What::Parameters, place, &mut row.parameters)?;
        let mut model: Model = serde_json::from_slice(parameters)?;
        let mut changed = false;
        for field in &mut model.words {
            field.counts.retain(|word, count| {
                let only_hers = erasure.words.get(word).is_some_and(|hers| *count <= *hers);
                changed |= only_hers;
                !only_hers
            });
        }
        if changed {
            let parameters = serde_json::to_vec(&model)?;
            let parameters = sealer.seal(What::Parameters, place, &parameters)?;
            linkage_model::Entity::update_many()
                .filter(linkage_model::Column::Id.eq(row.id))
                .col_expr(linkage_model::Column::Parameters, parameters.into())
                .exec(transaction)
                .await?;
        }
    }
    Ok(())
}

/// Her consents end and say nothing more of her, and what she asked for is known by its kind alone.
pub(super) async fn rights(
    transaction: &DatabaseTransaction,
    erasure: &Erasure,
) -> Result<(), Error> {
    let ids = || erasure.records.iter().map(|it| it.0);
    consent::Entity::update_many()
        .filter(consent::Column::Anchor.is_in(ids()))
        .filter(consent::Column::WithdrawnAt.is_null())
        .col_expr(consent::Column::WithdrawnAt, erasure.at.into())
        .col_expr(consent::Column::WithdrawnBy, "erasure".into())
        .exec(transaction)
        .await?;
    consent::Entity::update_many()
        .filter(consent::Column::Anchor.is_in(ids()))
        .col_expr(consent::Column::Evidence, "".into())
        .exec(transaction)
        .await?;
    restriction::Entity::delete_many()
        .filter(restriction::Column::Anchor.is_in(ids()))
        .exec(transaction)
        .await?;
    let of_hers = || {
        Condition::any()
            .add(rights_request::Column::Anchor.is_in(ids()))
            .add(rights_request::Column::RecordId.is_in(ids()))
    };
    // Nothing is left to correct or to restrict. The erasure itself is settled when all of it is done.
    rights_request::Entity::update_many()
        .filter(of_hers())
        .filter(rights_request::Column::SettledAt.is_null())
        .filter(rights_request::Column::Kind.ne("erasure"))
        .col_expr(rights_request::Column::Status, "done".into())
        .col_expr(rights_request::Column::SettledBy, "erasure".into())
        .col_expr(rights_request::Column::SettledAt, erasure.at.into())
        .exec(transaction)
        .await?;
    rights_request::Entity::update_many()
        .filter(of_hers())
        .col_expr(rights_request::Column::Anchor, Expr::value(None::<Uuid>))
        .col_expr(rights_request::Column::RecordId, Expr::value(None::<Uuid>))
        .col_expr(rights_request::Column::Proposed, Expr::value(None::<Vec<u8>>))
        .col_expr(rights_request::Column::Reason, Expr::value(None::<Vec<u8>>))
        .exec(transaction)
        .await?;
    Ok(())
}
