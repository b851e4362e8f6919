//! Cursors of paged lists: sealed, so that only a cursor that was issued for this list is taken back.

use crate::{
    fingerprint::{Fingerprint, Print},
    seal::Seal,
};

/// The cursor for the page that starts at `position` of the list that `method` returns.
pub(crate) fn seal(seal: &Seal, method: &str, position: usize) -> String {
    let position = (position as u64).to_be_bytes();
    seal.seal(&about(method), position.to_vec())
}

/// The position that a cursor stands for; `None` if it was not issued for this list.
pub(crate) fn open(seal: &Seal, method: &str, cursor: &str) -> Option<usize> {
    let position = seal.open(&about(method), cursor)?;
    usize::try_from(u64::from_be_bytes(position.try_into().ok()?)).ok()
}

fn about(method: &str) -> Print {
    Fingerprint::of(&["cursor", method])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_taken_back_for_its_own_list_only() {
        let one = Seal::new([1; 32], &[]);
        let cursor = seal(&one, "tools/list", 20);
        assert_eq!(open(&one, "tools/list", &cursor), Some(20));
        assert_eq!(open(&one, "prompts/list", &cursor), None);
        let other = Seal::new([2; 32], &[]);
        assert_eq!(open(&other, "tools/list", &cursor), None);
    }

    #[test]
    fn anything_but_an_issued_cursor_is_refused() {
        let one = Seal::new([1; 32], &[]);
        let cursor = seal(&one, "tools/list", 20);
        let foreign = one.seal(&Fingerprint::of(&["cursor"]), vec![0; 8]);
        let long = "A".repeat(1 << 20);
        for wrong in ["", "x", "AAAA", &cursor[2..], &foreign, &long] {
            assert_eq!(open(&one, "tools/list", wrong), None);
        }
    }
}
