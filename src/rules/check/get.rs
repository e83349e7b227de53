//! The limits on `get()`, and what stands in its path.

use super::super::ast::{Expr, Get, Kind, Root, Span};
use super::super::{MAX_GET_DEPTH, MAX_GETS, Problem};
use super::Checker;

impl Checker<'_> {
    /// Checks all `get()` of a rule.
    pub(super) fn gets(&mut self, rule: &Expr) {
        let mut calls: Vec<(Span, &Get)> = Vec::new();
        rule.for_each_access(&mut |expr, access| {
            if let Root::Get(get) = &access.root {
                calls.push((expr.span, get));
            }
        });
        if let Some((span, _)) = calls.get(MAX_GETS) {
            self.report(
                Problem::error(
                    *span,
                    format!("a rule may have {MAX_GETS} `get()`, not more"),
                )
                .help("keep what the rule needs in the document itself"),
            );
        }
        for (span, get) in calls {
            self.get(span, get);
        }
        if depth(rule) > MAX_GET_DEPTH {
            self.report(
                Problem::error(
                    rule.span,
                    format!("`get()` may stand inside `get()`, but no deeper than {MAX_GET_DEPTH}"),
                )
                .help("keep what the rule needs in a document that is nearer"),
            );
        }
    }

    fn get(&mut self, span: Span, get: &Get) {
        self.parts(&get.id);
        if !self.fields.has_collection(get.collection.as_str()) {
            let message = format!("there is no collection `{}`", get.collection);
            self.report(
                Problem::error(span, message).help("declare a type for it with `@collection`"),
            );
        }
    }
}

/// How many `get()` stand inside each other at most.
fn depth(expr: &Expr) -> usize {
    let inside = expr.children().into_iter().map(depth).max().unwrap_or(0);
    match &expr.kind {
        Kind::Access(access) if matches!(access.root, Root::Get(_)) => inside.saturating_add(1),
        _ => inside,
    }
}
