//! The members of a body, by name and kind.

use crate::data::{Object, Value};
use crate::emulator::failure::{Failure, Result};

/// An object that a client sent. Members that are null count as not there; unknown ones are left alone.
#[derive(Clone, Debug, Default)]
pub(super) struct Members(pub(super) Object);

impl Members {
    fn get(&self, name: &str) -> Option<&Value> {
        self.0
            .get(name)
            .filter(|value| !matches!(value, Value::Null))
    }

    pub(super) fn object(&self, name: &str) -> Result<Option<&Object>> {
        match self.get(name) {
            Some(Value::Object(object)) => Ok(Some(object)),
            Some(_) => Err(needs(name, "an object")),
            None => Ok(None),
        }
    }

    pub(super) fn required_object(&self, name: &str) -> Result<&Object> {
        self.object(name)?.ok_or_else(|| needs(name, "an object"))
    }

    pub(super) fn text(&self, name: &str) -> Result<Option<&str>> {
        match self.get(name) {
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(needs(name, "a text")),
            None => Ok(None),
        }
    }

    pub(super) fn required_text(&self, name: &str) -> Result<&str> {
        self.text(name)?.ok_or_else(|| needs(name, "a text"))
    }

    pub(super) fn required_list(&self, name: &str) -> Result<&[Value]> {
        match self.get(name) {
            Some(Value::Array(items)) => Ok(items),
            _ => Err(needs(name, "an array")),
        }
    }

    /// All of them objects.
    pub(super) fn required_objects(&self, name: &str) -> Result<Vec<&Object>> {
        let items = self.required_list(name)?.iter();
        items
            .map(|item| {
                item.as_object()
                    .ok_or_else(|| needs(name, "objects, one beside the other"))
            })
            .collect()
    }

    /// False if it is not there.
    pub(super) fn flag(&self, name: &str) -> Result<bool> {
        match self.get(name) {
            Some(Value::Bool(flag)) => Ok(*flag),
            Some(_) => Err(needs(name, "true or false")),
            None => Ok(false),
        }
    }

    pub(super) fn count(&self, name: &str) -> Result<Option<u64>> {
        let Some(value) = self.get(name) else {
            return Ok(None);
        };
        let count = value.as_count();
        count
            .map(Some)
            .ok_or_else(|| needs(name, "a whole number, 0 or more"))
    }
}

fn needs(name: &str, what: &str) -> Failure {
    Failure::invalid(format!("`{name}` needs {what}"))
}
