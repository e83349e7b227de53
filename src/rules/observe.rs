//! What a rule looks at: paths for projections, values for explanations.

use super::Context;
use super::ast::{Expr, Root};
use super::operand::{Assumptions, Operand, Pins, Resolver, Subject};
use crate::data::{Object, Path, Value};

pub(super) fn paths(expr: &Expr) -> Vec<Path> {
    let mut paths = Vec::new();
    expr.for_each_access(&mut |_, access| {
        if access.root == Root::Doc
            && let Some(path) = Path::new(access.static_prefix())
            && !paths.contains(&path)
        {
            paths.push(path);
        }
    });
    paths
}

pub(super) fn observed(
    expr: &Expr,
    cx: &Context<'_>,
    document: Option<&Object>,
) -> Vec<(String, Option<Value>)> {
    let subject = match document {
        Some(document) => Subject::Known(document),
        None => Subject::Described(&Undescribed),
    };
    let resolver = Resolver { cx, subject };
    let mut seen: Vec<(String, Option<Value>)> = Vec::new();
    expr.for_each_access(&mut |expr, _| {
        let name = expr.to_string();
        if seen.iter().any(|(other, _)| *other == name) {
            return;
        }
        match resolver.operand(expr, &mut Assumptions::new()) {
            Ok(Operand::Value(value)) => seen.push((name, Some(value.into_owned()))),
            Ok(Operand::Absent | Operand::Unknown) | Err(_) => seen.push((name, None)),
            Ok(Operand::Whole | Operand::Field(_)) => {}
        }
    });
    seen
}

/// Nothing is said of the document.
struct Undescribed;

impl Pins for Undescribed {
    fn pinned(&self, _path: &Path) -> Option<&Value> {
        None
    }
}
