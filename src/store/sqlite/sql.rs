//! SQL text and its parameters, put together in step.
//!
//! Values are only ever bound, so the text depends on the shape of a request
//! alone and its prepared statement is found again.

use std::rc::Rc;

use rusqlite::types::{ToSqlOutput, Value as SqlValue};
use rusqlite::{Statement, ToSql};

/// A statement under construction; each `?` of the text has its parameter.
#[derive(Debug, Default)]
pub(super) struct Sql {
    pub(super) text: String,
    pub(super) params: Vec<Param>,
}

#[derive(Debug)]
pub(super) enum Param {
    /// A sort key, or one bound of a range of them.
    Key(Vec<u8>),
    Number(u64),
    /// Sort keys, as the table `rarray(?)`.
    Keys(Rc<Vec<SqlValue>>),
}

impl Param {
    pub(super) fn keys(keys: Vec<Vec<u8>>) -> Self {
        Param::Keys(Rc::new(keys.into_iter().map(SqlValue::Blob).collect()))
    }
}

impl ToSql for Param {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        match self {
            Param::Key(key) => key.to_sql(),
            // Counts beyond what SQLite can count mean "all" just as well.
            Param::Number(number) => Ok(i64::try_from(*number).unwrap_or(i64::MAX).into()),
            Param::Keys(keys) => keys.to_sql(),
        }
    }
}

impl Sql {
    pub(super) fn push(&mut self, text: &str) -> &mut Self {
        self.text.push_str(text);
        self
    }

    /// Appends a text in which the only `?` stands for this parameter.
    pub(super) fn bind(&mut self, text: &str, param: Param) -> &mut Self {
        self.params.push(param);
        self.push(text)
    }

    /// Binds the parameters to the statement made of this text.
    pub(super) fn bind_to(&self, statement: &mut Statement<'_>) -> rusqlite::Result<()> {
        for (at, param) in self.params.iter().enumerate() {
            statement.raw_bind_parameter(at + 1, param)?;
        }
        Ok(())
    }
}
