//! How far a run is, at the terminal: a bar where there is one, plain lines where there is none.

use std::io::IsTerminal;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};
use tokio::sync::broadcast::error::RecvError;
use tokio::task::JoinHandle;

use crate::app::App;
use crate::service::progress::Progress;

/// Shows progress until it is dropped.
pub struct Shown(JoinHandle<()>);

impl Drop for Shown {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Begins to show what the runs of `app` tell.
pub fn show(app: &App) -> Shown {
    let mut steps = app.progress.subscribe();
    Shown(tokio::spawn(async move {
        let mut display = Display::new();
        loop {
            match steps.recv().await {
                Ok(step) => display.step(&step),
                Err(RecvError::Lagged(_)) => {}
                Err(RecvError::Closed) => return,
            }
        }
    }))
}

enum Display {
    Bar(ProgressBar),
    Lines { last: Option<Instant> },
}

impl Drop for Display {
    fn drop(&mut self) {
        if let Display::Bar(bar) = self {
            bar.finish_and_clear();
        }
    }
}

impl Display {
    fn new() -> Display {
        if !std::io::stderr().is_terminal() {
            return Display::Lines { last: None };
        }
        let bar = ProgressBar::new(1);
        let template = "{msg:32} {bar:30} {pos}/{len} {elapsed}";
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        Display::Bar(bar)
    }

    fn step(&mut self, step: &Progress) {
        let what = if step.job == "link" {
            format!("link: {}", step.stage)
        } else {
            format!("{}: {}", step.subject, step.stage)
        };
        match self {
            Display::Bar(bar) => {
                bar.set_message(what);
                bar.set_length(step.total.unwrap_or(step.done.max(1)));
                bar.set_position(step.done);
            }
            Display::Lines { last } => {
                let due = last.is_none_or(|it| Duration::from_secs(2) < it.elapsed());
                if due {
                    *last = Some(Instant::now());
                    tracing::info!(job = %step.job, done = step.done, "{what}");
                }
            }
        }
    }
}
