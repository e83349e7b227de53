//! Laws of the language, over generated rules, callers and documents; and the texts of its messages.

mod arbitrary;
mod compared;
mod laws;
mod messages;
mod same;
mod truths;
