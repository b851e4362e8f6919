//! A caller without rights sees nothing: in neither era, nor in the session of somebody else, nor with a token that has lost its
//! scopes.

mod losing;
mod owners;
mod server;

use mcp_runtime::auth::Auth;
use serde_json::{Value, json};

use self::server::{Caller, FULL, NONE, site, site_of};
use crate::client::Post;

/// Those who may use little: in 2026-07-28, in a session of their own, and in the session of a token that had all scopes.
async fn weak(site: &crate::site::Site) -> [Caller<'_>; 3] {
    let used = Caller::session(site, "alice", FULL).await;
    let write = json!({ "name": "write_file", "arguments": { "name": "a" } });
    let answer = used.ask("tools/call", write).await;
    assert_eq!(answer.json()["result"]["content"][0]["text"], "a");
    [
        Caller::modern(site, "bob", NONE),
        Caller::session(site, "bob", NONE).await,
        used.with("alice", NONE),
    ]
}

fn names(list: &Value) -> Vec<&str> {
    let list = list.as_array().unwrap().iter();
    list.map(|value| value["name"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn nothing_is_seen() {
    let site = site().await;
    for caller in weak(&site).await {
        for (method, key, seen) in [
            ("tools/list", "tools", &["hello", "reach", "touch"][..]),
            ("resources/list", "resources", &[]),
            ("resources/templates/list", "resourceTemplates", &[]),
            ("prompts/list", "prompts", &[]),
        ] {
            let answer = caller.ask(method, json!({})).await;
            let list = &answer.json()["result"];
            assert_eq!(names(&list[key]), seen, "{caller:?} {method}");
            assert_eq!(list.get("nextCursor"), None);
            let told = String::from_utf8(answer.body).unwrap();
            for hidden in ["write_file", "secret", "file:///", "explain"] {
                assert!(!told.contains(hidden), "{caller:?} {told}");
            }
        }
    }
    let owner = Caller::modern(&site, "alice", FULL);
    let all = owner.ask("tools/list", json!({})).await.json();
    assert_eq!(names(&all["result"]["tools"]).len(), 5);
}

/// What a caller is told of a thing that is there, and of one that is not: but for the name, all of it must be the same.
async fn assert_absent(
    caller: &Caller<'_>,
    method: &str,
    params: &str,
    (there, not): (&str, &str),
) {
    let told = async |name: &str| {
        let params = serde_json::from_str(&params.replace("NAME", name)).unwrap();
        let answer = caller.ask(method, params).await;
        let body = String::from_utf8(answer.body.clone()).unwrap();
        let challenge = answer.has_header("www-authenticate");
        (answer.status, challenge, body.replace(name, "NAME"))
    };
    let absent = told(not).await;
    assert!(absent.2.contains("error"), "{absent:?}");
    assert_eq!(told(there).await, absent, "{caller:?} {method}");
}

const CALL: &str = r#"{ "name": "NAME", "arguments": { "name": "a.txt" } }"#;
const READ: &str = r#"{ "uri": "NAME" }"#;

#[tokio::test]
async fn nothing_is_completed() {
    let site = site().await;
    let prompt = r#"{ "ref": { "type": "ref/prompt", "name": "NAME" }, "argument": { "name": "name", "value": "" } }"#;
    let template = r#"{ "ref": { "type": "ref/resource", "uri": "NAME" }, "argument": { "name": "name", "value": "" } }"#;
    for caller in weak(&site).await {
        assert_absent(
            &caller,
            "completion/complete",
            prompt,
            ("explain", "xxxxxxx"),
        )
        .await;
        let templates = ("file:///{name}", "xxxx:///{name}");
        assert_absent(&caller, "completion/complete", template, templates).await;
    }
    let owner = Caller::modern(&site, "alice", FULL);
    let params = serde_json::from_str(&prompt.replace("NAME", "explain")).unwrap();
    let completed = owner.ask("completion/complete", params).await.json();
    assert_eq!(
        completed["result"]["completion"]["values"],
        json!(["a.txt", "b.txt"])
    );
}

/// A text that is typed for a prompt or a template.
fn completing(kind: &str, key: &str, name: &str) -> Value {
    let reference = json!({ "type": kind, key: name });
    json!({ "ref": reference, "argument": { "name": "name", "value": "" } })
}

#[tokio::test]
async fn nothing_is_guessed() {
    let site = site().await;
    let near = [
        (
            "tools/call",
            json!({ "name": "write_fil", "arguments": {} }),
        ),
        ("resources/read", json!({ "uri": "secret://onx" })),
        ("prompts/get", json!({ "name": "explian" })),
        (
            "completion/complete",
            completing("ref/prompt", "name", "explian"),
        ),
        (
            "completion/complete",
            completing("ref/resource", "uri", "file:///{nam}"),
        ),
    ];
    let owner = Caller::modern(&site, "alice", FULL);
    for (method, params) in &near {
        for caller in weak(&site).await {
            let error = caller.ask(method, params.clone()).await.json()["error"].take();
            assert_eq!(error["data"]["suggestions"], json!([]), "{caller:?}");
            let said = error["message"].as_str().unwrap();
            assert!(!said.contains("Did you mean"), "{caller:?} {said}");
        }
        let error = owner.ask(method, params.clone()).await.json()["error"].take();
        assert!(error["message"].as_str().unwrap().contains("Did you mean"));
    }
}

#[tokio::test]
async fn nothing_is_called() {
    let site = site().await;
    for caller in weak(&site).await {
        for (method, params, scopes) in [
            (
                "tools/call",
                CALL.replace("NAME", "write_file"),
                "files:read files:write",
            ),
            (
                "resources/read",
                READ.replace("NAME", "secret://one"),
                "files:read",
            ),
            (
                "resources/read",
                READ.replace("NAME", "file:///a.txt"),
                "files:read",
            ),
            ("prompts/get", CALL.replace("NAME", "explain"), "files:read"),
        ] {
            // It is told what it lacks, as the protocol wants it, and no handler runs.
            let answer = caller
                .ask(method, serde_json::from_str(&params).unwrap())
                .await;
            assert_eq!(answer.status, 403, "{caller:?} {answer:?}");
            let challenge = answer.header("www-authenticate");
            assert!(
                challenge.contains(&format!("scope=\"{scopes}\"")),
                "{challenge}"
            );
        }
        let reached = caller.ask("tools/call", json!({ "name": "reach" })).await;
        let reached = reached.json()["result"]["content"][0]["text"].take();
        let refused = r#"["Unknown tool `write_file`.","Unknown resource `file:///a.txt`."]"#;
        assert_eq!(reached, refused, "{caller:?}");
    }
}

#[tokio::test]
async fn what_is_called_does_not_exist_where_scopes_are_not_told() {
    let site = site_of(|auth: Auth| auth.tell_missing_scopes(false)).await;
    for caller in weak(&site).await {
        assert_absent(&caller, "tools/call", CALL, ("write_file", "xxxxx_xxxx")).await;
        assert_absent(&caller, "prompts/get", CALL, ("explain", "xxxxxxx")).await;
        for pair in [
            ("secret://one", "xxxxxx://one"),
            ("file:///a.txt", "xxxx:///a.txt"),
        ] {
            assert_absent(&caller, "resources/read", READ, pair).await;
        }
    }
}

#[tokio::test]
async fn what_a_guard_hides_is_not_told_of_by_its_scopes() {
    let site = site().await;
    for caller in weak(&site).await {
        assert_absent(&caller, "tools/call", CALL, ("own_only", "xxx_xxxx")).await;
    }
    // Whom the guard does not mean is told what is missing.
    let owner = Caller::modern(&site, "owner", NONE);
    let params = serde_json::from_str(&CALL.replace("NAME", "own_only")).unwrap();
    assert_eq!(owner.ask("tools/call", params).await.status, 403);
}

#[tokio::test]
async fn nothing_is_subscribed_to() {
    let site = site().await;
    let [modern, own, lost] = weak(&site).await;
    for caller in [own, lost] {
        for pair in [
            ("secret://one", "xxxxxx://one"),
            ("secret://%6Fne", "xxxxxx://%6Fne"),
            ("file:///a.txt", "xxxx:///a.txt"),
        ] {
            assert_absent(&caller, "resources/subscribe", READ, pair).await;
        }
    }
    let uris = ["secret://one", "secret://%6fne", "file:///a.txt", "x://y"];
    let filter = json!({ "toolsListChanged": true, "resourceSubscriptions": uris });
    let listen = |caller: &Caller<'_>| {
        let params = json!({ "notifications": filter });
        caller.post(Post::modern("subscriptions/listen", params))
    };
    let mut told = modern.stream(&listen(&modern)).await;
    let honoured = told.next().await.unwrap()["params"]["notifications"].take();
    assert_eq!(honoured, json!({ "toolsListChanged": true }));
    modern.touch("secret://one").await;
    let first = told.next().await.unwrap();
    assert_eq!(first["method"], "notifications/tools/list_changed");

    let owner = Caller::modern(&site, "alice", FULL);
    let mut told = owner.stream(&listen(&owner)).await;
    let honoured = told.next().await.unwrap()["params"]["notifications"].take();
    let heard = honoured["resourceSubscriptions"].as_array().unwrap();
    assert_eq!(heard.len(), 2, "{honoured}");
    owner.touch("secret://one").await;
    let first = told.next().await.unwrap();
    assert_eq!(first["method"], "notifications/resources/updated");
}
