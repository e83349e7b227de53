//! The permission of a collection, as the console and the cloud API have it.

use crate::access::{Permission, Policy};
use crate::emulator::failure::Result;

/// `AclTag`: READONLY, PRIVATE, ADMINWRITE, ADMINONLY, CUSTOM.
pub(crate) type AclTag = Permission;

/// The tag, the text of the rule, and what they mean.
#[derive(Clone, Debug)]
pub(crate) struct Access {
    pub(crate) tag: AclTag,
    /// The JSON text of a custom rule, as it was given.
    pub(crate) rule: Option<String>,
    /// Without grants: those are the gateway's.
    pub(crate) policy: Policy,
}

impl Access {
    /// Reads a tag (`"READONLY"`…) and, for `CUSTOM`, the text of the rule: JSON
    /// `{read, write, create, update, delete}`, each a bool or an expression; `write` stands for the three it names.
    ///
    /// # Errors
    /// An unknown tag, `CUSTOM` without a rule, a rule that cannot be read, with all its problems.
    pub(crate) fn parse(_tag: &str, _rule: Option<&str>) -> Result<Self> {
        unimplemented!("database helper")
    }

    /// The tag as the API spells it.
    pub(crate) fn tag_text(&self) -> &'static str {
        unimplemented!("database helper")
    }
}
