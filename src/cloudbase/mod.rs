//! Facts of the cloud that both sides of its wire share: its error codes and
//! how requests are signed.

pub mod code;
pub mod signature;

pub use self::code::Code;
