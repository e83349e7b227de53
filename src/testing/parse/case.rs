//! One case: by itself, as a table of callers, or in steps.

use serde_json::{Map, Value as Json};

use super::members::{Members, text, texts};
use super::{expect, now, roles, seed};
use crate::testing::Problem;
use crate::testing::case::{Case, Include, Operation, Step, Unchanged, Who};
use crate::testing::yaml::{Kind, Node};

/// What only a case has.
const CASE: [&str; 4] = ["name", "seed", "steps", "outcomes"];
/// What each step has, and a case of one step as well.
const STEP: [&str; 11] = [
    "as",
    "roles",
    "now",
    "operation",
    "file",
    "operationName",
    "variables",
    "expect",
    "stored",
    "unchanged",
    "outcomes",
];

pub(super) fn cases(node: &Node, problems: &mut Vec<Problem>) -> Vec<Case> {
    let Kind::List(items) = &node.kind else {
        problems.push(Problem::new(node.line, "`cases` is a list: `- name: …`"));
        return Vec::new();
    };
    items.iter().flat_map(|item| case(item, problems)).collect()
}

/// The case, or one for each row of its table.
fn case(node: &Node, problems: &mut Vec<Problem>) -> Vec<Case> {
    let known: Vec<&str> = CASE.iter().chain(&STEP[..10]).copied().collect();
    let Some(members) = Members::of(node, "a case", &known, problems) else {
        return Vec::new();
    };
    let name = members.text("name", problems).map(str::to_owned);
    let name = name.unwrap_or_else(|| {
        let message =
            "a case has a name that says what must hold: `name: customers see their own orders`";
        problems.push(Problem::new(members.line, message));
        String::new()
    });
    let case = |line, name: String, steps, seed| Case {
        line,
        name,
        seed,
        steps,
    };
    let seed = seed(&members, problems);
    if members.has("outcomes") {
        let rows = rows(&members, problems);
        let named = |(line, caller, step): (usize, String, Step)| {
            case(line, format!("{name} / {caller}"), vec![step], seed.clone())
        };
        return rows.into_iter().map(named).collect();
    }
    let steps = match members.get("steps") {
        Some(steps) => several(steps, &members, problems),
        None => step(&members, problems).into_iter().collect(),
    };
    vec![case(members.line, name, steps, seed)]
}

/// A step for each caller of the table `outcomes`: `alice, bob: FORBIDDEN`.
fn rows(members: &Members<'_>, problems: &mut Vec<Problem>) -> Vec<(usize, String, Step)> {
    for name in ["as", "roles", "expect", "steps"] {
        if members.has(name) {
            let message = format!(
                "`{name}` is not said beside `outcomes`, whose rows say who asks and what comes of it"
            );
            problems.push(Problem::new(members.line_of(name), message));
        }
    }
    let Some(Node {
        kind: Kind::Map(rows),
        ..
    }) = members.get("outcomes")
    else {
        let message =
            "`outcomes` has a row for each caller: `alice: allow`, `bob, none: FORBIDDEN`";
        problems.push(Problem::new(members.line_of("outcomes"), message));
        return Vec::new();
    };
    let Some(mut common) = shared(members, problems) else {
        return Vec::new();
    };
    let mut steps = Vec::new();
    for (key, outcome) in rows {
        let expect = expect::outcome(outcome, problems);
        for caller in key.name.split(',').map(str::trim) {
            common.line = key.line;
            common.who = Who {
                line: key.line,
                name: caller.to_owned(),
                roles: None,
            };
            common.expect.clone_from(&expect);
            steps.push((key.line, caller.to_owned(), ready(common.clone(), members)));
        }
    }
    steps
}

fn several(node: &Node, case: &Members<'_>, problems: &mut Vec<Problem>) -> Vec<Step> {
    for name in STEP
        .iter()
        .filter(|name| **name != "outcomes" && case.has(name))
    {
        let message = format!("`{name}` is said in each of the `steps`");
        problems.push(Problem::new(case.line_of(name), message));
    }
    let Kind::List(steps) = &node.kind else {
        problems.push(Problem::new(node.line, "`steps` is a list: `- as: …`"));
        return Vec::new();
    };
    let mut read = |item| {
        let members = Members::of(item, "a step", &STEP[..10], problems)?;
        step(&members, problems)
    };
    steps.iter().filter_map(&mut read).collect()
}

fn step(members: &Members<'_>, problems: &mut Vec<Problem>) -> Option<Step> {
    let mut step = shared(members, problems)?;
    match members.get("as") {
        None => {
            let message = "say who asks: `as: openid:alice`, `as: none`, or one of `callers`";
            problems.push(Problem::new(members.line, message));
        }
        Some(node) => {
            step.who = Who {
                line: node.line,
                name: text(node, "as", problems)?.to_owned(),
                roles: roles(members, problems),
            };
        }
    }
    step.expect = members
        .get("expect")
        .and_then(|node| expect::outcome(node, problems));
    if !["expect", "stored", "unchanged"]
        .iter()
        .any(|name| members.has(name))
    {
        let message = "this expects nothing: write `expect: allow`, `expect: FORBIDDEN`, `expect: {data: …}`, \
                       `stored: …` or `unchanged: all`";
        problems.push(Problem::new(members.line, message));
    }
    Some(ready(step, members))
}

/// Refused means that nothing happened, unless something else is said.
fn ready(mut step: Step, members: &Members<'_>) -> Step {
    let refusal = step
        .expect
        .as_ref()
        .is_some_and(|expect| expect.is_refusal());
    if refusal && !members.has("unchanged") && !members.has("stored") {
        step.unchanged = Unchanged::All;
    }
    step
}

/// All of a step but who asks and what is to come back.
fn shared(members: &Members<'_>, problems: &mut Vec<Problem>) -> Option<Step> {
    let operation = operation(members, problems)?;
    let operation_name = members.text("operationName", problems).map(str::to_owned);
    Some(Step {
        line: members.line,
        who: Who {
            line: members.line,
            name: "none".to_owned(),
            roles: None,
        },
        now: now(members, problems),
        operation,
        operation_name,
        variables: variables(members, problems),
        expect: None,
        stored: expect::stored(members, problems),
        unchanged: unchanged(members, problems),
    })
}

fn operation(members: &Members<'_>, problems: &mut Vec<Problem>) -> Option<Operation> {
    match (members.get("operation"), members.get("file")) {
        (Some(node), None) => Some(Operation::Text {
            line: node.line,
            text: text(node, "operation", problems)?.to_owned(),
        }),
        (None, Some(node)) => Some(Operation::File(Include {
            line: node.line,
            path: text(node, "file", problems)?.to_owned(),
        })),
        (None, None) => {
            let message = "say what is asked: `operation: \"{ orders { nodes { id } } }\"`, or `file: operation.graphql`";
            problems.push(Problem::new(members.line, message));
            None
        }
        (Some(_), Some(node)) => {
            let message = "`operation` and `file` both say what is asked: leave one out";
            problems.push(Problem::new(node.line, message));
            None
        }
    }
}

fn variables(members: &Members<'_>, problems: &mut Vec<Problem>) -> Map<String, Json> {
    match members.get("variables").map(|node| (node, node.to_json())) {
        None => Map::new(),
        Some((_, Json::Object(variables))) => variables,
        Some((node, _)) => {
            let message = format!("`variables` is a mapping, not {}", node.what());
            problems.push(Problem::new(node.line, message));
            Map::new()
        }
    }
}

fn unchanged(members: &Members<'_>, problems: &mut Vec<Problem>) -> Unchanged {
    let Some(node) = members.get("unchanged") else {
        return Unchanged::Collections(Vec::new());
    };
    match &node.kind {
        Kind::Text(word) if word == "all" => Unchanged::All,
        Kind::Text(word) if word == "others" => {
            if !members.has("stored") {
                let message = "`unchanged: others` is what `stored` does not name: write `stored`, or `unchanged: all`";
                problems.push(Problem::new(node.line, message));
            }
            Unchanged::Others
        }
        _ => Unchanged::Collections(texts(node, "unchanged", problems)),
    }
}
