//! An agency's file exactly as it is, read into records and problems.
//!
//! [`file::open`] looks at the content, whatever the name says, and refuses what is no list or would not
//! open safely. [`plan::plan`] finds the table in each sheet and what its columns mean, and asks where
//! it cannot know. [`read::rows`] hands out the rows one by one, each with its kind, and
//! [`interpret::interpret`], which is pure, turns one into the texts of a record and the problems met.
//! [`report::write`] gives the sender's own workbook back with the problems marked, and
//! [`corrections::write`] puts what an agency is asked to correct into its own columns, and
//! [`redact::write`] keeps a file without the rows of a person who was erased.
//!
//! A bad row is data: it never stops the reading. No function here keeps a whole file in memory, uses
//! a network, or panics on what a file holds.

mod cell;
mod classify;
mod columns;
mod content;
pub mod corrections;
mod csv;
mod encoding;
pub mod file;
mod format;
mod guard;
mod header;
mod heading;
pub mod interpret;
pub mod national;
mod ole;
pub mod plan;
pub mod problem;
pub mod pulled;
pub mod read;
pub mod redact;
pub mod refusal;
pub mod report;
mod sheet;
