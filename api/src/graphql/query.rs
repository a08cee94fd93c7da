//! What can be asked, by noun.

use async_graphql::MergedObject;

pub mod access;
pub mod consent;
pub mod correction;
pub mod decision;
pub mod enterprise;
pub mod entity;
pub mod file;
pub mod financing;
pub mod inclusion;
pub mod job;
pub mod model;
pub mod owner;
pub mod place;
pub mod queue;
pub mod review;
pub mod rights;
pub mod statistics;
pub mod webhook;

/// Everything that can be asked.
#[derive(MergedObject, Default)]
pub struct Query(
    enterprise::EnterpriseQuery,
    owner::OwnerQuery,
    file::FileQuery,
    job::JobQuery,
    place::PlaceQuery,
    review::ReviewQuery,
    decision::DecisionQuery,
    model::ModelQuery,
    queue::QueueQuery,
    statistics::StatisticsQuery,
    access::AccessQuery,
    consent::ConsentQuery,
    rights::RightsQuery,
    financing::FinancingQuery,
    entity::EntityQuery,
    inclusion::InclusionQuery,
    webhook::WebhookQuery,
    correction::CorrectionQuery,
);
