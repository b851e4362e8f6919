//! Well-known authorization servers.

use super::{Jwt, demand::Demand};

impl Jwt {
    /// Tokens of Auth0, by the domain of the tenant: `example.eu.auth0.com`.
    ///
    /// Register the URL of the server there as the identifier of an API, or name another one with [`audience`](Self::audience).
    /// Scopes are those of the token and, if roles are turned on, its `permissions`.
    pub fn auth0(domain: &str) -> Self {
        let issuer = format!("https://{domain}/");
        Self::jwks(format!("{issuer}.well-known/jwks.json"))
            .issuer(issuer)
            .scope_claim("permissions")
    }

    /// Tokens of Microsoft Entra ID (Azure), by the tenant and the application that the server is registered as, both by their IDs.
    ///
    /// Scopes are those that users have delegated (`scp`) and the roles of the application (`roles`). A token with neither is refused: it only says
    /// who somebody is.
    pub fn azure(tenant: &str, application: &str) -> Self {
        let authority = format!("https://login.microsoftonline.com/{tenant}");
        let jwt = Self::jwks(format!("{authority}/discovery/v2.0/keys"))
            .issuer(format!("{authority}/v2.0"))
            .audience(application)
            .audience(format!("api://{application}"))
            .scope_claim("roles");
        jwt.demand(Demand::Any(&["scp", "roles"]))
    }

    /// Identity tokens of Google, by the ID of the client that they were made for. They hold no scopes, and Google's access tokens are no JSON Web
    /// Tokens.
    pub fn google(client: &str) -> Self {
        Self::jwks("https://www.googleapis.com/oauth2/v3/certs")
            .issuer("https://accounts.google.com")
            .audience(client)
    }

    /// Tokens of jobs of GitHub Actions, which ask for them with the URL of the server as the audience. They must be those of an owner
    /// of repositories (`example`) or of one repository (`example/website`): everybody can have GitHub run jobs.
    ///
    /// They hold no scopes; the claims say which repository, branch and workflow it is. For people with accounts of GitHub there is
    /// [`Introspection::github`](crate::auth::Introspection::github).
    ///
    /// ```
    /// use mcp_runtime::auth::{Auth, Jwt};
    ///
    /// let auth = Auth::new("https://mcp.example.com/mcp").verifier(Jwt::github_actions("example/website"));
    /// ```
    pub fn github_actions(whose: &str) -> Self {
        let is_name = |name: &str| !name.is_empty() && !name.contains(['/', '*', ' ']);
        let demand = match whose.split_once('/') {
            None if is_name(whose) => Demand::Text("repository_owner", whose.into()),
            Some((owner, name)) if is_name(owner) && is_name(name) => {
                Demand::Text("repository", whose.into())
            }
            _ => Demand::Wrong(format!(
                "jobs of GitHub Actions are those of an owner (`example`) or of one repository (`example/website`), not of \
                 `{whose}`"
            )),
        };
        let issuer = "https://token.actions.githubusercontent.com";
        let jwt = Self::jwks(format!("{issuer}/.well-known/jwks"));
        jwt.issuer(issuer).unlisted().demand(demand)
    }

    /// Tokens of a realm of Keycloak, by the URL of the server (`https://keycloak.example.com`) and the name of the realm.
    ///
    /// Add an audience mapper there that puts the URL of this server into the tokens.
    pub fn keycloak(server: &str, realm: &str) -> Self {
        let issuer = format!("{}/realms/{realm}", server.trim_end_matches('/'));
        Self::jwks(format!("{issuer}/protocol/openid-connect/certs")).issuer(issuer)
    }

    /// Tokens of `WorkOS` `AuthKit`, by its domain: `example.authkit.app`. Register the URL of the server there as a resource.
    pub fn workos(domain: &str) -> Self {
        let issuer = format!("https://{domain}");
        Self::jwks(format!("{issuer}/oauth2/jwks")).issuer(issuer)
    }

    fn demand(mut self, demand: Demand) -> Self {
        self.demands.push(demand);
        self
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn lets_in(jwt: &Jwt, claims: &Value) -> bool {
        let claims = claims.as_object().unwrap();
        jwt.demands
            .iter()
            .all(|demand| demand.check(claims).is_ok())
    }

    #[test]
    fn jobs_of_others_are_not_let_in() {
        let job = |owner: &str, name: &str| json!({ "repository_owner": owner, "repository": format!("{owner}/{name}") });
        for (whose, claims, yes) in [
            ("example", job("example", "website"), true),
            ("Example", job("exAmple", "website"), true),
            ("example", job("mallory", "example"), false),
            ("example", job("example-2", "website"), false),
            ("example", json!({}), false),
            ("example/website", job("example", "website"), true),
            ("example/website", job("example", "other"), false),
            ("example/website", job("mallory", "website"), false),
            (
                "example/website",
                json!({ "repository_owner": "example" }),
                false,
            ),
            ("*", job("example", "website"), false),
        ] {
            assert_eq!(
                lets_in(&Jwt::github_actions(whose), &claims),
                yes,
                "{whose} {claims}"
            );
        }
    }

    #[test]
    fn a_token_of_azure_gives_access_by_scopes_or_roles() {
        let azure = Jwt::azure("tenant", "application");
        for (claims, yes) in [
            (json!({ "scp": "files.read" }), true),
            (json!({ "roles": ["reader"] }), true),
            (json!({ "name": "Alice" }), false),
            (json!({ "scp": " ", "roles": [] }), false),
        ] {
            assert_eq!(lets_in(&azure, &claims), yes, "{claims}");
        }
    }
}
