//! `findAndModify`: the first document of an order is changed or removed, and
//! comes back as it was or as it is.

use super::{Command, done};
use crate::data::{Object, Value};
use crate::emulator::database::{Find, Modify, Remove, TransactionId, Write};
use crate::emulator::failure::{Failure, Result};
use crate::emulator::rest::documents::write;
use crate::emulator::rest::lists::projection;
use crate::mongo;

impl Command<'_> {
    /// In a transaction of its own if it is in none, so that nobody changes the document in between.
    pub(super) async fn find_and_modify(&self) -> Result<Vec<Object>> {
        if let Some(within) = self.within {
            return self.found_and_modified(within).await;
        }
        let transaction = self.session.begin()?;
        let modified = self.found_and_modified(&transaction).await;
        match &modified {
            Ok(_) => self.session.commit(&transaction).await?,
            // It may have ended by itself, and the first failure says more.
            Err(_) => drop(self.session.abort(&transaction).await),
        }
        modified
    }

    async fn found_and_modified(&self, within: &TransactionId) -> Result<Vec<Object>> {
        let before = self.first(within).await?;
        let removes = self.members.flag("remove")?;
        let after = match (&before, removes) {
            (Some(found), true) => {
                let remove = Remove {
                    selection: self.select(&named(found))?,
                    many: false,
                };
                self.session.remove(remove, Some(within)).await?;
                None
            }
            (None, true) => None,
            (_, false) => self.changed(before.as_ref(), within).await?,
        };
        let value = if self.members.flag("new")? {
            after
        } else {
            before
        };
        self.answer(value)
    }

    /// The document afterwards, if there is one.
    async fn changed(
        &self,
        before: Option<&Object>,
        within: &TransactionId,
    ) -> Result<Option<Object>> {
        let modify = Modify {
            selection: match before {
                Some(found) => self.select(&named(found))?,
                None => self.selected("query")?,
            },
            many: false,
            write: self.write()?,
            upsert: before.is_none() && self.members.flag("upsert")?,
        };
        let modified = self.session.modify(modify, Some(within)).await?;
        Ok(modified.after.map(|after| after.fields().clone()))
    }

    fn write(&self) -> Result<Write> {
        let update = self.members.object("update")?;
        let update =
            update.ok_or_else(|| Failure::invalid("`findAndModify` needs `update` or `remove`"))?;
        write(update, false, false)
    }

    async fn first(&self, within: &TransactionId) -> Result<Option<Object>> {
        let none = Object::new();
        let find = Find {
            selection: self.selected("query")?,
            order: mongo::order(self.members.object("sort")?.unwrap_or(&none))?,
            skip: 0,
            limit: 1,
            projection: None,
        };
        let found = self.session.find(find, Some(within)).await?;
        Ok(found.into_iter().next())
    }

    fn answer(&self, value: Option<Object>) -> Result<Vec<Object>> {
        let fields = self.members.object("fields")?.cloned().unwrap_or_default();
        let query = self.selected("query")?.query;
        let shown = projection(&fields)?;
        let value = value.map(|document| match &shown {
            Some(shown) => shown.apply(&document, &query),
            None => document,
        });
        Ok(done([("value", value.map_or(Value::Null, Value::Object))]))
    }
}

/// The condition that only this document matches.
fn named(document: &Object) -> Object {
    let id = document.get("_id").cloned().unwrap_or(Value::Null);
    [("_id", id)].into_iter().collect()
}
