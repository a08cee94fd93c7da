//! Many at once: uploads, decisions, undos and readings of the same enterprises.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use domain::id::{DecisionId, RecordId};
use domain::viewer::Role;
use serde_json::json;
use tunggal::error::Error;
use tunggal::service::decisions::{self, Answer};
use tunggal::service::link;
use tunggal::store::decisions::Status;

use crate::hub::{Kind, TestHub, kinds, run};
use crate::register::{
    Dice, check_invariants, check_relinking, decide, home, kominfo, of_kominfo, of_pariwisata,
    pariwisata, steward,
};

const WORKERS: usize = 16;
const BUSINESSES: usize = 40;

/// Decisions that were answered as made, with what the register must say of them at the end.
type Answered = Arc<Mutex<BTreeMap<DecisionId, Status>>>;

async fn worker(hub: Arc<TestHub>, number: usize, operations: usize, answered: Answered) {
    let (app, mut dice) = (&hub.app, Dice::of(7_000 + number as u64));
    let name = format!("steward {number}");
    let some = |dice: &mut Dice| match dice.below(2) {
        0 => of_kominfo(dice.below(BUSINESSES)),
        _ => of_pariwisata(dice.below(BUSINESSES)),
    };
    let mut mine: Vec<DecisionId> = vec![];
    for _ in 0..operations {
        match dice.below(40) {
            0 => {
                let rows: Vec<usize> = (0..3).map(|_| dice.below(BUSINESSES)).collect();
                match dice.below(2) {
                    0 => hub.ingest("kominfo", &kominfo(&rows, dice.below(9))).await,
                    _ => hub.ingest("pariwisata", &pariwisata(&rows, dice.below(9))).await,
                }
                if dice.below(2) == 0 {
                    link::link(app).await.unwrap();
                }
            }
            1..=5 => {
                let (a, b) = (some(&mut dice), some(&mut dice));
                let said = match dice.below(4) {
                    0 => decide(app, Answer::Same, a, b).await,
                    1 | 2 => decide(app, Answer::Never, a, b).await,
                    _ => decisions::split_out(app, &steward(&name), a, "moved").await,
                };
                match said {
                    Ok(id) => {
                        let status = app.store.decision(id).await.unwrap().unwrap().status;
                        answered.lock().unwrap().insert(id, status);
                        mine.push(id);
                    }
                    Err(Error::Conflict(_) | Error::InvalidInput { .. }) => {}
                    Err(error) => panic!("{error:?}"),
                }
            }
            6..=9 if !mine.is_empty() => {
                let id = mine.swap_remove(dice.below(mine.len()));
                let known = answered.lock().unwrap()[&id];
                if known == Status::Standing {
                    decisions::undo(app, &steward(&name), id).await.unwrap();
                    answered.lock().unwrap().insert(id, Status::Undone);
                }
            }
            _ => read(&hub, some(&mut dice)).await,
        }
    }
}

/// Any reader finds a record in an enterprise that has it, and old ids lead somewhere.
async fn read(hub: &TestHub, record: RecordId) {
    let id = home(&hub.app, record).await.to_string();
    let query = "query($id: ID!) { enterprise(id: $id) {
        id recordCount retiredIds sourceRecords { id } } }";
    let reply = hub.ask_as(Role::Steward, query, json!({ "id": id })).await;
    assert!(reply.body.get("errors").is_none(), "{reply:?}");
    assert!(reply.at("/enterprise/id").is_string(), "an id that leads nowhere: {reply:?}");
}

async fn everybody(kind: Kind, operations: usize) {
    let hub = Arc::new(TestHub::start(kind).await);
    let all: Vec<usize> = (0..BUSINESSES).collect();
    hub.ingest("kominfo", &kominfo(&all, 0)).await;
    hub.ingest("pariwisata", &pariwisata(&all, 0)).await;
    hub.link().await;
    let answered = Answered::default();
    let workers: Vec<_> = (0..WORKERS)
        .map(|it| {
            let (hub, answered) = (Arc::clone(&hub), Arc::clone(&answered));
            let handle = tokio::runtime::Handle::current();
            let work = move || handle.block_on(worker(hub, it, operations / WORKERS, answered));
            tokio::task::spawn_blocking(work)
        })
        .collect();
    for worker in workers {
        worker.await.unwrap();
    }
    let answered = answered.lock().unwrap().clone();
    assert!(operations / 20 < answered.len(), "too few decisions were made");
    for (id, status) in answered {
        let kept = hub.app.store.decision(id).await.unwrap().map(|it| it.status);
        assert_eq!(kept, Some(status), "{id} was lost");
    }
    link::link(&hub.app).await.unwrap();
    check_invariants(&hub.app).await;
    check_relinking(&hub.app).await;
}

/// No decision is lost and every law holds, whoever works at the same time.
#[test]
fn sixteen_work_on_the_same_enterprises_at_once() {
    for kind in kinds() {
        let operations = if kind == Kind::Postgres { 5_000 } else { 500 };
        run(everybody(kind, operations));
    }
}
