//! Reads: rows, fields, lookups, what a projection brings; the shop and the simple permissions.

use cloudbase_graphql::data::{Filter, Test};
use cloudbase_graphql::gateway::{Action, Lookup, Select};

use super::notes;
use super::world::{World, ids, is, shown, test, value};

const SHOP: &str = include_str!("../../../schema.graphql");

const SHOP_SEED: &[(&str, &str)] = &[
    (
        "users",
        r#"{"_id":"u1","_openid":"alice","nickname":"A","phone":"13800000000","status":"ACTIVE","points":1,"createdAt":{"$date":0},"updatedAt":{"$date":0}}"#,
    ),
    (
        "users",
        r#"{"_id":"u2","_openid":"bob","nickname":"B","phone":"13900000000","status":"ACTIVE","points":2,"createdAt":{"$date":0},"updatedAt":{"$date":0}}"#,
    ),
    (
        "roles",
        r#"{"_id":"openid:ada","roles":["admin"],"status":"ACTIVE"}"#,
    ),
    (
        "roles",
        r#"{"_id":"openid:sue","roles":["support"],"status":"ACTIVE"}"#,
    ),
    (
        "roles",
        r#"{"_id":"openid:oli","roles":["operator"],"status":"ACTIVE"}"#,
    ),
    (
        "items",
        r#"{"_id":"i1","title":"tea","price":100,"cost":60,"stock":3,"category":"t","tags":[],"images":[],"status":"ON_SALE"}"#,
    ),
    (
        "items",
        r#"{"_id":"i2","title":"cup","price":200,"cost":90,"stock":3,"category":"t","tags":[],"images":[],"status":"DRAFT"}"#,
    ),
    (
        "orders",
        r#"{"_id":"o1","_openid":"alice","orderNo":"1","status":"PAID","lines":[],"total":1,"address":{"city":"x"}}"#,
    ),
    (
        "orders",
        r#"{"_id":"o2","_openid":"bob","orderNo":"2","status":"CLOSED","lines":[],"total":2,"address":{"city":"y"}}"#,
    ),
    (
        "orders",
        r#"{"_id":"o3","_openid":"bob","orderNo":"3","lines":[],"total":3}"#,
    ),
];

async fn shop() -> World {
    World::new(SHOP, SHOP_SEED).await
}

#[tokio::test]
async fn the_shop_shows_each_caller_their_documents() {
    let world = shop().await;
    // A document without a status is not one whose status is other than CLOSED.
    let cases = [
        (
            "openid:alice",
            "u1",
            "i1",
            "o1",
            "read of Role is not allowed",
        ),
        (
            "openid:bob",
            "u2",
            "i1",
            "o2 o3",
            "read of Role is not allowed",
        ),
        (
            "openid:sue",
            "u1 u2",
            "i1 i2",
            "o1",
            "read of Role is not allowed",
        ),
        (
            "openid:oli",
            "u1 u2",
            "i1 i2",
            "o1 o2 o3",
            "read of Role is not allowed",
        ),
        (
            "openid:ada",
            "u1 u2",
            "i1 i2",
            "o1 o2 o3",
            "openid:ada openid:oli openid:sue",
        ),
        (
            // Without an openid no document whatever can be hers.
            "uid:alice",
            "read of User is not allowed",
            "i1",
            "read of Order is not allowed",
            "read of Role is not allowed",
        ),
    ];
    for (principal, users, items, orders, roles) in cases {
        let actor = world.as_(principal).await;
        let all = Filter::all;
        assert_eq!(actor.find("users", all()).await, users, "{principal}");
        assert_eq!(actor.find("items", all()).await, items, "{principal}");
        assert_eq!(actor.find("orders", all()).await, orders, "{principal}");
        assert_eq!(actor.find("roles", all()).await, roles, "{principal}");
    }
}

#[tokio::test]
async fn the_shop_shows_each_caller_their_fields() {
    let world = shop().await;
    let cases = [
        ("openid:alice", "users", "u1", "phone", "\"13800000000\""),
        ("openid:alice", "users", "u2", "phone", "no document"),
        ("openid:sue", "users", "u1", "phone", "denied"),
        ("openid:ada", "users", "u1", "phone", "\"13800000000\""),
        ("openid:alice", "items", "i1", "cost", "denied"),
        ("openid:oli", "items", "i1", "cost", "denied"),
        ("openid:ada", "items", "i1", "cost", "60"),
        (
            "openid:alice",
            "orders",
            "o1",
            "address",
            "{\"city\":\"x\"}",
        ),
        ("openid:sue", "orders", "o1", "address", "denied"),
        ("openid:oli", "orders", "o3", "address", "missing"),
        ("openid:sue", "orders", "o3", "address", "no document"),
    ];
    for (principal, collection, id, field, expected) in cases {
        let actor = world.as_(principal).await;
        let seen = actor.read(collection, id, field).await;
        assert_eq!(seen, expected, "{principal} {collection} {id} {field}");
    }
}

#[tokio::test]
async fn a_filter_by_a_hidden_phone_finds_nobody() {
    let world = shop().await;
    let sue = world.as_("openid:sue").await;
    for phone in ["\"13800000000\"", "\"1\""] {
        // No support caller owns a user document, so the readers of `phone` are nobody.
        assert_eq!(sue.find("users", is("phone", phone)).await, "");
    }
    let alice = world.as_("openid:alice").await;
    assert_eq!(
        alice.find("items", is("cost", "60")).await,
        "read of Item.cost is not allowed"
    );
}

#[tokio::test]
async fn a_document_found_by_id_reads_as_in_a_list() {
    let world = notes::world().await;
    let alice = world.as_("openid:alice").await;
    for (id, secret) in [
        ("n1", "\"s1\""),
        ("n2", "denied"),
        ("n3", "no document"),
        ("n4", "\"s4\""),
    ] {
        assert_eq!(alice.read("notes", id, "secret").await, secret);
    }
    let list = alice.list("notes", Filter::all()).await.expect("a list");
    let field = alice.field("notes", "secret");
    let secrets: Vec<String> = list.nodes.iter().map(|node| shown(node, field)).collect();
    assert_eq!(secrets, ["\"s1\"", "denied", "\"s4\""]);
}

#[tokio::test]
async fn a_denied_field_looks_the_same_whether_it_holds_something_or_not() {
    let world = World::new(
        notes::SCHEMA,
        &[
            (
                "notes",
                r#"{"_id":"full","_openid":"bob","title":"x","public":true,"secret":"s"}"#,
            ),
            (
                "notes",
                r#"{"_id":"empty","_openid":"bob","title":"x","public":true,"slug":"e","code":"e"}"#,
            ),
        ],
    )
    .await;
    let alice = world.as_("openid:alice").await;
    for id in ["full", "empty"] {
        assert_eq!(alice.read("notes", id, "secret").await, "denied");
        assert_eq!(alice.read("notes", id, "score").await, "denied");
    }
}

#[tokio::test]
async fn the_projection_brings_what_the_mask_looks_at() {
    let world = notes::world().await;
    let alice = world.as_("openid:alice").await;
    let secret = alice.field("notes", "secret");
    let mut request = alice.request("notes", Filter::all());
    // `_openid`, which decides about `secret`, is not selected.
    request.select = Select {
        fields: [secret].into(),
    };
    let list = alice.session.list(&request).await.expect("a list");
    let secrets: Vec<String> = list.nodes.iter().map(|node| shown(node, secret)).collect();
    assert_eq!(secrets, ["\"s1\"", "denied", "\"s4\""]);
    let lookup = Lookup::Id("n1".into());
    let found = alice
        .session
        .get(request.collection, &lookup, &request.select)
        .await;
    assert_eq!(shown(&found.unwrap().unwrap(), secret), "\"s1\"");
}

#[tokio::test]
async fn a_text_finds_the_id_it_spells_strings_first() {
    let world = World::new(notes::SCHEMA, &[
        ("notes", r#"{"_id":12,"_openid":"alice","title":"int","slug":"1"}"#),
        ("notes", r#"{"_id":"12","_openid":"alice","title":"text","slug":"2","code":"2"}"#),
        ("notes", r#"{"_id":13,"_openid":"alice","title":"only int","slug":"3","code":"3"}"#),
        ("notes", r#"{"_id":{"$oid":"0123456789abcdef01234567"},"_openid":"alice","title":"oid","slug":"4","code":"4"}"#),
    ]).await;
    let alice = world.as_("openid:alice").await;
    assert_eq!(alice.read("notes", "12", "title").await, "\"text\"");
    assert_eq!(alice.read("notes", "13", "title").await, "\"only int\"");
    assert_eq!(
        alice
            .read("notes", "0123456789abcdef01234567", "title")
            .await,
        "\"oid\""
    );
    assert_eq!(alice.read("notes", "012", "title").await, "no document");
}

#[tokio::test]
async fn the_simple_permissions_know_creators_by_openid_and_by_uid() {
    let schema = r#"
        type A @collection(name: "readonly", permission: READONLY) { id: ID! n: Int }
        type B @collection(name: "private", permission: PRIVATE) { id: ID! n: Int }
        type C @collection(name: "adminwrite", permission: ADMINWRITE) { id: ID! n: Int }
        type D @collection(name: "adminonly", permission: ADMINONLY) { id: ID! n: Int }
    "#;
    let mut seed = Vec::new();
    for collection in ["readonly", "private", "adminwrite", "adminonly"] {
        seed.push((collection, r#"{"_id":"w","_openid":"me","n":1}"#));
        seed.push((collection, r#"{"_id":"x","n":1}"#));
    }
    let world = World::new(schema, &seed).await;
    for (principal, mine) in [
        ("openid:me", true),
        ("uid:me", true),
        ("openid:you", false),
        ("uid:you", false),
    ] {
        let actor = world.as_(principal).await;
        let own = if mine { "w" } else { "" };
        assert_eq!(
            actor.find("readonly", Filter::all()).await,
            "w x",
            "{principal}"
        );
        assert_eq!(
            actor.find("private", Filter::all()).await,
            own,
            "{principal}"
        );
        assert_eq!(
            actor.find("adminwrite", Filter::all()).await,
            "w x",
            "{principal}"
        );
        assert_eq!(
            actor.find("adminonly", Filter::all()).await,
            "read of D is not allowed"
        );
    }
    // Who is not signed in gets nothing of any of them.
    let nobody = world.as_("-").await;
    assert_eq!(
        nobody.find("readonly", Filter::all()).await,
        "sign in first"
    );
}

#[tokio::test]
async fn the_trace_tells_reads_and_added_filters() {
    let world = notes::world().await;
    let alice = world.as_("openid:alice").await;
    let reads_before = world.gateway.reads();
    alice
        .list("notes", is("secret", "\"s1\""))
        .await
        .expect("a list");
    let trace = alice.session.trace();
    assert_eq!(trace.reads, 2);
    assert_eq!(world.gateway.reads() - reads_before, 2);
    let steps: Vec<Action> = trace.steps.iter().map(|step| step.action).collect();
    assert_eq!(steps, [Action::Find, Action::Count]);
    let added: Vec<&str> = trace
        .filters
        .iter()
        .map(|added| added.coordinate.as_str())
        .collect();
    assert_eq!(added, ["Note", "Note.secret"]);
}

#[tokio::test]
async fn a_lookup_by_null_is_a_filter_by_null() {
    let world = notes::world().await;
    let alice = world.as_("openid:alice").await;
    assert!(
        alice
            .look_up("notes", "slug", value("null"))
            .await
            .expect("allowed")
            .is_none()
    );
    let filter = test("title", Test::Exists(true));
    assert_eq!(ids(&alice.list("notes", filter).await.unwrap()), "n1 n2 n4");
}
