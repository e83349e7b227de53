//! Live delivery under load: many sockets with one subscription each, equal for all of them, each of another caller;
//! somebody writes; how long until everybody knows, and what it costs the server.
//!
//! `ulimit -n 20000 && cargo bench --bench live -- [--subscribers 1000,5000] [--writes 20] [--seconds 10]`
//!
//! The store lies in `TMPDIR`: on a disk, each delay includes a sync.
//!
//! The server is another process (the release build of this package), so its memory and time are its own. Load and
//! server share the machine.

#![expect(clippy::print_stdout, reason = "a report is printed")]

mod server;
mod socket;

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use server::Server;
use socket::Socket;

/// Sockets that are being opened at one time.
const OPENING: usize = 64;

/// Open files of a process besides the sockets, at most.
const OTHER_FILES: usize = 200;

/// How long after the last write an event may come and still count.
const PATIENCE: Duration = Duration::from_secs(10);

/// The number of the first write: it makes every stock a number that the demo data does not have.
const FIRST: usize = 1_000_000;

const SUBSCRIPTION: &str = "subscription { items(where: {status: {eq: ON_SALE}}, first: 20) { kind sequence changes { type id node { id title price stock status } } } }";

/// What the columns of a report are; quantiles are p50 and p99.
const HEAD: &str = "| subscribers | first snapshot p50 / p99 / of all | delivered | delay p50 / p99 / max | memory each | server CPU s per 1,000 delivered | watches | renders per write |
|---|---|---|---|---|---|---|---|";

/// When each write was sent.
type Sent = Arc<[OnceLock<Instant>]>;

struct Load {
    subscribers: usize,
    /// A second.
    writes: usize,
    seconds: usize,
}

fn main() {
    let options = options();
    let number = |name: &str, otherwise: usize| {
        let text = options.get(name);
        text.map_or(otherwise, |text| text.parse().expect("a number"))
    };
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    println!("{HEAD}");
    let sizes = options
        .get("subscribers")
        .map_or("1000,5000", String::as_str);
    for subscribers in sizes.split(',') {
        let load = Load {
            subscribers: subscribers.parse().expect("a number"),
            writes: number("writes", 20),
            seconds: number("seconds", 10),
        };
        let (needed, allowed) = (load.subscribers + OTHER_FILES, files_allowed());
        if needed > allowed {
            println!(
                "{subscribers} sockets need {needed} open files, allowed are {allowed}: `ulimit -n {needed}`"
            );
            continue;
        }
        runtime.block_on(run(&load));
    }
}

/// How many files a process may have open, the server as well, which inherits it.
fn files_allowed() -> usize {
    let limits = std::fs::read_to_string("/proc/self/limits").expect("Linux");
    let files = limits
        .lines()
        .find_map(|line| line.strip_prefix("Max open files"));
    let soft = files.and_then(|columns| columns.split_whitespace().next());
    soft.and_then(|soft| soft.parse().ok())
        .unwrap_or(usize::MAX)
}

/// `--name value`; what cargo adds by itself is left out.
fn options() -> HashMap<String, String> {
    let given: Vec<String> = std::env::args()
        .skip(1)
        .filter(|it| it != "--bench")
        .collect();
    let pair = |pair: &[String]| {
        let name = pair[0].strip_prefix("--").expect("options begin with --");
        let value = pair.get(1).expect("each option has a value");
        (name.to_owned(), value.clone())
    };
    given.chunks(2).map(pair).collect()
}

/// What came of one load, as a row of a table.
struct Report {
    subscribers: usize,
    /// How long after its beginning each socket had its first snapshot.
    connects: Vec<Duration>,
    connected: Duration,
    /// How long after its write each event arrived.
    delays: Vec<Duration>,
    /// How many should have arrived.
    expected: usize,
    /// Of the server, in bytes, for each subscriber.
    memory: usize,
    /// Seconds of the server's processor time during the writes.
    cpu: f64,
    /// Payloads rendered for each write.
    renders: f64,
    watches: f64,
}

async fn run(load: &Load) {
    let server = Server::start().await;
    let items = items(&server).await;
    let before = server.memory();
    let began = Instant::now();
    let (sockets, connects) = connect(&server, load.subscribers).await;
    let connected = began.elapsed();
    let memory = server.memory().saturating_sub(before) / load.subscribers;

    let count = load.writes * load.seconds;
    let (cpu, renders) = (server.cpu(), server.metric("renders_total").await);
    let delays = deliver(&server, sockets, &items, count, load.writes).await;
    let report = Report {
        subscribers: load.subscribers,
        connects,
        connected,
        delays,
        expected: count * load.subscribers,
        memory,
        cpu: server.cpu() - cpu,
        renders: (server.metric("renders_total").await - renders) / count as f64,
        watches: server.metric("watches").await,
    };
    println!("{report}");
}

/// Writes while everybody listens; how long each event took.
async fn deliver(
    server: &Server,
    sockets: Vec<Socket>,
    items: &[String],
    count: usize,
    each_second: usize,
) -> Vec<Duration> {
    let sent: Sent = (0..count).map(|_| OnceLock::new()).collect();
    let mut listeners = JoinSet::new();
    for socket in sockets {
        listeners.spawn(listen(socket, Arc::clone(&sent)));
    }
    write(server, items, &sent, each_second).await;
    listeners.join_all().await.concat()
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let delivered = self.delays.len() as f64;
        let at = |times: &[Duration], share| millis(quantile(times, share));
        write!(
            f,
            "| {} | {} / {} / {} ms | {:.2} % | {} / {} / {} ms | {:.1} KB | {:.4} | {} | {:.2} |",
            self.subscribers,
            at(&self.connects, 0.5),
            at(&self.connects, 0.99),
            millis(self.connected),
            100.0 * delivered / self.expected as f64,
            at(&self.delays, 0.5),
            at(&self.delays, 0.99),
            at(&self.delays, 1.0),
            self.memory as f64 / 1024.0,
            self.cpu / delivered * 1000.0,
            self.watches,
            self.renders,
        )
    }
}

/// The items that everybody sees.
async fn items(server: &Server) -> Vec<String> {
    let query = "{ items(where: {status: {eq: ON_SALE}}, first: 20) { nodes { id } } }";
    let answer = server.ask(json!({ "query": query })).await;
    let nodes = answer["data"]["items"]["nodes"].as_array().expect("items");
    let id = |node: &Value| node["id"].as_str().expect("an id").to_owned();
    nodes.iter().map(id).collect()
}

/// Opens sockets, each of its own caller; with how long each took until its first snapshot.
async fn connect(server: &Server, subscribers: usize) -> (Vec<Socket>, Vec<Duration>) {
    let slots = Arc::new(Semaphore::new(OPENING));
    let mut opening = JoinSet::new();
    for number in 0..subscribers {
        let slots = Arc::clone(&slots);
        let address = server.address();
        opening.spawn(async move {
            let _slot = slots.acquire_owned().await.expect("it stays open");
            let began = Instant::now();
            let token = format!("dev:uid:load-{number}");
            let mut socket = Socket::open(address, &token, SUBSCRIPTION).await;
            let first = socket.message().await.expect("a snapshot");
            assert!(
                contains(first, b"SNAPSHOT"),
                "{}",
                String::from_utf8_lossy(first)
            );
            (socket, began.elapsed())
        });
    }
    let opened = opening.join_all().await;
    opened.into_iter().unzip()
}

/// Takes events until the last write's, and tells how long after its write each came.
async fn listen(mut socket: Socket, sent: Sent) -> Vec<Duration> {
    let mut delays = Vec::with_capacity(sent.len());
    loop {
        let Ok(message) = tokio::time::timeout(PATIENCE, socket.message()).await else {
            return delays;
        };
        let Some(message) = message else {
            return delays;
        };
        let now = Instant::now();
        for write in stocks(message) {
            let Some(begun) = sent.get(write).and_then(|begun| begun.get()) else {
                continue;
            };
            delays.push(now - *begun);
            if write + 1 == sent.len() {
                return delays;
            }
        }
    }
}

/// The writes that a message tells of.
fn stocks(message: &[u8]) -> impl Iterator<Item = usize> {
    let name = b"\"stock\":";
    let after = memchr::memmem::find_iter(message, name).map(|at| &message[at + name.len()..]);
    after.filter_map(|rest| {
        let digits = rest.iter().take_while(|byte| byte.is_ascii_digit());
        let number = digits.fold(0, |number, digit| number * 10 + usize::from(digit - b'0'));
        number.checked_sub(FIRST)
    })
}

/// Sets stocks at an even pace, however long each takes.
async fn write(server: &Server, items: &[String], sent: &Sent, each_second: usize) {
    let mut pace =
        tokio::time::interval(Duration::from_secs(1) / u32::try_from(each_second).expect("few"));
    let mut writes = JoinSet::new();
    for number in 0..sent.len() {
        pace.tick().await;
        let id = &items[number % items.len()];
        let stock = FIRST + number;
        let query = format!(
            "mutation {{ updateItem(id: \"{id}\", set: {{stock: {stock}}}) {{ item {{ id }} }} }}"
        );
        let server = server.clone();
        sent[number].set(Instant::now()).expect("each is sent once");
        writes.spawn(async move {
            let answer = server.ask(json!({ "query": query })).await;
            assert!(answer.get("errors").is_none(), "{answer}");
        });
    }
    writes.join_all().await;
}

fn contains(message: &[u8], text: &[u8]) -> bool {
    memchr::memmem::find(message, text).is_some()
}

fn quantile(times: &[Duration], share: f64) -> Duration {
    let mut sorted = times.to_vec();
    sorted.sort_unstable();
    let last = sorted.len().saturating_sub(1);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "an index"
    )]
    let at = (last as f64 * share).round() as usize;
    sorted.get(at).copied().unwrap_or_default()
}

fn millis(time: Duration) -> String {
    format!("{:.1}", time.as_secs_f64() * 1000.0)
}
