//! What is looked at before a request is read: where it comes from, and what it says about its body and its answer.

use http::{HeaderMap, Method, StatusCode, header, request::Parts};

use super::{origin, refused::Refused, rules::Rules};

/// What kinds of answers a client takes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Accepts {
    pub(super) json: bool,
    pub(super) events: bool,
}

impl Accepts {
    const ALL: Self = Self {
        json: true,
        events: true,
    };
}

/// Finds out who is calling, before anything else is looked at but where the request comes from.
#[cfg(feature = "auth")]
pub(super) async fn enter(mut parts: Parts, rules: &Rules) -> Result<Parts, Refused> {
    if let Some(gate) = &rules.gate {
        origin::check(&parts, rules)?;
        gate.admit(&mut parts).await?;
    }
    Ok(parts)
}

#[cfg(not(feature = "auth"))]
#[expect(
    clippy::unused_async,
    reason = "with the feature `auth` there is something to wait for"
)]
pub(super) async fn enter(parts: Parts, _: &Rules) -> Result<Parts, Refused> {
    Ok(parts)
}

/// Looks at the head of a request.
pub(super) fn admit(parts: &Parts, rules: &Rules) -> Result<Accepts, Refused> {
    if parts.method != Method::POST {
        let problem = "a message is sent with POST";
        return Err(Refused::new(StatusCode::METHOD_NOT_ALLOWED, problem));
    }
    origin::check(parts, rules)?;
    let headers = &parts.headers;
    if !is_json(headers) {
        let problem = "a message is sent as `Content-Type: application/json`, in UTF-8";
        return Err(Refused::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, problem));
    }
    if !is_plain(headers) {
        let problem = "a message is sent without a `Content-Encoding`";
        return Err(Refused::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, problem));
    }
    let accepts = accepts(headers);
    if !accepts.json && !accepts.events {
        let problem = "the answer is `application/json` or `text/event-stream`: `Accept` must allow one, and best both";
        return Err(Refused::new(StatusCode::NOT_ACCEPTABLE, problem));
    }
    Ok(accepts)
}

/// Looks at the head of a request that carries no message: one that opens a stream, or ends a session.
pub(super) fn admit_without_body(parts: &Parts, rules: &Rules) -> Result<(), Refused> {
    origin::check(parts, rules)?;
    if parts.method == Method::GET && !accepts(&parts.headers).events {
        let problem = "a stream is read as `text/event-stream`, which `Accept` must allow";
        return Err(Refused::new(StatusCode::NOT_ACCEPTABLE, problem));
    }
    Ok(())
}

fn is_json(headers: &HeaderMap) -> bool {
    let mut values = headers.get_all(header::CONTENT_TYPE).iter();
    let (Some(value), None) = (values.next(), values.next()) else {
        return false;
    };
    // Most clients write it so.
    if value == "application/json" {
        return true;
    }
    let Ok(value) = value.to_str() else {
        return false;
    };
    let mut parts = value.split(';').map(str::trim);
    let essence = parts.next().unwrap_or_default();
    essence.eq_ignore_ascii_case("application/json") && parts.all(is_harmless)
}

/// A parameter of a content type: only the character set matters.
fn is_harmless(parameter: &str) -> bool {
    let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
    !name.trim().eq_ignore_ascii_case("charset")
        || value.trim().trim_matches('"').eq_ignore_ascii_case("utf-8")
}

fn is_plain(headers: &HeaderMap) -> bool {
    let mut codings = headers.get_all(header::CONTENT_ENCODING).iter();
    codings.all(|coding| coding.as_bytes().eq_ignore_ascii_case(b"identity"))
}

/// A client that does not say what it takes takes everything.
fn accepts(headers: &HeaderMap) -> Accepts {
    let values = headers.get_all(header::ACCEPT);
    let mut lines = values.iter();
    match (lines.next(), lines.next()) {
        (None, _) => return Accepts::ALL,
        // Most clients write it so.
        (Some(only), None) if only == "application/json, text/event-stream" => return Accepts::ALL,
        _ => {}
    }
    let mut accepts = Accepts::default();
    // What is refused by a weight of zero is refused, whatever else matches it.
    let mut refuses = Accepts::default();
    for range in values
        .iter()
        .flat_map(|value| value.to_str().unwrap_or_default().split(','))
    {
        let (range, parameters) = range.split_once(';').unwrap_or((range, ""));
        let list = if is_zero(parameters) {
            &mut refuses
        } else {
            &mut accepts
        };
        let matches = |names: &[&str]| {
            let mut names = names.iter();
            names.any(|name| range.trim().eq_ignore_ascii_case(name))
        };
        list.json |= matches(&["application/json", "application/*", "*/*"]);
        list.events |= matches(&["text/event-stream", "text/*", "*/*"]);
    }
    Accepts {
        json: accepts.json && !refuses.json,
        events: accepts.events && !refuses.events,
    }
}

/// Whether the parameters of a media range say that it is not taken.
fn is_zero(parameters: &str) -> bool {
    let mut weights = parameters.split(';').filter_map(|parameter| {
        let (name, weight) = parameter.split_once('=')?;
        name.trim().eq_ignore_ascii_case("q").then(|| weight.trim())
    });
    weights.any(|weight| weight.parse() == Ok(0.0_f32))
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn headers(name: &header::HeaderName, values: &[&'static str]) -> HeaderMap {
        let values = values.iter().copied().map(HeaderValue::from_static);
        values.map(|value| (name.clone(), value)).collect()
    }

    #[test]
    fn json_in_utf_8_is_read_and_nothing_else() {
        for (values, read) in [
            (&["application/json"][..], true),
            (&["Application/JSON; charset=UTF-8"], true),
            (&["application/json;charset=\"utf-8\"; x=y"], true),
            (&["application/json; charset=utf-16"], false),
            (&["application/jsonp"], false),
            (&["text/plain"], false),
            (&[], false),
            (&["application/json", "text/plain"], false),
        ] {
            let headers = headers(&header::CONTENT_TYPE, values);
            assert_eq!(is_json(&headers), read, "{values:?}");
        }
    }

    #[test]
    fn a_coding_is_never_ignored() {
        for (values, plain) in [
            (&[][..], true),
            (&["identity"], true),
            (&["gzip"], false),
            (&["x"], false),
            (&["identity", "gzip"], false),
        ] {
            let headers = headers(&header::CONTENT_ENCODING, values);
            assert_eq!(is_plain(&headers), plain, "{values:?}");
        }
    }

    #[test]
    fn a_client_gets_what_it_takes() {
        for (values, json, events) in [
            (&[][..], true, true),
            (&["application/json, text/event-stream"], true, true),
            (&["application/json", "text/event-stream"], true, true),
            (&["*/*"], true, true),
            (&["Application/*;q=0.5"], true, false),
            (&["text/event-stream"], false, true),
            (&["text/html"], false, false),
            (&["*/*, text/event-stream;q=0"], true, false),
            (&["application/json; q=0.0"], false, false),
            (&["application/jsonp, textual/*"], false, false),
        ] {
            let headers = headers(&header::ACCEPT, values);
            assert_eq!(accepts(&headers), Accepts { json, events }, "{values:?}");
        }
    }
}
