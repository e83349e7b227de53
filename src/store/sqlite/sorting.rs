//! The order of a list in SQL, and a place in it.

use std::cmp::Ordering;

use super::condition::Condition;
use super::sql::{Param, Sql};
use super::table::Table;
use super::{functions, row};
use crate::data::{Direction, Order, Path, Position, collation};

/// The expressions that a list is ordered by; the last is the id, so that the order is total.
#[derive(Debug)]
pub(super) struct Sorting<'a> {
    keys: Vec<Key<'a>>,
    id: Direction,
}

#[derive(Debug)]
struct Key<'a> {
    path: &'a Path,
    /// Where the order has it, and so where a position has its value.
    place: usize,
    term: Term,
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

#[derive(Clone, Debug)]
struct Term {
    expression: String,
    direction: Direction,
}

impl<'a> Sorting<'a> {
    /// The order of documents that meet a condition and may have one key at a path.
    pub(super) fn new(order: &'a Order, condition: &Condition, one_key: Option<&Path>) -> Self {
        let mut keys: Vec<Key<'a>> = Vec::new();
        for (place, key) in order.keys_before_id().iter().enumerate() {
            // Where a path comes again, the first time has decided.
            if keys.iter().any(|earlier| *earlier.path == key.path) {
                continue;
            }
            let expression = functions::key_of(&key.path);
            let fixed = match condition.fixed(&expression) {
                Some(bound) => Fixed::To(bound.to_vec()),
                None if one_key == Some(&key.path) => Fixed::Later,
                None => Fixed::No,
            };
            keys.push(Key {
                path: &key.path,
                place,
                term: Term {
                    expression,
                    direction: key.direction,
                },
                fixed,
            });
        }
        Self {
            keys,
            id: order.id_direction(),
        }
    }

    fn id(&self) -> Term {
        Term {
            expression: "id".to_owned(),
            direction: self.id,
        }
    }

    /// Appends the `ORDER BY` clause, without what does not order: a key that
    /// all documents share, and the id behind all keys of a unique index.
    /// SQLite would sort for them.
    pub(super) fn write(&self, table: &Table, sql: &mut Sql) {
        let keys = self
            .keys
            .iter()
            .filter(|key| matches!(key.fixed, Fixed::No));
        let mut terms: Vec<Term> = keys.map(|key| key.term.clone()).collect();
        if !self.is_unique(table) {
            terms.push(self.id());
        }
        for (at, term) in terms.iter().enumerate() {
            sql.push(if at == 0 { " ORDER BY " } else { ", " });
            sql.push(&term.expression);
            if term.direction == Direction::Descending {
                sql.push(" DESC");
            }
        }
    }

    /// Whether no two documents have the same keys.
    fn is_unique(&self, table: &Table) -> bool {
        let has = |path: &Path| self.keys.iter().any(|key| key.path == path);
        let mut unique = table.indexes.iter().filter(|index| index.unique);
        unique.any(|index| index.paths.iter().all(has))
    }

    /// Appends the condition of lying after a position.
    pub(super) fn write_after(&self, position: &Position, sql: &mut Sql) {
        let mut bounds: Vec<(Term, Vec<u8>)> = Vec::new();
        for key in &self.keys {
            let value = position.values.get(key.place).and_then(Option::as_ref);
            let bound = collation::key(value);
            let ahead = match &key.fixed {
                Fixed::To(all) if key.term.direction == Direction::Descending => bound.cmp(all),
                Fixed::To(all) => all.cmp(&bound),
                _ => Ordering::Equal,
            };
            match ahead {
                // All documents that are equal up to here lie after the position, or none of them does.
                Ordering::Greater => return write_after(&bounds, "1", sql),
                Ordering::Less => return write_after(&bounds, "0", sql),
                Ordering::Equal if matches!(key.fixed, Fixed::To(_)) => {}
                Ordering::Equal => bounds.push((key.term.clone(), bound)),
            }
        }
        bounds.push((self.id(), row::key(&position.id)));
        write_after(&bounds, "0", sql);
    }
}

/// `k >= ? AND (k > ? OR …)`: SQLite seeks to the first part, but not to a
/// comparison of row values of expressions. `at_end` is what holds of documents
/// that are equal in all of it.
fn write_after(bounds: &[(Term, Vec<u8>)], at_end: &str, sql: &mut Sql) {
    let [(term, bound), rest @ ..] = bounds else {
        sql.push(at_end);
        return;
    };
    let (beyond, from) = match term.direction {
        Direction::Ascending => (" > ?", " >= ?"),
        Direction::Descending => (" < ?", " <= ?"),
    };
    let compare = |sql: &mut Sql, operator| {
        sql.push(&term.expression)
            .bind(operator, Param::Key(bound.clone()));
    };
    if rest.is_empty() && at_end == "0" {
        return compare(sql, beyond);
    }
    sql.push("(");
    compare(sql, from);
    sql.push(" AND (");
    compare(sql, beyond);
    sql.push(" OR ");
    write_after(rest, at_end, sql);
    sql.push("))");
}
