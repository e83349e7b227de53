//! What is expected: one word for the usual, a mapping for everything.

use super::members::{Members, text};
use crate::testing::Problem;
use crate::testing::case::{Expect, ExpectedError, Stored};
use crate::testing::pattern::Pattern;
use crate::testing::yaml::{Key, Kind, Node};

const ANSWER: [&str; 4] = ["data", "contains", "errors", "denied"];

/// `allow`, `null`, an error's code, a list of ids, or `{data, contains, errors, denied}`.
pub(super) fn outcome(node: &Node, problems: &mut Vec<Problem>) -> Option<Expect> {
    match &node.kind {
        Kind::Null => Some(Expect::Null),
        Kind::Text(word) if word == "allow" => Some(Expect::Allow),
        Kind::Text(word) if is_code(word) => Some(Expect::Refused(word.clone())),
        Kind::List(items) => {
            let mut ids = Vec::with_capacity(items.len());
            for item in items {
                ids.push(text(item, "an id", problems)?.to_owned());
            }
            Some(Expect::Ids(ids))
        }
        Kind::Map(_) => answer(node, problems),
        Kind::Text(_) | Kind::Bool(_) | Kind::Number(_) => {
            let message = "what comes of it is `allow`, `null`, a code such as `FORBIDDEN`, ids such as `[o1, o2]`, \
                           or a mapping of `data`, `contains`, `errors` and `denied`";
            problems.push(Problem::new(node.line, message));
            None
        }
    }
}

/// `FORBIDDEN`: as codes are written.
fn is_code(word: &str) -> bool {
    word.starts_with(|c: char| c.is_ascii_uppercase())
        && word
            .chars()
            .all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
}

fn answer(node: &Node, problems: &mut Vec<Problem>) -> Option<Expect> {
    let members = Members::of(node, "an expected answer", &ANSWER, problems)?;
    if !ANSWER.iter().any(|name| members.has(name)) {
        problems.push(Problem::new(
            node.line,
            "this expects nothing: write `data: …` or `errors: …`",
        ));
    }
    if members.has("data") && members.has("contains") {
        let message = "`data` is all of the data and `contains` a part of it: leave one out";
        problems.push(Problem::new(members.line_of("contains"), message));
    }
    let whole = members.get("data").map(|node| (node, false));
    let data = whole.or_else(|| members.get("contains").map(|node| (node, true)));
    let data = data.and_then(|(node, open)| pattern(node, open, problems));
    let errors = members
        .get("errors")
        .map_or_else(Vec::new, |node| errors(node, problems));
    let denied = members
        .get("denied")
        .and_then(|node| denied(node, problems));
    Some(Expect::Answer {
        data,
        errors,
        denied,
    })
}

fn pattern(node: &Node, open: bool, problems: &mut Vec<Problem>) -> Option<Pattern> {
    Pattern::read(node, open)
        .map_err(|problem| problems.push(problem))
        .ok()
}

/// Codes, or `{code, path, message}`; one alone may be written without brackets.
fn errors(node: &Node, problems: &mut Vec<Problem>) -> Vec<ExpectedError> {
    let one = std::slice::from_ref(node);
    let items = match &node.kind {
        Kind::List(items) => items.as_slice(),
        _ => one,
    };
    items
        .iter()
        .filter_map(|item| error(item, problems))
        .collect()
}

fn error(node: &Node, problems: &mut Vec<Problem>) -> Option<ExpectedError> {
    if let Kind::Text(code) = &node.kind {
        return Some(ExpectedError {
            code: code.clone(),
            path: None,
            message: None,
        });
    }
    let members = Members::of(node, "an error", &["code", "path", "message"], problems)?;
    let Some(code) = members.text("code", problems) else {
        problems.push(Problem::new(
            node.line,
            "say which error: `code: FORBIDDEN`",
        ));
        return None;
    };
    Some(ExpectedError {
        code: code.to_owned(),
        path: members.text("path", problems).map(str::to_owned),
        message: members.text("message", problems).map(str::to_owned),
    })
}

/// `[Item.cost]`, or with numbers of documents `{Item.cost: 2}`.
fn denied(node: &Node, problems: &mut Vec<Problem>) -> Option<Vec<(String, Option<u64>)>> {
    match &node.kind {
        Kind::List(items) => {
            let mut field = |item| Some((text(item, "a field", problems)?.to_owned(), None));
            items.iter().map(&mut field).collect()
        }
        Kind::Map(members) => {
            let counted = |(key, value): &(Key, Node)| match value.to_json().as_u64() {
                Some(count) => Ok((key.name.clone(), Some(count))),
                None => Err(Problem::new(
                    key.line,
                    "of how many documents? write `Item.cost: 2`",
                )),
            };
            let all: Result<_, _> = members.iter().map(counted).collect();
            all.map_err(|problem| problems.push(problem)).ok()
        }
        _ => {
            let message = "`denied` is a list of fields, `[Item.cost]`, or says of how many documents: `{Item.cost: 2}`";
            problems.push(Problem::new(node.line, message));
            None
        }
    }
}

/// `{users: {u1: {nickname: Al}, u2: null}}`: documents as they must stand; null is none.
pub(super) fn stored(members: &Members<'_>, problems: &mut Vec<Problem>) -> Vec<Stored> {
    let Some(node) = members.get("stored") else {
        return Vec::new();
    };
    let Kind::Map(collections) = &node.kind else {
        let message =
            "`stored` has documents by collection and id: `users: {u1: {status: ACTIVE}}`";
        problems.push(Problem::new(node.line, message));
        return Vec::new();
    };
    let mut all = Vec::new();
    for (collection, documents) in collections {
        let Kind::Map(documents) = &documents.kind else {
            let message = format!(
                "`{}` has documents by id: `u1: {{status: ACTIVE}}`",
                collection.name
            );
            problems.push(Problem::new(collection.line, message));
            continue;
        };
        for (id, fields) in documents {
            let is_there = fields.kind != Kind::Null;
            all.push(Stored {
                line: collection.line,
                collection: collection.name.clone(),
                id: id.name.clone(),
                fields: if is_there {
                    pattern(fields, true, problems)
                } else {
                    None
                },
            });
        }
    }
    all
}
