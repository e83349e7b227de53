//! The order of values as bytes, for indexes.

use super::Class;
use crate::data::{Object, Value};

/// Bytes that compare (`memcmp`) as [`compare`](super::compare) does; missing is null. Equal bytes iff equal values.
///
/// No key is a proper prefix of another, so keys written one after the other compare as tuples do.
pub fn key(value: Option<&Value>) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(16);
    write_key(value.unwrap_or(&Value::Null), &mut bytes);
    bytes
}

/// Appends the [`key`] of a value.
pub fn write_key(value: &Value, out: &mut Vec<u8>) {
    out.push(Class::of(value).byte());
    write_body(value, out);
}

/// Ends an array or an object: below the byte of every class.
const END: u8 = 0;

fn write_body(value: &Value, out: &mut Vec<u8>) {
    match value {
        Value::Null => {}
        Value::Bool(bool) => out.push(u8::from(*bool)),
        Value::Int(int) => write_int(*int, out),
        Value::Double(double) => write_double(*double, 0, out),
        Value::String(text) => write_text(text.as_bytes(), out),
        Value::Date(ms) => out.extend_from_slice(&ordered_int(*ms)),
        Value::ObjectId(id) => out.extend_from_slice(&id.0),
        Value::Binary(binary) => {
            out.extend_from_slice(&(binary.bytes.len() as u64).to_be_bytes());
            out.push(binary.subtype);
            out.extend_from_slice(&binary.bytes);
        }
        Value::Array(items) => {
            items.iter().for_each(|item| write_key(item, out));
            out.push(END);
        }
        Value::Object(object) => write_object(object, out),
    }
}

fn write_object(object: &Object, out: &mut Vec<u8>) {
    for (name, value) in object.iter() {
        out.push(Class::of(value).byte());
        write_text(name.as_bytes(), out);
        write_body(value, out);
    }
    out.push(END);
}

/// Text ends with two zero bytes; a zero byte inside is followed by 0xff.
fn write_text(text: &[u8], out: &mut Vec<u8>) {
    for &byte in text {
        out.push(byte);
        if byte == 0 {
            out.push(0xff);
        }
    }
    out.extend_from_slice(&[0, 0]);
}

/// Flips the sign bit, so that negative numbers come first.
fn ordered_int(int: i64) -> [u8; 8] {
    (int.cast_unsigned() ^ (1 << 63)).to_be_bytes()
}

/// From here on doubles are sparser than ints: 2^53.
const SPARSE: f64 = 9_007_199_254_740_992.0;

/// An int is the nearest double and the distance from there. Rounding is monotonic, so the doubles decide
/// unless they are equal, and then the distances do.
fn write_int(int: i64, out: &mut Vec<u8>) {
    #[expect(
        clippy::cast_precision_loss,
        reason = "what the rounding loses is the distance below"
    )]
    let nearest = int as f64;
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a double of at most 2^63 fits an i128, and rounding is off by 512 at most"
    )]
    let distance = (i128::from(int) - nearest as i128) as i16;
    write_double(nearest, distance, out);
}

fn write_double(double: f64, distance: i16, out: &mut Vec<u8>) {
    let bits = if double.is_nan() {
        0
    } else {
        // Adding zero turns -0.0 into 0.0.
        let bits = (double + 0.0).to_bits();
        let negative = bits >> 63 == 1;
        if negative { !bits } else { bits | 1 << 63 }
    };
    out.extend_from_slice(&bits.to_be_bytes());
    if double.abs() >= SPARSE {
        out.extend_from_slice(&(distance.cast_unsigned() ^ (1 << 15)).to_be_bytes());
    }
}
