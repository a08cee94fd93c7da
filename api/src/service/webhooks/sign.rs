//! What a message says, and the headers that prove who sends it.

use aws_lc_rs::hmac;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use chrono::{DateTime, SecondsFormat, Utc};
use domain::id::MessageId;

use crate::sealing::Sealer;
use crate::store::webhooks::{Delivery, Webhook};

/// A message with its headers, ready to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// `webhook-id`: the same at each attempt.
    pub id: String,
    /// `webhook-timestamp`: when it is sent, in seconds since 1970.
    pub timestamp: String,
    /// `webhook-signature`: one for each secret that is live.
    pub signature: String,
    /// The body, as JSON.
    pub body: String,
}

fn key(sealer: &Sealer, webhook: &Webhook, generation: i32) -> [u8; 32] {
    sealer.name(&[b"webhook secret", webhook.id.as_bytes(), &generation.to_be_bytes()])
}

/// The secret of this generation, as the receiver is given it. It follows from the key of the register.
pub fn secret(sealer: &Sealer, webhook: &Webhook, generation: i32) -> String {
    format!("whsec_{}", BASE64_STANDARD.encode(key(sealer, webhook, generation)))
}

/// The message that there are changes: for which programme and institution, and nothing else.
pub fn message(
    sealer: &Sealer,
    webhook: &Webhook,
    delivery: &Delivery,
    now: DateTime<Utc>,
) -> Message {
    let made = DateTime::from_timestamp_millis(delivery.made_at).unwrap_or_default();
    let body = serde_json::json!({
        "type": "financing.changed",
        "timestamp": made.to_rfc3339_opts(SecondsFormat::Millis, true),
        "data": { "programme": webhook.programme, "institution": webhook.institution },
    });
    let (id, body) = (MessageId(delivery.id).to_string(), body.to_string());
    let timestamp = now.timestamp().to_string();
    let before = (now.timestamp_millis() < webhook.previous_until).then(|| webhook.generation - 1);
    let live = [Some(webhook.generation), before].into_iter().flatten();
    let signatures = live.map(|generation| {
        let key = hmac::Key::new(hmac::HMAC_SHA256, &key(sealer, webhook, generation));
        let tag = hmac::sign(&key, format!("{id}.{timestamp}.{body}").as_bytes());
        format!("v1,{}", BASE64_STANDARD.encode(tag))
    });
    let signature = signatures.collect::<Vec<_>>().join(" ");
    Message { id, timestamp, signature, body }
}
