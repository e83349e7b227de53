//! Nodes → a [`File`]. All problems of a file are found, not the first alone.

mod case;
mod expect;
mod members;

use std::fmt::Display;

use self::members::{Members, text, texts};
use super::Problem;
use super::case::{File, Include, Named, Seeded, Setting, Who};
use super::yaml::{self, Kind, Node};
use crate::data::{Document, ejson, timestamp};

const FILE: [&str; 5] = ["with", "now", "callers", "seed", "cases"];

/// Reads one file.
///
/// # Errors
///
/// Every problem found.
pub fn parse(source: &str) -> Result<File, Vec<Problem>> {
    let root = yaml::read(source).map_err(|problem| vec![problem])?;
    let mut problems = Vec::new();
    let file = file(&root, &mut problems);
    if problems.is_empty() {
        Ok(file)
    } else {
        problems.sort_by_key(|problem| problem.line);
        Err(problems)
    }
}

fn file(root: &Node, problems: &mut Vec<Problem>) -> File {
    let Some(members) = Members::of(root, "a file", &FILE, problems) else {
        return File::default();
    };
    let with = members.get("with");
    let with = with.map_or_else(Vec::new, |node| texts(node, "with", problems));
    let cases = members.get("cases");
    File {
        with: with
            .into_iter()
            .map(|(line, path)| Include { line, path })
            .collect(),
        setting: Setting {
            now: now(&members, problems),
            callers: members
                .get("callers")
                .map_or_else(Vec::new, |node| callers(node, problems)),
            seed: seed(&members, problems),
        },
        cases: cases.map_or_else(Vec::new, |node| case::cases(node, problems)),
    }
}

fn now(members: &Members<'_>, problems: &mut Vec<Problem>) -> Option<i64> {
    let node = members.get("now")?;
    let written = text(node, "now", problems)?;
    let moment = timestamp::parse(written);
    moment
        .map_err(|error| problems.push(told(node, &error)))
        .ok()
}

/// Names with who they are: `alice: openid:alice`, `support: {is: openid:sam, roles: [support]}`.
fn callers(node: &Node, problems: &mut Vec<Problem>) -> Vec<Named> {
    let Kind::Map(members) = &node.kind else {
        let message = "`callers` names who asks: `alice: openid:alice`, or `sam: {is: openid:sam, roles: [support]}`";
        problems.push(Problem::new(node.line, message));
        return Vec::new();
    };
    let mut callers = Vec::with_capacity(members.len());
    for (key, value) in members {
        if key.name == "none" || key.name.contains([':', ',']) {
            let message = "a caller's name is a word without `:` and `,`, and `none` is whoever is not signed in";
            problems.push(Problem::new(key.line, message));
        }
        if let Some(who) = caller(value, problems) {
            let name = key.name.clone();
            callers.push(Named { name, who });
        }
    }
    callers
}

fn caller(node: &Node, problems: &mut Vec<Problem>) -> Option<Who> {
    if let Kind::Text(name) = &node.kind {
        return Some(Who {
            line: node.line,
            name: name.clone(),
            roles: None,
        });
    }
    let members = Members::of(node, "a caller", &["is", "roles"], problems)?;
    let Some(name) = members.text("is", problems) else {
        problems.push(Problem::new(node.line, "say who this is: `is: openid:…`"));
        return None;
    };
    Some(Who {
        line: node.line,
        name: name.to_owned(),
        roles: roles(&members, problems),
    })
}

fn roles(members: &Members<'_>, problems: &mut Vec<Problem>) -> Option<Vec<String>> {
    let named = texts(members.get("roles")?, "roles", problems);
    Some(named.into_iter().map(|(_, role)| role).collect())
}

/// Documents by collection, in extended JSON.
fn seed(members: &Members<'_>, problems: &mut Vec<Problem>) -> Vec<Seeded> {
    let Some(node) = members.get("seed") else {
        return Vec::new();
    };
    let Kind::Map(collections) = &node.kind else {
        let message = "`seed` has documents by collection: `orders: [{_id: o1, …}]`";
        problems.push(Problem::new(node.line, message));
        return Vec::new();
    };
    let mut seeded = Vec::new();
    for (collection, documents) in collections {
        let Kind::List(documents) = &documents.kind else {
            let message = format!(
                "`{}` is a list of documents: `- {{_id: o1, …}}`",
                collection.name
            );
            problems.push(Problem::new(collection.line, message));
            continue;
        };
        for document in documents {
            match fields(document) {
                Ok(document) => seeded.push(Seeded {
                    line: collection.line,
                    collection: collection.name.clone(),
                    fields: document.fields().clone(),
                }),
                Err(problem) => problems.push(problem),
            }
        }
    }
    seeded
}

fn fields(node: &Node) -> Result<Document, Problem> {
    let fields = ejson::parse_object(&node.to_json().to_string());
    let fields = fields.map_err(|error| told(node, &error))?;
    Document::from_object(fields)
        .ok_or_else(|| Problem::new(node.line, "a document has an `_id`: write `_id: o1`"))
}

fn told(node: &Node, error: &dyn Display) -> Problem {
    Problem::new(node.line, error.to_string())
}
