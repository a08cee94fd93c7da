//! What a command reads past the roles is written down too, before anything of it leaves.

use evidence::entry::EVERYONE;
use evidence::{Act, Outcome, Read};
use uuid::Uuid;

use crate::clock;
use crate::error::Error;
use crate::service::access::plain;
use crate::store::Store;

/// Writes down that whoever runs the program reads these fields of `whose`; of everyone when `None`.
///
/// The name is that of the account on the machine, as its environment gives it.
pub async fn record(
    store: &Store,
    operation: &str,
    fields: &[&str],
    whose: Option<String>,
) -> Result<(), Error> {
    let purpose = if operation == "subjectReport" { "subject_request" } else { "administration" };
    let user = super::environment("USER").or_else(|| super::environment("LOGNAME"));
    let mut fields: Vec<String> = fields.iter().map(|it| (*it).to_owned()).collect();
    fields.sort();
    let act = Act {
        request: Uuid::new_v4().simple().to_string(),
        subject: format!("cli:{}", plain(user.as_deref().unwrap_or("unknown"), 100)),
        role: "command_line".to_owned(),
        agency: String::new(),
        institution: String::new(),
        client: String::new(),
        purpose: purpose.to_owned(),
        reason: String::new(),
        operation: operation.to_owned(),
        rights: String::new(),
        outcome: Outcome::Allowed,
        reads: vec![Read {
            shown: true,
            fields,
            whose: vec![whose.unwrap_or_else(|| EVERYONE.to_owned())],
        }],
    };
    store.append_acts(vec![act], clock::now().timestamp_millis(), None).await?;
    Ok(())
}
