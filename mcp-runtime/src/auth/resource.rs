//! URIs: of what is protected, and of those who are asked about callers.

use reqwest::Url;
use serde_json::{Map, Value, json};

/// Where the metadata of a protected resource stands: RFC 9728.
const WELL_KNOWN: &str = "/.well-known/oauth-protected-resource";

/// What clients can read about a protected resource.
#[derive(Clone, Debug)]
pub(crate) struct Metadata {
    pub(crate) document: String,
    /// Where it stands: for this resource, and for the whole host.
    pub(crate) paths: [String; 2],
    /// Where the challenges say that it stands.
    pub(super) url: String,
}

impl Metadata {
    pub(super) fn new(resource: &Url, fields: Map<String, Value>) -> Self {
        let path = match resource.path() {
            "/" => String::new(),
            path => path.trim_end_matches('/').to_owned(),
        };
        let own = format!("{WELL_KNOWN}{path}");
        let origin = resource.origin().ascii_serialization();
        let query = resource.query().map(|query| format!("?{query}"));
        Self {
            document: Value::Object(fields).to_string(),
            url: format!("{origin}{own}{}", query.unwrap_or_default()),
            paths: [own, WELL_KNOWN.to_owned()],
        }
    }
}

/// What RFC 9728 wants to be said.
pub(super) fn fields(
    resource: &str,
    name: Option<&str>,
    servers: &[String],
    scopes: &[String],
) -> Map<String, Value> {
    let mut fields = Map::new();
    fields.insert("resource".into(), json!(resource));
    fields.insert("authorization_servers".into(), json!(servers));
    if !scopes.is_empty() {
        fields.insert("scopes_supported".into(), json!(scopes));
    }
    fields.insert("bearer_methods_supported".into(), json!(["header"]));
    if let Some(name) = name {
        fields.insert("resource_name".into(), json!(name));
    }
    fields
}

/// The canonical form of a URI: scheme and host in lower case, no port that goes without saying, no slash at the end. What is no
/// URL of a host stays as it is.
pub(super) fn canonical(uri: &str) -> String {
    match Url::parse(uri) {
        Ok(url) if url.has_host() => url.as_str().trim_end_matches('/').to_owned(),
        _ => uri.to_owned(),
    }
}

/// Whether two audiences are the same one.
pub(super) fn is_same(one: &str, other: &str) -> bool {
    one == other || canonical(one) == canonical(other)
}

/// Whether secrets may be sent to a URL, and what comes from there be believed.
pub(super) fn is_safe(url: &str) -> bool {
    let Ok(url) = Url::parse(url) else {
        return false;
    };
    url.has_host()
        && url.username().is_empty()
        && url.password().is_none()
        && (url.scheme() == "https" || (url.scheme() == "http" && is_local(&url)))
}

/// Whether a URL leads to this machine.
pub(super) fn is_local(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost"
        || address
            .parse()
            .is_ok_and(|address: std::net::IpAddr| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn audiences_are_compared_in_their_canonical_form() {
        for (one, other, same) in [
            ("https://a.example/mcp", "https://a.example/mcp", true),
            ("https://a.example/mcp", "HTTPS://A.Example:443/mcp/", true),
            ("https://a.example", "https://a.example/", true),
            ("https://a.example/mcp", "https://a.example/MCP", false),
            ("https://a.example/mcp", "https://a.example/mcp2", false),
            ("https://a.example/mcp", "http://a.example/mcp", false),
            ("https://a.example/mcp", "https://a.example:8443/mcp", false),
            ("https://a.example/mcp", "https://a.example", false),
            ("https://a.example/mcp", "https://b.example/mcp", false),
            ("api://files", "api://files", true),
            ("files", "files", true),
            ("files", "Files", false),
        ] {
            assert_eq!(is_same(one, other), same, "{one} {other}");
        }
    }

    #[test]
    fn secrets_go_over_tls_or_stay_on_this_machine() {
        for (url, safe) in [
            ("https://issuer.example", true),
            ("http://localhost:8080/x", true),
            ("http://127.0.0.1:1", true),
            ("http://[::1]:1", true),
            ("http://issuer.example", false),
            ("http://localhost.issuer.example", false),
            ("http://127.0.0.1.issuer.example", false),
            ("https://user:secret@issuer.example", false),
            ("ftp://localhost", false),
            ("issuer.example", false),
            ("", false),
        ] {
            assert_eq!(is_safe(url), safe, "{url}");
        }
    }
}
