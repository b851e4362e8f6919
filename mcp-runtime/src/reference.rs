//! References that join what a client is told about an internal error to what the log says.

use std::{
    fmt::Write,
    hash::{BuildHasher, RandomState},
    time::{SystemTime, UNIX_EPOCH},
};

/// A new reference: a ULID, so that references sort by time.
pub(crate) fn reference() -> String {
    const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    let time = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default()
        .as_millis();
    let random = |seed: u8| u128::from(RandomState::new().hash_one(seed));
    let bits =
        (time & ((1 << 48) - 1)) << 80 | (random(0) << 16 | random(1) & 0xffff) & ((1 << 80) - 1);
    let mut text = String::with_capacity(26);
    for digit in (0..26).rev() {
        let index = usize::try_from(bits >> (5 * digit) & 31).unwrap_or_default();
        let _ = text.write_char(char::from(ALPHABET[index]));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_ulids_that_differ() {
        let (one, other) = (reference(), reference());
        assert_ne!(one, other);
        assert_eq!(one.len(), 26);
        assert!(one.starts_with('0'), "the time of this century: {one}");
    }
}
