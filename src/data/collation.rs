//! The total order of values, and its form as bytes.

use std::cmp::Ordering;

use super::Value;

/// `MongoDB` order: null (= missing) < numbers < strings < objects < arrays < binary < `ObjectId` < bool < date.
/// Within numbers by value (1 == 1.0; NaN below all), strings by bytes, arrays and objects member by member.
pub fn compare(_a: &Value, _b: &Value) -> Ordering {
    unimplemented!("data helper")
}

/// Bytes that compare (`memcmp`) as [`compare`] does; missing is null. Equal bytes iff equal values.
pub fn key(_value: Option<&Value>) -> Vec<u8> {
    unimplemented!("data helper")
}
