//! `@role`: the staff roles and what they include.

use std::collections::BTreeSet;

use async_graphql_parser::Pos;

use super::diagnostic::Problems;
use super::outline::Outline;
use super::source::Source;
use super::{RoleType, spelling};
use crate::data::Role;

/// A role with the places that problems of it are reported at.
struct Declared<'a> {
    name: &'a str,
    at: Pos,
    includes: Vec<(&'a str, Pos)>,
}

pub(super) fn read(
    outline: &Outline<'_>,
    source: &Source<'_>,
    problems: &mut Problems,
) -> Vec<RoleType> {
    let declared = declarations(outline, source, problems);
    let known = declared.iter().map(|role| role.name);
    for (include, at) in declared.iter().flat_map(|role| &role.includes) {
        if !known.clone().any(|name| name == *include) {
            problems
                .error(*at, format!("unknown role `{include}`"))
                .hint_if(unknown_hint(include, known.clone()));
        }
    }
    report_cycles(&declared, problems);
    let roles = declared.iter().map(|role| RoleType {
        role: Role::new(role.name),
        includes: role
            .includes
            .iter()
            .map(|(name, _)| Role::new(*name))
            .collect(),
    });
    roles.collect()
}

/// The hint for a role that is not declared.
pub(super) fn unknown_hint<'a>(
    name: &str,
    known: impl Iterator<Item = &'a str> + Clone,
) -> Option<String> {
    let declare = || format!("declare it: `extend schema @role(name: \"{name}\")`");
    Some(spelling::hint(name, known).unwrap_or_else(declare))
}

/// These roles and all they include, transitively; unknown names are dropped.
pub(super) fn expand<'a>(
    declared: &[RoleType],
    roles: impl IntoIterator<Item = &'a str>,
) -> BTreeSet<Role> {
    let mut expanded = BTreeSet::new();
    let mut open: Vec<Role> = roles.into_iter().map(Role::new).collect();
    while let Some(role) = open.pop() {
        let declaration = declared.iter().find(|declared| declared.role == role);
        if let Some(declaration) = declaration
            && expanded.insert(role)
        {
            open.extend(declaration.includes.iter().cloned());
        }
    }
    expanded
}

fn declarations<'a>(
    outline: &Outline<'a>,
    source: &Source<'_>,
    problems: &mut Problems,
) -> Vec<Declared<'a>> {
    let mut declared: Vec<Declared<'a>> = Vec::new();
    let directives = outline.schema.iter();
    for role in directives.flat_map(|directives| directives.all("role")) {
        let Some(name) = role.string("name") else {
            continue;
        };
        if !is_role_name(name.node) {
            problems
                .error(
                    name.pos,
                    format!("`{}` cannot be the name of a role", name.node),
                )
                .hint("a name has 1 to 64 letters, digits, `_` and `-`, the first a letter");
        }
        if declared.iter().any(|other| other.name == name.node) {
            problems.error(
                name.pos,
                format!("the role `{}` is declared twice", name.node),
            );
            continue;
        }
        let includes = role.strings("includes").map(|includes| {
            let places = source.strings_of_list(includes.pos);
            let place = |at: usize| places.get(at).copied().unwrap_or(includes.pos);
            let names = includes.node.into_iter().enumerate();
            names.map(|(at, name)| (name, place(at))).collect()
        });
        declared.push(Declared {
            name: name.node,
            at: name.pos,
            includes: includes.unwrap_or_default(),
        });
    }
    declared
}

fn is_role_name(name: &str) -> bool {
    let rest = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    name.len() <= 64
        && name.starts_with(|first: char| first.is_ascii_alphabetic())
        && name.bytes().all(rest)
}

/// Reports each role that includes itself, in one step or several.
fn report_cycles(declared: &[Declared<'_>], problems: &mut Problems) {
    let includes = |name: &str| {
        let role = declared.iter().find(|role| role.name == name);
        let included = role.into_iter().flat_map(|role| &role.includes);
        included.map(|(name, _)| *name)
    };
    for role in declared {
        let mut seen: Vec<&str> = Vec::new();
        let mut open: Vec<&str> = includes(role.name).collect();
        while let Some(name) = open.pop() {
            if !seen.contains(&name) {
                seen.push(name);
                open.extend(includes(name));
            }
        }
        if seen.contains(&role.name) {
            problems
                .error(role.at, format!("the role `{}` includes itself", role.name))
                .hint("a role includes those below it; take one `includes` out of the circle");
        }
    }
}
