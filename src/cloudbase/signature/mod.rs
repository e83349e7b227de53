//! How requests to the cloud are signed: the two TC3 variants and the older
//! q-sign. Pure: the clock and the secret are arguments.
//!
//! The client signs with these, the emulator computes the same and compares.
//!
//! - [`tc3`]: `/admin` (parameters are signed one by one) and the cloud API
//! - [`q_sign`]: `/admin` as the oldest SDK signs it
//! - [`Fields`]: the members of a body, which both ways over `/admin` sign

mod fields;
pub mod q_sign;
pub mod tc3;
#[cfg(test)]
mod tests;

pub(super) use self::fields::encoded;
pub use self::fields::{Error, Fields};

/// Whether two signatures are the same, in a time that does not tell where they differ.
pub fn same(computed: &str, given: &str) -> bool {
    computed.len() == given.len()
        && computed
            .bytes()
            .zip(given.bytes())
            .fold(0, |difference, (a, b)| difference | (a ^ b))
            == 0
}

/// Bytes as lower-case hexadecimal digits.
fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |half: u8| char::from(DIGITS[usize::from(half)]);
    let pair = |byte: &u8| [digit(byte >> 4), digit(byte & 15)];
    bytes.iter().flat_map(pair).collect()
}
