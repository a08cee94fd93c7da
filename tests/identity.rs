//! What somebody may do is read while she does it: an account that is shut, or is given another role,
//! is felt within five seconds, on every node and in open sockets.

use std::process::{Command, Stdio};
use std::time::Duration;

use chrono::TimeDelta;
use domain::viewer::Role;
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};
use tunggal::service::accounts;

use crate::hub::{Reply, TestHub, on_every_database, viewer, within};
use crate::sign_in::{PASSWORD, operator, standing, token, with_password, with_secret};
use crate::socket::{Heard, PROGRESS, Socket, subscribe};

const VIEWER: &str = "{ viewer { role agency } }";
/// Within this, a change is felt everywhere.
const FELT: Duration = Duration::from_secs(5);

async fn seen(hub: &TestHub, token: &str) -> Reply {
    hub.ask(Some(token.to_owned()), VIEWER, Value::Null).await
}

/// A socket on which somebody follows progress.
async fn listening(hub: &TestHub, token: &str) -> Socket {
    let mut socket = Socket::introduced(hub, Some(token.to_owned())).await;
    socket.say(subscribe(PROGRESS)).await;
    socket.say(json!({ "type": "ping" })).await;
    assert_eq!(socket.hear().await, Heard::Text(json!({ "type": "pong" })));
    socket
}

async fn closed_in_time(socket: &mut Socket) -> Heard {
    tokio::time::timeout(FELT, socket.hear()).await.expect("the socket is closed in time")
}

on_every_database! {
    async fn a_person_who_is_shut_out_is_out_everywhere(hub: TestHub) {
        let other = hub.another_node().await;
        accounts::add_person(&hub.app, "ani", standing(Role::Steward), PASSWORD).await.unwrap();
        let bearing = token(&with_password(&hub, "ani", PASSWORD).await);
        for node in [&hub, &other] {
            within(FELT, async || seen(node, &bearing).await.status == 200).await;
        }
        let mut sockets = [listening(&hub, &bearing).await, listening(&other, &bearing).await];
        accounts::disable(&hub.app, "ani").await.unwrap();
        let (first, second) = {
            let [one, two] = &mut sockets;
            tokio::join!(closed_in_time(one), closed_in_time(two))
        };
        assert_eq!((first, second), (Heard::Closed(4403), Heard::Closed(4403)));
        for node in [&hub, &other] {
            within(FELT, async || seen(node, &bearing).await.status == 401).await;
            assert_eq!(seen(node, &bearing).await.code(), "ACCOUNT_DISABLED");
        }
        assert_eq!(with_password(&hub, "ani", PASSWORD).await.status, 400);
        accounts::enable(&hub.app, "ani").await.unwrap();
        within(FELT, async || seen(&other, &bearing).await.status == 200).await;
    }

    async fn another_role_binds_the_tokens_that_are_out(hub: TestHub) {
        let other = hub.another_node().await;
        accounts::add_person(&hub.app, "ani", standing(Role::Steward), PASSWORD).await.unwrap();
        let bearing = token(&with_password(&hub, "ani", PASSWORD).await);
        within(FELT, async || seen(&other, &bearing).await.status == 200).await;
        let mut socket = listening(&other, &bearing).await;
        accounts::set_standing(&hub.app, "ani", operator()).await.unwrap();
        assert_eq!(closed_in_time(&mut socket).await, Heard::Closed(4403));
        for node in [&hub, &other] {
            let operates = async || seen(node, &bearing).await.at("/viewer/role") == "AGENCY_OPERATOR";
            within(FELT, operates).await;
            assert_eq!(seen(node, &bearing).await.at("/viewer/agency"), "kominfo");
        }
        // She may connect again, as who she is now.
        drop(listening(&other, &bearing).await);
        assert!(accounts::set_standing(&hub.app, "ani", standing(Role::Lender)).await.is_err());
        assert!(accounts::set_standing(&hub.app, "nobody", operator()).await.is_err());
    }

    async fn another_password_revokes_the_tokens_that_are_out(hub: TestHub) {
        accounts::add_person(&hub.app, "ani", standing(Role::Steward), PASSWORD).await.unwrap();
        let before = token(&with_password(&hub, "ani", PASSWORD).await);
        within(FELT, async || seen(&hub, &before).await.status == 200).await;
        let mut socket = listening(&hub, &before).await;
        accounts::set_password(&hub.app, "ani", "gajah biru minum kopi").await.unwrap();
        assert_eq!(closed_in_time(&mut socket).await, Heard::Closed(4403));
        within(FELT, async || seen(&hub, &before).await.status == 401).await;
        assert_eq!(with_password(&hub, "ani", PASSWORD).await.status, 400);
        let after = token(&with_password(&hub, "ani", "gajah biru minum kopi").await);
        within(FELT, async || seen(&hub, &after).await.status == 200).await;
    }

    async fn a_client_that_is_shut_out_is_out(hub: TestHub) {
        let steward = standing(Role::Steward);
        let secret = accounts::add_client(&hub.app, "importer", steward, None, None).await.unwrap();
        let bearing = token(&with_secret(&hub, "importer", &secret).await);
        within(FELT, async || seen(&hub, &bearing).await.status == 200).await;
        let mut socket = listening(&hub, &bearing).await;
        accounts::disable(&hub.app, "importer").await.unwrap();
        assert_eq!(closed_in_time(&mut socket).await, Heard::Closed(4403));
        within(FELT, async || seen(&hub, &bearing).await.code() == "ACCOUNT_DISABLED").await;
        assert_eq!(with_secret(&hub, "importer", &secret).await.status, 401);
    }

    async fn a_subject_of_the_command_line_can_be_shut_out_and_never_stands_for_an_account(hub: TestHub) {
        let bearing = hub.token(Role::Steward, None);
        assert_eq!(seen(&hub, &bearing).await.at("/viewer/role"), "STEWARD");
        let mut socket = listening(&hub, &bearing).await;
        accounts::disable(&hub.app, "steward@test").await.unwrap();
        assert_eq!(closed_in_time(&mut socket).await, Heard::Closed(4403));
        within(FELT, async || seen(&hub, &bearing).await.code() == "ACCOUNT_DISABLED").await;
        accounts::enable(&hub.app, "steward@test").await.unwrap();
        within(FELT, async || seen(&hub, &bearing).await.status == 200).await;
        // An account of that name, and the token made without it speaks for nobody.
        let auditor = hub.token(Role::Auditor, None);
        accounts::add_person(&hub.app, "auditor@test", operator(), PASSWORD).await.unwrap();
        within(FELT, async || seen(&hub, &auditor).await.status == 401).await;
    }

    async fn nobody_is_let_in_while_the_accounts_cannot_be_read(hub: TestHub) {
        let bearing = hub.token(Role::Steward, None);
        assert_eq!(seen(&hub, &bearing).await.status, 200);
        let mut socket = listening(&hub, &bearing).await;
        let (_, database) = hub.database().await;
        database.execute_unprepared("ALTER TABLE setting RENAME TO away").await.unwrap();
        within(FELT, async || seen(&hub, &bearing).await.code() == "ACCOUNTS_UNREADABLE").await;
        assert_eq!(seen(&hub, &bearing).await.status, 503);
        assert_eq!(socket.hear().await, Heard::Closed(1013));
        assert_eq!(hub.public(VIEWER, Value::Null).await.at("/viewer/role"), "PUBLIC");
        database.execute_unprepared("ALTER TABLE away RENAME TO setting").await.unwrap();
        within(FELT, async || seen(&hub, &bearing).await.status == 200).await;
    }

    async fn a_socket_is_closed_when_its_token_ends(hub: TestHub) {
        let steward = viewer(Role::Steward, None);
        let bearing = hub.app.keys.issue(&steward, TimeDelta::seconds(3)).unwrap();
        let mut socket = listening(&hub, &bearing).await;
        assert_eq!(closed_in_time(&mut socket).await, Heard::Closed(4401));
        assert_eq!(seen(&hub, &bearing).await.status, 401);
    }
}

/// The same by the command line, while a server runs.
#[test]
fn the_command_line_makes_changes_and_shuts_accounts_and_shows_a_secret_once() {
    let place = tempfile::tempdir().unwrap();
    let run = |arguments: &[&str], input: &str| {
        use std::io::Write;
        let mut command = Command::new(env!("CARGO_BIN_EXE_tunggal-under-test"));
        command.args(arguments).arg("--data-dir").arg(place.path().join("data"));
        command.env_remove("DATABASE_URL").env("TUNGGAL_LOG", "off").current_dir(place.path());
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        // A command that reads nothing may have ended.
        let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
        let output = child.wait_with_output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        (output.status.success(), text(output.stdout), text(output.stderr))
    };
    let done = |arguments: &[&str], input: &str| {
        let (success, out, told) = run(arguments, input);
        assert!(success, "{arguments:?}: {told}");
        out
    };
    let add = ["user", "add", "siti.aminah", "--role", "agency_operator", "--agency", "kominfo"];
    let made = done(&add, "");
    assert!(made.starts_with("password  tgs_"), "{made}");
    let (success, _, told) = run(&add, "");
    assert!(!success && told.contains("taken"), "{told}");
    let steward = ["user", "add", "budi", "--role", "steward", "--password-stdin"];
    let (success, _, told) = run(&steward, "rahasia123456\n");
    assert!(!success && told.contains("password") && !told.contains("rahasia"), "{told}");
    assert_eq!(done(&steward, &format!("{PASSWORD}\n")), "");
    assert_eq!(done(&["user", "disable", "budi"], ""), "");
    assert!(done(&["user", "disable", "oidc:3fa85f64"], "").contains("no account has this name"));
    done(&["user", "role", "siti.aminah", "--role", "auditor"], "");
    let list = done(&["user", "list"], "");
    let line = |name: &str| list.lines().find(|it| it.starts_with(name)).unwrap().to_owned();
    assert!(line("budi").contains("steward") && line("budi").ends_with("disabled"), "{list}");
    assert!(line("oidc:3fa85f64").ends_with("disabled"));
    assert!(line("siti.aminah").contains("auditor") && line("siti.aminah").ends_with("active"));
    for of in [["client", "add", "bri-nightly"], ["user", "role", "siti.aminah"]] {
        let lender = ["--role", "lender", "--institution", "bank-mana"];
        let (success, _, told) = run(&[&of[..], &lender[..]].concat(), "");
        assert!(!success && told.contains("must be one of") && told.contains("bjb"), "{told}");
    }
    let client = ["client", "add", "bjb-nightly", "--role", "lender", "--institution", "bjb"];
    let made = done(
        &[&client[..], &["--scope", "enterprises:read", "--expires", "2999-01-31"]].concat(),
        "",
    );
    assert!(made.contains("client_id      bjb-nightly") && made.contains("client_secret  tgs_"));
    let again = done(&["client", "rotate", "bjb-nightly"], "");
    assert_ne!(made, again);
    let list = done(&["client", "list"], "");
    assert!(list.contains("active until 2999-01-31") && !list.contains("tgs_"), "{list}");
    assert_eq!(done(&["key", "list"], "").lines().count(), 1);
    assert_eq!(done(&["key", "rotate"], "").lines().count(), 2);
    assert_eq!(done(&["key", "rotate", "--revoke"], "").lines().count(), 1);
    for none in [["user", "enable", "nobody"], ["client", "disable", "nobody"]] {
        let (success, _, told) = run(&none, "");
        assert!(!success && told.contains("has this id"), "{told}");
    }
    let (success, _, told) = run(&[&client[..], &["--expires", "besok"]].concat(), "");
    assert!(!success && told.contains("a day such as 2027-01-31"), "{told}");
    // Nothing of a password or secret stands in the database as it was given.
    let file = std::fs::read(place.path().join("data/tunggal.sqlite")).unwrap();
    for secret in [
        PASSWORD,
        made.split("tgs_").nth(1).unwrap().trim(),
        again.split("tgs_").nth(1).unwrap().trim(),
    ] {
        assert!(!file.windows(secret.len()).any(|it| it == secret.as_bytes()));
    }
}
