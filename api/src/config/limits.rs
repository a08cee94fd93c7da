//! The bounds of what the hub takes on, from the first byte of a request to the last of its answer.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::time::Duration;

use domain::viewer::{Role, Viewer};

use super::Reader;

/// The bounds of one hub; `docs/front-door.md` says what happens at each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Of a document, before it is parsed and while it is validated.
    pub document: DocumentLimits,
    /// The longest a query may take.
    pub request_time: Duration,
    /// The longest a change may take.
    pub mutation_time: Duration,
    /// The largest body of a request without a file, in bytes.
    pub body_bytes: usize,
    /// Requests that one body may hold as a list; lists are refused when 0.
    pub batch_requests: usize,
    /// Until when the head of a request must be whole.
    pub header_time: Duration,
    /// Until when a body without a file must be whole; of a file, until when more of it must come.
    pub body_time: Duration,
    /// How long a client may leave what it is sent unread.
    pub reader_time: Duration,
    /// Connections open at once on one worker.
    pub connections: usize,
    /// Who may execute how much at once.
    pub shares: Shares,
    /// Requests of each class that may wait for a place.
    pub waiting: usize,
    /// The longest a request waits for a place.
    pub waiting_time: Duration,
    /// Requests of a client in a minute.
    pub rates: Rates,
    /// Subscriptions that one client may have open.
    pub subscriptions: usize,
    /// The largest message of a socket's client, in bytes.
    pub socket_bytes: usize,
    /// Operations that one socket may have open.
    pub socket_operations: usize,
    /// How long a socket's client may take to introduce itself.
    pub socket_introduction: Duration,
    /// Documents that are kept for clients that send their digest alone.
    pub persisted_documents: usize,
}

/// The bounds of a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DocumentLimits {
    /// Its length in bytes.
    pub bytes: usize,
    /// Its tokens.
    pub tokens: usize,
    /// How deep brackets of any kind nest. The parser recurses on them.
    pub brackets: usize,
    /// Its aliases.
    pub aliases: usize,
    /// Its directives.
    pub directives: usize,
    /// Its operations.
    pub operations: usize,
    /// Its tokens once every spread of a fragment is written out.
    pub expanded_tokens: u64,
    /// How deep fields nest.
    pub field_depth: usize,
    /// The directives of one field.
    pub field_directives: usize,
    /// The fields of the root in one operation, aliases of the same field counted each.
    pub root_fields: usize,
    /// The fields an answer may cost, a page of a list counting each of its nodes.
    pub cost: usize,
}

/// Who shares the places in which requests are executed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// Agencies, stewards, administrators and auditors.
    Office,
    /// Lenders and the central bank.
    Partner,
    /// The public, owners and developers.
    Public,
    /// Mutations, whoever sends them: they may import or link a whole city.
    Changes,
}

impl Class {
    /// Every class.
    pub const ALL: [Class; 4] = [Class::Office, Class::Partner, Class::Public, Class::Changes];

    /// The class of what a role asks.
    pub fn of(role: Role, changes: bool) -> Class {
        match role {
            _ if changes => Class::Changes,
            Role::Public | Role::Owner | Role::Developer => Class::Public,
            Role::Lender | Role::CentralBank => Class::Partner,
            Role::AgencyViewer
            | Role::AgencyOperator
            | Role::Steward
            | Role::Administrator
            | Role::Auditor => Class::Office,
        }
    }
}

/// How many requests are executed at once, and of these how many places are kept for each class.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shares {
    /// All of them.
    pub places: usize,
    /// Percent for each class, in the order of [`Class::ALL`].
    pub percent: [usize; 4],
}

impl Shares {
    /// The places that nobody but this class takes; one at least.
    pub fn kept(&self, class: Class) -> usize {
        (self.places * self.percent[class as usize] / 100).max(1)
    }

    /// The places for whoever comes first.
    pub fn common(&self) -> usize {
        let kept: usize = Class::ALL.iter().map(|it| self.kept(*it)).sum();
        self.places.saturating_sub(kept)
    }
}

/// How many requests a client may send in a minute, by its name or its role; any number when 0.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rates {
    /// For roles that are not named.
    pub otherwise: u32,
    /// By role.
    pub roles: BTreeMap<Role, u32>,
    /// By the name of a client, before its role.
    pub clients: BTreeMap<String, u32>,
}

impl Rates {
    /// What `viewer` may send in a minute.
    pub fn of(&self, viewer: &Viewer) -> u32 {
        let client = self.clients.get(client_name(viewer));
        *client.or_else(|| self.roles.get(&viewer.role)).unwrap_or(&self.otherwise)
    }

    fn read(text: &str) -> Option<Rates> {
        let mut rates = Rates::default();
        for pair in text.split(',').map(str::trim).filter(|it| !it.is_empty()) {
            let (name, number) = pair.rsplit_once('=')?;
            let (name, number) = (name.trim(), number.trim().parse().ok()?);
            if name == "*" {
                rates.otherwise = number;
            } else if let Some(client) = name.strip_prefix("client:") {
                rates.clients.insert(client.to_owned(), number);
            } else {
                rates.roles.insert(Role::from_code(name)?, number);
            }
        }
        Some(rates)
    }
}

/// The program a viewer asks through, or else her own name: what limits and lists are kept for.
pub fn client_name(viewer: &Viewer) -> &str {
    viewer.client.as_deref().unwrap_or(&viewer.subject)
}

impl Limits {
    /// The limits in the settings.
    pub(super) fn read(read: &mut Reader) -> Limits {
        let seconds = |read: &mut Reader, key| Duration::from_secs(whole(read, key, 1..=86_400));
        let count = |read: &mut Reader, key, most| {
            usize::try_from(whole(read, key, 1..=most)).unwrap_or(usize::MAX)
        };
        let limits = Limits {
            document: DocumentLimits {
                bytes: count(read, "document_bytes", 1 << 20),
                tokens: count(read, "document_tokens", 100_000),
                // The parser recurses on them; a test parses the deepest on a thread with a small stack.
                brackets: count(read, "document_brackets", 64),
                aliases: count(read, "document_aliases", 100_000),
                directives: count(read, "document_directives", 100_000),
                operations: count(read, "document_operations", 1_000),
                expanded_tokens: whole(read, "document_expanded_tokens", 1..=1_000_000),
                field_depth: count(read, "field_depth", 64),
                field_directives: count(read, "field_directives", 100),
                root_fields: count(read, "root_fields", 10_000),
                cost: count(read, "request_cost", 100_000_000),
            },
            request_time: seconds(read, "request_seconds"),
            mutation_time: seconds(read, "mutation_seconds"),
            body_bytes: count(read, "body_bytes", 64 << 20),
            batch_requests: usize::try_from(whole(read, "batch_requests", 0..=100)).unwrap_or(0),
            header_time: seconds(read, "header_seconds"),
            body_time: seconds(read, "body_seconds"),
            reader_time: seconds(read, "reader_seconds"),
            connections: count(read, "connections", 1 << 20),
            shares: Shares {
                places: count(read, "requests_at_once", 100_000),
                percent: [
                    count(read, "share_office", 100),
                    count(read, "share_partner", 100),
                    count(read, "share_public", 100),
                    count(read, "share_changes", 100),
                ],
            },
            waiting: count(read, "waiting_at_most", 100_000),
            waiting_time: Duration::from_millis(whole(read, "waiting_milliseconds", 1..=60_000)),
            rates: rates(read),
            subscriptions: count(read, "subscriptions_per_client", 100_000),
            socket_bytes: count(read, "socket_bytes", 16 << 20),
            socket_operations: count(read, "socket_operations", 10_000),
            socket_introduction: seconds(read, "socket_introduction_seconds"),
            persisted_documents: count(read, "persisted_documents", 1_000_000),
        };
        if 100 < limits.shares.percent.iter().sum::<usize>() {
            read.wrong::<()>("share_office", "with the other shares 100 percent at most");
        }
        limits
    }
}

fn whole(read: &mut Reader, key: &str, range: RangeInclusive<u64>) -> u64 {
    let number = read.number(key);
    if !range.contains(&number) {
        let (least, most) = range.into_inner();
        read.wrong::<()>(key, &format!("from {least} to {most}"));
    }
    number
}

fn rates(read: &mut Reader) -> Rates {
    let text = read.text("requests_per_minute");
    Rates::read(&text).unwrap_or_else(|| {
        read.wrong("requests_per_minute", "pairs such as public=600, client:bjb=12000, *=3000")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_goes_before_its_role_and_a_role_before_the_rest() {
        let rates = Rates::read("*=3000, lender=6000, client:bjb=12000,public=0").unwrap();
        let of = |role, client: Option<&str>| {
            let client = client.map(str::to_owned);
            rates.of(&Viewer { role, client, ..Viewer::public() })
        };
        assert_eq!(of(Role::Lender, Some("bjb")), 12_000);
        assert_eq!(of(Role::Lender, Some("bri")), 6_000);
        assert_eq!(of(Role::Steward, None), 3_000);
        assert_eq!(of(Role::Public, None), 0);
        for wrong in ["lender", "mayor=3", "*=many", "*=-1"] {
            assert_eq!(Rates::read(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn every_class_keeps_its_places_and_the_rest_is_common() {
        let shares = Shares { places: 100, percent: [30, 20, 10, 20] };
        assert_eq!(Class::ALL.map(|it| shares.kept(it)), [30, 20, 10, 20]);
        assert_eq!(shares.common(), 20);
        let few = Shares { places: 2, percent: [30, 20, 10, 20] };
        assert_eq!((few.kept(Class::Public), few.common()), (1, 0));
    }
}
