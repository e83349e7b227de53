//! Addresses of the files that documents name.

use smol_str::SmolStr;

use super::document::Inside;
use super::{Renderer, Written, text};
use crate::data::Value;
use crate::gateway::Readable;
use crate::graphql::bind::At;
use crate::graphql::coerce::is_file_id;
use crate::graphql::skeleton::Field;

impl<'a> Renderer<'a> {
    /// Beside a file's name, where it is: hidden where the name is. That a name is missing which must not be is said where
    /// the name is selected.
    pub(super) fn address(
        &mut self,
        inside: Inside<'a>,
        field: &'a Field,
        at: At<'a>,
        age: u32,
    ) -> Written {
        let stored = match inside.source.read(at) {
            Readable::Denied => return self.denied(inside.type_name, field),
            Readable::Missing | Readable::Value(Value::Null) => return self.null(),
            Readable::Value(stored) => stored,
        };
        if at.field.ty.list.is_none() {
            return self.address_of(inside, field, age, stored);
        }
        let Value::Array(items) = stored else {
            return self.unfit(inside, field, stored, "a list");
        };
        self.list(field, items, |renderer, item| match item {
            Value::Null => renderer.null(),
            item => renderer.address_of(inside, field, age, item),
        })
    }

    fn address_of(
        &mut self,
        inside: Inside<'a>,
        field: &'a Field,
        age: u32,
        value: &Value,
    ) -> Written {
        let name: &SmolStr = match value {
            Value::String(name) if is_file_id(name) => name,
            other => return self.unfit(inside, field, other, "a FileID (`cloud://…`)"),
        };
        // Addresses are other ones each time: what a document looks like is which file it names.
        if self.is_sketch {
            return self.string(name);
        }
        match inside.below.0.address(name, age) {
            Ok(address) => {
                text::string(&mut self.out, &address);
                Ok(())
            }
            Err(error) => self.fail(field, error),
        }
    }
}
