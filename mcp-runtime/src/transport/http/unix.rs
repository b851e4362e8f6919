//! Unix sockets: the file system decides who may connect.

use std::{
    fs, io,
    os::unix::{
        fs::{DirBuilderExt as _, FileTypeExt as _, MetadataExt as _, PermissionsExt as _},
        net::UnixStream,
    },
    path::{Path, PathBuf},
    process,
};

use tokio::net::UnixListener;

/// A socket in the file system, which is taken away when this is dropped.
#[derive(Debug)]
pub(super) struct SocketFile {
    path: PathBuf,
    /// What tells the file from another that has taken its place.
    identity: (u64, u64),
}

/// Listens at `path`; only the user of this process may connect. A socket that nobody listens at any more is replaced.
///
/// The socket is made in a directory that nobody else can look into, and moved when its mode is set: there is no moment in
/// which others could connect, and none in which the path leads nowhere.
pub(super) fn listen(path: &Path) -> io::Result<(UnixListener, SocketFile)> {
    refuse_taken(path)?;
    let parent = path
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty());
    let private = Private::new(parent.unwrap_or(Path::new(".")))?;
    let socket = private.0.join("s");
    let listener = UnixListener::bind(&socket)?;
    fs::set_permissions(&socket, fs::Permissions::from_mode(0o600))?;
    let identity = identity(&socket)?;
    fs::rename(&socket, path)?;
    let path = path.to_owned();
    Ok((listener, SocketFile { path, identity }))
}

/// Refuses a path at which another process listens, or at which something else is than a socket.
fn refuse_taken(path: &Path) -> io::Result<()> {
    let file = match fs::symlink_metadata(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    let taken = |problem: &str| {
        let problem = format!("{}: {problem}", path.display());
        Err(io::Error::new(io::ErrorKind::AddrInUse, problem))
    };
    if !file.file_type().is_socket() {
        return taken("there is something else than a socket");
    }
    match UnixStream::connect(path) {
        Ok(_) => taken("another process listens there"),
        Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => Ok(()),
        Err(error) => Err(error),
    }
}

fn identity(path: &Path) -> io::Result<(u64, u64)> {
    let file = fs::symlink_metadata(path)?;
    Ok((file.dev(), file.ino()))
}

impl Drop for SocketFile {
    fn drop(&mut self) {
        if identity(&self.path).is_ok_and(|identity| identity == self.identity) {
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// A directory for this process alone, which is taken away when this is dropped.
struct Private(PathBuf);

impl Private {
    fn new(parent: &Path) -> io::Result<Self> {
        let mut attempt = 0_u32;
        loop {
            // Short, because the path of a socket must not be longer than about 100 bytes.
            let path = parent.join(format!(".{}.{attempt}", process::id()));
            match fs::DirBuilder::new().mode(0o700).create(&path) {
                Ok(()) => return Ok(Self(path)),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists && attempt < 100 => {
                    attempt += 1;
                }
                Err(error) => return Err(error),
            }
        }
    }
}

impl Drop for Private {
    fn drop(&mut self) {
        let _ = fs::remove_file(self.0.join("s"));
        let _ = fs::remove_dir(&self.0);
    }
}
