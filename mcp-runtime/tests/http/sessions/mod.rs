//! Sessions, as clients of revisions up to 2025-11-25 keep them.

mod asking;
mod client;
mod life;
mod owners;
mod streams;
