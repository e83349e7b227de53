//! Reading each field of each document: by id, in lists, and by what conditions
//! and orders on it tell.

use std::collections::BTreeMap;

use cloudbase_graphql::gateway::Operation::Read;
use cloudbase_graphql::model::{BaseType, Collection, Field, Scalar};
use serde_json::{Map, Value as Json, json};

use super::Tally;
use super::documents::{Actor, Shop};
use super::oracle::Who;
use super::shown::{selection, shown};
use crate::harness::Answer;

/// What an answer is expected to say.
#[derive(Default)]
struct Expected {
    data: Map<String, Json>,
    /// `CODE path`.
    errors: Vec<String>,
    denied: BTreeMap<String, u64>,
}

impl Expected {
    fn check(self, cell: &str, answer: &Answer, tally: &mut Tally) {
        let Some(actual) = answer.json["data"].as_object() else {
            return tally.check(cell, &"data", &answer.text.as_str());
        };
        for (alias, expected) in &self.data {
            let actual = actual.get(alias).unwrap_or(&Json::Null);
            tally.check(format!("{cell} {alias}"), expected, actual);
        }
        let mut errors = answer.errors();
        let mut expected = self.errors;
        errors.sort();
        expected.sort();
        if errors != expected {
            tally.check(format!("{cell} errors"), &expected, &errors);
        }
        let denied = self.denied.iter();
        let mut expected: Vec<String> = denied.map(|(field, n)| format!("{field} {n}")).collect();
        let mut denied = answer.denied();
        denied.sort();
        expected.sort();
        if denied != expected {
            tally.check(format!("{cell} denied"), &expected, &denied);
        }
    }

    fn refused(&mut self, alias: &str, code: &str) {
        self.data.insert(alias.to_owned(), Json::Null);
        self.errors.push(format!("{code} {alias}"));
    }

    /// What the document shows of the field, at this path.
    fn field(&mut self, shop: &Shop, place: Place<'_>, document: &Json, path: &str) -> Json {
        let Place {
            who,
            collection,
            field,
        } = place;
        let name = field.name.as_str();
        let named = NARROWED.contains(&(collection.type_name.as_str(), name));
        if !who.field(&collection.type_name, name, Read).holds(document) {
            let coordinate = format!("{}.{name}", collection.type_name);
            *self.denied.entry(coordinate).or_default() += 1;
            return json!({ name: null });
        }
        match shown(&shop.model, field, document) {
            Ok(value) => json!({ name: value }),
            Err(mut inner) => {
                let mut place = format!("INVALID_DOCUMENT {path}.{name}");
                inner.reverse();
                for step in inner {
                    place = format!(
                        "{place}.{}",
                        step.as_str().map_or(step.to_string(), str::to_owned)
                    );
                }
                self.errors.push(place);
                // Where `!` may not be promised, nor where it is not, the null stays.
                if field.ty.required && !named {
                    Json::Null
                } else {
                    json!({ name: null })
                }
            }
        }
    }
}

/// Fields that not everyone may read who sees the document: nullable in the API.
const NARROWED: [(&str, &str); 3] = [("User", "phone"), ("Item", "cost"), ("Order", "address")];

#[derive(Clone, Copy)]
struct Place<'a> {
    who: &'a Who,
    collection: &'a Collection,
    field: &'a Field,
}

/// `f0: root { field } f1: …`, one root for each field.
fn each_field(collection: &Collection, root: impl Fn(usize, &Field) -> Option<String>) -> String {
    let fields = collection.shape.fields.iter().enumerate();
    let roots = fields.filter_map(|(at, field)| Some(format!("f{at}: {}\n", root(at, field)?)));
    roots.collect()
}

fn visible<'a>(shop: &'a Shop, who: &Who, collection: &Collection) -> Vec<&'a Json> {
    let says = who.document(&collection.type_name, Read);
    let mut documents = shop.of(collection);
    documents.retain(|document| says.holds(document));
    documents
}

#[tokio::test]
async fn by_id() {
    let mut tally = Tally::default();
    read_by_id(&Shop::full().await, &mut tally).await;
    read_by_id(&Shop::open().await, &mut tally).await;
    tally.finish("reading by id", 4_000);
}

async fn read_by_id(shop: &Shop, tally: &mut Tally) {
    for collection in &shop.model.collections {
        let single = &collection.single_name;
        let roots = each_field(collection, |_, field| {
            Some(format!(
                "{single}(id: $id) {{ {} }}",
                selection(&shop.model, field)
            ))
        });
        let query = format!("query($id: ID!) {{ {roots} }}");
        for Actor { who, client } in &shop.actors {
            let says = who.document(&collection.type_name, Read);
            for document in shop.of(collection) {
                let id = &document["_id"];
                let answer = client.query_with(&query, json!({ "id": id })).await;
                let mut expected = Expected::default();
                for (at, field) in collection.shape.fields.iter().enumerate() {
                    let alias = format!("f{at}");
                    if !who.signed_in {
                        expected.refused(&alias, "UNAUTHENTICATED");
                    } else if says.is_never() {
                        expected.refused(&alias, "FORBIDDEN");
                    } else if says.holds(document) {
                        let place = Place {
                            who,
                            collection,
                            field,
                        };
                        let value = expected.field(shop, place, document, &alias);
                        expected.data.insert(alias, value);
                    } else {
                        expected.data.insert(alias, Json::Null);
                    }
                }
                expected.check(&format!("{} reads {id}", who.name), &answer, tally);
            }
        }
    }
}

#[tokio::test]
async fn in_lists() {
    let shop = Shop::full().await;
    let mut tally = Tally::default();
    for collection in &shop.model.collections {
        let list = &collection.list_name;
        for (at, field) in collection.shape.fields.iter().enumerate() {
            let query = format!(
                "{{ f{at}: {list}(first: 500, orderBy: [{{id: ASC}}]) {{ totalCount nodes {{ {} }} edges {{ node {{ id }} }} }} }}",
                selection(&shop.model, field)
            );
            let alias = format!("f{at}");
            for Actor { who, client } in &shop.actors {
                let answer = client.query(&query).await;
                let mut expected = Expected::default();
                if !who.signed_in {
                    expected.refused(&alias, "UNAUTHENTICATED");
                } else if who.document(&collection.type_name, Read).is_never() {
                    expected.refused(&alias, "FORBIDDEN");
                } else {
                    let seen = visible(&shop, who, collection);
                    let place = Place {
                        who,
                        collection,
                        field,
                    };
                    let nodes = seen.iter().enumerate().map(|(n, document)| {
                        expected.field(&shop, place, document, &format!("{alias}.nodes.{n}"))
                    });
                    let nodes: Vec<Json> = nodes.collect();
                    let edges: Vec<Json> = seen
                        .iter()
                        .map(|it| json!({"node": {"id": it["_id"]}}))
                        .collect();
                    tally.cells += seen.len();
                    let data = json!({"totalCount": seen.len(), "nodes": nodes, "edges": edges});
                    expected.data.insert(alias.clone(), data);
                }
                let cell = format!("{} lists {list} {}", who.name, field.name);
                expected.check(&cell, &answer, &mut tally);
            }
        }
    }
    tally.finish("reading in lists", 2_000);
}

/// A condition on one field, and whether it is true of a document that has the field, or has it not.
type Condition = (&'static str, fn(bool) -> bool);

const CONDITIONS: [Condition; 4] = [
    ("{FIELD: {exists: true}}", |there| there),
    ("{not: {FIELD: {exists: true}}}", |there| !there),
    ("{or: [{FIELD: {exists: true}}, {id: {ne: \"\"}}]}", |_| {
        true
    }),
    (
        "{and: [{not: {or: [{not: {FIELD: {exists: false}}}]}}]}",
        |there| !there,
    ),
];

#[tokio::test]
async fn conditions_on_a_field_find_only_where_it_may_be_read() {
    let shop = Shop::full().await;
    let mut tally = Tally::default();
    for collection in &shop.model.collections {
        for (condition, test) in CONDITIONS {
            let list = &collection.list_name;
            let query = each_field(collection, |_, field| {
                let condition = condition.replace("FIELD", &field.name);
                Some(format!(
                    "{list}(first: 500, where: {condition}) {{ totalCount nodes {{ id }} }}"
                ))
            });
            for Actor { who, client } in &shop.actors {
                let answer = client.query(&format!("{{ {query} }}")).await;
                let mut expected = Expected::default();
                for (at, field) in collection.shape.fields.iter().enumerate() {
                    let alias = format!("f{at}");
                    let readable = who.field(&collection.type_name, &field.name, Read);
                    if !who.signed_in {
                        expected.refused(&alias, "UNAUTHENTICATED");
                        continue;
                    }
                    if who.document(&collection.type_name, Read).is_never() || readable.is_never() {
                        expected.refused(&alias, "FORBIDDEN");
                        continue;
                    }
                    let mut found = visible(&shop, who, collection);
                    found.retain(|document| {
                        let there = document.get(field.stored.as_str()).is_some();
                        readable.holds(document) && test(there)
                    });
                    let nodes: Vec<Json> =
                        found.iter().map(|it| json!({"id": it["_id"]})).collect();
                    tally.cells += shop.of(collection).len();
                    expected
                        .data
                        .insert(alias, json!({"totalCount": nodes.len(), "nodes": nodes}));
                }
                let cell = format!("{} asks {list} {condition}", who.name);
                expected.check(&cell, &answer, &mut tally);
            }
        }
    }
    tally.finish("conditions", 10_000);
}

#[tokio::test]
async fn an_order_by_a_field_needs_reading_it_of_every_document() {
    let shop = Shop::full().await;
    let mut tally = Tally::default();
    for collection in &shop.model.collections {
        let list = &collection.list_name;
        let ordered = |field: &Field| {
            let geo = BaseType::Scalar(Scalar::GeoPoint);
            let value = !matches!(field.ty.base, BaseType::Embedded(_)) && field.ty.base != geo;
            value && field.ty.list.is_none()
        };
        let query = each_field(collection, |_, field| {
            let order = format!("[{{{}: DESC}}]", field.name);
            let list = format!("{list}(first: 500, orderBy: {order}) {{ nodes {{ id }} }}");
            ordered(field).then_some(list)
        });
        for Actor { who, client } in &shop.actors {
            let mut answer = client.query(&format!("{{ {query} }}")).await;
            sort_nodes(&mut answer.json);
            let mut expected = Expected::default();
            for (at, field) in collection.shape.fields.iter().enumerate() {
                let alias = format!("f{at}");
                let readable = who.field(&collection.type_name, &field.name, Read);
                if !ordered(field) {
                    continue;
                } else if !who.signed_in {
                    expected.refused(&alias, "UNAUTHENTICATED");
                } else if who.document(&collection.type_name, Read).is_never()
                    || !readable.is_always()
                {
                    expected.refused(&alias, "FORBIDDEN");
                } else {
                    let found = visible(&shop, who, collection);
                    let nodes: Vec<Json> =
                        found.iter().map(|it| json!({"id": it["_id"]})).collect();
                    tally.cells += nodes.len();
                    expected.data.insert(alias, json!({"nodes": nodes}));
                }
            }
            expected.check(&format!("{} orders {list}", who.name), &answer, &mut tally);
        }
    }
    tally.finish("orders", 1_000);
}

/// Which documents there are is the question here, not where they stand.
fn sort_nodes(answer: &mut Json) {
    for (_, list) in answer["data"].as_object_mut().into_iter().flatten() {
        if let Some(nodes) = list.get_mut("nodes").and_then(Json::as_array_mut) {
            nodes.sort_by_key(|node| node["id"].as_str().map(str::to_owned));
        }
    }
}

#[tokio::test]
async fn relations_lead_to_what_may_be_seen() {
    let shop = Shop::full().await;
    let mut tally = Tally::default();
    let collection = |name| {
        let ix = shop.model.collection_named(name).expect("a collection");
        shop.model.collection(ix)
    };
    let (users, orders, items) = (
        collection("users"),
        collection("orders"),
        collection("items"),
    );
    for Actor { who, client } in shop
        .actors
        .iter()
        .filter(|actor| actor.who.openid.is_some() || !actor.who.roles.is_empty())
    {
        let related = |from: &Json, field: &str, target: &Collection, to: &str| {
            let mut found = visible(&shop, who, target);
            // As the database compares: a list equals each of its elements.
            let equal = |it: &Json| match it {
                Json::Array(items) => items.contains(&from[field]),
                it => *it == from[field],
            };
            found.retain(|it| from[field].is_string() && equal(&it[to]));
            found
                .into_iter()
                .map(|it| json!({"id": it["_id"]}))
                .collect::<Vec<Json>>()
        };
        let query =
            "{ users(first: 100) { nodes { id orders(first: 100) { totalCount nodes { id } } } } }";
        let answer = client.query(query).await;
        let nodes = visible(&shop, who, users).into_iter().map(|user| {
            let orders = related(user, "_openid", orders, "_openid");
            tally.cells += 1;
            json!({"id": user["_id"], "orders": {"totalCount": orders.len(), "nodes": orders}})
        });
        let expected = json!({"users": {"nodes": nodes.collect::<Vec<_>>()}});
        tally.check(
            format!("{} orders of users", who.name),
            &expected,
            answer.data(),
        );

        let query = "{ orders(first: 100, where: {lines: {some: {quantity: {gt: 0}}}}) { nodes { id user { id } lines { item { id } } } } }";
        let answer = client.query(query).await;
        let mut whole = visible(&shop, who, orders);
        whole.retain(|order| order["lines"][0].is_object());
        let nodes = whole.into_iter().map(|order| {
            let user = related(order, "_openid", users, "_openid")
                .into_iter()
                .next();
            let lines = order["lines"]
                .as_array()
                .expect("lines")
                .iter()
                .map(|line| {
                    tally.cells += 1;
                    json!({"item": related(line, "itemId", items, "_id").into_iter().next()})
                });
            let lines: Vec<Json> = lines.collect();
            json!({"id": order["_id"], "user": user, "lines": lines})
        });
        let expected = json!({"orders": {"nodes": nodes.collect::<Vec<_>>()}});
        tally.check(
            format!("{} users and items of orders", who.name),
            &expected,
            answer.data(),
        );
    }
    tally.finish("relations", 150);
}

/// A null that only permissions explain must not cost the document: the API is as nullable as that needs.
#[tokio::test]
async fn what_is_narrowed_is_nullable() {
    let shop = Shop::with(vec![]).await;
    let api = shop.app.executor.api();
    for collection in &shop.model.collections {
        let object = api.object(&collection.type_name).expect("a type");
        for field in &collection.shape.fields {
            let name = field.name.as_str();
            let narrowed = NARROWED.contains(&(collection.type_name.as_str(), name));
            let required = object.fields[name].ty.is_non_null();
            assert_eq!(required, field.ty.required && !narrowed, "{name}");
        }
    }
}
