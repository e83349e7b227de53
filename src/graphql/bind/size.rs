//! How much one operation may hand over, its variables written out: a variable
//! of a megabyte that is used in a hundred places would else take gigabytes.

use super::wrong;
use crate::graphql::api::{InputMeaning, Operator};
use crate::graphql::coerce::{Arguments, Coerced, InputObject, Place, Room};
use crate::graphql::error::{Code, Error};

/// Values, lists and objects in one condition. Each document that is looked at may be compared with all of them.
const CONDITION_MAX: usize = 10_000;

/// Regular expressions of an operation. Each may take a megabyte.
const PATTERNS_MAX: usize = 20;

/// What the arguments of an operation amount to.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Size {
    /// Values, lists and objects.
    parts: usize,
    patterns: usize,
}

impl Size {
    /// Adds the arguments of one more field.
    ///
    /// # Errors
    ///
    /// `LIMIT_EXCEEDED` if that is too much.
    pub(super) fn add(&mut self, arguments: &Arguments) -> Result<(), Error> {
        arguments.values().for_each(|value| self.count(value));
        if self.parts > Room::MAX {
            return Err(Room::exceeded());
        }
        if self.patterns > PATTERNS_MAX {
            return Err(too_large(format!(
                "the operation has {} regular expressions (`matches`); at most {PATTERNS_MAX} are taken",
                self.patterns
            )));
        }
        Ok(())
    }

    fn count(&mut self, value: &Coerced) {
        match value {
            Coerced::Null | Coerced::Enum(_) => self.parts += 1,
            Coerced::Leaf(value) => self.parts += value.size(),
            Coerced::List(items) => {
                self.parts += 1;
                items.iter().for_each(|item| self.count(item));
            }
            Coerced::Object(object) => self.count_object(object),
        }
    }

    fn count_object(&mut self, object: &InputObject) {
        self.parts += 1;
        for member in &object.members {
            let matches = member.meaning == InputMeaning::Operator(Operator::Matches);
            self.patterns += usize::from(matches);
            self.count(&member.value);
        }
    }
}

/// # Errors
///
/// `LIMIT_EXCEEDED` if the condition at this place is too large.
pub(super) fn check_condition(object: &InputObject, place: &Place<'_>) -> Result<(), Error> {
    let mut size = Size::default();
    size.count_object(object);
    within_condition(size, place)
}

/// The same for a list of values to look for.
pub(super) fn check_values(value: &Coerced, place: &Place<'_>) -> Result<(), Error> {
    let mut size = Size::default();
    size.count(value);
    within_condition(size, place)
}

fn within_condition(size: Size, place: &Place<'_>) -> Result<(), Error> {
    if size.parts <= CONDITION_MAX {
        return Ok(());
    }
    let message = format!(
        "is too large: it holds {} values, lists and objects; at most {CONDITION_MAX} are taken",
        size.parts
    );
    Err(Error {
        code: Code::LimitExceeded,
        ..wrong(place, &message)
    })
}

fn too_large(message: String) -> Error {
    Error::new(Code::LimitExceeded, message)
}
