//! What things are, whatever the store, the transport or the evidence.
//!
//! A source record ([`record`]) is what an agency wrote. Its texts are read as identifiers
//! ([`identifier`]), amounts ([`amount`]), dates ([`date`]) and places ([`place`]). Records of one
//! business merge into an enterprise profile ([`enterprise`]), and a viewer ([`viewer`]) sees of it
//! what [`visibility`] allows.
//!
//! This crate does no input or output, reads no clock and depends on no other crate of the workspace.

pub mod agency;
pub mod amount;
pub mod consent;
pub mod date;
pub mod enterprise;
pub mod erasure;
pub mod id;
pub mod identifier;
pub mod kbli;
pub mod permission;
pub mod place;
pub mod purpose;
pub mod record;
pub mod view;
pub mod viewer;
pub mod visibility;
