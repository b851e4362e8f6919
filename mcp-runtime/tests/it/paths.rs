//! `PathWithin`: nothing outside of its folder is ever opened.

use std::{
    fs,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};

use mcp_runtime::{
    CallError, Server, State,
    fs::{PathError, PathRefusal, PathWithin, RootDir},
    handlers, resource,
    testing::{Protocol, TestClient},
    tool,
};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use proptest::prelude::*;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;
use tempfile::TempDir;

/// What stands outside of the folder.
const CANARY: &str = "the canary";

/// The folder of the tests.
struct Docs;

/// A folder `docs` with files, beside a file that nobody may read.
fn folder() -> (TempDir, RootDir<Docs>) {
    let outer = tempfile::tempdir().unwrap();
    let docs = outer.path().join("docs");
    fs::create_dir_all(docs.join("sub/deep")).unwrap();
    fs::write(outer.path().join("outside.txt"), CANARY).unwrap();
    fs::write(docs.join("hello.txt"), "hello").unwrap();
    fs::write(docs.join("sub/inner.txt"), "inner").unwrap();
    fs::write(docs.join("100%.txt"), "percent").unwrap();
    fs::write(docs.join("large.txt"), "x".repeat(100)).unwrap();
    fs::write(docs.join("bytes.bin"), [0xff, 0xfe]).unwrap();
    #[cfg(unix)]
    links(outer.path());
    let root = RootDir::open(&docs).unwrap().max_bytes(50);
    (outer, root)
}

#[cfg(unix)]
fn links(outer: &std::path::Path) {
    use std::os::unix::fs::symlink;
    let docs = outer.join("docs");
    for (target, name) in [
        ("hello.txt", "inside"),
        ("sub", "folder"),
        ("../outside.txt", "relative"),
        ("..", "up"),
        ("sub/../../outside.txt", "winding"),
        ("/etc/passwd", "absolute"),
        ("/", "top"),
        ("relative", "twice"),
        ("nowhere", "dangling"),
        ("../new.txt", "dangling-out"),
        ("/proc/self/root", "magic"),
        ("/proc/self/cwd", "working"),
        ("loop-b", "loop-a"),
        ("loop-a", "loop-b"),
    ] {
        symlink(target, docs.join(name)).unwrap();
    }
    // The whole name of a file in the folder, which leads over the root of the system nevertheless.
    symlink(docs.join("hello.txt"), docs.join("home")).unwrap();
    let _ = std::process::Command::new("mkfifo")
        .arg(docs.join("pipe"))
        .status()
        .unwrap();
    let _ = std::os::unix::net::UnixListener::bind(docs.join("socket")).unwrap();
}

use PathRefusal::{
    Absolute, Backslash, Colon, Control, Device, Drive, Empty, Encoded, TooLong, TrailingDot,
    Traversal,
};

/// Paths that are refused by their text alone.
const HOSTILE: &[(&str, PathRefusal)] = &[
    ("", Empty),
    ("sub//inner.txt", Empty),
    ("hello.txt/", Empty),
    ("sub/", Empty),
    // Traversal, plainly.
    ("..", Traversal),
    (".", Traversal),
    ("../outside.txt", Traversal),
    ("./hello.txt", Traversal),
    ("sub/../../outside.txt", Traversal),
    ("sub/..", Traversal),
    ("sub/./inner.txt", Traversal),
    ("hello.txt/../../outside.txt", Traversal),
    ("..\\outside.txt", Traversal),
    ("sub\\..\\..\\outside.txt", Traversal),
    ("sub/..\\../outside.txt", Traversal),
    (".../outside.txt", Traversal),
    ("....//outside.txt", Traversal),
    (".. /outside.txt", Traversal),
    (" ../outside.txt", Traversal),
    ("..;/outside.txt\\..", Traversal),
    // In other characters.
    ("\u{ff0e}\u{ff0e}/outside.txt", Traversal),
    ("\u{2025}/outside.txt", Traversal),
    ("\u{2024}\u{2024}/outside.txt", Traversal),
    ("\u{fe52}\u{fe52}/outside.txt", Traversal),
    ("\u{2026}/outside.txt", Traversal),
    ("..\u{ff0f}outside.txt", Traversal),
    ("..\u{2215}outside.txt", Traversal),
    ("..\u{2044}outside.txt", Traversal),
    ("..\u{ff3c}outside.txt", Traversal),
    ("sub/.\u{200b}./outside.txt", Traversal),
    (".\u{ad}./outside.txt", Traversal),
    ("\u{feff}../outside.txt", Traversal),
    (".\u{fe0f}./outside.txt", Traversal),
    // Encoded: percent escapes, several times, and bytes that are no UTF-8.
    ("%2e%2e/outside.txt", Encoded),
    ("%2E%2e%2foutside.txt", Encoded),
    ("..%2foutside.txt", Encoded),
    ("..%5coutside.txt", Encoded),
    ("%252e%252e%252foutside.txt", Encoded),
    ("%25252e%25252e/outside.txt", Encoded),
    ("sub%2finner.txt", Encoded),
    ("%2fetc%2fpasswd", Encoded),
    ("%5c%5chost%5cshare", Encoded),
    ("C%3a%5cWindows", Encoded),
    ("hello.txt%00.png", Encoded),
    ("hello.txt%2500", Encoded),
    ("%c0%ae%c0%ae/outside.txt", Encoded),
    ("%c0%afetc", Encoded),
    ("%e0%80%ae%e0%80%ae/outside.txt", Encoded),
    ("%ff", Encoded),
    ("%ef%bc%8e%ef%bc%8e/outside.txt", Encoded),
    ("\u{ff05}2e\u{ff05}2e/outside.txt", Encoded),
    ("\u{fe6a}2e\u{fe6a}2e/outside.txt", Encoded),
    ("nul%2etxt", Encoded),
    ("hello.txt%20", Encoded),
    ("%0ahello.txt", Encoded),
    // From a root.
    ("/etc/passwd", Absolute),
    ("//etc/passwd", Absolute),
    ("/", Absolute),
    ("///", Absolute),
    ("//host/share/file", Absolute),
    ("\\\\host\\share\\file", Absolute),
    ("\\\\?\\C:\\Windows\\win.ini", Absolute),
    ("\\\\.\\PhysicalDrive0", Absolute),
    ("\\??\\C:\\Windows", Absolute),
    ("\\\\?\\UNC\\host\\share", Absolute),
    ("\\Windows\\win.ini", Absolute),
    ("file:///etc/passwd", Absolute),
    ("http://example.com/x", Absolute),
    ("/../outside.txt", Absolute),
    // Drives.
    ("C:\\Windows\\win.ini", Drive),
    ("C:/Windows/win.ini", Drive),
    ("c:hello.txt", Drive),
    ("C:", Drive),
    ("sub/D:/x", Drive),
    ("z:", Drive),
    ("sub\\inner.txt", Backslash),
    ("hello.txt\\", Backslash),
    // Streams.
    ("hello.txt:stream", Colon),
    ("hello.txt::$DATA", Colon),
    ("sub:$I30:$INDEX_ALLOCATION", Colon),
    (":x", Colon),
    // Devices.
    ("CON", Device),
    ("nul", Device),
    ("NUL.txt", Device),
    ("aux.tar.gz", Device),
    ("PRN ", Device),
    ("nul .txt", Device),
    ("com1", Device),
    ("COM9.log", Device),
    ("lpt0", Device),
    ("COM\u{b9}", Device),
    ("LPT\u{b3}.txt", Device),
    ("conin$", Device),
    ("CONOUT$", Device),
    ("CLOCK$", Device),
    ("sub/nul/x", Device),
    // What Windows leaves out.
    ("hello.txt.", TrailingDot),
    ("hello.txt ", TrailingDot),
    ("hello.txt...", TrailingDot),
    ("sub./inner.txt", TrailingDot),
    ("sub /inner.txt", TrailingDot),
    // Control characters.
    ("hello.txt\0", Control),
    ("hello.txt\0.png", Control),
    ("\0", Control),
    ("hello\n.txt", Control),
    ("hello\r\n.txt", Control),
    ("\t", Control),
    ("hello\u{7f}.txt", Control),
    ("hello\u{85}.txt", Control),
    ("gpj.\u{202e}txt", Control),
    ("\u{2066}../outside.txt", Control),
    ("hello\u{2028}.txt", Control),
];

fn root() -> (TempDir, State<RootDir<Docs>>) {
    let (outer, root) = folder();
    (outer, State::new(root))
}

#[test]
fn hostile_paths_are_refused_for_the_right_reason() {
    let (_outer, root) = root();
    assert!(HOSTILE.len() >= 60);
    for (path, reason) in HOSTILE {
        match PathWithin::new(root.clone(), path) {
            Err(PathError::Refused(refusal)) => assert_eq!(refusal, *reason, "{path:?}"),
            other => panic!("{path:?}: {other:?}"),
        }
    }
    for long in ["x".repeat(256), "x/".repeat(512) + "x", "x".repeat(1 << 20)] {
        let refused = PathWithin::new(root.clone(), &long);
        assert!(matches!(refused, Err(PathError::Refused(TooLong))));
    }
}

/// What the operating system is left to refuse.
#[cfg(unix)]
#[tokio::test]
async fn links_that_lead_out_and_what_is_no_file_are_refused() {
    let (outer, root) = root();
    let read = async |path: &str| PathWithin::new(root.clone(), path).unwrap().read().await;
    for path in [
        "relative",
        "up/outside.txt",
        "up/docs/hello.txt",
        "winding",
        "absolute",
        "top/etc/passwd",
        "twice",
        "home",
        "dangling-out",
        "magic/etc/passwd",
        "working/Cargo.toml",
    ] {
        let refused = read(path).await;
        assert!(
            matches!(refused, Err(PathError::Outside)),
            "{path}: {refused:?}"
        );
    }
    for path in ["sub", "folder", "pipe"] {
        let refused = read(path).await;
        assert!(
            matches!(refused, Err(PathError::NotAFile)),
            "{path}: {refused:?}"
        );
    }
    for path in ["nowhere", "dangling", "hello.txt/x", "HELLO.TXT/x"] {
        let refused = read(path).await;
        assert!(
            matches!(refused, Err(PathError::NotFound)),
            "{path}: {refused:?}"
        );
    }
    for path in ["loop-a", "socket"] {
        let refused = read(path).await;
        assert!(
            matches!(refused, Err(PathError::Io(_))),
            "{path}: {refused:?}"
        );
    }
    assert_eq!(read("inside").await.unwrap(), b"hello");
    assert_eq!(read("folder/inner.txt").await.unwrap(), b"inner");
    drop(outer);
}

#[tokio::test]
async fn ordinary_files_are_read_and_written() {
    let (outer, root) = root();
    let path = |path: &str| PathWithin::new(root.clone(), path).unwrap();
    assert_eq!(path("hello.txt").read_to_string().await.unwrap(), "hello");
    assert_eq!(path("100%.txt").read_to_string().await.unwrap(), "percent");
    let not_text = path("bytes.bin").read_to_string().await;
    assert!(matches!(not_text, Err(PathError::NotText)));
    path("sub/new.txt").create("new").await.unwrap();
    let again = path("sub/new.txt").create("again").await;
    assert!(matches!(again, Err(PathError::Exists)), "{again:?}");
    path("sub/new.txt").write("n").await.unwrap();
    let read = fs::read_to_string(outer.path().join("docs/sub/new.txt"));
    assert_eq!(read.unwrap(), "n");
    let nowhere = path("none/new.txt").create("new").await;
    assert!(matches!(nowhere, Err(PathError::NotFound)), "{nowhere:?}");
    let file = path("hello.txt").open().await.unwrap();
    assert_eq!(file.metadata().await.unwrap().len(), 5);
}

#[tokio::test]
async fn more_than_the_folder_allows_is_neither_read_nor_written() {
    let (outer, root) = root();
    let path = |path: &str| PathWithin::new(root.clone(), path).unwrap();
    for refused in [
        path("large.txt").read().await.map(drop),
        path("new.txt").create("x".repeat(51)).await,
        path("hello.txt").write("x".repeat(51)).await,
    ] {
        assert!(
            matches!(refused, Err(PathError::TooLarge { limit: 50 })),
            "{refused:?}"
        );
    }
    path("fits.txt").create("x".repeat(50)).await.unwrap();
    assert_eq!(path("fits.txt").read().await.unwrap().len(), 50);
    assert_eq!(path("hello.txt").read().await.unwrap(), b"hello");
    assert!(!outer.path().join("docs/new.txt").exists());
}

#[cfg(unix)]
#[tokio::test]
async fn nothing_is_written_through_links_that_lead_out() {
    let (outer, root) = root();
    let path = |path: &str| PathWithin::new(root.clone(), path).unwrap();
    for refused in [
        path("relative").write("x").await,
        path("dangling-out").write("x").await,
        path("up/new.txt").create("x").await,
        path("up/outside.txt").write("x").await,
    ] {
        assert!(matches!(refused, Err(PathError::Outside)), "{refused:?}");
    }
    let taken = path("dangling-out").create("x").await;
    assert!(matches!(taken, Err(PathError::Exists)), "{taken:?}");
    for refused in [path("sub").write("x").await, path("pipe").write("x").await] {
        assert!(
            matches!(refused, Err(PathError::NotAFile | PathError::Io(_))),
            "{refused:?}"
        );
    }
    assert!(!outer.path().join("new.txt").exists());
    assert_eq!(
        fs::read_to_string(outer.path().join("outside.txt")).unwrap(),
        CANARY
    );
}

#[cfg(unix)]
#[tokio::test]
async fn a_link_that_changes_all_the_time_never_leads_out() {
    use std::os::unix::fs::symlink;
    let (outer, root) = root();
    let docs = outer.path().join("docs");
    let done = Arc::new(AtomicBool::new(false));
    let ended = Arc::clone(&done);
    let changing = thread::spawn(move || {
        let spare = docs.join("spare");
        while !ended.load(Ordering::Relaxed) {
            for target in [
                "hello.txt",
                "../outside.txt",
                "/etc/passwd",
                "up/outside.txt",
            ] {
                symlink(target, &spare).unwrap();
                fs::rename(&spare, docs.join("racing")).unwrap();
            }
        }
    });
    let path = PathWithin::new(root, "racing").unwrap();
    let mut read = 0;
    for _ in 0..3000 {
        match path.read().await {
            Ok(bytes) => {
                assert_eq!(bytes, b"hello");
                read += 1;
            }
            // Also others: `openat2` gives up when somebody renames all the time.
            Err(PathError::Outside | PathError::NotFound | PathError::Io(_)) => {}
            Err(other) => panic!("{other:?}"),
        }
    }
    done.store(true, Ordering::Relaxed);
    changing.join().unwrap();
    assert!(read > 0, "not one of the attempts met the file inside");
}

#[cfg(unix)]
#[tokio::test]
async fn the_folder_stays_the_one_that_was_opened() {
    let (outer, root) = root();
    fs::rename(outer.path().join("docs"), outer.path().join("moved")).unwrap();
    fs::create_dir(outer.path().join("docs")).unwrap();
    fs::write(outer.path().join("docs/hello.txt"), "another").unwrap();
    let path = PathWithin::new(root, "hello.txt").unwrap();
    assert_eq!(path.read().await.unwrap(), b"hello");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn no_path_at_all_reads_what_is_outside(
        parts in prop::collection::vec(
            prop::sample::select(vec![
                "..", ".", "/", "/", "/", "\\", "up", "relative", "top", "magic", "etc/passwd", "outside.txt", "docs", "sub", "folder",
                "hello.txt", "%2e", "%2f", "\u{ff0e}", "\0", " ", ":",
            ]),
            1..8,
        ),
    ) {
        thread_local!(static PLACE: (TempDir, State<RootDir<Docs>>) = root());
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let path = parts.concat();
        let read = PLACE.with(|(_, root)| {
            let path = PathWithin::new(root.clone(), &path).ok()?;
            runtime.block_on(path.read()).ok()
        });
        if let Some(bytes) = read {
            let inside: [&[u8]; 2] = [b"hello", b"inner"];
            prop_assert!(inside.contains(&bytes.as_slice()), "{:?}", path);
        }
    }
}

#[derive(Deserialize, JsonSchema)]
struct Pair {
    from: PathWithin<Docs>,
    to: Option<PathWithin<Docs>>,
}

/// Reads files, wherever in the arguments they are named.
#[tool]
async fn read(
    path: PathWithin<Docs>,
    other: Option<PathWithin<Docs>>,
    more: Option<Vec<PathWithin<Docs>>>,
    pair: Option<Pair>,
) -> Result<String, CallError> {
    let mut texts = vec![path.read_to_string().await?];
    let pair = pair.map(|pair| [Some(pair.from), pair.to]);
    let pair = pair.into_iter().flatten().flatten();
    for path in other
        .into_iter()
        .chain(more.into_iter().flatten())
        .chain(pair)
    {
        texts.push(path.read_to_string().await?);
    }
    Ok(texts.join(" "))
}

/// A document.
#[resource("docs:///{+path}", mime_type = "text/plain")]
async fn document(path: PathWithin<Docs>) -> Result<String, PathError> {
    path.read_to_string().await
}

fn server() -> (TempDir, Server) {
    let (outer, root) = folder();
    let server = Server::new("test", "1")
        .state(root)
        .add(handlers![read, document]);
    (outer, server)
}

#[tokio::test]
async fn a_path_is_an_argument_like_any_other() {
    for protocol in Protocol::ALL {
        let (_outer, server) = server();
        let client = TestClient::connect_as(server, *protocol).await;
        let arguments = json!({
            "path": "hello.txt", "other": "sub/inner.txt", "more": ["100%.txt"], "pair": { "from": "hello.txt" },
        });
        let read = client.call("read", arguments).await;
        assert_eq!(read.text(), "hello inner percent hello");
        let tools = client.tools().await;
        let path = &tools[0]["inputSchema"]["properties"]["path"];
        assert_eq!(
            *path,
            json!({ "type": "string", "minLength": 1, "maxLength": 1024 })
        );
    }
}

#[tokio::test]
async fn a_model_is_told_what_is_wrong_with_a_path() {
    let (_outer, server) = server();
    let client = TestClient::connect(server).await;
    let refused = client
        .call(
            "read",
            json!({ "path": "../a", "more": ["hello.txt", "C:/x"] }),
        )
        .await;
    let expected = "Invalid arguments for `read` (2 problems):\n\
        - path: a path without `.` and `..`\n\
        - more: a relative path, without a drive";
    assert_eq!(refused.error(), expected);
    assert_eq!(refused.problems()[0].code, "path");
    for (path, expected) in [
        ("none.txt", "there is no such file"),
        ("sub", "this is no file"),
        (
            "large.txt",
            "the file is too large: at most 50 bytes are allowed",
        ),
        ("bytes.bin", "the file is no text in UTF-8"),
    ] {
        let refused = client.call("read", json!({ "path": path })).await;
        assert_eq!(refused.error(), expected);
    }
}

#[tokio::test]
async fn hostile_paths_are_refused_as_arguments_and_in_uris() {
    for (protocol, absent) in [(Protocol::MODERN, -32602), (Protocol::LEGACY, -32002)] {
        let (_outer, server) = server();
        let client = TestClient::connect_as(server, protocol).await;
        for (path, reason) in HOSTILE {
            let refused = client.call("read", json!({ "path": path })).await;
            let error = refused.error();
            let told = reason.to_string();
            assert!(
                error.contains(&told) || path.is_empty(),
                "{path:?}: {error}"
            );
            // Decoded once, the URI has the very path.
            let uri = format!("docs:///{}", utf8_percent_encode(path, NON_ALPHANUMERIC));
            let refused = client.try_read(&uri).await.unwrap_err();
            assert_eq!(refused.code, absent, "{uri}");
            let says = &refused.message;
            let known = ["no resource at", "Unknown resource"];
            assert!(known.iter().any(|known| says.starts_with(known)), "{says}");
        }
        for path in ["up/outside.txt", "none.txt", "relative"] {
            let refused = client
                .try_read(&format!("docs:///{path}"))
                .await
                .unwrap_err();
            assert_eq!(refused.code, absent, "{path}");
        }
        let read = client.read("docs:///100%25.txt").await;
        assert_eq!(read.text(), "percent");
        assert_eq!(client.read("docs:///sub%2Finner.txt").await.text(), "inner");
    }
}

#[test]
fn a_server_without_the_folder_is_not_built() {
    let error = Server::new("test", "1")
        .add(handlers![read])
        .build()
        .unwrap_err();
    let expected = "RootDir<it::paths::Docs>";
    assert!(error.to_string().contains(expected), "{error}");
}

#[test]
fn outside_of_a_call_no_path_can_be_read() {
    let error = serde_json::from_value::<PathWithin<Docs>>(json!("hello.txt")).unwrap_err();
    let expected = "a `PathWithin` can only be read as an argument of a handler";
    assert_eq!(error.to_string(), expected);
}
