//! Ids: one newtype per noun, each written with its own prefix so that a wrong one is refused.

use std::fmt;
use std::str::FromStr;

use uuid::Uuid;

/// A text that is not an id of the expected noun.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("must be {prefix}_ and the 32 hexadecimal digits of an id")]
pub struct IdError {
    /// The prefix the id should have had, such as `ent`.
    pub prefix: &'static str,
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $prefix:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(pub Uuid);

        impl $name {
            /// What the written form begins with, before the underscore.
            pub const PREFIX: &'static str = $prefix;
        }

        impl fmt::Display for $name {
            fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(out, "{}_{}", $prefix, self.0.simple())
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                let error = IdError { prefix: $prefix };
                let hex = text.strip_prefix(concat!($prefix, "_")).ok_or(error.clone())?;
                if hex.len() != 32 {
                    return Err(error);
                }
                Uuid::try_parse(hex).map(Self).map_err(|_| error)
            }
        }
    };
}

id!(
    /// One enterprise, for ever: a retired id redirects to its heir and is never given again.
    EnterpriseId, "ent"
);
id!(
    /// One person named as the owner of enterprises.
    OwnerId, "own"
);
id!(
    /// One row of an agency's list, through all its versions.
    RecordId, "rec"
);
id!(
    /// One file as an agency sent it.
    FileId, "fil"
);
id!(
    /// What a steward said.
    DecisionId, "dec"
);
id!(
    /// What an owner agreed to.
    ConsentId, "con"
);
id!(
    /// What a person asked for by right.
    RequestId, "req"
);
id!(
    /// One message that there are changes, the same at each attempt.
    MessageId, "msg"
);
id!(
    /// One run of the linkage engine.
    RunId, "run"
);
id!(
    /// One frozen set of linkage parameters.
    ModelId, "mdl"
);

/// The name space under which ids are derived from what they name, so that the same input gives the
/// same ids on every machine.
pub const NAMESPACE: Uuid = Uuid::from_u128(0x7b1c_52f4_9d0e_4a6b_8f33_3673_0000_0001);

impl FileId {
    /// The id of a file by its sender and the SHA-256 of its bytes: the same file again is the same id.
    pub fn of_content(agency: &crate::agency::AgencyCode, sha256: &[u8; 32]) -> FileId {
        let mut name = agency.as_str().as_bytes().to_vec();
        name.push(0);
        name.extend_from_slice(sha256);
        FileId(Uuid::new_v5(&NAMESPACE, &name))
    }
}

impl RecordId {
    /// The id of the row that `key` names within `agency`: the same row in the next file is the same id.
    pub fn of_row(agency: &crate::agency::AgencyCode, key: &str) -> RecordId {
        RecordId(Uuid::new_v5(&NAMESPACE, format!("{agency}\0{key}").as_bytes()))
    }
}

impl EnterpriseId {
    /// The `attempt`-th id, from 0, that an enterprise can get from `record` when none of its records
    /// brings an id along.
    pub fn minted_from(record: RecordId, attempt: u32) -> EnterpriseId {
        EnterpriseId(Uuid::new_v5(&record.0, format!("enterprise {attempt}").as_bytes()))
    }
}

impl OwnerId {
    /// The `attempt`-th id, from 0, that an owner can get from `record` when none of the records that
    /// name that person brings an id along.
    pub fn minted_from(record: RecordId, attempt: u32) -> OwnerId {
        OwnerId(Uuid::new_v5(&record.0, format!("owner {attempt}").as_bytes()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_reads_back_and_another_noun_is_refused() {
        let id = EnterpriseId(Uuid::from_u128(7));
        assert_eq!(id.to_string().parse(), Ok(id));
        assert_eq!(id.to_string().parse::<OwnerId>(), Err(IdError { prefix: "own" }));
        assert!("ent_12".parse::<EnterpriseId>().is_err());
    }
}
