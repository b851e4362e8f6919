//! [`Service`] as an rmcp `ServerHandler`: the only file that names rmcp's handler methods.

use std::borrow::Cow;

use rmcp::{
    ErrorData, RoleServer, ServerHandler,
    model::{
        CallToolRequestParams, CallToolResponse, CompleteRequestParams, CompleteResult,
        CustomRequest, CustomResult, DiscoverResult, GetPromptRequestParams, GetPromptResponse,
        InitializeRequestParams, InitializeResult, InputRequiredResult, ListPromptsResult,
        ListResourceTemplatesResult, ListResourcesResult, ListToolsResult, PaginatedRequestParams,
        ProtocolVersion, ReadResourceRequestParams, ReadResourceResponse, SubscribeRequestParams,
        SubscriptionFilter, Tool, UnsubscribeRequestParams,
    },
    service::{NotificationContext, RequestContext, SubscriptionContext},
};

use crate::{
    Service,
    context::{Sink, required_level, set_level_of_session},
    dispatch::{Answer, Reply},
    refusal,
};

type Request = RequestContext<RoleServer>;

impl ServerHandler for Service {
    fn get_info(&self) -> InitializeResult {
        self.info()
    }

    fn supported_protocol_versions(&self) -> Cow<'static, [ProtocolVersion]> {
        Cow::Borrowed(self.parts().settings.versions)
    }

    async fn initialize(
        &self,
        params: InitializeRequestParams,
        request: Request,
    ) -> Result<InitializeResult, ErrorData> {
        let result = self.negotiate_initialize(&params)?;
        if request.peer.peer_info().is_none() {
            request.peer.set_peer_info(params);
        }
        self.open_session(&request.peer);
        Ok(result)
    }

    async fn on_initialized(&self, context: NotificationContext<RoleServer>) {
        self.begin_session(&context.peer);
    }

    async fn discover(&self, _request: Request) -> Result<DiscoverResult, ErrorData> {
        Ok(self.discovered())
    }

    fn accepted_subscription_filter(
        &self,
        requested: &SubscriptionFilter,
    ) -> Option<SubscriptionFilter> {
        self.accept_stream(requested)
    }

    async fn listen(&self, stream: SubscriptionContext) -> Result<(), ErrorData> {
        self.tell_stream(stream).await
    }

    async fn subscribe(
        &self,
        params: SubscribeRequestParams,
        request: Request,
    ) -> Result<(), ErrorData> {
        self.subscribe(request, &params.uri)
    }

    async fn unsubscribe(
        &self,
        params: UnsubscribeRequestParams,
        request: Request,
    ) -> Result<(), ErrorData> {
        self.unsubscribe(&request, &params.uri)
    }

    async fn call_tool(
        &self,
        params: CallToolRequestParams,
        request: Request,
    ) -> Result<CallToolResponse, ErrorData> {
        let (answers, state) = (params.input_responses, params.request_state);
        let caller = self.caller(request).resuming(answers, state);
        caller.check_level()?;
        let version = caller.version.clone();
        let answer = self
            .call_tool(caller.into(), &params.name, params.arguments)
            .await;
        answered(answer, |result| self.stamp(&version, &mut result.meta))
    }

    async fn read_resource(
        &self,
        params: ReadResourceRequestParams,
        request: Request,
    ) -> Result<ReadResourceResponse, ErrorData> {
        let (answers, state) = (params.input_responses, params.request_state);
        let caller = self.caller(request).resuming(answers, state);
        caller.check_level()?;
        let version = caller.version.clone();
        let answer = self.read_resource(caller.into(), &params.uri).await;
        answered(answer, |result| self.stamp(&version, &mut result.meta))
    }

    async fn get_prompt(
        &self,
        params: GetPromptRequestParams,
        request: Request,
    ) -> Result<GetPromptResponse, ErrorData> {
        let (answers, state) = (params.input_responses, params.request_state);
        let caller = self.caller(request).resuming(answers, state);
        caller.check_level()?;
        let version = caller.version.clone();
        let answer = self
            .get_prompt(caller.into(), &params.name, params.arguments)
            .await;
        answered(answer, |result| self.stamp(&version, &mut result.meta))
    }

    async fn list_tools(
        &self,
        params: Option<PaginatedRequestParams>,
        request: Request,
    ) -> Result<ListToolsResult, ErrorData> {
        self.list_tools(&self.caller(request), cursor(params.as_ref()))
    }

    async fn list_resources(
        &self,
        params: Option<PaginatedRequestParams>,
        request: Request,
    ) -> Result<ListResourcesResult, ErrorData> {
        self.list_resources(&self.caller(request), cursor(params.as_ref()))
    }

    async fn list_resource_templates(
        &self,
        params: Option<PaginatedRequestParams>,
        request: Request,
    ) -> Result<ListResourceTemplatesResult, ErrorData> {
        self.list_resource_templates(&self.caller(request), cursor(params.as_ref()))
    }

    async fn list_prompts(
        &self,
        params: Option<PaginatedRequestParams>,
        request: Request,
    ) -> Result<ListPromptsResult, ErrorData> {
        self.list_prompts(&self.caller(request), cursor(params.as_ref()))
    }

    /// rmcp does not say who asks, and answers whatever it finds wrong with the headers of a call before anybody is asked who may
    /// make it. So there is only what everybody may see.
    fn get_tool(&self, name: &str) -> Option<Tool> {
        let registry = self.registry();
        let entry = registry.tool(name)?;
        let is_open = self.parts().rules.is_empty() && entry.tool.common.rules.is_empty();
        let [modern, _] = entry.models();
        is_open.then_some(modern)
    }

    #[expect(
        deprecated,
        reason = "the protocol has deprecated it; clients still ask for it"
    )]
    async fn set_level(
        &self,
        params: rmcp::model::SetLevelRequestParams,
        request: Request,
    ) -> Result<(), ErrorData> {
        const METHOD: &str = "logging/setLevel";
        let caller = self.caller(request);
        let level = serde_json::to_value(params.level).unwrap_or_default();
        match (&caller.sink, level.as_str()) {
            (Sink::Peer(peer), Some(level))
                if self.serves(METHOD) && caller.version.has_initialize() =>
            {
                set_level_of_session(peer, required_level(level)?);
                Ok(())
            }
            _ => Err(refusal::method(METHOD)),
        }
    }

    async fn complete(
        &self,
        params: CompleteRequestParams,
        request: Request,
    ) -> Result<CompleteResult, ErrorData> {
        let caller = self.caller(request);
        let version = caller.version.clone();
        let completed = self.complete(caller.into(), params).await;
        let mut result = completed.unwrap_or_else(cancelled)?;
        self.stamp(&version, &mut result.meta);
        Ok(result)
    }

    /// rmcp hands over as a custom request what it cannot read as one of its own: also known methods with parameters of
    /// the wrong shape.
    async fn on_custom_request(
        &self,
        request: CustomRequest,
        _: Request,
    ) -> Result<CustomResult, ErrorData> {
        Err(self.refuse(&request.method))
    }
}

/// rmcp drops the answer to a request that was taken back; it needs one nevertheless.
fn answered<R, A>(answer: Answer<R>, stamp: impl FnOnce(&mut R)) -> Result<A, ErrorData>
where
    A: From<R> + From<InputRequiredResult>,
{
    Ok(match answer.unwrap_or_else(cancelled)? {
        Reply::Complete(mut result) => {
            stamp(&mut result);
            result.into()
        }
        Reply::InputRequired(round) => round.into_model()?.into(),
    })
}

fn cancelled<R>() -> Result<R, ErrorData> {
    Err(ErrorData::internal_error("the request was cancelled", None))
}

fn cursor(params: Option<&PaginatedRequestParams>) -> Option<&str> {
    params?.cursor.as_deref()
}

/// rmcp's feature `local` takes the `Send` bounds away for the whole program, and its HTTP service with them. If another
/// crate turns it on, this does not compile: both implementations apply then, and the call is ambiguous.
const _: fn() = || {
    trait RmcpFeatureLocalMustBeOff<A> {
        fn check() {}
    }
    struct Local;
    impl<T: ?Sized> RmcpFeatureLocalMustBeOff<()> for T {}
    impl<T: ?Sized + rmcp::service::MaybeSend> RmcpFeatureLocalMustBeOff<Local> for T {}
    let _ = <std::rc::Rc<()> as RmcpFeatureLocalMustBeOff<_>>::check;
};
