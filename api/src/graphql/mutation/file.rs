//! Sending lists.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject, Upload};
use domain::agency::AgencyCode;
use domain::id::{FileId, IdError};
use domain::permission::Action;
use ingest::plan::Mapping;

use crate::error::Error;
use crate::graphql::object::file::{FileCounts, SourceFile};
use crate::graphql::{Ask, Soft, some};
use crate::http::multipart::Incoming;
use crate::service::{self, files};

/// What one heading of a list means.
#[derive(Debug, Clone, InputObject)]
pub struct HeadingMeaningInput {
    /// The heading, as the agency wrote it. Example: "Nama Pemilik".
    pub heading: String,
    /// What it means, as in mapping files: a field, two joined by `+`, or `ignore`. Example: "owner_name".
    pub field: String,
}

/// What became of a file.
#[derive(SimpleObject)]
pub struct Receipt {
    /// The file as the hub keeps it.
    pub file: SourceFile,
    /// The hub had taken it before, whole, and nothing changed.
    pub known: bool,
    /// What became of its rows.
    pub counts: FileCounts,
}

/// Changes by senders of lists.
#[derive(Default)]
pub struct FileMutation;

#[Object]
impl FileMutation {
    /// Takes a list of your agency as it is: CSV, XLSX, XLS or ODS. The same file again changes nothing.
    ///
    /// Sent as a GraphQL multipart request with the header `graphql-preflight: 1`. A file whose headings
    /// are not understood is kept with the status `asking` until `confirmMapping` answers.
    async fn upload_source_file(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The code of the agency whose list it is. Example: \"kominfo\".")]
        agency: String,
        #[graphql(desc = "The file.")] file: Upload,
        #[graphql(
            desc = "It is the agency's whole list: rows it lacks are marked absent.",
            default = false
        )]
        complete_list: bool,
        #[graphql(
            desc = "It is an extract of a national system, in this form. Example: \"oss-nib\"."
        )]
        form: Option<String>,
    ) -> Soft<Receipt> {
        some(upload(ctx, &agency, &file, complete_list, form.as_deref()).await)
    }

    /// Says what the headings of a file mean, and takes its rows. The answer is remembered for the
    /// agency's next files.
    async fn confirm_mapping(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The file's id. Example: `fil_...`.")] file: ID,
        #[graphql(desc = "What each heading means.")] mapping: Vec<HeadingMeaningInput>,
    ) -> Soft<Receipt> {
        some(confirm(ctx, &file, mapping).await)
    }
}

async fn upload(
    ctx: &Context<'_>,
    agency: &str,
    file: &Upload,
    complete_list: bool,
    form: Option<&str>,
) -> Result<Receipt, Error> {
    ctx.permit(Action::Upload, "uploadSourceFile")?;
    let (app, viewer) = (ctx.app(), ctx.viewer());
    let agency =
        AgencyCode::parse(agency).map_err(|it| Error::invalid("agency", it.to_string()))?;
    files::require_own(viewer, &agency)?;
    let sent = file.value(ctx).map_err(|_| Error::invalid("file", "is not in the request"))?;
    let incoming = ctx
        .data_opt::<Incoming>()
        .ok_or_else(|| Error::invalid("file", "send it as a GraphQL multipart request"))?;
    let mapping = form.map(|it| service::ingest::mapping_of_form(app, it)).transpose()?;
    let options = service::ingest::Options { complete_list, mapping, ..Default::default() };
    let receipt =
        service::ingest::receive(app, viewer, &agency, incoming.path(), &sent.filename, options)
            .await?;
    received(ctx, receipt).await
}

async fn confirm(
    ctx: &Context<'_>,
    file: &ID,
    mapping: Vec<HeadingMeaningInput>,
) -> Result<Receipt, Error> {
    ctx.permit(Action::ConfirmMapping, "confirmMapping")?;
    let (app, viewer) = (ctx.app(), ctx.viewer());
    let id: FileId = file.parse().map_err(|it: IdError| Error::invalid("file", it.to_string()))?;
    let kept =
        files::by_id(app, viewer, id).await?.ok_or(Error::NotFound { noun: "source file" })?;
    let agency = AgencyCode::parse(&kept.agency).map_err(Error::internal)?;
    files::require_own(viewer, &agency)?;
    let receipt = service::ingest::confirm_mapping(app, viewer, id, read(mapping)?).await?;
    received(ctx, receipt).await
}

fn read(meanings: Vec<HeadingMeaningInput>) -> Result<Mapping, Error> {
    let columns = meanings.into_iter().map(|it| (it.heading, it.field)).collect();
    let mapping = Mapping { columns };
    match mapping.unknown_codes().first() {
        Some(code) => Err(Error::invalid("mapping", format!("{code:?} is no field"))),
        None => Ok(mapping),
    }
}

async fn received(ctx: &Context<'_>, receipt: service::ingest::Receipt) -> Result<Receipt, Error> {
    let file = files::by_id(ctx.app(), ctx.viewer(), receipt.file).await?;
    let file = file.ok_or(Error::NotFound { noun: "source file" })?;
    ctx.ledger().read(receipt.file, "cells", true);
    Ok(Receipt { file: SourceFile(file), known: receipt.known, counts: receipt.counts.into() })
}
