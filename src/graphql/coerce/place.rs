//! Where in the input a value stands, for messages: `where.status.in.0`, `$input.title`.

use std::fmt;

#[derive(Clone, Copy, Debug)]
pub(crate) enum Place<'p> {
    Argument(&'p str),
    Variable(&'p str),
    Member(&'p Place<'p>, &'p str),
    Index(&'p Place<'p>, usize),
}

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Place::Argument(name) => f.write_str(name),
            Place::Variable(name) => write!(f, "${name}"),
            Place::Member(outer, name) => write!(f, "{outer}.{name}"),
            Place::Index(outer, index) => write!(f, "{outer}.{index}"),
        }
    }
}
