//! Clients that do not read what they are told, over real sockets.

use serde_json::Value as Json;

use super::super::dev;
use super::{ALICE, Server, Socket};

/// The note with the lowest id alone.
const NEWEST: &str = "subscription { notes(first: 1) { kind changes { type node { id text } } } }";

/// More than the system's buffers and the queue of a subscriber hold, in events of [`LENGTH`].
const WRITES: usize = 100;

/// Of a text, in bytes.
const LENGTH: usize = 200_000;

/// The kind of an event, and the id of the note that it shows.
fn shown(message: &Json) -> (String, String) {
    assert_eq!(message["type"], "next", "{message}");
    let event = &message["payload"]["data"]["notes"];
    let added = event["changes"].as_array().expect("changes").last();
    let node = &added.unwrap_or_else(|| panic!("{message}"))["node"];
    assert_eq!(node["text"].as_str().map(str::len), Some(LENGTH));
    let text = |value: &Json| value.as_str().expect("a text").to_owned();
    (text(&event["kind"]), text(&node["id"]))
}

/// The note of the n-th write: each comes before those there are.
fn id(write: usize) -> String {
    format!("note-{:04}", 9999 - write)
}

async fn write(writer: &mut Socket, number: usize) {
    let text = "x".repeat(LENGTH);
    let id = id(number);
    let mutation =
        format!("mutation {{ createNote(input: {{id: \"{id}\", text: \"{text}\"}}) {{ id }} }}");
    writer.subscribe("write", &mutation).await;
    let written = writer.receive().await;
    assert_eq!(
        written["payload"]["data"]["createNote"]["id"], id,
        "{written}"
    );
    assert_eq!(writer.receive().await["type"], "complete");
}

#[tokio::test]
async fn who_stops_reading_slows_nobody_and_gets_one_resync() {
    let server = Server::start(dev()).await;
    let mut writer = server.acknowledged(ALICE).await;
    write(&mut writer, 0).await;
    let mut readers = Vec::new();
    for _ in 0..2 {
        let mut reader = server.acknowledged(ALICE).await;
        reader.subscribe("live", NEWEST).await;
        let first = shown(&reader.receive().await);
        assert_eq!(first, ("SNAPSHOT".to_owned(), id(0)));
        readers.push(reader);
    }
    let [mut eager, mut slow] = <[Socket; 2]>::try_from(readers).ok().expect("two");

    for number in 1..=WRITES {
        write(&mut writer, number).await;
        let told = shown(&eager.receive().await);
        assert_eq!(
            told,
            ("CHANGE".to_owned(), id(number)),
            "the other waits for nobody"
        );
    }

    let mut resyncs = 0;
    let mut events = 0;
    loop {
        let (kind, at) = shown(&slow.receive().await);
        resyncs += usize::from(kind == "RESYNC");
        events += 1;
        if at == id(WRITES) {
            break;
        }
    }
    assert_eq!(resyncs, 1);
    assert!(events < WRITES, "nothing was left out: {events}");
    // From here on it is as everybody.
    write(&mut writer, WRITES + 1).await;
    for reader in [&mut eager, &mut slow] {
        let told = shown(&reader.receive().await);
        assert_eq!(told, ("CHANGE".to_owned(), id(WRITES + 1)));
    }
}
