//! What a request costs, told to whoever asks for it with `extensions: {"cost": true}`: the number that is
//! held against the limit, in `extensions.cost` of the answer.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use async_graphql::extensions::{
    Extension, ExtensionContext, ExtensionFactory, NextRequest, NextValidation,
};
use async_graphql::{Request, Response, ServerError, ValidationResult, Value, value};

/// Whether a request asks what it costs.
pub fn is_asked(request: &Request) -> bool {
    request.extensions.get("cost") == Some(&Value::Boolean(true))
}

/// Tells the cost of each request, and what it may cost at most.
pub struct TellCost(pub usize);

struct Told {
    most: usize,
    cost: AtomicU64,
}

impl ExtensionFactory for TellCost {
    fn create(&self) -> Arc<dyn Extension> {
        Arc::new(Told { most: self.0, cost: AtomicU64::new(0) })
    }
}

#[async_trait::async_trait]
impl Extension for Told {
    async fn request(&self, ctx: &ExtensionContext<'_>, next: NextRequest<'_>) -> Response {
        let response = next.run(ctx).await;
        let (cost, most) = (self.cost.load(Ordering::Relaxed), self.most);
        response.extension("cost", value!({ "requested": cost, "most": most }))
    }

    async fn validation(
        &self,
        ctx: &ExtensionContext<'_>,
        next: NextValidation<'_>,
    ) -> Result<ValidationResult, Vec<ServerError>> {
        let result = next.run(ctx).await?;
        let cost = u64::try_from(result.complexity).unwrap_or(u64::MAX);
        self.cost.store(cost, Ordering::Relaxed);
        Ok(result)
    }
}
