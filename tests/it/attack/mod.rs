//! What somebody who means harm tries: to find out what they may not know, and
//! to make one request cost what thousands do.

mod bypasses;
mod costs;
mod leaks;

use crate::harness::TestApp;

/// Boxes with an owner, who may write more than they may read.
const BOXES: &str = r#"
extend schema @role(name: "admin", includes: ["clerk"]) @role(name: "clerk")

type Box
  @collection(name: "boxes", list: "boxes", permission: CUSTOM)
  @rule(read: "doc._openid == auth.openid", create: "auth != null", update: "doc._openid == auth.openid")
  @grant(role: "admin", read: true, write: true)
  @grant(role: "clerk", read: "doc.shelf == get(`database.badges.${auth.openid}`).shelf")
{
  id: ID!
  openid: String @field(name: "_openid")
  title: String
  shelf: String
  flagged: Boolean @rule(read: false, write: "doc._openid == auth.openid")
  cost: Int @grant(role: "admin", read: true, write: true)
  data: JSON
  numbers: [Int!]
  texts: [String!] @constraint(maxLength: 3)
  parts: [Part!]
}

type Part { name: String weight: Int }

type Badge @collection(name: "badges", permission: ADMINONLY) { id: ID! shelf: String }
"#;

const SEED: &[(&str, &str)] = &[
    (
        "boxes",
        r#"{"_id":"b1","_openid":"alice","title":"one","shelf":"s1","flagged":true,"cost":5,"numbers":[1,2]}"#,
    ),
    (
        "boxes",
        r#"{"_id":"b2","_openid":"alice","title":"two","shelf":"s2","flagged":false,"cost":6}"#,
    ),
    ("badges", r#"{"_id":"clara","shelf":"s2"}"#),
];

async fn boxes() -> TestApp {
    TestApp::new(BOXES, SEED).await
}
