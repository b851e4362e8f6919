//! Well-known authorization servers.

use super::Jwt;

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
    /// Scopes are those that users have delegated and the roles of the application.
    pub fn azure(tenant: &str, application: &str) -> Self {
        let authority = format!("https://login.microsoftonline.com/{tenant}");
        Self::jwks(format!("{authority}/discovery/v2.0/keys"))
            .issuer(format!("{authority}/v2.0"))
            .audience(application)
            .audience(format!("api://{application}"))
            .scope_claim("roles")
    }

    /// Identity tokens of Google, by the ID of the client that they were made for. They hold no scopes, and Google's access tokens are no JSON Web
    /// Tokens.
    pub fn google(client: &str) -> Self {
        Self::jwks("https://www.googleapis.com/oauth2/v3/certs")
            .issuer("https://accounts.google.com")
            .audience(client)
    }

    /// Tokens of jobs of GitHub Actions, which ask for them with the URL of the server as the audience. They hold no scopes; the
    /// claims say which repository and workflow it is. For people with accounts of GitHub there is
    /// [`Introspection::github`](crate::auth::Introspection::github).
    pub fn github_actions() -> Self {
        let issuer = "https://token.actions.githubusercontent.com";
        Self::jwks(format!("{issuer}/.well-known/jwks"))
            .issuer(issuer)
            .unlisted()
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
}
