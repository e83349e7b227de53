//! YAML text → nodes that know their lines, so that whatever is wrong with a file is told with its place.
//!
//! YAML 1.2 with the types of its core schema. Tags, keys that are no scalars and several documents in one file are
//! refused. Aliases are written out, and what that makes of a small file is bounded.

use std::borrow::Cow;
use std::collections::HashMap;

use saphyr_parser::{Event, Parser, ScalarStyle, Span};
use serde_json::{Number, Value as Json};

use super::Problem;

/// The longest text, in bytes.
const MAX_BYTES: usize = 4 << 20;
/// How many nodes a text has, with all aliases written out.
const MAX_NODES: usize = 200_000;
/// How deep nodes lie in each other.
const MAX_DEPTH: usize = 64;

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Node {
    /// Where it begins, counted from 1.
    pub(super) line: usize,
    pub(super) kind: Kind,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Kind {
    Null,
    Bool(bool),
    Number(Number),
    Text(String),
    List(Vec<Node>),
    /// In the order of the text, each key once.
    Map(Vec<(Key, Node)>),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Key {
    pub(super) line: usize,
    pub(super) name: String,
}

impl Node {
    /// `a text`, for messages.
    pub(super) fn what(&self) -> &'static str {
        match self.kind {
            Kind::Null => "nothing",
            Kind::Bool(_) => "a truth value",
            Kind::Number(_) => "a number",
            Kind::Text(_) => "a text",
            Kind::List(_) => "a list",
            Kind::Map(_) => "a mapping",
        }
    }

    pub(super) fn to_json(&self) -> Json {
        match &self.kind {
            Kind::Null => Json::Null,
            Kind::Bool(truth) => Json::Bool(*truth),
            Kind::Number(number) => Json::Number(number.clone()),
            Kind::Text(text) => Json::String(text.clone()),
            Kind::List(items) => items.iter().map(Node::to_json).collect(),
            Kind::Map(members) => {
                let member = |(key, value): &(Key, Node)| (key.name.clone(), value.to_json());
                Json::Object(members.iter().map(member).collect())
            }
        }
    }
}

/// Reads the one document of a text; `Null` of an empty one.
pub(super) fn read(text: &str) -> Result<Node, Problem> {
    if text.len() > MAX_BYTES {
        let message = format!("the file is larger than {MAX_BYTES} bytes: make several of it");
        return Err(Problem::new(1, message));
    }
    let mut builder = Builder::default();
    for event in Parser::new_from_str(text) {
        let (event, span) = event.map_err(|error| {
            let message = format!("this is no YAML: {}", error.info());
            Problem::new(error.marker().line(), message)
        })?;
        builder.take(event, span)?;
    }
    Ok(builder.root.unwrap_or(Node {
        line: 1,
        kind: Kind::Null,
    }))
}

/// A node that is complete, and how much it is with its aliases written out.
#[derive(Clone)]
struct Built {
    node: Node,
    nodes: usize,
    depth: usize,
}

/// A list or mapping that has not ended yet.
struct Open {
    line: usize,
    anchor: usize,
    content: Content,
    nodes: usize,
    /// Of the deepest that lies in it.
    depth: usize,
}

enum Content {
    List(Vec<Node>),
    Map {
        members: Vec<(Key, Node)>,
        key: Option<Key>,
    },
}

#[derive(Default)]
struct Builder {
    open: Vec<Open>,
    anchors: HashMap<usize, Built>,
    nodes: usize,
    root: Option<Node>,
}

impl Builder {
    fn take(&mut self, event: Event<'_>, span: Span) -> Result<(), Problem> {
        let line = span.start.line();
        match event {
            Event::Nothing
            | Event::StreamStart
            | Event::StreamEnd
            | Event::DocumentStart(_)
            | Event::DocumentEnd => Ok(()),
            Event::Scalar(text, style, anchor, tag) => {
                refuse_tag(line, tag.is_some())?;
                let kind = scalar(text, style);
                self.complete(leaf(line, kind), anchor)
            }
            Event::SequenceStart(anchor, tag) => {
                refuse_tag(line, tag.is_some())?;
                self.begin(line, anchor, Content::List(Vec::new()))
            }
            Event::MappingStart(anchor, tag) => {
                refuse_tag(line, tag.is_some())?;
                let (members, key) = (Vec::new(), None);
                self.begin(line, anchor, Content::Map { members, key })
            }
            Event::SequenceEnd | Event::MappingEnd => self.end(),
            Event::Alias(anchor) => {
                let known = self.anchors.get(&anchor).cloned();
                let built = known.ok_or_else(|| {
                    Problem::new(line, "an alias cannot name what it lies in: write it out")
                })?;
                self.complete(built, 0)
            }
        }
    }

    fn begin(&mut self, line: usize, anchor: usize, content: Content) -> Result<(), Problem> {
        if let Some(Open {
            content: Content::Map { key: None, .. },
            ..
        }) = self.open.last()
        {
            return Err(Problem::new(line, "a key is a text: write it in quotes"));
        }
        self.open.push(Open {
            line,
            anchor,
            content,
            nodes: 1,
            depth: 0,
        });
        Ok(())
    }

    fn end(&mut self) -> Result<(), Problem> {
        let open = self.open.pop().expect("the parser ends what it began");
        let kind = match open.content {
            Content::List(items) => Kind::List(items),
            Content::Map { members, .. } => Kind::Map(members),
        };
        let node = Node {
            line: open.line,
            kind,
        };
        let built = Built {
            node,
            nodes: open.nodes,
            depth: open.depth + 1,
        };
        self.complete(built, open.anchor)
    }

    /// Puts a node where it belongs.
    fn complete(&mut self, built: Built, anchor: usize) -> Result<(), Problem> {
        let line = built.node.line;
        self.nodes += built.nodes;
        if self.nodes > MAX_NODES {
            let message =
                format!("with all aliases written out there are more than {MAX_NODES} values");
            return Err(Problem::new(line, message));
        }
        if self.open.len() + built.depth > MAX_DEPTH {
            let message = format!("values lie in each other deeper than {MAX_DEPTH}");
            return Err(Problem::new(line, message));
        }
        if anchor != 0 {
            // What an anchor holds is paid for as well, or anchors in anchors would add up unseen.
            self.nodes += built.nodes;
            self.anchors.insert(anchor, built.clone());
        }
        let Some(open) = self.open.last_mut() else {
            if self.root.replace(built.node).is_some() {
                let message = "there are several documents in this file: make several files of it";
                return Err(Problem::new(line, message));
            }
            return Ok(());
        };
        open.nodes += built.nodes;
        open.depth = open.depth.max(built.depth);
        open.content.put(built.node)
    }
}

impl Content {
    fn put(&mut self, node: Node) -> Result<(), Problem> {
        match self {
            Content::List(items) => items.push(node),
            Content::Map { members, key } => match key.take() {
                Some(key) => members.push((key, node)),
                None => {
                    let new = to_key(node)?;
                    if members.iter().any(|(known, _)| known.name == new.name) {
                        let message = format!("`{}` is written twice: leave one out", new.name);
                        return Err(Problem::new(new.line, message));
                    }
                    *key = Some(new);
                }
            },
        }
        Ok(())
    }
}

/// A long text counts as several: an alias of it is a copy.
fn leaf(line: usize, kind: Kind) -> Built {
    let length = match &kind {
        Kind::Text(text) => text.len(),
        _ => 0,
    };
    Built {
        node: Node { line, kind },
        nodes: 1 + length / 1024,
        depth: 1,
    }
}

fn to_key(node: Node) -> Result<Key, Problem> {
    let line = node.line;
    let name = match node.kind {
        Kind::Text(text) => text,
        // The callers' table has a row for `none` and may have one for what YAML takes for null.
        Kind::Null => "null".to_owned(),
        Kind::Bool(truth) => truth.to_string(),
        Kind::Number(number) => number.to_string(),
        Kind::List(_) | Kind::Map(_) => {
            return Err(Problem::new(line, "a key is a text: write it in quotes"));
        }
    };
    Ok(Key { line, name })
}

fn refuse_tag(line: usize, is_there: bool) -> Result<(), Problem> {
    if is_there {
        let message =
            "tags (`!…`) are not read: write a text in quotes and a date as `{$date: \"…\"}`";
        return Err(Problem::new(line, message));
    }
    Ok(())
}

/// What a scalar is by the core schema; quotes and blocks are always texts.
fn scalar(text: Cow<'_, str>, style: ScalarStyle) -> Kind {
    if style != ScalarStyle::Plain {
        return Kind::Text(text.into_owned());
    }
    match text.as_ref() {
        "" | "~" | "null" | "Null" | "NULL" => Kind::Null,
        "true" | "True" | "TRUE" => Kind::Bool(true),
        "false" | "False" | "FALSE" => Kind::Bool(false),
        plain => match number(plain) {
            Some(number) => Kind::Number(number),
            None => Kind::Text(text.into_owned()),
        },
    }
}

fn number(plain: &str) -> Option<Number> {
    let unsigned = plain.trim_start_matches(['-', '+']);
    let numeric = |c: char| c.is_ascii_digit() || matches!(c, '.' | 'e' | 'E' | '-' | '+');
    let begins = unsigned.starts_with(|c: char| c.is_ascii_digit() || c == '.');
    if plain.len() - unsigned.len() > 1 || !begins || !unsigned.chars().all(numeric) {
        return None;
    }
    let plain = plain.strip_prefix('+').unwrap_or(plain);
    match plain.parse::<i64>() {
        Ok(whole) => Some(whole.into()),
        Err(_) => plain.parse::<f64>().ok().and_then(Number::from_f64),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, proptest};
    use serde_json::json;

    use super::*;

    #[test]
    fn texts_are_values() {
        for (text, expected) in [
            ("", json!(null)),
            (
                "a: 1\nb: [x, '1', -2.5, 1e3, true, ~, 0.0]",
                json!({"a": 1, "b": ["x", "1", -2.5, 1000.0, true, null, 0.0]}),
            ),
            ("a: &x {b: 1}\nc: *x", json!({"a": {"b": 1}, "c": {"b": 1}})),
            ("op: |\n  { a }\n  # b\n", json!({"op": "{ a }\n# b\n"})),
            (
                "a: o1\nb: 1.2.3\nc: 2026-01-01\nd: .inf\ne: 1-2\nf: --1\n",
                json!({"a": "o1", "b": "1.2.3", "c": "2026-01-01", "d": ".inf", "e": "1-2", "f": "--1"}),
            ),
            (
                "yes: no\n1: a\n~: b",
                json!({"yes": "no", "1": "a", "null": "b"}),
            ),
            ("a: 99999999999999999999", json!({"a": 1e20})),
        ] {
            assert_eq!(read(text).expect(text).to_json(), expected, "{text}");
        }
    }

    #[test]
    fn lines_are_told() {
        let node = read("a:\n  - b\n  - c: d\n").expect("YAML");
        let Kind::Map(members) = &node.kind else {
            panic!("{node:?}")
        };
        let Kind::List(items) = &members[0].1.kind else {
            panic!("{node:?}")
        };
        assert_eq!((items[0].line, items[1].line), (2, 3));
    }

    #[test]
    fn what_is_not_read_is_told_with_its_line() {
        let deep = format!("a: {}{}", "[".repeat(70), "]".repeat(70));
        let bomb = (1..12).fold(
            "a0: &a0 [x, x, x, x, x, x, x, x]\n".to_owned(),
            |text, n| {
                let before = n - 1;
                text + &format!(
                    "a{n}: &a{n} [{}]\n",
                    vec![format!("*a{before}"); 8].join(", ")
                )
            },
        );
        for (text, line, part) in [
            ("a: 1\nb: [", 3, "no YAML"),
            ("a: 1\na: 2", 2, "written twice"),
            ("? [a]\n: b", 1, "in quotes"),
            ("a: !!str 1", 1, "tags"),
            ("a: 1\n---\nb: 2", 3, "several documents"),
            ("a: &x [*x]", 1, "alias"),
            (deep.as_str(), 1, "deeper"),
            (bomb.as_str(), 5, "aliases written out"),
        ] {
            let problem = read(text).expect_err(text);
            assert!(problem.message.contains(part), "{text}: {problem:?}");
            assert_eq!(problem.line, line, "{text}: {problem:?}");
        }
    }

    proptest! {
        #[test]
        fn no_text_is_too_much(text in any::<String>(), dressed in "[-a:&*!?|>\\[\\]{}, \n'\"0-9~]{0,60}") {
            let _ = read(&text);
            let _ = read(&dressed);
        }
    }
}
