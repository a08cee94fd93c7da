//! SQLite files, opened for reading alone.

use std::path::PathBuf;
use std::time::Duration;

use rusqlite::types::ValueRef;
use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::{Fault, FaultKind, Line, Sent};

pub(super) async fn rows(
    path: PathBuf,
    sql: String,
    patience: Duration,
    line: Line,
) -> Result<(), Fault> {
    let read = move || read(&path, &sql, patience, &line);
    tokio::task::spawn_blocking(read).await.map_err(|_| Fault::of(FaultKind::Hub))?
}

fn read(path: &std::path::Path, sql: &str, patience: Duration, line: &Line) -> Result<(), Fault> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let file = Connection::open_with_flags(path, flags).map_err(|it| fault(&it))?;
    file.busy_timeout(patience).map_err(|it| fault(&it))?;
    file.pragma_update(None, "query_only", true).map_err(|it| fault(&it))?;
    let mut statement = file.prepare(sql).map_err(|it| fault(&it))?;
    let names: Vec<String> = statement.column_names().iter().map(|it| (*it).to_owned()).collect();
    let width = names.len();
    let mut rows = statement.query([]).map_err(|it| fault(&it))?;
    if line.0.blocking_send(Sent::Columns(names)).is_err() {
        return Ok(());
    }
    let mut batch = line.batch();
    loop {
        let row = match rows.next() {
            Ok(Some(row)) => row,
            ended => {
                let gone = batch.send_blocking().is_err();
                return match ended {
                    Err(error) if !gone => Err(fault(&error)),
                    _ => Ok(()),
                };
            }
        };
        let cells = (0..width).map(|at| row.get_ref(at).map(text)).collect::<Result<Vec<_>, _>>();
        if batch.add(cells.map_err(|it| fault(&it))?) && batch.send_blocking().is_err() {
            return Ok(());
        }
    }
}

fn text(value: ValueRef<'_>) -> String {
    match value {
        ValueRef::Null => String::new(),
        ValueRef::Integer(it) => it.to_string(),
        ValueRef::Real(it) => it.to_string(),
        ValueRef::Text(it) | ValueRef::Blob(it) => String::from_utf8_lossy(it).into_owned(),
    }
}

fn fault(error: &rusqlite::Error) -> Fault {
    match error.sqlite_error_code() {
        Some(ErrorCode::CannotOpen) => Fault::of(FaultKind::Unreachable),
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Fault::of(FaultKind::TimedOut),
        Some(ErrorCode::PermissionDenied | ErrorCode::NotADatabase) => {
            Fault::of(FaultKind::Refused)
        }
        Some(ErrorCode::SystemIoFailure | ErrorCode::DatabaseCorrupt) => Fault::of(FaultKind::Cut),
        _ => Fault::of(FaultKind::QueryRefused),
    }
}
