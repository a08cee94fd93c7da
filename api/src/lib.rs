//! Tunggal: everything that touches the world. Commands and requests come in at [`command`] and
//! [`http`], services order the steps, connectors
//! ([`connect`]) read live sources, the store keeps the rows.

pub mod app;
pub mod auth;
pub mod cli;
pub mod clock;
pub mod command;
pub mod config;
pub mod connect;
pub mod error;
pub mod graphql;
pub mod http;
pub mod parallel;
pub mod sealing;
pub mod service;
pub mod store;
