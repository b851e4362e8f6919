//! What a connection has agreed on, and what a request means under it: the revision of the protocol, the method and its
//! parameters.

mod called;
mod listening;
mod lists;
mod params;
mod work;

use std::{
    mem,
    sync::{Arc, OnceLock},
};

use rmcp::{
    ServerHandler as _,
    model::{
        ErrorCode, ErrorData, Extensions, InitializeRequestParams, ProtocolVersion, RequestId,
        RequestMetaObject,
    },
};
use serde::Serialize;
use serde_json::{Value, json};

pub(super) use self::{listening::Listening, work::Work};
use self::{lists::list, params::Params};
use super::{envelope::Request, fields::Given, known::about_client, reply};
use crate::{
    Principal, Service,
    context::{Caller, Cancel, Client, Least, Resumed, Sink, required_level},
    refusal::{self, shown},
};

/// The keys of `_meta` that every request of a revision without sessions carries.
const REQUIRED: [&str; 2] = RequestMetaObject::DRAFT_REQUIRED_KEYS;

/// What is known of the client of one connection.
#[derive(Debug, Default)]
pub(super) struct Session {
    handshake: Option<Handshake>,
    /// A request of a revision without sessions has been served.
    modern: bool,
    /// What the client hears of changes.
    pub(super) listening: Listening,
    /// Who asks, where a transport knows it.
    visitor: Visitor,
    #[cfg(feature = "prometheus")]
    open: Option<crate::metrics::OpenSession>,
}

/// Who asks, and what else a transport knows of a request.
#[derive(Debug, Default)]
pub(super) struct Visitor {
    pub(super) principal: Option<Principal>,
    #[cfg(feature = "http")]
    pub(super) parts: Option<Arc<http::request::Parts>>,
}

impl Visitor {
    /// Somebody who did not come by HTTP.
    pub(super) fn of(principal: Option<Principal>) -> Self {
        Self {
            principal,
            #[cfg(feature = "http")]
            parts: None,
        }
    }
}

/// What `initialize` agreed on.
#[derive(Clone, Debug)]
struct Handshake {
    version: ProtocolVersion,
    client: Arc<Client>,
}

/// What a request comes to.
#[derive(Debug)]
pub(super) enum Step {
    /// It is answered.
    Answered(Vec<u8>),
    /// A handler has to run.
    Call(Arc<Caller>, Work),
}

#[cfg(feature = "http")]
impl Session {
    /// The session of a single request that carries its surroundings itself.
    pub(super) fn modern() -> Self {
        Self {
            modern: true,
            ..Self::default()
        }
    }

    /// The session of a single request whose `initialize` is not remembered: nothing is known of the client.
    pub(super) fn assumed(version: ProtocolVersion) -> Self {
        let client = Arc::default();
        Self {
            handshake: Some(Handshake { version, client }),
            ..Self::default()
        }
    }

    /// Somebody comes back without a request, who may hear less than before.
    pub(super) fn visited_by(&mut self, service: &Service, visitor: Visitor) {
        if let Some(caller) = self.caller(visitor) {
            self.listening.review(service, &caller);
        }
    }

    /// Somebody who has sent no request.
    pub(super) fn caller(&self, visitor: Visitor) -> Option<Arc<Caller>> {
        let (meta, resumed) = (RequestMetaObject::default(), Resumed::default());
        let surroundings = (self.handshake.clone()?, meta, resumed);
        caller(RequestId::Number(0), surroundings, visitor).ok()
    }

    /// The revision that `initialize` agreed on.
    pub(super) fn version(&self) -> Option<&ProtocolVersion> {
        self.handshake.as_ref().map(|handshake| &handshake.version)
    }
}

impl Session {
    /// Who sends the next request.
    pub(super) fn asked_by(&mut self, visitor: Visitor) {
        self.visitor = visitor;
    }

    /// Reads a request, and answers it at once unless a handler has to.
    pub(super) fn request(
        &mut self,
        service: &Service,
        request: &mut Request<'_>,
    ) -> Result<Step, ErrorData> {
        self.request_if(service, request, |_| Ok(()))
    }

    /// The same, if `admit` finds nothing wrong with the request's `_meta`.
    pub(super) fn request_if(
        &mut self,
        service: &Service,
        request: &mut Request<'_>,
        admit: impl FnOnce(&RequestMetaObject) -> Result<(), ErrorData>,
    ) -> Result<Step, ErrorData> {
        let method = &*request.method;
        if !service.serves(method) {
            return Err(refusal::method(method));
        }
        let given = mem::replace(&mut request.params, Given::Nothing);
        let mut params = Params::read(service, method, given)?;
        let meta = params.meta();
        admit(&meta)?;
        let handshake = self.agreed(service, &params, &meta)?;
        let id = &request.id;
        Ok(Step::Answered(match (method, handshake) {
            ("initialize", None) => reply::result(id, &self.initialize(service, params)?),
            ("ping", None) => reply::result(id, &json!({})),
            (_, None) => return Err(uninitialized()),
            (_, Some(handshake)) => {
                let resumed = resumed(&handshake, &mut params)?;
                let about = (handshake, meta, resumed);
                let caller = caller(id.clone(), about, mem::take(&mut self.visitor))?;
                self.listening.review(service, &caller);
                if !listening::is_about(method) {
                    return step(service, caller, params);
                }
                self.listening.request(service, &caller, params)?
            }
        }))
    }

    /// Under what a request is served; `None` if nothing is agreed on, which is enough for the methods that open a session.
    fn agreed(
        &mut self,
        service: &Service,
        params: &Params<'_>,
        meta: &RequestMetaObject,
    ) -> Result<Option<Handshake>, ErrorData> {
        let method = params.method;
        let discovers = method == "server/discover";
        let opens = matches!(method, "initialize" | "ping");
        let version = match meta.get(REQUIRED[0]) {
            Some(Value::String(version)) => Some(supported(service, version)?),
            Some(_) => return Err(missing(meta)),
            None => None,
        };
        match version {
            Some(version) if !version.has_initialize() && !opens => {
                let modern = modern(service, version, params, meta)?;
                // A client may look around before it decides for a session.
                self.modern |= !discovers;
                Ok(Some(modern))
            }
            Some(version) if discovers || !version.has_initialize() => Err(refusal::method(method)),
            _ if opens => Ok(None),
            None if discovers => Err(missing(meta)),
            _ if self.handshake.is_some() => Ok(self.handshake.clone()),
            None if self.modern || meta.contains_key(REQUIRED[1]) => Err(missing(meta)),
            _ => Ok(None),
        }
    }

    fn initialize(
        &mut self,
        service: &Service,
        params: Params<'_>,
    ) -> Result<impl Serialize, ErrorData> {
        if self.handshake.is_some() {
            return Err(ErrorData::invalid_request(
                "this connection is initialized already",
                None,
            ));
        }
        if self.modern {
            let problem = "this connection is used without `initialize` already, since 2026-07-28";
            return Err(ErrorData::invalid_request(problem, None));
        }
        let params: InitializeRequestParams = params.into()?;
        let result = service.negotiate_initialize(&params)?;
        #[cfg(feature = "prometheus")]
        if service.parts().settings.metrics {
            self.open
                .get_or_insert_with(crate::metrics::OpenSession::new);
        }
        self.handshake = Some(Handshake {
            version: result.protocol_version.clone(),
            client: Arc::new(Client {
                info: Some(params.client_info),
                capabilities: params.capabilities,
                ..Client::default()
            }),
        });
        self.listening.open_session(service);
        Ok(result)
    }
}

/// What a request with all its surroundings comes to.
fn step(service: &Service, caller: Arc<Caller>, mut params: Params<'_>) -> Result<Step, ErrorData> {
    let work = match params.method {
        "tools/call" => Work::Tool {
            name: params.required("name")?,
            arguments: params.object("arguments")?,
        },
        "resources/read" => Work::Resource {
            uri: params.required("uri")?,
        },
        "prompts/get" => Work::Prompt {
            name: params.required("name")?,
            arguments: params.object("arguments")?,
        },
        "completion/complete" => Work::Completion(Box::new(params.into()?)),
        method => {
            return Ok(Step::Answered(match method {
                "tools/list" | "resources/list" | "resources/templates/list" | "prompts/list" => {
                    list(service, &caller, params)?
                }
                "logging/setLevel" if caller.version.has_initialize() => {
                    let level: String = params.required("level")?;
                    caller.client.log_level.set(required_level(&level)?);
                    reply::result(&caller.id, &json!({}))
                }
                "server/discover" => reply::result(&caller.id, &service.discovered()),
                method => return Err(refusal::method(method)),
            }));
        }
    };
    Ok(Step::Call(caller, work))
}

/// What a request brings of an earlier round.
fn resumed(handshake: &Handshake, params: &mut Params<'_>) -> Result<Resumed, ErrorData> {
    let resumes = matches!(
        params.method,
        "tools/call" | "resources/read" | "prompts/get"
    );
    if !resumes || handshake.version.has_initialize() {
        return Ok(Resumed::default());
    }
    let answers = params.object("inputResponses")?.unwrap_or_default();
    Ok(Resumed {
        answers: answers.into_iter().collect(),
        state: params.string("requestState")?,
    })
}

/// A progress token comes back with every notification, so it has the limits of an id.
fn caller(
    id: RequestId,
    (handshake, meta, resumed): (Handshake, RequestMetaObject, Resumed),
    visitor: Visitor,
) -> Result<Arc<Caller>, ErrorData> {
    match meta.get("progressToken") {
        None => {}
        Some(Value::String(token)) if token.len() <= 1024 => {}
        Some(Value::Number(token)) if token.is_i64() => {}
        Some(_) => {
            let problem =
                "`progressToken` must be an integer of 64 bits or a string of at most 1024 bytes";
            return Err(ErrorData::invalid_params(problem, None));
        }
    }
    let caller = Arc::new(Caller {
        id,
        version: handshake.version,
        meta,
        client: handshake.client,
        principal: visitor.principal,
        scope: OnceLock::new(),
        resumed,
        parent: None,
        extensions: Extensions::default(),
        #[cfg(feature = "http")]
        parts: visitor.parts,
        cancel: Cancel::default(),
        sink: Sink::None,
        #[cfg(feature = "cache")]
        personal: false.into(),
    });
    caller.check_level()?;
    Ok(caller)
}

/// The surroundings of a request that carries them itself.
fn modern(
    service: &Service,
    version: ProtocolVersion,
    params: &Params<'_>,
    meta: &RequestMetaObject,
) -> Result<Handshake, ErrorData> {
    if let Some(client) = &params.known {
        let client = Arc::clone(client);
        return Ok(Handshake { version, client });
    }
    let capabilities = meta.client_capabilities().ok_or_else(|| missing(meta))?;
    let client = Arc::new(Client {
        info: meta.client_info(),
        capabilities,
        log_level: Least::default(),
        told: about_client(meta),
    });
    service.parts().last_client.remember(&params.told, &client);
    Ok(Handshake { version, client })
}

/// A revision by its name, if it is served.
pub(super) fn supported(service: &Service, version: &str) -> Result<ProtocolVersion, ErrorData> {
    let versions = service.parts().settings.versions;
    let known = versions.iter().find(|known| known.as_str() == version);
    known.cloned().ok_or_else(|| {
        let data = json!({ "supported": versions, "requested": shown(version) });
        ErrorData::new(
            ErrorCode::UNSUPPORTED_PROTOCOL_VERSION,
            "Unsupported protocol version",
            Some(data),
        )
    })
}

/// The error of a request that does not carry its surroundings.
pub(super) fn missing(meta: &RequestMetaObject) -> ErrorData {
    let missing = meta.missing_required_keys(&ProtocolVersion::V_2026_07_28);
    let problem = format!(
        "`_meta` lacks `{}`, or it has the wrong type",
        missing.join("` and `")
    );
    ErrorData::invalid_params(problem, Some(json!({ "missing": missing })))
}

fn uninitialized() -> ErrorData {
    ErrorData::invalid_request(
        "send `initialize` first, or say in `_meta` that the request is of 2026-07-28",
        None,
    )
}
