//! A client of the socket that says what it is told to say.

use std::collections::VecDeque;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value as Json, json};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::{self, Message};

use super::running::Running;

/// Longer than anything here takes.
const PATIENCE: Duration = Duration::from_secs(20);

fn told(frame: &CloseFrame) -> (u16, String) {
    (frame.code.into(), frame.reason.to_string())
}

pub(super) struct Socket {
    socket: WebSocketStream<TcpStream>,
    /// What came while an answer was waited for.
    waiting: VecDeque<Json>,
    requests: u32,
}

impl Socket {
    /// A socket on which nobody has logged in.
    pub(super) async fn open(emulator: &Running) -> Self {
        Self::try_open(emulator).await.unwrap()
    }

    pub(super) async fn try_open(emulator: &Running) -> Result<Self, tungstenite::Error> {
        let stream = TcpStream::connect(emulator.address).await.unwrap();
        let url = format!("ws://{}/ws", emulator.address);
        let (socket, _) = tokio_tungstenite::client_async(url, stream).await?;
        Ok(Self {
            socket,
            waiting: VecDeque::new(),
            requests: 0,
        })
    }

    /// A socket of the holder of a token.
    pub(super) async fn of(emulator: &Running, token: &str) -> Self {
        let mut socket = Self::open(emulator).await;
        let signature = emulator.sign(token).await;
        let answer = socket.login(&signature).await;
        assert_eq!(answer["msgType"], "LOGIN_RES", "{answer}");
        socket
    }

    pub(super) async fn login(&mut self, signature: &str) -> Json {
        self.ask(login(signature)).await
    }

    /// Begins to watch; the answer.
    pub(super) async fn watch(&mut self, name: &str, mut list: Json) -> Json {
        list["envId"] = "emu-env".into();
        let message = json!({"watchId": name, "msgType": "INIT_WATCH", "msgData": list});
        self.ask(message).await
    }

    /// As [`Self::watch`], of a list that there is: the id of the query.
    pub(super) async fn watches(&mut self, name: &str, list: Json) -> String {
        let answer = self.watch(name, list).await;
        assert_eq!(answer["msgType"], "INIT_EVENT", "{answer}");
        answer["msgData"]["queryID"].as_str().unwrap().to_owned()
    }

    pub(super) async fn rebuild(&mut self, name: &str, query_id: &str, event_id: i64) -> Json {
        let data = json!({"envId": "emu-env", "collName": "todos", "queryID": query_id, "eventID": event_id});
        let message = json!({"watchId": name, "msgType": "REBUILD_WATCH", "msgData": data});
        self.ask(message).await
    }

    pub(super) async fn check(&mut self, name: &str, query_id: &str) -> Json {
        let data = json!({"queryID": query_id, "eventID": 0});
        let message = json!({"watchId": name, "msgType": "CHECK_LAST", "msgData": data});
        self.ask(message).await
    }

    /// Sends a message and returns what answers it.
    pub(super) async fn ask(&mut self, message: Json) -> Json {
        let request_id = self.say(message).await;
        loop {
            let heard = self.receive().await.expect("an answer");
            if heard["requestId"] == request_id.as_str() {
                return heard;
            }
            self.waiting.push_back(heard);
        }
    }

    /// Sends a message; the id of the request.
    pub(super) async fn say(&mut self, mut message: Json) -> String {
        self.requests += 1;
        let request_id = format!("request-{}", self.requests);
        message["requestId"] = request_id.as_str().into();
        self.send(Message::text(message.to_string())).await;
        request_id
    }

    pub(super) async fn send(&mut self, message: Message) {
        self.socket.send(message).await.unwrap();
    }

    /// What is told next without being asked for.
    pub(super) async fn told(&mut self) -> Json {
        match self.waiting.pop_front() {
            Some(message) => message,
            None => self.receive().await.expect("a message"),
        }
    }

    /// The records that are told next, in short: `add/enqueue t1`.
    pub(super) async fn records(&mut self) -> Vec<String> {
        let told = self.told().await;
        assert_eq!(told["msgType"], "NEXT_EVENT", "{told}");
        records(&told)
    }

    /// The code that the other side closes with; `None`: it goes without a word.
    pub(super) async fn closed(&mut self) -> Option<u16> {
        self.farewell().await.map(|(code, _)| code)
    }

    /// As [`Self::closed`], with the reason.
    pub(super) async fn farewell(&mut self) -> Option<(u16, String)> {
        loop {
            let message = timeout(PATIENCE, self.socket.next())
                .await
                .expect("in time");
            match message {
                Some(Ok(Message::Close(frame))) => return frame.as_ref().map(told),
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return None,
            }
        }
    }

    async fn receive(&mut self) -> Option<Json> {
        loop {
            let message = timeout(PATIENCE, self.socket.next())
                .await
                .expect("in time");
            match message?.unwrap() {
                Message::Text(text) => return Some(serde_json::from_str(&text).unwrap()),
                Message::Close(frame) => panic!("closed: {frame:?}"),
                _ => {}
            }
        }
    }
}

pub(super) fn login(signature: &str) -> Json {
    json!({
        "msgType": "LOGIN",
        "msgData": {"envId": "emu-env", "accessToken": "", "referrer": "web"},
        "exMsgData": {"runtime": "web", "signStr": signature, "secretVersion": "1"},
    })
}

/// The records of a message, in short.
pub(super) fn records(message: &Json) -> Vec<String> {
    let events = message["msgData"]["events"].as_array();
    let word = |event: &Json, name: &str| event[name].as_str().unwrap().to_owned();
    let line = |event: &Json| {
        let (data, queue) = (word(event, "DataType"), word(event, "QueueType"));
        format!("{data}/{queue} {}", word(event, "DocID"))
    };
    events
        .unwrap_or_else(|| panic!("{message}"))
        .iter()
        .map(line)
        .collect()
}

/// The code of an error, which must name this watch.
pub(super) fn refused<'a>(message: &'a Json, watch: &str) -> &'a str {
    assert_eq!(message["msgType"], "ERROR", "{message}");
    assert_eq!(message["watchId"], watch);
    message["msgData"]["code"].as_str().unwrap()
}
