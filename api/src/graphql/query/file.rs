//! The files agencies sent.

use async_graphql::{Context, ID, Object};
use domain::agency::AgencyCode;
use domain::id::FileId;
use domain::permission::Action;

use crate::error::Error;
use crate::graphql::object::file::SourceFile;
use crate::graphql::page::{PageArguments, PageOf, nodes, page_of, wants_total};
use crate::graphql::{Ask, Soft, soft, some};
use crate::service::files;
use crate::store::files::{file_key, file_key_kind};

/// Questions about source files.
#[derive(Default)]
pub struct FileQuery;

#[Object]
impl FileQuery {
    /// One file; null when there is none that you can find.
    async fn source_file(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The file's id. Example: `fil_...`.")] id: ID,
    ) -> Soft<SourceFile> {
        soft(one(ctx, &id).await)
    }

    /// The files your agency sent, or all for roles that see all; the latest first.
    #[graphql(complexity = "nodes(first, last) * child_complexity")]
    async fn source_files(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only of the agency with this code.")] agency: Option<String>,
        #[graphql(desc = "So many from the beginning; at most 200.")] first: Option<i32>,
        #[graphql(desc = "Behind this cursor.")] after: Option<String>,
        #[graphql(desc = "So many from the end; at most 200.")] last: Option<i32>,
        #[graphql(desc = "In front of this cursor.")] before: Option<String>,
    ) -> Soft<PageOf<SourceFile>> {
        some(list(ctx, agency, PageArguments { first, after, last, before }).await)
    }
}

async fn one(ctx: &Context<'_>, id: &ID) -> Result<Option<SourceFile>, Error> {
    ctx.permit(Action::ReadSourceFiles, "sourceFile")?;
    let id: FileId =
        id.parse().map_err(|it: domain::id::IdError| Error::invalid("id", it.to_string()))?;
    Ok(files::by_id(ctx.app(), ctx.viewer(), id).await?.map(SourceFile))
}

async fn list(
    ctx: &Context<'_>,
    agency: Option<String>,
    arguments: PageArguments,
) -> Result<PageOf<SourceFile>, Error> {
    ctx.permit(Action::ReadSourceFiles, "sourceFiles")?;
    let agency = agency.map(|it| AgencyCode::parse(&it)).transpose();
    let agency = agency.map_err(|it| Error::invalid("agency", it.to_string()))?;
    let slice = arguments.slice(&file_key_kind(), true)?;
    let (store, scope) = (&ctx.app().store, ctx.viewer().scope());
    let (rows, more) = store.file_page(&scope, agency.as_ref(), &slice).await?;
    let total = match wants_total(ctx) {
        true => store.file_count(&scope, agency.as_ref()).await?,
        false => 0,
    };
    let nodes = rows.into_iter().map(|it| (file_key(&it), SourceFile(it))).collect();
    Ok(page_of(&slice, nodes, more, total))
}
