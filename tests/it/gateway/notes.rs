//! A model made to be peeped at: notes with an owner, readable in parts.

use super::world::World;

pub(crate) const SCHEMA: &str = r#"
extend schema @role(name: "owner", includes: ["admin"]) @role(name: "admin", includes: ["clerk"]) @role(name: "clerk")

type Note
  @collection(name: "notes", permission: CUSTOM)
  @rule(read: "doc.public == true || doc._openid == auth.openid", create: "auth != null",
        update: "doc._openid == auth.openid && (doc.frozen == null || doc.frozen == false)", delete: "doc._openid == auth.openid")
  @grant(role: "admin", read: true, write: true)
  @grant(role: "clerk", update: true)
  @index(fields: ["code"], unique: true)
  @index(fields: ["slug"], unique: true)
{
  id: ID!
  openid: String @field(name: "_openid")
  title: String! @constraint(minLength: 1, maxLength: 10)
  public: Boolean @default(value: false)
  frozen: Boolean @default(value: false)
  slug: String
  secret: String @rule(read: "doc._openid == auth.openid", write: "doc._openid == auth.openid")
  code: String @rule(read: "doc._openid == auth.openid", write: "doc._openid == auth.openid") @grant(role: "admin", read: true, write: true)
  score: Int @grant(role: "admin", read: true, write: true)
  ghost: Int @rule(read: false, write: "doc._openid == auth.openid")
  tags: [String!] @constraint(minItems: 1, maxItems: 3, maxLength: 5)
  parts: [Part!]
  stock: Int @constraint(min: 0, max: 10)
  ratio: Float
  createdAt: DateTime! @timestamp(on: CREATE)
  updatedMs: DateTime! @field(as: EPOCH_MS) @timestamp(on: UPDATE)
}

type Part { name: String! weight: Int @constraint(min: 1) }

type Role @collection(name: "roles", permission: ADMINONLY) @grant(role: "owner", read: true, write: true) {
  id: ID!
  roles: [String!]!
  status: String!
  expiresAt: DateTime
}

type Author @collection(name: "authors", permission: READONLY) {
  id: ID!
  openid: String @field(name: "_openid")
  secret: String
  score: Int
  latest: Note @relation(from: "_openid", to: "_openid")
  notes: [Note!]! @relation(from: "_openid", to: "_openid")
  bySecret: [Note!]! @relation(from: "secret", to: "secret")
  byScore: [Note!]! @relation(from: "score", to: "score")
}
"#;

/// Alice sees n1, n2 and n4, and may change n1 and n4; n3 is Bob's own.
pub(crate) const SEED: &[(&str, &str)] = &[
    (
        "notes",
        r#"{"_id":"n1","_openid":"alice","title":"one","public":true,"slug":"l1","secret":"s1","code":"c1","score":5,"ghost":1,"tags":["a"],"parts":[{"name":"p","weight":1}],"stock":5,"createdAt":{"$date":0},"updatedMs":1}"#,
    ),
    (
        "notes",
        r#"{"_id":"n2","_openid":"bob","title":"two","public":true,"slug":"l2","secret":"s2","code":"c2","score":7,"ghost":2,"tags":["a","b"],"parts":[{"name":"q","weight":2}],"stock":6,"createdAt":{"$date":0},"updatedMs":1}"#,
    ),
    (
        "notes",
        r#"{"_id":"n3","_openid":"bob","title":"three","public":false,"slug":"l3","secret":"s3","code":"c3","score":9,"ghost":3,"tags":["c"],"stock":0,"ratio":"odd","createdAt":{"$date":0},"updatedMs":1}"#,
    ),
    (
        "notes",
        r#"{"_id":"n4","_openid":"alice","title":"four","public":false,"frozen":false,"slug":"l4","secret":"s4","code":"c4","score":1,"ghost":4,"tags":["d"],"stock":7,"createdAt":{"$date":0},"updatedMs":1}"#,
    ),
    (
        "authors",
        r#"{"_id":"a1","_openid":"alice","secret":"s1","score":5}"#,
    ),
    (
        "authors",
        r#"{"_id":"a2","_openid":"bob","secret":"s3","score":9}"#,
    ),
    (
        "roles",
        r#"{"_id":"openid:root","roles":["owner"],"status":"ACTIVE"}"#,
    ),
    (
        "roles",
        r#"{"_id":"openid:clara","roles":["clerk"],"status":"ACTIVE"}"#,
    ),
];

pub(crate) async fn world() -> World {
    World::new(SCHEMA, SEED).await
}
