//! The tools over HTTP, with everything that guards a server and everything that shows what happens in it: tokens, scopes, rates,
//! an audit, metrics, and tracing at the level of `info`.

use std::{
    env,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use jsonwebtoken::{EncodingKey, Header, encode};
use mcp_benches::{http, ours};
use mcp_runtime::{
    audit::Audit,
    auth::{Auth, Jwt, JwtAlgorithm, JwtKey},
    limit::{Rate, RateLayer},
    logging,
    metrics::Prometheus,
    serde_json::json,
};

const SECRET: &str = "a secret of these benchmarks, which nobody else has";
const ISSUER: &str = "https://issuer.test";
const RESOURCE: &str = "https://benches.test/mcp";

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    logging::init()?;
    let directory = env::temp_dir().join(format!("mcp-benches-audit-{}", std::process::id()));
    let service = ours::guarded()
        .layer(RateLayer::new(Rate::per_second(1_000_000)).per_caller())
        .audit(Audit::file(&directory)?)
        .metrics(true)
        .build()?;
    let key = JwtKey::secret(JwtAlgorithm::Hs256, SECRET);
    let auth = Auth::new(RESOURCE).verifier(Jwt::key(key).issuer(ISSUER));
    let endpoint = service.http().path(http::PATH).auth(auth);
    let endpoint = endpoint.metrics(Prometheus::install()?);
    let served = endpoint.serve(http::listen_with(&token()?).await?).await;
    std::fs::remove_file(directory)?;
    Ok(served?)
}

fn token() -> Result<String, Box<dyn std::error::Error>> {
    let expires = SystemTime::now() + Duration::from_secs(3600);
    let claims = json!({
        "iss": ISSUER,
        "aud": RESOURCE,
        "sub": "load",
        "scope": "add",
        "exp": expires.duration_since(UNIX_EPOCH)?.as_secs(),
    });
    let key = EncodingKey::from_secret(SECRET.as_bytes());
    Ok(encode(&Header::default(), &claims, &key)?)
}
