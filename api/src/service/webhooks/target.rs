//! Where a message may go. Whoever names an address must not reach through the hub what she does not reach herself:
//! the machine itself, the network it stands in, what tells a machine of a cloud its keys.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use ipnet::{IpNet, Ipv6Net};
use reqwest::Url;

use crate::error::Error;

/// The longest address, in bytes.
const LONGEST: usize = 2_000;

/// What is not the open network, of IPv4 (IANA's registry of special-purpose addresses).
const CLOSED: [(Ipv4Addr, u32); 14] = [
    (Ipv4Addr::new(0, 0, 0, 0), 8),
    (Ipv4Addr::new(10, 0, 0, 0), 8),
    (Ipv4Addr::new(100, 64, 0, 0), 10),
    (Ipv4Addr::new(127, 0, 0, 0), 8),
    (Ipv4Addr::new(169, 254, 0, 0), 16),
    (Ipv4Addr::new(172, 16, 0, 0), 12),
    (Ipv4Addr::new(192, 0, 0, 0), 24),
    (Ipv4Addr::new(192, 0, 2, 0), 24),
    (Ipv4Addr::new(192, 88, 99, 0), 24),
    (Ipv4Addr::new(192, 168, 0, 0), 16),
    (Ipv4Addr::new(198, 18, 0, 0), 15),
    (Ipv4Addr::new(198, 51, 100, 0), 24),
    (Ipv4Addr::new(203, 0, 113, 0), 24),
    (Ipv4Addr::new(224, 0, 0, 0), 3),
];

/// Of IPv6 the open network is 2000::/3 but for these, some of which lead on to an address of IPv4.
const OPEN_6: (Ipv6Addr, u8) = (Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0), 3);
const CLOSED_6: [(Ipv6Addr, u8); 4] = [
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23),
    (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 32),
    (Ipv6Addr::new(0x2002, 0, 0, 0, 0, 0, 0, 0), 16),
    (Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20),
];

/// Reads the address of a webhook: `https`, or `http` into a network of `known`, without a password or a fragment.
///
/// Fails with [`Error::InvalidInput`] for another, and for a number of a machine that messages may not go to.
pub fn address(text: &str, known: &[IpNet]) -> Result<Url, Error> {
    let wrong = |reason: &str| Error::invalid("url", reason);
    if LONGEST < text.len() {
        return Err(wrong("is too long"));
    }
    let url = Url::parse(text).map_err(|_| wrong("is no address such as https://bank.id/hub"))?;
    if !(url.scheme() == "https" || (url.scheme() == "http" && !known.is_empty())) {
        return Err(wrong("must begin with https://"));
    }
    if !url.username().is_empty() || url.password().is_some() || url.fragment().is_some() {
        return Err(wrong("must not hold a name, a password or a fragment"));
    }
    if let Some(number) = number(&url)
        && !may_go_to(number, url.scheme() == "https", known)
    {
        return Err(wrong("lies in a network that messages may not go to"));
    }
    Ok(url)
}

/// The number of a machine where an address names one.
fn number(url: &Url) -> Option<IpAddr> {
    url.host_str()?.trim_matches(['[', ']']).parse().ok()
}

/// The machines that an address leads to now. None when it has none; refused when messages may not go to one of them.
pub async fn machines(url: &Url, known: &[IpNet]) -> Result<Vec<SocketAddr>, Refused> {
    let port = url.port_or_known_default().ok_or(Refused::Closed)?;
    let found: Vec<SocketAddr> = match number(url) {
        Some(number) => vec![SocketAddr::new(number, port)],
        None => {
            let host = url.host_str().ok_or(Refused::Closed)?;
            let found = tokio::net::lookup_host((host, port)).await;
            found.map_err(|_| Refused::Unknown)?.collect()
        }
    };
    let secure = url.scheme() == "https";
    match found.iter().all(|it| may_go_to(it.ip(), secure, known)) {
        true if !found.is_empty() => Ok(found),
        true => Err(Refused::Unknown),
        false => Err(Refused::Closed),
    }
}

/// Why an address leads nowhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    /// It has no machine.
    Unknown,
    /// Messages may not go there.
    Closed,
}

/// Whether messages may go to a machine: into networks of `known`, and with TLS into the open network.
pub fn may_go_to(machine: IpAddr, secure: bool, known: &[IpNet]) -> bool {
    // An address of IPv4 that is written as one of IPv6 is what it leads to.
    let plain = machine.to_canonical();
    known.iter().any(|it| it.contains(&plain)) || (secure && is_open(plain))
}

fn is_open(machine: IpAddr) -> bool {
    match machine {
        IpAddr::V4(it) => {
            let within = |(from, bits): (Ipv4Addr, u32)| {
                (it.to_bits() ^ from.to_bits()).leading_zeros() >= bits
            };
            !CLOSED.into_iter().any(within)
        }
        IpAddr::V6(it) => {
            let within =
                |(from, bits): (Ipv6Addr, u8)| Ipv6Net::new_assert(from, bits).contains(&it);
            within(OPEN_6) && !CLOSED_6.into_iter().any(within)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_go_to_the_open_network_alone() {
        let check = |text: &str, open: bool| {
            assert_eq!(may_go_to(text.parse().unwrap(), true, &[]), open, "{text}");
        };
        for open in ["8.8.8.8", "172.32.0.1", "172.15.255.255", "100.128.0.1", "2606:4700::1111"] {
            check(open, true);
        }
        for closed in [
            "0.0.0.0",
            "10.1.2.3",
            "100.64.0.1",
            "127.0.0.1",
            "127.255.255.255",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.192",
            "192.168.1.1",
            "198.19.0.1",
            "203.0.113.9",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::127.0.0.1",
            "::ffff:127.0.0.1",
            "::ffff:169.254.169.254",
            "::ffff:10.0.0.1",
            "64:ff9b::7f00:1",
            "fc00::1",
            "fd00:ec2::254",
            "fe80::1",
            "fec0::1",
            "ff02::1",
            "2001::1",
            "2001:db8::1",
            "2002:7f00:1::",
            "100::1",
        ] {
            check(closed, false);
        }
    }

    #[test]
    fn a_known_network_is_spoken_to_and_no_other_by_it() {
        let known = ["10.1.0.0/16".parse().unwrap()];
        let check = |text: &str, secure| may_go_to(text.parse().unwrap(), secure, &known);
        assert!(check("10.1.2.3", false) && check("::ffff:10.1.2.3", true));
        assert!(!check("10.2.2.3", true) && !check("8.8.8.8", false) && !check("127.0.0.1", true));
    }

    #[test]
    fn an_address_is_https_and_of_the_open_network() {
        let check = |text: &str| address(text, &[]).is_ok();
        assert!(check("https://bank.id/hub?kunci=1") && check("https://8.8.8.8:8443/"));
        for wrong in [
            "",
            "bank.id",
            "http://bank.id/",
            "ftp://bank.id/",
            "file:///etc/passwd",
            "https://a:b@bank.id/",
            "https://bank.id/#x",
            "https://127.0.0.1/",
            "https://2130706433/",
            "https://0x7f.1/",
            "https://017700000001/",
            "https://[::1]/",
            "https://[::ffff:7f00:1]/",
            "https://169.254.169.254/latest/meta-data/",
            "https://①②⑦.0.0.1/",
        ] {
            assert!(!check(wrong), "{wrong}");
        }
        let known = ["127.0.0.0/8".parse().unwrap()];
        assert!(address("http://127.0.0.1:9/", &known).is_ok());
        assert!(address("http://8.8.8.8/", &known).is_err());
    }
}
