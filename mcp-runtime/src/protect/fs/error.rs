//! [`PathError`]: why a file cannot be used.

use std::{error::Error, fmt, io};

use super::PathRefusal;

/// Why a file cannot be used. What a handler returns of it, the model reads; an unexpected [`Io`](Self::Io) error excepted, which is masked.
#[derive(Debug)]
#[non_exhaustive]
pub enum PathError {
    /// Its path is refused.
    Refused(PathRefusal),
    /// It does not exist.
    NotFound,
    /// Its path leads out of the folder. Clients are told that it does not exist.
    Outside,
    /// It is a folder, a pipe, a device: no file.
    NotAFile,
    /// It exists, and was to be made.
    Exists,
    /// It is larger than the folder allows.
    TooLarge {
        /// How many bytes a file may have.
        limit: u64,
    },
    /// It is no text in UTF-8.
    NotText,
    /// The operating system does not let the server have it.
    Denied,
    /// Anything else.
    Io(io::Error),
}

impl PathError {
    /// What an error of the operating system means for a path beneath a folder.
    pub(super) fn of(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => Self::NotFound,
            io::ErrorKind::IsADirectory => Self::NotAFile,
            io::ErrorKind::AlreadyExists => Self::Exists,
            // One that does not come from the operating system is how `cap-std` says that a path leads out.
            io::ErrorKind::PermissionDenied if error.raw_os_error().is_none() => Self::Outside,
            io::ErrorKind::PermissionDenied => Self::Denied,
            _ => Self::Io(error),
        }
    }

    /// Whether a client is told no more than that it does not exist.
    pub(crate) fn is_absence(&self) -> bool {
        matches!(self, Self::NotFound | Self::Outside)
    }

    /// Whether a client may know.
    pub(crate) fn is_told(&self) -> bool {
        !matches!(self, Self::Io(_))
    }
}

impl fmt::Display for PathError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(refusal) => write!(f, "the path must be {refusal}"),
            Self::NotFound | Self::Outside => f.write_str("there is no such file"),
            Self::NotAFile => f.write_str("this is no file"),
            Self::Exists => f.write_str("there is such a file already"),
            Self::TooLarge { limit } => {
                write!(
                    f,
                    "the file is too large: at most {limit} bytes are allowed"
                )
            }
            Self::NotText => f.write_str("the file is no text in UTF-8"),
            Self::Denied => f.write_str("the server may not use this file"),
            Self::Io(_) => f.write_str("the file cannot be used"),
        }
    }
}

impl Error for PathError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Refused(refusal) => Some(refusal),
            Self::Io(error) => Some(error),
            _ => None,
        }
    }
}

impl From<PathRefusal> for PathError {
    fn from(refusal: PathRefusal) -> Self {
        Self::Refused(refusal)
    }
}
