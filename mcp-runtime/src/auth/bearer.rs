//! Where the token of a request stands.

use std::borrow::Cow;

use http::{header, request::Parts};
use percent_encoding::percent_decode_str;

/// The longest token that is looked at, in bytes.
const MAX_TOKEN: usize = 16 * 1024;

/// The token of the header `Authorization: Bearer …`, if it stands there.
///
/// ```
/// use mcp_runtime::auth::bearer_token;
///
/// let (request, ()) = http::Request::builder()
///     .header("Authorization", "Bearer abc")
///     .body(())
///     .unwrap()
///     .into_parts();
/// assert_eq!(bearer_token(&request), Some("abc"));
/// ```
pub fn bearer_token(request: &Parts) -> Option<&str> {
    let value = request.headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let token = after_scheme(value)?.trim();
    (!token.is_empty()).then_some(token)
}

/// What is wrong with the way in which a request proves itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Misuse {
    /// The request is none that can be understood.
    Request(&'static str),
    /// The token is none.
    Token(&'static str),
}

/// Looks at how a request proves itself, not at whether it does. Returns whether there is a bearer token.
pub(super) fn inspect(request: &Parts) -> Result<bool, Misuse> {
    if has_token(request.uri.query().unwrap_or_default()) {
        let problem = "a token does not belong in the URL: send it in the header Authorization";
        return Err(Misuse::Request(problem));
    }
    let mut values = request.headers.get_all(header::AUTHORIZATION).iter();
    let (Some(value), further) = (values.next(), values.next()) else {
        return Ok(false);
    };
    if further.is_some() {
        return Err(Misuse::Request("the header Authorization stands twice"));
    }
    let Ok(value) = value.to_str() else {
        return Err(Misuse::Request("the header Authorization is no ASCII text"));
    };
    let Some(token) = after_scheme(value) else {
        return Ok(false);
    };
    let is_token =
        |byte: u8| byte.is_ascii_graphic() && !matches!(byte, b'"' | b',' | b';' | b'\\');
    match token.trim() {
        "" => Err(Misuse::Token("the token is empty")),
        token if token.len() > MAX_TOKEN => Err(Misuse::Token("the token is too long")),
        // All bytes are looked at, several at a time: a token is long, and hardly ever wrong.
        token if token.bytes().fold(true, |all, byte| all & is_token(byte)) => Ok(true),
        _ => Err(Misuse::Request(
            "the header Authorization holds more than one token",
        )),
    }
}

/// What stands after `Bearer`.
fn after_scheme(value: &str) -> Option<&str> {
    let value = value.trim();
    let (scheme, rest) = value.split_once(' ').unwrap_or((value, ""));
    scheme.eq_ignore_ascii_case("bearer").then_some(rest)
}

/// Whether a query has a token in it.
fn has_token(query: &str) -> bool {
    query.split('&').any(|pair| {
        let name = pair.split_once('=').map_or(pair, |(name, _)| name);
        let name: Cow<'_, [u8]> = percent_decode_str(name).into();
        name.eq_ignore_ascii_case(b"access_token")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(uri: &str, authorization: &[&str]) -> Parts {
        let mut request = http::Request::builder().uri(uri);
        for value in authorization {
            request = request.header(header::AUTHORIZATION, *value);
        }
        request.body(()).unwrap().into_parts().0
    }

    #[test]
    fn a_token_is_found_and_misuse_is_told() {
        let long = format!("Bearer {}", "x".repeat(MAX_TOKEN + 1));
        for (uri, authorization, found) in [
            ("/mcp", &["Bearer abc"][..], Ok(true)),
            ("/mcp?a=b", &["bearer   abc "], Ok(true)),
            ("/mcp", &[], Ok(false)),
            ("/mcp", &["Basic abc"], Ok(false)),
            ("/mcp", &["Bearerabc"], Ok(false)),
            ("/mcp", &["Bearer"], Err("empty")),
            ("/mcp", &["Bearer  "], Err("empty")),
            ("/mcp", &[&long], Err("too long")),
            ("/mcp", &["Bearer a b"], Err("more than one")),
            ("/mcp", &["Bearer a, Bearer b"], Err("more than one")),
            ("/mcp", &["Bearer a", "Bearer a"], Err("twice")),
            ("/mcp?access_token=x", &[], Err("URL")),
            ("/mcp?a=b&Access_Token", &["Bearer a"], Err("URL")),
            ("/mcp?%61ccess%5Ftoken=x", &[], Err("URL")),
        ] {
            let inspected = inspect(&parts(uri, authorization));
            match (inspected, found) {
                (Ok(inspected), Ok(found)) => {
                    assert_eq!(inspected, found, "{uri} {authorization:?}");
                }
                (Err(Misuse::Request(said) | Misuse::Token(said)), Err(words)) => {
                    assert!(said.contains(words), "{said}");
                }
                (inspected, _) => panic!("{uri} {authorization:?}: {inspected:?}"),
            }
        }
    }
}
