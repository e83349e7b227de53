//! The tree that an expression is read into.

use smol_str::SmolStr;

use super::each::Each;
use super::field_path::FieldPath;
use super::operator::Operator;
use crate::data::Value;

#[derive(Clone, Debug)]
pub(super) enum Node {
    Literal(Value),
    Path(FieldPath),
    /// Missing members are left out.
    Object(Vec<(SmolStr, Node)>),
    /// Missing elements are null.
    Array(Vec<Node>),
    /// Arguments in the order of the operator's parameters; `None` for one that is not given.
    Call(&'static Operator, Vec<Option<Node>>),
    Switch(Box<Switch>),
    Let(Box<Let>),
    Each(Box<Each>),
}

/// `$switch`, and `$cond`: the first branch whose case is true.
#[derive(Clone, Debug)]
pub(super) struct Switch {
    pub(super) branches: Vec<Branch>,
    pub(super) default: Option<Node>,
}

#[derive(Clone, Debug)]
pub(super) struct Branch {
    pub(super) case: Node,
    pub(super) then: Node,
}

/// `$let`: all variables are computed outside, then the body sees them.
#[derive(Clone, Debug)]
pub(super) struct Let {
    pub(super) variables: Vec<(SmolStr, Node)>,
    pub(super) body: Node,
}
