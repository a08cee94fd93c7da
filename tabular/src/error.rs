/// Why a table could not be written.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A row has more or fewer cells than the table has columns.
    #[error("a row has {found} cells in a table of {columns} columns")]
    Width {
        /// How many cells.
        found: usize,
        /// How many columns.
        columns: usize,
    },
    /// A cell is of another kind than its column.
    #[error("a cell of column {column} is of another kind than the column")]
    Kind {
        /// The column's name.
        column: String,
    },
    /// A temporary file could not be written.
    #[error("a table could not be written")]
    Io(#[from] std::io::Error),
    /// A table could not be written as CSV.
    #[error("a table could not be written as CSV")]
    Csv(#[from] csv::Error),
    /// A table could not be written as JSON.
    #[error("a table could not be written as JSON Lines")]
    Json(#[from] serde_json::Error),
    /// A table could not be written as a workbook.
    #[error("a table could not be written as a workbook")]
    Workbook(#[from] rust_xlsxwriter::XlsxError),
    /// A table could not be written as Parquet.
    #[error("a table could not be written as Parquet")]
    Parquet(#[from] ::parquet::errors::ParquetError),
}
