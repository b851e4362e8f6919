//! What a scope of OAuth is made of.

/// What is wrong with a scope, if anything is: RFC 6749, section 3.3.
pub(crate) fn problem(scope: &str) -> Option<String> {
    let is_valid = |byte| matches!(byte, b'!' | b'#'..=b'[' | b']'..=b'~');
    if scope.is_empty() {
        return Some("a scope is empty: remove it".into());
    }
    (!scope.bytes().all(is_valid)).then(|| {
        format!(
            "`{scope}` is not a scope: it is one word of visible ASCII characters other than `\"` and `\\`"
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_is_one_word_of_visible_ascii() {
        for right in ["files:write", "a", "https://example.com/scope", "!#[]~"] {
            assert_eq!(problem(right), None, "{right}");
        }
        for wrong in ["", " ", "a b", "a\"b", "a\\b", "a\n", "ä", "\u{7f}"] {
            assert!(problem(wrong).is_some(), "{wrong:?}");
        }
    }
}
