//! The directives of one place, their arguments read by type. They have been
//! checked against the prelude, so reading reports nothing.

use async_graphql_parser::types::ConstDirective;
use async_graphql_parser::{Pos, Positioned};
use async_graphql_value::ConstValue;

/// The directives of one place that are used as they are defined.
#[derive(Clone, Debug, Default)]
pub(super) struct Directives<'a> {
    valid: Vec<Arguments<'a>>,
}

/// One use of a directive, its arguments known to have the types of the prelude.
#[derive(Clone, Copy, Debug)]
pub(super) struct Arguments<'a> {
    /// Where the directive stands.
    pub(super) at: Pos,
    directive: &'a ConstDirective,
}

impl<'a> Directives<'a> {
    pub(super) fn new(valid: Vec<Arguments<'a>>) -> Self {
        Self { valid }
    }

    /// The directive of this name, which is not a repeatable one.
    pub(super) fn one(&self, name: &str) -> Option<Arguments<'a>> {
        self.all(name).next()
    }

    pub(super) fn all(&self, name: &str) -> impl Iterator<Item = Arguments<'a>> {
        self.valid
            .iter()
            .copied()
            .filter(move |directive| directive.name() == name)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = Arguments<'a>> {
        self.valid.iter().copied()
    }

    /// The reason of `@deprecated`.
    pub(super) fn deprecation(&self) -> Option<String> {
        let deprecated = self.one("deprecated")?;
        let reason = deprecated.string("reason").map(|reason| reason.node);
        Some(reason.unwrap_or("No longer supported").to_owned())
    }
}

impl<'a> Arguments<'a> {
    pub(super) fn new(directive: &'a Positioned<ConstDirective>) -> Self {
        Self {
            at: directive.pos,
            directive: &directive.node,
        }
    }

    pub(super) fn name(&self) -> &'a str {
        &self.directive.name.node
    }

    /// The argument as it was written; `null` is as good as none.
    pub(super) fn value(&self, name: &str) -> Option<Positioned<&'a ConstValue>> {
        let value = self.directive.get_argument(name)?;
        (value.node != ConstValue::Null).then(|| value.position_node(&value.node))
    }

    pub(super) fn string(&self, name: &str) -> Option<Positioned<&'a str>> {
        let value = self.value(name)?;
        match value.node {
            ConstValue::String(text) => Some(value.position_node(text.as_str())),
            _ => None,
        }
    }

    /// The texts of a list of strings, and where the list begins.
    pub(super) fn strings(&self, name: &str) -> Option<Positioned<Vec<&'a str>>> {
        let value = self.value(name)?;
        let values = match value.node {
            ConstValue::List(values) => values.as_slice(),
            single => std::slice::from_ref(single),
        };
        let texts = values.iter().filter_map(|value| match value {
            ConstValue::String(text) => Some(text.as_str()),
            _ => None,
        });
        Some(Positioned::new(texts.collect(), value.pos))
    }

    pub(super) fn flag(&self, name: &str) -> bool {
        matches!(
            self.value(name).map(|value| value.node),
            Some(ConstValue::Boolean(true))
        )
    }

    pub(super) fn enum_value(&self, name: &str) -> Option<&'a str> {
        match self.value(name)?.node {
            ConstValue::Enum(value) => Some(value.as_str()),
            _ => None,
        }
    }

    pub(super) fn int(&self, name: &str) -> Option<Positioned<i64>> {
        let value = self.value(name)?;
        match value.node {
            ConstValue::Number(number) => number.as_i64().map(|number| value.position_node(number)),
            _ => None,
        }
    }

    pub(super) fn float(&self, name: &str) -> Option<Positioned<f64>> {
        let value = self.value(name)?;
        match value.node {
            ConstValue::Number(number) => number.as_f64().map(|number| value.position_node(number)),
            _ => None,
        }
    }
}
