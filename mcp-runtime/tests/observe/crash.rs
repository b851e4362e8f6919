//! A process that ends in the middle of a record loses that record at most, and the file goes on.

use std::{
    env,
    fs::{self, OpenOptions},
    io::{BufRead as _, BufReader, Write as _},
    path::Path,
    process::{Command, Stdio},
};

use mcp_runtime::{
    Server,
    audit::{Audit, Fault, Report, verify},
    handlers,
    testing::TestClient,
    tool,
};

/// The variable that tells this program to be the one that is killed.
const VICTIM: &str = "MCP_TEST_AUDIT_VICTIM";

/// Does nothing.
#[tool]
fn nothing() {}

async fn call(path: &Path, times: usize) {
    let audit = Audit::file(path).unwrap();
    let server = Server::new("audited", "1")
        .add(handlers![nothing])
        .audit(audit);
    let client = TestClient::connect(server).await;
    for _ in 0..times {
        assert!(!client.call("nothing", ()).await.is_error());
    }
}

fn report(path: &Path) -> Report {
    verify(path, None).unwrap()
}

#[tokio::test]
async fn a_record_that_ends_anywhere_is_the_only_one_that_is_lost() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("audit.jsonl");
    call(&path, 3).await;
    let whole = fs::read(&path).unwrap();
    let starts: Vec<usize> = std::iter::once(0)
        .chain(
            whole
                .iter()
                .enumerate()
                .filter(|(_, byte)| **byte == b'\n')
                .map(|(at, _)| at + 1),
        )
        .collect();
    for end in starts[2]..=whole.len() {
        fs::write(&path, &whole[..end]).unwrap();
        let is_whole = end + 1 >= whole.len();
        let torn = end > starts[2] && !is_whole;
        let before = report(&path);
        assert_eq!(before.records(), 2 + u64::from(is_whole), "{end}");
        assert_eq!(before.unfinished(), torn, "{end}");
        call(&path, 2).await;
        let after = report(&path);
        assert_eq!(after.records(), before.records() + 2, "{end}");
        assert_eq!(after.torn(), u64::from(torn), "{end}");
        assert!(!after.unfinished());
    }
}

#[tokio::test]
async fn a_file_that_was_torn_twice_goes_on() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("audit.jsonl");
    call(&path, 2).await;
    for torn in ["{\"seq\":3,\"pr", "\n{\"s", "\n"] {
        let mut file = OpenOptions::new().append(true).open(&path).unwrap();
        file.write_all(torn.as_bytes()).unwrap();
    }
    call(&path, 1).await;
    let report = report(&path);
    assert_eq!((report.records(), report.torn()), (3, 1));
}

#[tokio::test]
async fn what_a_record_vouches_for_cannot_be_changed() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("audit.jsonl");
    call(&path, 2).await;
    let mut whole = fs::read(&path).unwrap();
    whole.truncate(whole.len() - 100);
    fs::write(&path, &whole).unwrap();
    call(&path, 2).await;
    let text = fs::read_to_string(&path).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    let changed = lines[1].replace("nothing", "Nothing");
    fs::write(
        &path,
        format!("{}\n{changed}\n{}\n", lines[0], lines[2..].join("\n")),
    )
    .unwrap();
    let broken = verify(&path, None).unwrap_err();
    assert_eq!((broken.line(), broken.seq()), (2, Some(2)));
    fs::write(&path, format!("{}\n{}\n", lines[0], lines[2..].join("\n"))).unwrap();
    let broken = verify(&path, None).unwrap_err();
    assert_eq!((broken.line(), broken.seq()), (2, Some(2)));
    assert!(matches!(broken.fault(), Fault::Missing));
}

/// Not a test of its own: the process that the next one kills.
#[tokio::test]
async fn a_victim_of_another_test() {
    if let Ok(path) = env::var(VICTIM) {
        println!("\nready");
        call(Path::new(&path), usize::MAX).await;
    }
}

#[tokio::test]
async fn a_process_that_is_killed_leaves_a_file_that_goes_on() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("audit.jsonl");
    let mut records = 0;
    for _ in 0..5 {
        let mut victim = Command::new(env::current_exe().unwrap())
            .args(["--exact", "--nocapture", "crash::a_victim_of_another_test"])
            .env(VICTIM, &path)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let output = BufReader::new(victim.stdout.take().unwrap());
        output
            .lines()
            .find(|line| line.as_ref().unwrap() == "ready")
            .unwrap()
            .unwrap();
        let before = fs::metadata(&path).map_or(0, |file| file.len());
        while fs::metadata(&path).map_or(0, |file| file.len()) < before + 10_000 {
            std::thread::yield_now();
        }
        victim.kill().unwrap();
        victim.wait().unwrap();
        let report = report(&path);
        assert!(report.records() > records + 10);
        records = report.records();
    }
    call(&path, 1).await;
    assert_eq!(report(&path).records(), records + 1);
}
