//! The protocol over standard input and output, with a process of its own at the other end.

mod calls;
mod child;
mod life;
mod messages;
mod streams;
mod versions;
