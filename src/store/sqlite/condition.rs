//! Conditions on sort keys, and how they are written in SQL.

use super::sql::{Param, Sql};

/// What SQL can say of a document by its sort keys. No operand is ever NULL,
/// so SQL's logic is the ordinary two-valued one.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Condition {
    All(Vec<Condition>),
    Any(Vec<Condition>),
    Not(Box<Condition>),
    /// The key that an expression gives, compared.
    Compare(String, Operator, Vec<u8>),
    /// The key that an expression gives is one of these.
    In(String, Vec<Vec<u8>>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operator {
    Eq,
    Ne,
    Lt,
    Lte,
    Gt,
    Gte,
}

impl Operator {
    fn sql(self) -> &'static str {
        match self {
            Operator::Eq => " = ?",
            Operator::Ne => " <> ?",
            Operator::Lt => " < ?",
            Operator::Lte => " <= ?",
            Operator::Gt => " > ?",
            Operator::Gte => " >= ?",
        }
    }
}

impl Condition {
    pub(super) fn always() -> Self {
        Condition::All(Vec::new())
    }

    pub(super) fn never() -> Self {
        Condition::Any(Vec::new())
    }

    pub(super) fn is_always(&self) -> bool {
        matches!(self, Condition::All(parts) if parts.is_empty())
    }

    pub(super) fn is_never(&self) -> bool {
        matches!(self, Condition::Any(parts) if parts.is_empty())
    }

    pub(super) fn negated(self) -> Self {
        match self {
            Condition::All(parts) if parts.is_empty() => Condition::never(),
            Condition::Any(parts) if parts.is_empty() => Condition::always(),
            other => Condition::Not(Box::new(other)),
        }
    }

    /// All of these; conditions that are always or never true do not remain.
    pub(super) fn all(parts: impl IntoIterator<Item = Condition>) -> Self {
        let mut kept = Vec::new();
        for part in parts {
            match part {
                Condition::All(inner) => kept.extend(inner),
                never if never.is_never() => return never,
                other => kept.push(other),
            }
        }
        Condition::All(kept)
    }

    /// One of these; conditions that are always or never true do not remain.
    pub(super) fn any(parts: impl IntoIterator<Item = Condition>) -> Self {
        let mut kept = Vec::new();
        for part in parts {
            match part {
                Condition::Any(inner) => kept.extend(inner),
                always if always.is_always() => return always,
                other => kept.push(other),
            }
        }
        Condition::Any(kept)
    }

    /// How many conditions it is made of, itself included.
    pub(super) fn size(&self) -> usize {
        match self {
            Condition::All(parts) | Condition::Any(parts) => {
                1 + parts.iter().map(Condition::size).sum::<usize>()
            }
            Condition::Not(inner) => 1 + inner.size(),
            Condition::Compare(..) | Condition::In(..) => 1,
        }
    }

    /// The key that all documents have by this condition, if it fixes it.
    pub(super) fn fixed(&self, key: &str) -> Option<&[u8]> {
        match self {
            Condition::All(parts) => parts.iter().find_map(|part| part.fixed(key)),
            Condition::Compare(operand, Operator::Eq, bound) if operand == key => Some(bound),
            _ => None,
        }
    }

    pub(super) fn write(&self, sql: &mut Sql) {
        match self {
            Condition::All(parts) => write_joined(parts, " AND ", "1", sql),
            Condition::Any(parts) => write_joined(parts, " OR ", "0", sql),
            Condition::Not(inner) => {
                sql.push("NOT (");
                inner.write(sql);
                sql.push(")");
            }
            Condition::Compare(key, operator, bound) => {
                sql.push(key)
                    .bind(operator.sql(), Param::Key(bound.clone()));
            }
            Condition::In(key, keys) if keys.len() > MAX_SPELLED => {
                sql.push(key)
                    .bind(" IN rarray(?)", Param::keys(keys.clone()));
            }
            Condition::In(key, keys) => {
                sql.push(key).push(" IN (");
                for (at, key) in keys.iter().enumerate() {
                    sql.bind(if at == 0 { "?" } else { ", ?" }, Param::Key(key.clone()));
                }
                sql.push(")");
            }
        }
    }
}

/// Lists up to this length are spelled out, so that SQLite knows how short
/// they are; each length is a statement of its own, so longer ones are not.
const MAX_SPELLED: usize = 8;

fn write_joined(parts: &[Condition], operator: &str, empty: &str, sql: &mut Sql) {
    match parts {
        [] => {
            sql.push(empty);
        }
        [only] => only.write(sql),
        _ => {
            for (at, part) in parts.iter().enumerate() {
                sql.push(if at == 0 { "(" } else { operator });
                part.write(sql);
            }
            sql.push(")");
        }
    }
}
