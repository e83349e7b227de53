//! The same where decisions depend on the time and on other documents.

use super::acts;
use super::subject::Subject;
use super::witness::Witness;
use crate::harness::{NOW, TestApp};
use crate::random::Random;

const MODEL: &str = r#"
type Post @collection(name: "posts", permission: CUSTOM) @rule(read: "doc.from <= now") {
  id: ID!
  from: Float
  body: String
  draft: String @rule(read: "doc.until > now")
  until: Float
}
type Room @collection(name: "rooms", permission: CUSTOM)
  @rule(read: "get(`database.members.${auth.openid}`).active == true") {
  id: ID!
  name: String
  key: String @rule(read: "get(`database.members.${auth.openid}`).level > 1")
}
type Member @collection(name: "members", permission: ADMINONLY) { id: ID! active: Boolean level: Int }
type Message @collection(name: "messages", permission: CUSTOM)
  @rule(read: "auth.openid in get(`database.chats.${doc.chat}`).members") {
  id: ID!
  chat: String!
  body: String
}
type Chat @collection(name: "chats", permission: ADMINONLY) { id: ID! members: [String!] }
type Link @collection(name: "links", permission: READONLY) {
  id: ID!
  to: String
  post: Post @relation(from: "to", to: "_id")
  room: Room @relation(from: "to", to: "_id")
}
"#;

const SEED: &[(&str, &str)] = &[
    (
        "posts",
        r#"{"_id":"p1","from":1767225599000,"draft":"d1","until":1767225600050,"body":"b1"}"#,
    ),
    (
        "posts",
        r#"{"_id":"p2","from":1767225600050,"draft":"d2","until":1767225600090,"body":"b2"}"#,
    ),
    ("members", r#"{"_id":"ann","active":true,"level":2}"#),
    ("members", r#"{"_id":"ben","active":true,"level":1}"#),
    ("rooms", r#"{"_id":"r1","name":"one","key":"k1"}"#),
    ("rooms", r#"{"_id":"r2","name":"two","key":"k2"}"#),
    ("chats", r#"{"_id":"c1","members":["ann","ben"]}"#),
    ("messages", r#"{"_id":"m1","chat":"c1","body":"hi"}"#),
    ("messages", r#"{"_id":"m2","chat":"c1","body":"psst"}"#),
    ("links", r#"{"_id":"l1","to":"p1"}"#),
    ("links", r#"{"_id":"l2","to":"p2"}"#),
    ("links", r#"{"_id":"l3","to":"r1"}"#),
];

const ANN: &str = "openid:ann";
const BEN: &str = "openid:ben";
const POST: Option<&str> = Some("id body draft");
const ROOM: Option<&str> = Some("id name key");
const LINK: Option<&str> = Some("id post { body draft } room { name key }");
const TALK: &str = "where: {chat: {eq: \"c1\"}}";

const WATCHED: [(&str, Subject); 8] = [
    (ANN, Subject::list("posts", "", POST, POST)),
    (BEN, Subject::list("posts", "first: 1", None, POST)),
    (ANN, Subject::list("rooms", "", ROOM, None)),
    (BEN, Subject::list("rooms", "", None, ROOM)),
    (ANN, Subject::list("messages", TALK, Some("id body"), None)),
    (BEN, Subject::list("messages", TALK, None, Some("body"))),
    (ANN, Subject::list("links", "", LINK, None)),
    (BEN, Subject::single("room", "id: \"r1\"", ROOM, ROOM)),
];

async fn act(app: &TestApp, random: &mut Random) -> String {
    let moment = (NOW + i64::try_from(random.below(120)).unwrap()).to_string();
    let number = random.below(3).to_string();
    let (post, member) = (random.pick(&["p1", "p2"]), random.pick(&["ann", "ben"]));
    let (collection, id, path, value) = match random.below(8) {
        0 => ("posts", post, "from", moment.as_str()),
        1 => ("posts", post, "until", moment.as_str()),
        2 => ("posts", post, "draft", number.as_str()),
        3 => (
            "members",
            member,
            "active",
            random.pick(&["true", "true", "false"]),
        ),
        4 => ("members", member, "level", number.as_str()),
        5 => (
            "rooms",
            random.pick(&["r1", "r2"]),
            "name",
            random.pick(&["\"a\"", "\"b\""]),
        ),
        6 => {
            let members = random.pick(&[r#"["ann"]"#, r#"["ann","ben"]"#, "[]"]);
            ("chats", "c1", "members", members)
        }
        _ => {
            let to = random.pick(&["\"p1\"", "\"p2\"", "\"r1\"", "\"r2\""]);
            ("links", random.pick(&["l1", "l2"]), "to", to)
        }
    };
    acts::write(app, collection, id, path, value).await;
    format!("{collection} {id}: {path} = {value}")
}

#[tokio::test]
async fn everybody_is_told_what_a_query_gives_at_that_time() {
    let app = TestApp::new(MODEL, SEED).await;
    let mut log = super::Log(3, Vec::new());
    let mut random = Random::new(3);
    let mut witnesses = Vec::new();
    for (principal, subject) in WATCHED {
        witnesses.push(Witness::new(&app, principal, subject).await);
    }
    for step in 0..160 {
        let time_passes = step % 40 == 20;
        if time_passes {
            app.clock.advance(25);
            log.1.push(format!("{step}: time passes"));
        } else {
            log.1
                .push(format!("{step}: {}", act(&app, &mut random).await));
        }
        for witness in &mut witnesses {
            witness.settle(&app).await;
        }
    }
}
