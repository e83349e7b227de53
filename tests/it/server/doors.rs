//! Whom the platform's headers name: by a door that believes them, and by one that does not.

use std::net::SocketAddr;
use std::sync::Arc;

use cloudbase_graphql::server::{Config, Door, Platform, Trust};
use serde_json::{Value as Json, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::lifecycle::Running;

pub(super) const ME: &str = "oAbC-1234567890_abcdefghijkl";
const OTHER: &str = "oXyZ-0987654321_zyxwvutsrqpo";
const APPID: &str = "wx0123456789abcdef";
const SHARING: &str = "wxfedcba9876543210";
const ENV: &str = "prod-1a2b3c";

pub(super) type Header = (&'static str, &'static str);

const OPENID: Header = ("X-WX-OPENID", ME);
const SOURCE: Header = ("X-WX-SOURCE", "wx_client");
const CHANNEL: [Header; 3] = [SOURCE, ("X-WX-APPID", APPID), ("X-WX-ENV", ENV)];

/// What a door makes of a request.
#[derive(Clone, Debug, PartialEq)]
enum Taken {
    /// Served, as this principal.
    As(String),
    Nobody,
    /// Refused with this status, whatever was asked.
    Refused(u16),
}

fn me() -> Taken {
    Taken::As(format!("openid:{ME}"))
}

/// A name, headers, and what the door that believes them makes of it.
fn fixtures() -> Vec<(&'static str, Vec<Header>, Taken)> {
    let with = |more: &[Header]| [&CHANNEL, more].concat();
    let but = |other: Header| {
        let mut headers = with(&[OPENID]);
        headers.retain(|(name, _)| !name.eq_ignore_ascii_case(other.0));
        headers.push(other);
        headers
    };
    let shared = [("X-WX-FROM-OPENID", OTHER), ("X-WX-FROM-APPID", SHARING)];
    vec![
        (
            "private, normal",
            with(&[OPENID, ("X-WX-UNIONID", "u1")]),
            me(),
        ),
        (
            "private, sharing",
            with(&shared),
            Taken::As(format!("openid:{SHARING}:{OTHER}")),
        ),
        ("private, not signed in", with(&[]), Taken::Nobody),
        ("public", vec![], Taken::Nobody),
        ("forged openid", vec![OPENID], Taken::Refused(401)),
        (
            "forged openid and source",
            vec![OPENID, SOURCE],
            Taken::Refused(401),
        ),
        (
            "duplicate openid",
            with(&[OPENID, OPENID]),
            Taken::Refused(400),
        ),
        (
            "two openids in one header",
            but((
                "X-WX-OPENID",
                "oAbC-1234567890_abcdefg,oXyZ-0987654321_zyxw",
            )),
            Taken::Refused(400),
        ),
        (
            "local debugging",
            with(&[OPENID, ("X-WX-LOCAL-DEBUG", "1")]),
            Taken::Refused(401),
        ),
        (
            "empty openid",
            but(("X-WX-OPENID", "")),
            Taken::Refused(401),
        ),
        (
            "wrong appid",
            but(("X-WX-APPID", SHARING)),
            Taken::Refused(401),
        ),
        ("wrong env", but(("X-WX-ENV", "prod")), Taken::Refused(401)),
        (
            "no openid",
            but(("X-WX-OPENID", "undefined")),
            Taken::Refused(401),
        ),
        (
            "odd casing",
            vec![
                ("x-Wx-OpEnId", ME),
                ("x-wx-source", "a,b"),
                ("X-Wx-Appid", APPID),
                ("x-wX-env", ENV),
            ],
            me(),
        ),
        (
            "sharing and openid",
            with(&[OPENID, shared[0], shared[1]]),
            Taken::Refused(401),
        ),
        (
            "sharing with somebody else",
            with(&[shared[0], ("X-WX-FROM-APPID", "wx1")]),
            Taken::Refused(401),
        ),
        (
            "openid and another's appid",
            with(&[OPENID, shared[1]]),
            Taken::Refused(401),
        ),
        (
            "the platform and a token",
            with(&[OPENID, ("Authorization", "Bearer dev:openid:alice")]),
            Taken::Refused(400),
        ),
    ]
}

/// What the private door believes.
pub(super) fn trust() -> Trust {
    Trust::WxPrivate(Arc::new(Platform {
        appid: APPID.into(),
        env: ENV.into(),
        sharing_appids: [SHARING.into()].into(),
    }))
}

/// As the platform sets them for `openid:` and [`ME`].
pub(super) const SIGNED_IN: [Header; 4] = [OPENID, CHANNEL[0], CHANNEL[1], CHANNEL[2]];

/// A server with both doors.
struct Doors {
    _running: Running,
    public: SocketAddr,
    private: SocketAddr,
}

impl Doors {
    async fn open(config: Config) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let private = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let public_address = listener.local_addr().expect("an address");
        let private_address = private.local_addr().expect("an address");
        let trusting = Door {
            listener: private,
            trust: trust(),
        };
        let doors = vec![Door::bearer_only(listener), trusting];
        let executor = super::executor().await;
        Self {
            _running: Running::with(doors, public_address, executor, config),
            public: public_address,
            private: private_address,
        }
    }
}

/// Sends a request with these headers as they are written.
async fn send(address: SocketAddr, line: &str, headers: &[Header], body: &str) -> TcpStream {
    let mut request = format!("{line} HTTP/1.1\r\nhost: localhost\r\n");
    for (name, value) in headers {
        request.extend([name, ": ", value, "\r\n"]);
    }
    request.extend(["\r\n", body]);
    let mut stream = TcpStream::connect(address).await.expect("a connection");
    stream.write_all(request.as_bytes()).await.expect("sent");
    stream
}

fn status(answer: &str) -> u16 {
    answer[9..12].parse().expect("a status")
}

async fn ask(address: SocketAddr, headers: &[Header]) -> (Taken, String) {
    let body = json!({"query": "{ me { principal } }"}).to_string();
    let length = body.len().to_string().leak();
    let fixed = [
        ("content-type", "application/json"),
        ("connection", "close"),
        ("content-length", &*length),
    ];
    let mut stream = send(address, "POST /graphql", &[&fixed, headers].concat(), &body).await;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.expect("an answer");
    if status(&answer) != 200 {
        return (Taken::Refused(status(&answer)), answer);
    }
    let body = answer.split_once("\r\n\r\n").expect("a body").1;
    let body: Json = serde_json::from_str(body).expect("JSON");
    let taken = match &body["data"]["me"] {
        Json::Null => Taken::Nobody,
        me => Taken::As(me["principal"].as_str().expect("a principal").to_owned()),
    };
    (taken, answer)
}

async fn shake_hands(address: SocketAddr, headers: &[Header]) -> u16 {
    let fixed = [
        ("connection", "upgrade"),
        ("upgrade", "websocket"),
        ("sec-websocket-version", "13"),
        ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
    ];
    let mut stream = send(address, "GET /graphql", &[&fixed, headers].concat(), "").await;
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.expect("an answer"));
    }
    status(&String::from_utf8(head).expect("text"))
}

#[tokio::test]
async fn the_private_door_believes_what_the_platform_sets_and_nothing_else() {
    let doors = Doors::open(Config::default()).await;
    for (name, headers, taken) in fixtures() {
        let (told, answer) = ask(doors.private, &headers).await;
        assert_eq!(told, taken, "{name}: {answer}");
        if let Taken::Refused(status) = taken {
            for value in [ME, OTHER, ENV, "dev:openid"] {
                assert!(!answer.contains(value), "{name} repeats a value: {answer}");
            }
            let code = if status == 401 {
                "UNAUTHENTICATED"
            } else {
                "BAD_USER_INPUT"
            };
            assert!(answer.contains(code), "{name}: {answer}");
        }
    }
}

#[tokio::test]
async fn the_public_door_believes_none_of_it() {
    let doors = Doors::open(Config::default()).await;
    for (name, mut headers, _) in fixtures() {
        headers.retain(|(name, _)| *name != "Authorization");
        let (told, answer) = ask(doors.public, &headers).await;
        assert_eq!(told, Taken::Nobody, "{name}: {answer}");
    }
}

#[tokio::test]
async fn the_same_holds_for_the_handshake_of_a_socket() {
    let doors = Doors::open(Config::default()).await;
    for (name, mut headers, taken) in fixtures() {
        let status = match taken {
            Taken::Refused(status) => status,
            Taken::As(_) | Taken::Nobody => 101,
        };
        let told = shake_hands(doors.private, &headers).await;
        assert_eq!(told, status, "{name}");
        headers.retain(|(name, _)| *name != "Authorization");
        assert_eq!(shake_hands(doors.public, &headers).await, 101, "{name}");
    }
}

#[tokio::test]
async fn sockets_of_mini_programs_say_where_they_are_from() {
    let doors = Doors::open(Config::default()).await;
    let headers = [
        SIGNED_IN.as_slice(),
        &[("Origin", "https://servicewechat.com")],
    ]
    .concat();
    assert_eq!(shake_hands(doors.private, &headers).await, 101);
    assert_eq!(shake_hands(doors.public, &headers).await, 403);
}

/// Every header of the platform that is known, and some that are not.
const NAMES: [&str; 17] = [
    "x-wx-openid",
    "x-wx-appid",
    "x-wx-unionid",
    "x-wx-from-openid",
    "x-wx-from-appid",
    "x-wx-from-unionid",
    "x-wx-env",
    "x-wx-source",
    "x-wx-service",
    "x-wx-call-id",
    "x-wx-cloudbase-access-token",
    "x-wx-local-debug",
    "x-wx-role",
    "x-wx-",
    "x-cloudbase-context",
    "x-openid",
    "x_wx_openid",
];

#[tokio::test]
async fn no_forged_header_alone_makes_anybody() {
    let doors = Doors::open(Config::default()).await;
    let identities = &NAMES[..6];
    for name in NAMES {
        for value in [ME, APPID, ENV, "openid:editor", "1", ""] {
            let headers = [(name, value)];
            let (told, answer) = ask(doors.public, &headers).await;
            assert_eq!(told, Taken::Nobody, "{name}: {value}: {answer}");
            let (told, answer) = ask(doors.private, &headers).await;
            let identity = identities.contains(&name) && name != "x-wx-appid";
            let taken = if identity {
                Taken::Refused(401)
            } else {
                Taken::Nobody
            };
            assert_eq!(told, taken, "{name}: {value}: {answer}");
        }
    }
}
