//! One request, from its text to the answer that may leave: limits first, then execution, then the
//! evidence of what was read. Every transport goes through here.

use std::sync::{Arc, OnceLock};

use async_graphql::parser::types::OperationType;
use async_graphql::{Request, Response, Value};
use domain::purpose::reading_as;
use domain::viewer::Viewer;
use evidence::receipt::digest_of;
use futures_util::stream::{BoxStream, StreamExt};
use serde_json::json;
use tracing::Instrument;

use super::capacity::Capacity;
use super::cost;
use super::documents::Documents;
use super::error::{code, code_of, complete, server_error};
use super::limits::Excess;
use super::loader::Loaders;
use super::parsed;
use super::schema::HubSchema;
use crate::app::App;
use crate::config::limits::Class;
use crate::error::Error;
use crate::service::access::{Ledger, Stated};

/// What executes requests: shared by all transports.
#[derive(Clone)]
pub struct Executor {
    app: App,
    schema: HubSchema,
    /// Made when it is first asked for.
    telling_cost: Arc<OnceLock<HubSchema>>,
    capacity: Capacity,
    documents: Arc<Documents>,
    reader: Arc<parsed::Reader>,
}

/// A request that has passed the limits.
pub struct Admitted {
    request: Request,
    /// What the chosen operation is.
    pub operation: OperationType,
    /// It asks for the schema itself.
    introspects: bool,
    /// It names a person by her number, which belongs in no address.
    pub names_person: bool,
    tells_cost: bool,
    /// It asks for a receipt of its answer.
    wants_receipt: bool,
}

impl Executor {
    /// Executes for `app`.
    pub fn new(app: &App) -> Executor {
        Executor {
            schema: super::schema::build(app.clone()),
            telling_cost: Arc::default(),
            capacity: Capacity::new(&app.config.limits),
            documents: Arc::new(Documents::new(&app.config)),
            reader: Arc::new(parsed::Reader::new(app.config.limits.document)),
            app: app.clone(),
        }
    }

    /// Finds the document of a request of `viewer`, reads it within the limits, and finds its operation.
    ///
    /// The refusal is an answer to send as it is.
    pub fn admit(&self, viewer: &Viewer, mut request: Request) -> Result<Admitted, Box<Response>> {
        let registration = self.documents.resolve(viewer, &mut request).map_err(parsed::refusal)?;
        let parsed = self.reader.read(&request.query)?;
        if let Some(registration) = registration {
            self.documents.keep(registration, &request.query);
        }
        let tells_cost = cost::is_asked(&request);
        let wants_receipt = request.extensions.get("receipt") == Some(&Value::Boolean(true));
        let operation = parsed.operation(request.operation_name.as_deref()).ok_or_else(|| {
            let message = "operationName must name one of the operations".to_owned();
            parsed::refusal(Excess { code: code::INVALID_REQUEST, message })
        })?;
        request.set_parsed_query(parsed.document.clone());
        Ok(Admitted {
            request,
            operation,
            introspects: parsed.introspects,
            names_person: parsed.names_person,
            tells_cost,
            wants_receipt,
        })
    }

    /// Executes a query or mutation for `viewer`, once there is a place for it. The answer is complete: what
    /// it shows is in the access log, with what the data was stated to be for.
    pub async fn execute(&self, viewer: &Viewer, stated: Stated, admitted: Admitted) -> Response {
        let span = tracing::info_span!("request", request_id = stated.request);
        self.placed(viewer, stated, admitted).instrument(span).await
    }

    async fn placed(&self, viewer: &Viewer, stated: Stated, admitted: Admitted) -> Response {
        let changes = admitted.operation == OperationType::Mutation;
        let Some(_place) = self.capacity.place(Class::of(viewer.role, changes)).await else {
            let error = server_error(code::OVERLOADED, "the hub is at its capacity");
            return Response::from_errors(vec![error]);
        };
        let limits = &self.app.config.limits;
        let patience = if changes { limits.mutation_time } else { limits.request_time };
        if admitted.introspects && self.keeps_schema(viewer) {
            let error = server_error("FORBIDDEN", "your role may not introspect the schema");
            return Response::from_errors(vec![error]);
        }
        let allowed = stated.check(admitted.operation == OperationType::Query);
        let reads_as = reading_as(viewer, stated.purpose);
        let ledger = Arc::new(Ledger::new(stated));
        if let Err(error) = allowed {
            return self.refuse_purpose(viewer, &ledger, error).await;
        }
        let (schema, wants_receipt) = (self.schema_for(&admitted), admitted.wants_receipt);
        let request = self.prepare(&reads_as, admitted, &ledger);
        match tokio::time::timeout(patience, schema.execute(request)).await {
            Ok(response) if wants_receipt => {
                self.seal_with_receipt(viewer, &ledger, response).await
            }
            Ok(response) => self.seal(viewer, &ledger, response, true).await,
            Err(_) => {
                let error = server_error(code::TIMEOUT, "the request took too long");
                self.seal(viewer, &ledger, Response::from_errors(vec![error]), false).await
            }
        }
    }

    fn schema_for(&self, admitted: &Admitted) -> &HubSchema {
        if !admitted.tells_cost {
            return &self.schema;
        }
        self.telling_cost.get_or_init(|| super::schema::build_telling_cost(self.app.clone()))
    }

    async fn refuse_purpose(&self, viewer: &Viewer, ledger: &Ledger, error: Error) -> Response {
        ledger.refuse_as("purpose");
        self.seal(viewer, ledger, refusal(error), true).await
    }

    /// Executes a subscription for `viewer`; each answer is complete like that of a query.
    pub fn subscribe(
        &self,
        viewer: &Viewer,
        stated: Stated,
        admitted: Admitted,
    ) -> BoxStream<'static, Response> {
        let allowed = stated.check(false);
        let reads_as = reading_as(viewer, stated.purpose);
        let ledger = Arc::new(Ledger::new(stated));
        let (this, viewer) = (self.clone(), reads_as);
        if let Err(error) = allowed {
            let refused = async move { this.refuse_purpose(&viewer, &ledger, error).await };
            return futures_util::stream::once(refused).boxed();
        }
        let Some(subscribed) = this.capacity.subscribe(&viewer) else {
            let message = "this client has too many subscriptions open";
            let error = server_error(code::TOO_MANY_SUBSCRIPTIONS, message);
            let refused = std::future::ready(Response::from_errors(vec![error]));
            return futures_util::stream::once(refused).boxed();
        };
        let reads_as = reading_as(&viewer, ledger.purpose());
        let answers = self.schema.execute_stream(self.prepare(&reads_as, admitted, &ledger));
        answers
            .then(move |response| {
                // Open as long as this stream is.
                let _open = &subscribed;
                let (this, viewer, ledger) = (this.clone(), viewer.clone(), Arc::clone(&ledger));
                async move { this.seal(&viewer, &ledger, response, true).await }
            })
            .boxed()
    }

    /// Whether the schema is not told to `viewer`.
    fn keeps_schema(&self, viewer: &Viewer) -> bool {
        let config = &self.app.config;
        !config.graphiql && !config.introspection.contains(&viewer.role)
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
    async fn seal(
        &self,
        viewer: &Viewer,
        ledger: &Ledger,
        response: Response,
        answered: bool,
    ) -> Response {
        note_refusals(ledger, &response);
        if let Err(error) = ledger.seal(&self.app.evidence, viewer, answered).await {
            return refusal(error);
        }
        self.finished(response)
    }

    /// As [`Executor::seal`], with a receipt in the answer's extensions; null where nothing of persons was asked.
    async fn seal_with_receipt(
        &self,
        viewer: &Viewer,
        ledger: &Ledger,
        response: Response,
    ) -> Response {
        note_refusals(ledger, &response);
        let given = async {
            let data = response.data.clone().into_json()?;
            let digest = digest_of(&data);
            let given = ledger.seal_with_receipt(&self.app, viewer, digest).await?;
            let given = given
                .map(|(entry, receipt)| json!({ "entry": entry.to_string(), "receipt": receipt }));
            Ok::<_, Error>(Value::from_json(given.unwrap_or_default())?)
        };
        match given.await {
            Ok(given) => self.finished(response.extension("receipt", given)),
            Err(error) => refusal(error),
        }
    }

    fn finished(&self, mut response: Response) -> Response {
        complete(&mut response);
        if self.app.config.sandbox {
            response.extensions.insert("synthetic".to_owned(), Value::Boolean(true));
        }
        response
    }
}

/// Also what a service refused, below the resolvers.
fn note_refusals(ledger: &Ledger, response: &Response) {
    let refused = |it| matches!(code_of(it), "FORBIDDEN" | "INSUFFICIENT_SCOPE" | "WITHHELD");
    if response.errors.iter().any(refused) {
        ledger.refuse();
    }
}

/// An answer that says why there is none.
fn refusal(error: Error) -> Response {
    let code = error.code();
    let told = async_graphql::Error::from(error);
    let mut error = server_error(code, told.message);
    error.source = told.source;
    Response::from_errors(vec![error])
}
