//! `tunggal token`.

use chrono::TimeDelta;
use domain::agency::AgencyCode;
use domain::id::RecordId;
use domain::viewer::{Role, Viewer};

use crate::app::App;
use crate::auth::Keys;
use crate::auth::keys::LONGEST;
use crate::config::Config;
use crate::error::Error;

/// How long a token from the command line holds.
const LIFETIME: TimeDelta = LONGEST;

/// Prints a token and nothing else. The database is not touched.
///
/// Fails when the hub takes no tokens of its own, and for an institution that nobody has.
pub fn run(
    config: Config,
    role: Role,
    agency: Option<AgencyCode>,
    institution: Option<String>,
    person: Option<RecordId>,
    subject: Option<String>,
) -> Result<(), Error> {
    if !config.embedded_issuer {
        return Err(Error::Conflict(
            "embedded_issuer is turned off: tokens come from the OpenID provider".to_owned(),
        ));
    }
    if let Some(institution) = &institution {
        config.institutions.require(institution)?;
    }
    let keys = Keys::load_or_create(&config.data_dir)?;
    let subject = subject.unwrap_or_else(|| format!("{}@cli", role.code()));
    let viewer = Viewer { subject, role, agency, institution, person, ..Viewer::public() };
    super::print_line(&keys.issue(&viewer, LIFETIME)?)
}

/// Somebody in `role`, with the agency or institution such a role has in the sample city.
fn viewer(role: Role) -> Viewer {
    let agency = match role {
        Role::AgencyOperator | Role::AgencyViewer => AgencyCode::parse("disperindakop").ok(),
        _ => None,
    };
    let institution = match role {
        Role::Lender => Some("bjb".to_owned()),
        Role::CentralBank => Some("bank-indonesia".to_owned()),
        _ => None,
    };
    let subject = format!("{}@demo", role.code());
    Viewer { subject, role, agency, institution, ..Viewer::public() }
}

/// A token for somebody in `role` of the sample city; for an owner, if there is a person yet.
pub async fn sample(app: &App, role: Role) -> Result<Option<String>, Error> {
    let mut viewer = viewer(role);
    if role == Role::Owner {
        viewer.person = app.store.some_person().await?;
        if viewer.person.is_none() {
            return Ok(None);
        }
    }
    app.keys.issue(&viewer, LIFETIME).map(Some)
}
