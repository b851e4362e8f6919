use UrlRefusal::{Address, Credentials, Malformed, Name, Port, Scheme, Spelling, TooLong};
use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::net::is_public;

/// URLs that are refused by their text alone.
const HOSTILE: &[(&str, UrlRefusal)] = &[
    // Other schemes.
    ("file:///etc/passwd", Scheme),
    ("ftp://example.com/", Scheme),
    ("gopher://127.0.0.1:6379/_x", Scheme),
    ("javascript:alert(1)", Scheme),
    ("data:text/html,x", Scheme),
    ("ws://example.com/", Scheme),
    ("dict://127.0.0.1:11211/", Scheme),
    ("jar:http://example.com!/", Scheme),
    ("httpx://example.com/", Scheme),
    ("localhost:8080", Scheme),
    ("127.0.0.1:80", Scheme),
    // What is repaired by some and read otherwise by others.
    ("", Malformed),
    ("example.com", Malformed),
    ("//example.com/", Malformed),
    ("http:example.com", Malformed),
    ("http:/example.com", Malformed),
    ("http:///127.0.0.1/", Malformed),
    ("http://", Malformed),
    ("http://:80/", Malformed),
    ("http:\\\\127.0.0.1\\", Malformed),
    ("http://example.com\\@127.0.0.1/", Malformed),
    ("http://127.0.0.1\\.example.com/", Malformed),
    (" http://127.0.0.1/", Malformed),
    ("http://127.0.0.1/ ", Malformed),
    ("http://exam\nple.com/", Malformed),
    ("ht\ttp://127.0.0.1/", Malformed),
    ("http://127.0.\r\n0.1/", Malformed),
    ("http://example.com/\r\nHost: localhost", Malformed),
    ("http://example.com/\0", Malformed),
    ("http://[::1", Malformed),
    ("http://[fe80::1%25eth0]/", Malformed),
    ("http://example.com:99999/", Malformed),
    ("http://1.2.3.256/", Malformed),
    ("http://1.2.3.4.5/", Malformed),
    ("http://example.com%00.localhost/", Malformed),
    ("http://xn--a/", Malformed),
    // Users and passwords.
    ("http://user@example.com/", Credentials),
    ("http://user:password@example.com/", Credentials),
    ("http://@127.0.0.1/", Credentials),
    ("http://:@127.0.0.1/", Credentials),
    ("http://example.com:80@127.0.0.1/", Credentials),
    ("http://example.com%40127.0.0.1@localhost/", Credentials),
    // Addresses in other spellings.
    ("http://2130706433/", Spelling),
    ("http://0x7f000001/", Spelling),
    ("http://0x7f.0x0.0x0.0x1/", Spelling),
    ("http://017700000001/", Spelling),
    ("http://0177.0.0.1/", Spelling),
    ("http://127.1/", Spelling),
    ("http://127.0.1/", Spelling),
    ("http://0/", Spelling),
    ("http://127.0.0.01/", Spelling),
    ("http://127.0.0.1./", Spelling),
    ("http://0xa9fea9fe/latest/meta-data/", Spelling),
    ("http://2852039166/", Spelling),
    ("http://0251.0376.0251.0376/", Spelling),
    ("http://134744072/", Spelling),
    // In other characters.
    ("http://%31%32%37.0.0.1/", Spelling),
    ("http://127%2e0%2e0%2e1/", Spelling),
    ("http://loc%61lhost/", Spelling),
    ("http://１２７.0.0.1/", Spelling),
    ("http://①②⑦.⓪.⓪.①/", Spelling),
    ("http://127。0。0。1/", Spelling),
    ("http://127｡0｡0｡1/", Spelling),
    ("http://127．0．0．1/", Spelling),
    ("http://ｌｏｃａｌｈｏｓｔ/", Spelling),
    ("http://ⓛⓞⓒⓐⓛⓗⓞⓢⓣ/", Spelling),
    ("http://local\u{ad}host/", Spelling),
    ("http://local\u{200b}host/", Spelling),
    ("http://metadata.google.internal\u{3002}/", Spelling),
    ("http://ℓocalhost/", Spelling),
    // Addresses that are not public.
    ("http://127.0.0.1/", Address),
    ("HTTP://127.0.0.1:8080/", Address),
    ("http://127.255.255.254/", Address),
    ("http://0.0.0.0/", Address),
    ("http://10.0.0.1/", Address),
    ("http://172.31.0.1/", Address),
    ("http://192.168.1.1/", Address),
    ("http://100.64.0.1/", Address),
    ("http://100.100.100.200/latest/meta-data/", Address),
    ("http://169.254.169.254/latest/meta-data/", Address),
    ("http://169.254.170.2/v2/credentials", Address),
    ("http://168.63.129.16/", Address),
    ("http://192.0.0.192/", Address),
    ("http://192.0.2.1/", Address),
    ("http://198.18.0.1/", Address),
    ("http://224.0.0.1/", Address),
    ("http://255.255.255.255/", Address),
    ("http://[::]/", Address),
    ("http://[::1]/", Address),
    ("http://[0:0:0:0:0:0:0:1]:80/", Address),
    ("http://[::ffff:127.0.0.1]/", Address),
    ("http://[::ffff:7f00:1]/", Address),
    ("http://[::ffff:8.8.8.8]/", Address),
    ("http://[::127.0.0.1]/", Address),
    ("http://[64:ff9b::169.254.169.254]/", Address),
    ("http://[64:ff9b:1::7f00:1]/", Address),
    ("http://[2002:7f00:1::]/", Address),
    ("http://[2001:0:4136:e378:8000:63bf:80ff:fffe]/", Address),
    ("http://[2001:db8::1]/", Address),
    ("http://[fc00::1]/", Address),
    ("http://[fd00:ec2::254]/", Address),
    ("http://[fe80::1]/", Address),
    ("http://[ff02::1]/", Address),
    // Names of a network's own.
    ("http://localhost/", Name),
    ("http://LOCALHOST:8080/", Name),
    ("http://localhost./", Name),
    ("http://a.localhost/", Name),
    ("http://localhost.localdomain/", Name),
    ("http://printer.local/", Name),
    ("http://metadata.google.internal/computeMetadata/v1/", Name),
    ("http://METADATA.google.INTERNAL/", Name),
    ("http://metadata/", Name),
    ("http://instance-data/", Name),
    ("http://kubernetes.default.svc/", Name),
    ("http://kubernetes.default.svc.cluster.local/", Name),
    ("http://router.home.arpa/", Name),
    ("http://nas.lan/", Name),
    ("http://wiki.corp/", Name),
    ("http://1.0.0.127.in-addr.arpa/", Name),
    ("http://example.com./", Name),
    ("http://example..com/", Name),
    ("http://x.onion/", Name),
    ("http://x.test/", Name),
    // Ports.
    ("http://example.com:0/", Port),
];

#[test]
fn hostile_urls_are_refused_for_the_right_reason() {
    assert!(HOSTILE.len() >= 60);
    for (text, reason) in HOSTILE {
        assert_eq!(text.parse::<PublicUrl>(), Err(*reason), "{text:?}");
    }
    let long = format!("http://example.com/{}", "x".repeat(2048));
    assert_eq!(long.parse::<PublicUrl>(), Err(TooLong));
}

#[test]
fn a_url_that_was_taken_apart_elsewhere_is_checked_as_well() {
    for (text, _) in HOSTILE {
        // What a redirect says has been repaired already; what remains must not lead inside.
        let Ok(url) = Url::parse(text) else { continue };
        if let Ok(PublicUrl(url)) = PublicUrl::try_from(url) {
            let host = url.host_str().unwrap();
            assert!(
                matches!(host, "example.com" | "8.8.8.8"),
                "{text:?}: {host}"
            );
        }
    }
}

#[test]
fn public_urls_are_as_they_are() {
    for text in [
        "https://example.com/",
        "http://example.com/a?b=c&d=%20#e",
        "https://example.com:8443/",
        "https://sub.domain.example.co.uk/x",
        "https://xn--bcher-kva.de/",
        "https://1.1.1.1/",
        "https://[2606:4700:4700::1111]/",
        "https://a_b.example.com/",
        "https://127.0.0.1.nip.io/",
        "https://localhost.example.com/",
        "https://example.com/?next=http://127.0.0.1/",
        "https://example.com/@user",
    ] {
        assert_eq!(text.parse::<PublicUrl>().unwrap().as_str(), text);
    }
    let german: PublicUrl = "https://Bücher.de".parse().unwrap();
    assert_eq!(german.as_str(), "https://xn--bcher-kva.de/");
    let shouted: PublicUrl = "HTTPS://EXAMPLE.com:443/A".parse().unwrap();
    assert_eq!(shouted.as_str(), "https://example.com/A");
}

#[test]
fn it_is_read_from_json_and_written_as_it_is() {
    let url: PublicUrl = serde_json::from_value(json!("https://example.com/")).unwrap();
    assert_eq!(
        serde_json::to_value(&url).unwrap(),
        json!("https://example.com/")
    );
    let refused = serde_json::from_value::<PublicUrl>(json!("http://10.0.0.1/")).unwrap_err();
    assert_eq!(refused.to_string(), "a web address on the public internet");
}

proptest! {
    #[test]
    fn whatever_is_accepted_has_a_public_host(
        parts in prop::collection::vec(
            prop::sample::select(vec![
                "http", "https", "://", ":", "/", "//", "@", "\\", "127.0.0.1", "127", "0x7f", "1", ".", "[", "]", "::1", "::ffff:",
                "localhost", "example.com", "internal", "%31", "%2e", "１", "。", "\u{ad}", "?", "#", "80", "10.0.0.1", " ",
            ]),
            0..8,
        ),
        start in prop::sample::select(vec!["", "http://", "https://"]),
    ) {
        let text = format!("{start}{}", parts.concat());
        if let Ok(url) = text.parse::<PublicUrl>() {
            match url.as_url().host().unwrap() {
                url::Host::Domain(name) => prop_assert!(name.contains('.') && !name.ends_with(".internal"), "{}", text),
                url::Host::Ipv4(address) => prop_assert!(is_public(address.into()), "{}", text),
                url::Host::Ipv6(address) => prop_assert!(is_public(address.into()), "{}", text),
            }
            // It stays what it is when it is read again.
            prop_assert_eq!(url.as_str().parse::<PublicUrl>(), Ok(url.clone()));
        }
    }

    #[test]
    fn no_spelling_of_a_private_address_is_accepted(last in 0_u32..1 << 24, network in prop::sample::select(vec![10_u32, 127])) {
        let bits = (network << 24) | last;
        let [a, b, c, d] = bits.to_be_bytes();
        for host in [
            format!("{a}.{b}.{c}.{d}"),
            format!("{bits}"),
            format!("0x{bits:x}"),
            format!("0{bits:o}"),
            format!("0x{a:x}.{b}.0{c:o}.{d}"),
            format!("{a}.{last}"),
            format!("[::ffff:{a}.{b}.{c}.{d}]"),
            format!("[64:ff9b::{a}.{b}.{c}.{d}]"),
        ] {
            prop_assert!(format!("http://{host}/").parse::<PublicUrl>().is_err(), "{}", host);
        }
    }
}
