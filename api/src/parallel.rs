//! Long lists, made ready to answer on all cores.
//!
//! These threads are not those that link: a list that is asked for while a run keeps every core of the usual pool
//! busy would wait for the run, and the thread that answers requests with it.

use std::sync::LazyLock;

use rayon::prelude::*;
use rayon::{ThreadPool, ThreadPoolBuilder};

/// Fewer items are done where they are: a page of a list that many ask for at once gains nothing by other cores.
const MANY: usize = 256;
/// So many items at least are one core's share.
const SHARE: usize = 64;

static CORES: LazyLock<Option<ThreadPool>> =
    LazyLock::new(|| ThreadPoolBuilder::new().thread_name(|it| format!("list-{it}")).build().ok());

/// What becomes of each of `items`, in their order.
pub fn map<T: Send, U: Send>(items: Vec<T>, becomes: impl Fn(T) -> U + Send + Sync) -> Vec<U> {
    match CORES.as_ref() {
        Some(cores) if MANY <= items.len() => {
            cores.install(|| items.into_par_iter().with_min_len(SHARE).map(becomes).collect())
        }
        _ => items.into_iter().map(becomes).collect(),
    }
}
