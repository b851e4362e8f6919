//! Cursors of paged lists: sealed, so that only a cursor that this server issued for this list is taken back.

use data_encoding::BASE64URL_NOPAD;
use hmac_sha256::HMAC;

/// The length of the authentication tag, in bytes.
const TAG: usize = 16;

/// Seals and opens cursors with a key of its own.
pub(crate) struct Cursors {
    key: [u8; 32],
}

impl Cursors {
    /// With a key that lives as long as the process.
    pub(crate) fn new() -> Self {
        Self { key: random_key() }
    }

    /// The cursor for the page that starts at `position` of the list that `method` returns.
    pub(crate) fn seal(&self, method: &str, position: usize) -> String {
        let position = (position as u64).to_be_bytes();
        let mut cursor = position.to_vec();
        cursor.extend_from_slice(&self.tag(method, position));
        BASE64URL_NOPAD.encode(&cursor)
    }

    /// The position that a cursor stands for; `None` if this server did not issue it for this list.
    pub(crate) fn open(&self, method: &str, cursor: &str) -> Option<usize> {
        let cursor = BASE64URL_NOPAD.decode(cursor.as_bytes()).ok()?;
        let (position, tag) = cursor.split_first_chunk::<8>()?;
        let expected = self.tag(method, *position);
        (tag == expected).then(|| usize::try_from(u64::from_be_bytes(*position)).ok())?
    }

    fn tag(&self, method: &str, position: [u8; 8]) -> [u8; TAG] {
        let mut mac = HMAC::new(self.key);
        mac.update(position);
        mac.update(method);
        let tag = mac.finalize();
        std::array::from_fn(|at| tag[at])
    }
}

impl std::fmt::Debug for Cursors {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Cursors").finish_non_exhaustive()
    }
}

/// A key from the randomness with which the standard library keys its hash maps.
///
/// A cursor gives no access: it names a position in a list that the caller may read anyway, so its key guards against
/// mistakes rather than against attackers.
fn random_key() -> [u8; 32] {
    use std::hash::{BuildHasher, RandomState};
    let mut key = [0; 32];
    for (at, chunk) in key.chunks_exact_mut(8).enumerate() {
        chunk.copy_from_slice(&RandomState::new().hash_one(at).to_ne_bytes());
    }
    key
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_taken_back_for_its_own_list_only() {
        let cursors = Cursors::new();
        let cursor = cursors.seal("tools/list", 20);
        assert_eq!(cursors.open("tools/list", &cursor), Some(20));
        assert_eq!(cursors.open("prompts/list", &cursor), None);
        assert_eq!(Cursors::new().open("tools/list", &cursor), None);
    }

    #[test]
    fn anything_but_an_issued_cursor_is_refused() {
        let cursors = Cursors::new();
        let cursor = cursors.seal("tools/list", 20);
        let mut flipped = cursor.clone().into_bytes();
        flipped[3] = if flipped[3] == b'A' { b'B' } else { b'A' };
        let flipped = String::from_utf8(flipped).unwrap();
        for wrong in [
            "",
            "x",
            "AAAA",
            "\u{fffd}",
            &cursor[..cursor.len() - 2],
            &flipped,
            &"A".repeat(1 << 20),
        ] {
            assert_eq!(cursors.open("tools/list", wrong), None);
        }
    }
}
