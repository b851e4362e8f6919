//! [`RootDir`]: a folder that paths stay beneath.

use std::{any::Any, fmt, io, marker::PhantomData, path::Path, sync::Arc};

use cap_std::{ambient_authority, fs::Dir};

/// How large a file may be, unless the author says otherwise.
const MAX_BYTES: u64 = 16 * 1024 * 1024;

/// An open folder, the state behind every [`PathWithin`](super::PathWithin) of the same `Root`.
///
/// `Root` is any type of yours; it only tells folders apart.
///
/// ```
/// use mcp_runtime::{Server, fs::RootDir};
///
/// struct Uploads;
///
/// # fn main() -> std::io::Result<()> {
/// # let folder = std::env::temp_dir();
/// let uploads = RootDir::<Uploads>::open(folder)?.max_bytes(1024 * 1024);
/// let server = Server::new("uploads", "1.0.0").state(uploads);
/// # Ok(())
/// # }
/// ```
pub struct RootDir<Root> {
    dir: Arc<Dir>,
    max_bytes: u64,
    guard: Option<Box<dyn Any + Send + Sync>>,
    root: PhantomData<fn() -> Root>,
}

impl<Root> RootDir<Root> {
    /// Opens a folder of the server's. From now on it is this very folder, also if it is moved.
    ///
    /// # Errors
    ///
    /// If it cannot be opened.
    pub fn open(path: impl AsRef<Path>) -> io::Result<Self> {
        Dir::open_ambient_dir(path, ambient_authority()).map(Self::from_dir)
    }

    /// Takes a folder that is open already.
    #[must_use]
    pub fn from_dir(dir: Dir) -> Self {
        Self {
            dir: Arc::new(dir),
            max_bytes: MAX_BYTES,
            guard: None,
            root: PhantomData,
        }
    }

    /// How large a file may be that is read or written as a whole; 16 MiB by default.
    #[must_use]
    pub fn max_bytes(mut self, limit: u64) -> Self {
        self.max_bytes = limit;
        self
    }

    /// Keeps something for as long as the server has the folder, such as the guard that removes a temporary one.
    #[must_use]
    pub fn keep(mut self, guard: impl Any + Send + Sync) -> Self {
        self.guard = Some(Box::new(guard));
        self
    }

    /// The folder.
    #[must_use]
    pub fn dir(&self) -> &Dir {
        &self.dir
    }

    pub(super) fn shared(&self) -> Arc<Dir> {
        Arc::clone(&self.dir)
    }

    pub(super) fn limit(&self) -> u64 {
        self.max_bytes
    }
}

impl<Root> fmt::Debug for RootDir<Root> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RootDir")
            .field("root", &std::any::type_name::<Root>())
            .field("max_bytes", &self.max_bytes)
            .field("guarded", &self.guard.is_some())
            .finish_non_exhaustive()
    }
}
