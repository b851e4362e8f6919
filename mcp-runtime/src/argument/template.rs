//! URI templates: which URI belongs to which resource, and what its variables are.
//!
//! A subset of RFC 6570: `{name}`, `{+name}` and `{?a,b}`. The encoded URI is matched and each value is decoded exactly once
//! afterwards, so that an encoded slash can never end a segment.

use std::fmt::Write;

use percent_encoding::percent_decode_str;
use regex::Regex;

mod overlap;

/// The longest URI that is matched, in bytes.
const MAX_URI: usize = 8 * 1024;

/// The variables of a URI: name and decoded value.
pub(crate) type Variables = Vec<(String, String)>;

/// A URI, or a template of URIs, as the macros have parsed it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Template {
    text: &'static str,
    parts: &'static [Part],
}

/// One part of a template.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Text that stands in the URI as it is.
    Literal(&'static str),
    /// `{name}`: at least one character, none of them `/`.
    Segment(&'static str),
    /// `{+name}`: at least one character, slashes included.
    Path(&'static str),
    /// `{?a,b}`: parameters of the query, in any order, each of which may be missing.
    Query(&'static [&'static str]),
}

impl Template {
    /// A template as written and its parts.
    #[must_use]
    pub const fn new(text: &'static str, parts: &'static [Part]) -> Self {
        Self { text, parts }
    }

    /// The template as written.
    pub(crate) fn text(&self) -> &'static str {
        self.text
    }

    /// Whether it is the URI of one resource.
    pub(crate) fn is_fixed(&self) -> bool {
        self.parts
            .iter()
            .all(|part| matches!(part, Part::Literal(_)))
    }

    /// Whether a URI exists that both match.
    pub(crate) fn overlaps(&self, other: &Self) -> bool {
        overlap::overlap(self.parts, other.parts)
    }
}

/// A template that is ready to match.
#[derive(Debug)]
pub(crate) struct Matcher {
    path: Regex,
    names: Vec<&'static str>,
    query: Option<&'static [&'static str]>,
}

impl Matcher {
    /// Compiles the template. The time to match is linear in the length of the URI.
    ///
    /// # Errors
    ///
    /// If it is larger than any sensible template.
    pub(crate) fn new(template: &Template) -> Result<Self, String> {
        let mut pattern = String::from("^");
        let mut names = Vec::new();
        let mut query = None;
        for part in template.parts {
            match part {
                Part::Literal(text) => pattern.push_str(&regex::escape(text)),
                Part::Segment(name) => {
                    pattern.push_str("([^/?#]+?)");
                    names.push(*name);
                }
                Part::Path(name) => {
                    pattern.push_str("([^?#]+?)");
                    names.push(*name);
                }
                Part::Query(names) => query = Some(*names),
            }
        }
        pattern.push('$');
        let path = Regex::new(&pattern).map_err(|error| error.to_string())?;
        Ok(Self { path, names, query })
    }

    /// The variables of `uri`, `None` if it does not match or if a value is not decodable text.
    pub(crate) fn matches(&self, uri: &str) -> Option<Variables> {
        if uri.len() > MAX_URI {
            return None;
        }
        let (path, query) = match (self.query, uri.split_once('?')) {
            (Some(_), Some((path, query))) => (path, Some(query)),
            _ => (uri, None),
        };
        let captures = self.path.captures(path)?;
        let values = captures.iter().skip(1).flatten();
        let mut variables: Variables = Vec::with_capacity(self.names.len());
        for (name, value) in self.names.iter().zip(values) {
            variables.push(((*name).to_owned(), decode(value.as_str())?));
        }
        if let (Some(names), Some(query)) = (self.query, query) {
            read_query(names, query, &mut variables)?;
        }
        Some(variables)
    }
}

/// Adds the parameters of a query; `None` if one is unknown, repeated or not decodable.
fn read_query(names: &[&'static str], query: &str, variables: &mut Variables) -> Option<()> {
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let name = decode(name)?;
        let known = names.contains(&name.as_str());
        if !known || variables.iter().any(|(other, _)| *other == name) {
            return None;
        }
        variables.push((name, decode(value)?));
    }
    Some(())
}

/// Decodes percent escapes once; `None` for broken escapes, for what is not UTF-8 and for control characters.
fn decode(value: &str) -> Option<String> {
    if value.contains('#') || !escapes_are_whole(value) {
        return None;
    }
    let value = percent_decode_str(value).decode_utf8().ok()?;
    (!value.chars().any(char::is_control)).then(|| value.into_owned())
}

fn escapes_are_whole(value: &str) -> bool {
    let is_hex = |digit: Option<&u8>| digit.is_some_and(u8::is_ascii_hexdigit);
    let bytes = value.as_bytes();
    let mut escapes = bytes.iter().enumerate().filter(|&(_, &byte)| byte == b'%');
    escapes.all(|(at, _)| is_hex(bytes.get(at + 1)) && is_hex(bytes.get(at + 2)))
}

/// The URI with its scheme in lower case: schemes are compared so (RFC 3986, section 6.2.2.1).
pub(crate) fn normal(uri: &str) -> std::borrow::Cow<'_, str> {
    match uri.split_once(':') {
        Some((scheme, rest)) if scheme.bytes().any(|byte| byte.is_ascii_uppercase()) => {
            let mut normal = scheme.to_ascii_lowercase();
            let _ = write!(normal, ":{rest}");
            normal.into()
        }
        _ => uri.into(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
    use proptest::prelude::*;

    use super::*;

    const NOTE: Template = Template::new(
        "note://{id}",
        &[Part::Literal("note://"), Part::Segment("id")],
    );
    const BODY: Template = Template::new(
        "note://{id}/body",
        &[
            Part::Literal("note://"),
            Part::Segment("id"),
            Part::Literal("/body"),
        ],
    );
    const FILES: Template = Template::new(
        "files:///{+path}",
        &[Part::Literal("files:///"), Part::Path("path")],
    );
    const SEARCH: Template = Template::new(
        "find://{kind}-{age}{?q,page}",
        &[
            Part::Literal("find://"),
            Part::Segment("kind"),
            Part::Literal("-"),
            Part::Segment("age"),
            Part::Query(&["q", "page"]),
        ],
    );

    fn matches(template: &Template, uri: &str) -> Option<BTreeMap<String, String>> {
        Some(
            Matcher::new(template)
                .unwrap()
                .matches(uri)?
                .into_iter()
                .collect(),
        )
    }

    fn one(name: &str, value: &str) -> BTreeMap<String, String> {
        BTreeMap::from([(name.to_owned(), value.to_owned())])
    }

    /// Puts values into the variables, as a client does.
    fn expand(template: &Template, values: &BTreeMap<String, String>) -> String {
        let encode = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
        let mut uri = String::new();
        for part in template.parts {
            match part {
                Part::Literal(text) => uri.push_str(text),
                Part::Segment(name) => uri.push_str(&encode(&values[*name])),
                Part::Path(name) => uri.push_str(&encode(&values[*name]).replace("%2F", "/")),
                Part::Query(names) => {
                    let given = names
                        .iter()
                        .filter_map(|name| Some((name, values.get(*name)?)));
                    for (at, (name, value)) in given.enumerate() {
                        uri.push(if at == 0 { '?' } else { '&' });
                        uri.extend([name, "=", &encode(value)]);
                    }
                }
            }
        }
        uri
    }

    #[test]
    fn a_segment_never_holds_a_raw_slash() {
        assert_eq!(matches(&NOTE, "note://7"), Some(one("id", "7")));
        assert_eq!(matches(&NOTE, "note://a%2Fb"), Some(one("id", "a/b")));
        for uri in [
            "note://",
            "note://a/b",
            "note://a?x",
            "note://a#x",
            "Note://7",
            "note:/7",
            "",
        ] {
            assert_eq!(matches(&NOTE, uri), None, "{uri}");
        }
    }

    #[test]
    fn literal_text_behind_a_variable_is_found_wherever_it_stands() {
        assert_eq!(matches(&BODY, "note://x/body"), Some(one("id", "x")));
        assert_eq!(matches(&BODY, "note://body/body"), Some(one("id", "body")));
        assert_eq!(matches(&BODY, "note://x/bod"), None);
    }

    #[test]
    fn a_path_holds_slashes_and_is_decoded_once() {
        assert_eq!(
            matches(&FILES, "files:///a/b.txt"),
            Some(one("path", "a/b.txt"))
        );
        assert_eq!(
            matches(&FILES, "files:///%252e%252e/x"),
            Some(one("path", "%2e%2e/x"))
        );
        for uri in [
            "files:///",
            "files:///a?b",
            "files:///%00",
            "files:///%0a",
            "files:///%zz",
            "files:///%f",
            "files:///%ff",
        ] {
            assert_eq!(matches(&FILES, uri), None, "{uri}");
        }
    }

    #[test]
    fn a_query_is_read_in_any_order_and_without_surprises() {
        let found = matches(&SEARCH, "find://a-b?page=2&q=x%20y").unwrap();
        assert_eq!((found["q"].as_str(), found["page"].as_str()), ("x y", "2"));
        assert_eq!(matches(&SEARCH, "find://a-b").unwrap().len(), 2);
        for uri in [
            "find://a-b?other=1",
            "find://a-b?q=1&q=2",
            "find://a-b?q=%ff",
        ] {
            assert_eq!(matches(&SEARCH, uri), None, "{uri}");
        }
    }

    #[test]
    fn a_uri_of_a_megabyte_matches_nothing() {
        assert_eq!(
            matches(&FILES, &format!("files:///{}", "x".repeat(1 << 20))),
            None
        );
    }

    #[test]
    fn schemes_are_compared_in_lower_case() {
        assert_eq!(normal("FILE:///A"), "file:///A");
        assert_eq!(normal("file:///A"), "file:///A");
    }

    #[test]
    fn overlapping_templates_are_told_apart_from_disjoint_ones() {
        const NAMED: Template = Template::new(
            "files:///{name}",
            &[Part::Literal("files:///"), Part::Segment("name")],
        );
        const LONG: Template = Template::new(
            "note://{id}/{part}",
            &[
                Part::Literal("note://"),
                Part::Segment("id"),
                Part::Literal("/"),
                Part::Segment("part"),
            ],
        );
        assert!(FILES.overlaps(&NAMED));
        assert!(BODY.overlaps(&LONG));
        assert!(!NOTE.overlaps(&BODY));
        assert!(!NOTE.overlaps(&FILES));
        assert!(NOTE.overlaps(&NOTE));
    }

    proptest! {
        #[test]
        fn matching_undoes_expanding(id in "[^\\p{Cc}]{1,40}", path in "[^\\p{Cc}]{1,40}", q in "[^\\p{Cc}]{0,20}") {
            prop_assert_eq!(matches(&NOTE, &expand(&NOTE, &one("id", &id))), Some(one("id", &id)));
            prop_assert_eq!(matches(&BODY, &expand(&BODY, &one("id", &id))), Some(one("id", &id)));
            prop_assert_eq!(matches(&FILES, &expand(&FILES, &one("path", &path))), Some(one("path", &path)));
            let mut all = one("kind", &id);
            all.extend([("age".to_owned(), path), ("q".to_owned(), q)]);
            prop_assert_eq!(matches(&SEARCH, &expand(&SEARCH, &all)), Some(all));
        }

        #[test]
        fn no_string_makes_matching_panic(uri in ".*") {
            for template in [&NOTE, &BODY, &FILES, &SEARCH] {
                let _ = matches(template, &uri);
                let _ = matches(template, &format!("{}{uri}", template.text.split('{').next().unwrap()));
            }
        }
    }
}
