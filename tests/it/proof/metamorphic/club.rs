//! A model made to be peeped at: hidden fields that relations start from and
//! lead to, that are unique, that objects are embedded in, whose rules look at
//! other fields; and documents that are visible by what another one holds.

use serde_json::{Value as Json, json};

use super::operations::Likely;
use super::roll::Roll;
use super::view::{ABSENT, Documents, View, without_absent};

const MODEL: &str = r#"
extend schema @role(name: "boss", includes: ["clerk"]) @role(name: "clerk")

type Person
  @collection(name: "people", permission: CUSTOM)
  @rule(read: "doc.listed == true || doc._openid == auth.openid", create: "auth.openid != null",
        update: "doc._openid == auth.openid", delete: "doc._openid == auth.openid")
  @grant(role: "clerk", read: true, update: "doc.listed == true")
  @index(fields: ["handle"], unique: true)
{
  id: ID!
  openid: String @field(name: "_openid")
  listed: Boolean
  name: String
  team: String
  handle: String @rule(read: "doc._openid == auth.openid") @grant(role: "boss", read: true)
  friend: ID @rule(read: "doc._openid == auth.openid") @grant(role: "boss", read: true)
  age: Int @rule(read: "doc.team == 'open'") @grant(role: "boss", read: true)
  secrets: [Secret!] @rule(read: "doc._openid == auth.openid") @grant(role: "boss", read: true)
  best: Person @relation(from: "friend", to: "_id")
  fans: [Person!]! @relation(from: "_id", to: "friend")
  mates: [Person!]! @relation(from: "team", to: "team")
  namesake: Person @relation(from: "name", to: "handle")
  peers: [Person!]! @relation(from: "age", to: "age")
  rooms: [Room!]! @relation(from: "_id", to: "host")
  updatedAt: DateTime @timestamp(on: UPDATE)
}

type Secret { word: String! about: ID person: Person @relation(from: "about", to: "_id") }

"Seen by all if its host is listed."
type Room
  @collection(name: "rooms", permission: CUSTOM)
  @rule(read: "get(`database.people.${doc.host}`).listed == true", update: "get(`database.people.${doc.host}`)._openid == auth.openid")
  @grant(role: "boss", read: true, write: true)
{
  id: ID!
  host: ID!
  topic: String
  seats: Int
}

type Role @collection(name: "roles", permission: ADMINONLY) { id: ID! roles: [String!] status: String }
"#;

/// `(id, owner, listed, team, name)`: never thrown, since decisions look at it.
const PEOPLE: [(&str, &str, bool, &str, &str); 8] = [
    ("p1", "alice", true, "open", "a"),
    ("p2", "bob", true, "open", "b"),
    ("p3", "carol", true, "shut", "h2"),
    ("p4", "bob", false, "open", "c"),
    ("p5", "alice", false, "shut", "h1"),
    ("p6", "clara", true, "shut", "a"),
    ("p7", "carol", false, "shut", "h6"),
    ("p8", "dave", true, "open", "h3"),
];

/// What everyone can see of the members that are thrown where they are hidden.
fn person(n: usize) -> Json {
    let (id, owner, listed, team, name) = PEOPLE[n];
    json!({
        "_id": id, "_openid": owner, "listed": listed, "team": team, "name": name, "handle": format!("h{n}"),
        "friend": format!("p{}", (n * 3) % 8 + 1), "age": n % 3,
        "secrets": [{"word": "a", "about": "p2"}, {"word": "b", "about": "p4"}],
    })
}

fn documents(openid: &str, clerk: bool, roll: &mut Roll) -> Documents {
    let mut all: Documents = vec![(
        "roles",
        json!({"_id": "openid:clara", "roles": ["clerk"], "status": "ACTIVE"}),
    )];
    for (n, (id, owner, listed, team, _)) in PEOPLE.into_iter().enumerate() {
        let mut document = person(n);
        let (own, seen) = (owner == openid, listed || owner == openid || clerk);
        // The handle stays: an index knows it.
        let hidden = [
            ("friend", !own),
            ("secrets", !own),
            ("age", !seen || team != "open"),
            ("name", !seen),
        ];
        for (field, hidden) in hidden {
            if hidden && roll.chance(75) {
                document[field] = thrown(field, roll);
            }
        }
        // Not even that somebody is there; nobody says a handle that these have.
        if seen || roll.chance(80) {
            all.push(("people", without_absent(document)));
        }
        let mut room = json!({"_id": format!("r{n}"), "host": id, "topic": "a", "seats": n});
        if !listed {
            room["topic"] = thrown("name", roll);
            room["seats"] = thrown("age", roll);
        }
        // The owner of an unlisted host may change the room, which tells that it is there.
        if listed || owner == openid || roll.chance(80) {
            all.push(("rooms", without_absent(room)));
        }
    }
    all
}

fn thrown(field: &str, roll: &mut Roll) -> Json {
    if roll.chance(20) {
        let odd = [
            json!(null),
            json!(ABSENT),
            json!(["p1", "a"]),
            json!({"word": 7}),
            json!(1.5),
        ];
        return odd[roll.below(odd.len())].clone();
    }
    let id = format!("p{}", roll.below(9) + 1);
    match field {
        "friend" => json!(id),
        "age" => json!(roll.below(6)),
        "secrets" => json!([{"word": roll.pick(&["a", "b", "c"]), "about": id}]),
        _ => json!(roll.pick(&["a", "b", "c", "h1", "h2"])),
    }
}

pub(super) fn views() -> [View; 2] {
    let view = |name: &str, openid: &'static str, principal, clerk, writes| View {
        name: name.to_owned(),
        model: MODEL,
        principal,
        likely: Likely {
            type_name: "p",
            id: "p1",
        },
        documents: Box::new(move |roll| documents(openid, clerk, roll)),
        all_roles: &["boss", "clerk"],
        everything: "{ people { nodes { id name friend age secrets { word } } } rooms { nodes { id topic } } }",
        writes,
    };
    [
        view("Alice of the club", "alice", "openid:alice", false, 5),
        view("Clara of the club", "clara", "openid:clara", true, 5),
    ]
}
