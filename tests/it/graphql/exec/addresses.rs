//! Where the files are that documents name.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use cloudbase_graphql::gateway::{self, FileError, Files, Gateway};
use serde_json::json;
use smol_str::SmolStr;

use crate::harness::TestApp;

const MODEL: &str = r#"
extend schema @role(name: "admin")
type Person @collection(name: "people", permission: READONLY, single: "person") {
  id: ID!
  avatar: FileID
  secret: FileID! @grant(role: "admin", read: true)
  images: [FileID!]
  card: Card
  cards: [Card!]
  friendId: ID
  friend: Person @relation(from: "friendId", to: "_id")
}
type Card { scan: FileID! }
"#;

const SEED: &[(&str, &str)] = &[
    (
        "people",
        r#"{"_id":"a","avatar":"cloud://e.b/a","secret":"cloud://e.b/s","images":["cloud://e.b/a","cloud://e.b/none","cloud://other.b/x"],
            "card":{"scan":"cloud://e.b/c"},"cards":[{"scan":"cloud://e.b/c"},{"scan":"cloud://e.b/d"}],"friendId":"b"}"#,
    ),
    (
        "people",
        r#"{"_id":"b","avatar":"cloud://e.b/b","secret":"cloud://e.b/s"}"#,
    ),
    (
        "people",
        r#"{"_id":"c","avatar":"http://x/y","images":"cloud://e.b/a","secret":"cloud://e.b/s"}"#,
    ),
];

/// Writes down what it is asked for.
#[derive(Debug, Default)]
struct Storage {
    asked: Mutex<Vec<(Vec<String>, u32)>>,
    answers: AtomicUsize,
}

impl Storage {
    /// What it was asked for since the last look: files in order, with the age.
    fn asked(&self) -> Vec<(String, u32)> {
        let mut asked = std::mem::take(&mut *self.asked.lock().unwrap());
        asked.iter_mut().for_each(|(files, _)| files.sort());
        asked.sort();
        asked
            .into_iter()
            .map(|(files, age)| (files.join(" "), age))
            .collect()
    }
}

#[async_trait]
impl Files for Storage {
    async fn addresses(&self, files: &[SmolStr], max_age: u32) -> Vec<Result<String, FileError>> {
        let names = files
            .iter()
            .map(|file| file.trim_start_matches("cloud://e.b/").to_owned());
        self.asked.lock().unwrap().push((names.collect(), max_age));
        // Another one each time, as signatures are.
        let answer = self.answers.fetch_add(1, Ordering::SeqCst);
        let address = |file: &SmolStr| match file.strip_prefix("cloud://e.b/") {
            Some("none") => Err(FileError::NotFound),
            Some(name) => Ok(format!("https://e/{name}?sign={answer}")),
            None => Err(FileError::Forbidden),
        };
        files.iter().map(address).collect()
    }
}

async fn app() -> (TestApp, Arc<Storage>) {
    let storage = Arc::new(Storage::default());
    let files = Arc::clone(&storage) as Arc<dyn Files>;
    let app = TestApp::built(MODEL, SEED, |model, store, clock| {
        Gateway::new(model, store, clock, gateway::Config::default()).with_files(files)
    })
    .await;
    (app, storage)
}

#[tokio::test]
async fn beside_its_name_is_where_a_file_is() {
    let (app, storage) = app().await;
    let answer = app
        .caller("openid:x")
        .await
        .query(r#"{ person(id: "a") { avatar avatarUrl mine: avatarUrl(maxAge: 3600) friend { avatarUrl } card { scanUrl } cards { scanUrl } } }"#)
        .await;
    assert_eq!(
        answer.data()["person"],
        json!({
            "avatar": "cloud://e.b/a",
            "avatarUrl": "https://e/a?sign=0",
            "mine": "https://e/a?sign=0",
            "friend": {"avatarUrl": "https://e/b?sign=1"},
            "card": {"scanUrl": "https://e/c?sign=0"},
            "cards": [{"scanUrl": "https://e/c?sign=0"}, {"scanUrl": "https://e/d?sign=0"}],
        })
    );
    // All of a level at once, each once.
    let level = |files: &str| (files.to_owned(), 3600);
    assert_eq!(storage.asked(), [level("a c d"), level("b")]);
}

#[tokio::test]
async fn a_file_under_many_ages_is_not_many_requests() {
    let (app, storage) = app().await;
    let aliases: Vec<String> = (60..90)
        .map(|age| format!("a{age}: avatarUrl(maxAge: {age})"))
        .collect();
    let query = format!(r#"{{ person(id: "a") {{ {} }} }}"#, aliases.join(" "));
    let answer = app.caller("openid:x").await.query(&query).await;
    assert_eq!(storage.asked().len(), 4);
    assert_eq!(answer.errors().len(), 26);
    let refused = |line: &String| line.contains("LIMIT_EXCEEDED");
    assert!(answer.errors().iter().all(refused));
}

#[tokio::test]
async fn a_file_without_an_address_costs_its_own_place() {
    let (app, _) = app().await;
    let person = app.caller("openid:x").await;
    let answer = person.query(r#"{ person(id: "a") { imagesUrl } }"#).await;
    assert_eq!(
        answer.json["data"]["person"]["imagesUrl"],
        json!(["https://e/a?sign=0", null, null])
    );
    assert_eq!(
        answer.errors(),
        [
            "NOT_FOUND person.imagesUrl.1",
            "FORBIDDEN person.imagesUrl.2"
        ]
    );
    let answer = person
        .query(r#"{ person(id: "c") { avatarUrl imagesUrl } }"#)
        .await;
    assert_eq!(
        answer.json["data"]["person"],
        json!({"avatarUrl": null, "imagesUrl": null})
    );
    assert_eq!(
        answer.errors(),
        [
            "INVALID_DOCUMENT person.avatarUrl",
            "INVALID_DOCUMENT person.imagesUrl"
        ]
    );
    let answer = person
        .query(r#"{ person(id: "b") { imagesUrl card { scanUrl } } }"#)
        .await;
    assert_eq!(
        answer.data()["person"],
        json!({"imagesUrl": null, "card": null})
    );
}

#[tokio::test]
async fn an_address_is_hidden_where_the_name_is() {
    let (app, storage) = app().await;
    let query = "{ people { nodes { secretUrl } } }";
    let answer = app.caller("openid:x").await.query(query).await;
    assert_eq!(
        answer.data()["people"]["nodes"][0],
        json!({"secretUrl": null})
    );
    assert_eq!(answer.denied(), ["Person.secretUrl 3"]);
    assert!(storage.asked().is_empty());
    let answer = app.staff(&["admin"]).query(query).await;
    assert_eq!(
        answer.data()["people"]["nodes"][2],
        json!({"secretUrl": "https://e/s?sign=0"})
    );
    assert_eq!(storage.asked(), [("s".to_owned(), 3600)]);
}

#[tokio::test]
async fn an_address_is_good_for_as_long_as_is_asked_within_reason() {
    let (app, storage) = app().await;
    let person = app.caller("openid:x").await;
    for (argument, age) in [
        ("maxAge: 600", 600),
        ("maxAge: 1", 60),
        ("maxAge: -5", 60),
        ("maxAge: 2000000000", 86_400),
        ("maxAge: null", 3600),
    ] {
        let query = format!(r#"{{ person(id: "b") {{ avatarUrl({argument}) }} }}"#);
        person.query(&query).await.data();
        assert_eq!(storage.asked(), [("b".to_owned(), age)], "{argument}");
    }
}

#[tokio::test]
async fn without_a_storage_it_is_said_what_to_configure() {
    let app = TestApp::new(MODEL, SEED).await;
    let person = app.caller("openid:x").await;
    let answer = person
        .query(r#"{ person(id: "b") { id avatarUrl } }"#)
        .await;
    assert_eq!(
        answer.json["data"]["person"],
        json!({"id": "b", "avatarUrl": null})
    );
    assert_eq!(answer.errors(), ["UNAVAILABLE person.avatarUrl"]);
    assert!(
        answer.message().contains("--store cloudbase"),
        "{}",
        answer.message()
    );
}

/// Signatures are other ones each time, which is no change of the document; who comes later is given a new one.
#[tokio::test]
async fn a_live_list_tells_of_files_and_not_of_signatures() {
    let (app, _) = app().await;
    let query = "subscription { person(id: \"b\") { kind node { avatarUrl secretUrl } } }";
    let mut first = app.subscribe("openid:x", query).await;
    let told = first.next().await;
    assert_eq!(told.event()["node"]["avatarUrl"], "https://e/b?sign=0");
    app.set("people", "b", "images", "[]").await;
    let mut second = app.subscribe("openid:y", query).await;
    let address = second.next().await.event()["node"]["avatarUrl"].clone();
    assert_ne!(address, "https://e/b?sign=0");
    app.set("people", "b", "avatar", r#""cloud://e.b/new""#)
        .await;
    let told = first.next().await;
    let address = told.event()["node"]["avatarUrl"].as_str().unwrap();
    assert!(address.starts_with("https://e/new?"), "{address}");
}
