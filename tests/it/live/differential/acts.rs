//! What happens to the shop, at random: each act is one commit at most.

use cloudbase_graphql::data::{
    CollectionName, DocId, Document, Filter, Path, Update, ejson, update,
};
use cloudbase_graphql::gateway::Credential;

use super::super::subscriber::credential;
use super::witness::Witness;
use crate::harness::{Client, NOW, TestApp};
use crate::random::Random;

const ORDERS: [&str; 6] = ["o1", "o2", "o3", "o4", "o5", "o6"];
const ITEMS: [&str; 5] = ["i1", "i2", "i3", "i4", "i5"];
const USERS: [&str; 4] = ["u1", "u2", "u3", "u4"];
const NAMES: [&str; 4] = ["demo-alice", "demo-bob", "demo-support", "demo-carol"];
const STATUSES: [&str; 5] = ["PENDING", "PAID", "SHIPPED", "CLOSED", "REFUNDED"];
const ROLES: [&str; 6] = ["admin", "operator", "support", "owner", "", "unheard-of"];
const TIMES: &str = r#""createdAt":{"$date":1735689660000},"updatedAt":{"$date":1735689660000}"#;

/// Whose roles come and go.
const HOLDERS: [&str; 5] = [
    "openid:demo-alice",
    "openid:demo-bob",
    "openid:demo-support",
    "openid:demo-operator",
    "openid:demo-admin",
];

/// Does one thing and tells which.
pub(in crate::live) async fn one(app: &TestApp, random: &mut Random) -> String {
    match random.below(20) {
        0..6 => set(app, random).await,
        6..10 => insert(app, random).await,
        10 => delete(app, random).await,
        11..17 => mutate(app, random).await,
        _ => role(app, random).await,
    }
}

/// One thing that changes nobody's roles.
pub(in crate::live) async fn but_no_role(app: &TestApp, random: &mut Random) -> String {
    match random.below(17) {
        0..6 => set(app, random).await,
        6..10 => insert(app, random).await,
        10 => delete(app, random).await,
        _ => mutate(app, random).await,
    }
}

/// Time passes, or a connection proves something else.
pub(in crate::live) async fn stand(
    app: &TestApp,
    random: &mut Random,
    witnesses: &[Witness],
) -> String {
    let witness = &witnesses[usize::try_from(random.below(witnesses.len() as u64)).unwrap()];
    let now = app.executor.gateway().now();
    let proved: Credential = match random.below(5) {
        0 | 1 => {
            let ms = i64::try_from(random.below(40)).unwrap();
            app.clock.advance(ms);
            return format!("{ms} ms pass");
        }
        2 => credential(witness.principal, Some(now + 30)),
        3 => credential(
            random.pick(&["openid:demo-alice", "openid:demo-admin", "-"]),
            None,
        ),
        _ => credential(witness.principal, None),
    };
    let told = format!("{witness} proves {proved:?}");
    witness.credential.send_replace(proved);
    told
}

/// Sets a value past every permission: one that fits, or now and then one that does not.
async fn set(app: &TestApp, random: &mut Random) -> String {
    let number = random.below(9) * 1000;
    let name = random.pick(&NAMES);
    let (collection, id, path, value) = match random.below(12) {
        0..3 => (
            "orders",
            random.pick(&ORDERS),
            "status",
            quoted(random.pick(&STATUSES)),
        ),
        3 | 4 => ("orders", random.pick(&ORDERS), "_openid", quoted(name)),
        5 => ("orders", random.pick(&ORDERS), "total", number.to_string()),
        6 => (
            "orders",
            random.pick(&ORDERS),
            "remark",
            quoted(&number.to_string()),
        ),
        7 => ("items", random.pick(&ITEMS), "cost", number.to_string()),
        8 => (
            "items",
            random.pick(&ITEMS),
            "status",
            quoted(random.pick(&["DRAFT", "ON_SALE"])),
        ),
        9 => (
            "users",
            random.pick(&USERS),
            "phone",
            quoted(&number.to_string()),
        ),
        10 => (
            "users",
            random.pick(&USERS),
            "nickname",
            quoted(&number.to_string()),
        ),
        _ => {
            let misfits = [
                ("orders", random.pick(&ORDERS), "total", r#""many""#),
                ("orders", random.pick(&ORDERS), "status", "7"),
                (
                    "orders",
                    random.pick(&ORDERS),
                    "_openid",
                    r#"["demo-alice","demo-bob"]"#,
                ),
                ("orders", random.pick(&ORDERS), "address", r#"["nowhere"]"#),
                ("items", random.pick(&ITEMS), "price", r#"{"dear":true}"#),
                ("users", random.pick(&USERS), "nickname", "null"),
            ];
            let (collection, id, path, value) = random.pick(&misfits);
            (collection, id, path, value.to_owned())
        }
    };
    write(app, collection, id, path, &value).await;
    format!("{collection} {id}: {path} = {value}")
}

fn quoted(text: &str) -> String {
    format!("\"{text}\"")
}

pub(in crate::live) async fn write(
    app: &TestApp,
    collection: &str,
    id: &str,
    path: &str,
    value: &str,
) {
    let (path, value) = (
        Path::parse(path).unwrap(),
        ejson::parse_value(value).unwrap(),
    );
    let update = Update {
        ops: vec![update::Op::Set(path, value)],
    };
    let (collection, id) = (
        CollectionName::parse(collection).unwrap(),
        DocId::string(id),
    );
    // It may not be there, or be the second of what there is one of: nothing happens then.
    let _ = app
        .writer
        .update_one(&collection, &id, &Filter::all(), &update)
        .await;
}

async fn insert(app: &TestApp, random: &mut Random) -> String {
    let (number, name) = (random.below(9) * 1000, random.pick(&NAMES));
    let (collection, document) = match random.below(4) {
        0 | 1 => {
            let (id, item, status) = (
                random.pick(&ORDERS),
                random.pick(&ITEMS),
                random.pick(&STATUSES),
            );
            let address = r#"{"name":"A","phone":"1","province":"B","city":"C","detail":"D"}"#;
            let document = format!(
                r#"{{"_id":"{id}","_openid":"{name}","orderNo":"N{id}","status":"{status}","total":{number},"address":{address},
                "lines":[{{"itemId":"{item}","title":"T","price":1,"quantity":1}},{{"itemId":"i1","title":"Tea","price":1,"quantity":2}}],{TIMES}}}"#
            );
            ("orders", document)
        }
        2 => {
            let id = random.pick(&ITEMS);
            let document = format!(
                r#"{{"_id":"{id}","title":"Item {number}","price":{number},"cost":7,"stock":1,"category":"ware","tags":[],"images":[],"status":"ON_SALE",{TIMES}}}"#
            );
            ("items", document)
        }
        _ => {
            let id = random.pick(&USERS);
            let document = format!(
                r#"{{"_id":"{id}","_openid":"{name}","nickname":"{number}","phone":"13800000000","status":"ACTIVE","points":1,{TIMES}}}"#
            );
            ("users", document)
        }
    };
    put(app, collection, &document).await;
    format!("{collection} + {document}")
}

/// Stores a document, unless there is one like it.
pub(in crate::live) async fn put(app: &TestApp, collection: &str, document: &str) {
    let document = Document::from_object(ejson::parse_object(document).unwrap()).unwrap();
    let collection = CollectionName::parse(collection).unwrap();
    let _ = app.writer.insert(&collection, vec![document]).await;
}

async fn delete(app: &TestApp, random: &mut Random) -> String {
    let (collection, id) = match random.below(6) {
        0..4 => ("orders", random.pick(&ORDERS)),
        4 => ("items", random.pick(&ITEMS)),
        _ => ("users", random.pick(&USERS)),
    };
    remove(app, collection, id).await;
    format!("{collection} - {id}")
}

pub(in crate::live) async fn remove(app: &TestApp, collection: &str, id: &str) {
    let (collection, id) = (
        CollectionName::parse(collection).unwrap(),
        DocId::string(id),
    );
    app.writer
        .delete_one(&collection, &id, &Filter::all())
        .await
        .unwrap();
}

/// Through the front door, as somebody who may do everything.
async fn mutate(app: &TestApp, random: &mut Random) -> String {
    let (number, order, item) = (
        random.below(9) * 1000,
        random.pick(&ORDERS),
        random.pick(&ITEMS),
    );
    let (status, user) = (random.pick(&STATUSES), random.pick(&USERS));
    let city = r#"{name: "A", phone: "1", province: "B", city: "X", detail: "D"}"#;
    let mutation = match random.below(10) {
        0 | 1 => format!("updateOrder(id: \"{order}\", set: {{status: {status}}}) {{ id }}"),
        2 => format!(
            "updateOrder(id: \"{order}\", set: {{address: {city}, remark: \"r\"}}) {{ id }}"
        ),
        3 => format!("updateOrder(id: \"{order}\", unset: [address]) {{ id }}"),
        4 => format!(
            "updateItem(id: \"{item}\", inc: {{stock: {number}}}, push: {{tags: [\"t{number}\"]}}) {{ id }}"
        ),
        5 => format!("updateItem(id: \"{item}\", set: {{price: {number}, cost: 1}}) {{ id }}"),
        6 => format!("updateUser(id: \"{user}\", set: {{points: {number}}}) {{ id }}"),
        7 => format!("updateUser(id: \"{user}\", set: {{nickname: \"n{number}\"}}) {{ id }}"),
        8 => format!("deleteItem(id: \"{item}\") {{ id }}"),
        _ => format!(
            "createItem(input: {{id: \"{item}\", title: \"New\", price: {number}, category: \"new\", status: ON_SALE}}) {{ id }}"
        ),
    };
    front_door(app).sent(&mutation).await;
    mutation
}

/// A mutation that must succeed.
pub(in crate::live) async fn all(app: &TestApp, mutation: &str) {
    front_door(app).sent(mutation).await;
}

fn front_door(app: &TestApp) -> Client {
    app.holder("openid:root", &["owner", "admin", "operator", "support"])
}

impl Client {
    async fn sent(&self, mutation: &str) {
        let answer = self.query(&format!("mutation {{ {mutation} }}")).await;
        for error in answer.json["errors"].as_array().into_iter().flatten() {
            let code = &error["extensions"]["code"];
            let is_fine = |code: &str| matches!(code, "NOT_FOUND" | "CONFLICT" | "BAD_USER_INPUT");
            assert!(
                code.as_str().is_some_and(is_fine),
                "{mutation}: {}",
                answer.text
            );
        }
    }
}

/// Somebody's staff roles change.
async fn role(app: &TestApp, random: &mut Random) -> String {
    let (holder, role) = (random.pick(&HOLDERS), random.pick(&ROLES));
    let now = app.executor.gateway().now();
    match random.below(7) {
        0 | 1 => {
            let status = random.pick(&["ACTIVE", "ACTIVE", "DISABLED"]);
            write(app, "roles", holder, "status", &quoted(status)).await;
            format!("{holder} is {status}")
        }
        2 | 3 => {
            write(app, "roles", holder, "roles", &format!(r#"["{role}"]"#)).await;
            format!("{holder} holds {role}")
        }
        4 => {
            let until = now + i64::try_from(random.below(60)).unwrap();
            write(
                app,
                "roles",
                holder,
                "expiresAt",
                &format!(r#"{{"$date":{until}}}"#),
            )
            .await;
            format!("{holder} expires at +{}", until - NOW)
        }
        5 => {
            remove(app, "roles", holder).await;
            format!("{holder} holds nothing")
        }
        _ => {
            let document =
                format!(r#"{{"_id":"{holder}","roles":["{role}"],"status":"ACTIVE",{TIMES}}}"#);
            put(app, "roles", &document).await;
            format!("{holder} is new and holds {role}")
        }
    }
}
