//! [`Service`] as an rmcp `ServerHandler`: the only file that names rmcp's handler methods.

use std::borrow::Cow;

use rmcp::{
    ErrorData, RoleServer, ServerHandler,
    model::{
        CallToolRequestParams, CallToolResponse, CompleteRequestParams, CompleteResult,
        CustomRequest, CustomResult, GetPromptRequestParams, GetPromptResponse, InitializeResult,
        InputRequiredResult, ListPromptsResult, ListResourceTemplatesResult, ListResourcesResult,
        ListToolsResult, PaginatedRequestParams, ProtocolVersion, ReadResourceRequestParams,
        ReadResourceResponse, Tool,
    },
    service::RequestContext,
};

use crate::{
    Service,
    context::Caller,
    dispatch::{Answer, Reply},
};

type Request = RequestContext<RoleServer>;

impl ServerHandler for Service {
    fn get_info(&self) -> InitializeResult {
        self.parts().info.clone()
    }

    fn supported_protocol_versions(&self) -> Cow<'static, [ProtocolVersion]> {
        Cow::Borrowed(crate::compat::VERSIONS)
    }

    async fn call_tool(
        &self,
        params: CallToolRequestParams,
        request: Request,
    ) -> Result<CallToolResponse, ErrorData> {
        let caller = Caller::from(request).resuming(params.input_responses, params.request_state);
        let answer = self.call_tool(caller, &params.name, params.arguments).await;
        answered(answer)
    }

    async fn read_resource(
        &self,
        params: ReadResourceRequestParams,
        request: Request,
    ) -> Result<ReadResourceResponse, ErrorData> {
        let caller = Caller::from(request).resuming(params.input_responses, params.request_state);
        let answer = self.read_resource(caller, &params.uri).await;
        answered(answer)
    }

    async fn get_prompt(
        &self,
        params: GetPromptRequestParams,
        request: Request,
    ) -> Result<GetPromptResponse, ErrorData> {
        let caller = Caller::from(request).resuming(params.input_responses, params.request_state);
        let answer = self
            .get_prompt(caller, &params.name, params.arguments)
            .await;
        answered(answer)
    }

    async fn list_tools(
        &self,
        params: Option<PaginatedRequestParams>,
        request: Request,
    ) -> Result<ListToolsResult, ErrorData> {
        self.list_tools(&Caller::from(request), cursor(params.as_ref()))
    }

    async fn list_resources(
        &self,
        params: Option<PaginatedRequestParams>,
        request: Request,
    ) -> Result<ListResourcesResult, ErrorData> {
        self.list_resources(&Caller::from(request), cursor(params.as_ref()))
    }

    async fn list_resource_templates(
        &self,
        params: Option<PaginatedRequestParams>,
        request: Request,
    ) -> Result<ListResourceTemplatesResult, ErrorData> {
        self.list_resource_templates(&Caller::from(request), cursor(params.as_ref()))
    }

    async fn list_prompts(
        &self,
        params: Option<PaginatedRequestParams>,
        request: Request,
    ) -> Result<ListPromptsResult, ErrorData> {
        self.list_prompts(&Caller::from(request), cursor(params.as_ref()))
    }

    fn get_tool(&self, name: &str) -> Option<Tool> {
        self.parts().registry.tool(name).map(|entry| {
            let [modern, _] = entry.models();
            modern
        })
    }

    async fn complete(
        &self,
        params: CompleteRequestParams,
        request: Request,
    ) -> Result<CompleteResult, ErrorData> {
        let completed = self.complete(Caller::from(request), params).await;
        completed.unwrap_or_else(cancelled)
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
fn answered<R, A>(answer: Answer<R>) -> Result<A, ErrorData>
where
    A: From<R> + From<InputRequiredResult>,
{
    Ok(match answer.unwrap_or_else(cancelled)? {
        Reply::Complete(result) => result.into(),
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
