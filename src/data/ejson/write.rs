//! Values → EJSON text.

use std::io::Write;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::ser::{CompactFormatter, Formatter};

use super::{Mode, Object, Value};
use crate::data::timestamp;

pub(super) fn value(value: &Value, mode: Mode) -> String {
    let mut writer = Writer {
        out: Vec::with_capacity(64),
        mode,
    };
    writer.value(value);
    into_text(writer.out)
}

pub(super) fn object(object: &Object, mode: Mode) -> String {
    let mut writer = Writer {
        out: Vec::with_capacity(1024),
        mode,
    };
    writer.object(object);
    into_text(writer.out)
}

pub(super) fn into_text(json: Vec<u8>) -> String {
    String::from_utf8(json).expect("JSON is written from texts and ASCII only")
}

struct Writer {
    out: Vec<u8>,
    mode: Mode,
}

impl Writer {
    fn value(&mut self, value: &Value) {
        match value {
            Value::Null => self.raw("null"),
            Value::Bool(true) => self.raw("true"),
            Value::Bool(false) => self.raw("false"),
            Value::Int(int) => self.int(*int),
            Value::Double(number) => self.double(*number),
            Value::String(text) => string(&mut self.out, text),
            Value::Date(ms) => self.date(*ms),
            Value::Array(items) => self.array(items),
            Value::Object(object) => self.object(object),
            Value::ObjectId(id) => self.print(format_args!(r#"{{"$oid":"{id}"}}"#)),
            Value::Binary(binary) => self.print(format_args!(
                r#"{{"$binary":{{"base64":"{}","subType":"{:02x}"}}}}"#,
                STANDARD.encode(&binary.bytes),
                binary.subtype
            )),
        }
    }

    fn int(&mut self, int: i64) {
        match self.mode {
            Mode::Relaxed => self.print(format_args!("{int}")),
            Mode::Canonical if i32::try_from(int).is_ok() => {
                self.print(format_args!(r#"{{"$numberInt":"{int}"}}"#));
            }
            Mode::Canonical => self.print(format_args!(r#"{{"$numberLong":"{int}"}}"#)),
        }
    }

    fn double(&mut self, number: f64) {
        if self.mode == Mode::Relaxed && number.is_finite() {
            return double(&mut self.out, number);
        }
        self.raw(r#"{"$numberDouble":""#);
        match number {
            f64::INFINITY => self.raw("Infinity"),
            f64::NEG_INFINITY => self.raw("-Infinity"),
            _ if number.is_nan() => self.raw("NaN"),
            _ => double(&mut self.out, number),
        }
        self.raw(r#""}"#);
    }

    fn date(&mut self, ms: i64) {
        let text = (self.mode == Mode::Relaxed && ms >= 0)
            .then(|| timestamp::format(ms))
            .flatten();
        match text {
            Some(text) => self.print(format_args!(r#"{{"$date":"{text}"}}"#)),
            None => self.print(format_args!(r#"{{"$date":{{"$numberLong":"{ms}"}}}}"#)),
        }
    }

    fn array(&mut self, items: &[Value]) {
        self.raw("[");
        for (at, item) in items.iter().enumerate() {
            if at > 0 {
                self.raw(",");
            }
            self.value(item);
        }
        self.raw("]");
    }

    fn object(&mut self, object: &Object) {
        self.raw("{");
        for (at, (name, value)) in object.iter().enumerate() {
            if at > 0 {
                self.raw(",");
            }
            string(&mut self.out, name);
            self.raw(":");
            self.value(value);
        }
        self.raw("}");
    }

    fn raw(&mut self, text: &str) {
        self.out.extend_from_slice(text.as_bytes());
    }

    fn print(&mut self, text: std::fmt::Arguments<'_>) {
        self.out.write_fmt(text).expect(TO_MEMORY);
    }
}

const TO_MEMORY: &str = "writing to memory does not fail";

/// A JSON string, quoted and escaped.
pub(super) fn string(out: &mut Vec<u8>, text: &str) {
    serde_json::to_writer(out, text).expect(TO_MEMORY);
}

/// The shortest text of a finite double that reads back as the same, always with a point or an exponent.
pub(super) fn double(out: &mut Vec<u8>, number: f64) {
    CompactFormatter.write_f64(out, number).expect(TO_MEMORY);
}
