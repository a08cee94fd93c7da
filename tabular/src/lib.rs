//! Tables as files that others read: CSV, JSON Lines, XLSX and Parquet.
//!
//! A table is columns with a meaning and rows of cells. An [`Encoder`] takes rows block by block and gives
//! bytes back as it has them, so that a table of any length goes out in the memory of a block. No text leaves
//! such that a spreadsheet would compute it (OWASP, CSV injection).
//!
//! Nothing here knows what a table is about.

mod cell;
mod delimited;
mod encoder;
mod error;
mod form;
mod lines;
mod parquet;
mod workbook;

pub use cell::{Cell, Column, Kind};
pub use encoder::{Encoder, Table};
pub use error::Error;
pub use form::Form;
