//! Leaves of rules: an operator that an index can use, and guards, so that it is about one value of one type.

use super::condition::{Condition, Operation};
use super::filter::{About, Said};
use super::place::Place;
use super::words::{member, type_of};
use crate::data::collation::{Class, strict_compare};
use crate::data::{Comparison, Path, Strict, Value};

/// The classes of values that compare strictly, and whether by size too.
const COMPARABLE: [(Class, bool); 5] = [
    (Class::String, true),
    (Class::Number, true),
    (Class::Date, true),
    (Class::Bool, false),
    (Class::ObjectId, false),
];

pub(super) fn say(leaf: &Strict, about: About) -> Said {
    let place = |path: &Path| Place::of(path, about);
    let said = match leaf {
        Strict::Compare(path, comparison, value) => {
            place(path).map(|at| compare(&at, *comparison, value))
        }
        Strict::In(path, values) => place(path).map(|at| is_one_of(&at, values)),
        Strict::NotIn(path, values) => place(path).map(|at| is_none_of(&at, values)),
        Strict::Contains(path, value) => place(path).map(|at| contains(&at, value)),
        Strict::NotContains(path, value) => place(path).map(|at| lacks(&at, value)),
        Strict::Present(path) => place(path).map(|at| at_place(&at, present(&at))),
        Strict::Absent(path) => place(path).map(|at| absent(&at)),
        Strict::CompareFields(a, comparison, b) => {
            pair(a, b, about).map(|(a, b)| Said::exactly(compare_fields(&a, *comparison, &b)))
        }
        Strict::ContainsField {
            array,
            element,
            negated,
        } => pair(array, element, about).map(|(array, element)| {
            Said::exactly(match negated {
                false => contains_field(&array, &element),
                true => lacks_field(&array, &element),
            })
        }),
    };
    said.unwrap_or_else(Said::nothing_better)
}

/// Two places that an expression can compare: it knows no indexes, and only whole documents.
fn pair(a: &Path, b: &Path, about: About) -> Option<(Place, Place)> {
    let places = (Place::of(a, about)?, Place::of(b, about)?);
    (about == About::Document && places.0.exact && places.1.exact).then_some(places)
}

/// A condition on the value at a place, with its guards.
fn at_place(at: &Place, condition: Condition) -> Said {
    let guarded = Condition::all([at.guards(), condition]);
    match at.exact {
        true => Said::exactly(guarded),
        false => Said::at_least(guarded),
    }
}

/// The class of a value that compares strictly.
fn comparable(value: &Value) -> Option<Class> {
    strict_compare(value, value).map(|_| Class::of(value))
}

fn compare(at: &Place, comparison: Comparison, value: &Value) -> Said {
    let Some(class) = comparable(value) else {
        return Said::exactly(Condition::Nothing);
    };
    let operator = match comparison {
        Comparison::Eq => "$eq",
        Comparison::Ne => return is_none_of(at, std::slice::from_ref(value)),
        _ if matches!(class, Class::Bool | Class::ObjectId) => {
            return Said::exactly(Condition::Nothing);
        }
        Comparison::Lt => "$lt",
        Comparison::Lte => "$lte",
        Comparison::Gt => "$gt",
        Comparison::Gte => "$gte",
    };
    at_place(at, at.is_single([(operator, value.clone())]))
}

fn is_one_of(at: &Place, values: &[Value]) -> Said {
    let mut values: Vec<Value> = values
        .iter()
        .filter(|value| comparable(value).is_some())
        .cloned()
        .collect();
    let operation = match values.len() {
        0 => return Said::exactly(Condition::Nothing),
        1 => ("$eq", values.swap_remove(0)),
        _ => ("$in", Value::Array(values)),
    };
    at_place(at, at.is_single([operation]))
}

/// A value of the type of all of these that is none of them.
fn is_none_of(at: &Place, values: &[Value]) -> Said {
    let Some(first) = values.first() else {
        return at_place(at, present(at));
    };
    let class = comparable(first);
    let Some(class) = class.filter(|_| values.iter().all(|value| comparable(value) == class))
    else {
        return Said::exactly(Condition::Nothing);
    };
    // Where the place may be one of several, others must not spoil it.
    let excluded = values.iter().filter(|_| at.exact);
    let of_type = |operations: Option<Operation>| {
        at.is_single(std::iter::once(("$type", type_of(class))).chain(operations))
    };
    let condition = match (class, excluded.cloned().collect::<Vec<Value>>().as_slice()) {
        (_, []) => of_type(None),
        (Class::Number, [number]) => beside(at, number, None),
        (Class::Number, [number, others @ ..]) => beside(at, number, Some(none_of(others))),
        (_, values) => of_type(Some(none_of(values))),
    };
    at_place(at, condition)
}

/// A number below or above this one: NaN, which strictly compares with nothing, is neither.
fn beside(at: &Place, number: &Value, besides: Option<Operation>) -> Condition {
    let side = |operator| at.is([(operator, number.clone())]);
    Condition::all([
        at.is_single(besides),
        Condition::any(["$lt", "$gt"].map(side)),
    ])
}

fn none_of(values: &[Value]) -> Operation {
    match values {
        [value] => ("$ne", value.clone()),
        values => ("$nin", Value::Array(values.to_vec())),
    }
}

fn contains(at: &Place, value: &Value) -> Said {
    if comparable(value).is_none() {
        return Said::exactly(Condition::Nothing);
    }
    at_place(at, at.is([("$elemMatch", member("$eq", value.clone()))]))
}

fn lacks(at: &Place, value: &Value) -> Said {
    if !at.exact {
        return at_place(at, at.is([is_array()]));
    }
    let condition = match comparable(value) {
        // Nothing is of its type: there must be no element.
        None => at.is([("$size", Value::Int(0))]),
        Some(class) => at.is([is_array(), all_are(class, Some(value))]),
    };
    at_place(at, condition)
}

fn is_array() -> Operation {
    ("$type", Value::string("array"))
}

/// No element is of another class than this, or this value, or NaN.
fn all_are(class: Class, but: Option<&Value>) -> Operation {
    let nan = (class == Class::Number).then_some(Value::Double(f64::NAN));
    let excluded: Vec<Value> = but.cloned().into_iter().chain(nan).collect();
    let excluded = (!excluded.is_empty()).then(|| none_of(&excluded));
    let good = std::iter::once(("$type", type_of(class))).chain(excluded);
    let bad = member("$not", Value::Object(good.collect()));
    ("$not", member("$elemMatch", bad))
}

/// There is something and it is not null. What is asked of an array is asked of its elements, too: nulls in it do not count.
fn present(at: &Place) -> Condition {
    if !at.exact {
        return at.is([("$exists", Value::Bool(true))]);
    }
    if at.is_single([]) == Condition::Everything {
        return Condition::Everything;
    }
    Condition::any([at.is([("$ne", Value::Null)]), at.is([is_array()])])
}

fn absent(at: &Place) -> Said {
    if !at.exact {
        return Said::nothing_better();
    }
    let present = Condition::all([at.guards(), present(at)]);
    Said::exactly(match at.guards() {
        Condition::Everything if present != Condition::Everything => {
            at.is_single([("$eq", Value::Null)])
        }
        _ => present.not(),
    })
}

fn compare_fields(a: &Place, comparison: Comparison, b: &Place) -> Condition {
    let (operator, by_size) = match comparison {
        Comparison::Eq => ("$eq", false),
        Comparison::Ne => ("$ne", false),
        Comparison::Lt => ("$lt", true),
        Comparison::Lte => ("$lte", true),
        Comparison::Gt => ("$gt", true),
        Comparison::Gte => ("$gte", true),
    };
    let classes = COMPARABLE.iter().filter(|(_, sized)| *sized || !by_size);
    let both = |(class, _): &(Class, bool)| Condition::all([is_of(a, *class), is_of(b, *class)]);
    Condition::all([
        a.guards(),
        b.guards(),
        a.is_single([]),
        b.is_single([]),
        Condition::any(classes.map(both)),
        Condition::Expression(member(
            operator,
            Value::Array(vec![a.expression(), b.expression()]),
        )),
    ])
}

/// A value of this class, which is not NaN.
fn is_of(at: &Place, class: Class) -> Condition {
    match class {
        Class::Number => Condition::any(["$lt", "$gte"].map(|side| at.is([(side, Value::Int(0))]))),
        _ => at.is([("$type", type_of(class))]),
    }
}

fn contains_field(array: &Place, element: &Place) -> Condition {
    let classes = COMPARABLE.iter();
    Condition::all([
        array.guards(),
        element.guards(),
        element.is_single([]),
        Condition::any(classes.map(|(class, _)| is_of(element, *class))),
        Condition::Expression(is_among(array, element)),
    ])
}

fn lacks_field(array: &Place, element: &Place) -> Condition {
    let with = |(class, _): &(Class, bool)| {
        Condition::all([
            element.is_single([]),
            is_of(element, *class),
            array.is([is_array(), all_are(*class, None)]),
        ])
    };
    let differs = Condition::all([
        Condition::any(COMPARABLE.iter().map(with)),
        Condition::Expression(member("$not", Value::Array(vec![is_among(array, element)]))),
    ]);
    let nothing_to_equal = Condition::all([array.is([("$size", Value::Int(0))]), present(element)]);
    Condition::all([
        array.guards(),
        element.guards(),
        Condition::any([differs, nothing_to_equal]),
    ])
}

/// `$in` fails, and the whole query with it, where it finds no array.
fn is_among(array: &Place, element: &Place) -> Value {
    let is_array = member("$isArray", Value::Array(vec![array.expression()]));
    let operands = vec![element.expression(), array.expression()];
    let is_in = member("$in", Value::Array(operands));
    member(
        "$cond",
        Value::Array(vec![is_array, is_in, Value::Bool(false)]),
    )
}
