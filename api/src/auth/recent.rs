//! Tokens that held within the last second: a page's forty requests have one signature checked.

use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};
use std::time::{Duration, Instant};

use aws_lc_rs::digest::{SHA256, digest};

use super::Bearer;

/// How long a check holds. What may change sooner, the end of the token and the state of its bearer and of
/// our keys, is asked at each request.
const FRESH: Duration = Duration::from_secs(1);
/// Tokens known at once; others are checked each time.
const MOST: usize = 4_096;

/// Whom the tokens of this second speak for.
pub struct Recent(RwLock<Second>);

struct Second {
    since: Instant,
    bearers: HashMap<[u8; 32], Bearer>,
}

impl Recent {
    /// Knows none.
    pub fn new() -> Recent {
        Recent(RwLock::new(Second { since: Instant::now(), bearers: HashMap::new() }))
    }

    /// Whom a token speaks for, if it held just now.
    pub fn bearer(&self, token: &str) -> Option<Bearer> {
        let second = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let bearer = second.bearers.get(&name(token))?;
        (second.since.elapsed() < FRESH).then(|| bearer.clone())
    }

    /// Keeps for whom a token that was just checked speaks.
    pub fn keep(&self, token: &str, bearer: &Bearer) {
        let mut second = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if second.since.elapsed() >= FRESH {
            *second = Second { since: Instant::now(), bearers: HashMap::new() };
        }
        if second.bearers.len() < MOST {
            second.bearers.insert(name(token), bearer.clone());
        }
    }
}

/// A name for a token that is not the token.
fn name(token: &str) -> [u8; 32] {
    let mut name = [0; 32];
    name.copy_from_slice(digest(&SHA256, token.as_bytes()).as_ref());
    name
}
