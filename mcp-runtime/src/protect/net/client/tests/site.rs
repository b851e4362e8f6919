//! A web server on this machine, and a resolver with prepared answers.

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

use crate::net::PublicUrl;

/// The address that the tests take for public.
pub(super) const PUBLIC: Ipv4Addr = Ipv4Addr::LOCALHOST;

/// One that they do not, where somebody listens all the same.
pub(super) const PRIVATE: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 2);

pub(super) fn is_public_here(address: IpAddr) -> bool {
    address == PUBLIC
}

/// A resolver with prepared answers; the last one stays.
#[derive(Clone, Default)]
pub(super) struct Prepared {
    answers: Arc<Mutex<Vec<Vec<IpAddr>>>>,
    asked: Arc<AtomicUsize>,
}

impl Prepared {
    pub(super) fn new<const N: usize>(answers: [&[Ipv4Addr]; N]) -> Self {
        let answers = answers.map(|answer| answer.iter().copied().map(IpAddr::V4).collect());
        Self {
            answers: Arc::new(Mutex::new(answers.into())),
            asked: Arc::default(),
        }
    }

    pub(super) fn asked(&self) -> usize {
        self.asked.load(Ordering::Relaxed)
    }
}

impl Resolve for Prepared {
    fn resolve(&self, _: Name) -> Resolving {
        self.asked.fetch_add(1, Ordering::Relaxed);
        let mut answers = self.answers.lock().unwrap();
        let answer = match answers.len() {
            0 => Vec::new(),
            1 => answers[0].clone(),
            _ => answers.remove(0),
        };
        let found: Vec<_> = answer
            .into_iter()
            .map(|address| SocketAddr::new(address, 0))
            .collect();
        Box::pin(async { Ok(Box::new(found.into_iter()) as Addrs) })
    }
}

/// A web server on both addresses: what it was asked for, and where.
pub(super) struct Site {
    pub(super) port: u16,
    asked: Arc<Mutex<Vec<(Ipv4Addr, String)>>>,
}

impl Site {
    /// Answers each path by `answer`, which gives the whole head and the body.
    pub(super) async fn serve(
        answer: impl Fn(&str, u16) -> String + Clone + Send + Sync + 'static,
    ) -> Self {
        let public = TcpListener::bind((PUBLIC, 0)).await.unwrap();
        let port = public.local_addr().unwrap().port();
        let private = TcpListener::bind((PRIVATE, port)).await.unwrap();
        let asked = Arc::new(Mutex::new(Vec::new()));
        for (listener, address) in [(public, PUBLIC), (private, PRIVATE)] {
            let (asked, answer) = (Arc::clone(&asked), answer.clone());
            tokio::spawn(async move {
                while let Ok((mut stream, _)) = listener.accept().await {
                    let mut head = Vec::new();
                    while !head.ends_with(b"\r\n\r\n") {
                        let Ok(byte) = stream.read_u8().await else {
                            break;
                        };
                        head.push(byte);
                    }
                    let head = String::from_utf8(head).unwrap();
                    let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
                    let _ = stream.write_all(answer(&path, port).as_bytes()).await;
                    asked.lock().unwrap().push((address, path));
                }
            });
        }
        Self { port, asked }
    }

    /// A site that says `hello`, and redirects `/to?…` to what stands there.
    pub(super) async fn redirecting() -> Self {
        Self::serve(|path, _| match path.strip_prefix("/to?") {
            Some(target) => format!(
                "HTTP/1.1 302 Found\r\nLocation: {}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n",
                target.replace("%5C", "\\")
            ),
            None => "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhello".into(),
        })
        .await
    }

    pub(super) fn url(&self, path: &str) -> PublicUrl {
        format!("http://site.example.com:{}{path}", self.port)
            .parse()
            .unwrap()
    }

    pub(super) fn asked(&self) -> Vec<(Ipv4Addr, String)> {
        self.asked.lock().unwrap().clone()
    }
}
