//! The GraphQL edge. A resolver converts its arguments, calls one service and converts the answer;
//! who may see what is decided below it.

use std::fmt::Display;
use std::sync::Arc;

use async_graphql::{Context, ID};
use domain::permission::Action;
use domain::viewer::Viewer;

use crate::app::App;
use crate::error::Error;
use crate::service::access::{Ledger, Whose};

pub mod capacity;
pub mod cost;
pub mod declared;
pub mod documents;
pub mod error;
pub mod execute;
pub mod limits;
pub mod loader;
pub mod mutation;
pub mod object;
pub mod page;
mod parsed;
pub mod query;
pub mod scalar;
pub mod schema;
pub mod subgraph;
pub mod subscription;

/// What every resolver has at hand.
pub(crate) trait Ask {
    /// The running hub.
    fn app(&self) -> &App;
    /// Who asks.
    fn viewer(&self) -> &Viewer;
    /// What this request has read so far.
    fn ledger(&self) -> &Arc<Ledger>;

    /// An id as the answer writes it, of which the ledger then knows: who is named is read, too.
    fn named<Id: Copy + Display + Into<Whose>>(&self, id: Id) -> ID {
        self.ledger().read(id, "id", true);
        ID(id.to_string())
    }

    /// Notes that the request does `operation`, and refuses it unless the role may.
    fn permit(&self, action: Action, operation: &'static str) -> Result<(), Error> {
        let viewer = self.viewer();
        self.ledger().operation(operation, action);
        if viewer.may(action) {
            return Ok(());
        }
        self.ledger().refuse();
        Err(Error::forbidden(viewer, action))
    }
}

impl Ask for Context<'_> {
    fn app(&self) -> &App {
        self.data_unchecked::<App>()
    }

    fn viewer(&self) -> &Viewer {
        self.data_unchecked::<Viewer>()
    }

    fn ledger(&self) -> &Arc<Ledger> {
        self.data_unchecked::<Arc<Ledger>>()
    }
}

/// The type of a nullable field that can fail: a failure gives null and an error with the whole path,
/// and its siblings stay.
pub(crate) type Soft<T> = Option<async_graphql::Result<T>>;

/// An answer that may be absent or fail, as a nullable field.
pub(crate) fn soft<T>(answer: Result<Option<T>, Error>) -> Soft<T> {
    answer.map_err(async_graphql::Error::from).transpose()
}

/// An answer that may fail, as a nullable field.
pub(crate) fn some<T>(answer: Result<T, Error>) -> Soft<T> {
    Some(answer.map_err(async_graphql::Error::from))
}
