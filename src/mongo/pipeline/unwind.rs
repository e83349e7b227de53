//! `$unwind`: a document for each element of an array.

use super::flow::{Item, Made};
use super::parse::{field_path, malformed, members, plain_path};
use crate::data::update::{existing, place, unset};
use crate::data::{Object, Path, Value};
use crate::mongo::{Error, Result};

#[derive(Clone, Debug)]
pub(super) struct Unwind {
    path: Path,
    /// Where the index of the element goes.
    index: Option<Path>,
    /// Whether a document without elements stays.
    preserve: bool,
}

impl Unwind {
    /// Reads `"$path"` or `{path, includeArrayIndex, preserveNullAndEmptyArrays}`.
    pub(super) fn parse(argument: &Value) -> Result<Self> {
        if let Value::String(_) = argument {
            return Ok(Self {
                path: field_path("$unwind", argument)?,
                index: None,
                preserve: false,
            });
        }
        let (mut path, mut index, mut preserve) = (None, None, false);
        for (name, value) in members("$unwind", argument)? {
            match (name.as_str(), value) {
                ("path", value) => path = Some(field_path("$unwind", value)?),
                ("includeArrayIndex", value) => index = Some(plain_path("$unwind", value)?),
                ("preserveNullAndEmptyArrays", Value::Bool(said)) => preserve = *said,
                _ => {
                    return Err(malformed(
                        "$unwind",
                        &format!("does not take such a `{name}`"),
                    ));
                }
            }
        }
        let path = path.ok_or_else(|| malformed("$unwind", "needs a `path`"))?;
        Ok(Self {
            path,
            index,
            preserve,
        })
    }

    pub(super) fn run(&self, items: Vec<Item>) -> Result<Vec<Item>> {
        let mut made = Made::default();
        for item in items {
            self.unwind(item, &mut made)?;
        }
        Ok(made.finish())
    }

    fn unwind(&self, item: Item, made: &mut Made) -> Result<()> {
        match self.path.lookup(item.fields()) {
            Some(Value::Array(elements)) if !elements.is_empty() => {}
            None | Some(Value::Null | Value::Array(_)) if !self.preserve => return Ok(()),
            Some(Value::Array(_)) => {
                let mut fields = item.into_object();
                unset(&mut fields, &self.path);
                return made.push(self.indexed(fields, None)?);
            }
            _ if self.index.is_none() => return made.keep(item),
            _ => return made.push(self.indexed(item.into_object(), None)?),
        }
        let mut fields = item.into_object();
        // The array is taken out first, so that not every element's document copies all of it.
        let elements = std::mem::replace(slot(&mut fields, &self.path), Value::Null);
        let Value::Array(elements) = elements else {
            return Ok(());
        };
        for (at, element) in elements.into_iter().enumerate() {
            let mut fields = fields.clone();
            *slot(&mut fields, &self.path) = element;
            made.push(self.indexed(fields, Some(at))?)?;
        }
        Ok(())
    }

    fn indexed(&self, mut fields: Object, at: Option<usize>) -> Result<Object> {
        if let Some(path) = &self.index {
            let index = at.and_then(|at| i64::try_from(at).ok());
            *place(&mut fields, path, "$unwind", &mut 0)
                .map_err(|error| Error::Failed(error.to_string()))? =
                index.map_or(Value::Null, Value::Int);
        }
        Ok(fields)
    }
}

fn slot<'a>(fields: &'a mut Object, path: &Path) -> &'a mut Value {
    existing(fields, path).expect("there is an array at the path")
}
