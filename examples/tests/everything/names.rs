//! Names, arguments and URIs that are wrong.

use serde_json::json;

use crate::{child::Child, era::Era};

/// What a resource that does not exist is answered with.
fn not_found(era: Era) -> i64 {
    match era {
        Era::Modern => -32602,
        Era::Legacy(_) => -32002,
    }
}

#[test]
fn control_characters() {
    for era in Era::ALL {
        let mut child = Child::open(era);
        for character in ["\u{0}", "\n", "\u{1b}[31m", "\u{7f}", "\u{85}", "\u{202e}"] {
            let name = format!("echo{character}");
            child.declines("tools/call", json!({ "name": name }), -32602);
            let name = format!("review{character}");
            child.declines("prompts/get", json!({ "name": name }), -32602);
            let uri = format!("config://app{character}");
            child.declines("resources/read", json!({ "uri": uri }), not_found(era));
            // In an ordinary argument they are as good as any.
            let payload = format!("a{character}b");
            let answer = child.call("echo", json!({ "payload": payload }));
            assert_eq!(answer["result"]["content"][0]["text"], payload);
        }
        for path in [
            "hello.txt%00",
            "%00hello.txt",
            "%0ahello.txt",
            "hello%00.txt",
        ] {
            let uri = format!("files:///{path}");
            child.declines("resources/read", json!({ "uri": uri }), not_found(era));
        }
        child.ends_well();
    }
}

#[test]
fn parameters_of_wrong_types() {
    for era in Era::ALL {
        let mut child = Child::open(era);
        for (method, params) in [
            ("tools/call", json!({})),
            ("tools/call", json!({ "name": 5 })),
            ("tools/call", json!({ "name": null })),
            ("tools/call", json!({ "name": "add", "arguments": [] })),
            ("tools/call", json!({ "name": "add", "arguments": "{}" })),
            ("tools/list", json!({ "cursor": 5 })),
            ("prompts/get", json!({})),
            ("prompts/get", json!({ "name": "review", "arguments": 1 })),
            ("resources/read", json!({ "uri": null })),
            ("resources/read", json!({ "uri": ["note://1"] })),
            ("resources/read", json!({})),
        ] {
            child.declines(method, params, -32602);
        }
        child.ends_well();
    }
}

#[test]
fn parameters_that_are_no_object() {
    let mut child = Child::open(Era::LEGACY);
    for params in [json!([]), json!("x"), json!(5)] {
        child.declines("tools/call", params.clone(), -32602);
        child.declines("tools/list", params, -32602);
    }
    child.ends_well();
}

#[test]
fn names_that_do_not_exist() {
    for era in Era::ALL {
        let mut child = Child::open(era);
        let long = "x".repeat(1 << 20);
        for name in ["nobody", "Echo", "ECHO", "echo ", " echo", "", &long] {
            let error = child.declines("tools/call", json!({ "name": name }), -32602);
            assert!(error.to_string().len() < 1000, "{error}");
        }
        for name in ["nobody", "Review", "review ", "", &long] {
            let error = child.declines("prompts/get", json!({ "name": name }), -32602);
            assert!(error.to_string().len() < 1000, "{error}");
            // The names of the others are nobody's business.
            let others = "test_prompt_with_embedded_resource";
            assert!(!error.to_string().contains(others), "{error}");
        }
        let long = format!("note://{long}");
        for uri in [
            "nothing://here",
            "note://4",
            "note://",
            "config://APP",
            "",
            &long,
        ] {
            let code = not_found(era);
            let error = child.declines("resources/read", json!({ "uri": uri }), code);
            assert!(error.to_string().len() < 2000, "{error}");
        }
        child.ends_well();
    }
}

#[test]
fn arguments_that_break_the_schema() {
    for era in Era::ALL {
        let mut child = Child::open(era);
        let many: Vec<i32> = (0..100_000).collect();
        for (arguments, named) in [
            (json!({ "quantity": 1 }), "item"),
            (json!({ "item": "", "quantity": 1 }), "item"),
            (json!({ "item": many, "quantity": 1 }), "item"),
            (json!({ "item": "nut", "quantity": "1" }), "quantity"),
            (json!({ "item": "nut", "quantity": 0 }), "quantity"),
            (json!({ "item": "nut", "quantity": 101 }), "quantity"),
            (json!({ "item": "nut", "quantity": 1.5 }), "quantity"),
            (
                json!({ "item": "nut", "quantity": 1, "color": "RED" }),
                "color",
            ),
            (
                json!({ "item": "nut", "quantity": 1, "address": null }),
                "address",
            ),
            (
                json!({ "item": "nut", "quantity": 1, "address": {} }),
                "street",
            ),
            (
                json!({ "item": "nut", "quantity": 1, "address": { "street": "x", "zip": "1234" } }),
                "zip",
            ),
            (
                json!({ "item": "nut", "quantity": 1, "colour": "red" }),
                "colour",
            ),
            (
                json!({ "item": "nut", "quantity": 1, "__proto__": {} }),
                "__proto__",
            ),
        ] {
            let text = child.fails("order", arguments);
            assert!(text.contains(named), "{named}: {text}");
            assert!(text.len() < 4000, "{text}");
        }
        let text = child.fails("add", json!({ "a": i64::MAX, "b": 1 }));
        assert_eq!(text, "the sum is too large");
        child.ends_well();
    }
}

#[test]
fn paths_that_lead_out_of_the_root() {
    for era in Era::ALL {
        let mut child = Child::open(era);
        let hello = child.request("resources/read", json!({ "uri": "files:///hello.txt" }));
        let content = &hello["result"]["contents"][0];
        assert_eq!(content["text"], "Hello, file!", "{hello}");
        let long = "x/".repeat(32 << 10);
        for path in [
            "../../etc/passwd",
            "../../../../../../etc/passwd",
            "..%2f..%2f..%2f..%2fetc%2fpasswd",
            "%2e%2e/%2e%2e/%2e%2e/etc/passwd",
            "%252e%252e/%252e%252e/etc/passwd",
            "..\\..\\etc\\passwd",
            "..%5c..%5cetc%5cpasswd",
            "/etc/passwd",
            "%2fetc%2fpasswd",
            "//etc/passwd",
            "C:/Windows/win.ini",
            "a/../../../etc/passwd",
            "hello.txt/../../../etc/passwd",
            "escape",
            "./escape",
            "escape/",
            "%65scape",
            "",
            ".",
            "..",
            "hello.txt/",
            "proc/self/environ",
            &long,
        ] {
            let uri = format!("files:///{path}");
            child.declines("resources/read", json!({ "uri": uri }), not_found(era));
        }
        for uri in [
            "files://evil/etc/passwd",
            "file:///etc/passwd",
            "files:/etc/passwd",
            "files:///hello.txt#/../../etc/passwd",
            "files:///hello.txt?/../etc/passwd",
            "files:////etc/passwd",
        ] {
            child.declines("resources/read", json!({ "uri": uri }), not_found(era));
        }
        child.ends_well();
    }
}

#[test]
fn templates_fed_with_delimiters() {
    for era in Era::ALL {
        let mut child = Child::open(era);
        for id in ["a/b", "", "a?x", "a#b", "a/", "/a"] {
            let uri = format!("test://template/{id}/data");
            child.declines("resources/read", json!({ "uri": uri }), not_found(era));
        }
        for (id, meant) in [("a%2Fb", "a/b"), ("%252F", "%2F"), ("%C3%A9", "é")] {
            let uri = format!("test://template/{id}/data");
            let answer = child.request("resources/read", json!({ "uri": uri }));
            let text = answer["result"]["contents"][0]["text"].as_str();
            let data = serde_json::from_str::<serde_json::Value>(text.unwrap()).unwrap();
            assert_eq!(data["id"], meant);
        }
        for id in ["%", "%2", "%zz", "%ff", "%c3%28"] {
            let uri = format!("test://template/{id}/data");
            child.declines("resources/read", json!({ "uri": uri }), not_found(era));
        }
        for id in [
            "-1",
            "+1",
            "01",
            "0x1",
            "18446744073709551616",
            "1?x=2",
            "1#2",
        ] {
            let uri = format!("note://{id}");
            let answer = child.request("resources/read", json!({ "uri": uri }));
            assert!(answer["error"]["code"].is_i64(), "{uri} -> {answer}");
            child.lives();
        }
        child.ends_well();
    }
}
