//! The server under load, as a process of its own.

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use serde_json::Value;

/// Can be cloned; the process ends with the last clone.
#[derive(Clone)]
pub(crate) struct Server {
    process: Arc<Process>,
    address: SocketAddr,
    client: reqwest::Client,
}

struct Process {
    child: Child,
    _directory: tempfile::TempDir,
}

impl Drop for Process {
    fn drop(&mut self) {
        // It holds nothing that is worth a farewell.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Server {
    /// The demo shop on a port of its own.
    pub(crate) async fn start() -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let store = format!("sqlite:{}", directory.path().join("shop.db").display());
        let mut child = Command::new(env!("CARGO_BIN_EXE_cloudbase-graphql"))
            .args([
                "serve",
                "--demo",
                "--listen",
                "127.0.0.1:0",
                "--store",
                &store,
            ])
            .env("RUST_LOG", "warn")
            .env("GATEWAY_SERVER_MAX_SOCKETS", "20000")
            .env("GATEWAY_SERVER_MAX_CONNECTIONS", "20000")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the server starts");
        let mut lines = BufReader::new(child.stdout.take().expect("a pipe")).lines();
        let address = lines
            .by_ref()
            .map(|line| line.expect("text"))
            .find_map(|line| {
                let rest = line.strip_prefix("http://")?;
                rest.strip_suffix("/graphql")?.parse().ok()
            })
            .expect("it tells where it listens");
        // What it says later must not fill the pipe.
        std::thread::spawn(move || lines.for_each(drop));
        Self {
            process: Arc::new(Process {
                child,
                _directory: directory,
            }),
            address,
            client: reqwest::Client::new(),
        }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// The answer to an administrator's request.
    pub(crate) async fn ask(&self, request: Value) -> Value {
        let url = format!("http://{}/graphql", self.address);
        let asked = self.client.post(url).json(&request);
        let asked = asked.bearer_auth("dev:openid:demo-admin");
        let answer = asked.send().await.expect("an answer");
        answer.json().await.expect("JSON")
    }

    /// One of its live counters.
    pub(crate) async fn metric(&self, name: &str) -> f64 {
        let url = format!("http://{}/metrics", self.address);
        let answer = self.client.get(url).send().await.expect("an answer");
        let text = answer.text().await.expect("text");
        let name = format!("cloudbase_graphql_live_{name} ");
        let value = text.lines().find_map(|line| line.strip_prefix(&name));
        value
            .and_then(|value| value.parse().ok())
            .unwrap_or(f64::NAN)
    }

    /// Resident, in bytes.
    pub(crate) fn memory(&self) -> usize {
        let status = self.proc("status");
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kib = line.and_then(|line| line.trim().strip_suffix(" kB")?.trim().parse().ok());
        kib.unwrap_or(0_usize) * 1024
    }

    /// Seconds of processor time since it began.
    pub(crate) fn cpu(&self) -> f64 {
        /// What Linux counts in, on every machine of today.
        const TICKS: f64 = 100.0;
        let stat = self.proc("stat");
        let after_name = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
        let fields = after_name.split_whitespace().skip(11).take(2);
        fields
            .filter_map(|field| field.parse::<f64>().ok())
            .sum::<f64>()
            / TICKS
    }

    fn proc(&self, file: &str) -> String {
        let id = self.process.child.id();
        fs::read_to_string(format!("/proc/{id}/{file}")).expect("Linux")
    }
}
