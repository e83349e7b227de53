//! The members of a mapping, taken one by one; what nobody takes is a problem.

use crate::testing::Problem;
use crate::testing::yaml::{Key, Kind, Node};

/// The members of one mapping.
pub(super) struct Members<'n> {
    pub(super) line: usize,
    members: &'n [(Key, Node)],
}

impl<'n> Members<'n> {
    /// `what` is for messages: `a case`.
    pub(super) fn of(
        node: &'n Node,
        what: &str,
        known: &[&str],
        problems: &mut Vec<Problem>,
    ) -> Option<Self> {
        let Kind::Map(members) = &node.kind else {
            let message = format!(
                "{what} is a mapping of {}, not {}",
                list(known),
                node.what()
            );
            problems.push(Problem::new(node.line, message));
            return None;
        };
        for (key, _) in members {
            if !known.contains(&key.name.as_str()) {
                let message = format!(
                    "`{}` means nothing here: {what} has {}",
                    key.name,
                    list(known)
                );
                problems.push(Problem::new(key.line, message));
            }
        }
        let line = members.first().map_or(node.line, |(key, _)| key.line);
        Some(Self { line, members })
    }

    pub(super) fn get(&self, name: &str) -> Option<&'n Node> {
        let mut members = self.members.iter();
        members
            .find(|(key, _)| key.name == name)
            .map(|(_, value)| value)
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// Where a member's key stands.
    pub(super) fn line_of(&self, name: &str) -> usize {
        let mut members = self.members.iter();
        let found = members.find(|(key, _)| key.name == name);
        found.map_or(self.line, |(key, _)| key.line)
    }

    /// A member that is a text, if it is there.
    pub(super) fn text(&self, name: &str, problems: &mut Vec<Problem>) -> Option<&'n str> {
        let node = self.get(name)?;
        text(node, name, problems)
    }
}

pub(super) fn text<'n>(node: &'n Node, name: &str, problems: &mut Vec<Problem>) -> Option<&'n str> {
    match &node.kind {
        Kind::Text(text) => Some(text),
        _ => {
            let message = format!(
                "`{name}` is a text, not {}: write it in quotes",
                node.what()
            );
            problems.push(Problem::new(node.line, message));
            None
        }
    }
}

/// A list of texts; one alone may be written without brackets.
pub(super) fn texts(node: &Node, name: &str, problems: &mut Vec<Problem>) -> Vec<(usize, String)> {
    let one = std::slice::from_ref(node);
    let items = match &node.kind {
        Kind::List(items) => items.as_slice(),
        _ => one,
    };
    let texts = items.iter().filter_map(|item| {
        let text = text(item, name, problems)?;
        Some((item.line, text.to_owned()))
    });
    texts.collect()
}

fn list(names: &[&str]) -> String {
    let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    names.join(", ")
}
