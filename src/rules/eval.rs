//! A rule on a document at hand.

use super::ast::Expr;
use super::judge::{Leaf, Test, judge};
use super::operand::{Missing, Resolver, Subject};
use super::{Context, Truth};
use crate::data::Object;

pub(super) fn eval(expr: &Expr, cx: &Context<'_>, document: &Object) -> Result<Truth, Missing> {
    let resolver = Resolver {
        cx,
        subject: Subject::Known(document),
    };
    judge(expr, true, &|leaf, wanted| {
        let truth = match Leaf::of(leaf, resolver)?.test {
            Test::Decided(truth) => truth,
            // Only a document that is not at hand leaves a test open.
            _ => Truth::Unknown,
        };
        Ok(truth.when(wanted))
    })
}
