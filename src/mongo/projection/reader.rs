//! Reading a projection.

use super::super::kind::integer;
use super::super::path::path;
use super::super::{Error, Query, Result};
use super::{Excerpt, Part, Projection, Taken, Tree, malformed};
use crate::data::{Object, Path, Value};

/// A projection as far as it was read.
#[derive(Default)]
pub(super) struct Reader {
    taken: Vec<Path>,
    left_out: Vec<Path>,
    sliced: Vec<Path>,
    excerpts: Vec<Excerpt>,
    id: Option<bool>,
}

impl Reader {
    pub(super) fn member(&mut self, name: &str, value: &Value) -> Result<()> {
        if let Some(array) = name.strip_suffix(".$") {
            return self.positional(array, value);
        }
        let path = field_path(name)?;
        match value {
            Value::Object(operator) => self.operator(path, operator),
            _ => {
                let take = flag(value).ok_or_else(|| {
                    malformed(format!(
                        "projection of `{name}` needs 1, 0, `$slice` or `$elemMatch`"
                    ))
                })?;
                match (name, take) {
                    ("_id", take) => self.id = Some(take),
                    (_, true) => self.taken.push(path),
                    (_, false) => self.left_out.push(path),
                }
                Ok(())
            }
        }
    }

    fn positional(&mut self, array: &str, value: &Value) -> Result<()> {
        if flag(value) != Some(true) {
            return Err(malformed(format!("projection of `{array}.$` needs 1")));
        }
        let positional = |excerpt: &Excerpt| matches!(excerpt.part, Part::Positional);
        if self.excerpts.iter().any(positional) {
            return Err(malformed("a projection may have `.$` once"));
        }
        self.taken.push(field_path(array)?);
        self.excerpt(field_path(array)?, Part::Positional);
        Ok(())
    }

    fn operator(&mut self, path: Path, operator: &Object) -> Result<()> {
        let mut members = operator.iter();
        match (members.next(), members.next()) {
            (Some((name, slice)), None) if name == "$slice" => {
                self.sliced.push(path.clone());
                self.excerpt(path, read_slice(slice)?);
                Ok(())
            }
            (Some((name, condition)), None) if name == "$elemMatch" => {
                let element = [("$elemMatch", condition.clone())].into_iter().collect();
                let search = [(path.to_string(), Value::Object(element))];
                let query = Query::parse(&search.into_iter().collect())?;
                self.taken.push(path.clone());
                self.excerpt(path, Part::First(Box::new(query)));
                Ok(())
            }
            (Some((name, _)), _) if name.starts_with('$') => {
                Err(Error::UnknownOperator(name.as_str().to_owned()))
            }
            _ => Err(malformed(format!(
                "projection of `{path}` needs 1, 0, `$slice` or `$elemMatch`"
            ))),
        }
    }

    fn excerpt(&mut self, array: Path, part: Part) {
        self.excerpts.push(Excerpt { array, part });
    }

    /// The SDKs write `{a: true, b: false}`. What is not taken is left out anyway, so that says no more than `{a: true}`,
    /// as long as the one is not a part of the other.
    fn check_sides(&self) -> Result<()> {
        for left_out in &self.left_out {
            if let Some(taken) = self.taken.iter().find(|taken| taken.overlaps(left_out)) {
                return Err(malformed(format!(
                    "a projection takes a field or leaves it out, not both: `{taken}` and `{left_out}`"
                )));
            }
        }
        Ok(())
    }

    pub(super) fn finish(self) -> Result<Projection> {
        let id = Path::field("_id");
        self.check_sides()?;
        let by_id = self.id == Some(true) && self.left_out.is_empty();
        let taken = if self.taken.is_empty() && !by_id {
            let left_out = (self.id == Some(false)).then_some(id);
            Taken::AllBut(Tree::of(left_out.into_iter().chain(self.left_out))?)
        } else {
            let id = (self.id != Some(false)).then_some(id);
            Taken::Only(Tree::of(
                id.into_iter().chain(self.taken).chain(self.sliced),
            )?)
        };
        Ok(Projection {
            taken,
            excerpts: self.excerpts,
        })
    }
}

/// A path of fields, none of which is an operator.
fn field_path(name: &str) -> Result<Path> {
    let path = path(name)?;
    match path.segments().iter().any(|name| name.starts_with('$')) {
        true => Err(malformed(format!("`{path}` is not a path of field names"))),
        false => Ok(path),
    }
}

fn flag(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(flag) => Some(*flag),
        number => number.as_f64().map(|number| number != 0.0),
    }
}

/// `n` or `[skip, n]`.
fn read_slice(slice: &Value) -> Result<Part> {
    let needed =
        || malformed("`$slice` needs a number, or a list of how many to skip and how many to take");
    let (skip, limit) = match slice {
        Value::Array(items) => match items.as_slice() {
            [skip, limit] => {
                let limit = integer(limit).filter(|limit| *limit > 0);
                (integer(skip), limit.map(i64::unsigned_abs))
            }
            _ => return Err(needed()),
        },
        one => match integer(one) {
            Some(last @ ..0) => (Some(last), Some(last.unsigned_abs())),
            other => (Some(0), other.map(i64::unsigned_abs)),
        },
    };
    Ok(Part::Slice {
        skip: skip.ok_or_else(needed)?,
        limit: limit.ok_or_else(needed)?,
    })
}
