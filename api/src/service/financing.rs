//! Financing: how enterprises stand with programmes, why, and what is missing. Never a credit decision.

pub mod feed;
pub mod found;
pub mod preview;
pub mod rules;
pub mod standing;
pub mod told;
pub mod view;
