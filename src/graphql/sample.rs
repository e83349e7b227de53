//! A small shop and operations on it, for unit tests.

use std::sync::Arc;

use serde_json::{Map, Value as Json};
use smol_str::SmolStr;

use super::api::Api;
use super::bind::{self, Plan};
use super::build::MatchesOperator;
use super::error::Error;
use super::intake::{Intake, Limits};
use super::skeleton::{self, Skeleton};
use crate::data::{Caller, Document, ejson};
use crate::gateway::{Abilities, Verdict, Visible};
use crate::model::Model;

const MODEL: &str = r#"
extend schema @role(name: "admin")
type Order @collection(name: "orders", permission: READONLY) {
  id: ID!
  total: Int
  note: String @grant(role: "admin", read: true)
  lines: [Line!]
  buyer: ID
  user: User @relation(from: "buyer", to: "_id")
}
type Line { price: Int! itemId: ID item: Item @relation(from: "itemId", to: "_id") }
type User @collection(name: "users", permission: READONLY) {
  id: ID!
  name: String
  orders: [Order!]! @relation(from: "_id", to: "buyer")
}
type Item @collection(name: "items", permission: READONLY) { id: ID! title: String }
"#;

/// An operation on the shop that was taken in.
pub(crate) struct Sample {
    pub(crate) model: Arc<Model>,
    api: Arc<Api>,
    skeleton: Skeleton,
}

impl Sample {
    pub(crate) fn of(operation: &str) -> Self {
        let model = Model::parse(MODEL).expect("the model is good").model;
        let model = Arc::new(model);
        let abilities = Abilities::of_anyone(Arc::clone(&model));
        let api = Api::of(&abilities, MatchesOperator::Off).expect("no names clash");
        let api = Arc::new(api);
        let intake = Intake::new(Arc::clone(&api), Limits::default()).expect("consistent types");
        let taken = intake.take_in(operation, None).expect("a valid document");
        let skeleton = skeleton::build(&api, &taken.document, taken.operation());
        Self {
            skeleton: skeleton.expect("no conflicts"),
            model,
            api,
        }
    }

    pub(crate) fn bind(&self, variables: Json) -> Result<Plan<'_>, Vec<Error>> {
        let variables: Map<String, Json> =
            serde_json::from_value(variables).expect("variables are an object");
        let caller = Caller::none();
        bind::bind(&self.api, &self.model, &self.skeleton, &variables, &caller)
    }

    /// The operation bound without variables.
    pub(crate) fn plan(&self) -> Plan<'_> {
        self.bind(Json::Object(Map::new()))
            .expect("nothing is wrong with its inputs")
    }

    /// An order as it is stored, of which the caller may read everything but these fields.
    pub(crate) fn order(&self, text: &str, denied: &[&str]) -> Visible {
        let ix = self.model.collection_named("orders").expect("orders");
        let fields = &self.model.collection(ix).shape.fields;
        let verdict = |name: &SmolStr| match denied.contains(&name.as_str()) {
            true => Verdict::Deny,
            false => Verdict::Allow,
        };
        let mask = fields.iter().map(|field| {
            let stored = field.stored.clone();
            (stored, verdict(&field.stored))
        });
        let fields = ejson::parse_object(text).expect("valid EJSON");
        let document = Document::from_object(fields).expect("it has an _id");
        Visible::by_hand(document, mask.collect())
    }
}
