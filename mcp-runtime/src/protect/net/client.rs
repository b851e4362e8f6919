//! [`Client`]: goes to public addresses alone, wherever names and redirects lead.

mod resolver;

use std::{fmt, sync::Arc, time::Duration};

use reqwest::{
    Method, RequestBuilder,
    dns::Resolve,
    header::HeaderValue,
    redirect::{Action, Attempt, Policy},
};
use url::Url;

use self::resolver::{Allowed, Guarded, System};
use super::{PublicUrl, UrlRefusal, host, is_public, refusal::Redirected};

/// How long making a connection may take, the search for the name included.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// How long a request may take, its body included.
const TIMEOUT: Duration = Duration::from_secs(30);

/// How many redirects are followed.
const REDIRECTS: usize = 5;

/// A `reqwest` client for what clients of the server name. Cloning is cheap; usually it is a state.
///
/// - It asks for [`PublicUrl`]s alone.
/// - When it connects, it drops the addresses of a name that are not public, and connects to one of those that are left.
/// - It checks every redirect like the first URL, and follows none from `https` to `http`.
/// - It takes no proxy from the environment, keeps no cookies, and does not say where it was redirected from.
/// - A request ends after 30 seconds. [`body`](super::body) ends an answer that is too large.
///
/// ```
/// # fn main() -> Result<(), mcp_runtime::net::reqwest::Error> {
/// use mcp_runtime::net::Client;
///
/// let client = Client::builder().ports([443]).redirects(0).build()?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Client {
    inner: reqwest::Client,
    ports: Ports,
}

impl Client {
    /// A client with the defaults.
    ///
    /// # Errors
    ///
    /// If TLS cannot be set up.
    pub fn new() -> Result<Self, reqwest::Error> {
        Self::builder().build()
    }

    /// A client that is set up otherwise.
    pub fn builder() -> ClientBuilder {
        ClientBuilder {
            inner: reqwest::Client::builder()
                .connect_timeout(CONNECT_TIMEOUT)
                .timeout(TIMEOUT),
            resolver: Arc::new(System),
            ports: Ports::default(),
            redirects: REDIRECTS,
            allowed: is_public,
        }
    }

    /// Begins a `GET`.
    ///
    /// # Errors
    ///
    /// If the port is none that [`ClientBuilder::ports`] allows.
    pub fn get(&self, url: &PublicUrl) -> Result<RequestBuilder, UrlRefusal> {
        self.request(Method::GET, url)
    }

    /// Begins a request.
    ///
    /// # Errors
    ///
    /// If the port is none that [`ClientBuilder::ports`] allows.
    pub fn request(&self, method: Method, url: &PublicUrl) -> Result<RequestBuilder, UrlRefusal> {
        self.ports.check(url.as_url())?;
        Ok(self.inner.request(method, url.as_url().clone()))
    }
}

/// How a [`Client`] is set up.
#[must_use = "call `build`"]
pub struct ClientBuilder {
    inner: reqwest::ClientBuilder,
    resolver: Arc<dyn Resolve>,
    ports: Ports,
    redirects: usize,
    allowed: Allowed,
}

impl ClientBuilder {
    /// Refuses all ports but these, also those of redirects. Without it every port is as good as any.
    pub fn ports(mut self, ports: impl IntoIterator<Item = u16>) -> Self {
        self.ports = Ports(Some(ports.into_iter().collect()));
        self
    }

    /// How many redirects are followed; 5 by default.
    pub fn redirects(mut self, most: usize) -> Self {
        self.redirects = most;
        self
    }

    /// How long a request may take, its body included; 30 seconds by default.
    pub fn timeout(mut self, limit: Duration) -> Self {
        self.inner = self.inner.timeout(limit);
        self
    }

    /// How long making a connection may take; 10 seconds by default.
    pub fn connect_timeout(mut self, limit: Duration) -> Self {
        self.inner = self.inner.connect_timeout(limit);
        self
    }

    /// What the client calls itself.
    pub fn user_agent(mut self, name: HeaderValue) -> Self {
        self.inner = self.inner.user_agent(name);
        self
    }

    /// Who finds the addresses of names, instead of the operating system. What it finds is checked all the same.
    pub fn resolver(mut self, resolver: impl Resolve + 'static) -> Self {
        self.resolver = Arc::new(resolver);
        self
    }

    /// Makes the client.
    ///
    /// # Errors
    ///
    /// If TLS cannot be set up.
    pub fn build(self) -> Result<Client, reqwest::Error> {
        let Self {
            inner,
            resolver,
            ports,
            redirects,
            allowed,
        } = self;
        let follows = ports.clone();
        let inner = inner
            .dns_resolver(Guarded::new(resolver, allowed))
            .redirect(Policy::custom(move |attempt| {
                follow(attempt, redirects, &follows)
            }))
            .no_proxy()
            .referer(false)
            .build()?;
        Ok(Client { inner, ports })
    }

    /// Takes other addresses for public, because a test has no public server.
    #[cfg(test)]
    fn allowing(mut self, allowed: Allowed) -> Self {
        self.allowed = allowed;
        self
    }
}

impl fmt::Debug for ClientBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientBuilder")
            .field("ports", &self.ports)
            .field("redirects", &self.redirects)
            .finish_non_exhaustive()
    }
}

/// The ports that are allowed, `None` for all.
#[derive(Clone, Debug, Default)]
struct Ports(Option<Arc<[u16]>>);

impl Ports {
    fn check(&self, url: &Url) -> Result<(), UrlRefusal> {
        let is_allowed = |ports: &Arc<[u16]>| {
            let port = url.port_or_known_default();
            port.is_some_and(|port| ports.contains(&port))
        };
        let allowed = self.0.as_ref().is_none_or(is_allowed);
        allowed.then_some(()).ok_or(UrlRefusal::Port)
    }
}

fn follow(attempt: Attempt<'_>, most: usize, ports: &Ports) -> Action {
    match check_redirect(attempt.previous(), attempt.url(), most, ports) {
        Ok(()) => attempt.follow(),
        Err(refusal) => attempt.error(Redirected(refusal)),
    }
}

fn check_redirect(
    previous: &[Url],
    next: &Url,
    most: usize,
    ports: &Ports,
) -> Result<(), UrlRefusal> {
    if previous.len() > most {
        return Err(UrlRefusal::Redirects);
    }
    host::check(next)?;
    ports.check(next)?;
    let was_secure = previous.last().is_some_and(|last| last.scheme() == "https");
    if was_secure && next.scheme() == "http" {
        return Err(UrlRefusal::Downgrade);
    }
    Ok(())
}

#[cfg(test)]
mod tests;
