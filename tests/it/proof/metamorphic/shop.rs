//! Shops that look alike to one caller: what they may not read is thrown anew
//! for each, the rest is always the same.

use serde_json::{Value as Json, json};

use super::operations::Likely;
use super::roll::Roll;
use super::view::{ABSENT, Documents, View, without_absent};
use crate::harness::SHOP;

/// Somebody from whom something is hidden.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Reader {
    Alice,
    Support,
    Operator,
    Nobody,
}

/// The shop as each of them sees it.
pub(super) fn views() -> impl Iterator<Item = View> {
    let all = [
        Reader::Alice,
        Reader::Support,
        Reader::Operator,
        Reader::Nobody,
    ];
    all.into_iter().map(|reader| View {
        name: format!("{reader:?}"),
        model: SHOP,
        principal: reader.principal(),
        likely: reader.likely(),
        documents: Box::new(move |roll| world(reader, roll)),
        all_roles: &["owner", "admin", "operator", "support"],
        everything: "{ users(first: 500) { nodes { id openid nickname phone points } }
            roles(first: 500) { nodes { id note } } items(first: 500) { nodes { id title cost price } }
            orders(first: 500) { nodes { id address { city } total remark } } }",
        writes: match reader {
            Reader::Nobody => 0,
            Reader::Operator => 8,
            Reader::Alice | Reader::Support => 1,
        },
    })
}

impl Reader {
    fn principal(self) -> &'static str {
        match self {
            Reader::Alice => "openid:alice",
            Reader::Support => "openid:support",
            Reader::Operator => "openid:operator",
            Reader::Nobody => "-",
        }
    }

    fn likely(self) -> Likely {
        let (type_name, id) = match self {
            Reader::Alice | Reader::Nobody => ("user", "u-alice"),
            Reader::Support => ("user", "u-support"),
            Reader::Operator => ("item", "i-a"),
        };
        Likely { type_name, id }
    }

    fn is_staff(self) -> bool {
        matches!(self, Reader::Support | Reader::Operator)
    }

    fn owns(self, document: &Json) -> bool {
        let name = self.principal().strip_prefix("openid:");
        name.is_some_and(|name| document["_openid"] == name)
    }

    /// What of this document is hidden from the reader: nothing, some fields, or that it is there.
    fn hidden(self, collection: &str, document: &Json) -> Hidden {
        let status = document["status"].as_str();
        match (self, collection) {
            (Reader::Nobody, _) => Hidden::All,
            // The document that makes them staff must go on doing so.
            (_, "roles") if document["_id"] == self.principal() => {
                Hidden::Fields(&["note", "createdAt"])
            }
            (_, "roles") => Hidden::All,
            (_, "users" | "orders") if self.owns(document) => Hidden::Nothing,
            (_, "users") if self.is_staff() => Hidden::Fields(&["phone"]),
            (_, "items") if self.is_staff() || status == Some("ON_SALE") => {
                Hidden::Fields(&["cost"])
            }
            (Reader::Operator, "orders") => Hidden::Nothing,
            (Reader::Support, "orders") if status.is_some_and(|status| status != "CLOSED") => {
                Hidden::Fields(&["address"])
            }
            _ => Hidden::All,
        }
    }
}

enum Hidden {
    Nothing,
    Fields(&'static [&'static str]),
    All,
}

/// One of the many shops that look like this to the reader.
fn world(reader: Reader, roll: &mut Roll) -> Documents {
    let mut world = Vec::new();
    for (collection, document) in shop() {
        match reader.hidden(collection, &document) {
            Hidden::Nothing => world.push((collection, document)),
            Hidden::Fields(fields) => {
                world.push((collection, changed(collection, document, fields, roll)));
            }
            // Not even that it is there.
            Hidden::All if roll.chance(20) => {}
            Hidden::All => {
                let fields = document.as_object().expect("a document").keys();
                // What makes it hidden, and what an index must not have twice, stays.
                let kept = ["_id", "_openid", "status", "orderNo", "roles"];
                let fields: Vec<String> = fields
                    .filter(|field| !kept.contains(&field.as_str()))
                    .cloned()
                    .collect();
                let fields: Vec<&str> = fields.iter().map(String::as_str).collect();
                world.push((collection, changed(collection, document, &fields, roll)));
            }
        }
    }
    world
}

fn changed(collection: &str, mut document: Json, fields: &[&str], roll: &mut Roll) -> Json {
    for field in fields {
        if roll.chance(75) {
            document[*field] = thrown(collection, field, roll);
        }
    }
    without_absent(document)
}

/// A value of the field's type more often than not.
fn thrown(collection: &str, field: &str, roll: &mut Roll) -> Json {
    if roll.chance(30) {
        let odd = [
            json!(null),
            json!(ABSENT),
            json!("x"),
            json!(7),
            json!(["x", 7]),
            json!({"name": "x", "city": 7}),
            json!({"$date": 5}),
            json!("long ".repeat(100)),
        ];
        return odd[roll.below(odd.len())].clone();
    }
    let number = roll.below(12);
    let letter = roll.pick(&["a", "b", "c", "d"]);
    match (collection, field) {
        (_, "phone") => json!(format!("1380000000{}", number % 10)),
        (_, "cost" | "price" | "stock" | "points" | "total") => json!(number),
        (_, "createdAt" | "updatedAt" | "paidAt" | "expiresAt") => json!({ "$date": number }),
        (_, "address") => address(letter),
        (_, "lines") => json!([line(letter, number)]),
        (_, "tags" | "images") => json!([letter]),
        (_, "avatar") => json!(format!("cloud://shop.bucket/{letter}")),
        (_, "location") => json!({"type": "Point", "coordinates": [number, 31.25]}),
        _ => json!(letter),
    }
}

fn address(city: &str) -> Json {
    json!({"name": city, "phone": "1", "province": "p", "city": city, "detail": "d"})
}

fn line(item: &str, quantity: usize) -> Json {
    json!({"itemId": format!("i-{item}"), "title": item, "price": quantity, "quantity": quantity})
}

/// The shop as it is before anything is hidden. Some of it does not fit the model, in sight of those who may see it.
fn shop() -> Documents {
    let mut all = Vec::new();
    for (principal, role) in [
        ("support", "support"),
        ("operator", "operator"),
        ("other", "operator"),
        ("boss", "owner"),
    ] {
        all.push(("roles", json!({
            "_id": format!("openid:{principal}"), "roles": [role], "status": "ACTIVE", "note": role,
            "createdAt": {"$date": 1}, "updatedAt": {"$date": 1},
        })));
    }
    let people = ["alice", "bob", "carol", "support", "operator", "dave"];
    for (n, name) in people.iter().enumerate() {
        all.push(("users", json!({
            "_id": format!("u-{name}"), "_openid": name, "nickname": (["a", "b", "c"][n % 3]),
            "phone": format!("1380000000{n}"), "status": (["ACTIVE", "BLOCKED"][n % 2]), "points": n % 4,
            "avatar": "cloud://shop.bucket/a", "createdAt": {"$date": n % 3}, "updatedAt": {"$date": 1},
        })));
    }
    let statuses = ["ON_SALE", "DRAFT", "OFF_SHELF", "ON_SALE", "ON_SALE"];
    for (n, name) in ["a", "b", "c", "d", "e", "f", "g", "h"].iter().enumerate() {
        all.push(("items", json!({
            "_id": format!("i-{name}"), "title": name, "description": (n % 2 == 0).then_some("d"),
            "price": n, "cost": 11 - n, "stock": n % 3, "category": (["a", "b"][n % 2]),
            "tags": (0..n % 4).map(|tag| ["a", "b", "c"][tag]).collect::<Vec<_>>(), "images": [],
            "status": statuses[n % 5], "location": {"type": "Point", "coordinates": [n, 31.25]},
            "createdAt": {"$date": n % 3}, "updatedAt": {"$date": 1},
        })));
    }
    all.push(("items", json!({"_id": "i-odd", "title": 7, "price": "x", "cost": 3, "stock": [1], "category": null,
        "tags": "a", "images": [7], "status": "ON_SALE", "createdAt": {"$date": 2}, "updatedAt": {"$date": 1}})));
    let statuses = [
        "PAID",
        "CLOSED",
        "SHIPPED",
        "PENDING",
        "CLOSED",
        "COMPLETED",
        "PAID",
    ];
    for n in 0..14 {
        let items = ["a", "b", "c", "d", "gone"];
        all.push((
            "orders",
            json!({
                "_id": format!("o-{n}"), "_openid": people[n % 5], "orderNo": format!("N{n}"),
                "status": statuses[n % 7], "total": n % 5, "remark": (n % 3 == 0).then_some("a"),
                "lines": [line(items[n % 5], n), line(items[(n + 2) % 5], 1)],
                "address": address(["a", "b", "c"][n % 3]), "paidAt": {"$date": n % 4},
                "createdAt": {"$date": n % 3}, "updatedAt": {"$date": 1},
            }),
        ));
    }
    all.push(("orders", json!({"_id": "o-odd", "_openid": "alice", "orderNo": 5, "status": "PAID", "total": "x",
        "lines": [{"itemId": "i-a"}, 7], "address": {"name": "a"}, "createdAt": {"$date": 2}, "updatedAt": {"$date": 1}})));
    all
}
