//! Web addresses that clients name: [`PublicUrl`], and with the feature `reqwest` a `Client` that goes nowhere else.
//!
//! A server that fetches what its clients ask for stands inside of a network that they do not see. A [`PublicUrl`] is refused when
//! it is read if its text leads into that network. What it cannot know is where its name leads: DNS answers what the owner of
//! the name wants, and another time something else, and a server on the way can redirect. The `Client` checks each of them at the
//! last moment, and connects to the very address that was checked.
//!
#![cfg_attr(
    feature = "reqwest",
    doc = r#"
```
use mcp_runtime::{CallError, Server, State, handlers, net::{self, Client, PublicUrl}, tool};

/// Fetches a page.
#[tool(read_only, open_world)]
async fn fetch(url: PublicUrl, client: State<Client>) -> Result<String, CallError> {
    let response = client.get(&url)?.send().await?;
    let body = net::body(response, 1024 * 1024).await?;
    Ok(String::from_utf8_lossy(&body).into_owned())
}

# fn main() -> Result<(), Box<dyn std::error::Error>> {
let server = Server::new("pages", "1.0.0")
    .state(Client::new()?)
    .add(handlers![fetch]);
# Ok(())
# }
```

With `?`, the model reads why an address was refused, and nothing of what lies behind it; every other error is masked.
"#
)]

mod address;
#[cfg(feature = "reqwest")]
mod body;
#[cfg(feature = "reqwest")]
mod client;
mod host;
mod refusal;
mod url;

#[cfg(feature = "reqwest")]
pub(crate) use self::refusal::Redirected;
pub use self::{address::is_public, refusal::UrlRefusal, url::PublicUrl};
#[cfg(feature = "reqwest")]
pub use self::{
    body::{BodyError, body},
    client::{Client, ClientBuilder},
};
#[doc(no_inline)]
pub use ::url::Url;
#[cfg(feature = "reqwest")]
#[doc(no_inline)]
pub use reqwest;
