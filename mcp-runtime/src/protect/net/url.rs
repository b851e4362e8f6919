//! [`PublicUrl`]: a URL that leads to the public internet, as far as its text tells.

use std::{borrow::Cow, fmt, str::FromStr};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};
use url::Url;

use super::{UrlRefusal, host};

/// How long a URL may be, in bytes.
const MAX_URL: usize = 2048;

/// A URL of `http` or `https` whose host is a public address or a name that may have one: an argument of a tool.
///
/// Where a name leads is only known when a connection is made, so what fetches it must check that: see the
/// [module](super).
///
/// ```
/// use mcp_runtime::net::{PublicUrl, UrlRefusal};
///
/// let url: PublicUrl = "https://example.com/page".parse()?;
/// assert_eq!(url.as_str(), "https://example.com/page");
/// assert_eq!("http://localhost:8080".parse::<PublicUrl>(), Err(UrlRefusal::Name));
/// assert_eq!("http://2130706433/".parse::<PublicUrl>(), Err(UrlRefusal::Spelling));
/// # Ok::<_, UrlRefusal>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct PublicUrl(Url);

impl PublicUrl {
    /// The URL as a text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// The URL in its parts.
    #[must_use]
    pub fn as_url(&self) -> &Url {
        &self.0
    }

    /// The URL in its parts, which can be changed and are not checked again.
    #[must_use]
    pub fn into_url(self) -> Url {
        self.0
    }
}

/// Checks a URL that has been taken apart already, such as that of a link.
impl TryFrom<Url> for PublicUrl {
    type Error = UrlRefusal;

    fn try_from(url: Url) -> Result<Self, UrlRefusal> {
        if url.as_str().len() > MAX_URL {
            return Err(UrlRefusal::TooLong);
        }
        host::check(&url)?;
        Ok(Self(url))
    }
}

impl FromStr for PublicUrl {
    type Err = UrlRefusal;

    fn from_str(text: &str) -> Result<Self, UrlRefusal> {
        let authority = authority(text)?;
        let url = Url::parse(text).map_err(|_| UrlRefusal::Malformed)?;
        let host = url.host().ok_or(UrlRefusal::Malformed)?;
        if !host::is_plain(without_port(authority), &host) {
            return Err(UrlRefusal::Spelling);
        }
        Self::try_from(url)
    }
}

/// The part of a URL between `//` and what comes next; refuses what browsers repair and other programs read otherwise.
fn authority(text: &str) -> Result<&str, UrlRefusal> {
    if text.len() > MAX_URL {
        return Err(UrlRefusal::TooLong);
    }
    let is_stray =
        |character: char| character.is_control() || character.is_whitespace() || character == '\\';
    if text.contains(is_stray) {
        return Err(UrlRefusal::Malformed);
    }
    let (scheme, rest) = text.split_once(':').ok_or(UrlRefusal::Malformed)?;
    if !scheme.eq_ignore_ascii_case("http") && !scheme.eq_ignore_ascii_case("https") {
        return Err(UrlRefusal::Scheme);
    }
    let rest = rest.strip_prefix("//").ok_or(UrlRefusal::Malformed)?;
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    if authority.is_empty() {
        return Err(UrlRefusal::Malformed);
    }
    if authority.contains('@') {
        return Err(UrlRefusal::Credentials);
    }
    Ok(authority)
}

fn without_port(authority: &str) -> &str {
    match authority.rsplit_once(':') {
        // Not the last colon of an address in brackets.
        Some((host, port)) if !port.ends_with(']') => host,
        _ => authority,
    }
}

impl fmt::Display for PublicUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for PublicUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("PublicUrl").field(&self.as_str()).finish()
    }
}

impl AsRef<str> for PublicUrl {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

impl<'de> Deserialize<'de> for PublicUrl {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<str>::deserialize(deserializer)?;
        text.parse().map_err(D::Error::custom)
    }
}

impl Serialize for PublicUrl {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl JsonSchema for PublicUrl {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "PublicUrl".into()
    }

    fn schema_id() -> Cow<'static, str> {
        "mcp_runtime::net::PublicUrl".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        // Not `uri`, which has no names but in ASCII. The example stands in the call that a report proposes.
        json_schema!({
            "type": "string",
            "format": "iri",
            "maxLength": MAX_URL,
            "examples": ["https://example.com/"],
        })
    }
}

#[cfg(test)]
#[path = "url/tests.rs"]
mod tests;
