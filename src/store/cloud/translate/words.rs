//! What can be said to the database at all.

use crate::data::collation::Class;
use crate::data::ejson::MAX_DEPTH;
use crate::data::{Object, Path, Value};

/// A path with dots; `None` if one of its names is empty, begins with `$`, or contains a dot or a zero byte, or if
/// there are more of them than a document has levels.
pub(super) fn name(path: &Path) -> Option<String> {
    let segments = path.segments();
    let said =
        |name: &str| !name.is_empty() && !name.starts_with('$') && !name.contains(['.', '\0']);
    let all = segments.len() <= MAX_DEPTH && segments.iter().all(|segment| said(segment));
    all.then(|| path.to_string())
}

/// Whether a value means itself in a condition: no name in it begins with `$`, which would be an operator, or a value of
/// another type.
pub(super) fn is_literal(value: &Value) -> bool {
    is_made_of(value, &|_| false)
}

/// Whether a value is stored as it is: names in it begin with `$` only where that is how EJSON writes a type
/// that this program knows no values of.
pub(super) fn is_storable(value: &Value) -> bool {
    is_made_of(value, &is_of_other_type)
}

fn is_made_of(value: &Value, excepted: &dyn Fn(&Object) -> bool) -> bool {
    match value {
        Value::Array(items) => items.iter().all(|item| is_made_of(item, excepted)),
        Value::Object(object) => {
            let member = |(name, value): (&smol_str::SmolStr, &Value)| {
                !name.starts_with('$') && !name.contains('\0') && is_made_of(value, excepted)
            };
            excepted(object) || object.iter().all(member)
        }
        _ => true,
    }
}

fn is_of_other_type(object: &Object) -> bool {
    const TYPES: [&str; 5] = [
        "$numberDecimal",
        "$timestamp",
        "$regularExpression",
        "$minKey",
        "$maxKey",
    ];
    object.len() == 1 && TYPES.iter().any(|name| object.contains(name))
}

/// Whether a segment may be the index of an element of an array.
pub(super) fn is_index(segment: &str) -> bool {
    segment.bytes().all(|byte| byte.is_ascii_digit())
}

/// What `$type` calls the values of a class.
pub(super) fn type_of(class: Class) -> Value {
    Value::string(match class {
        Class::Null => "null",
        Class::Number => "number",
        Class::String => "string",
        Class::Object => "object",
        Class::Array => "array",
        Class::Binary => "binData",
        Class::ObjectId => "objectId",
        Class::Bool => "bool",
        Class::Date => "date",
    })
}

/// An object of one member.
pub(super) fn member(name: &str, value: Value) -> Value {
    Value::Object([(name, value)].into_iter().collect())
}
