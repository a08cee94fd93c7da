//! Source files and what became of their rows.

use async_graphql::{Context, Enum, ID, Object, SimpleObject};
use domain::id::FileId;
use ingest::problem::{Problem as Met, Severity as MetSeverity};

use crate::graphql::page::{PageArguments, PageOf, nodes, page_of, wants_total};
use crate::graphql::scalar::DateTime;
use crate::graphql::{Ask, Soft, soft, some};
use crate::service::files;
use crate::store::files::{FileRow, ProblemFilter, ProblemRow};
use crate::store::review::order_key;
use crate::store::source_files::RowCounts;

/// The language of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum Lang {
    /// Bahasa Indonesia.
    Id,
    /// English.
    En,
}

impl From<Lang> for ingest::problem::Lang {
    fn from(lang: Lang) -> Self {
        match lang {
            Lang::Id => ingest::problem::Lang::Indonesian,
            Lang::En => ingest::problem::Lang::English,
        }
    }
}

/// How much a problem matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "ingest::problem::Severity")]
pub enum Severity {
    /// Worth knowing; nothing need be done.
    Note,
    /// The row is taken, the value in question is not.
    Warning,
    /// The row is not taken.
    Error,
}

/// What became of the rows of a file: accepted + rejected + structural = rows.
#[derive(Debug, Clone, SimpleObject)]
pub struct FileCounts {
    /// Rows of all kinds in the file.
    pub rows: i32,
    /// Rows taken as records, those with warnings included.
    pub accepted: i32,
    /// Accepted rows that have a warning.
    pub warned: i32,
    /// Rows not taken, each with its reason in `problems`.
    pub rejected: i32,
    /// Titles, headers, group lines, totals, signatures and blank rows.
    pub structural: i32,
    /// Accepted rows that the hub did not know.
    pub new: i32,
    /// Accepted rows that take over from an older version.
    pub changed: i32,
    /// Accepted rows that say what the hub knew.
    pub unchanged: i32,
    /// Accepted rows older than what the hub knew; kept as history.
    pub older: i32,
    /// Rows of the agency that this complete list no longer has.
    pub absent: i32,
}

impl From<RowCounts> for FileCounts {
    fn from(it: RowCounts) -> FileCounts {
        use crate::graphql::page::count;
        FileCounts {
            rows: count(it.rows),
            accepted: count(it.accepted),
            warned: count(it.warned),
            rejected: count(it.rejected),
            structural: count(it.structural),
            new: count(it.new),
            changed: count(it.changed),
            unchanged: count(it.unchanged),
            older: count(it.older),
            absent: count(it.absent),
        }
    }
}

/// How one heading of a list is read.
#[derive(Debug, Clone, SimpleObject)]
pub struct HeadingMeaning {
    /// The heading, as the agency wrote it. Example: "Nama Pemilik".
    pub heading: String,
    /// What it means, as in mapping files: a field, two joined by `+`, or `ignore`. Example: "owner_name".
    pub field: String,
}

/// A column that may be the answer to a question.
#[derive(Debug, Clone, SimpleObject)]
pub struct QuestionColumn {
    /// The column as a spreadsheet names it. Example: "C".
    pub column: String,
    /// Its heading, as `confirmMapping` wants it.
    pub heading: String,
    /// The fields it may mean, the likeliest first.
    pub fields: Vec<String>,
}

/// Something the sender must say before the rows are read.
pub struct Question(pub ingest::plan::Question);

/// Something the sender must say before the rows are read.
#[Object]
impl Question {
    /// The sheet's name; empty for a text file.
    async fn sheet(&self) -> &str {
        &self.0.sheet
    }

    /// The field in question. Example: "owner_name".
    async fn field(&self) -> &str {
        &self.0.field
    }

    /// The columns that may be the answer, the likeliest first.
    #[graphql(complexity = "10 * child_complexity")]
    async fn columns(&self) -> Vec<QuestionColumn> {
        let column = |it: &ingest::plan::QuestionColumn| QuestionColumn {
            column: ingest::problem::letters(it.column),
            heading: it.heading.clone(),
            fields: it.fields.clone(),
        };
        self.0.columns.iter().map(column).collect()
    }

    /// The question in words.
    async fn message(
        &self,
        #[graphql(desc = "The language.", default_with = "Lang::Id")] lang: Lang,
    ) -> String {
        self.0.message(lang.into())
    }
}

/// One file as an agency sent it.
pub struct SourceFile(pub FileRow);

/// One file as an agency sent it.
#[Object]
impl SourceFile {
    /// The file's id; the same content from the same agency is the same id. Example: `fil_...`.
    pub(crate) async fn id(&self, ctx: &Context<'_>) -> ID {
        ctx.named(FileId(self.0.id))
    }

    /// The code of the agency that sent it. Example: "kominfo".
    async fn agency(&self) -> &str {
        &self.0.agency
    }

    /// Its name as sent. Example: "UMKM 2025.xlsx".
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// Its size in bytes; larger than GraphQL's Int can hold, so a floating number.
    async fn bytes(&self) -> f64 {
        self.0.size as f64
    }

    /// What it turned out to be. Example: "xlsx".
    async fn format(&self) -> &str {
        &self.0.format
    }

    /// `asking` (its headings must be confirmed), `importing` or `imported`.
    async fn status(&self) -> &str {
        &self.0.status
    }

    /// It is the whole list of its agency: rows it lacks are marked absent.
    async fn complete_list(&self) -> bool {
        self.0.complete_list
    }

    /// When rows of persons who were erased were last taken out of the bytes that are kept; null while those are
    /// what was received. Its id and digest are those of what was received.
    async fn redacted_at(&self, ctx: &Context<'_>) -> Soft<DateTime> {
        let found = ctx.app().store.redaction(FileId(self.0.id)).await;
        soft(found.map(|it| it.map(|it| super::consent::moment(it.at))))
    }

    /// When it was received.
    async fn received_at(&self) -> DateTime {
        DateTime(self.0.received_at)
    }

    /// Who sent it, by subject.
    async fn received_by(&self) -> &str {
        &self.0.received_by
    }

    /// The live source it was pulled from; null for one that was sent.
    async fn source(&self) -> Option<&str> {
        self.0.source.as_deref()
    }

    /// Where the workbook with a status for each row is fetched, with the same token; null when you may
    /// not, or before the file is imported. Example: "/files/fil_.../report.xlsx".
    async fn report_url(&self, ctx: &Context<'_>) -> Option<String> {
        let made = self.0.finished_at.is_some() && files::reads_reports(ctx.viewer());
        made.then(|| format!("/files/{}/report.xlsx", FileId(self.0.id)))
    }

    /// When its last row was stored; null before.
    async fn finished_at(&self) -> Option<DateTime> {
        self.0.finished_at.map(DateTime)
    }

    /// Rows of all kinds that are stored so far.
    async fn rows_done(&self) -> f64 {
        self.0.rows_done as f64
    }

    /// What became of its rows.
    async fn counts(&self) -> Soft<FileCounts> {
        some(files::counts(&self.0).map(FileCounts::from))
    }

    /// How its headings are read.
    #[graphql(complexity = "20 * child_complexity")]
    async fn mapping(&self) -> Soft<Vec<HeadingMeaning>> {
        some(files::mapping(&self.0).map(|it| {
            let meaning = |(heading, field)| HeadingMeaning { heading, field };
            it.into_iter().map(meaning).collect()
        }))
    }

    /// What must be answered with `confirmMapping` before the file is imported.
    #[graphql(complexity = "5 * child_complexity")]
    async fn questions(&self) -> Soft<Vec<Question>> {
        some(files::questions(&self.0).map(|it| it.into_iter().map(Question).collect()))
    }

    /// What is wrong with its rows, in the order of the file.
    #[graphql(complexity = "nodes(first, last) * child_complexity")]
    #[expect(clippy::too_many_arguments, reason = "a connection has four, a filter its own")]
    async fn problems(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only of this severity.")] severity: Option<Severity>,
        #[graphql(desc = "Only with this code.")] code: Option<String>,
        #[graphql(desc = "So many from the beginning; at most 200.")] first: Option<i32>,
        #[graphql(desc = "Behind this cursor.")] after: Option<String>,
        #[graphql(desc = "So many from the end; at most 200.")] last: Option<i32>,
        #[graphql(desc = "In front of this cursor.")] before: Option<String>,
    ) -> Soft<PageOf<Problem>> {
        let arguments = PageArguments { first, after, last, before };
        let severity = severity.map(|it| MetSeverity::from(it).rank());
        let filter = ProblemFilter { severity, code };
        some(problems(ctx, FileId(self.0.id), &filter, arguments).await)
    }
}

async fn problems(
    ctx: &Context<'_>,
    file: FileId,
    filter: &ProblemFilter,
    arguments: PageArguments,
) -> Result<PageOf<Problem>, crate::error::Error> {
    let slice = arguments.slice(&order_key(0), false)?;
    let (rows, more) = ctx.app().store.problem_page(file, filter, &slice).await?;
    let total = match wants_total(ctx) {
        true => ctx.app().store.problem_count(file, filter).await?,
        false => 0,
    };
    let nodes = rows.into_iter().map(|it| (order_key(it.seq), Problem(it))).collect();
    Ok(page_of(&slice, nodes, more, total))
}

/// What is wrong with one row or one cell. It never holds the value it speaks of.
pub struct Problem(pub ProblemRow);

impl Problem {
    fn met(&self) -> Option<Met> {
        files::problem(&self.0)
    }
}

/// What is wrong with one row or one cell. It never holds the value it speaks of.
#[Object]
impl Problem {
    /// The stable code of the problem. Example: "NIK_DIGITS_LOST".
    async fn code(&self) -> &str {
        &self.0.code
    }

    /// How much it matters.
    async fn severity(&self) -> Option<Severity> {
        MetSeverity::from_rank(self.0.severity).map(Severity::from)
    }

    /// The sheet's name; empty for a text file.
    async fn sheet(&self) -> &str {
        &self.0.sheet
    }

    /// The row as a spreadsheet numbers it, from 1; 0 when the whole sheet is meant.
    async fn row(&self) -> i32 {
        self.0.row
    }

    /// The column as a spreadsheet names it. Example: "C"; null when the whole row is meant.
    async fn column(&self) -> Option<String> {
        self.0.col.map(|it| ingest::problem::letters(it.cast_unsigned()))
    }

    /// The heading of the column.
    async fn heading(&self) -> Option<&str> {
        self.0.heading.as_deref()
    }

    /// What the column means, as in mapping files. Example: "nik".
    async fn field(&self) -> Option<&str> {
        self.0.field.as_deref()
    }

    /// What is wrong, in words for its sender.
    async fn message(
        &self,
        #[graphql(desc = "The language.", default_with = "Lang::Id")] lang: Lang,
    ) -> Option<&'static str> {
        self.met().map(|it| it.message(lang.into()))
    }

    /// What the sender can do about it.
    async fn remedy(
        &self,
        #[graphql(desc = "The language.", default_with = "Lang::Id")] lang: Lang,
    ) -> Option<&'static str> {
        self.met().map(|it| it.remedy(lang.into()))
    }
}
