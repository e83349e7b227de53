//! stub
use super::ast::Expr;
use super::{Fields, Operation, Problem};
pub(super) fn check(_e: &Expr, _o: Operation, _f: &dyn Fields) -> Vec<Problem> {
    Vec::new()
}
pub(super) fn satisfiable(_e: &Expr) -> bool {
    true
}
