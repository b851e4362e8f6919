//! Where names lead, as far as that is public.

use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use tokio::net::lookup_host;

use super::UrlRefusal;

/// Whether a connection may be made to an address.
pub(super) type Allowed = fn(IpAddr) -> bool;

/// A resolver that finds public addresses alone. The connection is made to what it returns, without another search.
pub(super) struct Guarded {
    inner: Arc<dyn Resolve>,
    allowed: Allowed,
}

impl Guarded {
    pub(super) fn new(inner: Arc<dyn Resolve>, allowed: Allowed) -> Self {
        Self { inner, allowed }
    }
}

impl Resolve for Guarded {
    fn resolve(&self, name: Name) -> Resolving {
        let host = name.as_str().to_owned();
        let found = self.inner.resolve(name);
        let allowed = self.allowed;
        Box::pin(async move {
            let found = found.await.map_err(|error| {
                tracing::debug!(host, error = %error, "no address was found");
                UrlRefusal::Unresolved
            })?;
            let (public, other): (Vec<SocketAddr>, Vec<SocketAddr>) =
                found.partition(|address| allowed(address.ip()));
            if !other.is_empty() {
                tracing::warn!(host, addresses = ?other, "a name leads to addresses that are not public");
            }
            // A client must not learn which names mean something inside.
            if public.is_empty() {
                return Err(UrlRefusal::Unresolved.into());
            }
            Ok(Box::new(public.into_iter()) as Addrs)
        })
    }
}

/// The resolver of the operating system.
pub(super) struct System;

impl Resolve for System {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let found = lookup_host((name.as_str(), 0)).await?;
            Ok(Box::new(found.collect::<Vec<_>>().into_iter()) as Addrs)
        })
    }
}
