//! The one door, over an embedded store: who may see and change what, and what nobody can find out.

mod audit;
mod bulk;
mod closed;
mod create;
mod denial;
pub(crate) mod fickle;
mod get_rules;
mod live;
mod matrix;
mod metamorphic;
mod notes;
mod oracle;
mod page;
mod read;
mod relation;
mod roles;
mod standing;
mod update;
mod vouch;
mod world;
