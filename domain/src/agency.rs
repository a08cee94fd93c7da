//! Agencies: the offices and associations whose lists the hub takes.

use std::fmt;
use std::sync::Arc;

/// The short name of an agency in commands, tokens and tables, such as `kecamatan_kasemen`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AgencyCode(Arc<str>);

/// A text that cannot be an agency's code.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("an agency code is 2 to 40 lower-case letters, digits or underscores")]
pub struct AgencyCodeError;

impl AgencyCode {
    /// Reads a code of 2 to 40 lower-case letters, digits or underscores.
    pub fn parse(text: &str) -> Result<AgencyCode, AgencyCodeError> {
        let fits = (2..=40).contains(&text.len())
            && text.bytes().all(|it| it.is_ascii_lowercase() || it.is_ascii_digit() || it == b'_');
        if fits { Ok(AgencyCode(text.into())) } else { Err(AgencyCodeError) }
    }

    /// The code as written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for AgencyCode {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

/// What sort of sender an agency is; survivorship trusts a licence office more for a licence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AgencyKind {
    /// A city office (OPD), such as the trade office.
    Office,
    /// A sub-district office; its records lie in its kecamatan unless they say otherwise.
    Kecamatan,
    /// An association of entrepreneurs.
    Association,
}

/// One sender of lists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Agency {
    /// Its short name.
    pub code: AgencyCode,
    /// Its name in Indonesian, as on its letterhead.
    pub name: String,
    /// What sort of sender it is.
    pub kind: AgencyKind,
    /// The kecamatan it serves, for a sub-district office.
    pub kecamatan: Option<crate::place::KecamatanCode>,
}
