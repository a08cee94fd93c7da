//! The laws of the register, after stories told by a seed.

use domain::enterprise::Attribute;
use domain::id::{DecisionId, RecordId};
use tunggal::app::App;
use tunggal::service::decisions::{self, Answer};
use tunggal::service::link;
use tunggal::store::decisions::Status;

use crate::hub::{Kind, TestHub, kinds, run};
use crate::register::{
    Dice, agree, check_invariants, check_relinking, clusters, decide, kominfo, of_kominfo,
    of_pariwisata, pariwisata, steward, view,
};

const BUSINESSES: usize = 36;
const STEPS: usize = 16;
/// So many that what stewards say later moves some of the rows by which they were given.
const CONSENTS: usize = 16;

/// Takes a list of some businesses, in some version.
async fn upload(hub: &TestHub, dice: &mut Dice) {
    let some: Vec<usize> = (0..1 + dice.below(8)).map(|_| dice.below(BUSINESSES)).collect();
    let edition = dice.below(3);
    let (agency, list) = match dice.below(2) {
        0 => ("kominfo", kominfo(&some, edition)),
        _ => ("pariwisata", pariwisata(&some, edition)),
    };
    match dice.below(3) {
        0 => hub.ingest_whole_list(agency, &list).await,
        _ => hub.ingest(agency, &list).await,
    }
}

/// A record that is linked.
async fn record(app: &App, dice: &mut Dice) -> RecordId {
    let mut records: Vec<RecordId> = app.store.members().await.unwrap().into_keys().collect();
    records.sort();
    records[dice.below(records.len())]
}

/// Says something at random. A refusal, which says nothing, is `None`.
pub async fn say(app: &App, dice: &mut Dice) -> Option<DecisionId> {
    let (a, b) = (record(app, dice).await, record(app, dice).await);
    let by = steward("walidata");
    let said = match dice.below(8) {
        0..=2 => decide(app, Answer::Same, a, b).await,
        3 | 4 => decide(app, Answer::Never, a, b).await,
        5 => decide(app, Answer::NotSure, a, b).await,
        6 => decisions::split_out(app, &by, a, "moved").await,
        _ => {
            let phone = format!("0877{:08}", dice.below(1_000_000));
            decisions::override_value(app, &by, a, Attribute::Phone, &phone, "called").await
        }
    };
    said.ok()
}

async fn status(app: &App, id: DecisionId) -> Status {
    app.store.decision(id).await.unwrap().unwrap().status
}

async fn story(kind: Kind, seed: u64) {
    let hub = TestHub::start(kind).await;
    let (app, mut dice) = (&hub.app, Dice::of(seed));
    let first: Vec<usize> = (0..24).collect();
    hub.ingest("kominfo", &kominfo(&first, 0)).await;
    hub.ingest("pariwisata", &pariwisata(&first, 0)).await;
    hub.link().await;
    for number in 0..CONSENTS {
        agree(app, record(app, &mut dice).await, number % 2 == 0).await;
    }
    let mut said: Vec<DecisionId> = vec![];
    for _ in 0..STEPS {
        match dice.below(11) {
            0 | 1 => upload(&hub, &mut dice).await,
            10 => {
                let every = dice.below(2) == 0;
                agree(app, record(app, &mut dice).await, every).await;
            }
            2 => {
                upload(&hub, &mut dice).await;
                hub.link().await;
            }
            3..=6 => said.extend(say(app, &mut dice).await),
            7 if !said.is_empty() => {
                let id = said[dice.below(said.len())];
                let second = steward("second");
                match status(app, id).await {
                    Status::Pending if dice.below(3) == 0 => {
                        decisions::reject(app, &second, id).await.unwrap();
                    }
                    // Refused where it contradicts what was said since.
                    Status::Pending => drop(decisions::approve(app, &second, id).await),
                    Status::Standing => decisions::undo(app, &second, id).await.unwrap(),
                    _ => assert!(decisions::undo(app, &second, id).await.is_err()),
                }
            }
            // Said and taken back at once, a decision leaves the view as it was, byte for byte.
            _ => {
                hub.link().await;
                let before = view(&hub).await;
                if let Some(id) = say(app, &mut dice).await {
                    match status(app, id).await {
                        Status::Pending => {
                            decisions::withdraw(app, &steward("walidata"), id).await.unwrap();
                        }
                        _ => decisions::undo(app, &steward("walidata"), id).await.unwrap(),
                    }
                }
                assert!(view(&hub).await == before, "seed {seed}: undoing left something behind");
            }
        }
        check_invariants(app).await;
    }
    check_relinking(app).await;
}

/// Laws 1 to 5 and 7.
#[test]
fn after_any_story_the_laws_hold() {
    for kind in kinds() {
        let stories = if kind == Kind::Sqlite { 14 } else { 5 };
        for seed in 0..stories {
            run(story(kind, 1_000 * kind as u64 + seed));
        }
    }
}

/// Law 2.
#[test]
fn the_order_in_which_lists_arrive_does_not_matter() {
    for seed in 0..6_u64 {
        run(async move {
            let mut dice = Dice::of(seed);
            let mut lists: Vec<(&str, String)> = vec![];
            for part in 0..6_usize {
                let some: Vec<usize> = (part * 6..part * 6 + 6).collect();
                lists.push(("kominfo", kominfo(&some, 0)));
                lists.push(("pariwisata", pariwisata(&some, 0)));
            }
            let mut seen = vec![];
            for _ in 0..2 {
                let hub = TestHub::start(Kind::Sqlite).await;
                for (agency, list) in &lists {
                    hub.ingest(agency, list).await;
                }
                hub.link().await;
                let members = hub.app.store.members().await.unwrap();
                let mut ids: Vec<_> =
                    members.iter().map(|(record, it)| (*record, it.enterprise, it.owner)).collect();
                ids.sort();
                seen.push(ids);
                for it in 0..lists.len() {
                    lists.swap(it, dice.below(it + 1));
                }
            }
            assert_eq!(seen[0], seen[1], "seed {seed}");
        });
    }
}

/// Under one model, what was decided before rows came and after they came is the same.
#[test]
fn the_order_of_decisions_and_arrivals_does_not_matter() {
    run(async {
        let mut seen = vec![];
        for early in [true, false] {
            let hub = TestHub::start(Kind::Sqlite).await;
            let first: Vec<usize> = (0..24).collect();
            hub.ingest("kominfo", &kominfo(&first, 0)).await;
            hub.link().await;
            let say = async || {
                decide(&hub.app, Answer::Same, of_kominfo(4), of_kominfo(14)).await.unwrap();
                decide(&hub.app, Answer::Never, of_kominfo(2), of_kominfo(3)).await.unwrap();
            };
            if early {
                say().await;
            }
            hub.ingest("pariwisata", &pariwisata(&first, 0)).await;
            link::link(&hub.app).await.unwrap();
            if !early {
                say().await;
            }
            seen.push(clusters(&hub.app).await);
            assert!(seen[0].iter().any(|it| it.contains(&of_pariwisata(2))));
        }
        assert_eq!(seen[0], seen[1]);
    });
}
