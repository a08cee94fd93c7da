//! stub
use domain::{agency::Agency,enterprise::*,id::*}; use crate::normalise::NormalisedRecord;
/// x
pub fn merge(id:EnterpriseId,owners:Vec<OwnerId>,_:&[(&NormalisedRecord,&Agency)])->EnterpriseProfile{EnterpriseProfile{id,owners,attributes:Default::default(),records:vec![]}}
