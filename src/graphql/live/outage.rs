//! A store that cannot answer for a while: nothing is told until it can.

use std::time::Duration;

use crate::graphql::error::{Code, Error};

/// Before it is asked again.
pub(super) const PAUSE: Duration = Duration::from_secs(1);

/// Whether these errors say that it is away, so that the answer may be another one later.
pub(super) fn is_away(errors: &[Error]) -> bool {
    let code = errors.first().map(|error| error.code);
    code == Some(Code::Unavailable)
}
