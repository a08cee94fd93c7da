//! Files sent by the GraphQL multipart request specification, streamed to disk within their limit.

use std::path::Path;
use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::web;
use async_graphql::{Request, UploadValue};
use futures_util::StreamExt;
use multer::{Constraints, Field, Multipart, SizeLimit};
use tempfile::NamedTempFile;
use tokio::io::AsyncWriteExt;
use tokio::sync::mpsc;

use super::graphql::{Asked, parse, too_slow};
use super::reply::Refusal;
use crate::app::App;
use crate::config::limits::Limits;
use crate::error::Error;

/// The largest part that is not a file, in bytes.
const PART_BYTES: u64 = 64 * 1024;

/// The file of a request, on disk until the request is over.
pub struct Incoming(NamedTempFile);

impl Incoming {
    /// Where it is.
    pub fn path(&self) -> &Path {
        self.0.path()
    }
}

/// Reads the request and its file. Nothing is written for somebody who may not send one.
pub async fn receive(
    app: &App,
    content_type: &str,
    payload: web::Payload,
) -> Result<(Request, Option<Incoming>), Refusal> {
    let (limit, limits) = (app.config.upload_bytes, &app.config.limits);
    let refusal = |it: &multer::Error| refusal(it, limits);
    let boundary = multer::parse_boundary(content_type).map_err(|it| refusal(&it))?;
    let sizes = SizeLimit::new()
        .whole_stream(limit.saturating_add(4 * PART_BYTES))
        .for_field("operations", PART_BYTES)
        .for_field("map", PART_BYTES)
        .per_field(limit);
    let constraints = Constraints::new().size_limit(sizes);
    let mut parts =
        Multipart::with_constraints(sendable(payload, limits.body_time), boundary, constraints);
    let mut operations = None;
    let mut places: Option<Vec<(String, String)>> = None;
    let mut file = None;
    while let Some(part) = parts.next_field().await.map_err(|it| refusal(&it))? {
        match part.name() {
            Some("operations") => {
                let body = part.bytes().await.map_err(|it| refusal(&it))?;
                match parse(&body, limits)? {
                    Asked::One(request) => operations = Some(*request),
                    Asked::Several(_) => {
                        return Err(Refusal::invalid("send one request with a file"));
                    }
                }
            }
            Some("map") => {
                let body = part.bytes().await.map_err(|it| refusal(&it))?;
                places = Some(read_map(&body)?);
            }
            Some(name) if file.is_none() && part.file_name().is_some() => {
                let name = name.to_owned();
                file = Some((name, save(app, part, limits).await?));
            }
            _ => return Err(Refusal::invalid("send operations, map and one file")),
        }
    }
    let mut request =
        operations.ok_or_else(|| Refusal::invalid("the part operations is missing"))?;
    let places = places.ok_or_else(|| Refusal::invalid("the part map is missing"))?;
    let Some((part, (filename, saved))) = file else {
        return Err(Refusal::invalid("the file is missing"));
    };
    for (name, place) in places {
        if name != part {
            return Err(Refusal::invalid("the map names a part that is not there"));
        }
        let content = saved.reopen().map_err(|it| Refusal::from(Error::from(it)))?;
        let value = UploadValue { filename: filename.clone(), content_type: None, content };
        request.set_upload(&place, value);
    }
    Ok((request, Some(Incoming(saved))))
}

/// Writes a part to disk as it comes.
async fn save(
    app: &App,
    mut part: Field<'_>,
    limits: &Limits,
) -> Result<(String, NamedTempFile), Refusal> {
    let filename = part.file_name().unwrap_or_default().to_owned();
    let failed = |error: std::io::Error| Refusal::from(Error::from(error));
    let directory = app.config.data_dir.join("incoming");
    tokio::fs::create_dir_all(&directory).await.map_err(failed)?;
    let saved = NamedTempFile::new_in(&directory).map_err(failed)?;
    let mut out = tokio::fs::File::from_std(saved.reopen().map_err(failed)?);
    while let Some(chunk) = part.chunk().await.map_err(|it| refusal(&it, limits))? {
        out.write_all(&chunk).await.map_err(failed)?;
    }
    out.flush().await.map_err(failed)?;
    Ok((filename, saved))
}

/// The map as pairs of part and place, such as `0` and `variables.file`.
fn read_map(body: &[u8]) -> Result<Vec<(String, String)>, Refusal> {
    let read: std::collections::BTreeMap<String, Vec<String>> = serde_json::from_slice(body)
        .map_err(|_| Refusal::invalid("the part map is not a map of lists"))?;
    let pairs = read.into_iter();
    Ok(pairs.flat_map(|(part, all)| all.into_iter().map(move |it| (part.clone(), it))).collect())
}

/// The body as a stream that may change threads; the reader sets the pace.
fn sendable(
    mut payload: web::Payload,
    patience: Duration,
) -> impl futures_util::Stream<Item = Result<web::Bytes, std::io::Error>> + Send + 'static {
    let (sender, receiver) = mpsc::channel(8);
    actix_web::rt::spawn(async move {
        loop {
            let chunk = match tokio::time::timeout(patience, payload.next()).await {
                Ok(None) => break,
                Ok(Some(chunk)) => chunk.map_err(std::io::Error::other),
                Err(_) => Err(std::io::ErrorKind::TimedOut.into()),
            };
            let last = chunk.is_err();
            if sender.send(chunk).await.is_err() || last {
                break;
            }
        }
    });
    futures_util::stream::unfold(receiver, |mut receiver| async move {
        receiver.recv().await.map(|it| (it, receiver))
    })
}

fn refusal(error: &multer::Error, limits: &Limits) -> Refusal {
    match error {
        multer::Error::StreamReadFailed(cause)
            if cause
                .downcast_ref::<std::io::Error>()
                .is_some_and(|it| it.kind() == std::io::ErrorKind::TimedOut) =>
        {
            too_slow(limits)
        }
        multer::Error::FieldSizeExceeded { .. } | multer::Error::StreamSizeExceeded { .. } => {
            let message = "the file is larger than the hub takes";
            Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, "FILE_REFUSED", message)
        }
        _ => Refusal::invalid("the multipart body cannot be read"),
    }
}
