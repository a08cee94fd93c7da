//! Lists as files, in parts: what a viewer finds, cut and written down as on every other path.
//!
//! A part is whole before it leaves, and its entry durable: a refusal has a code and no file breaks off in the
//! middle. What ends meanwhile, a consent or an account, ends the next part.

pub mod enterprises;
pub mod financing;
mod making;
pub mod map;
mod metadata;
pub mod national;
mod profile;

use std::sync::Arc;

use domain::permission::Action;
use domain::purpose::reading_as;
use domain::viewer::Viewer;
use evidence::{Hash, Receipt};
use making::{Made, Making};
pub use metadata::{About, metadata};

use crate::app::App;
use crate::error::Error;
use crate::service::access::{Ledger, Stated};

/// Rows of a part unless somebody says otherwise.
pub const USUAL: u64 = 10_000;
/// Rows of a part at most. A part takes well below a second, so that what ends meanwhile ends as soon.
pub const MOST: u64 = 20_000;
/// Rows looked up together.
const BLOCK: u64 = 2_000;

/// A part of a list, as a file.
#[derive(Debug)]
pub struct Part {
    /// The file.
    pub bytes: Vec<u8>,
    /// Behind which cursor the next part begins; none when this is the last.
    pub next: Option<String>,
    /// How many rows it has.
    pub rows: usize,
    /// How many that were looked at belong in the other file of a national form.
    pub left_out: usize,
    /// What shows that the hub gave it, with the place of its entry.
    pub receipt: Option<(u64, Receipt)>,
}

/// A file with everything that was read in it, or about to be, and behind which cursor the next begins.
type Filled = (Making, Option<String>);

/// How many rows a part may have.
///
/// Fails with [`Error::InvalidInput`] on none, and on more than [`MOST`].
pub fn limit(asked: Option<u64>) -> Result<u64, Error> {
    match asked.unwrap_or(USUAL) {
        it @ 1..=MOST => Ok(it),
        _ => Err(Error::invalid("limit", format!("must be from 1 to {MOST}"))),
    }
}

/// What is read for a part, and as whom.
struct Reading {
    ledger: Arc<Ledger>,
    reads_as: Viewer,
    allowed: Result<(), Error>,
}

impl Reading {
    fn begin(viewer: &Viewer, stated: Stated, operation: &'static str) -> Reading {
        let stated_well = stated.check(false);
        let reads_as = reading_as(viewer, stated.purpose);
        let ledger = Arc::new(Ledger::new(stated));
        ledger.operation(operation, Action::ReadEnterprises);
        let allowed = stated_well.and_then(|()| match reads_as.may(Action::ReadEnterprises) {
            true => Ok(()),
            false => Err(Error::forbidden(viewer, Action::ReadEnterprises)),
        });
        Reading { ledger, reads_as, allowed }
    }

    /// Ends the part that was filled. Whatever keeps it from being made is an entry.
    async fn finish(
        self,
        app: &App,
        viewer: &Viewer,
        filled: Result<Filled, Error>,
    ) -> Result<Part, Error> {
        let ledger = self.ledger;
        let (making, next) = match filled {
            Ok(filled) => filled,
            Err(error) => {
                ledger.refuse();
                ledger.seal(&app.evidence, viewer, true).await?;
                return Err(error);
            }
        };
        let Made { bytes, rows, left_out } = making.end().await?;
        let receipt = ledger.seal_with_receipt(app, viewer, Hash::of(&[&bytes])).await?;
        Ok(Part { bytes, next, rows, left_out, receipt })
    }
}
