//! Source files: their bytes, kept as they came, and where their import stands.

use std::io::{Read, Write};
use std::path::Path;

use chrono::{DateTime, Utc};
use domain::agency::AgencyCode;
use domain::id::FileId;
use entity::{row_problem, setting, source_file, source_file_part, source_record};
use flate2::Compression;
use flate2::read::DeflateDecoder;
use flate2::write::DeflateEncoder;
use ingest::plan::Mapping;
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter,
    QueryOrder, TransactionTrait,
};
use serde::{Deserialize, Serialize};

use super::Store;
use super::live_sources::{Origin, require_lease};
use crate::error::Error;
use crate::sealing::{Place, Sealer, What};

/// Bytes of a file kept in one row.
pub(super) const PART_BYTES: usize = 1 << 20;
/// The first byte of a piece that is kept as it is, and of one that is compressed.
const PLAIN: u8 = 0;
const DEFLATED: u8 = 1;

/// Where a source file stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileStatus {
    /// Its headings must be confirmed first.
    Asking,
    /// Its rows are being stored.
    Importing,
    /// All its rows are stored.
    Imported,
}

impl FileStatus {
    /// The word in the table and the API.
    pub fn code(self) -> &'static str {
        match self {
            FileStatus::Asking => "asking",
            FileStatus::Importing => "importing",
            FileStatus::Imported => "imported",
        }
    }

    fn from_code(code: &str) -> Result<FileStatus, Error> {
        [FileStatus::Asking, FileStatus::Importing, FileStatus::Imported]
            .into_iter()
            .find(|it| it.code() == code)
            .ok_or_else(|| Error::internal("unknown file status"))
    }
}

/// What became of the rows of a file. `accepted + rejected + structural = rows`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowCounts {
    /// Rows of all kinds in the file.
    pub rows: u64,
    /// Rows taken as records, those with warnings included.
    pub accepted: u64,
    /// Accepted rows that have a warning.
    pub warned: u64,
    /// Rows not taken, each with its reason.
    pub rejected: u64,
    /// Titles, headers, group lines, totals, signatures and blank rows.
    pub structural: u64,
    /// Accepted rows that the hub did not know.
    pub new: u64,
    /// Accepted rows that supersede an older version.
    pub changed: u64,
    /// Accepted rows that say what the hub knew.
    pub unchanged: u64,
    /// Accepted rows older than what the hub knew; kept as history.
    pub older: u64,
    /// Rows of the agency that this complete list no longer has.
    pub absent: u64,
}

/// One file as stored.
#[derive(Debug, Clone)]
pub struct StoredFile {
    /// Its id.
    pub id: FileId,
    /// Who sent it.
    pub agency: AgencyCode,
    /// Its name as sent.
    pub name: String,
    /// Where it stands.
    pub status: FileStatus,
    /// It is the whole list of its agency.
    pub complete_list: bool,
    /// How its headings are read.
    pub mapping: Option<Mapping>,
    /// Rows of all kinds that are durably stored.
    pub rows_done: u64,
    /// What became of them.
    pub counts: RowCounts,
    /// When it was received.
    pub received_at: DateTime<Utc>,
    /// The live source it was pulled from.
    pub source: Option<String>,
}

/// A file to be kept.
#[derive(Debug)]
pub struct NewFile<'a> {
    /// Its id.
    pub id: FileId,
    /// Who sent it.
    pub agency: &'a AgencyCode,
    /// Its name as sent.
    pub name: &'a str,
    /// Keyed digest of its bytes.
    pub digest: Vec<u8>,
    /// What it turned out to be.
    pub format: String,
    /// It is the whole list of its agency.
    pub complete_list: bool,
    /// `Asking` or `Importing`.
    pub status: FileStatus,
    /// How its headings are read.
    pub mapping: &'a Mapping,
    /// What must be answered first, as JSON.
    pub questions: Option<String>,
    /// Subject of whoever sent it.
    pub received_by: &'a str,
    /// When.
    pub received_at: DateTime<Utc>,
    /// The live source it was pulled from, and what taking it moves there.
    pub origin: Option<Origin>,
}

impl Store {
    /// The file with this id.
    pub async fn file(&self, id: FileId) -> Result<Option<StoredFile>, Error> {
        let row = source_file::Entity::find_by_id(id.0).one(self.reader()).await?;
        row.map(to_file).transpose()
    }

    /// Whether no file has ever been kept.
    pub async fn is_empty(&self) -> Result<bool, Error> {
        Ok(source_file::Entity::find().count(self.reader()).await? == 0)
    }

    /// The files whose import was cut short, the oldest first.
    pub async fn unfinished_files(&self) -> Result<Vec<StoredFile>, Error> {
        let rows = source_file::Entity::find()
            .filter(source_file::Column::Status.eq(FileStatus::Importing.code()))
            .order_by_asc(source_file::Column::ReceivedAt)
            .order_by_asc(source_file::Column::Id)
            .all(self.reader())
            .await?;
        rows.into_iter().map(to_file).collect()
    }

    /// Keeps a file and its bytes, at once or not at all.
    ///
    /// Fails with [`Error::Conflict`] when the lease has ended under which it was pulled.
    /// Unless it is `synthetic`, the register no longer counts as synthetic from then on.
    pub async fn keep_file(
        &self,
        file: NewFile<'_>,
        path: &Path,
        synthetic: bool,
    ) -> Result<(), Error> {
        let sealer = self.sealer();
        let mut bytes = std::fs::File::open(path)?;
        let size = bytes.metadata()?.len();
        let moves = file.origin.as_ref().map(|it| serde_json::to_string(&it.moves)).transpose()?;
        let transaction = self.writer().begin().await?;
        if let Some(origin) = &file.origin {
            require_lease(&transaction, origin).await?;
        }
        let row = source_file::ActiveModel {
            id: Set(file.id.0),
            agency: Set(file.agency.to_string()),
            name: Set(file.name.to_owned()),
            digest: Set(file.digest),
            size: Set(size.cast_signed()),
            format: Set(file.format),
            status: Set(file.status.code().to_owned()),
            linked: Set(false),
            complete_list: Set(file.complete_list),
            mapping: Set(Some(serde_json::to_string(file.mapping)?)),
            questions: Set(file.questions),
            rows_done: Set(0),
            counts: Set(serde_json::to_string(&RowCounts::default())?),
            received_by: Set(file.received_by.to_owned()),
            received_at: Set(file.received_at),
            finished_at: Set(None),
            source: Set(file.origin.as_ref().map(|it| it.source.clone())),
            moves: Set(moves),
        };
        source_file::Entity::insert(row).exec_without_returning(&transaction).await?;
        if !synthetic {
            setting::Entity::delete_by_id("synthetic").exec(&transaction).await?;
        }
        for part in 0.. {
            let mut piece = Vec::with_capacity(PART_BYTES);
            Read::by_ref(&mut bytes).take(PART_BYTES as u64).read_to_end(&mut piece)?;
            if piece.is_empty() {
                break;
            }
            let row = source_file_part::ActiveModel {
                file_id: Set(file.id.0),
                part: Set(part),
                bytes: Set(sealed_part(&sealer, file.id, part, &piece)?),
            };
            source_file_part::Entity::insert(row).exec_without_returning(&transaction).await?;
        }
        transaction.commit().await?;
        Ok(())
    }

    /// Writes the bytes of a kept file to `out`.
    pub async fn restore_file(
        &self,
        id: FileId,
        out: &mut (dyn Write + Send),
    ) -> Result<(), Error> {
        let sealer = self.sealer();
        for part in 0.. {
            let row = source_file_part::Entity::find_by_id((id.0, part)).one(self.reader()).await?;
            let Some(mut row) = row else { break };
            out.write_all(&opened_part(&sealer, id, part, &mut row.bytes)?)?;
        }
        Ok(out.flush()?)
    }

    /// Lets a file that was asking be imported under a confirmed mapping.
    pub async fn answer_file(&self, id: FileId, mapping: &Mapping) -> Result<(), Error> {
        source_file::ActiveModel {
            id: Set(id.0),
            status: Set(FileStatus::Importing.code().to_owned()),
            mapping: Set(Some(serde_json::to_string(mapping)?)),
            questions: Set(None),
            ..Default::default()
        }
        .update(self.writer())
        .await?;
        Ok(())
    }

    /// Takes back an import that cannot be finished: its file, rows and problems, at once.
    pub async fn discard_file(&self, id: FileId) -> Result<(), Error> {
        let transaction = self.writer().begin().await?;
        let rows = source_record::Column::FileId.eq(id.0);
        source_record::Entity::delete_many().filter(rows).exec(&transaction).await?;
        let problems = row_problem::Column::FileId.eq(id.0);
        row_problem::Entity::delete_many().filter(problems).exec(&transaction).await?;
        let parts = source_file_part::Column::FileId.eq(id.0);
        source_file_part::Entity::delete_many().filter(parts).exec(&transaction).await?;
        source_file::Entity::delete_by_id(id.0).exec(&transaction).await?;
        transaction.commit().await?;
        Ok(())
    }
}

/// Where a piece of a file stands.
pub(super) fn part_place(file: uuid::Uuid, part: i32) -> Place {
    Place::and(file, u128::from(part.unsigned_abs()))
}

/// A piece as it is kept: a byte that says whether it is compressed, then the piece, sealed. Text is
/// compressed first, because what is sealed can no longer be; a workbook is compressed already.
pub(super) fn sealed_part(
    sealer: &Sealer,
    file: FileId,
    part: i32,
    piece: &[u8],
) -> Result<Vec<u8>, Error> {
    let mut packed = DeflateEncoder::new(vec![DEFLATED], Compression::fast());
    packed.write_all(piece)?;
    let mut packed = packed.finish()?;
    if piece.len() < packed.len() {
        packed = [&[PLAIN], piece].concat();
    }
    sealer.seal(What::Part, part_place(file.0, part), &packed)
}

fn opened_part(
    sealer: &Sealer,
    file: FileId,
    part: i32,
    sealed: &mut [u8],
) -> Result<Vec<u8>, Error> {
    let opened = sealer.open(What::Part, part_place(file.0, part), sealed)?;
    let damaged = || Error::DataDamaged(What::Part.label());
    let (how, rest) = opened.split_first().ok_or_else(damaged)?;
    let mut piece = Vec::with_capacity(PART_BYTES);
    match *how {
        PLAIN => piece.extend_from_slice(rest),
        _ => drop(DeflateDecoder::new(rest).take(PART_BYTES as u64).read_to_end(&mut piece)?),
    }
    Ok(piece)
}

pub(super) fn to_file(row: source_file::Model) -> Result<StoredFile, Error> {
    Ok(StoredFile {
        id: FileId(row.id),
        agency: AgencyCode::parse(&row.agency).map_err(Error::internal)?,
        name: row.name,
        status: FileStatus::from_code(&row.status)?,
        complete_list: row.complete_list,
        mapping: row.mapping.map(|it| serde_json::from_str(&it)).transpose()?,
        rows_done: row.rows_done.cast_unsigned(),
        counts: serde_json::from_str(&row.counts)?,
        received_at: row.received_at,
        source: row.source,
    })
}
