//! Short ways to write definitions down, so that the builders read like SDL.

use async_graphql_value::ConstValue;
use smol_str::SmolStr;

use crate::graphql::api::{FieldDef, InputMeaning, InputValueDef, Meaning, Operator, Type};

pub(super) fn field(name: impl Into<SmolStr>, ty: Type, meaning: Meaning) -> FieldDef {
    FieldDef {
        name: name.into(),
        description: None,
        deprecation: None,
        ty,
        args: indexmap::IndexMap::new(),
        meaning,
    }
}

/// An argument or an input member that is known by its name.
pub(super) fn argument(name: &'static str, ty: Type) -> InputValueDef {
    member(name, ty, InputMeaning::Argument)
}

pub(super) fn member(name: impl Into<SmolStr>, ty: Type, meaning: InputMeaning) -> InputValueDef {
    InputValueDef {
        name: name.into(),
        description: None,
        ty,
        default: None,
        meaning,
    }
}

pub(super) fn operator(name: &'static str, ty: Type, operator: Operator) -> InputValueDef {
    member(name, ty, InputMeaning::Operator(operator))
}

impl FieldDef {
    pub(super) fn describe(mut self, text: &str) -> Self {
        self.description = Some(text.to_owned());
        self
    }

    pub(super) fn documented(
        mut self,
        description: Option<&String>,
        deprecation: Option<&String>,
    ) -> Self {
        self.description = description.cloned();
        self.deprecation = deprecation.cloned();
        self
    }

    pub(super) fn args(mut self, args: impl IntoIterator<Item = InputValueDef>) -> Self {
        self.args
            .extend(args.into_iter().map(|arg| (arg.name.clone(), arg)));
        self
    }
}

impl InputValueDef {
    pub(super) fn describe(mut self, text: impl Into<String>) -> Self {
        self.description = Some(text.into());
        self
    }

    pub(super) fn default(mut self, value: impl Into<ConstValue>) -> Self {
        self.default = Some(value.into());
        self
    }
}
