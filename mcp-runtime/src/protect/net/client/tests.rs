mod site;

use std::error::Error;

use tokio::net::TcpListener;

use self::site::{PRIVATE, PUBLIC, Prepared, Site, is_public_here};
use super::*;
use crate::{CallError, error::Kind, net::body};

fn client(resolver: &Prepared) -> Client {
    let builder = Client::builder().resolver(resolver.clone());
    builder.allowing(is_public_here).build().unwrap()
}

async fn get(client: &Client, url: &PublicUrl) -> Result<String, CallError> {
    let response = client.get(url)?.send().await?;
    Ok(String::from_utf8(body(response, 1000).await?).unwrap())
}

fn refusal_behind(error: &reqwest::Error) -> Option<UrlRefusal> {
    let mut next: Option<&(dyn Error + 'static)> = Some(error);
    while let Some(error) = next {
        if let Some(refusal) = error.downcast_ref() {
            return Some(*refusal);
        }
        next = error.source();
    }
    None
}

/// What the client of the server is told.
fn text_of(error: CallError) -> String {
    match error.into_kind() {
        Kind::Internal(error) => crate::protect::told(&*error).unwrap().to_string(),
        other => panic!("{other:?}"),
    }
}

async fn refusal(client: &Client, url: &PublicUrl) -> Option<UrlRefusal> {
    let error = client.get(url).unwrap().send().await.unwrap_err();
    refusal_behind(&error)
}

#[tokio::test]
async fn a_public_page_is_fetched() {
    let site = Site::redirecting().await;
    let resolver = Prepared::new([&[PUBLIC]]);
    let text = get(&client(&resolver), &site.url("/")).await.unwrap();
    assert_eq!(text, "hello");
    assert_eq!(site.asked(), [(PUBLIC, "/".to_owned())]);
    assert_eq!(resolver.asked(), 1);
}

#[tokio::test]
async fn a_name_that_leads_inside_is_refused_and_nothing_is_connected_to() {
    let site = Site::redirecting().await;
    for resolver in [
        Prepared::new([&[PRIVATE]]),
        Prepared::new([&[]]),
        Prepared::default(),
    ] {
        let refused = refusal(&client(&resolver), &site.url("/")).await;
        assert_eq!(refused, Some(UrlRefusal::Unresolved));
    }
    assert_eq!(site.asked(), []);
}

#[tokio::test]
async fn of_several_addresses_the_public_ones_are_used() {
    let site = Site::redirecting().await;
    let resolver = Prepared::new([&[PRIVATE, PUBLIC]]);
    assert!(get(&client(&resolver), &site.url("/")).await.is_ok());
    assert_eq!(site.asked(), [(PUBLIC, "/".to_owned())]);
}

#[tokio::test]
async fn a_name_that_leads_inside_the_second_time_is_refused_then() {
    let site = Site::redirecting().await;
    let resolver = Prepared::new([&[PUBLIC], &[PRIVATE]]);
    let client = client(&resolver);
    assert!(get(&client, &site.url("/one")).await.is_ok());
    let refused = refusal(&client, &site.url("/two")).await;
    assert_eq!(refused, Some(UrlRefusal::Unresolved));
    assert_eq!(site.asked(), [(PUBLIC, "/one".to_owned())]);
}

#[tokio::test]
async fn a_name_that_leads_inside_after_a_redirect_is_refused_then() {
    let site = Site::redirecting().await;
    let resolver = Prepared::new([&[PUBLIC], &[PRIVATE]]);
    let refused = refusal(&client(&resolver), &site.url("/to?/inside")).await;
    assert_eq!(refused, Some(UrlRefusal::Unresolved));
    assert_eq!(site.asked(), [(PUBLIC, "/to?/inside".to_owned())]);
}

#[tokio::test]
async fn without_the_hook_of_the_tests_not_even_they_get_anywhere() {
    let site = Site::redirecting().await;
    let builder = Client::builder().resolver(Prepared::new([&[PUBLIC]]));
    let refused = refusal(&builder.build().unwrap(), &site.url("/")).await;
    assert_eq!(refused, Some(UrlRefusal::Unresolved));
    assert_eq!(site.asked(), []);
}

#[tokio::test]
async fn the_resolver_of_the_system_is_not_trusted_either() {
    let url = Url::parse("http://localhost:1/").unwrap();
    // Around the check of the text, as a name on the internet that leads to the same.
    let client = Client::new().unwrap();
    let error = client.inner.get(url).send().await.unwrap_err();
    assert_eq!(refusal_behind(&error), Some(UrlRefusal::Unresolved));
}

#[tokio::test]
async fn redirects_are_followed_to_public_addresses_alone() {
    use UrlRefusal::{Address, Credentials, Name, Port};
    let site = Site::redirecting().await;
    let port = site.port;
    let resolver = Prepared::new([&[PUBLIC]]);
    let client = client(&resolver);
    assert_eq!(get(&client, &site.url("/to?/page")).await.unwrap(), "hello");
    let elsewhere = format!("/to?http://other.example.com:{port}/page");
    assert_eq!(get(&client, &site.url(&elsewhere)).await.unwrap(), "hello");
    let before = site.asked().len();
    let inside = [
        (format!("http://127.0.0.1:{port}/"), Address),
        (format!("http://127.0.0.2:{port}/"), Address),
        (format!("//127.0.0.2:{port}/"), Address),
        (format!("http://2130706434:{port}/"), Address),
        (format!("http://0x7f.0.0.2:{port}/"), Address),
        (format!("http://0177.0.0.2:{port}/"), Address),
        (format!("http://127.2:{port}/"), Address),
        (format!("http:%5C%5C127.0.0.2:{port}/"), Address),
        (format!("http://[::ffff:127.0.0.2]:{port}/"), Address),
        (format!("http://[::1]:{port}/"), Address),
        (
            "http://169.254.169.254/latest/meta-data/".to_owned(),
            Address,
        ),
        ("http://[fd00:ec2::254]/".to_owned(), Address),
        ("http://[64:ff9b::a9fe:a9fe]/".to_owned(), Address),
        (format!("http://localhost:{port}/"), Name),
        (format!("http://LOCALHOST.:{port}/"), Name),
        ("http://metadata.google.internal/".to_owned(), Name),
        ("http://printer.local/".to_owned(), Name),
        (
            format!("http://user:password@site.example.com:{port}/"),
            Credentials,
        ),
        ("http://site.example.com:0/".to_owned(), Port),
    ];
    for (target, reason) in &inside {
        let url = site.url(&format!("/to?{target}"));
        let url = PublicUrl::try_from(Url::parse(url.as_str()).unwrap()).unwrap();
        assert_eq!(refusal(&client, &url).await, Some(*reason), "{target}");
    }
    // Each has cost the redirect, and nothing else.
    let asked = site.asked().split_off(before);
    assert_eq!(asked.len(), inside.len());
    assert!(
        asked
            .iter()
            .all(|(address, path)| *address == PUBLIC && path.starts_with("/to?"))
    );
}

#[tokio::test]
async fn a_redirect_to_another_scheme_is_not_followed() {
    let site = Site::redirecting().await;
    let client = client(&Prepared::new([&[PUBLIC]]));
    for target in [
        "file:///etc/passwd",
        "ftp://example.com/",
        "gopher://127.0.0.1:6379/_x",
    ] {
        let url = site.url(&format!("/to?{target}"));
        match client.get(&url).unwrap().send().await {
            // `reqwest` itself does not take it for a place to go to.
            Ok(response) => assert_eq!(response.status(), 302, "{target}"),
            Err(error) => assert_eq!(refusal_behind(&error), Some(UrlRefusal::Scheme), "{target}"),
        }
    }
    assert_eq!(site.asked().len(), 3);
}

#[tokio::test]
async fn redirects_come_to_an_end() {
    let site = Site::serve(|_, port| {
        format!(
            "HTTP/1.1 307 X\r\nLocation: http://site.example.com:{port}/again\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
        )
    })
    .await;
    let resolver = Prepared::new([&[PUBLIC]]);
    let refused = refusal(&client(&resolver), &site.url("/")).await;
    assert_eq!(refused, Some(UrlRefusal::Redirects));
    assert_eq!(site.asked().len(), REDIRECTS + 1);
    let builder = Client::builder().resolver(resolver).redirects(0);
    let client = builder.allowing(is_public_here).build().unwrap();
    assert_eq!(
        refusal(&client, &site.url("/")).await,
        Some(UrlRefusal::Redirects)
    );
    assert_eq!(site.asked().len(), REDIRECTS + 2);
}

#[test]
fn a_redirect_does_not_leave_https() {
    let url = |text: &str| Url::parse(text).unwrap();
    let check =
        |from: &str, to: &str| check_redirect(&[url(from)], &url(to), REDIRECTS, &Ports::default());
    let (secure, plain) = ("https://example.com/", "http://example.com/");
    assert_eq!(check(secure, plain), Err(UrlRefusal::Downgrade));
    assert_eq!(check(plain, secure), Ok(()));
    assert_eq!(check(secure, secure), Ok(()));
}

#[tokio::test]
async fn other_ports_than_those_allowed_are_refused_at_first_and_in_redirects() {
    let site = Site::redirecting().await;
    let port = site.port;
    let builder = || {
        Client::builder()
            .resolver(Prepared::new([&[PUBLIC]]))
            .allowing(is_public_here)
    };
    let client = builder().ports([443]).build().unwrap();
    assert_eq!(client.get(&site.url("/")).unwrap_err(), UrlRefusal::Port);
    assert!(client.get(&"https://example.com/".parse().unwrap()).is_ok());
    let client = builder().ports([port]).build().unwrap();
    assert!(get(&client, &site.url("/")).await.is_ok());
    let away = site.url("/to?http://site.example.com:6379/");
    assert_eq!(refusal(&client, &away).await, Some(UrlRefusal::Port));
}

#[tokio::test]
async fn a_large_answer_is_not_read_to_its_end() {
    let site = Site::serve(|path, _| {
        let text = "x".repeat(2000);
        match path {
            "/said" => format!("HTTP/1.1 200 OK\r\nContent-Length: 2000\r\n\r\n{text}"),
            "/chunked" => format!(
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n7d0\r\n{text}\r\n0\r\n\r\n"
            ),
            _ => format!("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{text}"),
        }
    })
    .await;
    let client = client(&Prepared::new([&[PUBLIC]]));
    for path in ["/said", "/chunked", "/unsaid"] {
        let error = get(&client, &site.url(path)).await.unwrap_err();
        assert!(!error.is_internal());
        let expected = "the answer is too large: at most 1000 bytes are allowed";
        assert_eq!(error.to_string(), expected, "{path}");
    }
}

#[tokio::test]
async fn a_model_reads_why_and_nothing_of_what_is_inside() {
    let site = Site::redirecting().await;
    let inside = client(&Prepared::new([&[PRIVATE]]));
    let error = get(&inside, &site.url("/")).await.unwrap_err();
    let told = text_of(error);
    assert_eq!(
        told,
        "the address must be a web address whose host can be found on the public internet"
    );
    let client = client(&Prepared::new([&[PUBLIC]]));
    let away = site.url("/to?http://127.0.0.2:22/");
    let error = get(&client, &away).await.unwrap_err();
    let told = text_of(error);
    assert_eq!(
        told,
        "the server redirects elsewhere than to a web address on the public internet"
    );
    let closed = TcpListener::bind((PUBLIC, 0))
        .await
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let url = format!("http://site.example.com:{closed}/")
        .parse()
        .unwrap();
    let error = get(&client, &url).await.unwrap_err();
    assert!(error.is_internal(), "{error}");
}

#[test]
fn no_proxy_of_the_environment_is_used() {
    const INSIDE: &str = "MCP_TEST_BEHIND_A_PROXY";
    if std::env::var_os(INSIDE).is_none() {
        // The environment of this process is not ours to change.
        let mut again = std::process::Command::new(std::env::current_exe().unwrap());
        again.args([
            "--exact",
            "protect::net::client::tests::no_proxy_of_the_environment_is_used",
        ]);
        for name in [
            "http_proxy",
            "HTTP_PROXY",
            "https_proxy",
            "all_proxy",
            "ALL_PROXY",
        ] {
            again.env(name, "http://127.0.0.1:1/");
        }
        let output = again.env(INSIDE, "1").output().unwrap();
        let text = String::from_utf8_lossy(&output.stdout);
        assert!(
            output.status.success() && text.contains("1 passed"),
            "{text}"
        );
        return;
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let site = Site::redirecting().await;
        let resolver = Prepared::new([&[PUBLIC]]);
        assert!(get(&client(&resolver), &site.url("/")).await.is_ok());
    });
}
