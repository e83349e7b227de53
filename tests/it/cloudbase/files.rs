//! Addresses of files: from the emulator's storage, and from servers that answer as the cloud might.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::body::Body;
use axum::extract::Request as Received;
use axum::http::Response;
use cloudbase_graphql::cloudbase::files::{Files, MAX_FILES, Missing};
use cloudbase_graphql::cloudbase::{Error, FileId};
use cloudbase_graphql::emulator;
use serde_json::{Value as Json, json};

use super::client::{client, config, server};
use crate::emulator::exchange::Served;

const ENV: &str = "demo-env-1a2b3c";

fn files(origin: String) -> Files {
    Files::new(Arc::new(client(config(origin))))
}

fn id(name: &str) -> FileId {
    FileId::parse(&format!("cloud://{ENV}.bucket/{name}")).unwrap()
}

/// A server that answers each list of files with what `answer` makes of their names; the number of its lists.
async fn storage(
    answer: impl Fn(Vec<String>) -> Json + Clone + Send + Sync + 'static,
) -> (String, Arc<AtomicUsize>) {
    let reply = move |_, request: Received| {
        let answer = answer.clone();
        async move {
            let body = axum::body::to_bytes(request.into_body(), 1 << 20)
                .await
                .unwrap();
            let asked: Json = serde_json::from_slice(&body).unwrap();
            assert_eq!(asked["action"], "storage.batchGetDownloadUrl");
            let list = asked["file_list"].as_array().unwrap();
            assert!(list.len() <= MAX_FILES && list.iter().all(|item| item["max_age"] == 3600));
            let names = list
                .iter()
                .map(|item| item["fileid"].as_str().unwrap().to_owned());
            let answer =
                json!({"requestId": "r", "data": {"download_list": answer(names.collect())}});
            Response::new(Body::from(answer.to_string()))
        }
    };
    server(reply).await
}

fn found(names: Vec<String>) -> Json {
    let item = |name: String| json!({"fileID": name, "code": "SUCCESS", "tempFileURL": format!("https://x/{name}")});
    names.into_iter().map(item).collect()
}

#[tokio::test]
async fn a_file_in_the_storage_is_loaded_from_its_address() {
    let served = Served::with(emulator::Config::default()).await;
    let origin = format!("http://{}", served.address());
    let key = [("authorization", "Bearer any-key")];
    let ask =
        json!({"action": "storage.getUploadMetadata", "path": "图片/b 1.txt", "method": "put"});
    let begun = served.post("/admin", &key, ask).await;
    let text = |name: &str| {
        begun["data"][name]
            .as_str()
            .unwrap_or_else(|| panic!("{begun}"))
            .to_owned()
    };
    let upload = reqwest::Client::new()
        .put(text("url"))
        .header("authorization", text("authorization"))
        .body("hello");
    assert!(upload.send().await.unwrap().status().is_success());
    let file = FileId::parse(&text("fileId")).unwrap();
    let nothing = FileId::parse(&text("fileId").replace("b 1", "c")).unwrap();
    let mut cloud = config(origin);
    cloud.env = file.env.clone();
    let files = Files::new(Arc::new(client(cloud)));
    let answers = files
        .addresses(&[nothing, file.clone(), id("x")], 3600, None)
        .await;
    let [Err(Missing::NotFound), Ok(address), _] = answers.as_slice() else {
        panic!("{answers:?}")
    };
    assert!(address.is_ascii() && !address.contains(' '), "{address}");
    assert_eq!(
        reqwest::get(address).await.unwrap().text().await.unwrap(),
        "hello"
    );
}

#[tokio::test]
async fn files_are_asked_for_fifty_at_a_time_and_each_once() {
    for (count, lists) in [(0, 0), (1, 1), (50, 1), (51, 2), (120, 3)] {
        let (origin, seen) = storage(found).await;
        let files = files(origin);
        let mut ids: Vec<FileId> = (0..count).map(|at| id(&format!("{at}.png"))).collect();
        ids.extend(ids.clone());
        let answers = files.addresses(&ids, 3600, None).await;
        for (id, answer) in ids.iter().zip(&answers) {
            assert_eq!(answer.as_deref().unwrap(), format!("https://x/{id}"));
        }
        assert_eq!(seen.load(Ordering::SeqCst), lists, "{count}");
        files.addresses(&ids, 3600, None).await;
        assert_eq!(seen.load(Ordering::SeqCst), lists, "{count}");
    }
}

/// Answers are told by names, in whatever order; what is not told is not known.
#[tokio::test]
async fn each_file_has_its_own_answer() {
    let (origin, seen) = storage(|names| {
        let item = |name: &String| match name.rsplit('/').next().unwrap() {
            "none.png" => json!({"fileID": name, "code": "STORAGE_FILE_NONEXIST"}),
            "closed.png" => json!({"fileID": name, "code": "STORAGE_EXCEED_AUTHORITY", "tempFileURL": ""}),
            "new.png" => json!({"fileID": name, "code": "A_CODE_OF_TOMORROW", "more": 1}),
            "empty.png" => json!({"fileID": name, "code": "SUCCESS", "tempFileURL": ""}),
            _ => json!({"fileID": name, "code": "SUCCESS", "tempFileURL": format!("https://x/{name}")}),
        };
        let told = names.iter().rev().filter(|name| !name.ends_with("lost.png"));
        told.map(item).collect()
    })
    .await;
    let files = files(origin);
    let names = [
        "a.png",
        "none.png",
        "lost.png",
        "closed.png",
        "new.png",
        "empty.png",
        "b.png",
    ];
    let ids = names.map(id);
    let kind = |answer: &Result<String, Missing>| match answer {
        Ok(address) => address.rsplit('/').next().unwrap().to_owned(),
        Err(Missing::NotFound) => "not found".to_owned(),
        Err(Missing::Forbidden) => "forbidden".to_owned(),
        Err(Missing::Foreign) => "foreign".to_owned(),
        Err(Missing::Failed(_)) => "failed".to_owned(),
    };
    let expected = [
        "a.png",
        "not found",
        "failed",
        "forbidden",
        "failed",
        "failed",
        "b.png",
    ];
    for lists in [1, 2] {
        let answers = files.addresses(&ids, 3600, None).await;
        assert_eq!(answers.iter().map(kind).collect::<Vec<_>>(), expected);
        assert_eq!(seen.load(Ordering::SeqCst), lists);
    }
    // What is known is not asked for again, also that a file is not there.
    files
        .addresses(&[id("a.png"), id("none.png")], 3600, None)
        .await;
    assert_eq!(seen.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn files_of_others_are_never_asked_for() {
    let (origin, seen) = storage(|names| {
        assert_eq!(names.len(), 1);
        found(names)
    })
    .await;
    let foreign = FileId::parse("cloud://other-env.bucket/a.png").unwrap();
    let answers = files(origin)
        .addresses(&[foreign.clone(), id("a.png"), foreign], 3600, None)
        .await;
    assert!(
        matches!(
            answers.as_slice(),
            [Err(Missing::Foreign), Ok(_), Err(Missing::Foreign)]
        ),
        "{answers:?}"
    );
    assert_eq!(seen.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_failure_is_that_of_its_batch_and_is_not_kept() {
    let calls = Arc::new(AtomicUsize::new(0));
    let (origin, _) = server(move |_, _| {
        let at = calls.fetch_add(1, Ordering::SeqCst);
        async move {
            let body = match at {
                0 => json!({"code": "INVALID_PARAM", "message": "no"}),
                _ => json!({"data": {"download_list": found(vec![id("a.png").to_string()])}}),
            };
            Response::new(Body::from(body.to_string()))
        }
    })
    .await;
    let files = files(origin);
    let first = files.addresses(&[id("a.png")], 3600, None).await;
    assert!(
        matches!(first.as_slice(), [Err(Missing::Failed(Error::Refused(_)))]),
        "{first:?}"
    );
    let second = files.addresses(&[id("a.png")], 3600, None).await;
    assert!(second[0].is_ok(), "{second:?}");
    assert!(!format!("{files:?}").contains("https"));
}

/// An address is handed out again only while it is good for long enough.
#[tokio::test]
async fn addresses_are_kept_for_a_while() {
    let (origin, seen) = storage(found).await;
    let files = files(origin);
    for (seconds, lists) in [(0, 1), (539, 1), (2, 2)] {
        tokio::time::pause();
        tokio::time::advance(Duration::from_secs(seconds)).await;
        tokio::time::resume();
        files.addresses(&[id("a.png")], 3600, None).await;
        assert_eq!(seen.load(Ordering::SeqCst), lists);
    }
}
