//! Facts of the cloud that both sides of its wire share: its error codes, how
//! requests are signed, how files are named.

pub mod code;
mod file_id;
pub mod signature;

pub use self::code::Code;
pub use self::file_id::{FileId, FileIdError, FileKey};
