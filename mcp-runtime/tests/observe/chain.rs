//! Changing, deleting, moving or adding one line of an audit is found and named.

use std::{fs, path::PathBuf};

use mcp_runtime::{
    Server,
    audit::{Audit, Broken, Fault, Key, Verifier, verify},
    handlers,
    testing::TestClient,
    tool,
};
use serde_json::json;

/// Says what it is told.
#[tool]
fn echo(text: String) -> String {
    text
}

/// The file of an audit.
struct Audited {
    _directory: tempfile::TempDir,
    path: PathBuf,
}

impl Audited {
    /// Six records.
    async fn new(key: Option<Key>) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("audit.jsonl");
        let audited = Self {
            _directory: directory,
            path,
        };
        audited.call(6, key).await;
        audited
    }

    async fn call(&self, times: usize, key: Option<Key>) {
        let mut audit = Audit::file(&self.path).unwrap();
        if let Some(key) = key {
            audit = audit.key(key);
        }
        let server = Server::new("audited", "1")
            .add(handlers![echo])
            .audit(audit);
        let client = TestClient::connect(server).await;
        for at in 0..times {
            client.call("echo", json!({ "text": at.to_string() })).await;
        }
    }

    fn lines(&self) -> Vec<String> {
        let text = fs::read_to_string(&self.path).unwrap();
        text.lines().map(ToOwned::to_owned).collect()
    }

    fn write(&self, lines: &[String]) {
        fs::write(&self.path, lines.join("\n") + "\n").unwrap();
    }

    /// What is found after lines were changed.
    fn after(&self, change: impl FnOnce(&mut Vec<String>)) -> Found {
        let whole = self.lines();
        let mut lines = whole.clone();
        change(&mut lines);
        self.write(&lines);
        let found = verify(&self.path, None).unwrap_err();
        self.write(&whole);
        Found::of(&found)
    }
}

/// Line, number and fault.
#[derive(Debug, PartialEq)]
struct Found(u64, Option<u64>, &'static str);

impl Found {
    fn of(broken: &Broken) -> Self {
        let fault = match broken.fault() {
            Fault::Altered => "altered",
            Fault::Forged => "forged",
            Fault::Missing => "missing",
            Fault::Reordered => "reordered",
            Fault::Inserted => "inserted",
            Fault::Unlinked => "unlinked",
            Fault::Foreign => "foreign",
            Fault::Truncated => "truncated",
            _ => "something else",
        };
        Self(broken.line(), broken.seq(), fault)
    }
}

#[tokio::test]
async fn a_line_that_is_changed_is_found_and_named() {
    let audited = Audited::new(None).await;
    verify(&audited.path, None).unwrap();
    for at in 0..6 {
        let number = at as u64 + 1;
        for (from, to) in [
            (r#""name":"echo""#, r#""name":"Echo""#),
            (r#""outcome":"ok""#, r#""outcome":"error""#),
            (r#"{"seq":"#, r#"{"seq":1"#),
            (r#","hash":"#, r#", "hash":"#),
            (r#""time":"2"#, r#""time":"1"#),
        ] {
            let found = audited.after(|lines| lines[at] = lines[at].replace(from, to));
            assert_eq!(
                (found.0, found.1),
                (number, Some(number)),
                "{from}: {found:?}"
            );
        }
        let found = audited.after(|lines| lines[at] = lines[at].replace("echo", "ECHO"));
        assert_eq!(found, Found(number, Some(number), "altered"));
    }
    verify(&audited.path, None).unwrap();
}

#[tokio::test]
async fn a_line_that_is_taken_away_is_found_and_named() {
    let audited = Audited::new(None).await;
    for at in 0..5 {
        let found = audited.after(|lines| drop(lines.remove(at)));
        assert_eq!(found, Found(at as u64 + 1, Some(at as u64 + 1), "missing"));
    }
    let found = audited.after(|lines| drop(lines.drain(1..4)));
    assert_eq!(found, Found(2, Some(2), "missing"));
}

#[tokio::test]
async fn lines_in_another_order_are_found_and_named() {
    let audited = Audited::new(None).await;
    for at in 0..5 {
        let found = audited.after(|lines| lines.swap(at, at + 1));
        assert_eq!(
            found,
            Found(at as u64 + 1, Some(at as u64 + 1), "reordered")
        );
    }
}

#[tokio::test]
async fn a_line_too_many_is_found_and_named() {
    let audited = Audited::new(None).await;
    let found = audited.after(|lines| lines.insert(4, lines[1].clone()));
    assert_eq!(found, Found(5, Some(2), "inserted"));
    let found = audited.after(|lines| lines.insert(2, "hello".into()));
    assert_eq!(found, Found(3, Some(3), "foreign"));
    let found = audited.after(|lines| lines.push(String::new()));
    assert_eq!(found.2, "foreign");
    let found = audited.after(|lines| lines.push("{}".into()));
    assert_eq!(found, Found(7, Some(7), "foreign"));
}

#[tokio::test]
async fn the_end_of_a_file_is_there_if_its_head_is() {
    let audited = Audited::new(None).await;
    let report = verify(&audited.path, None).unwrap();
    let (seq, hash) = report.head();
    assert_eq!(seq, 6);
    let verifier = Verifier::new().head(seq, hash);
    audited.call(1, None).await;
    assert_eq!(verifier.verify(&audited.path).unwrap().records(), 7);
    let lines = audited.lines();
    audited.write(&lines[..5]);
    assert_eq!(verify(&audited.path, None).unwrap().records(), 5);
    let found = verifier.verify(&audited.path).unwrap_err();
    assert_eq!(Found::of(&found), Found(6, Some(6), "truncated"));
    audited.call(1, None).await;
    let found = verifier.verify(&audited.path).unwrap_err();
    assert_eq!(Found::of(&found), Found(6, Some(6), "unlinked"));
}

#[tokio::test]
async fn a_chain_that_was_written_anew_is_not_signed() {
    let key = Key::new("one key");
    let audited = Audited::new(Some(key.clone())).await;
    assert_eq!(verify(&audited.path, Some(&key)).unwrap().signed(), 6);
    assert_eq!(verify(&audited.path, None).unwrap().signed(), 6);
    let other = verify(&audited.path, Some(&Key::new("another"))).unwrap_err();
    assert_eq!(Found::of(&other), Found(1, Some(1), "forged"));
    let forged = Audited::new(None).await;
    let found = verify(&forged.path, Some(&key)).unwrap_err();
    assert_eq!(Found::of(&found), Found(1, Some(1), "forged"));
    audited.call(1, None).await;
    let found = verify(&audited.path, Some(&key)).unwrap_err();
    assert_eq!(Found::of(&found), Found(7, Some(7), "forged"));
}

#[tokio::test]
async fn a_file_is_gone_on_with() {
    let audited = Audited::new(None).await;
    audited.call(2, None).await;
    let report = verify(&audited.path, None).unwrap();
    assert_eq!((report.records(), report.torn()), (8, 0));
}

#[test]
fn a_file_that_is_no_audit_is_not_written_to() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("notes.txt");
    for content in ["Dear diary,\n", "{}\n", "\n\n"] {
        fs::write(&path, content).unwrap();
        let server = Server::new("audited", "1").audit(Audit::file(&path).unwrap());
        let error = server.build().unwrap_err().to_string();
        assert!(error.contains("audit"), "{error}");
        assert_eq!(fs::read_to_string(&path).unwrap(), content);
    }
}

#[tokio::test]
async fn a_file_whose_last_record_was_changed_is_not_gone_on_with() {
    let audited = Audited::new(None).await;
    let mut lines = audited.lines();
    lines[5] = lines[5].replace("echo", "ECHO");
    audited.write(&lines);
    let server = Server::new("audited", "1").audit(Audit::file(&audited.path).unwrap());
    let error = server.build().unwrap_err().to_string();
    assert!(error.contains("was altered"), "{error}");
}

#[tokio::test]
async fn the_command_says_what_is_wrong_and_where() {
    let audited = Audited::new(Some(Key::new("key"))).await;
    let run = |arguments: &[&str]| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_mcp-audit"));
        let output = command.args(arguments).output().unwrap();
        let text = [output.stdout, output.stderr].concat();
        (output.status.code(), String::from_utf8(text).unwrap())
    };
    let path = audited.path.to_str().unwrap();
    let key = audited.path.with_file_name("key");
    fs::write(&key, "key").unwrap();
    let key = key.to_str().unwrap();
    let (code, text) = run(&["verify", path, "--key-file", key]);
    assert_eq!(code, Some(0), "{text}");
    assert!(text.contains("6 records, nothing is wrong"), "{text}");
    let head = text.lines().find_map(|line| line.strip_prefix("head: "));
    let head = head.unwrap().to_owned();
    assert_eq!(run(&["verify", path, "--head", &head]).0, Some(0));
    let mut lines = audited.lines();
    lines.remove(3);
    audited.write(&lines);
    let (code, text) = run(&["verify", path]);
    assert_eq!(code, Some(1), "{text}");
    assert_eq!(text, format!("{path}:4: record 4 is missing\n"));
    for wrong in [
        &[][..],
        &["verify"],
        &["verify", "/nowhere"],
        &["check", path],
        &["verify", path, path],
        &["verify", path, "--key-file", "/nowhere"],
        &["verify", path, "--head", "6"],
        &["verify", path, "--fast"],
    ] {
        assert_eq!(run(wrong).0, Some(2), "{wrong:?}");
    }
    assert_eq!(run(&["--help"]).0, Some(0));
}
