//! Writes to `roles`, as data: one of each kind that there is.

use cloudbase_graphql::data::update::{Elements, Op};
use cloudbase_graphql::data::{Filter, Principal, Test, Update};
use cloudbase_graphql::gateway::Result;

use crate::gateway::world::{Actor, World, all, input, path, set, test, value};

/// Everybody on the staff may write roles, as far as the model goes: so what is refused is refused besides.
pub(super) const LAX: &str = r#"
extend schema
  @role(name: "founder", includes: ["owner"])
  @role(name: "owner", includes: ["admin"])
  @role(name: "admin", includes: ["clerk"])
  @role(name: "clerk")
  @role(name: "auditor")

type Role @collection(name: "roles", permission: ADMINONLY)
  @grant(role: "clerk", read: true, write: true)
  @grant(role: "auditor", read: true, write: true)
{
  id: ID!
  roles: [String!]
  status: String
  note: String
  expiresAt: DateTime
}

type Note @collection(name: "notes", permission: PRIVATE) @grant(role: "clerk", read: true, write: true) {
  id: ID!
  text: String
}
"#;

#[derive(Clone, Debug)]
pub(super) enum Write {
    /// The document without its id, as EJSON.
    Create(String, String),
    CreateMany(Vec<(String, String)>),
    /// A field and its value.
    Set(String, &'static str, String),
    Unset(String, &'static str),
    /// A role to add, or to take.
    Push(String, String),
    Pull(String, String),
    Delete(String),
    /// The same for all documents whose ids these are.
    SetMany(Vec<String>, &'static str, String),
    PushMany(Vec<String>, String),
    DeleteMany(Vec<String>),
    DeleteAll,
}

impl Write {
    pub(super) async fn by(&self, actor: &Actor) -> Result<()> {
        match self {
            Write::Create(id, text) => actor
                .create_with_id("roles", Some(id), text)
                .await
                .map(drop),
            Write::CreateMany(documents) => {
                let inputs = documents.iter().map(|(id, text)| input(Some(id), text));
                let roles = actor.collection("roles");
                actor
                    .session
                    .create(roles, inputs.collect())
                    .await
                    .map(drop)
            }
            Write::Set(id, field, value) => one(actor, id, set(field, value)).await,
            Write::Unset(id, field) => one(actor, id, Op::Unset(path(field))).await,
            Write::Push(id, role) => one(actor, id, push(role)).await,
            Write::Pull(id, role) => {
                let op = Op::Pull(path("roles"), Elements::Equal(vec![quoted(role)]));
                one(actor, id, op).await
            }
            Write::Delete(id) => actor.delete("roles", id, None).await.map(drop),
            Write::SetMany(ids, field, value) => many(actor, ids, set(field, value)).await,
            Write::PushMany(ids, role) => many(actor, ids, push(role)).await,
            Write::DeleteMany(ids) => {
                let request = actor.bulk("roles", among(ids), 50);
                actor.session.delete_many(&request).await.map(drop)
            }
            Write::DeleteAll => {
                let mut request = actor.bulk("roles", all(), 50);
                request.all = true;
                actor.session.delete_many(&request).await.map(drop)
            }
        }
    }
}

async fn one(actor: &Actor, id: &str, op: Op) -> Result<()> {
    actor.update("roles", id, vec![op]).await.map(drop)
}

async fn many(actor: &Actor, ids: &[String], op: Op) -> Result<()> {
    let request = actor.bulk("roles", among(ids), 50);
    let update = Update { ops: vec![op] };
    actor.session.update_many(&request, &update).await.map(drop)
}

fn push(role: &str) -> Op {
    Op::Push(path("roles"), vec![quoted(role)])
}

fn quoted(text: &str) -> cloudbase_graphql::data::Value {
    value(&format!("{text:?}"))
}

fn among(ids: &[String]) -> Filter {
    let ids = ids.iter().map(|id| quoted(id)).collect();
    test("_id", Test::In(ids))
}

/// A `roles` document of these roles, without its id.
pub(super) fn active(roles: &[&str]) -> String {
    format!(r#"{{"roles":{roles:?},"status":"ACTIVE"}}"#)
}

/// What somebody holds now, includes followed.
pub(super) async fn held(world: &World, principal: &str) -> Vec<String> {
    let user = Principal::parse(principal).expect("a principal").to_user();
    let caller = world.gateway.caller(user).await.expect("roles");
    caller.roles.iter().map(ToString::to_string).collect()
}

/// All documents of `roles`, in the order of their ids.
pub(super) async fn everything(world: &World) -> Vec<String> {
    use cloudbase_graphql::store::{Find, Projection, Store as _};
    let find = Find {
        filter: all(),
        order: cloudbase_graphql::data::Order::default(),
        after: None,
        skip: 0,
        limit: 1000,
        projection: Projection::All,
    };
    let found = world
        .store
        .find(&crate::gateway::world::name("roles"), &find)
        .await;
    let found = found.expect("a read").into_iter();
    let mut texts: Vec<String> = found
        .map(|document| format!("{:?}", document.fields()))
        .collect();
    texts.sort();
    texts
}
