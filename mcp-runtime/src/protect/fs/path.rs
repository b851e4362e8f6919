//! [`PathWithin`]: a path beneath a folder.

use std::{
    borrow::Cow,
    fmt,
    io::{self, Read, Write},
    sync::Arc,
};

use cap_std::fs::{Dir, OpenOptions};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, de::Error};
use tokio::task::spawn_blocking;

use super::{
    PathError, RootDir,
    name::{MAX_PATH, check},
    surroundings,
};
use crate::State;

/// A path that a client has named, beneath the folder that is registered as [`RootDir<Root>`](RootDir).
///
/// It is an argument like any other, also inside of an `Option`, a list or a struct, and a variable of a URI template, `{path}` or
/// `{+path}`. A server whose handlers take it is not built without the folder. See the [module](super) for what is refused.
///
/// All methods leave the file system to threads that may block.
pub struct PathWithin<Root: 'static> {
    path: Arc<str>,
    root: State<RootDir<Root>>,
}

impl<Root: 'static> PathWithin<Root> {
    /// A path beneath a folder, for calling a handler as a plain function.
    ///
    /// # Errors
    ///
    /// If the text of the path is refused.
    pub fn new(root: State<RootDir<Root>>, path: &str) -> Result<Self, PathError> {
        check(path)?;
        let path = path.into();
        Ok(Self { path, root })
    }

    /// The path, relative to the folder, with `/` between its names.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.path
    }

    /// Opens the file for reading.
    ///
    /// # Errors
    ///
    /// If it is not there, is no file, or leads out of the folder.
    pub async fn open(&self) -> Result<tokio::fs::File, PathError> {
        let file = self.run(|dir, path, _| open(dir, path)).await?;
        Ok(tokio::fs::File::from_std(file))
    }

    /// Reads the whole file.
    ///
    /// # Errors
    ///
    /// If it cannot be opened, or is larger than [`RootDir::max_bytes`].
    pub async fn read(&self) -> Result<Vec<u8>, PathError> {
        self.run(|dir, path, limit| {
            let mut bytes = Vec::new();
            let file = open(dir, path)?;
            // Whatever its size is said to be: it may grow, or be made while it is read.
            let read = file.take(limit.saturating_add(1)).read_to_end(&mut bytes);
            let read = read.map_err(PathError::of)?;
            within(read, limit)?;
            Ok(bytes)
        })
        .await
    }

    /// Reads the whole file as a text.
    ///
    /// # Errors
    ///
    /// If it cannot be opened, is larger than [`RootDir::max_bytes`], or is not in UTF-8.
    pub async fn read_to_string(&self) -> Result<String, PathError> {
        String::from_utf8(self.read().await?).map_err(|_| PathError::NotText)
    }

    /// Makes a file, which must not be there yet.
    ///
    /// # Errors
    ///
    /// If there is something already, also a symbolic link, if its folder is not there, or if `contents` are larger than [`RootDir::max_bytes`].
    pub async fn create(&self, contents: impl Into<Vec<u8>>) -> Result<(), PathError> {
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        self.put(contents.into(), options).await
    }

    /// Replaces the contents of a file, or makes it.
    ///
    /// # Errors
    ///
    /// If there is something else, if its folder is not there, or if `contents` are larger than [`RootDir::max_bytes`].
    pub async fn write(&self, contents: impl Into<Vec<u8>>) -> Result<(), PathError> {
        let mut options = OpenOptions::new();
        options.write(true).create(true);
        self.put(contents.into(), options).await
    }

    /// Does something else with the folder and the path, on a thread that may block. Every method of [`Dir`] stays beneath the folder.
    ///
    /// ```
    /// use mcp_runtime::{CallError, fs::PathWithin, tool};
    ///
    /// struct Docs;
    ///
    /// /// Lists a folder.
    /// #[tool(read_only)]
    /// async fn list(path: PathWithin<Docs>) -> Result<Vec<String>, CallError> {
    ///     let names = path.with(|dir, path| {
    ///         let entries = dir.read_dir(path)?;
    ///         entries.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned())).collect()
    ///     });
    ///     Ok(names.await?)
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// What `work` fails with.
    pub async fn with<T, F>(&self, work: F) -> Result<T, PathError>
    where
        T: Send + 'static,
        F: FnOnce(&Dir, &str) -> io::Result<T> + Send + 'static,
    {
        self.run(|dir, path, _| work(dir, path).map_err(PathError::of))
            .await
    }

    async fn put(&self, contents: Vec<u8>, options: OpenOptions) -> Result<(), PathError> {
        self.run(move |dir, path, limit| {
            within(contents.len(), limit)?;
            let mut file = open_with(dir, path, options)?;
            // Not when it is opened: first it must be known to be a file.
            file.set_len(0)
                .and_then(|()| file.write_all(&contents))
                .map_err(PathError::of)
        })
        .await
    }

    async fn run<T, F>(&self, work: F) -> Result<T, PathError>
    where
        T: Send + 'static,
        F: FnOnce(&Dir, &str, u64) -> Result<T, PathError> + Send + 'static,
    {
        let (dir, limit) = (self.root.shared(), self.root.limit());
        let path = Arc::clone(&self.path);
        let done = spawn_blocking(move || work(&dir, &path, limit)).await;
        done.unwrap_or_else(|panic| Err(PathError::Io(io::Error::other(panic))))
    }
}

/// Opens a file for reading.
fn open(dir: &Dir, path: &str) -> Result<std::fs::File, PathError> {
    let mut options = OpenOptions::new();
    options.read(true);
    open_with(dir, path, options)
}

fn open_with(dir: &Dir, path: &str, mut options: OpenOptions) -> Result<std::fs::File, PathError> {
    // A pipe without anybody at its other end would be waited for.
    cap_fs_ext::OpenOptionsSyncExt::nonblock(&mut options, true);
    let file = dir.open_with(path, &options).map_err(PathError::of)?;
    let metadata = file.metadata().map_err(PathError::of)?;
    if metadata.is_file() {
        Ok(file.into_std())
    } else {
        Err(PathError::NotAFile)
    }
}

fn within(size: usize, limit: u64) -> Result<(), PathError> {
    let is_within = u64::try_from(size).is_ok_and(|size| size <= limit);
    is_within.then_some(()).ok_or(PathError::TooLarge { limit })
}

impl<Root: 'static> Clone for PathWithin<Root> {
    fn clone(&self) -> Self {
        Self {
            path: Arc::clone(&self.path),
            root: self.root.clone(),
        }
    }
}

impl<Root: 'static> fmt::Debug for PathWithin<Root> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("PathWithin").field(&self.path).finish()
    }
}

impl<Root: 'static> fmt::Display for PathWithin<Root> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.path.fmt(f)
    }
}

/// Only as an argument of a handler: nothing else knows the folder.
impl<'de, Root: 'static> Deserialize<'de> for PathWithin<Root> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let path = String::deserialize(deserializer)?;
        if let Err(refusal) = check(&path) {
            surroundings::note_refused_path();
            return Err(D::Error::custom(refusal));
        }
        let root = surroundings::state().ok_or_else(|| {
            D::Error::custom("a `PathWithin` can only be read as an argument of a handler")
        })?;
        let path = path.into();
        Ok(Self { path, root })
    }
}

impl<Root: 'static> JsonSchema for PathWithin<Root> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "PathWithin".into()
    }

    fn schema_id() -> Cow<'static, str> {
        format!(
            "mcp_runtime::fs::PathWithin<{}>",
            std::any::type_name::<Root>()
        )
        .into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        surroundings::need::<RootDir<Root>>();
        json_schema!({ "type": "string", "minLength": 1, "maxLength": MAX_PATH })
    }
}
