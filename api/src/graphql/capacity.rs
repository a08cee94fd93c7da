//! Places in which requests are executed. Each class keeps some for itself, so that no class can starve
//! another; what nobody keeps is for whoever comes first. A request waits shortly for a place and is then
//! refused, so that an excess costs little.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use domain::viewer::Viewer;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::config::limits::{Class, Limits, client_name};

/// The places of one hub.
#[derive(Debug, Clone)]
pub struct Capacity {
    kept: [Arc<Semaphore>; 4],
    common: Arc<Semaphore>,
    waiting: [Arc<Semaphore>; 4],
    patience: Duration,
    subscriptions: Arc<Mutex<HashMap<String, usize>>>,
    subscriptions_at_most: usize,
}

/// A place; free again when dropped.
#[derive(Debug)]
pub struct Place(#[expect(dead_code, reason = "held, not read")] OwnedSemaphorePermit);

/// A subscription that is open; over when dropped.
#[derive(Debug)]
pub struct Subscribed {
    open: Arc<Mutex<HashMap<String, usize>>>,
    client: String,
}

impl Capacity {
    /// Every place free.
    pub fn new(limits: &Limits) -> Capacity {
        let places = |count| Arc::new(Semaphore::new(count));
        Capacity {
            kept: Class::ALL.map(|it| places(limits.shares.kept(it))),
            common: places(limits.shares.common()),
            waiting: Class::ALL.map(|_| places(limits.waiting)),
            patience: limits.waiting_time,
            subscriptions: Arc::default(),
            subscriptions_at_most: limits.subscriptions,
        }
    }

    /// A place for a request of this class; none when it would wait too long or too many wait.
    pub async fn place(&self, class: Class) -> Option<Place> {
        let kept = &self.kept[class as usize];
        // Changes take long: in the common places they would keep everybody out.
        let common = (class != Class::Changes).then_some(&self.common);
        let free = |it: &Arc<Semaphore>| Arc::clone(it).try_acquire_owned().ok().map(Place);
        if let Some(place) = free(kept).or_else(|| common.and_then(free)) {
            return Some(place);
        }
        let _waits = Arc::clone(&self.waiting[class as usize]).try_acquire_owned().ok()?;
        let next = async |it: &Arc<Semaphore>| Arc::clone(it).acquire_owned().await.ok().map(Place);
        let next = async {
            match common {
                None => next(kept).await,
                Some(common) => tokio::select! {
                    place = next(kept) => place,
                    place = next(common) => place,
                },
            }
        };
        tokio::time::timeout(self.patience, next).await.ok().flatten()
    }

    /// Counts a subscription of `viewer`; none when she has as many open as she may.
    pub fn subscribe(&self, viewer: &Viewer) -> Option<Subscribed> {
        let client = format!("{}\n{}", client_name(viewer), viewer.subject);
        let mut open = self.subscriptions.lock().unwrap_or_else(PoisonError::into_inner);
        let count = open.entry(client.clone()).or_default();
        if self.subscriptions_at_most <= *count {
            return None;
        }
        *count += 1;
        Some(Subscribed { open: Arc::clone(&self.subscriptions), client })
    }
}

impl Drop for Subscribed {
    fn drop(&mut self) {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = open.get_mut(&self.client) {
            *count -= 1;
            if *count == 0 {
                open.remove(&self.client);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use crate::config::limits::Shares;

    fn capacity(waiting: usize) -> Capacity {
        let mut limits = Config::load(None, &|_| None).unwrap().limits;
        limits.shares = Shares { places: 6, percent: [20, 20, 20, 20] };
        limits.waiting = waiting;
        limits.waiting_time = Duration::from_millis(1);
        Capacity::new(&limits)
    }

    #[tokio::test]
    async fn a_class_that_takes_all_it_can_leaves_the_others_theirs() {
        let capacity = capacity(1);
        let mut held = vec![];
        while let Some(place) = capacity.place(Class::Partner).await {
            held.push(place);
        }
        assert_eq!(held.len(), 3, "one of its own and two common ones");
        let office = capacity.place(Class::Office).await;
        assert!(office.is_some() && capacity.place(Class::Office).await.is_none());
        assert!(capacity.place(Class::Public).await.is_some());
        drop(held);
        assert!(capacity.place(Class::Office).await.is_some());
    }

    #[tokio::test]
    async fn changes_have_no_more_than_their_share() {
        let capacity = capacity(1);
        let first = capacity.place(Class::Changes).await;
        assert!(first.is_some() && capacity.place(Class::Changes).await.is_none());
        drop(first);
        assert!(capacity.place(Class::Changes).await.is_some());
    }

    #[tokio::test]
    async fn who_waits_gets_the_place_that_is_left() {
        let mut capacity = capacity(1);
        capacity.patience = Duration::from_secs(60);
        let first = capacity.place(Class::Changes).await.unwrap();
        let (second, ()) = tokio::join!(capacity.place(Class::Changes), async { drop(first) });
        assert!(second.is_some());
        // One waits, so the next is refused at once.
        let (held, third, ()) =
            tokio::join!(capacity.place(Class::Changes), capacity.place(Class::Changes), async {
                drop(second);
            });
        assert!(held.is_some() && third.is_none());
    }

    #[test]
    fn a_client_has_so_many_subscriptions_and_no_more() {
        let mut capacity = capacity(1);
        capacity.subscriptions_at_most = 2;
        let of = |subject: &str| Viewer { subject: subject.to_owned(), ..Viewer::public() };
        let first = capacity.subscribe(&of("ani"));
        let second = capacity.subscribe(&of("ani"));
        assert!(first.is_some() && second.is_some());
        assert!(
            capacity.subscribe(&of("ani")).is_none() && capacity.subscribe(&of("budi")).is_some()
        );
        drop(first);
        assert!(capacity.subscribe(&of("ani")).is_some());
    }
}
