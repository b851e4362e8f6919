//! An endpoint with a server of its own.

#[cfg(unix)]
use std::path::Path;
use std::{pin::Pin, sync::Arc};

use tokio::{
    net::{TcpListener, ToSocketAddrs},
    sync::mpsc,
};

use super::{
    HttpService, accept,
    config::Http,
    environment::{Environment, variable},
    listener::HttpListener,
    place::Place,
    site::Site,
};
use crate::{Error, Result, transport::process::orders};

impl Http {
    /// Serves at an address, unless the variable `MCP_HTTP_ADDR` names another.
    ///
    /// The socket is opened first, so that `/healthz` and `/readyz` can be asked while the `on_start` functions run.
    ///
    /// # The end
    ///
    /// On SIGTERM or SIGINT, or when [`until`](Self::until) completes, idle connections are closed and streams of changes end.
    /// Requests in flight are finished, as long as [`drain_timeout`](Self::drain_timeout) allows; a second signal ends them
    /// at once. Requests over new connections are refused with the status 503 meanwhile, as is `/readyz`. Then the
    /// `on_shutdown` functions run.
    ///
    /// # Errors
    ///
    /// [`Error::Build`] with all settings and variables that are not right: among them an address that other machines can
    /// reach without [`allowed_hosts`](Self::allowed_hosts). [`Error::Io`] if nothing can be bound there,
    /// [`Error::Lifespan`] if starting or stopping the server fails.
    ///
    /// # Panics
    ///
    /// Outside of a tokio runtime, or if its drivers are not enabled.
    pub async fn serve_tcp(self, address: impl ToSocketAddrs) -> Result<()> {
        self.serve_at(address).await.map(drop)
    }

    /// Serves at a unix socket that only the user of this process may connect to. One that nobody listens at is replaced.
    ///
    /// # Errors
    ///
    /// As [`serve_tcp`](Self::serve_tcp); [`Error::Io`] also if another process listens there, or if something else than a
    /// socket is there.
    ///
    /// # Panics
    ///
    /// As [`serve_tcp`](Self::serve_tcp).
    #[cfg(unix)]
    pub async fn serve_unix(self, path: impl AsRef<Path>) -> Result<()> {
        let (listener, _file) = super::unix::listen(path.as_ref())?;
        self.serve(listener).await
    }

    /// Serves what comes through a socket that listens, a TCP or unix one, made by someone else.
    ///
    /// # Errors
    ///
    /// As [`serve_tcp`](Self::serve_tcp).
    ///
    /// # Panics
    ///
    /// As [`serve_tcp`](Self::serve_tcp).
    pub async fn serve(self, listener: impl Into<HttpListener>) -> Result<()> {
        self.run(listener.into()).await.map(drop)
    }

    /// Returns whether a handler still holds a thread of the runtime.
    pub(super) async fn serve_at(self, address: impl ToSocketAddrs) -> Result<bool> {
        let mut environment = Environment::new(&variable);
        let listener = match environment.address("MCP_HTTP_ADDR") {
            Some(address) => TcpListener::bind(address).await?,
            None if environment.problems.is_empty() => TcpListener::bind(address).await?,
            None => return Err(Error::Build(environment.problems)),
        };
        self.run(listener.into()).await
    }

    async fn run(self, listener: HttpListener) -> Result<bool> {
        let place = listener.address()?.map_or(Place::File, Place::At);
        let path = self.choices.path.clone();
        let (rules, limits) = self.choices.resolve(place, &variable)?;
        rules.tell(&place.told(&path));
        let orders = match self.until {
            Some(end) => order_of(end),
            None => orders()?,
        };
        let site = Site::new(HttpService::new(self.service.clone(), rules), path);
        #[cfg(feature = "prometheus")]
        let site = site.with_metrics(self.metrics);
        let site = Arc::new(site);
        let serving = accept::serve(Arc::clone(&site), listener, limits, orders);
        let starting = async {
            match self.service.start().await {
                Ok(()) => site.start(),
                Err(error) => return error,
            }
            std::future::pending().await
        };
        let held = tokio::select! {
            error = starting => return Err(error),
            held = serving => held,
        };
        self.service.shutdown().await?;
        Ok(held)
    }
}

/// The order to end, when `end` completes.
fn order_of(end: Pin<Box<dyn Future<Output = ()> + Send>>) -> mpsc::UnboundedReceiver<()> {
    let (sender, orders) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        tokio::select! {
            () = end => drop(sender.send(())),
            () = sender.closed() => {}
        }
    });
    orders
}
