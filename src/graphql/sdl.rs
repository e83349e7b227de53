//! [`Api`] → SDL, as graphql-js prints schemas: roots first, then the types of
//! each collection together. Directives that every client knows are not defined again.

use std::fmt::{self, Write};

use super::api::{Api, EnumDef, FieldDef, InputDef, InputValueDef, ObjectDef, ScalarDef, TypeDef};

/// The whole API as SDL text, ending in a line feed. Equal APIs give equal text.
pub fn print(api: &Api) -> String {
    let mut text = String::new();
    for def in api.types.values() {
        let printed = match def {
            TypeDef::Scalar(def) if def.built_in => continue,
            TypeDef::Scalar(def) => scalar(&mut text, def),
            TypeDef::Enum(def) => enumeration(&mut text, def),
            TypeDef::Object(def) => object(&mut text, def),
            TypeDef::Input(def) => input(&mut text, def),
        };
        printed.expect("writing to a string never fails");
        text.push('\n');
    }
    text.truncate(text.trim_end().len());
    text.push('\n');
    text
}

fn scalar(out: &mut String, def: &ScalarDef) -> fmt::Result {
    description(out, "", Some(def.description))?;
    write!(out, "scalar {}", def.name)?;
    if let Some(url) = def.specified_by {
        write!(out, " @specifiedBy(url: {})", quoted(url))?;
    }
    out.write_char('\n')
}

fn enumeration(out: &mut String, def: &EnumDef) -> fmt::Result {
    description(out, "", def.description.as_deref())?;
    writeln!(out, "enum {} {{", def.name)?;
    for value in &def.values {
        description(out, "  ", value.description.as_deref())?;
        write!(out, "  {}", value.name)?;
        deprecated(out, value.deprecation.as_deref())?;
        out.write_char('\n')?;
    }
    out.write_str("}\n")
}

fn object(out: &mut String, def: &ObjectDef) -> fmt::Result {
    description(out, "", def.description.as_deref())?;
    writeln!(out, "type {} {{", def.name)?;
    for def in def.fields.values() {
        field(out, def)?;
    }
    out.write_str("}\n")
}

fn field(out: &mut String, def: &FieldDef) -> fmt::Result {
    description(out, "  ", def.description.as_deref())?;
    write!(out, "  {}", def.name)?;
    if !def.args.is_empty() {
        arguments(out, def)?;
    }
    write!(out, ": {}", def.ty)?;
    deprecated(out, def.deprecation.as_deref())?;
    out.write_char('\n')
}

/// On one line, unless some of them are described.
fn arguments(out: &mut String, def: &FieldDef) -> fmt::Result {
    if def.args.values().any(|arg| arg.description.is_some()) {
        out.write_str("(\n")?;
        for arg in def.args.values() {
            description(out, "    ", arg.description.as_deref())?;
            out.write_str("    ")?;
            value(out, arg)?;
            out.write_char('\n')?;
        }
        return out.write_str("  )");
    }
    out.write_char('(')?;
    for (at, arg) in def.args.values().enumerate() {
        if at > 0 {
            out.write_str(", ")?;
        }
        value(out, arg)?;
    }
    out.write_char(')')
}

fn input(out: &mut String, def: &InputDef) -> fmt::Result {
    description(out, "", def.description.as_deref())?;
    let one_of = if def.one_of { " @oneOf" } else { "" };
    writeln!(out, "input {}{one_of} {{", def.name)?;
    for member in def.fields.values() {
        description(out, "  ", member.description.as_deref())?;
        out.write_str("  ")?;
        value(out, member)?;
        out.write_char('\n')?;
    }
    out.write_str("}\n")
}

fn value(out: &mut String, def: &InputValueDef) -> fmt::Result {
    write!(out, "{}: {}", def.name, def.ty)?;
    match &def.default {
        Some(default) => write!(out, " = {default}"),
        None => Ok(()),
    }
}

fn deprecated(out: &mut String, reason: Option<&str>) -> fmt::Result {
    match reason {
        Some(reason) => write!(out, " @deprecated(reason: {})", quoted(reason)),
        None => Ok(()),
    }
}

/// One line where it fits on one, a block otherwise.
fn description(out: &mut String, indent: &str, text: Option<&str>) -> fmt::Result {
    let Some(text) = text.filter(|text| !text.is_empty()) else {
        return Ok(());
    };
    if !text.contains('\n') {
        return writeln!(out, "{indent}{}", quoted(text));
    }
    writeln!(out, "{indent}\"\"\"")?;
    for line in text.replace("\"\"\"", "\\\"\"\"").lines() {
        if line.is_empty() {
            out.write_char('\n')?;
        } else {
            writeln!(out, "{indent}{line}")?;
        }
    }
    writeln!(out, "{indent}\"\"\"")
}

/// A GraphQL string; JSON escapes a superset of what it has to.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
