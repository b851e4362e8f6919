//! Cursors that were not issued, or not for this list.

use serde_json::json;

use crate::{child::Child, era::Era};

const LISTS: [(&str, &str); 4] = [
    ("tools/list", "tools"),
    ("resources/list", "resources"),
    ("resources/templates/list", "resourceTemplates"),
    ("prompts/list", "prompts"),
];

fn paged(era: Era) -> Child {
    let mut child = Child::start_with(era, &[("EVERYTHING_PAGE_SIZE", "2")]);
    child.initialize();
    child
}

#[test]
fn every_page_of_every_list() {
    for era in Era::ALL {
        let mut whole = Child::open(era);
        let mut child = paged(era);
        for (method, key) in LISTS {
            let mut items = Vec::new();
            let mut params = json!({});
            loop {
                let result = child.request(method, params)["result"].clone();
                let page = result[key].as_array().unwrap();
                assert!((1..=2).contains(&page.len()), "{result}");
                items.extend(page.iter().cloned());
                let Some(cursor) = result.get("nextCursor") else {
                    break;
                };
                params = json!({ "cursor": cursor });
            }
            let list = whole.request(method, json!({}));
            assert_eq!(list["result"][key], json!(items), "{method}");
        }
        child.lives();
        child.ends_well();
    }
}

#[test]
fn a_cursor_that_was_tampered_with() {
    for era in Era::ALL {
        let mut child = paged(era);
        let first = child.request("tools/list", json!({}));
        let cursor = first["result"]["nextCursor"].as_str().unwrap();
        let flipped = |at: usize| {
            let mut flipped = cursor.as_bytes().to_vec();
            flipped[at] = if flipped[at] == b'A' { b'B' } else { b'A' };
            String::from_utf8(flipped).unwrap()
        };
        for wrong in [
            flipped(0),
            flipped(cursor.len() / 2),
            cursor[..cursor.len() - 1].to_owned(),
            format!("{cursor}A"),
            format!("{cursor}="),
            String::new(),
            "2".to_owned(),
            "x".repeat(1 << 20),
        ] {
            child.declines("tools/list", json!({ "cursor": wrong }), -32602);
        }
        child.declines("prompts/list", json!({ "cursor": cursor }), -32602);
        let second = child.request("tools/list", json!({ "cursor": cursor }));
        assert!(second["result"]["tools"].is_array(), "{second}");
        // Another process has another key.
        paged(era).declines("tools/list", json!({ "cursor": cursor }), -32602);
        child.ends_well();
    }
}
