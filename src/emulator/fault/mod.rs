//! What goes wrong on purpose, for tests and rehearsals.

/// The faults that are set, shared by requests and sockets.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    _todo: (),
}
