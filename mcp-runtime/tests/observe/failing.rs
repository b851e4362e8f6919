//! What happens when records cannot be written.

use std::{
    collections::BTreeSet,
    io,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use mcp_runtime::{
    Server, Service, State,
    audit::{Audit, Key, OnFailure, Sink, verify},
    handlers,
    testing::TestClient,
    tool,
};

/// A disk with so much room left. What does not fit is not written at all.
#[derive(Clone, Default)]
struct Disk(Arc<Mutex<Content>>);

#[derive(Default)]
struct Content {
    lines: Vec<u8>,
    room: usize,
    /// How often somebody has tried to write.
    tried: usize,
    /// Whether it is written by calls themselves.
    quick: bool,
    /// The threads that have written to it.
    threads: BTreeSet<Option<String>>,
}

impl Disk {
    fn with_room(bytes: usize) -> Self {
        let disk = Self::default();
        disk.make_room(bytes);
        disk
    }

    /// The same, written by calls themselves.
    fn quick(bytes: usize) -> Self {
        let disk = Self::with_room(bytes);
        disk.0.lock().unwrap().quick = true;
        disk
    }

    fn make_room(&self, bytes: usize) {
        self.0.lock().unwrap().room = bytes;
    }

    /// The records, if they are a chain.
    fn records(&self) -> Vec<serde_json::Value> {
        let file = tempfile::NamedTempFile::new().unwrap();
        let lines = self.0.lock().unwrap().lines.clone();
        std::fs::write(file.path(), &lines).unwrap();
        verify(file.path(), None).unwrap();
        let lines = lines.split(|byte| *byte == b'\n');
        let lines = lines.filter(|line| !line.is_empty());
        lines
            .map(|line| serde_json::from_slice(line).unwrap())
            .collect()
    }
}

impl Sink for Disk {
    fn append(&mut self, lines: &[u8]) -> io::Result<()> {
        let mut content = self.0.lock().unwrap();
        content.tried += 1;
        let room = content.room.checked_sub(lines.len());
        content.room = room.ok_or(io::ErrorKind::StorageFull)?;
        content.lines.extend(lines);
        let thread = std::thread::current().name().map(ToOwned::to_owned);
        content.threads.insert(thread);
        Ok(())
    }

    fn is_blocking(&self) -> bool {
        !self.0.lock().unwrap().quick
    }
}

#[derive(Default)]
struct Count(AtomicUsize);

/// Counts.
#[tool]
fn count(count: State<Count>) -> usize {
    count.0.fetch_add(1, Ordering::Relaxed) + 1
}

fn service(disk: &Disk, on_failure: OnFailure) -> Service {
    let audit = Audit::new(disk.clone()).on_failure(on_failure);
    let server = Server::new("audited", "1").add(handlers![count]);
    server.state(Count::default()).audit(audit).build().unwrap()
}

#[tokio::test]
async fn a_full_disk_stops_calls_until_there_is_room() {
    for disk in [Disk::with_room(1000), Disk::quick(1000)] {
        stops_calls_until_there_is_room(disk).await;
    }
}

async fn stops_calls_until_there_is_room(disk: Disk) {
    let client = TestClient::connect(service(&disk, OnFailure::Refuse)).await;
    let mut ran = 0;
    let withheld = loop {
        let result = client.call("count", ()).await;
        ran += 1;
        if result.is_error() {
            break result.error();
        }
    };
    assert!(withheld.contains("could not record it"), "{withheld}");
    for _ in 0..3 {
        let refused = client.call("count", ()).await;
        assert!(refused.error().contains("was not called"));
        assert_eq!(refused.error_kind(), Some("unrecorded"));
    }
    disk.make_room(100_000);
    let result = client.call("count", ()).await;
    assert_eq!(result.structured::<usize>(), ran + 1);
    let records = disk.records();
    // Also that of the call whose result was kept back.
    assert_eq!(records.len(), ran + 1);
    assert!(records.iter().all(|record| record["outcome"] == "ok"));
    let lost: u64 = records
        .iter()
        .filter_map(|record| record["lost"].as_u64())
        .sum();
    assert_eq!(lost, 3, "the calls that were refused");
}

#[tokio::test]
async fn a_full_disk_does_not_stop_calls_if_it_must_not() {
    let disk = Disk::with_room(0);
    let service = service(&disk, OnFailure::GoOn);
    let client = TestClient::connect(service.clone()).await;
    for at in 1..=5 {
        assert_eq!(client.call("count", ()).await.structured::<usize>(), at);
    }
    service.shutdown().await.unwrap();
    assert_eq!(disk.records().len(), 0);
    disk.make_room(100_000);
    client.call("count", ()).await;
    service.shutdown().await.unwrap();
    let records = disk.records();
    assert_eq!(records.len(), 1);
    assert_eq!(records[0]["lost"], 5);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_calls_at_a_time_are_one_chain() {
    for disk in [Disk::with_room(usize::MAX), Disk::quick(usize::MAX)] {
        let client = TestClient::connect(service(&disk, OnFailure::Refuse)).await;
        let calls = (0..500).map(|_| client.call("count", ()));
        for result in futures_util::future::join_all(calls).await {
            assert!(!result.is_error());
        }
        assert_eq!(disk.records().len(), 500);
    }
}

#[tokio::test]
async fn only_a_sink_that_may_block_has_a_thread_of_its_own() {
    for (disk, on_failure, has_thread) in [
        (Disk::with_room(100_000), OnFailure::Refuse, true),
        (Disk::quick(100_000), OnFailure::Refuse, false),
        (Disk::quick(100_000), OnFailure::GoOn, true),
    ] {
        let service = service(&disk, on_failure);
        let client = TestClient::connect(service.clone()).await;
        client.call("count", ()).await;
        service.shutdown().await.unwrap();
        let threads = disk.0.lock().unwrap().threads.clone();
        let is_own = |thread: &Option<String>| thread.as_deref() == Some("mcp-audit");
        assert_eq!(threads.len(), 1);
        assert_eq!(threads.iter().all(is_own), has_thread, "{threads:?}");
    }
}

#[tokio::test]
async fn calls_of_what_is_not_there_fill_no_memory_while_records_cannot_be_written() {
    let disk = Disk::quick(0);
    let client = TestClient::connect(service(&disk, OnFailure::Refuse)).await;
    let withheld = client.call("count", ()).await;
    assert_eq!(withheld.error_kind(), Some("unrecorded"));
    let tried = disk.0.lock().unwrap().tried;
    // More than may wait.
    for _ in 0..9000 {
        client.try_call("absent", ()).await.unwrap_err();
    }
    assert_eq!(disk.0.lock().unwrap().tried, tried);
    disk.make_room(usize::MAX);
    assert_eq!(client.call("count", ()).await.structured::<usize>(), 2);
    let records = disk.records();
    assert_eq!(records.len(), 2);
    assert_eq!(records[0]["lost"], 9000);
}

#[tokio::test]
async fn a_record_that_somebody_without_the_key_has_written_is_not_gone_on_with() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let server = |key: Option<&str>| {
        let audit = Audit::file(file.path()).unwrap();
        let audit = match key {
            Some(key) => audit.key(Key::new(key)),
            None => audit,
        };
        let server = Server::new("audited", "1").add(handlers![count]);
        server.state(Count::default()).audit(audit).build()
    };
    for key in [Some("one"), None] {
        let service = server(key).unwrap();
        TestClient::connect(service.clone())
            .await
            .call("count", ())
            .await;
        service.shutdown().await.unwrap();
    }
    let problem = server(Some("one")).unwrap_err().to_string();
    assert!(problem.contains("not signed with this key"), "{problem}");
}

/// A sink that panics.
struct Broken;

impl Sink for Broken {
    fn is_blocking(&self) -> bool {
        false
    }

    fn append(&mut self, _: &[u8]) -> io::Result<()> {
        panic!("broken");
    }
}

#[tokio::test]
async fn a_sink_that_panics_is_one_that_fails() {
    for (on_failure, fails) in [(OnFailure::Refuse, true), (OnFailure::GoOn, false)] {
        let audit = Audit::new(Broken).on_failure(on_failure);
        let server = Server::new("audited", "1")
            .add(handlers![count])
            .audit(audit);
        let client = TestClient::connect(server.state(Count::default())).await;
        for _ in 0..3 {
            assert_eq!(client.call("count", ()).await.is_error(), fails);
        }
    }
}
