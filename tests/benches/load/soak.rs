//! All roles' work at once, for long.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::mpsc;

use crate::connection::Connection;
use crate::hub::Hub;
use crate::work::{Work, all};
use crate::{Failure, quantile, say};

const CONNECTIONS: usize = 16;
const LINE: Duration = Duration::from_secs(10);
/// How far the memory may grow from the first minute to the last line before it is called growing, in MB.
const GROWTH: u64 = 64;

/// One answer: which work, how it ended, how long it took.
struct Done {
    work: usize,
    code: String,
    took: Duration,
}

pub async fn run(hub: &Hub, span: Duration) -> Result<(), Failure> {
    let works: Arc<[Work]> = all(hub).into();
    let (done, mut answers) = mpsc::unbounded_channel();
    let (started, number) = (Instant::now(), Arc::new(AtomicUsize::new(0)));
    let mut tasks: Vec<_> = (0..CONNECTIONS)
        .map(|_| {
            tokio::spawn(work(
                hub.port,
                works.clone(),
                number.clone(),
                done.clone(),
                started + span,
            ))
        })
        .collect();
    tasks.push(tokio::spawn(decide(hub.port, decisions(hub), done.clone(), started + span)));
    drop(done);
    let events = Arc::new(AtomicUsize::new(0));
    let listener = tokio::spawn(listen(hub.port, hub.bearer("steward"), events.clone()));

    let (mut lines, mut whole) = (tokio::time::interval(LINE), Totals::default());
    let (mut part, mut memory) = (Totals::default(), vec![]);
    lines.tick().await;
    loop {
        tokio::select! {
            answer = answers.recv() => match answer {
                Some(it) => { whole.add(&it); part.add(&it); }
                None => break,
            },
            _ = lines.tick() => {
                memory.extend(hub.memory_mb());
                let mut line = std::mem::take(&mut part).told(LINE);
                line["second"] = started.elapsed().as_secs().into();
                line["memory_mb"] = memory.last().copied().into();
                line["events"] = events.load(Ordering::Relaxed).into();
                say(&line)?;
            }
        }
    }
    listener.abort();
    for task in tasks {
        task.await??;
    }
    let mut line = whole.by_work(&works);
    line["all"] = whole.told(started.elapsed());
    let early = memory.iter().take(6).max().copied().unwrap_or_default();
    let late = memory.last().copied().unwrap_or_default();
    line["memory_mb"] =
        json!({ "first_minute": early, "last": late, "grows": early + GROWTH < late });
    say(&line)
}

async fn work(
    port: u16,
    works: Arc<[Work]>,
    number: Arc<AtomicUsize>,
    done: mpsc::UnboundedSender<Done>,
    until: Instant,
) -> Result<(), Failure> {
    let all: usize = works.iter().map(|it| it.share).sum();
    let mut connection = Connection::open(port).await?;
    while Instant::now() < until {
        let number = number.fetch_add(1, Ordering::Relaxed);
        // A step that has nothing in common with the sum, so that all come in a mixed order.
        let mut place = number.wrapping_mul(37) % all;
        let work = works.iter().position(|it| match place.checked_sub(it.share) {
            Some(rest) => {
                place = rest;
                false
            }
            None => true,
        });
        let Some(work) = work else { continue };
        let requests = &works[work].requests;
        let asked = Instant::now();
        let code = code_of(&mut connection, &requests[number / all % requests.len()]).await;
        let took = asked.elapsed();
        if code == "BROKEN" {
            connection = Connection::open(port).await?;
        }
        if done.send(Done { work, code, took }).is_err() {
            break;
        }
    }
    Ok(())
}

/// How a request ended: nothing to tell, the code of its first error, or `BROKEN` when there was no answer.
async fn code_of(connection: &mut Connection, request: &[u8]) -> String {
    match connection.ask(request).await {
        Ok(answer) if answer.is_whole() => String::new(),
        Ok(answer) => {
            let body: Value = serde_json::from_slice(connection.body()).unwrap_or_default();
            let code = body["errors"][0]["extensions"]["code"].as_str();
            code.map_or_else(|| answer.status.to_string(), str::to_owned)
        }
        Err(_) => "BROKEN".to_owned(),
    }
}

/// The steward's requests that settle a doubtful pair.
struct Decisions {
    queue: Vec<u8>,
    decide: Filled,
    undo: Filled,
}

/// A request made of what was answered before.
type Filled = Box<dyn Fn(&Value) -> Vec<u8> + Send>;

fn decisions(hub: &Hub) -> Decisions {
    let head = |query: &'static str| {
        let head = hub.posted("steward", "application/json", "", b"");
        let head = String::from_utf8_lossy(&head).replace("Content-Length: 0\r\n\r\n", "");
        move |variables: Value| {
            let body = json!({ "query": query, "variables": variables }).to_string();
            format!("{head}Content-Length: {}\r\n\r\n{body}", body.len()).into_bytes()
        }
    };
    let decide = head(
        "mutation($a: ID!, $b: ID!) { decide(a: $a, b: $b, kind: NEVER, reason: \"soak\") { id } }",
    );
    let undo = head("mutation($id: ID!) { undoDecision(id: $id) { id } }");
    Decisions {
        queue: hub.request("steward", "{ reviewQueue(first: 1) { nodes { a b } } }", &Value::Null),
        decide: Box::new(move |pair| decide(json!({ "a": pair["a"], "b": pair["b"] }))),
        undo: Box::new(move |id| undo(json!({ "id": id }))),
    }
}

/// Tells the first pair of the queue apart and takes it back, once a second.
async fn decide(
    port: u16,
    requests: Decisions,
    done: mpsc::UnboundedSender<Done>,
    until: Instant,
) -> Result<(), Failure> {
    let mut ticks = tokio::time::interval(Duration::from_secs(1));
    let mut connection = Connection::open(port).await?;
    while Instant::now() < until {
        ticks.tick().await;
        connection.ask(&requests.queue).await?;
        let queue: Value = serde_json::from_slice(connection.body())?;
        let Some(pair) = queue.pointer("/data/reviewQueue/nodes/0") else { continue };
        let asked = Instant::now();
        let mut code = code_of(&mut connection, &(requests.decide)(pair)).await;
        let decided: Value = serde_json::from_slice(connection.body())?;
        if let Some(id) = decided.pointer("/data/decide/id") {
            code = code_of(&mut connection, &(requests.undo)(id)).await;
        }
        let told = Done { work: usize::MAX, code, took: asked.elapsed() };
        if done.send(told).is_err() {
            break;
        }
    }
    Ok(())
}

/// Counts what a subscription tells, as server-sent events.
async fn listen(port: u16, bearer: String, events: Arc<AtomicUsize>) -> Result<(), Failure> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await?;
    let body = r#"{"query":"subscription { progress { job } }"}"#;
    let request = format!(
        "POST /graphql HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n\
         Accept: text/event-stream\r\n{bearer}Content-Length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).await?;
    let mut buffer = vec![0; 16_384];
    loop {
        let read = stream.read(&mut buffer).await?;
        if read == 0 {
            return Ok(());
        }
        let told = buffer[..read].windows(11).filter(|it| it == b"event: next").count();
        events.fetch_add(told, Ordering::Relaxed);
    }
}

/// Answers, by work and by how they ended.
#[derive(Default)]
struct Totals {
    times: BTreeMap<usize, Vec<Duration>>,
    codes: BTreeMap<String, usize>,
}

impl Totals {
    fn add(&mut self, done: &Done) {
        match done.code.as_str() {
            "" => self.times.entry(done.work).or_default().push(done.took),
            code => *self.codes.entry(code.to_owned()).or_default() += 1,
        }
    }

    fn told(&self, span: Duration) -> Value {
        let mut times: Vec<Duration> = self.times.values().flatten().copied().collect();
        times.sort_unstable();
        json!({
            "answered_per_second": (times.len() as f64 / span.as_secs_f64()).round(),
            "p50_ms": quantile(&times, 0.5), "p99_ms": quantile(&times, 0.99), "errors": self.codes,
        })
    }

    fn by_work(&self, works: &[Work]) -> Value {
        let told = self.times.iter().map(|(work, times)| {
            let mut times = times.clone();
            times.sort_unstable();
            let name = works.get(*work).map_or("steward: decide and undo", |it| it.name);
            let told = json!({
                "answered": times.len(),
                "p50_ms": quantile(&times, 0.5), "p99_ms": quantile(&times, 0.99),
            });
            (name.to_owned(), told)
        });
        Value::Object(told.collect())
    }
}
