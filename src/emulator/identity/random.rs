//! Names that nobody guesses.

/// 32 hexadecimal digits.
pub(super) fn id() -> String {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).expect("the operating system has random numbers");
    format!("{:032x}", u128::from_le_bytes(bytes))
}
