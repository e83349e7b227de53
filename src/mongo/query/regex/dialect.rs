//! From the syntax of PCRE to that of the engine.

/// The pattern as the engine reads it.
pub(super) fn translated(pattern: &str, _multi_line: bool, _extended: bool) -> String {
    pattern.to_owned()
}
