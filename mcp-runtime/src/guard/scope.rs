//! Which scopes of OAuth can be required.

/// What is wrong with a scope that is required, if anything is: RFC 6749, section 3.3, and the authorization of the protocol, by which
/// `offline_access` stands neither in challenges nor in metadata.
pub(crate) fn problem(scope: &str) -> Option<String> {
    let is_valid = |byte| matches!(byte, b'!' | b'#'..=b'[' | b']'..=b'~');
    if scope.is_empty() {
        return Some("a scope is empty: remove it".into());
    }
    if scope == "offline_access" {
        // A challenge would tell clients to ask for it.
        let problem =
            "`offline_access` is between a client and its authorization server: remove it";
        return Some(problem.into());
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
    fn a_scope_is_one_word_of_visible_ascii_that_servers_ask_for() {
        for right in [
            "files:write",
            "offline",
            "a",
            "https://example.com/scope",
            "!#[]~",
        ] {
            assert_eq!(problem(right), None, "{right}");
        }
        for wrong in [
            "offline_access",
            "",
            " ",
            "a b",
            "a\"b",
            "a\\b",
            "a\n",
            "ä",
            "\u{7f}",
        ] {
            assert!(problem(wrong).is_some(), "{wrong:?}");
        }
    }
}
