//! How many requests a client may send in a minute.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU32, Ordering};

use actix_web::HttpMessage;
use actix_web::HttpRequest;
use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};
use domain::viewer::Viewer;
use governor::clock::{Clock, DefaultClock};
use governor::middleware::StateInformationMiddleware;
use governor::state::keyed::HashMapStateStore;
use governor::{Quota, RateLimiter};

use super::client_address::household;
use crate::config::limits::{Rates, client_name};

/// After so many requests those are forgotten who have used nothing up.
const SWEEP: u32 = 4_096;

type Limiter =
    RateLimiter<String, HashMapStateStore<String>, DefaultClock, StateInformationMiddleware>;

/// Counts the requests of each client.
pub struct RateLimits {
    rates: Rates,
    /// By requests in a minute.
    limiters: BTreeMap<u32, Limiter>,
    counted: AtomicU32,
}

/// What a client may still send; told in the headers `RateLimit-*`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Allowance {
    limit: u32,
    remaining: u32,
    /// Seconds until all of it is there again; for one that is used up, until the next request.
    reset: u64,
}

impl Allowance {
    /// Seconds to wait.
    pub fn reset(self) -> u64 {
        self.reset
    }

    /// Writes it where the answer to this request finds it.
    pub fn note(self, http: &HttpRequest) {
        http.extensions_mut().insert(self);
    }

    /// Tells it.
    pub fn tell(self, headers: &mut HeaderMap) {
        for (name, value) in [
            ("ratelimit-limit", u64::from(self.limit)),
            ("ratelimit-remaining", u64::from(self.remaining)),
            ("ratelimit-reset", self.reset),
        ] {
            headers.insert(HeaderName::from_static(name), HeaderValue::from(value));
        }
    }
}

impl RateLimits {
    /// Nobody has sent anything yet.
    pub fn new(rates: &Rates) -> RateLimits {
        let all = rates.roles.values().chain(rates.clients.values()).chain([&rates.otherwise]);
        let limiter = |it: &u32| {
            let quota = Quota::per_minute(NonZeroU32::new(*it)?);
            Some((*it, RateLimiter::hashmap(quota).with_middleware()))
        };
        RateLimits {
            limiters: all.filter_map(limiter).collect(),
            rates: rates.clone(),
            counted: AtomicU32::new(0),
        }
    }

    /// Counts a request of `viewer`, of whom without a token the address alone is known. `Err` is told to
    /// whoever has sent too many; nothing is told where any number may be sent.
    pub fn count(
        &self,
        viewer: &Viewer,
        address: Option<IpAddr>,
    ) -> Result<Option<Allowance>, Allowance> {
        let Some(limiter) = self.limiters.get(&self.rates.of(viewer)) else { return Ok(None) };
        let limit = self.rates.of(viewer);
        if self.counted.fetch_add(1, Ordering::Relaxed) % SWEEP == SWEEP - 1 {
            limiter.retain_recent();
        }
        let key = match (viewer.subject.as_str(), address) {
            ("", Some(address)) => household(address).to_string(),
            (subject, _) => format!("{}\n{subject}", client_name(viewer)),
        };
        match limiter.check_key(&key) {
            Ok(state) => {
                let remaining = state.remaining_burst_capacity();
                let reset = u64::from(limit - remaining.min(limit)) * 60 / u64::from(limit) + 1;
                Ok(Some(Allowance { limit, remaining, reset }))
            }
            Err(until) => {
                let wait = until.wait_time_from(DefaultClock::default().now());
                Err(Allowance { limit, remaining: 0, reset: wait.as_secs() + 1 })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::viewer::Role;

    use super::*;

    #[test]
    fn each_client_has_its_own_and_addresses_count_for_whoever_has_no_token() {
        let rates = Rates {
            otherwise: 2,
            roles: [(Role::Public, 1), (Role::Auditor, 0)].into(),
            clients: [("bjb".to_owned(), 3)].into(),
        };
        let limits = RateLimits::new(&rates);
        let send = |role, subject: &str, client: Option<&str>, address: &str| {
            let (subject, client) = (subject.to_owned(), client.map(str::to_owned));
            let viewer = Viewer { role, subject, client, ..Viewer::public() };
            limits.count(&viewer, address.parse().ok())
        };
        let public = |address| send(Role::Public, "", None, address).is_ok();
        assert!(public("192.0.2.1") && !public("192.0.2.1") && public("192.0.2.2"));
        let steward = |subject| send(Role::Steward, subject, None, "192.0.2.1");
        let first = steward("ani").unwrap().unwrap();
        assert_eq!((first.limit, first.remaining), (2, 1));
        let refused = steward("ani").and_then(|_| steward("ani")).unwrap_err();
        assert_eq!((refused.limit, refused.remaining), (2, 0));
        assert!((1..=60).contains(&refused.reset), "{refused:?}");
        assert!(steward("budi").is_ok());
        let bank = || send(Role::Lender, "bjb", Some("bjb"), "192.0.2.1").is_ok();
        assert!(bank() && bank() && bank() && !bank());
        for _ in 0..100 {
            assert_eq!(send(Role::Auditor, "citra", None, "192.0.2.1"), Ok(None));
        }
    }
}
