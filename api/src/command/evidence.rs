//! What a command reads past the roles is written down too, before anything of it leaves.

use evidence::entry::EVERYONE;
use evidence::{Act, Outcome, Read};
use uuid::Uuid;

use crate::clock;
use crate::error::Error;
use crate::service::access::plain;
use crate::store::Store;

/// Writes down that whoever runs the program reads these fields of `whose`; of everyone when nobody is named.
///
/// The name is that of the account on the machine, as its environment gives it.
pub async fn record(
    store: &Store,
    operation: &str,
    fields: &[&str],
    whose: Vec<String>,
) -> Result<(), Error> {
    let by_right =
        ["subjectReport", "rightsRequests", "askRight", "settleRight", "liftRestriction"];
    let purpose = if by_right.contains(&operation) { "subject_request" } else { "administration" };
    let mut fields: Vec<String> = fields.iter().map(|it| (*it).to_owned()).collect();
    fields.sort();
    let act = Act {
        request: Uuid::new_v4().simple().to_string(),
        subject: subject(),
        role: "command_line".to_owned(),
        agency: String::new(),
        institution: String::new(),
        client: String::new(),
        purpose: purpose.to_owned(),
        reason: String::new(),
        operation: operation.to_owned(),
        rights: String::new(),
        outcome: Outcome::Allowed,
        receipt: String::new(),
        reads: vec![Read {
            shown: true,
            fields,
            whose: if whose.is_empty() { vec![EVERYONE.to_owned()] } else { whose },
        }],
    };
    store.append_acts(vec![act], clock::now().timestamp_millis(), None).await?;
    Ok(())
}

/// Whoever runs the program, as the log names her.
pub fn subject() -> String {
    let user = super::environment("USER").or_else(|| super::environment("LOGNAME"));
    format!("cli:{}", plain(user.as_deref().unwrap_or("unknown"), 100))
}
