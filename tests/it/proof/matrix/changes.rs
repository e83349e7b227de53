//! Changing and deleting documents: each way to change each field of each
//! document, alone and as one of many, and under a condition.

use cloudbase_graphql::gateway::Operation::{self, Delete, Read, Update};
use cloudbase_graphql::model::{Collection, Field};
use serde_json::{Value as Json, json};

use super::Tally;
use super::documents::{Actor, Shop};
use super::fresh::fresh;
use super::oracle::Who;
use super::undo::{Undo, canonical, outcome};
use super::verb::{VERBS, Verb};

/// What has to hold of a document, as the oracle says it.
struct Terms<'a> {
    who: &'a Who,
    collection: &'a Collection,
    /// The operations on the document and on fields of it.
    terms: Vec<(Operation, Option<&'a str>)>,
}

/// How far a caller gets with a document.
#[derive(Clone, Copy, PartialEq)]
enum Reach {
    /// No document whatever.
    Nowhere(&'static str),
    Unseen,
    Seen,
    All,
}

impl Terms<'_> {
    fn reach(&self, document: &Json) -> Reach {
        let type_name = &self.collection.type_name;
        if !self.who.signed_in {
            return Reach::Nowhere("UNAUTHENTICATED");
        }
        let says = self.terms.iter().map(|(operation, field)| match field {
            None => self.who.document(type_name, *operation),
            Some(field) => self.who.field(type_name, field, *operation),
        });
        let says: Vec<_> = says.collect();
        if says.iter().any(|says| says.is_never()) {
            Reach::Nowhere("FORBIDDEN")
        } else if says.iter().all(|says| says.holds(document)) {
            Reach::All
        } else if self.who.document(type_name, Read).holds(document) {
            Reach::Seen
        } else {
            Reach::Unseen
        }
    }

    /// The code of a write of one document; `done` if nothing stands against it.
    fn one(&self, document: &Json, done: &'static str) -> &'static str {
        match self.reach(document) {
            Reach::Nowhere(code) => code,
            Reach::Unseen => "NOT_FOUND",
            Reach::Seen => "FORBIDDEN",
            Reach::All => done,
        }
    }
}

#[tokio::test]
async fn what_nobody_may_change_is_not_served() {
    let shop = Shop::with(vec![]).await;
    let mut tally = Tally::default();
    let anybody = Who::anybody();
    for collection in &shop.model.collections {
        let type_name = &collection.type_name;
        for field in &collection.shape.fields {
            let set_by_gateway =
                ["id", "openid", "createdAt", "updatedAt"].contains(&field.name.as_str());
            for verb in VERBS {
                let may = |operation| {
                    !anybody.document(type_name, operation).is_never()
                        && !anybody.field(type_name, &field.name, operation).is_never()
                };
                let expected = verb.fits(field)
                    && !set_by_gateway
                    && may(Update)
                    && (!verb.looks() || may(Read));
                let cell = format!("{verb} {type_name}.{}", field.name);
                tally.check(cell, &expected, &verb.is_offered(&shop, collection, field));
            }
        }
        let root = format!("delete{type_name}");
        let mutations = &shop
            .app
            .executor
            .api()
            .object("Mutation")
            .expect("mutations")
            .fields;
        let may = !anybody.document(type_name, Delete).is_never();
        tally.check(&root, &may, &mutations.contains_key(root.as_str()));
    }
    tally.finish("what is served", 150);
}

#[tokio::test]
async fn each_field_of_one_document() {
    let shop = Shop::full().await;
    let mut tally = Tally::default();
    let mut undo = Undo::new(&shop);
    for (collection, field, verb) in each_change(&shop) {
        let type_name = &collection.type_name;
        let (argument, root) = (verb.to_string(), format!("update{type_name}"));
        let ty = match verb {
            Verb::Unset => format!("[{type_name}Field!]"),
            verb => format!("{type_name}{}", verb.suffix()),
        };
        let query =
            format!("mutation($id: ID!, $v: {ty}) {{ {root}(id: $id, {argument}: $v) {{ id }} }}");
        for Actor { who, client } in &shop.actors {
            if who.is_judged(&collection.type_name) {
                continue;
            }
            let mut terms = vec![(Update, None), (Update, Some(field.name.as_str()))];
            if verb.looks() {
                terms.extend([(Read, None), (Read, Some(field.name.as_str()))]);
            }
            let terms = Terms {
                who,
                collection,
                terms,
            };
            for document in shop.of(collection) {
                let cell = format!("{} {verb} {} of {}", who.name, field.name, document["_id"]);
                let (value, after) = verb.apply(&shop, field, document);
                let done = after.as_ref().map_or_else(|code| *code, |_| "ok");
                let expected = terms.one(document, done);
                let variables = json!({"id": document["_id"], "v": value});
                let answer = client.query_with(&query, variables).await;
                tally.check(&cell, &expected, &outcome(&answer, &root).as_str());
                let expected = match (expected, after) {
                    ("ok", Ok(after)) => {
                        vec![(Some(canonical(document)), Some(canonical(&after)))]
                    }
                    _ => vec![],
                };
                let done = undo.done(collection).await;
                if done != expected {
                    tally.check(format!("{cell}, in the store"), &expected, &done);
                }
            }
        }
    }
    tally.finish("updates", 4_000);
}

fn each_change(shop: &Shop) -> Vec<(&Collection, &Field, Verb)> {
    let mut all = Vec::new();
    for collection in &shop.model.collections {
        for field in &collection.shape.fields {
            let verbs = VERBS.into_iter();
            let verbs = verbs.filter(|verb| verb.is_offered(shop, collection, field));
            all.extend(verbs.map(|verb| (collection, field, verb)));
        }
    }
    all
}

#[tokio::test]
async fn each_field_of_many_documents() {
    let shop = Shop::full().await;
    let mut tally = Tally::default();
    let mut undo = Undo::new(&shop);
    let changes = each_change(&shop);
    for (collection, field, _) in changes.into_iter().filter(|(.., verb)| *verb == Verb::Set) {
        let type_name = &collection.type_name;
        let root = format!("update{type_name}s");
        let query = format!(
            "mutation($where: {type_name}Filter!, $v: {type_name}Set) {{ {root}(where: $where, atMost: 500, set: $v) {{ matched modified }} }}"
        );
        let (input, _) = fresh(&shop.model, field);
        for Actor { who, client } in &shop.actors {
            if who.is_judged(&collection.type_name) {
                continue;
            }
            let terms = vec![
                (Update, None),
                (Update, Some(field.name.as_str())),
                (Read, None),
            ];
            let terms = Terms {
                who,
                collection,
                terms,
            };
            let documents = shop.of(collection);
            let nowhere = documents
                .iter()
                .find_map(|document| match terms.reach(document) {
                    Reach::Nowhere(code) => Some(code),
                    _ => None,
                });
            let mut reached = documents.clone();
            reached.retain(|document| terms.reach(document) == Reach::All);
            let mut expected = nowhere.unwrap_or("ok");
            // The same value for many in a unique index.
            if field.name == "orderNo" && reached.len() > 1 {
                expected = "CONFLICT";
            }
            let variables =
                json!({"where": {"id": {"ne": ""}}, "v": { field.name.as_str(): input }});
            let answer = client.query_with(&query, variables).await;
            let cell = format!(
                "{} sets {} of all {}",
                who.name, field.name, collection.name
            );
            tally.check(&cell, &expected, &outcome(&answer, &root).as_str());
            tally.cells += documents.len();
            let mut done: Vec<Json> = undo
                .done(collection)
                .await
                .into_iter()
                .filter_map(|(before, _)| before)
                .collect();
            done.sort_by_key(|document| document["_id"].as_str().map(str::to_owned));
            let expected: Vec<Json> = match expected {
                "ok" => reached.into_iter().map(canonical).collect(),
                _ => vec![],
            };
            if expected.len() == done.len() && !expected.is_empty() {
                tally.check(
                    &cell,
                    &json!(expected.len()),
                    &answer.data()[&root]["matched"],
                );
            }
            tally.check(format!("{cell}, in the store"), &expected, &done);
        }
    }
    tally.finish("updates of many", 3_000);
}

/// A field of each type that whoever may change the document may change.
fn harmless(collection: &Collection) -> &'static str {
    match collection.type_name.as_str() {
        "User" => "nickname",
        "Role" => "note",
        "Item" => "title",
        _ => "remark",
    }
}

#[tokio::test]
async fn under_a_condition_on_each_field() {
    let shop = Shop::full().await;
    let mut tally = Tally::default();
    let mut undo = Undo::new(&shop);
    for collection in &shop.model.collections {
        let type_name = &collection.type_name;
        let root = format!("update{type_name}");
        let query = format!(
            "mutation($id: ID!, $if: {type_name}Filter) {{ {root}(id: $id, if: $if, set: {{{}: \"x\"}}) {{ id }} }}",
            harmless(collection)
        );
        for (field, Actor { who, client }) in pairs(&collection.shape.fields, &shop.actors) {
            if who.is_judged(&collection.type_name) {
                continue;
            }
            let terms = vec![
                (Update, None),
                (Read, None),
                (Read, Some(field.name.as_str())),
            ];
            let terms = Terms {
                who,
                collection,
                terms,
            };
            for document in shop.of(collection) {
                let there = document.get(field.stored.as_str()).is_some();
                let expected = terms.one(document, if there { "ok" } else { "CONFLICT" });
                let condition = json!({ field.name.as_str(): {"exists": true} });
                let variables = json!({"id": document["_id"], "if": condition});
                let answer = client.query_with(&query, variables).await;
                let cell = format!("{} if {} of {}", who.name, field.name, document["_id"]);
                tally.check(&cell, &expected, &outcome(&answer, &root).as_str());
                let done = undo.done(collection).await.len();
                tally.check(
                    format!("{cell}, in the store"),
                    &usize::from(expected == "ok"),
                    &done,
                );
            }
        }
    }
    tally.finish("conditional updates", 8_000);
}

fn pairs<'a, A, B>(a: &'a [A], b: &'a [B]) -> impl Iterator<Item = (&'a A, &'a B)> {
    a.iter().flat_map(move |a| b.iter().map(move |b| (a, b)))
}

#[tokio::test]
async fn deleting() {
    let shop = Shop::full().await;
    let mut tally = Tally::default();
    let mut undo = Undo::new(&shop);
    for collection in &shop.model.collections {
        let type_name = &collection.type_name;
        if Who::anybody().document(type_name, Delete).is_never() {
            continue;
        }
        let one = format!("delete{type_name}");
        let many = format!("delete{type_name}s");
        for (document, Actor { who, client }) in pairs(&shop.of(collection), &shop.actors) {
            if who.is_judged(&collection.type_name) {
                continue;
            }
            let id = &document["_id"];
            let terms = Terms {
                who,
                collection,
                terms: vec![(Delete, None)],
            };
            let expected = terms.one(document, "ok");
            let query = format!("mutation($id: ID!) {{ {one}(id: $id) {{ id }} }}");
            let answer = client.query_with(&query, json!({ "id": id })).await;
            let cell = format!("{} deletes {id}", who.name);
            tally.check(&cell, &expected, &outcome(&answer, &one).as_str());
            let gone = match expected {
                "ok" => vec![(Some(canonical(document)), None)],
                _ => vec![],
            };
            tally.check(
                format!("{cell}, in the store"),
                &gone,
                &undo.done(collection).await,
            );

            let terms = Terms {
                who,
                collection,
                terms: vec![(Delete, None), (Read, None)],
            };
            let reach = terms.reach(document);
            let (expected, matched) = match reach {
                Reach::Nowhere(code) => (code, None),
                Reach::All => ("ok", Some(1)),
                Reach::Seen | Reach::Unseen => ("ok", Some(0)),
            };
            let query = format!(
                "mutation($id: ID!) {{ {many}(where: {{id: {{eq: $id}}}}, atMost: 1) {{ matched }} }}"
            );
            let answer = client.query_with(&query, json!({ "id": id })).await;
            let cell = format!("{cell} as one of many");
            tally.check(&cell, &expected, &outcome(&answer, &many).as_str());
            tally.check(
                &cell,
                &json!(matched),
                &answer.json["data"][&many]["matched"],
            );
            let gone = if reach == Reach::All { gone } else { vec![] };
            tally.check(
                format!("{cell}, in the store"),
                &gone,
                &undo.done(collection).await,
            );
        }
    }
    tally.finish("deletes", 1_000);
}
