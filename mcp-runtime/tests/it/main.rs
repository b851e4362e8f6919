//! The behaviour of a server, whatever transport it is served on: driven by the in-memory client.

mod arguments;
mod building;
mod failures;
mod lifespan;
mod lists;
mod resources;
mod results;
