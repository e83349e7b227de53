//! An update as the gateway will apply it: checked against the model, with
//! what it writes, what it must be able to read, and what rules see of it.

use std::collections::BTreeSet;

use crate::access::RequestData;
use crate::data::update::{Elements, Op};
use crate::data::{Document, Path, Update, Value};
use crate::model::{
    BaseType, Collection, Field, FieldIx, FieldType, Model, Scalar, TimestampEvent,
};

use super::constraint::Checker;
use super::error::Result;
use super::guard::{self, Guard};

/// A checked update.
#[derive(Clone, Debug)]
pub(super) struct Changes {
    /// The caller's operators and the gateway's timestamps.
    pub(super) update: Update,
    /// Fields the caller writes: each must be writable.
    pub(super) written: BTreeSet<FieldIx>,
    /// Those of which the result tells what was stored: each must be readable too.
    pub(super) looked_at: BTreeSet<FieldIx>,
    pub(super) request: RequestData,
    pub(super) guards: Vec<Guard>,
    /// `pull`s on lists with `min_items`: their guards depend on the document.
    pulls: Vec<Pull>,
}

#[derive(Clone, Debug)]
struct Pull {
    place: String,
    field: Field,
    path: Path,
    elements: Elements,
}

impl Changes {
    /// # Errors
    /// `BadInput` with all problems.
    pub(super) fn check(
        model: &Model,
        collection: &Collection,
        update: &Update,
        now: i64,
    ) -> Result<Self> {
        let mut checker = Checker::new(model);
        if update.ops.is_empty() {
            checker.problem(
                "set",
                "nothing is changed: name a field in `set`, `unset`, `inc`, `push` or `pull`",
            );
        }
        overlaps(update, &mut checker);
        let mut changes = Self {
            update: update.clone(),
            written: BTreeSet::new(),
            looked_at: BTreeSet::new(),
            request: RequestData::default(),
            guards: Vec::new(),
            pulls: Vec::new(),
        };
        for op in &update.ops {
            changes.add(model, collection, op, &mut checker);
        }
        checker.finish()?;
        changes.stamp(collection, now);
        Ok(changes)
    }

    fn add(&mut self, model: &Model, collection: &Collection, op: &Op, checker: &mut Checker<'_>) {
        let (verb, path) = (verb(op), op.path());
        let place = format!("{verb}.{path}");
        let root = collection.shape.field_stored(path.root());
        let Some((root, field)) = root.zip(resolve(model, collection, path)) else {
            return checker.problem(&place, "there is no such field");
        };
        let place = format!("{verb}.{}", display(collection, root, path));
        if let Some(reason) = managed(collection.shape.field(root)) {
            return checker.problem(&place, reason);
        }
        self.written.insert(root);
        match op {
            Op::Set(_, value) => self.set(&place, field, path, value, checker),
            Op::Unset(_) => {
                self.request.opaque.push(path.clone());
                if field.ty.required {
                    checker.problem(&place, "is required");
                }
            }
            Op::Inc(_, delta) => {
                self.look_at(root, &place, path);
                match summand_problem(field.ty, delta) {
                    Some(message) => checker.problem(&place, message),
                    None => self
                        .guards
                        .extend(guard::on_inc(&place, field, path, delta)),
                }
            }
            Op::Push(_, items) => {
                self.look_at(root, &place, path);
                if field.ty.list.is_none() {
                    return checker.problem(&place, "is not a list");
                }
                checker.elements(&place, field, items);
                self.guards
                    .extend(guard::on_push(&place, field, path, items.len()));
            }
            Op::Pull(_, elements) => {
                self.look_at(root, &place, path);
                if field.ty.list.is_none() {
                    return checker.problem(&place, "is not a list");
                }
                if field.constraint.min_items.is_some() {
                    self.pulls.push(Pull {
                        place,
                        field: field.clone(),
                        path: path.clone(),
                        elements: elements.clone(),
                    });
                }
            }
        }
    }

    /// The operator's result depends on what is stored at the path.
    fn look_at(&mut self, root: FieldIx, place: &str, path: &Path) {
        self.looked_at.insert(root);
        self.request.opaque.push(path.clone());
        self.guards.push(guard::on_null(place, path));
    }

    fn set(
        &mut self,
        place: &str,
        field: &Field,
        path: &Path,
        value: &Value,
        checker: &mut Checker<'_>,
    ) {
        checker.field(place, field, Some(value));
        // What a member of a field is set to says nothing final of the field.
        match path.segments() {
            [name] => self.request.values.insert(name.clone(), value.clone()),
            _ => self.request.opaque.push(path.clone()),
        }
    }

    fn stamp(&mut self, collection: &Collection, now: i64) {
        for field in &collection.shape.fields {
            if field.timestamp == Some(TimestampEvent::Update) {
                let stamp = Op::Set(field.path(), field.instant(now));
                self.update.ops.push(stamp);
            }
        }
    }

    /// Whether the guards depend on what is stored.
    pub(super) fn needs_document(&self) -> bool {
        !self.pulls.is_empty()
    }

    /// The guards that depend on what is stored.
    pub(super) fn guards_on(&self, document: &Document) -> Vec<Guard> {
        let guard = |pull: &Pull| {
            // What is no list the store will say.
            let items = document.lookup(&pull.path)?.as_array()?;
            let remaining = pull.elements.left_of(items);
            guard::on_pull(&pull.place, &pull.field, &pull.path, document, remaining)
        };
        self.pulls.iter().filter_map(guard).collect()
    }

    /// Where the first operator stands whose guard depends on what is stored.
    pub(super) fn dependent_place(&self) -> Option<&str> {
        self.pulls.first().map(|pull| pull.place.as_str())
    }
}

/// Why no input may name this field.
pub(super) fn managed(field: &Field) -> Option<&'static str> {
    match field.stored.as_str() {
        "_id" => Some("the id of a document never changes"),
        "_openid" => Some("the owner is set by the gateway"),
        _ if field.timestamp.is_some() => Some("the time is set by the gateway"),
        _ => None,
    }
}

/// The argument that the operator came in.
fn verb(op: &Op) -> &'static str {
    match op {
        Op::Set(..) => "set",
        Op::Unset(_) => "unset",
        Op::Inc(..) => "inc",
        Op::Push(..) => "push",
        Op::Pull(..) => "pull",
    }
}

/// The path as the API spells it.
fn display(collection: &Collection, root: FieldIx, path: &Path) -> String {
    let mut text = collection.shape.field(root).name.to_string();
    for segment in &path.segments()[1..] {
        text.push('.');
        text.push_str(segment);
    }
    text
}

/// The field a path of member names leads to.
fn resolve<'m>(model: &'m Model, collection: &'m Collection, path: &Path) -> Option<&'m Field> {
    let (last, parents) = path.segments().split_last()?;
    let mut shape = &collection.shape;
    for segment in parents {
        let field = shape.field(shape.field_stored(segment)?);
        match (field.ty.base, field.ty.list) {
            (BaseType::Embedded(ix), None) => shape = &model.embedded(ix).shape,
            _ => return None,
        }
    }
    Some(shape.field(shape.field_stored(last)?))
}

fn overlaps(update: &Update, checker: &mut Checker<'_>) {
    for (at, op) in update.ops.iter().enumerate() {
        let earlier = update.ops[..at]
            .iter()
            .filter(|earlier| earlier.path().overlaps(op.path()));
        for earlier in earlier {
            let place = format!("{}.{}", verb(op), op.path());
            let message = format!("`{}.{}` changes it already", verb(earlier), earlier.path());
            checker.problem(&place, message);
        }
    }
}

fn summand_problem(ty: FieldType, delta: &Value) -> Option<&'static str> {
    let whole = matches!(
        ty.base,
        BaseType::Scalar(Scalar::Int | Scalar::Long | Scalar::EpochMs)
    );
    let number = whole || ty.base == BaseType::Scalar(Scalar::Float);
    match delta {
        _ if !number || ty.list.is_some() => Some("is not a number"),
        Value::Int(_) => None,
        Value::Double(delta) if !whole && delta.is_finite() => None,
        _ if whole => Some("must be changed by an integer"),
        _ => Some("must be changed by a finite number"),
    }
}
