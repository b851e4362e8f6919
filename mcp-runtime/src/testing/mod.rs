//! Tests of a server, without a process and without a socket.
//!
//! # A server
//!
//! [`TestClient`] connects to a server in the same process, calls its tools and says what it got. An expectation that
//! fails ends the test and prints everything that was received.
//!
//! ```
//! use mcp_runtime::{Server, handlers, serde_json::json, testing::TestClient, tool};
//!
//! /// Adds two numbers.
//! #[tool]
//! fn add(a: i64, b: i64) -> i64 {
//!     a + b
//! }
//!
//! fn server() -> Server {
//!     Server::new("calculator", "1.0.0").add(handlers![add])
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! let client = TestClient::connect(server()).await;
//! let sum: i64 = client.call("add", json!({ "a": 1, "b": 2 })).await.structured();
//! assert_eq!(sum, 3);
//! # }
//! ```
//!
//! The client speaks the newest revision of the protocol; [`TestClient::connect_as`] takes another [`Protocol`]. Everything
//! is waited for, nothing is slept for: a test is the same with `#[tokio::test(start_paused = true)]`.
//!
//! # A handler
//!
//! A handler is still a function. What is not an argument is made by hand:
//!
//! ```
//! use mcp_runtime::{Context, State, tool};
//!
//! struct Stock(u32);
//!
//! /// Orders an item.
//! #[tool]
//! async fn order(ctx: Context, stock: State<Stock>, quantity: u32) -> Result<u32, String> {
//!     ctx.progress(1, 2, "looking").await;
//!     stock.0.checked_sub(quantity).ok_or("out of stock".to_owned())
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! let stock = State::new(Stock(3));
//! assert_eq!(order(Context::detached(), stock.clone(), 2).await, Ok(1));
//! assert_eq!(order(Context::detached(), stock, 4).await, Err("out of stock".to_owned()));
//! # }
//! ```
//!
//! # The surface
//!
//! Names, descriptions and schemas are what models see, so that a change of them is a change of behaviour.
//! [`TestClient::surface`] is all of it in one value; a snapshot shows every change in review:
//!
//! ```
//! # use mcp_runtime::{Server, testing::TestClient};
//! # fn server() -> Server {
//! #     Server::new("warehouse", "1.0.0")
//! # }
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! let client = TestClient::connect(server()).await;
//! // insta::assert_json_snapshot!(client.surface().await);
//! assert_eq!(
//!     client.surface().await.to_string(),
//!     r#"{
//!   "server": {
//!     "name": "warehouse"
//!   },
//!   "capabilities": {}
//! }"#
//! );
//! # }
//! ```

mod ask;
mod capture;
mod client;
mod complete;
mod error;
mod line;
mod lists;
mod options;
mod protocol;
mod question;
mod raw;
mod request;
mod result;
mod rounds;
mod script;
mod served;
mod subscription;
mod surface;
mod waiting;

pub use capture::{LogMessage, Notification, Progress};
pub use client::TestClient;
pub use complete::{Completing, Completions};
pub use error::ProtocolError;
pub use options::TestOptions;
pub use protocol::Protocol;
pub use question::{Answer, Question, QuestionKind};
pub use request::RunningCall;
pub use result::{PromptResult, ReadResult, ToolResult};
pub use subscription::{Changes, Subscription};
pub use surface::Surface;
