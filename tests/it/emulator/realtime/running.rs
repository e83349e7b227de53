//! An emulator that listens, and an administrator who writes.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use cloudbase_graphql::clock::SystemClock;
use cloudbase_graphql::emulator::{Config, Emulator, Permissions};
use cloudbase_graphql::store::sqlite::SqliteStore;
use serde_json::{Value as Json, json};
use tokio::net::TcpListener;
use tokio_util::sync::{CancellationToken, DropGuard};
use tokio_util::task::TaskTracker;

/// Until it is dropped.
pub(super) struct Running {
    pub(super) address: SocketAddr,
    http: reqwest::Client,
    /// Devices that somebody new came with.
    devices: AtomicU32,
    tracker: TaskTracker,
    stop: DropGuard,
}

impl Running {
    /// With collections that everybody signed in may read.
    pub(super) async fn start() -> Self {
        Self::with(Config::default()).await
    }

    pub(super) async fn with(mut config: Config) -> Self {
        let permissions = json!({
            "todos": {"AclTag": "READONLY"},
            "private": {"AclTag": "PRIVATE"},
            "secret": {"AclTag": "ADMINONLY"},
            "rooms": {"AclTag": "CUSTOM", "Rule": {"read": "doc.team == 'red'"}},
        });
        config.permissions = Permissions::parse(&permissions.to_string()).unwrap();
        let store = SqliteStore::temporary().unwrap();
        let emulator = Emulator::open(store, Arc::new(SystemClock), config)
            .await
            .unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, tracker) = (CancellationToken::new(), TaskTracker::new());
        tracker.spawn(emulator.serve(listener, stop.clone().cancelled_owned()));
        Self {
            address,
            http: reqwest::Client::new(),
            devices: AtomicU32::new(0),
            tracker,
            stop: stop.drop_guard(),
        }
    }

    /// Stops it as a signal would, and waits until it has ended.
    pub(super) async fn stop(self) {
        drop(self.stop);
        self.tracker.close();
        self.tracker.wait().await;
    }

    /// What a socket logs in with, for the holder of a token.
    pub(super) async fn sign(&self, token: &str) -> String {
        let body = json!({"action": "auth.wsWebSign", "env": "emu-env", "access_token": token});
        let answer = self.post("/web", "", body).await;
        let url = answer["data"]["wsUrl"].as_str();
        assert_eq!(
            url,
            Some(format!("ws://{}/ws", self.address).as_str()),
            "{answer}"
        );
        answer["data"]["signStr"].as_str().unwrap().to_owned()
    }

    /// The token of somebody new.
    pub(super) async fn anonymous(&self) -> String {
        let device = self.devices.fetch_add(1, Ordering::Relaxed);
        let url = format!("http://{}/auth/v1/signin/anonymously", self.address);
        let request = self
            .http
            .post(url)
            .header("x-device-id", format!("device-{device}"));
        let sent = request
            .header("content-type", "application/json")
            .body("{}");
        let answer: Json = sent.send().await.unwrap().json().await.unwrap();
        answer["access_token"]
            .as_str()
            .unwrap_or_else(|| panic!("{answer}"))
            .to_owned()
    }

    pub(super) async fn insert(&self, collection: &str, documents: &[Json]) {
        let data: Vec<String> = documents.iter().map(Json::to_string).collect();
        self.write("database.insertDocument", collection, json!({"data": data}))
            .await;
    }

    pub(super) async fn update(&self, collection: &str, query: Json, operators: Json) {
        let request = json!({
            "queryType": "WHERE", "query": query.to_string(), "multi": true, "merge": true,
            "upsert": false, "data": operators.to_string(),
        });
        self.write("database.modifyDocument", collection, request)
            .await;
    }

    pub(super) async fn replace(&self, collection: &str, id: &str, document: Json) {
        let request = json!({
            "queryType": "DOC", "query": json!({"_id": id}).to_string(), "multi": false,
            "merge": false, "upsert": true, "data": document.to_string(),
        });
        self.write("database.modifyDocument", collection, request)
            .await;
    }

    pub(super) async fn remove(&self, collection: &str, id: &str) {
        let request = json!({
            "queryType": "WHERE", "query": json!({"_id": id}).to_string(), "multi": true,
        });
        self.write("database.removeDocument", collection, request)
            .await;
    }

    async fn write(&self, action: &str, collection: &str, mut request: Json) {
        request["action"] = action.into();
        request["collectionName"] = collection.into();
        request["envName"] = "emu-env".into();
        let answer = self.post("/admin", "Bearer key", request).await;
        assert_eq!(answer.get("code"), None, "{action}: {answer}");
    }

    /// Gives a collection another permission.
    pub(super) async fn permit(&self, collection: &str, tag: &str) {
        let request = json!({"EnvId": "emu-env", "CollectionName": collection, "AclTag": tag});
        let signature = "TC3-HMAC-SHA256 Credential=id/2026-01-01/tcb/tc3_request, SignedHeaders=content-type;host, Signature=00";
        let sent = self
            .http
            .post(format!("http://{}/", self.address))
            .header("x-tc-action", "ModifyDatabaseACL")
            .header("authorization", signature)
            .header("content-type", "application/json")
            .body(request.to_string());
        let answer: Json = sent.send().await.unwrap().json().await.unwrap();
        assert_eq!(answer["Response"].get("Error"), None, "{answer}");
    }

    /// Sets something that goes wrong from now on.
    pub(super) async fn fault(&self, fault: Json) {
        self.post("/_emulator/faults", "", fault).await;
    }

    /// Tells all sockets something.
    /// Stops its clock at this moment, in milliseconds since 1970.
    pub(super) async fn stop_clock(&self, at: i64) {
        self.post("/_emulator/clock", "", json!({"at": at})).await;
    }

    pub(super) async fn order(&self, order: Json) {
        self.post("/_emulator/sockets", "", order).await;
    }

    async fn post(&self, path: &str, authorization: &str, body: Json) -> Json {
        let url = format!("http://{}{path}", self.address);
        let mut request = self
            .http
            .post(url)
            .header("content-type", "application/json");
        if !authorization.is_empty() {
            request = request.header("authorization", authorization);
        }
        let answer = request.body(body.to_string()).send().await.unwrap();
        let text = answer.text().await.unwrap();
        serde_json::from_str(&text).unwrap_or_else(|_| panic!("{path}: {text}"))
    }
}
