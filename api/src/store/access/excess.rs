//! Use that is out of the ordinary, counted over a span of the access log.

use sea_orm::{ConnectionTrait, QueryResult, Statement};

use super::reading::DAY;
use crate::error::Error;
use crate::store::{Store, bulk};

/// A span of time: from a moment, before another, in milliseconds since 1970.
pub type Span = (i64, i64);

/// Somebody read of very many on one day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bulk {
    /// Who.
    pub subject: String,
    /// In which role.
    pub role: String,
    /// The day in Western Indonesian Time, counted from 1970-01-01.
    pub day: i64,
    /// Requests.
    pub requests: u64,
    /// Different ids.
    pub ids: u64,
    /// One of the requests was for the whole register.
    pub everyone: bool,
}

/// Somebody read at odd hours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OddHours {
    /// Who.
    pub subject: String,
    /// In which role.
    pub role: String,
    /// Requests.
    pub requests: u64,
    /// The latest of them, in milliseconds since 1970.
    pub last: i64,
}

/// Somebody whose data was read often.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MostRead {
    /// Whose, as an id with its prefix.
    pub whose: String,
    /// Requests.
    pub requests: u64,
    /// By how many different people and machines.
    pub readers: u64,
}

/// The hour of a moment in Western Indonesian Time, in SQL.
const HOUR: &str = "(((at + 25200000) / 3600000) % 24)";
/// The most rows of each list.
const ROWS: u64 = 50;

impl Store {
    /// Days on which somebody read of at least so many ids, or of everyone; the most first.
    pub async fn bulk_reads(&self, span: Span, ids: u64) -> Result<Vec<Bulk>, Error> {
        self.index_log().await?;
        let text = format!(
            "SELECT subject, role, {DAY} AS day, COUNT(DISTINCT l.seq) AS requests, \
             COUNT(DISTINCT w.whose) AS ids, MAX(CASE WHEN w.whose = '*' THEN 1 ELSE 0 END) AS everyone \
             FROM access_log l JOIN access_whose w ON w.seq = l.seq \
             WHERE at >= {{1}} AND at < {{2}} GROUP BY 1, 2, 3 \
             HAVING COUNT(DISTINCT w.whose) >= {{3}} OR MAX(CASE WHEN w.whose = '*' THEN 1 ELSE 0 END) = 1 \
             ORDER BY 6 DESC, 5 DESC, 1, 3 LIMIT {ROWS}"
        );
        let rows = self.counted(&text, &[span.0, span.1, ids.cast_signed()]).await?;
        let read = |it: &QueryResult| {
            Ok(Bulk {
                subject: it.try_get("", "subject")?,
                role: it.try_get("", "role")?,
                day: it.try_get("", "day")?,
                requests: number(it, "requests")?,
                ids: number(it, "ids")?,
                everyone: it.try_get::<i32>("", "everyone")? == 1,
            })
        };
        rows.iter().map(read).collect()
    }

    /// Who read before six, from eight in the evening, or at the weekend; the most first.
    pub async fn odd_hours(&self, span: Span) -> Result<Vec<OddHours>, Error> {
        // 1970-01-01 was a Thursday: four days on, 0 is a Sunday and 6 a Saturday.
        let text = format!(
            "SELECT subject, role, COUNT(*) AS requests, MAX(at) AS last FROM access_log \
             WHERE at >= {{1}} AND at < {{2}} AND purpose <> '' \
             AND ({HOUR} < 6 OR {HOUR} >= 20 OR ({DAY} + 4) % 7 IN (0, 6)) \
             GROUP BY 1, 2 ORDER BY 3 DESC, 1 LIMIT {ROWS}"
        );
        let rows = self.counted(&text, &[span.0, span.1]).await?;
        let read = |it: &QueryResult| {
            Ok(OddHours {
                subject: it.try_get("", "subject")?,
                role: it.try_get("", "role")?,
                requests: number(it, "requests")?,
                last: it.try_get("", "last")?,
            })
        };
        rows.iter().map(read).collect()
    }

    /// Persons and enterprises of whom most was asked.
    pub async fn most_read(&self, span: Span) -> Result<Vec<MostRead>, Error> {
        self.index_log().await?;
        let text = format!(
            "SELECT w.whose AS whose, COUNT(*) AS requests, COUNT(DISTINCT subject) AS readers \
             FROM access_log l JOIN access_whose w ON w.seq = l.seq \
             WHERE at >= {{1}} AND at < {{2}} AND SUBSTR(w.whose, 1, 4) IN ('own_', 'ent_') \
             GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT {ROWS}"
        );
        let rows = self.counted(&text, &[span.0, span.1]).await?;
        let read = |it: &QueryResult| {
            Ok(MostRead {
                whose: it.try_get("", "whose")?,
                requests: number(it, "requests")?,
                readers: number(it, "readers")?,
            })
        };
        rows.iter().map(read).collect()
    }

    /// Which rights were made use of together, by whom and in which role: subject, role, rights.
    pub async fn rights_used(&self, span: Span) -> Result<Vec<[String; 3]>, Error> {
        let text = "SELECT DISTINCT subject, role, rights FROM access_log \
                    WHERE at >= {1} AND at < {2} ORDER BY 1, 2, 3";
        let rows = self.counted(text, &[span.0, span.1]).await?;
        let text = |it: &QueryResult, column: &str| it.try_get("", column);
        let read =
            |it: &QueryResult| Ok([text(it, "subject")?, text(it, "role")?, text(it, "rights")?]);
        rows.iter().map(read).collect()
    }

    /// The rows of a query with numbered places `{1}`, `{2}`, each of which occurs once and in order.
    async fn counted(&self, text: &str, values: &[i64]) -> Result<Vec<QueryResult>, Error> {
        let backend = self.backend();
        let places = (1..=values.len()).fold(text.to_owned(), |text, it| {
            text.replace(&format!("{{{it}}}"), &bulk::placeholders(backend, it, 1))
        });
        let values = values.iter().map(|it| (*it).into());
        let query = Statement::from_sql_and_values(backend, places, values);
        Ok(self.reader().query_all_raw(query).await?)
    }
}

fn number(row: &QueryResult, column: &str) -> Result<u64, Error> {
    Ok(row.try_get::<i64>("", column)?.cast_unsigned())
}
