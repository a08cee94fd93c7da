//! Tests over HTTP, one file per user story, each on every database that is there.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod at_rest;
mod attempts;
mod audit;
mod clients;
mod consent;
mod contract;
mod decisions;
mod door;
mod evidence_log;
mod faults;
mod financing_view;
mod history;
mod hub;
mod identity;
mod interrupted;
mod language;
mod laws;
mod link_file;
mod matrix;
mod mixed;
mod models;
mod node;
mod operators;
mod protocol;
mod provider;
mod queue;
mod register;
mod regressions;
mod rights;
mod roles;
mod rules;
mod sample;
mod sign_in;
mod socket;
mod specification;
mod subject_report;
mod token_attacks;
mod upgrade;
mod why;
mod workspace;
