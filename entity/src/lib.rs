//! Tables and nothing else: one file per table, columns of database types. `api::store` alone turns
//! rows into domain types and back.

pub mod access_checkpoint;
pub mod access_log;
pub mod access_review;
pub mod account;
pub mod agency;
pub mod block_entry;
pub mod block_page;
pub mod client_secret;
pub mod data_key;
pub mod decision;
pub mod enterprise;
pub mod enterprise_agency;
pub mod enterprise_event;
pub mod enterprise_redirect;
pub mod enterprise_version;
pub mod link_pair;
pub mod link_run;
pub mod linkage_model;
pub mod membership;
pub mod model_preview;
pub mod owner;
pub mod quality_sample;
pub mod review_assignment;
pub mod review_item;
pub mod row_problem;
pub mod search_variant;
pub mod search_word;
pub mod setting;
pub mod source_file;
pub mod source_file_part;
pub mod source_record;
