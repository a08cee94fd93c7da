//! Counting: how many rows, how many enterprises, where, of what kind and known to whom.

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, Statement};

use crate::error::Error;
use crate::store::Store;

/// One cell of a table: its category, `None` for unknown, and its count.
pub type Cell = (Option<String>, u64);

/// Every figure, as counted.
#[derive(Debug, Clone, Default)]
pub struct Counts {
    /// Records linked, one per row of an agency.
    pub records: u64,
    /// Enterprises.
    pub enterprises: u64,
    /// Enterprises with a NIB.
    pub with_nib: u64,
    /// Enterprises by kecamatan.
    pub kecamatan: Vec<Cell>,
    /// Enterprises by section of KBLI.
    pub section: Vec<Cell>,
    /// Enterprises by size class, as its number.
    pub size: Vec<Cell>,
    /// Enterprises by agency that knows them; one counts at each of its agencies.
    pub agency: Vec<Cell>,
    /// Records by agency.
    pub agency_records: Vec<Cell>,
    /// Enterprises that both agencies know.
    pub overlap: Vec<(String, String, u64)>,
}

/// A state of the register: while it stays the same, so do the counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edition {
    last_run: i64,
    files: i64,
    last_file: Option<DateTime<Utc>>,
}

impl Store {
    /// In which state the register is, by its link runs and imported files.
    pub async fn edition(&self) -> Result<Edition, Error> {
        let query = "SELECT COALESCE((SELECT MAX(seq) FROM link_run), 0) AS last_run, \
                     COUNT(finished_at) AS files, MAX(finished_at) AS last_file FROM source_file";
        let statement = Statement::from_string(self.backend(), query);
        let row = self.reader().query_one_raw(statement).await?;
        let row = row.ok_or_else(|| Error::internal("an edition without a row"))?;
        Ok(Edition {
            last_run: row.try_get("", "last_run")?,
            files: row.try_get("", "files")?,
            last_file: row.try_get("", "last_file")?,
        })
    }

    /// Counts the register as it stands.
    pub async fn counts(&self) -> Result<Counts, Error> {
        let by = |column: &str| {
            format!(
                "SELECT CAST({column} AS TEXT) AS category, COUNT(*) AS n FROM enterprise \
                 GROUP BY {column} ORDER BY {column}"
            )
        };
        let kecamatan = self.cells(&by("kecamatan")).await?;
        Ok(Counts {
            records: self.number("SELECT COUNT(*) AS n FROM membership").await?,
            enterprises: kecamatan.iter().map(|it| it.1).sum(),
            with_nib: self
                .number("SELECT COUNT(*) AS n FROM enterprise WHERE nib IS NOT NULL")
                .await?,
            kecamatan,
            section: self.cells(&by("section")).await?,
            size: self.cells(&by("size_class")).await?,
            agency: self
                .cells(
                    "SELECT agency AS category, COUNT(*) AS n FROM enterprise_agency \
                     GROUP BY agency ORDER BY agency",
                )
                .await?,
            agency_records: self
                .cells(
                    "SELECT agency AS category, COUNT(*) AS n FROM membership \
                     GROUP BY agency ORDER BY agency",
                )
                .await?,
            overlap: self.overlap().await?,
        })
    }

    async fn overlap(&self) -> Result<Vec<(String, String, u64)>, Error> {
        let query = "SELECT x.agency AS a, y.agency AS b, COUNT(*) AS n FROM enterprise_agency x \
                     JOIN enterprise_agency y \
                     ON x.enterprise_id = y.enterprise_id AND x.agency < y.agency \
                     GROUP BY x.agency, y.agency ORDER BY x.agency, y.agency";
        let statement = Statement::from_string(self.backend(), query);
        let mut cells = vec![];
        for row in self.reader().query_all_raw(statement).await? {
            let count: i64 = row.try_get("", "n")?;
            cells.push((row.try_get("", "a")?, row.try_get("", "b")?, count.cast_unsigned()));
        }
        Ok(cells)
    }

    async fn cells(&self, query: &str) -> Result<Vec<Cell>, Error> {
        let statement = Statement::from_string(self.backend(), query);
        let mut cells = vec![];
        for row in self.reader().query_all_raw(statement).await? {
            let count: i64 = row.try_get("", "n")?;
            cells.push((row.try_get("", "category")?, count.cast_unsigned()));
        }
        Ok(cells)
    }

    async fn number(&self, query: &str) -> Result<u64, Error> {
        let statement = Statement::from_string(self.backend(), query);
        let row = self.reader().query_one_raw(statement).await?;
        let row = row.ok_or_else(|| Error::internal("a count without a row"))?;
        Ok(row.try_get::<i64>("", "n")?.cast_unsigned())
    }
}
