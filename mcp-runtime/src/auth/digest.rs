//! Digests of secrets: what is kept of them.

use std::hint::black_box;

use sha2::{Digest as _, Sha256};

/// The SHA-256 digest of a secret.
///
/// Secrets of high entropy need no slow hash: there is nothing to guess.
pub(super) type Digest = [u8; 32];

pub(super) fn digest(secret: &str) -> Digest {
    Sha256::digest(secret).into()
}

/// Whether two digests are the same, in a time that does not tell where they differ.
pub(super) fn same(one: &Digest, other: &Digest) -> bool {
    let pairs = one.iter().zip(other);
    let difference = pairs.fold(0, |difference, (one, other)| {
        black_box(difference | (one ^ other))
    });
    difference == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_are_the_same_only_if_all_of_them_is() {
        let one = digest("one");
        assert!(same(&one, &digest("one")));
        for at in [0, 15, 31] {
            let mut other = one;
            other[at] ^= 1;
            assert!(!same(&one, &other));
        }
    }
}
