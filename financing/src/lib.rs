//! Which financing programmes an enterprise seems eligible for, by which rules of which day, on what evidence,
//! and what is missing. Never a credit decision: a bank checks what only it can know, and decides.
//!
//! What programmes ask for is data: [`catalogue`] reads files of programmes, rules and papers, whose rules are
//! [`expression`]s over named [`fact`]s. [`facts`] are read from a profile and its records as of a day, each with
//! its evidence; what is not known stays unknown, in the three values of [`logic`]. [`verdict`] assesses whole
//! registers, [`assessment`] one enterprise with reasons and next steps, and [`compare`] tells what other rules or
//! another day would change.
//!
//! This crate does no input or output and reads no clock. Values of enterprises are in evidence alone, never in
//! sentences or errors.

pub mod assessment;
pub mod catalogue;
pub mod compare;
pub mod expression;
pub mod fact;
pub mod facts;
pub mod logic;
pub mod value;
pub mod verdict;
