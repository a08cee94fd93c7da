//! Once, twice, five and ten times of what the hub can do.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;

use crate::hub::Hub;
use crate::offer::offer;
use crate::work::by_id;
use crate::{Failure, client, say};

const CONNECTIONS: usize = 32;
/// How long capacity is measured.
const CALIBRATION: Duration = Duration::from_secs(8);
/// How long it may take until the hub answers as before.
const RECOVERY: usize = 10;

pub async fn run(hub: &Hub, span: Duration) -> Result<(), Failure> {
    let requests: Arc<[Vec<u8>]> = by_id(hub).into();
    // Half of what can be done, so that nothing waits: what the rest is compared with.
    client::measure(hub.port, &requests, CONNECTIONS, Duration::from_secs(3)).await?;
    let capacity = client::measure(hub.port, &requests, CONNECTIONS, CALIBRATION).await?;
    let rate = capacity.per_second();
    let calm = offer(hub.port, &requests, rate / 2.0, CALIBRATION).await?;
    say(&json!({
        "capacity_per_second": rate.round(), "p50_ms": capacity.quantile(0.5),
        "p99_ms": capacity.quantile(0.99), "half_p99_ms": calm.p99(), "memory_mb": hub.memory_mb(),
    }))?;
    for times in [1.0, 2.0, 5.0, 10.0] {
        let offered = offer(hub.port, &requests, rate * times, span).await?;
        let memory_mb = hub.memory_mb();
        let mut recovered = None;
        for second in 1..=RECOVERY {
            let after = offer(hub.port, &requests, rate / 2.0, Duration::from_secs(1)).await?;
            if after.refused.is_empty()
                && after.failed.is_empty()
                && after.p99() <= 2.0 * calm.p99()
            {
                recovered = Some(second);
                break;
            }
        }
        say(&json!({
            "times": times, "answered_per_second": offered.per_second(),
            "p50_ms": crate::quantile(&offered.accepted, 0.5), "p99_ms": offered.p99(),
            "p99_to_capacity": (offered.p99() / capacity.quantile(0.99) * 10.0).round() / 10.0,
            "refused_share": offered.refused_share(),
            "refused_p99_ms": crate::quantile(&offered.refused, 0.99),
            "failed": offered.failed, "memory_mb": memory_mb, "recovered_in_seconds": recovered,
        }))?;
    }
    Ok(())
}
