//! What the processes that share a register hear of each other: that enterprises changed, and how far runs are.
//!
//! On PostgreSQL they are told over its channels (`LISTEN` and `NOTIFY`), which take nothing that was not committed.
//! SQLite has none; there whoever listens looks every second.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use sqlx::postgres::PgListener;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::watch;
use uuid::Uuid;

use super::progress::Progress;
use crate::app::App;
use crate::error::Error;
use crate::store::channels::PROGRESS;

/// How often it is looked where nobody tells.
const EVERY: Duration = Duration::from_secs(1);

/// That what is told of enterprises has come further, told to whoever listens.
#[derive(Debug, Clone)]
pub struct Changed(watch::Sender<()>);

impl Default for Changed {
    fn default() -> Changed {
        Changed(watch::channel(()).0)
    }
}

impl Changed {
    /// Listens from now on; the first look is at once.
    pub fn subscribe(&self) -> watch::Receiver<()> {
        let mut receiver = self.0.subscribe();
        receiver.mark_changed();
        receiver
    }

    /// How many listen.
    pub fn listeners(&self) -> usize {
        self.0.receiver_count()
    }

    fn tell(&self) {
        self.0.send_replace(());
    }
}

/// How far a run is, and on which node.
#[derive(Serialize, Deserialize)]
struct Told {
    node: Uuid,
    progress: Progress,
}

/// Hears and tells until the hub stops.
pub async fn keep(app: App, mut stopping: watch::Receiver<bool>) {
    let all = async {
        match app.store.listener().await {
            Some(connected) => tokio::join!(hear(&app, connected), tell(&app)).0,
            None => look(&app).await,
        }
    };
    tokio::select! {
        _ = stopping.wait_for(|it| *it) => {}
        () = all => {}
    }
}

async fn hear(app: &App, connected: Result<PgListener, Error>) {
    let mut connected = Some(connected);
    loop {
        let listener = match connected.take() {
            Some(it) => Some(it),
            None => app.store.listener().await,
        };
        match listener {
            Some(Ok(listener)) => heard(app, listener).await,
            Some(Err(error)) => tracing::warn!(code = error.code(), "other nodes are not heard"),
            None => return,
        }
        tokio::time::sleep(EVERY).await;
    }
}

/// Hears until the connection breaks.
async fn heard(app: &App, mut listener: PgListener) {
    // What was told before it listened.
    app.changed.tell();
    loop {
        match listener.try_recv().await {
            Ok(Some(it)) if it.channel() == PROGRESS => {
                let told = serde_json::from_str::<Told>(it.payload());
                if let Ok(told) = told.map(|it| (it.node != app.node).then_some(it.progress)) {
                    told.into_iter().for_each(|it| app.progress.tell_here(it));
                }
            }
            Ok(Some(_)) => app.changed.tell(),
            // It is connected anew, and may have missed something.
            Ok(None) => app.changed.tell(),
            Err(_) => return,
        }
    }
}

async fn tell(app: &App) {
    let mut own = app.progress.own();
    loop {
        match own.recv().await {
            Ok(progress) => {
                let told = Told { node: app.node, progress };
                let Ok(text) = serde_json::to_string(&told) else { continue };
                if let Err(error) = app.store.announce(PROGRESS, &text).await {
                    tracing::warn!(code = error.code(), "other nodes are not told of progress");
                }
            }
            Err(RecvError::Lagged(_)) => {}
            Err(RecvError::Closed) => return,
        }
    }
}

async fn look(app: &App) {
    let mut seen = None;
    loop {
        tokio::time::sleep(EVERY).await;
        if app.changed.listeners() == 0 {
            seen = None;
            continue;
        }
        match app.store.feed_head().await {
            Ok(head) if seen != Some(head) => {
                seen = Some(head);
                app.changed.tell();
            }
            Ok(_) => {}
            Err(error) => tracing::warn!(code = error.code(), "changes cannot be looked for"),
        }
    }
}
