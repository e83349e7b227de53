//! Types that do not depend on the model: scalars, points, page info.

use super::Builder;
use super::defs::field;
use crate::graphql::api::{InputScalar, Meaning, ScalarDef, Type, TypeDef};
use crate::graphql::naming;

const SCALARS: [ScalarRow; 9] = [
    ("ID", InputScalar::Id, "", None),
    ("String", InputScalar::String, "", None),
    ("Int", InputScalar::Int, "", None),
    ("Float", InputScalar::Float, "", None),
    ("Boolean", InputScalar::Boolean, "", None),
    (
        "DateTime",
        InputScalar::DateTime,
        "A moment: `2026-01-31T08:00:00.000Z`. Answers are in UTC with milliseconds; input may have any offset, but has to have one.",
        Some("https://www.rfc-editor.org/rfc/rfc3339"),
    ),
    (
        "Long",
        InputScalar::Long,
        "A whole number of 64 bits. Answers are strings, since JavaScript numbers cannot hold it; input may be a string or a number.",
        None,
    ),
    (
        "JSON",
        InputScalar::Json,
        "Any JSON value.",
        Some("https://www.rfc-editor.org/rfc/rfc8259"),
    ),
    (
        "FileID",
        InputScalar::FileId,
        "A file of the cloud storage: `cloud://…`.",
        None,
    ),
];

type ScalarRow = (
    &'static str,
    InputScalar,
    &'static str,
    Option<&'static str>,
);

impl Builder<'_> {
    pub(super) fn common_types(&mut self) {
        for (name, scalar, description, specified_by) in SCALARS {
            self.add(TypeDef::Scalar(ScalarDef {
                name: name.into(),
                scalar,
                description,
                specified_by,
                built_in: description.is_empty(),
            }));
        }
        self.direction_type();
        self.geo_inputs();
        self.geo_point();
        self.page_info();
    }

    fn geo_point(&mut self) {
        let degrees = || Type::named("Float").non_null();
        self.add_object(
            naming::GEO_POINT.into(),
            "A position on the globe, in degrees.",
            vec![
                field("longitude", degrees(), Meaning::Longitude),
                field("latitude", degrees(), Meaning::Latitude),
            ],
        );
    }

    fn page_info(&mut self) {
        let flag = || Type::named("Boolean").non_null();
        let cursor = || Type::named("String");
        self.add_object(
            naming::PAGE_INFO.into(),
            "Where a page stands in its list.",
            vec![
                field("hasNextPage", flag(), Meaning::HasNextPage),
                field("hasPreviousPage", flag(), Meaning::HasPreviousPage),
                field("startCursor", cursor(), Meaning::StartCursor),
                field("endCursor", cursor(), Meaning::EndCursor),
            ],
        );
    }
}
