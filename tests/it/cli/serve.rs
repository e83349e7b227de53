//! `serve`: what it says when it starts, when it cannot, and when it stops.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use super::{program, run, shop_directory, text};

/// A running server.
pub(super) struct Server {
    child: Child,
    pub(super) url: String,
}

impl Server {
    /// Starts it and waits until it listens.
    pub(super) fn start(directory: &Path, args: &[&str]) -> Self {
        let args: Vec<&str> = std::iter::once("serve")
            .chain(args.iter().copied())
            .collect();
        Self::launch(program(directory, &args))
    }

    /// The same of any command that says where it listens.
    pub(super) fn launch(mut command: Command) -> Self {
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program runs");
        let stdout = child.stdout.take().expect("a pipe");
        let mut url = String::new();
        BufReader::new(stdout).read_line(&mut url).expect("a line");
        if url.is_empty() {
            let output = child.wait_with_output().expect("it ended");
            panic!("it did not start: {}", text(&output.stderr));
        }
        Self {
            child,
            url: url.trim().to_owned(),
        }
    }

    /// Kills it, as a loss of power does.
    pub(super) fn kill(mut self) {
        self.child.kill().expect("it runs");
        self.child.wait().expect("it ends");
    }

    fn signal(&self) {
        let pid = self.child.id().to_string();
        let killed = Command::new("kill").args(["-TERM", &pid]).status();
        assert!(killed.expect("kill runs").success());
    }

    /// Asks it to stop; gives the exit code and what it said on stderr.
    pub(super) fn stop(mut self) -> (Option<i32>, String) {
        self.signal();
        let status = self.child.wait().expect("it ends");
        let mut said = String::new();
        let stderr = self.child.stderr.as_mut().expect("a pipe");
        stderr.read_to_string(&mut said).expect("text");
        (status.code(), said)
    }
}

/// A test that fails leaves none behind.
impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub(super) async fn ask(server: &Server, token: &str, query: &str) -> serde_json::Value {
    let response = reqwest::Client::new()
        .post(&server.url)
        .header("authorization", format!("Bearer dev:openid:{token}"))
        .json(&serde_json::json!({ "query": query }))
        .send()
        .await
        .expect("an answer");
    response.json().await.expect("JSON")
}

const DEMO: [&str; 5] = ["--demo", "--demo-orders", "30", "--listen", "127.0.0.1:0"];

#[tokio::test]
async fn the_demo_is_filled_once_and_kept() {
    let directory = shop_directory();
    let server = Server::start(directory.path(), &DEMO);
    assert!(server.url.starts_with("http://127.0.0.1:"));
    let count = "{ orders { totalCount } users { totalCount } items { totalCount } }";
    let all = ask(&server, "demo-admin", count).await;
    assert_eq!(
        all["data"],
        serde_json::json!({"orders": {"totalCount": 30}, "users": {"totalCount": 500}, "items": {"totalCount": 200}})
    );
    let change = "mutation { updateItem(id: \"item-0001\", set: {stock: 7}) { id } }";
    let changed = ask(&server, "demo-operator", change).await;
    assert_eq!(changed["data"]["updateItem"]["id"], "item-0001");
    let (code, said) = server.stop();
    assert_eq!(code, Some(0));
    assert!(said.contains("filling the store with 500 users"), "{said}");
    assert!(said.contains("Authorization: Bearer dev:openid:demo-alice"));

    let server = Server::start(directory.path(), &DEMO);
    let item = ask(
        &server,
        "demo-alice",
        "{ item(id: \"item-0001\") { stock } }",
    )
    .await;
    assert_eq!(item["data"]["item"]["stock"], 7);
    let (code, said) = server.stop();
    assert_eq!(code, Some(0));
    assert!(said.contains("it is left as it is"), "{said}");
}

#[test]
fn what_keeps_it_from_serving_is_told() {
    let directory = shop_directory();
    let path = |name: &str| directory.path().join(name);
    fs::write(
        path("bad.graphql"),
        "type A { b: C }\ntype D @collection(name: \"1\") { id: ID! e: Strin }",
    )
    .expect("a file");
    fs::write(path("garbage.db"), [7; 8192]).expect("a file");
    fs::write(
        path("other.graphql"),
        "type Note @collection(name: \"notes\", permission: PRIVATE) { id: ID! text: String }",
    )
    .expect("a file");
    fs::write(
        path("bad.toml"),
        "listn = \"127.0.0.1:0\"\n[server]\nmax_body = \"lots\"\n",
    )
    .expect("a file");
    fs::write(path("owners.toml"), "[access]\nowners = [\"openid:me\"]\n").expect("a file");
    let holder = TcpListener::bind("127.0.0.1:0").expect("a port");
    let taken = holder.local_addr().expect("an address").to_string();
    for (args, reasons) in [
        ("--schema nowhere.graphql", &["`nowhere.graphql`"][..]),
        (
            "--schema bad.graphql",
            &[
                "bad.graphql:1:",
                "bad.graphql:2:",
                "`Strin`",
                "cannot be served",
            ],
        ),
        ("--listen 8080", &["`--listen`", "`8080`", "127.0.0.1:8080"]),
        (
            &format!("--listen {taken}"),
            &["another process listens there", &taken],
        ),
        ("--listen 192.0.2.1:8080", &["no such address"]),
        ("--store shop.db", &["`--store`", "sqlite:data/shop.db"]),
        (
            "--store sqlite:garbage.db",
            &["`garbage.db`", "not a SQLite database"],
        ),
        ("--store sqlite:.", &["is a directory"]),
        (
            "--store sqlite:schema.graphql/shop.db",
            &["schema.graphql/shop.db"],
        ),
        ("--config nowhere.toml", &["`nowhere.toml`"]),
        (
            "--config bad.toml",
            &["`listn`", "`listen` meant", "`lots`", "512KiB"],
        ),
        (
            "--schema other.graphql --config owners.toml",
            &["`access.owners`", "@role(name: \"owner\")"],
        ),
        (
            "--demo --listen 0.0.0.0:0",
            &[
                "development tokens",
                "loopback",
                "--dev-auth-insecure-listen",
            ],
        ),
        (
            "--dev-auth --dev-auth-insecure-listen --listen 0.0.0.0:0",
            &["GATEWAY_DEV_AUTH_ANYWHERE=yes"],
        ),
        (
            "--demo --schema other.graphql --listen 127.0.0.1:0",
            &["no collection `users`", "--dev-auth"],
        ),
    ] {
        let args: Vec<&str> = std::iter::once("serve").chain(args.split(' ')).collect();
        let output = run(directory.path(), &args);
        let told = text(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{args:?}: {told}");
        for reason in reasons {
            assert!(told.contains(reason), "{args:?} lacks {reason}: {told}");
        }
        assert!(output.stdout.is_empty(), "{args:?}");
        assert!(!told.contains("panicked"), "{told}");
    }
    assert_eq!(
        fs::read(path("garbage.db")).expect("it is there"),
        [7; 8192]
    );
}

#[test]
fn a_store_is_one_processs_at_a_time() {
    let directory = shop_directory();
    let args = ["--listen", "127.0.0.1:0"];
    let first = Server::start(directory.path(), &args);
    let second = run(directory.path(), &["serve", "--listen", "127.0.0.1:0"]);
    assert_eq!(second.status.code(), Some(1));
    assert!(text(&second.stderr).contains("in use by another process"));
    assert_eq!(first.stop().0, Some(0));
}

#[test]
fn a_second_signal_does_not_wait() {
    let directory = shop_directory();
    let server = Server::start(directory.path(), &["--listen", "127.0.0.1:0"]);
    let address = server.url.trim_start_matches("http://");
    let address = address.trim_end_matches("/graphql").to_owned();
    let mut slow = TcpStream::connect(&address).expect("a connection");
    let head = "POST /graphql HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n\
                content-length: 9\r\nexpect: 100-continue\r\n\r\n";
    slow.write_all(head.as_bytes()).expect("sent");
    let mut begun = [0; 12];
    slow.read_exact(&mut begun).expect("it reads the body");
    assert_eq!(&begun, b"HTTP/1.1 100");

    let start = Instant::now();
    server.signal();
    while TcpStream::connect(&address).is_ok() {
        sleep(Duration::from_millis(5));
    }
    assert_eq!(server.stop().0, Some(0));
    // The request would have been given 10 seconds.
    assert!(start.elapsed() < Duration::from_secs(8));
}

#[tokio::test]
async fn without_a_flag_for_it_no_development_token_is_taken() {
    let directory = shop_directory();
    let server = Server::start(directory.path(), &["--listen", "127.0.0.1:0"]);
    let refused = ask(&server, "demo-owner", "{ me { roles } }").await;
    assert_eq!(
        refused["errors"][0]["extensions"]["code"],
        "UNAUTHENTICATED"
    );
    assert_eq!(server.stop().0, Some(0));
}
