//! Work that nobody waits for any more: it takes no place, and PostgreSQL does not go on with it.

use std::time::Duration;

use domain::viewer::Role;
use futures_util::future::join_all;
use sea_orm::{ConnectionTrait, DatabaseConnection, Statement, TransactionTrait};
use serde_json::{Value, json};
use tunggal::config::limits::Shares;

use super::{TestHub, VIEWER};
use crate::hub::{Kind, eventually, kinds, run};

const NAMES: &str = "{ enterprises { nodes { name { value } } } }";

/// Statements that wait for a lock in the database of `connection`.
async fn held_up(connection: &DatabaseConnection) -> i64 {
    let query = "SELECT COUNT(*) AS statements FROM pg_stat_activity \
                 WHERE datname = current_database() AND state = 'active' AND wait_event_type = 'Lock'";
    let statement = Statement::from_string(connection.get_database_backend(), query);
    let row = connection.query_one_raw(statement).await.unwrap().unwrap();
    row.try_get("", "statements").unwrap()
}

/// PostgreSQL holds a statement up for as long as somebody else has the table.
#[test]
fn a_statement_ends_with_the_time_of_its_request() {
    if !kinds().contains(&Kind::Postgres) {
        return;
    }
    run(async {
        let patience = Duration::from_millis(1_500);
        let hub = TestHub::start_with(Kind::Postgres, |it| it.limits.request_time = patience).await;
        let (_, beside) = hub.database().await;
        let lock = beside.begin().await.unwrap();
        lock.execute_unprepared("LOCK TABLE enterprise IN ACCESS EXCLUSIVE MODE").await.unwrap();
        let asked = async { hub.ask_as(Role::Steward, NAMES, Value::Null).await };
        let (answer, ()) = tokio::join!(asked, eventually(async || held_up(&beside).await == 1));
        assert_eq!(answer.code(), "TIMEOUT", "{answer:?}");
        // The table is still taken, and nothing waits for it.
        eventually(async || held_up(&beside).await == 0).await;
        lock.rollback().await.unwrap();
        assert_eq!(hub.ask_as(Role::Steward, NAMES, Value::Null).await.code(), "");
    });
}

#[test]
fn a_client_that_leaves_gives_its_place_back() {
    if !kinds().contains(&Kind::Postgres) {
        return;
    }
    run(async {
        let hub = TestHub::start_with(Kind::Postgres, |it| {
            it.limits.shares = Shares { places: 4, percent: [25; 4] };
            it.limits.waiting_time = Duration::from_millis(1);
        });
        let hub = hub.await;
        let (_, beside) = hub.database().await;
        let lock = beside.begin().await.unwrap();
        lock.execute_unprepared("LOCK TABLE enterprise IN ACCESS EXCLUSIVE MODE").await.unwrap();
        let token = hub.token(Role::Steward, None);
        let url = format!("{}/graphql", hub.url);
        let leaving = reqwest::Client::builder().no_proxy().build().unwrap();
        let asked = (0..4).map(|_| {
            let request = leaving.post(&url).bearer_auth(&token).json(&json!({ "query": NAMES }));
            tokio::spawn(request.send())
        });
        let asked: Vec<_> = asked.collect();
        let code = async || hub.ask_as(Role::Steward, VIEWER, Value::Null).await.code().to_owned();
        eventually(async || code().await == "OVERLOADED").await;
        asked.iter().for_each(tokio::task::JoinHandle::abort);
        let gone = join_all(asked).await;
        assert!(gone.iter().any(|it| it.as_ref().is_err_and(tokio::task::JoinError::is_cancelled)));
        // Long before their time is over.
        eventually(async || code().await.is_empty()).await;
        lock.rollback().await.unwrap();
    });
}
