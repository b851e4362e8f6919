//! Who is calling: tokens of an authorization server, API keys, and scopes.
//!
//! `ISSUER=https://issuer.example.com cargo run -p mcp-examples --bin secure`

use mcp_runtime::{
    Principal, Server,
    auth::{ApiKeys, Auth, Jwt, secrecy::ExposeSecret},
    handlers, tool,
};

/// Says who asks.
#[tool(read_only)]
fn whoami(principal: Principal) -> String {
    match principal.client() {
        Some(client) => format!("{} by {client}", principal.subject()),
        None => principal.subject().to_owned(),
    }
}

/// Deletes a file. Whoever may not do that does not see it.
#[tool(scopes("files:write"))]
fn delete(name: String) -> String {
    format!("{name} is gone")
}

fn server() -> Server {
    Server::new("secure", env!("CARGO_PKG_VERSION")).add(handlers![whoami, delete])
}

/// Lets in whom the authorization server knows, whose keys are looked up there, and whoever has an API key.
fn auth(endpoint: &str, issuer: &str, keys: ApiKeys) -> Auth {
    Auth::new(endpoint)
        .name("Files")
        .verifier(Jwt::discover(issuer))
        .verifier(keys)
        .scopes_supported(["files:read"])
        .implies("files:write", ["files:read"])
}

#[tokio::main]
async fn main() -> mcp_runtime::Result<()> {
    let issuer = std::env::var("ISSUER").unwrap_or("https://issuer.example.com".into());
    // Keep the digest where the server finds it, and give the key to whoever needs it.
    let key = ApiKeys::generate();
    eprintln!("the API key of this run is {}", key.expose_secret());
    let keys = ApiKeys::new().key(key, Principal::new("nightly").with_scope("files:write"));
    let auth = auth("http://localhost:8080/mcp", &issuer, keys);
    let http = server().build()?.http().auth(auth);
    http.serve_tcp("127.0.0.1:8080").await
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;

    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::{TcpListener, TcpStream},
    };

    use super::*;

    const KEY: &str = "mcp_a-key-that-nobody-guesses";

    async fn serve() -> SocketAddr {
        let keys = ApiKeys::new().key(KEY, Principal::new("nightly"));
        let auth = auth("http://localhost:8080/mcp", "https://issuer.test", keys);
        let http = server().build().unwrap().http().auth(auth);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(http.until(std::future::pending()).serve(listener));
        address
    }

    /// Asks for a tool, with some more headers, and reads everything that comes back.
    async fn call(address: SocketAddr, tool: &str, headers: &str) -> String {
        let params = format!(r#"{{"name":"{tool}","arguments":{{"name":"a.txt"}}}}"#);
        let params = if tool == "whoami" {
            r#"{"name":"whoami"}"#.into()
        } else {
            params
        };
        let body = format!(r#"{{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{params}}}"#);
        let length = body.len();
        let request = format!(
            "POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nConnection: close\r\n\
             {headers}Content-Length: {length}\r\n\r\n{body}"
        );
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        answer
    }

    #[tokio::test]
    async fn everybody_proves_who_they_are_and_does_what_they_may() {
        let address = serve().await;
        let stranger = call(address, "whoami", "").await;
        assert!(stranger.starts_with("HTTP/1.1 401 "), "{stranger}");
        assert!(
            stranger.contains("/.well-known/oauth-protected-resource/mcp"),
            "{stranger}"
        );
        let key = format!("X-API-Key: {KEY}\r\n");
        let known = call(address, "whoami", &key).await;
        assert!(known.contains("nightly"), "{known}");
        let refused = call(address, "delete", &key).await;
        assert!(refused.starts_with("HTTP/1.1 403 "), "{refused}");
        assert!(refused.contains("scope=\"files:write\""), "{refused}");
    }
}
