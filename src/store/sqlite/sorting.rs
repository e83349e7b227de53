//! The order of a list in SQL, and a place in it.

use super::condition::Condition;
use super::sql::{Param, Sql};
use super::table::Table;
use super::{functions, row};
use crate::data::{Direction, Order, Path, Position, collation};

/// The expressions that a list is ordered by; the last is the id, so that the order is total.
#[derive(Debug)]
pub(super) struct Sorting<'a> {
    order: &'a Order,
    terms: Vec<Term>,
}

#[derive(Debug)]
struct Term {
    key: String,
    direction: Direction,
    /// What is known of the key in every document of the list.
    fixed: Fixed,
}

#[derive(Debug)]
enum Fixed {
    No,
    /// It is the same, but not known before the statement runs.
    Later,
    To(Vec<u8>),
}

impl<'a> Sorting<'a> {
    /// The order of documents that meet a condition and may have one key at a path.
    pub(super) fn new(order: &'a Order, condition: &Condition, one_key: Option<&Path>) -> Self {
        let terms = order.keys_before_id().iter().map(|term| {
            let key = functions::key_of(&term.path);
            let fixed = match condition.fixed(&key) {
                Some(bound) => Fixed::To(bound.to_vec()),
                None if one_key == Some(&term.path) => Fixed::Later,
                None => Fixed::No,
            };
            Term {
                key,
                direction: term.direction,
                fixed,
            }
        });
        let id = Term {
            key: "id".to_owned(),
            direction: order.id_direction(),
            fixed: Fixed::No,
        };
        Self {
            order,
            terms: terms.chain([id]).collect(),
        }
    }

    /// Appends the `ORDER BY` clause, without what does not order: a key that
    /// all documents share, and the id behind all keys of a unique index.
    /// SQLite would sort for them.
    pub(super) fn write(&self, table: &Table, sql: &mut Sql) {
        let by_key = |path: &Path| {
            self.order
                .keys_before_id()
                .iter()
                .any(|key| key.path == *path)
        };
        let mut unique = table.indexes.iter().filter(|index| index.unique);
        let total = unique.any(|index| index.paths.iter().all(by_key));
        let end = self.terms.len() - usize::from(total);
        let mut separator = " ORDER BY ";
        for term in &self.terms[..end] {
            if matches!(term.fixed, Fixed::No) {
                sql.push(separator).push(&term.key);
                if term.direction == Direction::Descending {
                    sql.push(" DESC");
                }
                separator = ", ";
            }
        }
    }

    /// Appends the condition of lying after a position.
    pub(super) fn write_after(&self, position: &Position, sql: &mut Sql) {
        let values = self.order.keys_before_id().iter().zip(&position.values);
        let bounds: Vec<Vec<u8>> = values
            .map(|(_, value)| collation::key(value.as_ref()))
            .chain([row::key(&position.id)])
            .collect();
        write_after(&self.terms, &bounds, sql);
    }
}

/// `k >= ? AND (k > ? OR …)`: SQLite seeks to the first part, but not to a
/// comparison of row values of expressions.
fn write_after(terms: &[Term], bounds: &[Vec<u8>], sql: &mut Sql) {
    let ([term, terms @ ..], [bound, bounds @ ..]) = (terms, bounds) else {
        sql.push("0");
        return;
    };
    if let Fixed::To(key) = &term.fixed {
        let ordering = match term.direction {
            Direction::Ascending => key.cmp(bound),
            Direction::Descending => bound.cmp(key),
        };
        if ordering.is_eq() {
            write_after(terms, bounds, sql);
        } else {
            sql.push(if ordering.is_gt() { "1" } else { "0" });
        }
        return;
    }
    let (beyond, from) = match term.direction {
        Direction::Ascending => (" > ?", " >= ?"),
        Direction::Descending => (" < ?", " <= ?"),
    };
    if terms.is_empty() {
        sql.push(&term.key).bind(beyond, Param::Key(bound.clone()));
        return;
    }
    sql.push("(")
        .push(&term.key)
        .bind(from, Param::Key(bound.clone()));
    sql.push(" AND (")
        .push(&term.key)
        .bind(beyond, Param::Key(bound.clone()));
    sql.push(" OR ");
    write_after(terms, bounds, sql);
    sql.push("))");
}
