//! Documents → stored text.

use std::io::Write;

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;

use super::super::write::{double, into_text, string};
use super::{Object, Value};

pub(super) fn object(object: &Object) -> String {
    let mut out = Vec::with_capacity(1024);
    write_object(&mut out, object);
    into_text(out)
}

pub(super) fn value(value: &Value) -> String {
    let mut out = Vec::with_capacity(64);
    write_value(&mut out, value);
    into_text(out)
}

fn write_value(out: &mut Vec<u8>, value: &Value) {
    match value {
        Value::Null => out.extend_from_slice(b"null"),
        Value::Bool(true) => out.extend_from_slice(b"true"),
        Value::Bool(false) => out.extend_from_slice(b"false"),
        Value::Int(int) => write_int(out, *int),
        Value::Double(number) => write_double(out, *number),
        Value::String(text) => string(out, text),
        Value::Date(ms) => {
            out.extend_from_slice(br#"{"$d":"#);
            write_int(out, *ms);
            out.push(b'}');
        }
        Value::Array(items) => write_array(out, items),
        Value::Object(object) => write_object(out, object),
        Value::ObjectId(id) => print(out, format_args!(r#"{{"$o":"{id}"}}"#)),
        Value::Binary(binary) => {
            let base64 = STANDARD_NO_PAD.encode(&binary.bytes);
            print(
                out,
                format_args!(r#"{{"$b":"{:02x}{base64}"}}"#, binary.subtype),
            );
        }
    }
}

fn write_int(out: &mut Vec<u8>, int: i64) {
    out.extend_from_slice(itoa::Buffer::new().format(int).as_bytes());
}

fn write_double(out: &mut Vec<u8>, number: f64) {
    if number.is_finite() {
        double(out, number);
    } else {
        print(out, format_args!(r#"{{"$n":"{number}"}}"#));
    }
}

fn write_array(out: &mut Vec<u8>, items: &[Value]) {
    out.push(b'[');
    for (at, item) in items.iter().enumerate() {
        if at > 0 {
            out.push(b',');
        }
        write_value(out, item);
    }
    out.push(b']');
}

fn write_object(out: &mut Vec<u8>, object: &Object) {
    out.push(b'{');
    for (at, (name, value)) in object.iter().enumerate() {
        if at > 0 {
            out.push(b',');
            string(out, name);
        } else if name.starts_with('$') {
            string(out, &format!("${name}"));
        } else {
            string(out, name);
        }
        out.push(b':');
        write_value(out, value);
    }
    out.push(b'}');
}

fn print(out: &mut Vec<u8>, text: std::fmt::Arguments<'_>) {
    out.write_fmt(text)
        .expect("writing to memory does not fail");
}
