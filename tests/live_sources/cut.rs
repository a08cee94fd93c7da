//! Connections that end in the middle.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::agency::{Agency, System, systems};
use tunggal::service::schedule;

use super::{WATERMARK, fault, load, minute, rows};
use crate::hub::{Kind, TestHub, kinds, run};
use crate::register::Dice;

/// Passes connections on to a server, and cuts each after so many bytes of what the server says.
struct Proxy {
    port: u16,
    room: Arc<AtomicUsize>,
}

impl Proxy {
    async fn before(server: u16) -> Proxy {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let room = Arc::new(AtomicUsize::new(usize::MAX));
        let left = Arc::clone(&room);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let server = TcpStream::connect(("127.0.0.1", server)).await.unwrap();
                tokio::spawn(pass(client, server, left.load(Ordering::SeqCst)));
            }
        });
        Proxy { port, room }
    }
}

async fn pass(client: TcpStream, server: TcpStream, mut room: usize) {
    let ((mut asks, mut hears), (mut says, mut takes)) = (client.into_split(), server.into_split());
    let back = async move {
        let mut buffer = [0; 4096];
        while let Ok(read @ 1..) = says.read(&mut buffer).await {
            let passed = read.min(room);
            room -= passed;
            if hears.write_all(&buffer[..passed]).await.is_err() || room == 0 {
                return;
            }
        }
    };
    // Whichever ends first ends both.
    tokio::select! {
        () = back => {}
        _ = tokio::io::copy(&mut asks, &mut takes) => {}
    }
}

const ROWS: usize = 400;

#[test]
fn a_connection_cut_anywhere_loses_and_doubles_nothing() {
    for system in systems().into_iter().filter(|it| *it != System::Sqlite) {
        let kinds =
            kinds().into_iter().filter(|it| system == System::Postgres || *it == Kind::Sqlite);
        for kind in kinds {
            for more in [format!("{WATERMARK}\nfile_rows = 70"), "deletes = true".to_owned()] {
                run(story(kind, system, &more));
            }
        }
    }
}

async fn story(kind: Kind, system: System, more: &str) {
    let agency = Agency::start(system).await;
    for id in (1..=ROWS).step_by(10) {
        agency.fill(id..id + 10, &format!("2026-01-01 08:{:02}:{:02}", id / 60, id % 60)).await;
    }
    let address = reqwest::Url::parse(&agency.url).unwrap();
    let proxy = Proxy::before(address.port().unwrap()).await;
    let port = format!(":{}/", address.port().unwrap());
    let text = agency.declared(more).replace(&port, &format!(":{}/", proxy.port));
    let declared = load(&[("umkm.toml", &text)], &agency.password).unwrap();
    let hub = TestHub::start_with(kind, |it| it.sources = declared).await;

    let (mut dice, mut cuts, mut at) = (Dice::of(7), 0, 0);
    loop {
        // In the greeting, in the answer, or not at all.
        let room = if cuts < 12 { 1 + dice.below(30_000) } else { usize::MAX };
        proxy.room.store(room, Ordering::SeqCst);
        let pulled = super::pull(&hub, at).await;
        if pulled.fault.is_none() && cuts != 0 {
            break;
        }
        if pulled.fault.is_some() {
            cuts += 1;
            let code = fault(&pulled);
            assert!(["SOURCE_CUT", "SOURCE_UNREACHABLE"].contains(&code), "{system:?} {pulled:?}");
        }
        let taken = rows(&hub).await;
        assert!(taken.values().all(|it| it.1), "a part is never taken for the whole");
        // However often it failed, an hour later it is its turn.
        at += 60;
        assert!(cuts < 20);
    }
    let now = rows(&hub).await;
    let expected: std::collections::BTreeSet<String> =
        (1..=ROWS).map(|it| it.to_string()).collect();
    assert_eq!(now.keys().cloned().collect::<std::collections::BTreeSet<_>>(), expected);
    assert_eq!(
        hub.rows("source_record").await,
        i64::try_from(ROWS).unwrap(),
        "no version is doubled"
    );
    assert!(schedule::due(&hub.app, minute(at)).await.unwrap().is_empty());
}
