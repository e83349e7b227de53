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

use super::arguments::{Arguments, Directives};
use super::diagnostic::Problems;
use super::spelling;

/// Definitions of all directives and scalars of a model file, for editors.
pub const PRELUDE: &str = include_str!("../../prelude.graphql");

/// What GraphQL itself defines and a model file may use.
const SPECIFIED: &str = "
directive @deprecated(reason: String! = \"No longer supported\") on FIELD_DEFINITION | ENUM_VALUE
scalar String scalar Int scalar Float scalar Boolean
";

/// Directives that may stand in one place several times, as the prelude says. The parser cannot be asked: it takes
/// every directive for a repeatable one.
const REPEATABLE: [&str; 3] = ["role", "grant", "index"];

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
        if !REPEATABLE.contains(&name.as_str())
            && valid.iter().any(|other| other.name() == name.as_str())
        {
            problems
                .error(directive.pos, format!("`@{name}` stands here twice"))
                .hint("write all its arguments into one");
        } else if arguments_fit(&directive.node, directive.pos, definition, problems) {
            valid.push(Arguments::new(directive));
        }
    }
    Directives::new(valid)
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
            .hint(match spelling::nearest(name, DEFINITIONS.names()) {
                Some(nearest) => format!("did you mean `@{nearest}`?"),
                None => "`cloudbase-graphql schema --prelude` prints those there are".to_owned(),
            });
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
        "Int" => (
            matches!(value, ConstValue::Number(number) if number.is_i64()),
            "a whole number",
        ),
        "Float" => (matches!(value, ConstValue::Number(_)), "a number"),
        "Any" => (
            !matches!(value, ConstValue::Null),
            "a value other than `null`",
        ),
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
    let mut misfit = Misfit::new(spelling::list(&names, "or"));
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repeatable_directives_are_those_of_the_prelude() {
        let definitions = PRELUDE.split("\ndirective @").skip(1);
        let repeatable = definitions.filter(|definition| {
            let head = definition.split(" on ").next().unwrap_or(definition);
            head.contains(") repeatable")
        });
        let names: Vec<&str> = repeatable
            .filter_map(|definition| definition.split('(').next())
            .collect();
        assert_eq!(names, REPEATABLE);
    }
}
