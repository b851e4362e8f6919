//! `Service::serve_io` over streams in memory.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::time::Duration;

use mcp_runtime::{AskError, Context, Server, Service, handlers, tool};
use proptest::prelude::*;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader, DuplexStream},
    task::JoinHandle,
};

/// Adds two numbers.
#[tool]
fn add(a: i64, b: i64) -> i64 {
    a.wrapping_add(b)
}

/// Never ends.
#[tool]
async fn wait() {
    std::future::pending::<()>().await;
}

fn service() -> Service {
    let server = Server::new("stream", "1.0.0").max_line_bytes(1000);
    server.add(handlers![add, wait]).build().unwrap()
}

/// A client's end of a connection, and the server at its other end.
fn connect(
    service: &Service,
    buffer: usize,
) -> (DuplexStream, JoinHandle<mcp_runtime::Result<()>>) {
    let (client, server) = tokio::io::duplex(buffer);
    let service = service.clone();
    let serving = tokio::spawn(async move {
        let (reader, writer) = tokio::io::split(server);
        service.serve_io(reader, writer).await
    });
    (client, serving)
}

fn call(id: i64, tool: &str, arguments: &Value) -> String {
    let meta = json!({
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientCapabilities": {},
    });
    let params = json!({ "name": tool, "arguments": arguments, "_meta": meta });
    let call = json!({ "jsonrpc": "2.0", "id": id, "method": "tools/call", "params": params });
    format!("{call}\n")
}

/// Everything that the server writes if a client sends `bytes` and goes.
async fn answers(bytes: &[u8], buffer: usize) -> Vec<Value> {
    let (client, serving) = connect(&service(), buffer);
    let (mut output, mut input) = tokio::io::split(client);
    let send = async {
        input.write_all(bytes).await.unwrap();
        input.shutdown().await.unwrap();
    };
    let mut written = String::new();
    let (read, ()) = tokio::join!(output.read_to_string(&mut written), send);
    read.unwrap();
    serving.await.unwrap().unwrap();
    let lines = written
        .lines()
        .map(|line| serde_json::from_str(line).unwrap());
    lines.collect()
}

fn run<F: Future>(future: F) -> F::Output {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    runtime
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap()
        .block_on(future)
}

/// What fuzzes best is nearly right.
fn nearly_a_message() -> impl Strategy<Value = Vec<u8>> {
    let right = call(1, "add", &json!({ "a": 1, "b": [{ "c": "\u{e9}" }] })).into_bytes();
    let length = right.len();
    let change = (0..length, any::<u8>(), 0..3_u8);
    proptest::collection::vec(change, 1..4).prop_map(move |changes| {
        let mut message = right.clone();
        for (at, byte, kind) in changes {
            let at = at.min(message.len() - 1);
            match kind {
                0 => message[at] = byte,
                1 => message.insert(at, byte),
                _ => drop(message.remove(at)),
            }
        }
        message
    })
}

fn anything() -> impl Strategy<Value = Vec<u8>> {
    let bytes = proptest::collection::vec(any::<u8>(), 0..200);
    let json = "[\\[\\]{}:,\"\\\\0-9a-u\n -]{0,200}".prop_map(String::into_bytes);
    let long = (900..3000_usize).prop_map(|length| vec![b'x'; length]);
    let one = prop_oneof![4 => nearly_a_message(), 4 => json, 4 => bytes, 1 => long];
    proptest::collection::vec(one, 1..6).prop_map(|parts| parts.concat())
}

proptest! {
    #[test]
    fn any_bytes_give_silence_or_errors_and_the_next_request_is_answered(
        bytes in anything(),
        buffer in 1..5000_usize,
    ) {
        let next = call(4711, "add", &json!({ "a": 40, "b": 2 }));
        let sent = [&bytes, &b"\n"[..], next.as_bytes()].concat();
        let mut answers = run(answers(&sent, buffer));
        let last = answers.iter().position(|answer| answer["id"] == 4711);
        let last = answers.remove(last.expect("the request is answered"));
        prop_assert_eq!(&last["result"]["structuredContent"], &json!(42));
        for answer in answers {
            prop_assert_eq!(&answer["jsonrpc"], "2.0");
            // A change may leave a call of `add` right.
            let error = answer["error"]["code"].is_i64() && answer["error"]["message"].is_string();
            let result = answer["result"].is_object() && !answer["id"].is_null();
            prop_assert!(error != result, "{}", answer);
        }
    }

    #[test]
    fn calls_are_answered_once_each_however_the_stream_is_cut(
        count in 1..200_i64,
        buffer in 1..5000_usize,
    ) {
        let calls: String = (0..count).map(|id| call(id, "add", &json!({ "a": id, "b": 1 }))).collect();
        let mut sums: Vec<(i64, i64)> = run(answers(calls.as_bytes(), buffer))
            .iter()
            .map(|answer| {
                let sum = &answer["result"]["structuredContent"];
                (answer["id"].as_i64().unwrap(), sum.as_i64().unwrap())
            })
            .collect();
        sums.sort_unstable();
        prop_assert_eq!(sums, (0..count).map(|id| (id, id + 1)).collect::<Vec<_>>());
    }
}

#[tokio::test]
async fn one_service_serves_many_clients() {
    let service = service();
    let clients: Vec<_> = (0..10).map(|_| connect(&service, 4096)).collect();
    for (mut client, serving) in clients {
        client
            .write_all(call(1, "add", &json!({ "a": 1, "b": 2 })).as_bytes())
            .await
            .unwrap();
        let mut line = String::new();
        BufReader::new(&mut client)
            .read_line(&mut line)
            .await
            .unwrap();
        assert!(line.contains("\"structuredContent\":3"), "{line}");
        drop(client);
        serving.await.unwrap().unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_that_never_ends_has_five_seconds_after_the_end_of_the_input() {
    let (client, serving) = connect(&service(), 4096);
    let (_output, mut input) = tokio::io::split(client);
    input
        .write_all(call(1, "wait", &json!({})).as_bytes())
        .await
        .unwrap();
    let begun = tokio::time::Instant::now();
    input.shutdown().await.unwrap();
    serving.await.unwrap().unwrap();
    let taken = begun.elapsed();
    assert!(
        taken >= Duration::from_secs(5) && taken < Duration::from_secs(6),
        "{taken:?}"
    );
}

#[tokio::test]
async fn a_server_that_is_dropped_hangs_up() {
    let (mut client, serving) = connect(&service(), 4096);
    client
        .write_all(call(1, "wait", &json!({})).as_bytes())
        .await
        .unwrap();
    serving.abort();
    let mut rest = Vec::new();
    client.read_to_end(&mut rest).await.unwrap();
    assert_eq!(rest, b"");
}

#[tokio::test]
async fn a_server_that_does_not_start_reads_nothing() {
    let server = Server::new("stream", "1.0.0")
        .on_start(async || Err::<(), _>(std::io::Error::other("no")))
        .add(handlers![wait]);
    let service = server.build().unwrap();
    let (_client, serving) = connect(&service, 4096);
    let error = serving.await.unwrap().unwrap_err();
    assert!(matches!(error, mcp_runtime::Error::Lifespan(_)), "{error}");
}

/// Asks for nothing but consent.
#[tool]
async fn ask(ctx: Context) -> Result<(), AskError> {
    ctx.elicit("sure", "Sure?").await
}

#[test]
fn handlers_that_wait_for_answers_do_not_keep_the_answers_from_being_read() {
    const WAITING: i64 = 4096;
    run(async {
        let server = Server::new("stream", "1.0.0").add(handlers![add, ask]);
        let (client, _serving) = connect(&server.build().unwrap(), 1 << 24);
        let (output, mut input) = tokio::io::split(client);
        let mut lines = BufReader::new(output).lines();
        let params = json!({
            "protocolVersion": "2025-11-25",
            "capabilities": { "elicitation": {} },
            "clientInfo": { "name": "test", "version": "1" },
        });
        let initialize =
            json!({ "jsonrpc": "2.0", "id": 0, "method": "initialize", "params": params });
        let call = |id: i64| {
            let params = json!({ "name": "ask", "arguments": {} });
            json!({ "jsonrpc": "2.0", "id": id, "method": "tools/call", "params": params })
        };
        let calls = (1..=WAITING + 1).map(|id| format!("{}\n", call(id)));
        let sent = format!("{initialize}\n{}", calls.collect::<String>());
        input.write_all(sent.as_bytes()).await.unwrap();
        let (mut refused, mut answered) = (0, 0);
        for _ in 0..2 * WAITING + 2 {
            let line = lines.next_line().await.unwrap().unwrap();
            let message: Value = serde_json::from_str(&line).unwrap();
            if message["method"] == "elicitation/create" {
                let result = json!({ "action": "accept" });
                let answer = json!({ "jsonrpc": "2.0", "id": message["id"], "result": result });
                let answer = format!("{answer}\n");
                input.write_all(answer.as_bytes()).await.unwrap();
            } else if message["error"]["code"] == -32603 {
                refused += 1;
            } else {
                answered += 1;
            }
        }
        // The answer to `initialize` is one of them.
        assert_eq!((refused, answered), (1, WAITING + 1));
    });
}
