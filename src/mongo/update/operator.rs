//! What one operator does at one path.

use std::cmp::Ordering;

use rustc_hash::FxHashSet;

use super::parse::needs;
use super::pull::Removal;
use super::push::Push;
use crate::data::update::{ApplyError, Arithmetic, array, calculate, existing, place, unset};
use crate::data::{Object, Path, Value, collation};
use crate::mongo::{Error, Result};

/// An operator with its argument.
#[derive(Clone, Debug)]
pub(super) enum Operator {
    Set(Value),
    SetOnInsert(Value),
    Unset,
    /// `$inc`, `$mul`.
    Calculate {
        name: &'static str,
        arithmetic: &'static Arithmetic,
        by: Value,
    },
    Min(Value),
    Max(Value),
    /// To where the value goes.
    Rename(Path),
    Bit(Bits),
    CurrentDate,
    Push(Push),
    AddToSet(Vec<Value>),
    PopFirst,
    PopLast,
    Pull(Removal),
}

/// What the operators of one update see besides the document.
#[derive(Debug)]
pub(super) struct Occasion {
    /// The document is new.
    pub(super) inserted: bool,
    /// Milliseconds since 1970.
    pub(super) now: i64,
    /// How many nulls may still fill arrays up to an index that is set.
    pub(super) padding: usize,
}

impl Operator {
    pub(super) fn renames_to(&self) -> Option<&Path> {
        match self {
            Operator::Rename(to) => Some(to),
            _ => None,
        }
    }

    pub(super) fn apply(
        &self,
        fields: &mut Object,
        path: &Path,
        occasion: &mut Occasion,
    ) -> Result<(), ApplyError> {
        let padding = &mut occasion.padding;
        match self {
            Operator::Set(value) => *place(fields, path, "$set", padding)? = value.clone(),
            Operator::SetOnInsert(_) if !occasion.inserted => {}
            Operator::SetOnInsert(value) => {
                *place(fields, path, "$setOnInsert", padding)? = value.clone();
            }
            Operator::Unset => unset(fields, path),
            Operator::Calculate {
                name,
                arithmetic,
                by,
            } => {
                let number = calculate(path, path.lookup(fields), name, by, arithmetic)?;
                *place(fields, path, name, padding)? = number;
            }
            Operator::Min(value) => {
                keep(fields, path, "$min", value, Ordering::Less, padding)?;
            }
            Operator::Max(value) => {
                keep(fields, path, "$max", value, Ordering::Greater, padding)?;
            }
            Operator::Rename(to) => rename(fields, path, to, padding)?,
            Operator::Bit(bits) => {
                let number = bits.of(path, path.lookup(fields))?;
                *place(fields, path, "$bit", padding)? = Value::Int(number);
            }
            Operator::CurrentDate => {
                *place(fields, path, "$currentDate", padding)? = Value::Date(occasion.now);
            }
            Operator::Push(push) => push.onto(list(fields, path, "$push", padding)?),
            Operator::AddToSet(items) => {
                unite(list(fields, path, "$addToSet", padding)?, items);
            }
            Operator::PopFirst => {
                if let Some(items) = existing_list(fields, path, "$pop")?
                    && !items.is_empty()
                {
                    items.remove(0);
                }
            }
            Operator::PopLast => {
                if let Some(items) = existing_list(fields, path, "$pop")? {
                    items.pop();
                }
            }
            Operator::Pull(removal) => {
                if let Some(items) = existing_list(fields, path, "$pull")? {
                    removal.remove(items);
                }
            }
        }
        Ok(())
    }
}

/// The array at a path, empty if it is new.
fn list<'a>(
    fields: &'a mut Object,
    path: &Path,
    op: &'static str,
    padding: &mut usize,
) -> Result<&'a mut Vec<Value>, ApplyError> {
    let missing = path.lookup(fields).is_none();
    let slot = place(fields, path, op, padding)?;
    if missing {
        *slot = Value::Array(Vec::new());
    }
    array(path, slot, op)
}

fn existing_list<'a>(
    fields: &'a mut Object,
    path: &Path,
    op: &'static str,
) -> Result<Option<&'a mut Vec<Value>>, ApplyError> {
    let slot = existing(fields, path);
    slot.map(|slot| array(path, slot, op)).transpose()
}

/// Sets the value if nothing is there, or if it compares so with what is there.
fn keep(
    fields: &mut Object,
    path: &Path,
    op: &'static str,
    value: &Value,
    wins: Ordering,
    padding: &mut usize,
) -> Result<(), ApplyError> {
    let loses = |present| collation::compare(value, present) != wins;
    if !path.lookup(fields).is_some_and(loses) {
        *place(fields, path, op, padding)? = value.clone();
    }
    Ok(())
}

fn rename(
    fields: &mut Object,
    from: &Path,
    to: &Path,
    padding: &mut usize,
) -> Result<(), ApplyError> {
    for path in [from, to] {
        outside_arrays(fields, path)?;
    }
    if let Some(value) = from.lookup(fields).cloned() {
        unset(fields, from);
        *place(fields, to, "$rename", padding)? = value;
    }
    Ok(())
}

/// A rename neither takes elements out of an array nor puts them into one.
fn outside_arrays(fields: &Object, path: &Path) -> Result<(), ApplyError> {
    let Some(met @ Value::Array(_)) = path.sort_value(fields) else {
        return Ok(());
    };
    if path
        .lookup(fields)
        .is_some_and(|end| std::ptr::eq(end, met))
    {
        return Ok(());
    }
    Err(ApplyError::WrongType {
        path: path.clone(),
        op: "$rename",
        needed: "a path that leads through no array",
        found: "an element of an array",
    })
}

/// Appends what the array does not hold yet.
fn unite(items: &mut Vec<Value>, new: &[Value]) {
    let key = |value: &Value| collation::key(Some(value));
    let mut present: FxHashSet<Vec<u8>> = items.iter().map(key).collect();
    let new = new.iter().filter(|value| present.insert(key(value)));
    items.extend(new.cloned());
}

/// `{and: 5, or: 2}`: done to a whole number, one after the other, each with its operand.
#[derive(Clone, Debug)]
pub(super) struct Bits(Vec<(BitOperation, i64)>);

type BitOperation = fn(i64, i64) -> i64;

impl Bits {
    pub(super) fn parse(argument: &Value) -> Result<Self> {
        let wrong = || needs("an object of `and`, `or`, `xor`", argument);
        let members = argument.as_object().ok_or_else(wrong)?;
        if members.is_empty() {
            return Err(wrong());
        }
        let steps = members.iter().map(|(name, operand)| {
            let step: BitOperation = match name.as_str() {
                "and" => std::ops::BitAnd::bitand,
                "or" => std::ops::BitOr::bitor,
                "xor" => std::ops::BitXor::bitxor,
                _ => return Err(Error::Malformed(format!("`{name}` is no bit operation"))),
            };
            match operand {
                Value::Int(operand) => Ok((step, *operand)),
                other => Err(needs("a whole number", other)),
            }
        });
        steps.collect::<Result<_>>().map(Self)
    }

    fn of(&self, path: &Path, number: Option<&Value>) -> Result<i64, ApplyError> {
        let start = match number {
            None => 0,
            Some(Value::Int(number)) => *number,
            Some(other) => {
                return Err(ApplyError::WrongType {
                    path: path.clone(),
                    op: "$bit",
                    needed: "an int",
                    found: other.kind(),
                });
            }
        };
        let steps = self.0.iter();
        Ok(steps.fold(start, |number, (step, operand)| step(number, *operand)))
    }
}
