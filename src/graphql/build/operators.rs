//! The operators on values of each scalar and enum, and on lists of them.

use smol_str::SmolStr;

use super::Builder;
use super::defs::operator;
use super::filters::{exists, list_of, size};
use crate::graphql::api::{InputKind, InputValueDef, Operator, Type};
use crate::graphql::naming;
use crate::model::{BaseType, EnumIx, FieldType, Scalar};

/// [`Scalar::EpochMs`] is served as `DateTime` and shares its operators.
const SERVED_SCALARS: [Scalar; 10] = [
    Scalar::Id,
    Scalar::String,
    Scalar::Int,
    Scalar::Float,
    Scalar::Boolean,
    Scalar::DateTime,
    Scalar::Long,
    Scalar::Json,
    Scalar::FileId,
    Scalar::GeoPoint,
];

impl Builder<'_> {
    pub(super) fn operator_inputs(&mut self) {
        for scalar in SERVED_SCALARS {
            let operators = self.scalar_operators(scalar);
            self.operators_on(BaseType::Scalar(scalar), operators);
        }
        for ix in (0..self.model.enums.len()).map(EnumIx) {
            let operators = membership(&self.model.enum_type(ix).name);
            self.operators_on(BaseType::Enum(ix), operators);
        }
    }

    /// The operators on a value (these and `exists`) and on a list of values.
    fn operators_on(&mut self, base: BaseType, mut operators: Vec<InputValueDef>) {
        operators.push(exists());
        let single = FieldType {
            base,
            list: None,
            required: false,
        };
        let name = naming::output(self.model, base);
        let description = "All operators have to hold; at least one has to be given.";
        self.add_input(
            naming::filter(&name),
            InputKind::Operators(single),
            description,
            operators,
        );
        self.add_input(
            naming::list_filter(&name),
            InputKind::Operators(list_of(base)),
            description,
            list_operators(base, &name),
        );
    }

    fn scalar_operators(&self, scalar: Scalar) -> Vec<InputValueDef> {
        let name = SmolStr::new_static(naming::scalar(scalar));
        match scalar {
            Scalar::Id | Scalar::FileId => membership(&name),
            Scalar::Boolean | Scalar::Json => equality(&name),
            Scalar::GeoPoint => geo(),
            Scalar::String => {
                let mut operators = comparison(&name);
                operators.extend(self.text());
                operators
            }
            Scalar::Int | Scalar::Float | Scalar::DateTime | Scalar::EpochMs | Scalar::Long => {
                comparison(&name)
            }
        }
    }

    fn text(&self) -> Vec<InputValueDef> {
        let text = || Type::named("String");
        let mut operators = vec![
            operator("startsWith", text(), Operator::StartsWith),
            operator("contains", text(), Operator::Contains),
            operator("endsWith", text(), Operator::EndsWith),
        ];
        if self.matches {
            operators.push(
                operator("matches", text(), Operator::Matches)
                    .describe("A regular expression; no index helps to find these."),
            );
        }
        operators
    }
}

fn equality(name: &SmolStr) -> Vec<InputValueDef> {
    let value = || Type::named(name.clone());
    vec![
        operator("eq", value(), Operator::Eq).describe("Null equals a missing value."),
        operator("ne", value(), Operator::Ne),
    ]
}

fn membership(name: &SmolStr) -> Vec<InputValueDef> {
    let values = || Type::named(name.clone()).non_null().list();
    let mut operators = equality(name);
    operators.extend([
        operator("in", values(), Operator::In).describe("An empty list never holds."),
        operator("notIn", values(), Operator::NotIn),
    ]);
    operators
}

fn comparison(name: &SmolStr) -> Vec<InputValueDef> {
    let value = || Type::named(name.clone());
    let mut operators = membership(name);
    operators.extend([
        operator("gt", value(), Operator::Gt),
        operator("gte", value(), Operator::Gte),
        operator("lt", value(), Operator::Lt),
        operator("lte", value(), Operator::Lte),
    ]);
    operators
}

fn geo() -> Vec<InputValueDef> {
    vec![
        operator("within", Type::named(naming::GEO_WITHIN), Operator::Within),
        operator(
            "intersects",
            Type::named(naming::GEO_INTERSECTS),
            Operator::Intersects,
        ),
    ]
}

/// JSON and points have no order or equality that an element test could use.
fn list_operators(base: BaseType, name: &SmolStr) -> Vec<InputValueDef> {
    let value = || Type::named(name.clone());
    let mut operators = match base {
        BaseType::Scalar(Scalar::Json | Scalar::GeoPoint) => Vec::new(),
        _ => vec![
            operator("has", value(), Operator::Has).describe("This is among the elements."),
            operator("hasEvery", value().non_null().list(), Operator::HasEvery),
            operator("hasSome", value().non_null().list(), Operator::HasSome),
            operator("some", Type::named(naming::filter(name)), Operator::Some)
                .describe("At least one element matches all of this."),
        ],
    };
    operators.extend([size(), exists()]);
    operators
}
