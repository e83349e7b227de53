//! The ways to change a field, and what each makes of a document.

use std::fmt;

use cloudbase_graphql::graphql::api::TypeDef;
use cloudbase_graphql::model::{BaseType, Collection, Field, Scalar};
use serde_json::{Value as Json, json};

use super::documents::Shop;
use super::fresh::fresh;
use crate::harness::NOW;

/// A way to change a field.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Verb {
    Set,
    Unset,
    Inc,
    Push,
    Pull,
}

pub(super) const VERBS: [Verb; 5] = [Verb::Set, Verb::Unset, Verb::Inc, Verb::Push, Verb::Pull];

impl Verb {
    /// What the argument's type is called after the type's name.
    pub(super) fn suffix(self) -> &'static str {
        match self {
            Verb::Set => "Set",
            Verb::Unset => "Field",
            Verb::Inc => "Inc",
            Verb::Push => "Push",
            Verb::Pull => "Pull",
        }
    }

    /// Whether the API has this way to change the field.
    pub(super) fn is_offered(self, shop: &Shop, collection: &Collection, field: &Field) -> bool {
        let name = format!("{}{}", collection.type_name, self.suffix());
        match shop.app.executor.api().types.get(name.as_str()) {
            Some(TypeDef::Input(input)) => input.fields.contains_key(&field.name),
            Some(TypeDef::Enum(fields)) => {
                fields.values.iter().any(|value| value.name == field.name)
            }
            _ => false,
        }
    }

    pub(super) fn fits(self, field: &Field) -> bool {
        let number = field.ty.base == BaseType::Scalar(Scalar::Int) && field.ty.list.is_none();
        match self {
            Verb::Set => true,
            Verb::Unset => !field.ty.required,
            Verb::Inc => number,
            Verb::Push | Verb::Pull => field.ty.list.is_some(),
        }
    }

    /// Whether the result depends on what is stored.
    pub(super) fn looks(self) -> bool {
        matches!(self, Verb::Inc | Verb::Push | Verb::Pull)
    }

    /// The argument, and the document after it; `Err`: what the store holds cannot be changed so.
    pub(super) fn apply(
        self,
        shop: &Shop,
        field: &Field,
        before: &Json,
    ) -> (Json, Result<Json, &'static str>) {
        let (name, stored) = (field.name.as_str(), field.stored.as_str());
        let (input, value) = fresh(&shop.model, field);
        let current = before.get(stored);
        if self.looks() && current == Some(&Json::Null) {
            let none = if field.ty.list.is_some() {
                json!([])
            } else {
                json!(1)
            };
            return (json!({ name: none }), Err("BAD_USER_INPUT"));
        }
        let mut after = before.clone();
        let argument = match self {
            Verb::Set => {
                after[stored] = value;
                json!({ name: input })
            }
            Verb::Unset => {
                after.as_object_mut().expect("a document").remove(stored);
                json!([name])
            }
            Verb::Inc => {
                match current {
                    Some(Json::Number(number)) if number.is_f64() => {
                        after[stored] = json!(number.as_f64().unwrap_or_default() + 1.0);
                    }
                    // Beyond what an Int may be already.
                    Some(Json::Number(number)) if number.as_i64() > Some(i64::from(i32::MAX)) => {
                        return (json!({ name: 1 }), Err("BAD_USER_INPUT"));
                    }
                    Some(Json::Number(number)) => {
                        after[stored] = json!(number.as_i64().unwrap_or_default() + 1);
                    }
                    None => after[stored] = json!(1),
                    Some(_) => return (json!({ name: 1 }), Err("INVALID_DOCUMENT")),
                }
                json!({ name: 1 })
            }
            Verb::Push => {
                let argument = json!({ name: input });
                let added = value.as_array().cloned().unwrap_or_default();
                match current {
                    None => after[stored] = added.into(),
                    Some(Json::Array(items)) => {
                        after[stored] = [items.clone(), added].concat().into();
                    }
                    Some(_) => return (argument, Err("INVALID_DOCUMENT")),
                }
                argument
            }
            Verb::Pull => {
                // Takes nothing away: what must stay in a list is another question.
                let argument = match field.ty.base {
                    BaseType::Embedded(_) => json!({ name: {"title": {"eq": "nothing"}} }),
                    _ => json!({ name: input }),
                };
                if current.is_some_and(|current| !current.is_array()) {
                    return (argument, Err("INVALID_DOCUMENT"));
                }
                argument
            }
        };
        after["updatedAt"] = json!({ "$date": NOW });
        (argument, Ok(after))
    }
}

impl fmt::Display for Verb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&format!("{self:?}").to_lowercase())
    }
}
