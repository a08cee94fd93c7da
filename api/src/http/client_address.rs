//! From which address a request comes, and how many sign-ins one address may send.

use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZeroU32;

use actix_web::HttpRequest;
use actix_web::http::header::HeaderMap;
use governor::clock::{Clock, DefaultClock};
use governor::{Quota, RateLimiter, state::keyed::HashMapStateStore};
use ipnet::IpNet;

/// Addresses remembered before those that have used nothing up are forgotten.
const REMEMBERED: usize = 10_000;

/// The address of whoever sent a request: the other end of the connection, or, where that is one of
/// `proxies`, the last address in `X-Forwarded-For` that is none of them.
pub fn client_address(http: &HttpRequest, proxies: &[IpNet]) -> Option<IpAddr> {
    Some(behind(http.peer_addr()?.ip(), http.headers(), proxies))
}

fn behind(peer: IpAddr, headers: &HeaderMap, proxies: &[IpNet]) -> IpAddr {
    let ours = |it: IpAddr| proxies.iter().any(|net| net.contains(&it.to_canonical()));
    let lines: Vec<&str> =
        headers.get_all("x-forwarded-for").filter_map(|it| it.to_str().ok()).collect();
    let mut address = peer.to_canonical();
    for text in lines.join(",").rsplit(',') {
        // Only what a proxy of ours has written can be believed.
        if !ours(address) {
            break;
        }
        match text.trim().parse::<IpAddr>() {
            Ok(before) => address = before.to_canonical(),
            Err(_) => break,
        }
    }
    address
}

/// Bounds the sign-ins of each address.
pub struct SignIns(Option<RateLimiter<IpAddr, HashMapStateStore<IpAddr>, DefaultClock>>);

impl SignIns {
    /// So many a minute, and as many at once; any number when 0.
    pub fn new(per_minute: u32) -> SignIns {
        let quota = NonZeroU32::new(per_minute).map(Quota::per_minute);
        SignIns(quota.map(RateLimiter::hashmap))
    }

    /// Counts a sign-in of this address; otherwise after how many seconds it may send one.
    pub fn count(&self, address: IpAddr) -> Result<(), u64> {
        let Some(limiter) = &self.0 else { return Ok(()) };
        if REMEMBERED < limiter.len() {
            limiter.retain_recent();
        }
        let until = match limiter.check_key(&household(address)) {
            Ok(()) => return Ok(()),
            Err(until) => until,
        };
        let wait = until.wait_time_from(DefaultClock::default().now());
        Err(wait.as_secs() + 1)
    }
}

/// What one subscriber has: an address, of IPv6 the 64 bits that name a network.
pub(super) fn household(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(it) => it.into(),
        IpAddr::V6(it) => Ipv6Addr::from_bits(it.to_bits() >> 64 << 64).into(),
    }
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::{HeaderName, HeaderValue};

    use super::*;

    fn found(peer: &str, lines: &[&str], proxies: &str) -> String {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(
                HeaderName::from_static("x-forwarded-for"),
                HeaderValue::from_str(line).unwrap(),
            );
        }
        let proxies: Vec<IpNet> =
            proxies.split_whitespace().map(|it| it.parse().unwrap()).collect();
        behind(peer.parse().unwrap(), &headers, &proxies).to_string()
    }

    #[test]
    fn only_what_a_trusted_proxy_wrote_is_believed() {
        let ours = "10.0.0.0/8 ::1/128";
        assert_eq!(found("192.0.2.7", &["198.51.100.1"], ours), "192.0.2.7");
        assert_eq!(found("10.0.0.1", &[], ours), "10.0.0.1");
        assert_eq!(found("10.0.0.1", &["198.51.100.1"], ours), "198.51.100.1");
        assert_eq!(found("::ffff:10.0.0.1", &["198.51.100.1"], ours), "198.51.100.1");
        assert_eq!(found("::1", &["203.0.113.9, 198.51.100.1, 10.2.2.2"], ours), "198.51.100.1");
        assert_eq!(found("10.0.0.1", &["203.0.113.9", "198.51.100.1"], ours), "198.51.100.1");
        assert_eq!(found("10.0.0.1", &["198.51.100.1, what"], ours), "10.0.0.1");
        assert_eq!(found("10.0.0.1", &["198.51.100.1"], ""), "10.0.0.1");
    }

    #[test]
    fn addresses_of_one_network_share_what_they_may_send() {
        let limit = SignIns::new(2);
        let send = |it: &str| limit.count(it.parse().unwrap()).is_ok();
        assert!(send("2001:db8::1") && send("2001:db8::2") && !send("2001:db8::3"));
        assert!(send("2001:db8:0:1::1") && send("::ffff:192.0.2.1") && send("192.0.2.1"));
        assert!(!send("192.0.2.1") && send("192.0.2.2"));
        assert!((0..100).all(|_| SignIns::new(0).count("192.0.2.1".parse().unwrap()).is_ok()));
    }
}
