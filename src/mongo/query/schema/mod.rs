//! `$jsonSchema`.

use super::super::{Error, Result};
use crate::data::{Object, Value};

#[derive(Clone, Debug)]
pub(super) struct Schema {
    required: Vec<String>,
}

impl Schema {
    pub(super) fn parse(schema: &Value) -> Result<Self> {
        let object = schema
            .as_object()
            .ok_or_else(|| Error::Malformed("`$jsonSchema` needs an object".to_owned()))?;
        let mut required = Vec::new();
        for (name, value) in object.iter() {
            match (name.as_str(), value) {
                ("required", Value::Array(names)) => {
                    required.extend(names.iter().filter_map(Value::as_str).map(str::to_owned));
                }
                _ => return Err(Error::UnknownOperator(format!("$jsonSchema.{name}"))),
            }
        }
        Ok(Self { required })
    }

    pub(super) fn admits(&self, fields: &Object) -> bool {
        self.required.iter().all(|name| fields.contains(name))
    }
}
