//! `[ Int ! ]` → `[Int!]`: the parser takes the types of variables only
//! without anything between their tokens, the specification does not mind.

use super::lexer::{Kind, Lexer};

/// The same document with types closed up. What stood inside a type stands after it, so that everything that
/// follows keeps its place. A text that is not all tokens is returned as far as it is.
pub(super) fn close_up(text: &str) -> String {
    let mut closed = String::with_capacity(text.len());
    let mut moved = String::new();
    let mut end = 0;
    let mut after_bracket = false;
    let mut depth = 0_usize;
    let mut in_variables = false;
    for token in Lexer::new(text).map_while(Result::ok) {
        let gap = &text[end..token.at];
        let closing = matches!(token.kind, Kind::Punctuator('!' | ']'));
        if in_variables && (after_bracket || closing) {
            moved.push_str(gap);
        } else {
            closed.push_str(&moved);
            closed.push_str(gap);
            moved.clear();
        }
        closed.push_str(&text[token.at..token.end]);
        end = token.end;
        after_bracket = token.kind == Kind::Punctuator('[');
        match token.kind {
            Kind::Punctuator(open @ ('(' | '[' | '{')) => {
                in_variables |= depth == 0 && open == '(';
                depth += 1;
            }
            Kind::Punctuator(')' | ']' | '}') => {
                depth = depth.saturating_sub(1);
                in_variables &= depth > 0;
            }
            _ => {}
        }
    }
    closed.push_str(&moved);
    closed.push_str(&text[end..]);
    closed
}

#[cfg(test)]
mod tests {
    use super::close_up;

    #[test]
    fn only_types_are_closed_up() {
        for (written, expected) in [
            ("{ a(b: [ 1 ]) }", "{ a(b: [ 1 ]) }"),
            ("query($a: Int!) { a }", "query($a: Int!) { a }"),
            (
                "query($a: [ Int ! ] ! = 3) { a }",
                "query($a: [Int!]!     = 3) { a }",
            ),
            (
                "query Q($a: [#x\nInt], $b: ID !) { a }",
                "query Q($a: [Int]#x\n, $b: ID! ) { a }",
            ),
            ("query Q($a: \"[ ! ]\" ?", "query Q($a: \"[ ! ]\" ?"),
        ] {
            assert_eq!(close_up(written), expected);
        }
    }
}
