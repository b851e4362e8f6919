//! One form for all the ways to write the same URI.

use std::fmt::Write as _;

/// The canonical form of a URI (RFC 3986, section 6.2.2): its scheme in lower case, and so the host of a scheme whose hosts are
/// those of the network; percent-encoding only where it is needed, in upper case.
///
/// Elsewhere a host is part of a name, such as `note://Ada`, and is left as it is, as for reading.
pub(crate) fn canonical(uri: &str) -> String {
    let mut canonical = String::with_capacity(uri.len());
    let mut rest = uri;
    if let Some((scheme, behind)) = uri.split_once(':') {
        let scheme = scheme.to_ascii_lowercase();
        canonical.push_str(&scheme);
        canonical.push(':');
        rest = behind;
        if matches!(&*scheme, "http" | "https" | "ws" | "wss" | "ftp" | "file")
            && let Some(behind) = rest.strip_prefix("//")
        {
            let end = behind.find(['/', '?', '#']).unwrap_or(behind.len());
            let (host, path) = behind.split_at(end);
            canonical.push_str("//");
            encode(&host.to_ascii_lowercase(), &mut canonical);
            rest = path;
        }
    }
    encode(rest, &mut canonical);
    canonical
}

/// Decodes what needs no encoding, and encodes what does.
fn encode(text: &str, canonical: &mut String) {
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let escape = escape(&bytes[at..]);
        let decoded = escape.unwrap_or(byte);
        let plain = match escape {
            Some(byte) => is_unreserved(byte),
            None => byte.is_ascii_graphic(),
        };
        if plain {
            canonical.push(char::from(decoded));
        } else {
            let _ = write!(canonical, "%{decoded:02X}");
        }
        at += if escape.is_some() { 3 } else { 1 };
    }
}

/// The byte that an escape at the start stands for.
fn escape(bytes: &[u8]) -> Option<u8> {
    let [b'%', high, low, ..] = bytes else {
        return None;
    };
    let digit = |digit: &u8| char::from(*digit).to_digit(16);
    u8::try_from(digit(high)? * 16 + digit(low)?).ok()
}

fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~".contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_uri_has_one_form() {
        for (one, other) in [
            ("FILE:///a", "file:///a"),
            ("https://EXAMPLE.com/A", "HTTPS://example.COM/A"),
            ("note://%41da", "note://Ada"),
            ("note://a%2fb", "note://a%2Fb"),
            ("note://é", "note://%c3%A9"),
            ("note://a b", "note://a%20b"),
        ] {
            assert_eq!(canonical(one), canonical(other), "{one} {other}");
        }
    }

    #[test]
    fn different_uris_keep_different_forms() {
        for (one, other) in [
            ("note://Ada", "note://ada"),
            ("note://a%2Fb", "note://a/b"),
            ("note://a%252Fb", "note://a%2Fb"),
            ("https://example.com/A", "https://example.com/a"),
            ("note://100%", "note://100"),
        ] {
            assert_ne!(canonical(one), canonical(other), "{one} {other}");
        }
        assert_eq!(canonical("%"), "%");
        assert_eq!(canonical(""), "");
    }

    #[test]
    fn a_canonical_uri_stays_as_it_is() {
        for uri in ["Note://%zz%4", "a:b:c", "file://HOST/é%e9", "%%41"] {
            let once = canonical(uri);
            assert_eq!(canonical(&once), once, "{uri}");
        }
    }
}
