//! Numbers that tell requests apart.

/// Another for every request. Without random numbers requests have one in common, which does no harm: nothing depends
/// on it but the search in a log.
pub(crate) fn number() -> u64 {
    getrandom::u64().unwrap_or_default()
}
