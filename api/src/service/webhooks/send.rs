//! One attempt to send a message.

use std::time::Duration;

use ipnet::IpNet;
use reqwest::header::CONTENT_TYPE;
use reqwest::redirect::Policy;
use reqwest::{Client, StatusCode, Url};

use super::sign::Message;
use super::target::{Refused, machines};

/// How long a receiver may take to connect, and to answer.
const CONNECT: Duration = Duration::from_secs(5);
const PATIENCE: Duration = Duration::from_secs(15);

/// What came of an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// It was taken.
    Taken(StatusCode),
    /// The receiver says that it wants no more of them.
    Gone,
    /// The receiver leads elsewhere, which is not followed.
    Elsewhere(StatusCode),
    /// The receiver answered otherwise.
    Refused(StatusCode),
    /// It did not answer in time.
    TimedOut,
    /// It could not be spoken to.
    Unreachable,
    /// Messages may not go where the address leads now.
    NotAllowed,
}

impl Answer {
    /// In one word.
    pub fn code(self) -> &'static str {
        match self {
            Answer::Taken(_) => "TAKEN",
            Answer::Gone => "GONE",
            Answer::Elsewhere(_) => "LEADS_ELSEWHERE",
            Answer::Refused(_) => "REFUSED",
            Answer::TimedOut => "TIMED_OUT",
            Answer::Unreachable => "UNREACHABLE",
            Answer::NotAllowed => "TARGET_NOT_ALLOWED",
        }
    }

    /// The status of the answer, if there was one.
    pub fn status(self) -> Option<i32> {
        match self {
            Answer::Taken(it) | Answer::Elsewhere(it) | Answer::Refused(it) => Some(it),
            Answer::Gone => Some(StatusCode::GONE),
            Answer::TimedOut | Answer::Unreachable | Answer::NotAllowed => None,
        }
        .map(|it| i32::from(it.as_u16()))
    }
}

/// Sends a message. The connection goes to the machines that were looked up and looked over here, through no proxy and
/// nowhere else, whatever the name leads to a moment later. Of the answer the status alone is read.
pub async fn post(url: &str, message: Message, known: &[IpNet]) -> Answer {
    let Ok(url) = Url::parse(url) else { return Answer::NotAllowed };
    let found = tokio::time::timeout(CONNECT, machines(&url, known)).await;
    let machines = match found {
        Ok(Ok(machines)) => machines,
        Ok(Err(Refused::Closed)) => return Answer::NotAllowed,
        Ok(Err(Refused::Unknown)) | Err(_) => return Answer::Unreachable,
    };
    let host = url.host_str().unwrap_or_default().to_owned();
    let client = Client::builder()
        .no_proxy()
        .redirect(Policy::none())
        .resolve_to_addrs(&host, &machines)
        .connect_timeout(CONNECT)
        .timeout(PATIENCE)
        .user_agent("Tunggal-Webhook/1")
        .build();
    let Ok(client) = client else { return Answer::Unreachable };
    let request = client
        .post(url)
        .header(CONTENT_TYPE, "application/json")
        .header("webhook-id", message.id)
        .header("webhook-timestamp", message.timestamp)
        .header("webhook-signature", message.signature)
        .body(message.body);
    match request.send().await.map(|it| it.status()) {
        Ok(status) if status.is_success() => Answer::Taken(status),
        Ok(StatusCode::GONE) => Answer::Gone,
        Ok(status) if status.is_redirection() => Answer::Elsewhere(status),
        Ok(status) => Answer::Refused(status),
        Err(error) if error.is_timeout() => Answer::TimedOut,
        Err(_) => Answer::Unreachable,
    }
}
