//! The limit: a program that knows nothing but the requests that are measured. It reads them into typed structs, writes the bytes
//! that the other servers answer, and checks nothing.

use std::sync::LazyLock;

use serde::{Deserialize, Serialize};
use serde_json::{
    Value, json,
    value::{RawValue, to_raw_value},
};

/// Answers one message: writes what there is to say to `out`, each message as a line.
///
/// # Errors
///
/// If it is none of the messages that are measured.
pub fn answer(message: &[u8], out: &mut Vec<u8>) -> serde_json::Result<()> {
    let request: Request<'_> = serde_json::from_slice(message)?;
    let Some(id) = request.id else { return Ok(()) };
    let params: Params<'_> = serde_json::from_str(request.params.map_or("{}", RawValue::get))?;
    match (request.method, params.name) {
        ("tools/call", Some("add")) => {
            let Add { a, b } = params.arguments()?;
            params.tool(id, &(a + b).to_string(), Some(a + b), out)
        }
        ("tools/call", Some("count")) => {
            let Count { to } = params.arguments()?;
            for step in 1..=to {
                params.progress(step, to, out)?;
            }
            params.tool(id, &to.to_string(), Some(to.into()), out)
        }
        ("tools/call", Some("echo")) => {
            let Echo { text } = params.arguments()?;
            params.tool(id, &text, None, out)
        }
        ("tools/list", None) => params.list(id, out),
        ("initialize", None) => line(&Response::new(id, &*INFO), out),
        _ => Err(serde::de::Error::custom("not a message that is measured")),
    }
}

#[derive(Deserialize)]
struct Request<'a> {
    id: Option<u64>,
    method: &'a str,
    #[serde(borrow)]
    params: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Params<'a> {
    name: Option<&'a str>,
    #[serde(borrow)]
    arguments: Option<&'a RawValue>,
    #[serde(borrow, rename = "_meta", default)]
    meta: Meta<'a>,
}

#[derive(Deserialize, Default)]
struct Meta<'a> {
    #[serde(rename = "io.modelcontextprotocol/protocolVersion")]
    version: Option<&'a str>,
    #[serde(borrow, rename = "progressToken")]
    token: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Add {
    a: i64,
    b: i64,
}

#[derive(Deserialize)]
struct Count {
    to: u32,
}

#[derive(Deserialize)]
struct Echo {
    text: String,
}

impl<'a> Params<'a> {
    fn arguments<T: Deserialize<'a>>(&self) -> serde_json::Result<T> {
        serde_json::from_str(self.arguments.map_or("{}", RawValue::get))
    }

    fn is_modern(&self) -> bool {
        self.meta.version.is_some()
    }

    fn tool(
        &self,
        id: u64,
        text: &str,
        structured: Option<i64>,
        out: &mut Vec<u8>,
    ) -> serde_json::Result<()> {
        let modern = self.is_modern();
        let structured = structured.map(|result| {
            if modern {
                Structured::Plain(result)
            } else {
                Structured::Wrapped { result }
            }
        });
        let called = Called {
            result_type: modern.then_some("complete"),
            content: [Text { kind: "text", text }],
            structured,
            is_error: false,
            meta: modern.then_some(IDENTITY),
        };
        line(&Response::new(id, called), out)
    }

    fn progress(&self, step: u32, to: u32, out: &mut Vec<u8>) -> serde_json::Result<()> {
        let Some(token) = self.meta.token else {
            return Ok(());
        };
        let params = Progress {
            token,
            done: step.into(),
            total: to.into(),
            message: "counting",
        };
        let notification = Notification {
            jsonrpc: "2.0",
            method: "notifications/progress",
            params,
        };
        line(&notification, out)
    }

    fn list(&self, id: u64, out: &mut Vec<u8>) -> serde_json::Result<()> {
        let modern = self.is_modern();
        let list = List {
            tools: &TOOLS,
            result_type: modern.then_some("complete"),
            ttl_ms: modern.then_some(0),
            cache_scope: modern.then_some("private"),
            meta: modern.then_some(IDENTITY),
        };
        line(&Response::new(id, list), out)
    }
}

fn line(message: &impl Serialize, out: &mut Vec<u8>) -> serde_json::Result<()> {
    serde_json::to_writer(&mut *out, message)?;
    out.push(b'\n');
    Ok(())
}

#[derive(Serialize)]
struct Response<R> {
    jsonrpc: &'static str,
    id: u64,
    result: R,
}

impl<R> Response<R> {
    fn new(id: u64, result: R) -> Self {
        Self {
            jsonrpc: "2.0",
            id,
            result,
        }
    }
}

#[derive(Serialize)]
struct Notification<P> {
    jsonrpc: &'static str,
    method: &'static str,
    params: P,
}

#[derive(Serialize)]
struct Progress<'a> {
    #[serde(rename = "progressToken")]
    token: &'a RawValue,
    #[serde(rename = "progress")]
    done: f64,
    total: f64,
    message: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Called<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    result_type: Option<&'static str>,
    content: [Text<'a>; 1],
    #[serde(rename = "structuredContent", skip_serializing_if = "Option::is_none")]
    structured: Option<Structured>,
    is_error: bool,
    #[serde(rename = "_meta", skip_serializing_if = "Option::is_none")]
    meta: Option<Identity>,
}

#[derive(Serialize)]
struct Text<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    text: &'a str,
}

/// Sessions want an object.
#[derive(Serialize)]
#[serde(untagged)]
enum Structured {
    Plain(i64),
    Wrapped { result: i64 },
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct List {
    tools: &'static RawValue,
    #[serde(skip_serializing_if = "Option::is_none")]
    result_type: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ttl_ms: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cache_scope: Option<&'static str>,
    #[serde(rename = "_meta", skip_serializing_if = "Option::is_none")]
    meta: Option<Identity>,
}

#[derive(Serialize)]
struct Identity {
    #[serde(rename = "io.modelcontextprotocol/serverInfo")]
    server: Implementation,
}

#[derive(Serialize)]
struct Implementation {
    name: &'static str,
    version: &'static str,
}

const IDENTITY: Identity = Identity {
    server: Implementation {
        name: "benches",
        version: "1.0.0",
    },
};

/// What `initialize` answers.
static INFO: LazyLock<Box<RawValue>> = LazyLock::new(|| {
    raw(&json!({
        "protocolVersion": "2025-11-25",
        "capabilities": { "tools": {} },
        "serverInfo": IDENTITY.server,
    }))
});

/// The list of the tools: the limit copies it.
static TOOLS: LazyLock<Box<RawValue>> = LazyLock::new(|| {
    let integer = json!({ "type": "integer" });
    let text = json!({ "type": "string" });
    let steps = "Counts to a number and tells each step.";
    let mut tools = vec![
        tool(
            "add",
            "Adds two numbers.",
            &json!({ "a": integer, "b": integer }),
        ),
        tool("count", steps, &json!({ "to": integer })),
        tool("echo", "Says what it was told.", &json!({ "text": text })),
    ];
    tools.extend((1..=52).map(lookup));
    raw(&tools)
});

fn lookup(number: u32) -> Value {
    let described = |schema: Value, description: &str| {
        let mut schema = schema;
        schema["description"] = description.into();
        schema
    };
    let text = json!({ "type": "string" });
    let flag = json!({ "type": "boolean" });
    let year = json!({ "type": "integer", "minimum": 0, "maximum": u32::MAX });
    tool(
        &format!("lookup_{number:02}"),
        "Looks an order up in the archive of a warehouse.",
        &json!({
            "warehouse": described(text, "The name of the warehouse, as it stands on its gate."),
            "order": described(year.clone(), "The number of the order."),
            "cancelled": described(flag, "Whether orders that were cancelled are looked at, too."),
            "since": described(year, "The oldest year to look at."),
        }),
    )
}

fn tool(name: &str, description: &str, properties: &Value) -> Value {
    let names = properties.as_object().into_iter().flatten();
    let required: Vec<_> = names.map(|(name, _)| name).collect();
    let schema = json!({
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": false,
    });
    json!({
        "name": name,
        "description": description,
        "inputSchema": schema,
        "annotations": { "readOnlyHint": true },
    })
}

fn raw(value: &impl Serialize) -> Box<RawValue> {
    // What is made here always has a JSON form.
    to_raw_value(value).unwrap_or_default()
}
