//! [`Seal`]: texts that a client keeps for the server, and can neither read nor change.
//!
//! ChaCha20-Poly1305 under a key that is derived for each text: a random nonce of 96 bits alone would be used up by a busy
//! server whose key lives for years, 192 bits are not.

use chacha20_poly1305::{ChaCha20Poly1305, Key, Nonce, chacha20::ChaCha20};
use data_encoding::BASE64URL_NOPAD;

use crate::fingerprint::Print;

/// The length of the random part, in bytes: half of it derives the key, half of it is the nonce.
const RANDOM: usize = 24;

/// The length of the authentication tag, in bytes.
const TAG: usize = 16;

/// Seals texts with the first of its keys, and opens those of all of them.
pub(crate) struct Seal {
    first: [u8; 32],
    others: Vec<[u8; 32]>,
}

impl Seal {
    /// With a key that seals and opens, and with some that only open.
    pub(crate) fn new(first: [u8; 32], others: &[[u8; 32]]) -> Self {
        let others = others.to_vec();
        Self { first, others }
    }

    /// Seals a text, to be opened for the same as what it is about.
    pub(crate) fn seal(&self, about: &Print, mut text: Vec<u8>) -> String {
        let random = random();
        let tag = cipher(&self.first, &random).encrypt(&mut text, Some(about));
        let sealed = [&random, text.as_slice(), &tag].concat();
        BASE64URL_NOPAD.encode(&sealed)
    }

    /// Opens a text; `None` unless it was sealed by one of the keys, about the same, and has not been changed since.
    pub(crate) fn open(&self, about: &Print, sealed: &str) -> Option<Vec<u8>> {
        let sealed = BASE64URL_NOPAD.decode(sealed.as_bytes()).ok()?;
        let (random, rest) = sealed.split_first_chunk::<RANDOM>()?;
        let (text, tag) = rest.split_last_chunk::<TAG>()?;
        let mut keys = std::iter::once(&self.first).chain(&self.others);
        keys.find_map(|key| {
            let mut text = text.to_vec();
            let opened = cipher(key, random).decrypt(&mut text, *tag, Some(about));
            opened.is_ok().then_some(text)
        })
    }
}

impl std::fmt::Debug for Seal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Seal")
            .field("others", &self.others.len())
            .finish_non_exhaustive()
    }
}

/// The cipher of one text: its key is a block of the key stream, which tells nothing about the key that it is derived from.
fn cipher(key: &[u8; 32], random: &[u8; RANDOM]) -> ChaCha20Poly1305 {
    let (derivation, nonce) = random.split_at(RANDOM / 2);
    let stream = ChaCha20::new_from_block(Key::new(*key), half(derivation), 0).get_keystream(0);
    let key = std::array::from_fn(|at| stream[at]);
    ChaCha20Poly1305::new(Key::new(key), half(nonce))
}

fn half(random: &[u8]) -> Nonce {
    Nonce::new(std::array::from_fn(|at| random[at]))
}

/// Bytes that nobody can guess.
///
/// # Panics
///
/// If the operating system has no randomness; a server is not built then.
pub(crate) fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the operating system had randomness at start");
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fingerprint::Fingerprint;

    const ONE: [u8; 32] = [1; 32];
    const TWO: [u8; 32] = [2; 32];

    fn sealed(seal: &Seal, about: &str, text: &str) -> String {
        seal.seal(&Fingerprint::of(&[about]), text.as_bytes().to_vec())
    }

    fn opened(seal: &Seal, about: &str, sealed: &str) -> Option<String> {
        let text = seal.open(&Fingerprint::of(&[about]), sealed)?;
        Some(String::from_utf8(text).unwrap())
    }

    #[test]
    fn a_text_is_opened_by_the_same_key_for_the_same_only() {
        let seal = Seal::new(ONE, &[]);
        let text = sealed(&seal, "a", "secret");
        assert_eq!(opened(&seal, "a", &text).as_deref(), Some("secret"));
        assert_eq!(opened(&seal, "b", &text), None);
        assert_eq!(opened(&Seal::new(TWO, &[]), "a", &text), None);
    }

    #[test]
    fn no_two_texts_look_alike_and_none_shows_what_it_says() {
        let seal = Seal::new(ONE, &[]);
        let [one, two] = [(); 2].map(|()| sealed(&seal, "a", "secret"));
        assert_ne!(one, two);
        let bytes = BASE64URL_NOPAD.decode(one.as_bytes()).unwrap();
        assert!(!bytes.windows(6).any(|part| part == b"secret"));
    }

    #[test]
    fn every_flipped_bit_is_noticed() {
        let seal = Seal::new(ONE, &[]);
        let text = sealed(&seal, "a", "secret");
        let bytes = BASE64URL_NOPAD.decode(text.as_bytes()).unwrap();
        for bit in 0..bytes.len() * 8 {
            let mut flipped = bytes.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            let flipped = BASE64URL_NOPAD.encode(&flipped);
            assert_eq!(opened(&seal, "a", &flipped), None, "bit {bit}");
        }
    }

    #[test]
    fn anything_else_is_not_opened() {
        let seal = Seal::new(ONE, &[]);
        let text = sealed(&seal, "a", "secret");
        let long = "A".repeat(1 << 20);
        let wrong = ["", "x", "AAAA", "\u{fffd}", &text[1..], &text[..60], &long];
        for wrong in wrong {
            assert_eq!(opened(&seal, "a", wrong), None);
        }
    }

    #[test]
    fn a_key_that_no_longer_seals_still_opens() {
        let old = sealed(&Seal::new(ONE, &[]), "a", "old");
        let rotated = Seal::new(TWO, &[ONE]);
        assert_eq!(opened(&rotated, "a", &old).as_deref(), Some("old"));
        assert_eq!(opened(&rotated, "b", &old), None);
        let new = sealed(&rotated, "a", "new");
        assert_eq!(opened(&Seal::new(ONE, &[]), "a", &new), None);
        assert_eq!(
            opened(&Seal::new(TWO, &[]), "a", &new).as_deref(),
            Some("new")
        );
    }
}
