//! One request, from its text to the answer that may leave: limits first, then execution, then the
//! evidence of what was read. Every transport goes through here.

use std::sync::Arc;
use std::time::Duration;

use async_graphql::parser::types::{DocumentOperations, OperationType};
use async_graphql::{Request, Response};
use domain::viewer::{Role, Viewer};
use futures_util::stream::{BoxStream, StreamExt};

use super::error::{code, complete, server_error};
use super::limits;
use super::loader::Loaders;
use super::schema::HubSchema;
use crate::app::App;
use crate::service::access::Ledger;

/// The longest a request may take.
const PATIENCE: Duration = Duration::from_secs(30);
/// A mutation may import or link a whole city.
const MUTATION_PATIENCE: Duration = Duration::from_secs(3_600);

/// What executes requests: shared by all transports.
#[derive(Clone)]
pub struct Executor {
    app: App,
    schema: HubSchema,
}

/// A request that has passed the limits.
pub struct Admitted {
    request: Request,
    /// What the chosen operation is.
    pub operation: OperationType,
    /// It asks for the schema itself.
    introspects: bool,
}

impl Executor {
    /// Executes for `app`.
    pub fn new(app: &App) -> Executor {
        Executor { app: app.clone(), schema: super::schema::build(app.clone()) }
    }

    /// Reads the document of a request within the limits, and finds its operation.
    ///
    /// The refusal is an answer to send as it is.
    pub fn admit(&self, mut request: Request) -> Result<Admitted, Box<Response>> {
        let refusal = |code, message: String| {
            Box::new(Response::from_errors(vec![server_error(code, message)]))
        };
        if let Err(reason) = limits::check(&request.query) {
            return Err(refusal(code::TOO_COMPLEX, reason));
        }
        let named = request.operation_name.clone();
        let document = match request.parsed_query() {
            Ok(document) => document,
            Err(error) => {
                let mut response = Response::from_errors(vec![error]);
                complete(&mut response);
                return Err(Box::new(response));
            }
        };
        if let Err(reason) = limits::check_roots(document) {
            return Err(refusal(code::TOO_COMPLEX, reason));
        }
        let introspects = limits::asks_root(document, &["__schema", "__type"]);
        let operation = match (&document.operations, named) {
            // Whether a given name fits is for the execution to say.
            (DocumentOperations::Single(it), _) => Some(it.node.ty),
            (DocumentOperations::Multiple(all), Some(name)) => {
                all.get(name.as_str()).map(|it| it.node.ty)
            }
            (DocumentOperations::Multiple(all), None) if all.len() == 1 => {
                all.values().next().map(|it| it.node.ty)
            }
            (DocumentOperations::Multiple(_), None) => None,
        };
        match operation {
            Some(operation) => Ok(Admitted { request, operation, introspects }),
            None => Err(refusal(
                code::INVALID_REQUEST,
                "operationName must name one of the operations".to_owned(),
            )),
        }
    }

    /// Executes a query or mutation for `viewer`. The answer is complete: what it shows is in the
    /// access log.
    pub async fn execute(&self, viewer: &Viewer, admitted: Admitted) -> Response {
        let patience = match admitted.operation {
            OperationType::Mutation => MUTATION_PATIENCE,
            _ => PATIENCE,
        };
        if admitted.introspects && self.keeps_schema(viewer) {
            let error = server_error("FORBIDDEN", "the public may not introspect the schema");
            return Response::from_errors(vec![error]);
        }
        let ledger = Arc::new(Ledger::default());
        let request = self.prepare(viewer, admitted, &ledger);
        let executed = tokio::time::timeout(patience, self.schema.execute(request)).await;
        let response = executed.unwrap_or_else(|_| {
            let error = server_error(code::TIMEOUT, "the request took too long");
            Response::from_errors(vec![error])
        });
        self.seal(viewer, &ledger, response).await
    }

    /// Executes a subscription for `viewer`; each answer is complete like that of a query.
    pub fn subscribe(&self, viewer: &Viewer, admitted: Admitted) -> BoxStream<'static, Response> {
        let ledger = Arc::new(Ledger::default());
        let request = self.prepare(viewer, admitted, &ledger);
        let answers = self.schema.execute_stream(request);
        let (this, viewer) = (self.clone(), viewer.clone());
        answers
            .then(move |response| {
                let (this, viewer, ledger) = (this.clone(), viewer.clone(), Arc::clone(&ledger));
                async move { this.seal(&viewer, &ledger, response).await }
            })
            .boxed()
    }

    /// Whether the schema is not told to `viewer`.
    fn keeps_schema(&self, viewer: &Viewer) -> bool {
        viewer.role == Role::Public && !self.app.config.graphiql
    }

    fn prepare(&self, viewer: &Viewer, admitted: Admitted, ledger: &Arc<Ledger>) -> Request {
        let request = admitted
            .request
            .data(viewer.clone())
            .data(Arc::clone(ledger))
            .data(Loaders::new(&self.app, viewer));
        if self.keeps_schema(viewer) { request.disable_introspection() } else { request }
    }

    /// Stores what was read before the answer leaves; without that, nothing leaves (law 9).
    async fn seal(&self, viewer: &Viewer, ledger: &Ledger, mut response: Response) -> Response {
        if let Err(error) = ledger.store(&self.app.store, viewer).await {
            let error = async_graphql::Error::from(error);
            let mut refusal = server_error("INTERNAL", error.message);
            refusal.extensions = error.extensions;
            return Response::from_errors(vec![refusal]);
        }
        complete(&mut response);
        response
    }
}
