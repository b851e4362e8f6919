#[allow(clippy::unused_async, reason = "clients call it")]
#[allow(clippy::needless_pass_by_value, reason = "clients call it")]
#[allow(clippy::fn_params_excessive_bools, reason = "clients call it")]
/// Deletes files.
async fn delete(
    ctx: Context,
    sure: Sure,
    pattern: String,
    reason: Result<Reason, AskError>,
) -> u64 {
    0
}
/// The tool `delete`, for a list of handlers.
struct delete {}
const _: () = {
    use ::mcp_runtime::__private::{self as __mcp, traits::*};
    const __ARG0: __mcp::Arg<Context> = __mcp::Arg::<Context>::new("ctx");
    const __ARG2: __mcp::Arg<String> = __mcp::Arg::<String>::new("pattern")
        .length(__mcp::Some(1), __mcp::None);
    #[automatically_derived]
    impl __mcp::Handler for delete {
        const KEY: __mcp::Key = __mcp::Key::tool("delete");
        fn component() -> __mcp::Component {
            let __out = (&__mcp::Output::<u64>::tool()).finish();
            let __ask1 = __mcp::Asked::<Sure>::question("sure");
            let __ask3 = __mcp::Asked::<Result<Reason, AskError>>::question("reason");
            let __run = move |mut __call: __mcp::Call| {
                let __arg0 = __ARG0.take(&mut __call);
                let __arg2 = __ARG2.take(&mut __call);
                if __call.is_refused() {
                    return __call.refused();
                }
                let __arg1 = __ask1
                    .ask(
                        &__call,
                        __mcp::format!(
                            "Really delete {pattern} and {pattern:?}?", pattern = __arg2
                            .peek()
                        ),
                    );
                let __arg3 = __ask3.ask(&__call, "Why?");
                __out
                    .run_asked(async move {
                        let __arg1 = __arg1.await?;
                        let __arg3 = __arg3.await?;
                        __mcp::Ok(
                            delete(__arg0.filled(), __arg1, __arg2.filled(), __arg3)
                                .await,
                        )
                    })
            };
            __mcp::Tool::new("delete", __out, __run)
                .description("Deletes files.")
                .destructive(true)
                .parameters(&[&__ARG0, &__ARG2])
                .questions(&[__ask1.form(), __ask3.form()])
                .into()
        }
    }
    __mcp::collect!(delete);
};
