//! Notes in a `SQLite` file: resources, a template, and tools that change what they show.
//!
//! The file is the first argument of the program, `notes.db` without one. The notes survive a restart.

use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use mcp_runtime::{CallError, Json, Server, State, handlers, resource, tool};
use rusqlite::{Connection, OptionalExtension, params};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The notes, in a database.
#[derive(Clone)]
struct Notes(Arc<Mutex<Connection>>);

impl Notes {
    fn open(path: &Path) -> rusqlite::Result<Self> {
        let connection = Connection::open(path)?;
        connection.execute_batch(
            "CREATE TABLE IF NOT EXISTS notes (id INTEGER PRIMARY KEY, title TEXT NOT NULL UNIQUE, body TEXT NOT NULL)",
        )?;
        Ok(Self(Arc::new(Mutex::new(connection))))
    }

    /// Runs a query on a thread that may block.
    async fn query<T: Send + 'static>(
        &self,
        query: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, CallError> {
        let notes = self.clone();
        let query = move || query(&notes.0.lock().unwrap_or_else(PoisonError::into_inner));
        Ok(tokio::task::spawn_blocking(query).await??)
    }
}

#[derive(Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
struct Summary {
    uri: String,
    title: String,
}

/// All notes, as a list of links.
#[resource("notes://all")]
async fn all_notes(notes: State<Notes>) -> Result<Json<Vec<Summary>>, CallError> {
    let summaries = notes.query(|connection| {
        let mut statement = connection.prepare("SELECT id, title FROM notes ORDER BY id")?;
        let rows = statement.query_map([], |row| {
            Ok(Summary {
                uri: format!("note://{}", row.get::<_, i64>(0)?),
                title: row.get(1)?,
            })
        })?;
        rows.collect()
    });
    Ok(Json(summaries.await?))
}

/// One note.
#[resource("note://{id}", mime_type = "text/markdown")]
async fn note(
    /// The number of the note.
    id: i64,
    notes: State<Notes>,
) -> Result<Option<String>, CallError> {
    let query = "SELECT '# ' || title || char(10) || char(10) || body FROM notes WHERE id = ?1";
    notes
        .query(move |connection| {
            connection
                .query_row(query, [id], |row| row.get(0))
                .optional()
        })
        .await
}

/// Adds a note and returns where it can be read.
#[tool(idempotent = false)]
async fn add_note(
    notes: State<Notes>,
    /// The title, which no other note has.
    #[arg(length(min = 1, max = 200))]
    title: String,
    /// The text, in Markdown.
    body: String,
) -> Result<Summary, CallError> {
    let asked = title.clone();
    let added = notes.query(move |connection| {
        let added = connection.execute(
            "INSERT OR IGNORE INTO notes (title, body) VALUES (?1, ?2)",
            params![title, body],
        )?;
        Ok((added == 1).then(|| Summary {
            uri: format!("note://{}", connection.last_insert_rowid()),
            title,
        }))
    });
    added.await?.ok_or_else(|| {
        CallError::new(format!(
            "there is a note titled `{asked}`: choose another title"
        ))
    })
}

/// Finds the notes that contain a text.
#[tool(read_only)]
async fn find_notes(
    notes: State<Notes>,
    /// The text to look for.
    #[arg(length(min = 1))]
    text: String,
) -> Result<Vec<Summary>, CallError> {
    notes
        .query(move |connection| {
            let query = "SELECT id, title FROM notes WHERE instr(title || char(10) || body, ?1) > 0 ORDER BY id";
            let mut statement = connection.prepare(query)?;
            let rows = statement.query_map([text], |row| {
                Ok(Summary { uri: format!("note://{}", row.get::<_, i64>(0)?), title: row.get(1)? })
            })?;
            rows.collect()
        })
        .await
}

fn server(path: PathBuf) -> Server {
    Server::new("notes", env!("CARGO_PKG_VERSION"))
        .on_start(move || {
            let notes = Notes::open(&path);
            async { notes }
        })
        .add(handlers![all_notes, note, add_note, find_notes])
}

#[tokio::main]
async fn main() -> mcp_runtime::Result<()> {
    let path = std::env::args_os()
        .nth(1)
        .unwrap_or_else(|| "notes.db".into());
    server(path.into()).serve_stdio().await
}

#[cfg(test)]
mod tests {
    use mcp_runtime::testing::TestClient;
    use serde_json::json;

    use super::*;

    #[tokio::test]
    async fn a_note_is_added_found_and_read() {
        let folder = tempfile::tempdir().unwrap();
        let client = TestClient::connect(server(folder.path().join("notes.db"))).await;
        let added: Summary = client
            .call("add_note", json!({ "title": "Milk", "body": "Buy some." }))
            .await
            .structured();
        assert_eq!(client.read(&added.uri).await.text(), "# Milk\n\nBuy some.");
        let found: Vec<Summary> = client
            .call("find_notes", json!({ "text": "some" }))
            .await
            .structured();
        assert_eq!(found, [added]);
    }

    #[tokio::test]
    async fn notes_survive_a_restart() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("notes.db");
        let client = TestClient::connect(server(path.clone())).await;
        client
            .call("add_note", json!({ "title": "Milk", "body": "Buy some." }))
            .await;
        client.close().await;
        let client = TestClient::connect(server(path)).await;
        let all: Vec<Summary> = client.read("notes://all").await.json();
        assert_eq!(
            all,
            [Summary {
                uri: "note://1".into(),
                title: "Milk".into()
            }]
        );
    }

    #[tokio::test]
    async fn a_note_that_does_not_exist_is_not_found() {
        let folder = tempfile::tempdir().unwrap();
        let client = TestClient::connect(server(folder.path().join("notes.db"))).await;
        let refusal = client.try_read("note://99").await.unwrap_err();
        assert!(refusal.message.contains("note://99"), "{}", refusal.message);
    }
}
