//! Where an authorization server has its keys: RFC 8414 and `OpenID` Connect Discovery.

use reqwest::Url;
use serde_json::Value;

use super::{super::fetch::Fetch, is_issuer};

/// The URL of the keys of an authorization server.
pub(super) async fn keys_of(issuer: &str, fetch: &Fetch) -> Result<String, String> {
    let mut problems = Vec::new();
    for place in places(issuer) {
        match fetch
            .get(&place)
            .await
            .and_then(|metadata| keys(issuer, &metadata))
        {
            Ok(keys) => return Ok(keys),
            Err(problem) => problems.push(format!("{place}: {problem}")),
        }
    }
    Err(problems.join("; "))
}

/// What the metadata says, if they are those of this issuer.
fn keys(issuer: &str, metadata: &Value) -> Result<String, String> {
    let text = |name| metadata.get(name).and_then(Value::as_str);
    if !text("issuer").is_some_and(|told| is_issuer(issuer, told)) {
        return Err("these are the metadata of another issuer".into());
    }
    let keys = text("jwks_uri").ok_or("the metadata do not say where the keys are")?;
    Ok(keys.to_owned())
}

/// Where the metadata may be.
fn places(issuer: &str) -> Vec<String> {
    let Ok(url) = Url::parse(issuer) else {
        return Vec::new();
    };
    let origin = url.origin().ascii_serialization();
    let path = url.path().trim_end_matches('/');
    let mut places = vec![
        format!("{origin}/.well-known/oauth-authorization-server{path}"),
        format!("{origin}/.well-known/openid-configuration{path}"),
    ];
    if !path.is_empty() {
        places.push(format!("{origin}{path}/.well-known/openid-configuration"));
    }
    places
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn metadata_are_looked_for_where_the_standards_say() {
        let places = |issuer| places(issuer).join(" ").replace("https://a.example", "");
        assert_eq!(
            places("https://a.example/"),
            "/.well-known/oauth-authorization-server /.well-known/openid-configuration"
        );
        assert_eq!(
            places("https://a.example/x"),
            "/.well-known/oauth-authorization-server/x /.well-known/openid-configuration/x \
             /x/.well-known/openid-configuration"
        );
    }

    #[test]
    fn the_metadata_of_others_are_not_believed() {
        let keys = |issuer: &str| {
            keys(
                "https://a.example",
                &json!({ "issuer": issuer, "jwks_uri": "x" }),
            )
        };
        assert_eq!(keys("https://a.example/"), Ok("x".to_owned()));
        assert!(keys("https://b.example").is_err());
    }
}
