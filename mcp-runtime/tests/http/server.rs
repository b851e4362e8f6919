//! The server around the endpoint: slow clients, health, sockets, the end.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use mcp_runtime::{Error, Server};
use serde_json::json;
use tokio::net::TcpListener;

use crate::{
    client::Post,
    fixture::{Signals, Site, server},
};

fn get(path: &str) -> Post {
    let mut get = Post::new("").header("Host", "a probe");
    get.line = format!("GET {path} HTTP/1.1");
    get
}

#[tokio::test]
async fn a_connection_that_sends_no_request_is_closed() {
    let site = Site::start_with(|http| http.header_timeout(Duration::from_millis(100))).await;
    let mut silent = site.connect().await;
    let mut slow = site.connect().await;
    slow.write("POST /mcp HT").await;
    let mut late = site.connect().await;
    assert_eq!(late.send(&Post::add()).await.status, 200);
    late.write("POST /mcp HT").await;
    for connection in [&mut silent, &mut slow, &mut late] {
        assert!(connection.is_closed().await);
    }
    site.is_well().await;
}

#[tokio::test]
async fn a_connection_between_two_requests_is_kept() {
    let site = Site::start_with(|http| http.header_timeout(Duration::from_millis(20))).await;
    let mut kept = site.connect().await;
    assert_eq!(kept.send(&Post::add()).await.status, 200);
    // Longer than the limit for heads: another connection has run into it meanwhile.
    let mut silent = site.connect().await;
    assert!(silent.is_closed().await);
    assert_eq!(kept.send(&Post::add()).await.status, 200);
}

#[tokio::test]
async fn the_limit_for_heads_is_not_one_for_calls() {
    let site = Site::start_with(|http| http.header_timeout(Duration::from_millis(20))).await;
    let mut waiting = site.connect().await;
    waiting.write(Post::call("wait", json!({})).bytes()).await;
    site.signals.begun.notified().await;
    // The half of another request, sent while the first is answered, is not held against it.
    waiting.write("POST /mcp HT").await;
    assert!(site.connect().await.is_closed().await);
    site.signals.go.notify_one();
    assert_eq!(waiting.answer().await.status, 200);
}

#[tokio::test]
async fn a_body_that_does_not_come_is_refused() {
    let site = Site::start_with(|http| http.body_timeout(Duration::from_millis(50))).await;
    let mut slow = site.connect().await;
    let bytes = Post::add().bytes();
    slow.write(&bytes[..bytes.len() - 5]).await;
    let answer = slow.answer().await;
    assert_eq!((answer.status, answer.header("connection")), (408, "close"));
    answer.is_error(-32600);
    assert!(slow.is_closed().await);
    site.is_well().await;
}

#[tokio::test]
async fn connections_over_the_limit_wait() {
    let site = Site::start_with(|http| http.max_connections(2)).await;
    let mut first = site.connect().await;
    let mut second = site.connect().await;
    for connection in [&mut first, &mut second] {
        assert_eq!(connection.send(&Post::add()).await.status, 200);
    }
    let mut third = site.connect().await;
    third.write(Post::add().bytes()).await;
    assert_eq!(first.send(&Post::add()).await.status, 200);
    drop(second);
    assert_eq!(third.answer().await.status, 200);
}

#[tokio::test]
async fn probes_are_answered_whatever_host_they_name() {
    let site = Site::start().await;
    let answer = site.send(&get("/healthz")).await;
    assert_eq!((answer.status, &*answer.body), (200, &b"alive\n"[..]));
    let answer = site.send(&get("/readyz")).await;
    assert_eq!((answer.status, &*answer.body), (200, &b"ready\n"[..]));
    assert_eq!(site.send(&get("/")).await.status, 404);
    let mut post = get("/readyz");
    post.line = "POST /readyz HTTP/1.1".into();
    assert_eq!(site.send(&post).await.status, 405);
}

struct Slow;

#[tokio::test]
async fn the_server_lives_while_it_starts_and_is_ready_when_it_has() {
    let signals = Arc::<Signals>::default();
    let go = Arc::clone(&signals);
    let slow = server(&signals).on_start(move || {
        let go = Arc::clone(&go);
        async move {
            go.go.notified().await;
            Ok::<_, std::io::Error>(Slow)
        }
    });
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (end, ended) = tokio::sync::oneshot::channel::<()>();
    let http = slow.build().unwrap().http().path("/");
    let served = tokio::spawn(http.until(async { drop(ended.await) }).serve(listener));
    let mut connection = crate::client::Connection::open(address).await;
    assert_eq!(connection.send(&get("/healthz")).await.status, 200);
    assert_eq!(connection.send(&get("/readyz")).await.status, 503);
    let mut call = Post::add();
    call.line = "POST / HTTP/1.1".into();
    let mut early = crate::client::Connection::open(address).await;
    early.write(call.bytes()).await;
    signals.go.notify_one();
    assert_eq!(
        early.answer().await.json()["result"]["structuredContent"],
        3
    );
    assert_eq!(connection.send(&get("/readyz")).await.status, 200);
    drop(end);
    served.await.unwrap().unwrap();
}

#[tokio::test]
async fn a_server_that_does_not_start_ends() {
    let failing =
        Server::new("x", "1").on_start(async || Err::<Slow, _>(std::io::Error::other("no")));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let served = failing.build().unwrap().http().serve(listener).await;
    assert!(matches!(served, Err(Error::Lifespan(_))), "{served:?}");
}

#[tokio::test]
async fn requests_in_flight_are_finished_at_the_end() {
    let mut site = Site::start().await;
    let mut idle = site.connect().await;
    assert_eq!(idle.send(&Post::add()).await.status, 200);
    let mut calls = Vec::new();
    for loud in [false, true] {
        let mut call = site.connect().await;
        let post = Post::call_with_progress("wait", json!({ "loud": loud }));
        call.write(post.bytes()).await;
        site.signals.begun.notified().await;
        calls.push(call);
    }
    site.end();
    assert!(idle.is_closed().await);
    site.signals.go.notify_one();
    site.signals.finished.notified().await;
    site.signals.go.notify_one();
    assert_eq!(
        calls[0].answer().await.json()["result"]["content"][0]["text"],
        "went"
    );
    assert_eq!(calls[1].answer().await.events().len(), 2);
    site.ended().await.unwrap();
}

#[tokio::test]
async fn new_connections_are_told_that_the_server_is_about_to_end() {
    let mut site = Site::start().await;
    let mut call = site.connect().await;
    call.write(Post::call("wait", json!({})).bytes()).await;
    site.signals.begun.notified().await;
    let mut idle = site.connect().await;
    assert_eq!(idle.send(&get("/readyz")).await.status, 200);
    site.end();
    assert!(idle.is_closed().await);
    let told = site.send(&get("/readyz")).await;
    assert_eq!((told.status, &*told.body), (503, &b"not ready\n"[..]));
    assert_eq!(site.send(&get("/healthz")).await.status, 200);
    let mut late = site.connect().await;
    let answer = late.send(&Post::add()).await;
    assert_eq!((answer.status, answer.header("connection")), (503, "close"));
    answer.is_error(-32600);
    assert!(late.is_closed().await);
    // One that says nothing does not keep the server.
    let mut silent = site.connect().await;
    site.signals.go.notify_one();
    let answer = call.answer().await.json();
    assert_eq!(answer["result"]["content"][0]["text"], "went");
    site.ended().await.unwrap();
    assert!(silent.is_closed().await);
}

#[tokio::test]
async fn requests_that_take_too_long_are_dropped_at_the_end() {
    let site = Site::start_with(|http| http.drain_timeout(Duration::from_millis(50))).await;
    let mut call = site.connect().await;
    call.write(Post::call("wait", json!({})).bytes()).await;
    site.signals.begun.notified().await;
    let signals = Arc::clone(&site.signals);
    site.ended().await.unwrap();
    signals.dropped.notified().await;
    assert!(call.is_closed().await);
}

#[tokio::test]
async fn nothing_is_served_to_other_machines_by_accident() {
    let signals = Arc::<Signals>::default();
    let service = server(&signals).build().unwrap();
    let served = service.http().serve_tcp("0.0.0.0:0").await;
    let Err(Error::Build(problems)) = served else {
        panic!("{served:?}");
    };
    assert_eq!(problems.len(), 1);
    assert!(
        problems[0].contains("MCP_HTTP_ALLOWED_HOSTS"),
        "{problems:?}"
    );
    let ended = async {};
    let open = service.http().allowed_hosts(["example.com"]).until(ended);
    open.serve_tcp("0.0.0.0:0").await.unwrap();
}

#[tokio::test]
async fn a_server_with_a_token_lets_nobody_in_who_does_not_know_it() {
    let site = Site::start_with(|http| http.local_token(true).cors(true)).await;
    let mut read = Post::add();
    read.line = "GET /mcp HTTP/1.1".into();
    for (post, challenge) in [
        (Post::add(), "Bearer"),
        (read, "Bearer"),
        (Post::add().with_body("nonsense"), "Bearer"),
        (
            Post::add().header("Authorization", "Bearer 0123456789abcdef0123456789abcdef"),
            "Bearer error=\"invalid_token\"",
        ),
    ] {
        let answer = site.send(&post).await;
        assert_eq!(answer.status, 401);
        assert_eq!(answer.header("www-authenticate"), challenge);
        answer.is_error(-32600);
    }
    assert_eq!(site.signals.runs.load(Ordering::SeqCst), 0);
    assert_eq!(site.send(&get("/healthz")).await.status, 200);
    assert_eq!(site.send(&get("/readyz")).await.status, 200);
    // A browser asks without it whether it may send it.
    let own = format!("http://127.0.0.1:{}", site.address.port());
    let mut preflight = Post::new("")
        .header("Host", &own[7..])
        .header("Origin", &own)
        .header("Access-Control-Request-Method", "POST")
        .header("Access-Control-Request-Headers", "authorization");
    preflight.line = "OPTIONS /mcp HTTP/1.1".into();
    assert_eq!(site.send(&preflight).await.status, 200);
}

#[tokio::test]
async fn settings_that_cannot_be_meant_are_refused() {
    let service = server(&Arc::default()).build().unwrap();
    let http = service.http().path("mcp").keep_alive(Duration::ZERO);
    let Err(Error::Build(problems)) = http.service() else {
        panic!("they are taken");
    };
    assert_eq!(problems.len(), 2, "{problems:?}");
}

#[cfg(unix)]
mod unix {
    use std::{
        net::SocketAddr,
        os::unix::fs::{FileTypeExt, PermissionsExt},
        path::PathBuf,
        process::Stdio,
    };

    use tokio::{
        io::{AsyncBufReadExt, BufReader, Lines},
        net::UnixStream,
        process::{Child, ChildStderr, Command},
        sync::oneshot,
        time::timeout,
    };

    use super::*;
    use crate::client::Connection;

    #[tokio::test]
    async fn a_unix_socket_is_for_its_user_alone_and_goes_with_the_server() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("mcp.sock");
        // One that a process has left behind.
        drop(std::os::unix::net::UnixListener::bind(&path).unwrap());
        let (end, ended) = oneshot::channel::<()>();
        let http = server(&Arc::default()).build().unwrap().http();
        let served = tokio::spawn(
            http.until(async { drop(ended.await) })
                .serve_unix(path.clone()),
        );
        let stream = loop {
            match UnixStream::connect(&path).await {
                Ok(stream) => break stream,
                Err(_) => tokio::task::yield_now().await,
            }
        };
        let mut connection = Connection::over(stream);
        let answer = connection
            .send(&Post::add().header("Host", "mcp.sock"))
            .await;
        assert_eq!(answer.json()["result"]["structuredContent"], 3);
        let file = std::fs::metadata(&path).unwrap();
        assert!(file.file_type().is_socket());
        assert_eq!(file.permissions().mode() & 0o777, 0o600);
        assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 1);

        let second = server(&Arc::default())
            .build()
            .unwrap()
            .http()
            .serve_unix(&path)
            .await;
        assert!(matches!(second, Err(Error::Io(_))), "{second:?}");
        drop(end);
        served.await.unwrap().unwrap();
        assert!(!path.exists());
    }

    /// The program in `blocked.rs`, which cargo builds with the tests.
    fn blocked() -> PathBuf {
        let test = std::env::current_exe().unwrap();
        let folder = test.ancestors().nth(2).unwrap();
        let program = folder.join("examples/http_blocked");
        assert!(
            program.exists(),
            "`cargo build --example http_blocked` first"
        );
        program
    }

    /// That program, and how to reach it.
    struct Blocked {
        process: Child,
        told: Lines<BufReader<ChildStderr>>,
        address: SocketAddr,
        token: String,
    }

    impl Blocked {
        async fn start() -> Self {
            let mut process = Command::new(blocked())
                .env("MCP_HTTP_TOKEN", "generate")
                .env("MCP_HTTP_DRAIN_TIMEOUT", "0.1")
                .stderr(Stdio::piped())
                .kill_on_drop(true)
                .spawn()
                .unwrap();
            let mut told = BufReader::new(process.stderr.take().unwrap()).lines();
            let line = told.next_line().await.unwrap().unwrap();
            let (address, token) = line.split_once("/mcp with the bearer token ").unwrap();
            let (_, address) = address.split_once("http://").unwrap();
            Self {
                process,
                told,
                address: address.parse().unwrap(),
                token: format!("Bearer {token}"),
            }
        }

        /// Has a handler block.
        async fn block(&mut self, connection: &mut Connection) {
            let call = Post::call("block", json!({})).header("Authorization", &self.token);
            connection.write(call.bytes()).await;
            let line = self.told.next_line().await.unwrap();
            assert_eq!(line.as_deref(), Some("blocked"));
        }
    }

    #[tokio::test]
    async fn a_handler_that_blocks_for_ever_does_not_keep_the_process() {
        let mut server = Blocked::start().await;
        let mut connection = Connection::open(server.address).await;
        server.block(&mut connection).await;
        let id = server.process.id().unwrap().to_string();
        let kill = Command::new("kill").args(["-TERM", &id]).status().await;
        assert!(kill.unwrap().success());
        assert!(server.process.wait().await.unwrap().success());
    }

    #[tokio::test]
    async fn a_handler_that_blocks_stops_nobody_else() {
        // Which of the threads takes the call is left to chance.
        for _ in 0..4 {
            let mut server = Blocked::start().await;
            let list = Post::modern("tools/list", json!({})).header("Authorization", &server.token);
            let mut one = Connection::open(server.address).await;
            let mut another = Connection::open(server.address).await;
            // Both threads of the server have nothing to do then.
            assert_eq!(one.send(&list).await.status, 200);
            assert_eq!(another.send(&list).await.status, 200);
            server.block(&mut one).await;
            let answer = timeout(Duration::from_secs(10), another.send(&list)).await;
            assert_eq!(answer.unwrap().status, 200);
        }
    }

    #[tokio::test]
    async fn a_file_that_is_no_socket_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("notes.txt");
        std::fs::write(&path, "precious").unwrap();
        let served = server(&Arc::default())
            .build()
            .unwrap()
            .http()
            .serve_unix(&path)
            .await;
        assert!(matches!(served, Err(Error::Io(_))), "{served:?}");
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "precious");
    }
}

#[tokio::test]
async fn a_request_that_trickles_is_not_waited_for() {
    let site = Site::start_with(|http| {
        http.header_timeout(Duration::from_millis(100))
            .body_timeout(Duration::from_millis(100))
    })
    .await;
    // Something always comes, and never enough.
    let head = format!("{}X-Long: ", Post::add().head());
    let body = format!("{}Content-Length: 100000\r\n\r\n", Post::add().head());
    let mut slow_head = site.connect().await;
    slow_head.write(head).await;
    let mut slow_body = site.connect().await;
    slow_body.write(body).await;
    for slow in [&mut slow_head, &mut slow_body] {
        while !slow.has_answer() {
            slow.write(" ").await;
            site.is_well().await;
        }
    }
    assert!(slow_head.is_closed().await);
    assert_eq!(slow_body.answer().await.status, 408);
}

#[tokio::test]
async fn a_client_that_has_said_everything_may_close_its_half() {
    let site = Site::start().await;
    let mut half = site.connect().await;
    half.write(Post::add().bytes()).await;
    half.close_half().await;
    let answer = half.answer().await;
    assert_eq!(answer.json()["result"]["structuredContent"], 3);
    assert!(half.is_closed().await);
}

#[tokio::test]
async fn many_idle_connections_cost_nobody_anything() {
    let site = Site::start().await;
    let mut idle = Vec::new();
    for _ in 0..400 {
        idle.push(site.connect().await);
    }
    site.is_well().await;
    for connection in &mut idle[..3] {
        assert_eq!(connection.send(&Post::add()).await.status, 200);
    }
}

#[tokio::test]
async fn half_a_request_does_not_keep_the_server_from_its_end() {
    let site = Site::start().await;
    let mut half = site.connect().await;
    half.write("POST /mcp HT").await;
    site.is_well().await;
    site.ended().await.unwrap();
    assert!(half.is_closed().await);
}
