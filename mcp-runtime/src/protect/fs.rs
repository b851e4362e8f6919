//! Files that clients name: [`PathWithin`], a path beneath a folder of the server's.
//!
//! A folder is opened once, when the server starts, and registered as a state, [`RootDir`]. A type of yours says which folder a
//! path belongs to, so that no path is ever opened in another one.
//!
//! ```
//! use mcp_runtime::{CallError, Server, fs::{PathWithin, RootDir}, handlers, resource, tool};
//!
//! /// The folder with the documents.
//! struct Docs;
//!
//! /// A document.
//! #[resource("docs:///{+path}", mime_type = "text/plain")]
//! async fn document(path: PathWithin<Docs>) -> Result<String, CallError> {
//!     Ok(path.read_to_string().await?)
//! }
//!
//! /// Saves a document.
//! #[tool]
//! async fn save(path: PathWithin<Docs>, text: String) -> Result<(), CallError> {
//!     Ok(path.write(text).await?)
//! }
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let folder = std::env::temp_dir();
//! let server = Server::new("docs", "1.0.0")
//!     .state(RootDir::<Docs>::open(folder)?)
//!     .add(handlers![document, save]);
//! # Ok(())
//! # }
//! ```
//!
//! # What is refused
//!
//! - By its text, before the handler runs: what is absolute or names a drive, a share or a stream, `.` and `..`, also encoded or in
//!   look-alike characters, `\`, control characters, names that Windows gives to devices or changes silently, and what is too
//!   long. It is the same on every system. In a URI, such a path is not found.
//! - By the operating system, when it is opened: what leads out of the folder through symbolic links, whoever changes them in the
//!   meantime. Each step is resolved from the open folder (`openat2` on Linux, name by name elsewhere), never from a path that was checked before.
//! - When it is open: what is no file, such as a pipe that would be waited for, and what is larger than [`RootDir::max_bytes`].
//!
//! A hard link is a file of the folder like any other.

mod error;
mod name;
mod path;
mod root;
mod surroundings;

pub use cap_std;
pub use error::PathError;
pub use name::PathRefusal;
pub use path::PathWithin;
pub use root::RootDir;
pub(crate) use surroundings::{Surroundings, needing};
