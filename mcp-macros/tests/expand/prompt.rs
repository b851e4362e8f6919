#[allow(clippy::needless_pass_by_value, reason = "clients call it")]
/// Reviews code.
fn review(code: String, language: String, style: Style) -> Vec<PromptMessage> {
    Vec::new()
}
/// The prompt `review`, for a list of handlers.
struct review {}
const _: () = {
    use ::mcp_runtime::__private::{self as __mcp, traits::*};
    const __ARG0: __mcp::Arg<String> = __mcp::Arg::<String>::new("code");
    const __ARG1: __mcp::Arg<String> = __mcp::Arg::<
        String,
    >::argument(
            "language",
            "`language` cannot be completed: the server fills a parameter of this type, remove `complete`",
        )
        .default(|| __mcp::Into::into("en"))
        .complete(const { &__mcp::Completing::new(|| languages::known) });
    const __ARG2: __mcp::Arg<Style> = __mcp::Arg::<Style>::new("style").flatten();
    #[automatically_derived]
    impl __mcp::Handler for review {
        const KEY: __mcp::Key = __mcp::Key::prompt("review");
        fn component() -> __mcp::Component {
            let __out = (&__mcp::Output::<Vec<PromptMessage>>::prompt()).finish();
            let __run = move |mut __call: __mcp::Call| {
                let __arg0 = __ARG0.take(&mut __call);
                let __arg1 = __ARG1.take(&mut __call);
                let __arg2 = __ARG2.take(&mut __call);
                if __call.is_refused() {
                    return __call.refused();
                }
                __out.ready(review(__arg0.filled(), __arg1.filled(), __arg2.filled()))
            };
            __mcp::Prompt::new("review", __run)
                .title("Code review")
                .description("Reviews code.")
                .parameters(&[&__ARG0, &__ARG1, &__ARG2])
                .into()
        }
    }
    __mcp::collect!(review);
};
