#[allow(clippy::unused_async, reason = "clients call it")]
#[allow(clippy::needless_pass_by_value, reason = "clients call it")]
/// Searches.
async fn search(text: String) -> impl Stream<Item = Result<Found, SearchError>> + Send {
    index().search(text).await
}
/// The tool `search`, for a list of handlers.
struct search {}
const _: () = {
    use ::mcp_runtime::__private::{self as __mcp, traits::*};
    const __ARG0: __mcp::Arg<String> = __mcp::Arg::<String>::new("text");
    #[automatically_derived]
    impl __mcp::Handler for search {
        const KEY: __mcp::Key = __mcp::Key::tool("search");
        fn component() -> __mcp::Component {
            let __out = (&__mcp::Output::<Result<Found, SearchError>>::tool())
                .finish()
                .streamed();
            let __run = move |mut __call: __mcp::Call| {
                let __arg0 = __ARG0.take(&mut __call);
                if __call.is_refused() {
                    return __call.refused();
                }
                __out
                    .run(async move {
                        __out.collect(&__call, search(__arg0.filled()).await).await
                    })
            };
            __mcp::Tool::new("search", __out, __run)
                .description("Searches.")
                .parameters(&[&__ARG0])
                .into()
        }
    }
    __mcp::collect!(search);
};
