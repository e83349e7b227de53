//! What stands behind a position in an order.
//!
//! For each key there are documents that it puts behind, and for those that are equal there the next key decides:
//! `{$or: [{at: {$lt: t}}, …, {at: t, $or: [{_id: {$gt: "x"}}, …]}]}`. The database compares values of one class only, so
//! further classes are named by their types.

use super::condition::Condition;
use super::words::{is_literal, member, name, type_of};
use crate::data::collation::Class;
use crate::data::{Direction, Object, Order, Path, Position, Value};

/// The classes of values in their order.
const CLASSES: [Class; 9] = [
    Class::Null,
    Class::Number,
    Class::String,
    Class::Object,
    Class::Array,
    Class::Binary,
    Class::ObjectId,
    Class::Bool,
    Class::Date,
];

/// The condition that exactly the documents after this position match. A key that the database has no name for says
/// nothing, as in [`super::order`]; behind a value that it has no words for follow the further classes of values.
pub fn after(order: &Order, position: &Position) -> Object {
    let id = position.id.to_value();
    let mut behind = behind_id(&id, order.id_direction());
    let keys = order.keys_before_id().iter().zip(&position.values);
    for (key, value) in keys.rev() {
        if let Some(key) = Key::of(&key.path, key.direction) {
            let value = value.as_ref().unwrap_or(&Value::Null);
            behind = Condition::any([key.behind(value), Condition::all([key.same(value), behind])]);
        }
    }
    behind.into_object()
}

/// Identifiers are numbers, texts and `ObjectId`s.
fn behind_id(id: &Value, direction: Direction) -> Condition {
    let further = further(Class::of(id), direction)
        .filter(|class| matches!(class, Class::Number | Class::String | Class::ObjectId));
    Condition::any([
        Condition::field("_id", [(operator(direction), id.clone())]),
        of_types("_id", further),
    ])
}

fn operator(direction: Direction) -> &'static str {
    match direction {
        Direction::Ascending => "$gt",
        Direction::Descending => "$lt",
    }
}

/// The classes of which all values stand behind all of this one.
fn further(class: Class, direction: Direction) -> impl Iterator<Item = Class> {
    let is_further = move |other: &Class| match direction {
        Direction::Ascending => *other > class,
        Direction::Descending => *other < class,
    };
    CLASSES.into_iter().filter(is_further)
}

/// Values of these classes; a missing one is null.
fn of_types(name: &str, classes: impl Iterator<Item = Class>) -> Condition {
    let (null, types): (Vec<Class>, Vec<Class>) = classes.partition(|class| *class == Class::Null);
    let types: Vec<Value> = types.into_iter().map(type_of).collect();
    let of_types = match types.is_empty() {
        true => Condition::Nothing,
        false => Condition::field(name, [("$type", Value::Array(types))]),
    };
    let missing = null
        .iter()
        .map(|_| Condition::field(name, [("$eq", Value::Null)]));
    Condition::any(std::iter::once(of_types).chain(missing))
}

/// One key of an order.
struct Key {
    name: String,
    /// The paths that lead to the value: an array at one of them is what the document is ordered by.
    prefixes: Vec<String>,
    direction: Direction,
}

impl Key {
    fn of(path: &Path, direction: Direction) -> Option<Self> {
        let segments = path.segments();
        Some(Self {
            name: name(path)?,
            prefixes: (1..=segments.len())
                .map(|len| segments[..len].join("."))
                .collect(),
            direction,
        })
    }

    /// Documents that have an equal value.
    fn same(&self, value: &Value) -> Condition {
        match value {
            _ if !is_literal(value) => Condition::Nothing,
            Value::Array(_) => self.compares("$eq", value),
            _ => Condition::all([
                self.no_array(),
                Condition::field(&self.name, [("$eq", value.clone())]),
            ]),
        }
    }

    /// Documents that this key puts behind the value.
    fn behind(&self, value: &Value) -> Condition {
        if matches!(value, Value::Array(_)) && is_literal(value) {
            return self.compares(operator(self.direction), value);
        }
        let class = Class::of(value);
        let behind = Condition::any([
            self.behind_in_class(value),
            of_types(&self.name, further(class, self.direction)),
        ]);
        match further(class, self.direction).any(|class| class == Class::Array) {
            true => Condition::any([behind, self.array_on_the_way()]),
            false => Condition::all([self.no_array(), behind]),
        }
    }

    fn behind_in_class(&self, value: &Value) -> Condition {
        let nan = matches!(value, Value::Double(number) if number.is_nan());
        let number = ("$type", type_of(Class::Number));
        // NaN is the least of all numbers in an order, and neither less nor greater in a condition.
        match (self.direction, value) {
            _ if !is_literal(value) => Condition::Nothing,
            (_, Value::Null) => Condition::Nothing,
            (Direction::Ascending, value) if nan => {
                Condition::field(&self.name, [number, ("$ne", value.clone())])
            }
            (Direction::Descending, _) if nan => Condition::Nothing,
            (Direction::Descending, Value::Int(_) | Value::Double(_)) => {
                let not_above = ("$not", member("$gte", value.clone()));
                Condition::field(&self.name, [number, not_above])
            }
            (direction, value) => {
                Condition::field(&self.name, [(operator(direction), value.clone())])
            }
        }
    }

    fn no_array(&self) -> Condition {
        let guard = |name: &String| {
            let array = member("$type", Value::string("array"));
            Condition::field(name, [("$not", array)])
        };
        Condition::all(self.prefixes.iter().map(guard))
    }

    fn array_on_the_way(&self) -> Condition {
        let (_, on_the_way) = self.prefixes.split_last().expect("a path is not empty");
        let is_array = |name: &String| Condition::field(name, [("$type", Value::string("array"))]);
        Condition::any(on_the_way.iter().map(is_array))
    }

    /// What a document is ordered by, compared as a whole. No index helps with that.
    fn compares(&self, operator: &'static str, value: &Value) -> Condition {
        let field = |name: &String| Value::string(format!("${name}"));
        let (last, on_the_way) = self.prefixes.split_last().expect("a path is not empty");
        let sorted = on_the_way.iter().rev().fold(field(last), |rest, name| {
            let is_array = member("$isArray", Value::Array(vec![field(name)]));
            member("$cond", Value::Array(vec![is_array, field(name), rest]))
        });
        let sorted = member("$ifNull", Value::Array(vec![sorted, Value::Null]));
        let literal = member("$literal", value.clone());
        Condition::Expression(member(operator, Value::Array(vec![sorted, literal])))
    }
}
