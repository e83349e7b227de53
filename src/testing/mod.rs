//! Permission tests as data: YAML files become cases, and what came back for a case becomes a verdict.
//!
//! - a file: `yaml.rs` (text → nodes with their lines), `parse/` (nodes → [`File`])
//! - its words: `case.rs` (who asks what, and what is expected), `pattern.rs` (values that are expected)
//! - afterwards: `verdict.rs` (expected × what came → mismatches), `report.rs` (what is said of all cases)
//!
//! What it is not: it runs nothing and reads no files; it knows neither stores nor operations. The command `test` fills
//! a store for each case, asks a gateway, and hands here what came back.

mod case;
mod parse;
mod pattern;
mod report;
mod verdict;
mod yaml;

pub use self::case::{
    Case, Expect, ExpectedError, File, Include, Named, Operation, Seeded, Setting, Step, Stored,
    Unchanged, Who,
};
pub use self::parse::parse;
pub use self::pattern::{Mismatch, Pattern};
pub use self::report::{Failure, Outcome, Report};
pub use self::verdict::{Answer, Documents, judge};

/// Something in a file that cannot be meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Counted from 1.
    pub line: usize,
    /// What is wrong and what to write.
    pub message: String,
}

impl Problem {
    pub fn new(line: usize, message: impl Into<String>) -> Self {
        Self {
            line,
            message: message.into(),
        }
    }
}
