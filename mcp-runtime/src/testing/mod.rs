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
//! The client speaks the newest revision of the protocol; [`TestClient::connect_as`] takes another [`Protocol`], and
//! [`TestClient::options`] says more of what a client is like. Everything is waited for, nothing is slept for: a test is the
//! same with `#[tokio::test(start_paused = true)]`.
//!
//! # Questions
//!
//! A test says how its client answers before it calls. Clients of 2026-07-28 are asked by the result of a call and make it
//! again with the answers, those before are asked in place: a test does not see the difference, unless it wants to.
//!
//! ```
//! use mcp_runtime::{
//!     CallError, Context, Server, handlers, schemars::JsonSchema, serde::Deserialize, serde_json::json,
//!     testing::{Protocol, TestClient}, tool,
//! };
//!
//! #[derive(Deserialize, JsonSchema)]
//! # #[serde(crate = "mcp_runtime::serde")]
//! # #[schemars(crate = "mcp_runtime::schemars")]
//! struct Confirm {
//!     yes: bool,
//! }
//!
//! /// Orders an item.
//! #[tool]
//! async fn order(ctx: Context, item: String, quantity: u32) -> Result<String, CallError> {
//!     if quantity > 50 {
//!         let sure: Confirm = ctx.elicit("big-order", "More than fifty. Go on?").await?;
//!         if !sure.yes {
//!             return Ok("nothing ordered".to_owned());
//!         }
//!     }
//!     Ok(format!("{quantity} × {item}"))
//! }
//!
//! fn server() -> Server {
//!     Server::new("warehouse", "1.0.0").add(handlers![order])
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! for protocol in Protocol::ALL {
//!     let client = TestClient::connect_as(server(), *protocol).await;
//!     client.answer("big-order", json!({ "yes": true }));
//!     let order = client.call("order", json!({ "item": "nut", "quantity": 60 })).await;
//!     assert_eq!(order.text(), "60 × nut");
//!     assert_eq!(client.questions()[0].message, "More than fifty. Go on?");
//!
//!     client.decline("big-order");
//!     let order = client.call("order", json!({ "item": "nut", "quantity": 70 })).await;
//!     assert!(order.is_error());
//! }
//! # }
//! ```
//!
//! A question that the test did not foresee ends it, with the question and the line to add. See [`TestClient::answer`],
//! [`decline`](TestClient::decline), [`dismiss`](TestClient::dismiss) and [`answer_with`](TestClient::answer_with).
//!
//! # What comes by itself
//!
//! [`ToolResult::progress`], [`ToolResult::chunks`], [`TestClient::logs`] and [`TestClient::notifications`] are what a server
//! said so far; [`RunningCall::next_progress`], [`RunningCall::next_chunk`] and [`TestClient::next_notification`] wait for
//! more. [`TestClient::listen`] and [`TestClient::subscribe`] hear of changes, by whatever the revision has for it.
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
mod ends;
mod error;
mod line;
mod lists;
mod message;
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
