//! Embedded types: what makes no sense on them, and whether their values can
//! end.

use super::diagnostic::Problems;
use super::shape::Draft;
use super::{BaseType, EmbeddedIx};

/// Reports directives that need a collection.
pub(super) fn refuse_policies(draft: &Draft<'_>, problems: &mut Problems) {
    for directive in draft.directives.iter() {
        problems
            .error(
                directive.at,
                format!("`@{}` needs a type with `@collection`", directive.name()),
            )
            .hint("this type has no collection, so its values are embedded in other documents; add `@collection(name: \"…\")` if it has one");
    }
    for field in &draft.fields {
        let clauses = field.node.all("rule").chain(field.node.all("grant"));
        for clause in clauses {
            problems
                .error(
                    clause.at,
                    format!(
                        "`@{}` is not supported on a field of the embedded type `{}`",
                        clause.name(),
                        draft.name
                    ),
                )
                .hint("put it on the collection's field that holds the embedded value: it is shown or hidden as a whole");
        }
    }
}

/// Reports each embedded type whose value would contain another value of it, and so on without end.
pub(super) fn report_endless(embedded: &[Draft<'_>], problems: &mut Problems) {
    for (at, draft) in embedded.iter().enumerate() {
        if contains(embedded, EmbeddedIx(at), EmbeddedIx(at)) {
            problems
                .error(
                    draft.at,
                    format!(
                        "a value of `{}` would contain another, without end",
                        draft.name
                    ),
                )
                .hint("make a field on the way optional (without `!`), or a list");
        }
    }
}

/// Whether each value of one type has a value of another inside.
fn contains(embedded: &[Draft<'_>], outer: EmbeddedIx, inner: EmbeddedIx) -> bool {
    let mut seen = vec![false; embedded.len()];
    let mut open = vec![outer];
    while let Some(ix) = open.pop() {
        for next in required(&embedded[ix.0]) {
            if next == inner {
                return true;
            }
            if !std::mem::replace(&mut seen[next.0], true) {
                open.push(next);
            }
        }
    }
    false
}

fn required<'d>(draft: &'d Draft<'_>) -> impl Iterator<Item = EmbeddedIx> + 'd {
    let fields = draft.shape.fields.iter();
    fields.filter_map(|field| match field.ty.base {
        BaseType::Embedded(ix) if field.ty.required && field.ty.list.is_none() => Some(ix),
        _ => None,
    })
}
