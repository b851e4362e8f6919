//! An authorization server in this process.

use std::{
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode},
    routing::{get, post},
};
use serde_json::{Value, json};
use tokio::{net::TcpListener, sync::Notify};

/// What the test tells the authorization server, and what it tells the test.
#[derive(Debug, Default)]
pub(crate) struct Desk {
    /// What is answered; nothing is an outage.
    pub(crate) answer: Mutex<Option<Value>>,
    pub(crate) asked: AtomicUsize,
    /// The last form and its credentials.
    pub(crate) form: Mutex<(String, String)>,
    /// Whether answers wait until they may go.
    pub(crate) slow: Mutex<bool>,
    pub(crate) go: Notify,
}

impl Desk {
    pub(crate) fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }

    pub(crate) fn set(&self, answer: impl Into<Option<Value>>) {
        *self.answer.lock().unwrap() = answer.into();
    }

    async fn answer(&self) -> (StatusCode, String) {
        self.asked.fetch_add(1, Ordering::SeqCst);
        let slow = *self.slow.lock().unwrap();
        if slow {
            self.go.notified().await;
        }
        match &*self.answer.lock().unwrap() {
            Some(answer) => (StatusCode::OK, answer.to_string()),
            None => (StatusCode::INTERNAL_SERVER_ERROR, String::new()),
        }
    }
}

pub(crate) struct Issuer {
    pub(crate) url: String,
    pub(crate) desk: Arc<Desk>,
}

impl Issuer {
    pub(crate) async fn start() -> Self {
        let desk = Arc::<Desk>::default();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = url(listener.local_addr().unwrap());
        let metadata = json!({ "issuer": url, "jwks_uri": format!("{url}/keys") }).to_string();
        let keys = get(|State(desk): State<Arc<Desk>>| async move { desk.answer().await });
        let introspect = |State(desk): State<Arc<Desk>>, headers: HeaderMap, form: Bytes| async move {
            let credentials = headers["authorization"].to_str().unwrap().to_owned();
            let form = String::from_utf8(form.to_vec()).unwrap();
            *desk.form.lock().unwrap() = (form, credentials);
            desk.answer().await
        };
        let app = Router::new()
            .route(
                "/.well-known/openid-configuration",
                get(|| async { metadata }),
            )
            .route("/keys", keys)
            .route("/introspect", post(introspect))
            .route("/applications/app/token", post(introspect))
            .with_state(Arc::clone(&desk));
        tokio::spawn(async { axum::serve(listener, app).await });
        Self { url, desk }
    }
}

fn url(address: SocketAddr) -> String {
    format!("http://{address}")
}
