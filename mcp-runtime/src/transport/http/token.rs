//! A token that every request must carry: for a server at a local address, which all users and programs of the machine can
//! reach. It says that a request may come in, and nothing about who sends it.

use std::{
    fmt,
    io::{self, Write as _},
};

use data_encoding::BASE64URL_NOPAD;
use http::{HeaderMap, HeaderValue, Response, StatusCode, header};

use super::{Http, body::HttpBody, environment::Environment, refused::Refused};
use crate::{
    fingerprint::{Fingerprint, Print},
    seal::random,
};

/// The variable that a token comes from, or that asks for one.
const VARIABLE: &str = "MCP_HTTP_TOKEN";

/// What the variable says if the token is to be made here.
const GENERATE: &str = "generate";

/// The shortest token that is taken: one that can be guessed is worse than none.
const SHORTEST: usize = 16;

impl Http {
    /// Whether requests need a token, as `Authorization: Bearer …`. Others are answered with the status 401.
    ///
    /// It is the one in the variable `MCP_HTTP_TOKEN`. If there is none, or if the variable is `generate`, one is made that
    /// nobody can guess, and written to standard error together with the address.
    ///
    /// A local address can be reached by all users of a machine, and by all their programs. This lets those in that know the
    /// token, and [`serve_unix`](Self::serve_unix) those that the file system does. It says nothing about who somebody is,
    /// and is no protection where others can read the traffic. `/healthz` and `/readyz` need no token.
    /// Handlers do not see the token.
    /// Where `auth` finds out who is calling, there is no room for another token: both together are an error.
    pub fn local_token(mut self, yes: bool) -> Self {
        self.choices.local_token = Some(yes);
        self
    }
}

/// The token of an endpoint.
pub(super) struct Token {
    /// Of which only the fingerprint is kept: those of two texts are equally long, and differ everywhere.
    print: Print,
    /// The token itself, if nobody knows it yet.
    made: Option<String>,
}

impl Token {
    /// The token of an endpoint, if it has one by `choice` or else by the environment.
    pub(super) fn resolve(choice: Option<bool>, env: &mut Environment<'_>) -> Option<Self> {
        let given = env.text(VARIABLE);
        if given.as_deref().is_some_and(|given| !is_token(given)) {
            // The text itself is not repeated: it may be a secret nevertheless.
            env.problems.push(format!(
                "the variable `{VARIABLE}` must be `{GENERATE}`, or a token of at least {SHORTEST} letters, digits and \
                 `-._~+/=`"
            ));
        }
        if !choice.unwrap_or(given.is_some()) {
            return None;
        }
        Some(match given {
            Some(given) if given != GENERATE => Self::of(&given, None),
            _ => {
                let made = BASE64URL_NOPAD.encode(&random::<24>());
                Self::of(&made.clone(), Some(made))
            }
        })
    }

    fn of(token: &str, made: Option<String>) -> Self {
        let print = Fingerprint::of(&[token]);
        Self { print, made }
    }

    /// Writes a token that was made here to standard error, behind `beginning`.
    pub(super) fn tell(&self, beginning: &str) {
        if let Some(made) = &self.made {
            // Where nobody reads it there is nobody to be told.
            let _ = writeln!(io::stderr(), "{beginning} with the bearer token {made}");
        }
    }

    /// The answer to a request without the token. From others it is taken away: nobody behind needs it any more.
    pub(super) fn refuse(&self, headers: &mut HeaderMap) -> Option<Response<HttpBody>> {
        let mut values = headers.get_all(header::AUTHORIZATION).iter();
        let (problem, challenge) = match (values.next(), values.next()) {
            (Some(value), None) if self.is_in(value) => {
                headers.remove(header::AUTHORIZATION);
                return None;
            }
            (None, _) => ("this needs a token, as `Authorization: Bearer …`", "Bearer"),
            _ => ("this needs another token", "Bearer error=\"invalid_token\""),
        };
        let mut response = Response::from(Refused::new(StatusCode::UNAUTHORIZED, problem));
        let challenge = HeaderValue::from_static(challenge);
        response
            .headers_mut()
            .insert(header::WWW_AUTHENTICATE, challenge);
        Some(response)
    }

    fn is_in(&self, value: &HeaderValue) -> bool {
        let value = value.to_str().unwrap_or_default();
        let (scheme, token) = value.split_once(' ').unwrap_or_default();
        let print = Fingerprint::of(&[token.trim()]);
        // All of it is compared, so that the time does not tell how much of it is right.
        let pairs = self.print.iter().zip(print);
        let difference = pairs.fold(0, |difference, (own, other)| difference | (own ^ other));
        scheme.eq_ignore_ascii_case("bearer") && difference == 0
    }
}

/// What may stand in the variable: `generate`, or a token that a header can carry and nobody guesses.
fn is_token(text: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~+/=".contains(&byte);
    text == GENERATE || (text.len() >= SHORTEST && text.bytes().all(fits))
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Token").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolved(choice: Option<bool>, variable: &str) -> (Option<Token>, Vec<String>) {
        let read = |name: &str| (name == VARIABLE).then(|| variable.to_owned());
        let mut env = Environment::new(&read);
        (Token::resolve(choice, &mut env), env.problems)
    }

    fn lets_in(token: &Token, values: &[&str]) -> bool {
        let values = values.iter().map(|value| value.parse().unwrap());
        let headers = values.map(|value| (header::AUTHORIZATION, value));
        let mut headers: HeaderMap = headers.collect();
        let is_let_in = token.refuse(&mut headers).is_none();
        assert!(!(is_let_in && headers.contains_key(header::AUTHORIZATION)));
        is_let_in
    }

    #[test]
    fn there_is_a_token_if_either_of_both_wants_one() {
        for (choice, variable, is_there, is_made) in [
            (None, "", false, false),
            (None, "generate", true, true),
            (None, "0123456789abcdef", true, false),
            (Some(true), "", true, true),
            (Some(true), "generate", true, true),
            (Some(true), "0123456789abcdef", true, false),
            (Some(false), "0123456789abcdef", false, false),
        ] {
            let (token, problems) = resolved(choice, variable);
            assert_eq!(problems, [""; 0]);
            assert_eq!(token.is_some(), is_there, "{choice:?} {variable}");
            let made = token.and_then(|token| token.made);
            assert_eq!(made.is_some(), is_made, "{choice:?} {variable}");
        }
    }

    #[test]
    fn a_token_that_is_made_is_long_and_never_the_same() {
        let made = || {
            let (token, _) = resolved(Some(true), "");
            token.unwrap().made.unwrap()
        };
        let (one, other) = (made(), made());
        assert_eq!(one.len(), 32);
        assert!(is_token(&one));
        assert_ne!(one, other);
    }

    #[test]
    fn a_token_that_can_be_guessed_is_refused_and_not_repeated() {
        for variable in ["hunter2", "a token with spaces in it", "0123456789abcdefä"] {
            let (_, problems) = resolved(None, variable);
            assert_eq!(problems.len(), 1);
            assert!(!problems[0].contains(variable), "{problems:?}");
        }
    }

    #[test]
    fn only_the_very_token_lets_in_and_stays_outside() {
        let (token, _) = resolved(None, "0123456789abcdef");
        let token = token.unwrap();
        for (values, yes) in [
            (&["Bearer 0123456789abcdef"][..], true),
            (&["bearer  0123456789abcdef"], true),
            (&[], false),
            (&[""], false),
            (&["Bearer"], false),
            (&["Bearer "], false),
            (&["Bearer 0123456789abcdeF"], false),
            (&["Bearer 0123456789abcdef0"], false),
            (&["Bearer 0123456789abcde"], false),
            (&["Basic 0123456789abcdef"], false),
            (&["0123456789abcdef"], false),
            (
                &["Bearer 0123456789abcdef", "Bearer 0123456789abcdef"],
                false,
            ),
        ] {
            assert_eq!(lets_in(&token, values), yes, "{values:?}");
        }
    }
}
