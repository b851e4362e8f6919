//! The server under test, in this process.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use mcp_runtime::{
    Context, Http, HttpParts, Principal, Server, State, auth::Auth, handlers, resource, tool,
};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::{
    client::{Answer, Connection, Post},
    tokens::RESOURCE,
};

/// Where clients find out where they get tokens.
pub(crate) const METADATA: &str = "http://localhost:8080/.well-known/oauth-protected-resource/mcp";

/// How many handlers have run.
type Runs = Arc<AtomicUsize>;

/// Says who asks, and which secrets it has seen.
#[tool]
fn whoami(ctx: Context, parts: HttpParts, runs: State<Runs>) -> Value {
    runs.fetch_add(1, Ordering::SeqCst);
    let principal = ctx.principal();
    let seen = ["authorization", "x-api-key"];
    let seen = seen
        .into_iter()
        .filter(|name| parts.headers.contains_key(*name));
    json!({
        "subject": principal.map(Principal::subject),
        "client": principal.and_then(Principal::client),
        "scopes": principal.map(Principal::scopes),
        "actor": principal.and_then(Principal::actor).map(Principal::subject),
        "seen": seen.collect::<Vec<_>>(),
    })
}

/// Does something for administrators.
#[tool(scopes("admin", "files:write"))]
fn admin_only(runs: State<Runs>) -> &'static str {
    runs.fetch_add(1, Ordering::SeqCst);
    "done"
}

/// The books.
#[resource("file:///books", scopes("files:read"))]
fn books(runs: State<Runs>) -> &'static str {
    runs.fetch_add(1, Ordering::SeqCst);
    "two"
}

pub(crate) fn server(runs: &Runs) -> Server {
    Server::new("fixture", "1.0.0")
        .state(Arc::clone(runs))
        .add(handlers![whoami, admin_only, books])
}

/// A server at a port of its own.
pub(crate) struct Site {
    address: SocketAddr,
    pub(crate) runs: Runs,
}

impl Site {
    /// Lets in whom the verifiers know.
    pub(crate) async fn start(with: impl FnOnce(Auth) -> Auth) -> Self {
        let auth = with(Auth::new(RESOURCE));
        Self::serve(|http| http.auth(auth)).await
    }

    pub(crate) async fn serve(settings: impl FnOnce(Http) -> Http) -> Self {
        Self::of(|server| server, settings).await
    }

    pub(crate) async fn of(
        with: impl FnOnce(Server) -> Server,
        settings: impl FnOnce(Http) -> Http,
    ) -> Self {
        let runs = Runs::default();
        let http = settings(with(server(&runs)).build().unwrap().http());
        Self::listening(http, runs).await
    }

    /// Another server, with callers that are known by their tokens.
    pub(crate) async fn around(server: Server, auth: Auth) -> Self {
        Self::with(server.build().unwrap().http().auth(auth)).await
    }

    /// Another endpoint.
    pub(crate) async fn with(http: Http) -> Self {
        Self::listening(http, Runs::default()).await
    }

    async fn listening(http: Http, runs: Runs) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(http.until(std::future::pending()).serve(listener));
        Self { address, runs }
    }

    pub(crate) async fn connect(&self) -> Connection {
        Connection::open(self.address).await
    }

    pub(crate) async fn send(&self, post: &Post) -> Answer {
        self.connect().await.send(post).await
    }

    /// Sends a call with a token.
    pub(crate) async fn call(&self, token: &str) -> Answer {
        self.send(&bearing(token)).await
    }

    /// What `whoami` says to a token that counts.
    #[track_caller]
    pub(crate) fn whoami(&self, token: &str) -> impl Future<Output = Value> {
        let caller = std::panic::Location::caller();
        let call = bearing(token);
        async move {
            let answer = self.send(&call).await;
            assert_eq!(answer.status, 200, "{caller}: {answer:?}");
            answer.json()["result"]["structuredContent"].clone()
        }
    }

    /// The head of a request is answered with a status and a challenge, while its body never comes; no handler has run.
    #[track_caller]
    pub(crate) fn challenges(
        &self,
        post: &Post,
        status: u16,
        challenge: &str,
    ) -> impl Future<Output = ()> {
        let caller = std::panic::Location::caller();
        async move {
            let runs = self.runs.load(Ordering::SeqCst);
            let mut connection = self.connect().await;
            let length = post.body.len();
            let head = format!("{}Content-Length: {length}\r\n\r\n", post.head());
            connection.write(head).await;
            let answer = connection.answer().await;
            assert_eq!(answer.status, status, "{caller}: {answer:?}");
            assert_eq!(answer.header("www-authenticate"), challenge, "{caller}");
            answer.is_error(-32600);
            assert_eq!(self.runs.load(Ordering::SeqCst), runs, "{caller}");
        }
    }
}

/// A call without a token.
pub(crate) fn whoami_call() -> Post {
    Post::call("whoami", json!({}))
}

/// The same with one.
pub(crate) fn bearing(token: &str) -> Post {
    whoami_call().header("Authorization", &format!("Bearer {token}"))
}
