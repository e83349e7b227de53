//! Requests that no client of ours sends: answered with what is wrong, and never with nothing.

use std::time::Duration;

use cloudbase_graphql::emulator::Config;
use reqwest::StatusCode;
use reqwest::multipart::{Form, Part};
use serde_json::{Value as Json, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::exchange::Served;

const SIGNED: (&str, &str) = (
    "authorization",
    "TC3-HMAC-SHA256 Credential=x/2026-01-01/tcb/tc3_request, SignedHeaders=host, Signature=00",
);

#[tokio::test]
async fn a_wrong_method_is_told() {
    let served = Served::with(Config::default()).await;
    for (method, path) in [
        ("GET", "/admin"),
        ("PUT", "/web"),
        ("DELETE", "/"),
        ("POST", "/healthz"),
        ("OPTIONS", "/auth/v1/signin"),
        ("PUT", "/_emulator/faults"),
        (
            "TRACE",
            "/v1/database/instances/(default)/databases/(default)/commands",
        ),
    ] {
        let (status, answer) = served.send(method, path, &[], None).await;
        assert_eq!(status, StatusCode::METHOD_NOT_ALLOWED, "{method} {path}");
        assert!(answer["message"].as_str().unwrap().contains(path));
        assert!(
            served
                .headers(method, path, &[])
                .await
                .contains_key("allow")
        );
    }
}

/// What is answered to bytes after which nothing comes.
async fn answer_to(served: &Served, bytes: &str) -> String {
    let mut stream = TcpStream::connect(served.address()).await.unwrap();
    stream.write_all(bytes.as_bytes()).await.unwrap();
    stream.shutdown().await.unwrap();
    let mut answer = String::new();
    let read = stream.read_to_string(&mut answer);
    timeout(Duration::from_secs(20), read)
        .await
        .unwrap()
        .unwrap();
    answer
}

#[tokio::test]
async fn a_body_that_cannot_be_read_is_told() {
    let served = Served::with(Config::default()).await;
    let rest = "/v1/database/instances/(default)/databases/(default)/commands";
    for path in ["/admin", "/web", rest] {
        let broken =
            format!("POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{{");
        let answer = answer_to(&served, &broken).await;
        assert!(answer.contains("INVALID_PARAM"), "{path}: {answer}");
        assert!(answer.contains("ended early"), "{path}: {answer}");
    }
    for path in ["/admin", "/", "/auth/v1/signin", "/_emulator/faults", rest] {
        let large =
            format!("POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 60000000\r\n\r\n");
        let answer = answer_to(&served, &large).await;
        assert!(answer.starts_with("HTTP/1.1 413"), "{path}: {answer}");
        assert!(
            answer.contains("EXCEED_REQUEST_SIZE_LIMIT"),
            "{path}: {answer}"
        );
    }
}

/// The answer of a storage action.
async fn storage(served: &Served, action: &str, mut body: Json) -> Json {
    body["action"] = json!(format!("storage.{action}"));
    let answer = served.post("/admin", &[SIGNED], body).await;
    assert_eq!(answer["code"], Json::Null, "{answer}");
    answer["data"].clone()
}

#[tokio::test]
async fn a_file_of_any_name_is_uploaded_by_form_too() {
    let served = Served::with(Config::default()).await;
    let path = "图片/b 1.txt";
    let begun = storage(&served, "getUploadMetadata", json!({ "path": path })).await;
    let text = |name: &str| begun[name].as_str().unwrap().to_owned();
    assert!(text("cosFileId").is_ascii());
    let form = |signature: String, bytes: &'static str| {
        Form::new()
            .text("Signature", signature)
            .text("key", path)
            .part("file", Part::text(bytes))
    };
    let send = async |form: Form| {
        let request = reqwest::Client::new().post(text("url")).multipart(form);
        request.send().await.unwrap().status()
    };
    assert_eq!(
        send(form("0.no".to_owned(), "no")).await,
        StatusCode::FORBIDDEN
    );
    assert_eq!(
        send(Form::new().text("key", path)).await,
        StatusCode::BAD_REQUEST
    );
    assert_eq!(
        send(form(text("authorization"), "hello")).await,
        StatusCode::OK
    );
    let list = json!({ "file_list": [{ "fileid": text("fileId") }] });
    let found = storage(&served, "batchGetDownloadUrl", list).await;
    let address = found["download_list"][0]["tempFileURL"].as_str().unwrap();
    let loaded = reqwest::get(address).await.unwrap();
    assert_eq!(loaded.text().await.unwrap(), "hello");
}
