//! The directives a model file may use, and the one check of all their uses:
//! known, in the right place, given the arguments they are defined with.
//!
//! What a directive *means* is not here but in the file of its concern.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use async_graphql_parser::types::{
    BaseType, ConstDirective, DirectiveDefinition, DirectiveLocation, EnumType,
    InputValueDefinition, ServiceDocument, Type, TypeKind, TypeSystemDefinition,
};
use async_graphql_parser::{Pos, Positioned, parse_schema};
use async_graphql_value::ConstValue;

use super::diagnostic::Problems;
use super::spelling;

/// Definitions of all directives and scalars of a model file, for editors.
pub const PRELUDE: &str = include_str!("../../prelude.graphql");

/// What GraphQL itself defines and a model file may use.
const SPECIFIED: &str = "
directive @deprecated(reason: String! = \"No longer supported\") on FIELD_DEFINITION | ENUM_VALUE
scalar String scalar Int scalar Float scalar Boolean
";

static DEFINITIONS: LazyLock<Definitions> = LazyLock::new(|| {
    let mut definitions = Definitions::default();
    for sdl in [PRELUDE, SPECIFIED] {
        definitions.add(parse_schema(sdl).expect("the prelude is well-formed"));
    }
    definitions
});

#[derive(Default)]
struct Definitions {
    directives: BTreeMap<String, DirectiveDefinition>,
    enums: BTreeMap<String, EnumType>,
    types: BTreeSet<String>,
}

impl Definitions {
    fn add(&mut self, document: ServiceDocument) {
        for definition in document.definitions {
            match definition {
                TypeSystemDefinition::Directive(directive) => {
                    let name = directive.node.name.node.to_string();
                    self.directives.insert(name, directive.node);
                }
                TypeSystemDefinition::Type(ty) => {
                    self.types.insert(ty.node.name.node.to_string());
                    if let TypeKind::Enum(values) = ty.node.kind {
                        self.enums.insert(ty.node.name.node.to_string(), values);
                    }
                }
                TypeSystemDefinition::Schema(_) => {}
            }
        }
    }

    fn names(&self) -> impl Iterator<Item = &str> + Clone {
        self.directives.keys().map(String::as_str)
    }
}

/// Whether the prelude or GraphQL itself defines a type of this name.
pub(super) fn defines_type(name: &str) -> bool {
    DEFINITIONS.types.contains(name)
}

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

/// Checks the directives of one place; those with problems are reported and left out.
pub(super) fn check<'a>(
    directives: &'a [Positioned<ConstDirective>],
    location: DirectiveLocation,
    problems: &mut Problems,
) -> Directives<'a> {
    let mut valid: Vec<Arguments<'a>> = Vec::new();
    for directive in directives {
        let name = &directive.node.name.node;
        let Some(definition) = definition_at(directive, location, problems) else {
            continue;
        };
        if !definition.is_repeatable && valid.iter().any(|other| other.name() == name.as_str()) {
            problems
                .error(directive.pos, format!("`@{name}` stands here twice"))
                .hint("write all its arguments into one");
        } else if arguments_fit(&directive.node, directive.pos, definition, problems) {
            valid.push(Arguments {
                at: directive.pos,
                directive: &directive.node,
            });
        }
    }
    Directives { valid }
}

fn definition_at(
    directive: &Positioned<ConstDirective>,
    location: DirectiveLocation,
    problems: &mut Problems,
) -> Option<&'static DirectiveDefinition> {
    let name = &directive.node.name.node;
    let Some(definition) = DEFINITIONS.directives.get(name.as_str()) else {
        problems
            .error(directive.pos, format!("unknown directive `@{name}`"))
            .hint_if(spelling::hint(name, DEFINITIONS.names()));
        return None;
    };
    let mut locations = definition.locations.iter().map(|location| location.node);
    if !locations.any(|allowed| allowed == location) {
        let places: Vec<&str> = definition
            .locations
            .iter()
            .map(|location| place(location.node))
            .collect();
        problems
            .error(
                directive.pos,
                format!("`@{name}` does not belong on {}", place(location)),
            )
            .hint(format!("it stands on {}", places.join(" or ")));
        return None;
    }
    Some(definition)
}

fn place(location: DirectiveLocation) -> &'static str {
    match location {
        DirectiveLocation::Schema => "`extend schema`",
        DirectiveLocation::Object => "a type",
        DirectiveLocation::FieldDefinition => "a field",
        DirectiveLocation::Enum => "an enum",
        DirectiveLocation::EnumValue => "a value of an enum",
        _ => "this place",
    }
}

fn arguments_fit(
    directive: &ConstDirective,
    at: Pos,
    definition: &DirectiveDefinition,
    problems: &mut Problems,
) -> bool {
    let name = &directive.name.node;
    let mut fit = true;
    for (position, (argument, value)) in directive.arguments.iter().enumerate() {
        let earlier = &directive.arguments[..position];
        if earlier.iter().any(|(other, _)| other.node == argument.node) {
            let message = format!("argument `{}` is given twice", argument.node);
            problems.error(argument.pos, message);
            fit = false;
        }
        fit &= argument_fits(name, argument, value, definition, problems);
    }
    for parameter in definition.arguments.iter().map(|argument| &argument.node) {
        if is_missing(parameter, directive) {
            let message = format!("`@{name}` needs the argument `{}`", parameter.name.node);
            problems
                .error(at, message)
                .hint(format!("write `@{name}({}: …)`", parameter.name.node));
            fit = false;
        }
    }
    fit
}

fn is_missing(parameter: &InputValueDefinition, directive: &ConstDirective) -> bool {
    let given = directive.get_argument(&parameter.name.node);
    !parameter.ty.node.nullable && parameter.default_value.is_none() && given.is_none()
}

fn argument_fits(
    directive: &str,
    argument: &Positioned<async_graphql_value::Name>,
    value: &Positioned<ConstValue>,
    definition: &DirectiveDefinition,
    problems: &mut Problems,
) -> bool {
    let mut parameters = definition.arguments.iter().map(|argument| &argument.node);
    let names = definition
        .arguments
        .iter()
        .map(|argument| argument.node.name.node.as_str());
    let Some(parameter) = parameters.find(|parameter| parameter.name.node == argument.node) else {
        problems
            .error(
                argument.pos,
                format!("`@{directive}` has no argument `{}`", argument.node),
            )
            .hint_if(spelling::hint(&argument.node, names));
        return false;
    };
    match fits(&value.node, &parameter.ty.node) {
        Ok(()) => true,
        Err(misfit) => {
            let message = format!("`{}` is {}, not {value}", argument.node, misfit.expected);
            problems.error(value.pos, message).hint_if(misfit.hint);
            false
        }
    }
}

struct Misfit {
    expected: String,
    hint: Option<String>,
}

impl Misfit {
    fn new(expected: impl Into<String>) -> Self {
        Self {
            expected: expected.into(),
            hint: None,
        }
    }
}

/// Whether a literal has a type of the prelude, by GraphQL's coercion of input.
fn fits(value: &ConstValue, ty: &Type) -> Result<(), Misfit> {
    match (&ty.base, value) {
        (_, ConstValue::Null) if ty.nullable => Ok(()),
        (BaseType::List(element), ConstValue::List(values)) => {
            values.iter().try_for_each(|value| {
                fits(value, element)
                    .map_err(|misfit| Misfit::new(format!("a list, each {}", misfit.expected)))
            })
        }
        (BaseType::List(element), value) => fits(value, element)
            .map_err(|misfit| Misfit::new(format!("a list, each {}", misfit.expected))),
        (BaseType::Named(name), value) => scalar_fits(value, name),
    }
}

fn scalar_fits(value: &ConstValue, ty: &str) -> Result<(), Misfit> {
    let (fits, expected) = match ty {
        "String" => (matches!(value, ConstValue::String(_)), "a string"),
        "Boolean" => (matches!(value, ConstValue::Boolean(_)), "`true` or `false`"),
        "Rule" => (
            matches!(value, ConstValue::Boolean(_) | ConstValue::String(_)),
            "`true`, `false` or a rule in quotes",
        ),
        "Int" => (whole_number(value).is_some(), "a whole number"),
        "Float" => (matches!(value, ConstValue::Number(_)), "a number"),
        "Any" => (!matches!(value, ConstValue::Null), "a value"),
        _ => return enum_fits(value, ty),
    };
    if fits {
        Ok(())
    } else {
        Err(Misfit::new(expected))
    }
}

fn enum_fits(value: &ConstValue, ty: &str) -> Result<(), Misfit> {
    let values = DEFINITIONS.enums.get(ty);
    let names = values.into_iter().flat_map(|values| &values.values);
    let names: Vec<&str> = names.map(|value| value.node.value.node.as_str()).collect();
    let mut misfit = Misfit::new(format!("one of {}", spelling::list(&names)));
    match value {
        ConstValue::Enum(name) if names.contains(&name.as_str()) => return Ok(()),
        ConstValue::Enum(name) => {
            let nearest = spelling::nearest(name, names.iter().copied());
            misfit.hint = nearest.map(|nearest| format!("did you mean `{nearest}`?"));
        }
        ConstValue::String(name) if names.contains(&name.as_str()) => {
            misfit.hint = Some(format!("write `{name}` without quotes"));
        }
        _ => {}
    }
    Err(misfit)
}

fn whole_number(value: &ConstValue) -> Option<i64> {
    match value {
        ConstValue::Number(number) => number.as_i64(),
        _ => None,
    }
}

impl<'a> Directives<'a> {
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
        whole_number(value.node).map(|number| value.position_node(number))
    }

    pub(super) fn float(&self, name: &str) -> Option<Positioned<f64>> {
        let value = self.value(name)?;
        match value.node {
            ConstValue::Number(number) => number.as_f64().map(|number| value.position_node(number)),
            _ => None,
        }
    }
}
