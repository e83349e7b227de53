//! Texts that are no GraphQL type definitions at all, explained.

use async_graphql_parser::{Error, Pos};

use super::diagnostic::{Diagnostic, Severity};
use super::source::Source;

pub(super) fn refused(at: Pos, message: String) -> Diagnostic {
    Diagnostic {
        severity: Severity::Error,
        line: at.line,
        column: at.column,
        message,
        hint: None,
    }
}

pub(super) fn empty() -> Diagnostic {
    let mut diagnostic = refused(Pos { line: 1, column: 1 }, "the model is empty".to_owned());
    diagnostic.hint("write a type with `@collection(name: \"…\")` and `id: ID!`");
    diagnostic
}

/// The parser's error in our words.
pub(super) fn explain(error: &Error, source: &Source<'_>) -> Diagnostic {
    let (at, message) = match error {
        Error::Syntax { message, start, .. } => (*start, expectation(message)),
        Error::MissingQueryRoot { pos } | Error::MultipleRoots { pos, .. } => return roots(*pos),
        other => (Pos { line: 1, column: 1 }, other.to_string()),
    };
    let mut diagnostic = refused(at, format!("syntax error: {message}"));
    if source.starts_with(at, "\"") {
        diagnostic.hint("the text that begins here has no end; `\"` ends it in its line, `\"\"\"` may span several");
    } else if source.starts_with(at, "[") {
        diagnostic.hint("types are written without blanks: `[String!]!`");
    }
    diagnostic
}

fn roots(at: Pos) -> Diagnostic {
    let message = "a model file does not define the schema's root types";
    let mut diagnostic = refused(at, message.to_owned());
    diagnostic.hint("they are generated; roles are declared with `extend schema @role(name: …)`");
    diagnostic
}

/// The last line of the parser's drawing, ` = expected name or string`, with the grammar's names in words.
fn expectation(drawing: &str) -> String {
    let mut lines = drawing.lines().rev();
    let reason = lines.find_map(|line| line.trim_start().strip_prefix("= "));
    let Some(expected) = reason.and_then(|reason| reason.strip_prefix("expected ")) else {
        // What the parser says of numbers ends with a place of its own.
        let reason = reason.unwrap_or(drawing);
        return reason
            .split(" at line ")
            .next()
            .unwrap_or(reason)
            .to_owned();
    };
    let words = expected.replace(", or ", ", ").replace(" or ", ", ");
    let mut alternatives: Vec<&str> = Vec::new();
    for name in words.split(", ") {
        let word = in_words(name);
        if !alternatives.contains(&word) {
            alternatives.push(word);
        }
    }
    format!("expected {}", alternatives.join(" or "))
}

fn in_words(rule: &str) -> &str {
    match rule {
        "EOI" => "the end of the file",
        "service_document" | "type_system_definition" | "type_definition" => {
            "a definition (`type`, `enum` or `extend schema`)"
        }
        "name" => "a name",
        "string" | "string_content" | "block_string_content" => "a text in quotes",
        "type_" => "a type of a field",
        "const_value" | "value" => "a value",
        "const_argument" => "an argument, such as `name: \"…\"`",
        "const_arguments" => "arguments in `(` and `)`",
        "const_directive" | "const_directives" => "a directive, such as `@index`",
        "field_definition" => "a field, such as `title: String!`",
        "fields_definition" => "fields in `{` and `}`",
        // The grammar's next step after the name of a field, where `:` has no name to be expected by.
        "arguments_definition" => "`:` and a type",
        "input_value_definition" => "an argument",
        "enum_value" | "enum_value_definition" => "a value of the enum",
        "enum_values" => "values in `{` and `}`",
        "implements_interfaces" => "`implements`",
        "operation_type_definition" | "operation_type" => "`query`, `mutation` or `subscription`",
        "const_object_field" => "a member, such as `name: \"…\"`",
        "unicode_scalar_value_hex" => "four hexadecimal digits",
        other => other,
    }
}
