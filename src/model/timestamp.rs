//! `@timestamp`: fields that the gateway sets.

use super::arguments::Directives;
use super::diagnostic::Problems;
use super::{BaseType, FieldType, Scalar, TimestampEvent};

pub(super) fn read(
    directives: &Directives<'_>,
    ty: FieldType,
    problems: &mut Problems,
) -> Option<TimestampEvent> {
    let timestamp = directives.one("timestamp")?;
    let instant = matches!(
        ty.base,
        BaseType::Scalar(Scalar::DateTime | Scalar::EpochMs)
    );
    if !instant || ty.list.is_some() {
        problems
            .error(
                timestamp.at,
                "`@timestamp` is for fields of type `DateTime`",
            )
            .hint("write `DateTime!`, with `@field(as: EPOCH_MS)` if it is stored as a number");
    }
    for other in ["default", "constraint"] {
        if let Some(other) = directives.one(other) {
            problems
                .error(
                    other.at,
                    format!("`@{}` says nothing beside `@timestamp`", other.name()),
                )
                .hint("the gateway sets the field at every write it is for; remove one of the two");
        }
    }
    match timestamp.enum_value("on")? {
        "CREATE" => Some(TimestampEvent::Create),
        _ => Some(TimestampEvent::Update),
    }
}
