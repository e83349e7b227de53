//! The rule language and decisions, through the public interface of `rules` and `access`.

#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests stop at the first surprise, as tests do"
)]

mod cases;
mod decisions;
mod docs;
