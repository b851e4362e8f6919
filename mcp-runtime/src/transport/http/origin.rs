//! Where a request comes from: the host that it was sent to and the page that sent it.
//!
//! A page of any site can have a browser send requests to this machine. Its `Origin` gives it away; if it has rebound its own
//! name to this machine, `Host` does.

use std::net::IpAddr;

use http::{HeaderValue, StatusCode, header, request::Parts};

use super::{refused::Refused, rules::Rules};
use crate::refusal::shown;

/// The hosts that requests may be sent to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Hosts {
    /// `localhost` and the addresses of this machine that only it can reach.
    Loopback,
    /// Any: who can reach the socket is trusted with it.
    Any,
    /// These names, with or without a port.
    Only(Vec<String>),
}

/// The pages that may send requests, beside those of the server itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Origins {
    Any,
    Only(Vec<String>),
}

/// Refuses a request that was sent to a foreign host or by a foreign page.
pub(super) fn check(parts: &Parts, rules: &Rules) -> Result<(), Refused> {
    let host = host(parts)?;
    if !rules.hosts.allow(host) {
        let problem = format!(
            "requests to the host `{}` are not served: allow it with `Http::allowed_hosts` or the variable \
             `MCP_HTTP_ALLOWED_HOSTS`",
            shown(host)
        );
        return Err(Refused::new(StatusCode::FORBIDDEN, problem));
    }
    let mut origins = parts.headers.get_all(header::ORIGIN).iter();
    match (origins.next(), origins.next()) {
        (None, _) => Ok(()),
        (Some(origin), None) if rules.origins.allow(origin, host) => Ok(()),
        (Some(origin), _) => {
            let problem = format!(
                "requests of pages of `{}` are not served: allow them with `Http::allowed_origins` or the variable \
                 `MCP_HTTP_ALLOWED_ORIGINS`",
                shown(&String::from_utf8_lossy(origin.as_bytes()))
            );
            Err(Refused::new(StatusCode::FORBIDDEN, problem))
        }
    }
}

/// The host as the request names it: in its target, in the header, or in both alike.
fn host(parts: &Parts) -> Result<&str, Refused> {
    let refused = |problem: &str| Err(Refused::new(StatusCode::BAD_REQUEST, problem));
    let mut hosts = parts.headers.get_all(header::HOST).iter();
    let (header, further) = (hosts.next(), hosts.next());
    if further.is_some() {
        return refused("the header `Host` stands twice");
    }
    let header = match header.map(HeaderValue::to_str).transpose() {
        Ok(header) => header.map(str::trim),
        Err(_) => return refused("the header `Host` is no host"),
    };
    let target = parts.uri.authority().map(http::uri::Authority::as_str);
    match (target, header) {
        (Some(target), Some(header)) if !target.eq_ignore_ascii_case(header) => {
            refused("the header `Host` names another host than the target of the request")
        }
        (Some(host), _) | (None, Some(host)) => Ok(host),
        (None, None) => refused("the header `Host` is missing"),
    }
}

impl Hosts {
    /// These hosts; `*` is any.
    pub(super) fn of(hosts: Vec<String>) -> Self {
        if hosts.iter().any(|host| host == "*") {
            Self::Any
        } else {
            Self::Only(hosts)
        }
    }

    fn allow(&self, host: &str) -> bool {
        let Some((name, _)) = split(host) else {
            return false;
        };
        match self {
            Self::Loopback => is_loopback(name),
            Self::Any => true,
            Self::Only(hosts) => {
                let mut hosts = hosts.iter();
                hosts.any(|allowed| {
                    [name, host]
                        .iter()
                        .any(|own| own.eq_ignore_ascii_case(allowed))
                })
            }
        }
    }
}

impl Origins {
    /// These origins; `*` is any.
    pub(super) fn of(origins: Vec<String>) -> Self {
        if origins.iter().any(|origin| origin == "*") {
            Self::Any
        } else {
            Self::Only(origins)
        }
    }

    /// Whether pages of `origin` may send requests to `host`, which is allowed itself.
    fn allow(&self, origin: &HeaderValue, host: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Only(origins) => origin.to_str().is_ok_and(|origin| {
                let listed = |allowed: &String| allowed.eq_ignore_ascii_case(origin);
                origins.iter().any(listed) || is_own(origin, host)
            }),
        }
    }

    /// Whether pages of `origin` may read the answer to a request.
    pub(super) fn list(&self, origin: &HeaderValue, parts: &Parts) -> bool {
        host(parts).is_ok_and(|host| self.allow(origin, host))
    }
}

/// Whether a page comes from the server itself. A proxy that speaks TLS may stand before it, unless it is on this machine.
fn is_own(origin: &str, host: &str) -> bool {
    let own = |scheme| {
        let authority = origin
            .get(..str::len(scheme))
            .filter(|own| own.eq_ignore_ascii_case(scheme));
        authority.is_some_and(|_| origin[scheme.len()..].eq_ignore_ascii_case(host))
    };
    let Some((name, _)) = split(host) else {
        return false;
    };
    own("http://") || (!is_loopback(name) && own("https://"))
}

fn is_loopback(name: &str) -> bool {
    let address = name
        .strip_prefix('[')
        .and_then(|name| name.strip_suffix(']'));
    let address: Result<IpAddr, _> = address.unwrap_or(name).parse();
    name.eq_ignore_ascii_case("localhost") || address.is_ok_and(|address| address.is_loopback())
}

/// The name and the port of a host; `None` if it is none.
fn split(host: &str) -> Option<(&str, Option<u16>)> {
    let end = match host.strip_prefix('[') {
        Some(rest) => rest.find(']')? + 2,
        None => host.find(':').unwrap_or(host.len()),
    };
    let (name, port) = host.split_at(end);
    let port = match port.strip_prefix(':') {
        Some(port) => Some(port.parse().ok()?),
        None if port.is_empty() => None,
        None => return None,
    };
    let is_name = !name.is_empty() && !name.contains(['@', '/', ' ']);
    is_name.then_some((name, port))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn only(names: &[&str]) -> Vec<String> {
        names.iter().copied().map(Into::into).collect()
    }

    #[test]
    fn only_this_machine_is_allowed_unless_others_are() {
        for (host, allowed) in [
            ("localhost", true),
            ("LocalHost:8080", true),
            ("127.0.0.1:1", true),
            ("127.0.0.2", true),
            ("[::1]:8080", true),
            ("[::1]", true),
            ("example.com", false),
            ("localhost.example.com", false),
            ("127.0.0.1.example.com", false),
            ("user@localhost", false),
            ("localhost:99999", false),
            ("localhost:", false),
            ("[::1", false),
            ("[::1]x", false),
            ("", false),
            (":8080", false),
        ] {
            assert_eq!(Hosts::Loopback.allow(host), allowed, "{host}");
        }
    }

    #[test]
    fn a_listed_host_is_allowed_with_any_port_or_with_its_own() {
        let hosts = Hosts::Only(only(&["example.com", "127.0.0.1:80"]));
        for (host, allowed) in [
            ("example.com", true),
            ("EXAMPLE.com:443", true),
            ("127.0.0.1:80", true),
            ("127.0.0.1:81", false),
            ("localhost", false),
            ("www.example.com", false),
        ] {
            assert_eq!(hosts.allow(host), allowed, "{host}");
        }
    }

    #[test]
    fn pages_of_the_server_itself_are_allowed_and_those_that_are_listed() {
        let origins = Origins::Only(only(&["https://app.example.com"]));
        for (origin, host, allowed) in [
            ("http://localhost:80", "localhost:80", true),
            ("HTTP://LOCALHOST:80", "localhost:80", true),
            ("http://localhost:81", "localhost:80", false),
            ("https://localhost:80", "localhost:80", false),
            ("http://127.0.0.1:80", "localhost:80", false),
            ("https://mcp.example.com", "mcp.example.com", true),
            ("https://evil.example.com", "mcp.example.com", false),
            ("https://app.example.com", "mcp.example.com", true),
            ("http://app.example.com", "mcp.example.com", false),
            ("null", "localhost:80", false),
            ("", "localhost:80", false),
            ("http://", "", false),
        ] {
            let header = HeaderValue::from_static(origin);
            assert_eq!(origins.allow(&header, host), allowed, "{origin} {host}");
        }
    }
}
