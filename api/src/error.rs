//! The one error of everything below the edge. Its `Display` is for the caller, its code is the
//! contract, its cause goes to the log and to nobody else.

use std::io::ErrorKind;

use domain::permission::Action;
use domain::viewer::Viewer;
use ingest::problem::Lang;
use sea_orm::error::{ConnAcquireErr, DbErr, RuntimeErr};
use sea_orm::sqlx;

pub mod catalogue;
pub mod indonesian;

/// Why a request could not be answered.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// An argument is not what it must be.
    #[error("{field}: {reason}")]
    InvalidInput {
        /// The argument.
        field: &'static str,
        /// What is wrong with it; never the value itself.
        reason: String,
    },
    /// No token, or one that does not hold.
    #[error("sign in: {0}")]
    Unauthenticated(&'static str),
    /// The client signs its requests, and this one is not signed as it must be.
    #[error("the request is not signed as it must be: {0}")]
    SignatureRefused(&'static str),
    /// The time that a signed request bears is too far from the hub's.
    #[error(
        "X-TIMESTAMP is more than {minutes} minutes away from the hub's clock, which reads {hub}"
    )]
    ClockOff {
        /// How far away it may be.
        minutes: u16,
        /// The hub's time, in UTC.
        hub: String,
    },
    /// A signed request that was taken before.
    #[error("this request was taken before: its X-EXTERNAL-ID of that day, or the very signature")]
    RequestReplayed,
    /// The account is closed to its bearer, by an administrator or because its time is over.
    #[error("this account is disabled")]
    AccountDisabled,
    /// The accounts have not been read for seconds, so nobody is taken for what she was.
    #[error("whether this token's bearer is still let in cannot be told now")]
    AccountsUnreadable,
    /// A token cannot be checked because its issuer does not answer.
    #[error("the OpenID provider does not answer, so the token cannot be checked")]
    ProviderUnreachable,
    /// The role may not do this.
    #[error("the role {role} may not {action}")]
    Forbidden {
        /// The caller's role.
        role: &'static str,
        /// What was asked, as a verb phrase.
        action: &'static str,
    },
    /// The role may do this, but the token is held to less.
    #[error("this token is not for the scope {0}")]
    InsufficientScope(&'static str),
    /// A filter, an order or a search by what the caller does not see whole: a few of them would tell it.
    #[error("{field}: you do not see this whole of everybody, so you cannot find or order by it")]
    Withheld {
        /// The argument.
        field: &'static str,
    },
    /// A purpose that the caller may not state.
    #[error("{0}")]
    PurposeRefused(&'static str),
    /// What was read could not be written down, so it is not told.
    #[error("the hub could not write this access down, so it does not answer")]
    EvidenceUnavailable,
    /// The access log is not what it was.
    #[error("entry {0} of the access log is not what it was: no checkpoint is signed")]
    EvidenceBroken(u64),
    /// No checkpoint signs this entry yet.
    #[error("the log of this answer is not signed yet")]
    NotSignedYet,
    /// The access log of a register is gone.
    #[error("evidence.sqlite is not beside tunggal.sqlite: put it back from the same backup")]
    EvidenceMissing,
    /// Nothing of that noun has the id, or the caller may not know that it does.
    #[error("no {noun} has this id")]
    NotFound {
        /// What was looked for.
        noun: &'static str,
    },
    /// A file that cannot be taken.
    #[error("{0}")]
    FileRefused(#[from] ingest::file::Refusal),
    /// A financing programme that there is not.
    #[error("there is no financing programme of this name; `programmes` lists them")]
    UnknownProgramme,
    /// A cursor that another question, or somebody else, was given.
    #[error("this cursor was given to another question or to somebody else")]
    CursorForeign,
    /// A cursor of a feed that cannot be gone on from: its key is gone, or the register is of an earlier day.
    #[error("this feed cannot be gone on with from this cursor")]
    CursorStale,
    /// Files of financing programmes that do not hold together: each mistake with its place.
    #[error("the files of financing programmes cannot be used:\n{0}")]
    ProgrammesMalformed(String),
    /// The state of things does not allow it now.
    #[error("{0}")]
    Conflict(String),
    /// A model was previewed on another state of the register, or never.
    #[error(
        "the register has changed since this model was previewed, so the preview no longer holds"
    )]
    StalePreview,
    /// Rows were erased for good, and the key that knows them again is not here.
    #[error(
        "the key of what was erased is missing: copy tombstone-key into the data directory before lists are \
         taken"
    )]
    TombstoneKeyMissing,
    /// Another import or link run is at work.
    #[error("another import or link run is at work; try again when it has finished")]
    Busy,
    /// The database has no connection free in time.
    #[error("the hub is at its capacity")]
    Overloaded,
    /// The database ended a statement that took longer than its request may.
    #[error("the request took too long")]
    TookTooLong,
    /// There is no room left where the register or a temporary file is kept.
    #[error("there is no room left on the disk of the hub")]
    StorageFull,
    /// The connection to the database broke, or there is none to be had.
    #[error("the register cannot be reached just now")]
    Unavailable(#[source] DbErr),
    /// The database was made by a newer version.
    #[error(
        "the database is of a newer version of Tunggal (it knows the change {0}, this program does not): \
         run that version or a later one"
    )]
    NewerSchema(String),
    /// The database does not answer.
    #[error("the database cannot be opened: {0}")]
    DatabaseUnreachable(String),
    /// The ring of data keys is not there, or is not one.
    #[error("the ring of data keys cannot be used: {0}")]
    DataKeysUnreadable(&'static str),
    /// Something was sealed with a key that is not in the ring.
    #[error("data was sealed with key {0}, which is not in the ring of data keys")]
    DataKeyMissing(u32),
    /// The ring has another key under a version that the register knows; 0 is the one of ids.
    #[error(
        "key {0} of the ring of data keys is not the one of this register (0 is the key of ids)"
    )]
    DataKeyWrong(u32),
    /// A sealed value does not open: it was changed, or it was moved from another row.
    #[error("a sealed value is not what was written there ({0})")]
    DataDamaged(&'static str),
    /// Something of ours failed.
    #[error("the hub could not finish this request")]
    Internal(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl Error {
    /// The stable code of the error in `extensions.code`.
    pub fn code(&self) -> &'static str {
        match self {
            Error::InvalidInput { .. } => "INVALID_INPUT",
            Error::Unauthenticated(_) => "UNAUTHENTICATED",
            Error::SignatureRefused(_) => "SIGNATURE_REFUSED",
            Error::ClockOff { .. } => "CLOCK_OFF",
            Error::RequestReplayed => "REQUEST_REPLAYED",
            Error::AccountDisabled => "ACCOUNT_DISABLED",
            Error::AccountsUnreadable => "ACCOUNTS_UNREADABLE",
            Error::ProviderUnreachable => "PROVIDER_UNREACHABLE",
            Error::Forbidden { .. } => "FORBIDDEN",
            Error::InsufficientScope(_) => "INSUFFICIENT_SCOPE",
            Error::Withheld { .. } => "WITHHELD",
            Error::PurposeRefused(_) => "PURPOSE_REFUSED",
            Error::EvidenceUnavailable => "EVIDENCE_UNAVAILABLE",
            Error::EvidenceBroken(_) => "EVIDENCE_BROKEN",
            Error::NotSignedYet => "NOT_SIGNED_YET",
            Error::EvidenceMissing => "EVIDENCE_MISSING",
            Error::NotFound { .. } => "NOT_FOUND",
            Error::FileRefused(_) => "FILE_REFUSED",
            Error::UnknownProgramme => "UNKNOWN_PROGRAMME",
            Error::CursorForeign => "CURSOR_FOREIGN",
            Error::CursorStale => "CURSOR_STALE",
            Error::ProgrammesMalformed(_) => "PROGRAMMES_MALFORMED",
            Error::Conflict(_) => "CONFLICT",
            Error::StalePreview => "PREVIEW_STALE",
            Error::TombstoneKeyMissing => "TOMBSTONE_KEY_MISSING",
            Error::Busy => "BUSY",
            Error::Overloaded => "OVERLOADED",
            Error::TookTooLong => "TIMEOUT",
            Error::StorageFull => "STORAGE_FULL",
            Error::Unavailable(_) => "UNAVAILABLE",
            Error::NewerSchema(_) => "NEWER_SCHEMA",
            Error::DatabaseUnreachable(_) => "DATABASE_UNREACHABLE",
            Error::DataKeysUnreadable(_) => "DATA_KEYS_UNREADABLE",
            Error::DataKeyMissing(_) => "DATA_KEY_MISSING",
            Error::DataKeyWrong(_) => "DATA_KEY_WRONG",
            Error::DataDamaged(_) => "DATA_DAMAGED",
            Error::Internal(_) => "INTERNAL",
        }
    }

    /// What the error says beyond its code in `lang`, and its remedy, where they are told more exactly than
    /// by the catalogue.
    pub fn told(&self, lang: Lang) -> Option<(String, Option<&'static str>)> {
        match (self, lang) {
            (Error::FileRefused(refusal), _) => {
                Some((refusal.message(lang), Some(refusal.remedy(lang))))
            }
            (Error::InvalidInput { field, .. }, Lang::Indonesian) => {
                Some((format!("Isian tidak benar: {field}"), None))
            }
            (Error::PurposeRefused(why), Lang::Indonesian) => {
                indonesian::said(why).map(|it| (it, None))
            }
            _ => None,
        }
    }

    /// Wraps a failure that is not the caller's fault.
    pub fn internal(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
        Error::Internal(cause.into())
    }

    /// Why `viewer` may not do `action`.
    pub fn forbidden(viewer: &Viewer, action: Action) -> Error {
        if viewer.role_may(action) {
            return Error::InsufficientScope(action.scope());
        }
        Error::Forbidden { role: viewer.role.code(), action: action.phrase() }
    }

    /// An argument that is not what it must be.
    pub fn invalid(field: &'static str, reason: impl Into<String>) -> Error {
        Error::InvalidInput { field, reason: reason.into() }
    }
}

impl From<DbErr> for Error {
    fn from(cause: DbErr) -> Error {
        match cause {
            DbErr::ConnectionAcquire(ConnAcquireErr::Timeout) => Error::Overloaded,
            cause => match trouble(&cause) {
                Some(Trouble::Ended) => Error::TookTooLong,
                Some(Trouble::Full) => Error::StorageFull,
                Some(Trouble::Away) => Error::Unavailable(cause),
                None => Error::internal(cause),
            },
        }
    }
}

/// What befell a statement that may well succeed another time.
enum Trouble {
    /// It was ended, because it took too long.
    Ended,
    /// There is no room left.
    Full,
    /// The database went away.
    Away,
}

fn trouble(cause: &DbErr) -> Option<Trouble> {
    let (DbErr::Conn(it) | DbErr::Exec(it) | DbErr::Query(it)) = cause else { return None };
    let RuntimeErr::SqlxError(cause) = it else { return None };
    match &**cause {
        sqlx::Error::Io(it) if it.kind() == ErrorKind::StorageFull => Some(Trouble::Full),
        sqlx::Error::Io(_)
        | sqlx::Error::PoolClosed
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::WorkerCrashed => Some(Trouble::Away),
        // PostgreSQL 15, appendix A: query_canceled; connection exceptions; shut down, crashed, starting.
        sqlx::Error::Database(told) => match told.code()?.as_ref() {
            "57014" => Some(Trouble::Ended),
            // disk_full; SQLITE_FULL.
            "53100" | "13" => Some(Trouble::Full),
            "57P01" | "57P02" | "57P03" => Some(Trouble::Away),
            code if code.starts_with("08") => Some(Trouble::Away),
            _ => None,
        },
        _ => None,
    }
}

impl From<std::io::Error> for Error {
    fn from(cause: std::io::Error) -> Error {
        match cause.kind() {
            ErrorKind::StorageFull => Error::StorageFull,
            _ => Error::internal(cause),
        }
    }
}

impl From<serde_json::Error> for Error {
    fn from(cause: serde_json::Error) -> Error {
        Error::internal(cause)
    }
}
