//! What the host of a URL may be.

use url::{Host, Url, quirks::domain_to_unicode};

use super::{UrlRefusal, is_public};

/// The last labels of names that no public server has: reserved ones, and those that networks use among themselves.
const LOCAL: [&str; 19] = [
    "alt",
    "arpa",
    "consul",
    "corp",
    "example",
    "home",
    "internal",
    "intranet",
    "invalid",
    "lan",
    "local",
    "localdomain",
    "localhost",
    "mail",
    "onion",
    "private",
    "svc",
    "test",
    "workgroup",
];

/// Checks a URL as far as its text tells: where its name leads, only a connection knows.
pub(super) fn check(url: &Url) -> Result<(), UrlRefusal> {
    if !matches!(url.scheme(), "http" | "https") {
        return Err(UrlRefusal::Scheme);
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(UrlRefusal::Credentials);
    }
    if url.port() == Some(0) {
        return Err(UrlRefusal::Port);
    }
    match url.host() {
        Some(Host::Domain(name)) if is_local(name) => Err(UrlRefusal::Name),
        Some(Host::Domain(_)) => Ok(()),
        Some(Host::Ipv4(address)) if is_public(address.into()) => Ok(()),
        Some(Host::Ipv6(address)) if is_public(address.into()) => Ok(()),
        Some(_) => Err(UrlRefusal::Address),
        None => Err(UrlRefusal::Malformed),
    }
}

/// Whether the host is written as it is called: no number in place of four, no escapes, no characters that become others.
pub(super) fn is_plain(written: &str, host: &Host<&str>) -> bool {
    match host {
        Host::Domain(name) if written.is_ascii() => written.eq_ignore_ascii_case(name),
        Host::Domain(name) => domain_to_unicode(name) == written.to_lowercase(),
        Host::Ipv4(address) => written == address.to_string(),
        Host::Ipv6(_) => true,
    }
}

/// Whether a name is one of a network's own: without a dot, with one at its end, or under a name for that.
fn is_local(name: &str) -> bool {
    let last = name.rsplit('.').next().unwrap_or_default();
    !name.contains('.') || name.split('.').any(str::is_empty) || LOCAL.contains(&last)
}
