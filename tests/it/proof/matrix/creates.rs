//! New documents: each field that may be given, by each caller.

use cloudbase_graphql::gateway::Operation::{Create, Read};
use cloudbase_graphql::graphql::api::InputDef;
use cloudbase_graphql::model::{Collection, Field};
use serde_json::{Map, Value as Json, json};

use super::Tally;
use super::documents::{Actor, Shop};
use super::fresh::fresh;
use super::oracle::Who;
use super::undo::{Undo, canonical, outcome};
use crate::harness::NOW;

/// What the gateway puts into a new document that does not say otherwise.
fn defaults(type_name: &str) -> Json {
    match type_name {
        "User" => json!({"status": "ACTIVE", "points": 0}),
        "Role" => json!({"status": "ACTIVE"}),
        "Item" => json!({"stock": 0, "tags": [], "images": [], "status": "DRAFT"}),
        other => panic!("nobody creates {other}"),
    }
}

fn inputs<'s>(shop: &'s Shop, collection: &Collection) -> Option<&'s InputDef> {
    let name = format!("{}Create", collection.type_name);
    shop.app.executor.api().input(&name)
}

#[tokio::test]
async fn what_nobody_may_give_is_not_served() {
    let shop = Shop::with(vec![]).await;
    let mut tally = Tally::default();
    let anybody = Who::anybody();
    for collection in &shop.model.collections {
        let type_name = &collection.type_name;
        let may = !anybody.document(type_name, Create).is_never();
        let input = inputs(&shop, collection);
        tally.check(type_name, &may, &input.is_some());
        for field in &collection.shape.fields {
            let set_by_gateway =
                ["openid", "createdAt", "updatedAt"].contains(&field.name.as_str());
            let may =
                may && !set_by_gateway && !anybody.field(type_name, &field.name, Create).is_never();
            let served = input.is_some_and(|input| input.fields.contains_key(&field.name));
            tally.check(format!("{type_name}.{}", field.name), &may, &served);
        }
    }
    tally.finish("what may be given", 40);
}

/// The document that this input becomes if the caller may create it.
fn stored(collection: &Collection, who: &Who, given: &Json) -> Json {
    let mut document = defaults(&collection.type_name);
    let by_rule = collection.type_name == "User";
    if by_rule && let Some(openid) = who.openid {
        document["_openid"] = json!(openid);
    }
    for (name, value) in given.as_object().expect("an object") {
        document[name] = value.clone();
    }
    document["createdAt"] = json!({ "$date": NOW });
    document["updatedAt"] = json!({ "$date": NOW });
    document
}

#[tokio::test]
async fn each_field() {
    let shop = Shop::with(vec![]).await;
    let mut tally = Tally::default();
    let mut undo = Undo::new(&shop);
    for collection in &shop.model.collections {
        let Some(input) = inputs(&shop, collection) else {
            continue;
        };
        let type_name = &collection.type_name;
        let fields = collection.shape.fields.iter();
        let fields: Vec<&Field> = fields
            .filter(|field| field.name != "id" && input.fields.contains_key(&field.name))
            .collect();
        let (needed, optional): (Vec<&Field>, Vec<&Field>) = fields
            .into_iter()
            .partition(|field| input.fields[&field.name].is_required());
        let extras = optional
            .iter()
            .map(|field| vec![*field])
            .chain([vec![], optional.clone()]);
        for extra in extras {
            let given: Vec<&Field> = needed.iter().copied().chain(extra).collect();
            for Actor { who, client } in &shop.actors {
                if who.is_judged(&collection.type_name) {
                    continue;
                }
                let (mut input, mut kept) = (Map::new(), Map::new());
                for field in &given {
                    let (value, stored) = fresh(&shop.model, field);
                    input.insert(field.name.to_string(), value);
                    kept.insert(field.stored.to_string(), stored);
                }
                let id = format!("new-{}", tally.cells);
                input.insert("id".to_owned(), json!(id));
                kept.insert("_id".to_owned(), json!(id));
                let document = stored(collection, who, &kept.into());

                let says = given
                    .iter()
                    .map(|field| who.field(type_name, &field.name, Create));
                let says = says.chain([who.document(type_name, Create)]);
                let expected = if !who.signed_in {
                    "UNAUTHENTICATED"
                } else if says.into_iter().all(|says| says.holds(&document)) {
                    "ok"
                } else {
                    "FORBIDDEN"
                };
                let names: Vec<&str> = given.iter().map(|field| field.name.as_str()).collect();
                let cell = format!("{} creates {type_name} with {names:?}", who.name);
                for (root, input, id_member) in [
                    (format!("create{type_name}"), json!(input), "id"),
                    (format!("create{type_name}s"), json!([input]), "ids"),
                ] {
                    let (ty, single) = match id_member {
                        "id" => (format!("{type_name}Create!"), &collection.single_name),
                        _ => (format!("[{type_name}Create!]!"), &collection.list_name),
                    };
                    let query = format!(
                        "mutation($i: {ty}) {{ {root}(input: $i) {{ {id_member} {single} {{ id }} }} }}"
                    );
                    let answer = client.query_with(&query, json!({ "i": input })).await;
                    tally.check(
                        format!("{cell} by {root}"),
                        &expected,
                        &outcome(&answer, &root).as_str(),
                    );
                    if expected == "ok" {
                        let seen = who.document(type_name, Read).holds(&document);
                        let seen = if seen {
                            json!({ "id": id })
                        } else {
                            Json::Null
                        };
                        let expected = match id_member {
                            "id" => json!({"id": id, single.as_str(): seen}),
                            _ => json!({"ids": [id], single.as_str(): [seen]}),
                        };
                        tally.check(format!("{cell} answers"), &expected, &answer.data()[&root]);
                    }
                    let created = match expected {
                        "ok" => vec![(None, Some(canonical(&document)))],
                        _ => vec![],
                    };
                    tally.check(
                        format!("{cell}, in the store"),
                        &created,
                        &undo.done(collection).await,
                    );
                }
            }
        }
    }
    tally.finish("creates", 1_000);
}
