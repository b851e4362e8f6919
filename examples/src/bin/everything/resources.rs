//! Resources: fixed ones, templates, and the notes that tools change.

use std::{
    collections::BTreeMap,
    io,
    sync::{Mutex, PoisonError},
};

use mcp_runtime::{
    Handlers, Json, State,
    fs::{PathError, PathWithin, RootDir},
    handlers, resource,
    serde_json::{Value, json},
};

use crate::content::PNG;

pub(crate) fn handlers() -> Handlers {
    handlers![
        static_text,
        static_binary,
        watched,
        template_data,
        app,
        logo,
        note,
        file,
    ]
}

/// A text.
#[resource(
    "test://static-text",
    mime_type = "text/plain",
    ttl = "60s",
    scope = "public"
)]
fn static_text() -> &'static str {
    "This is the content of the static text resource."
}

/// An image.
#[resource("test://static-binary", mime_type = "image/png")]
fn static_binary() -> Vec<u8> {
    PNG.to_vec()
}

/// A text that clients may subscribe to.
#[resource("test://watched-resource", mime_type = "text/plain")]
fn watched() -> &'static str {
    "This is the content of the watched resource."
}

/// The data of an id.
#[resource("test://template/{id}/data", mime_type = "application/json")]
fn template_data(id: String) -> Json<Value> {
    let data = format!("Data for ID: {id}");
    Json(json!({ "id": id, "templateTest": true, "data": data }))
}

/// The settings.
#[resource("config://app")]
fn app() -> Json<Value> {
    Json(json!({ "theme": "dark", "languages": ["en", "de"] }))
}

/// The logo.
#[resource("blob://logo", mime_type = "image/png")]
fn logo() -> Vec<u8> {
    PNG.to_vec()
}

/// The notes, and how often each of them was changed.
pub(crate) struct Notes(Mutex<BTreeMap<u64, u32>>);

impl Notes {
    pub(crate) fn new() -> Self {
        Self(Mutex::new([1, 2, 3].map(|id| (id, 0)).into()))
    }

    /// A handler that panics in here takes nothing from those that come after it.
    pub(crate) fn change<T>(&self, change: impl FnOnce(&mut BTreeMap<u64, u32>) -> T) -> T {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// One note.
#[resource("note://{id}", mime_type = "text/plain")]
fn note(
    /// The number of the note.
    #[arg(complete = ids)]
    id: u64,
    notes: State<Notes>,
) -> Option<String> {
    let changes = notes.change(|notes| notes.get(&id).copied())?;
    Some(format!("note {id}, changed {changes} times"))
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "the server hands over what it fills in"
)]
fn ids(notes: State<Notes>) -> Vec<u64> {
    notes.change(|notes| notes.keys().copied().collect())
}

/// The folder that `files:///` shows.
pub(crate) enum Files {}

/// A folder with a file, and with a symbolic link that leads out of it. It goes with the server.
pub(crate) fn folder() -> io::Result<RootDir<Files>> {
    let folder = tempfile::tempdir()?;
    std::fs::write(folder.path().join("hello.txt"), "Hello, file!")?;
    #[cfg(unix)]
    std::os::unix::fs::symlink("/etc/passwd", folder.path().join("escape"))?;
    Ok(RootDir::open(folder.path())?.keep(folder))
}

/// A file.
#[resource("files:///{+path}", mime_type = "text/plain")]
async fn file(path: PathWithin<Files>) -> Result<String, PathError> {
    path.read_to_string().await
}

#[cfg(test)]
mod tests {
    use mcp_runtime::testing::{Protocol, TestClient};

    use super::*;
    use crate::server;

    #[tokio::test]
    async fn resources_hold_text_json_and_bytes() {
        for protocol in Protocol::ALL {
            let client = TestClient::connect_as(server(), *protocol).await;
            let text = client.read("test://static-text").await;
            let expected = "This is the content of the static text resource.";
            assert_eq!(text.text(), expected);
            let logo = client.read("blob://logo").await;
            assert_eq!(
                (logo.bytes(), logo.mime_type()),
                (PNG.to_vec(), Some("image/png"))
            );
            let settings: Value = client.read("config://app").await.json();
            assert_eq!(settings["theme"], "dark");
            let data = client.read("test://template/123/data").await;
            let expected = r#"{"id":"123","templateTest":true,"data":"Data for ID: 123"}"#;
            assert_eq!(data.text(), expected);
        }
    }

    #[tokio::test]
    async fn a_note_that_does_not_exist_is_not_found() {
        for protocol in Protocol::ALL {
            let client = TestClient::connect_as(server(), *protocol).await;
            let refusal = client.try_read("note://4").await.unwrap_err();
            assert_eq!(refusal.kind(), Some("not_found"));
        }
    }

    #[tokio::test]
    async fn the_numbers_of_the_notes_are_completed() {
        for protocol in Protocol::ALL {
            let client = TestClient::connect_as(server(), *protocol).await;
            let numbers = client.complete("note://{id}", "id", "").await;
            assert_eq!(numbers.values, ["1", "2", "3"]);
            let two = client.complete("note://{id}", "id", "2").await;
            assert_eq!(two.values, ["2"]);
        }
    }

    #[tokio::test]
    async fn a_text_that_never_changes_may_be_kept() {
        let client = TestClient::connect(server()).await;
        let text = client.read("test://static-text").await;
        assert_eq!(text.raw()["ttlMs"], 60_000);
        assert_eq!(text.raw()["cacheScope"], "public");
        let note = client.read("note://1").await;
        assert_eq!(note.raw()["ttlMs"], 0);
        assert_eq!(note.raw()["cacheScope"], "private");
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn nothing_outside_of_the_folder_can_be_read() {
        for protocol in Protocol::ALL {
            let client = TestClient::connect_as(server(), *protocol).await;
            assert_eq!(
                client.read("files:///hello.txt").await.text(),
                "Hello, file!"
            );
            for path in [
                "escape",
                "../etc/passwd",
                "%2e%2e%2fetc%2fpasswd",
                "/etc/passwd",
                ".",
            ] {
                let read = client.try_read(&format!("files:///{path}")).await;
                assert!(read.is_err(), "{path}");
            }
        }
    }
}
