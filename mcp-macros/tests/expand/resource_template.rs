#[allow(clippy::unused_async, reason = "clients call it")]
#[allow(clippy::needless_pass_by_value, reason = "clients call it")]
#[allow(clippy::fn_params_excessive_bools, reason = "clients call it")]
/// One note.
async fn note(
    id: u64,
    path: String,
    lines: Option<usize>,
    notes: State<Notes>,
) -> Option<String> {
    notes.get(id, path, lines)
}
/// The resource `note`, for a list of handlers.
struct note {}
const _: () = {
    use ::mcp_runtime::__private::{self as __mcp, traits::*};
    const __ARG0: __mcp::Arg<u64> = __mcp::Arg::<
        u64,
    >::argument(
        "id",
        "`id` is a variable of the URI template `note://{id}/{+path}{?lines}`, but a parameter of this type is filled by the server: rename one of them",
    );
    const __ARG1: __mcp::Arg<String> = __mcp::Arg::<
        String,
    >::argument(
        "path",
        "`path` is a variable of the URI template `note://{id}/{+path}{?lines}`, but a parameter of this type is filled by the server: rename one of them",
    );
    const __ARG2: __mcp::Arg<Option<usize>> = __mcp::Arg::<
        Option<usize>,
    >::argument(
        "lines",
        "`lines` is a variable of the URI template `note://{id}/{+path}{?lines}`, but a parameter of this type is filled by the server: rename one of them",
    );
    const __ARG3: __mcp::Arg<State<Notes>> = __mcp::Arg::<
        State<Notes>,
    >::role(
        "notes",
        "parameter `notes` is not a variable of the URI template `note://{id}/{+path}{?lines}`: its variables are `id`, `path`, `lines`",
    );
    #[automatically_derived]
    impl __mcp::Handler for note {
        const KEY: __mcp::Key = __mcp::Key::resource("note://{id}/{+path}{?lines}");
        fn component() -> __mcp::Component {
            let __out = (&__mcp::Output::<Option<String>>::resource()).finish();
            let __run = move |mut __call: __mcp::Call| {
                let __arg0 = __ARG0.take(&mut __call);
                let __arg1 = __ARG1.take(&mut __call);
                let __arg2 = __ARG2.take(&mut __call);
                let __arg3 = __ARG3.take(&mut __call);
                if __call.is_refused() {
                    return __call.refused();
                }
                __out
                    .run(
                        note(
                            __arg0.filled(),
                            __arg1.filled(),
                            __arg2.filled(),
                            __arg3.filled(),
                        ),
                    )
            };
            __mcp::Resource::new(
                    "note",
                    __mcp::Template::new(
                        "note://{id}/{+path}{?lines}",
                        &[
                            __mcp::Part::Literal("note://"),
                            __mcp::Part::Segment("id"),
                            __mcp::Part::Literal("/"),
                            __mcp::Part::Path("path"),
                            __mcp::Part::Query(&["lines"]),
                        ],
                    ),
                    __run,
                )
                .description("One note.")
                .mime_type("text/plain")
                .priority(0.5f32)
                .ttl(60000u64)
                .public()
                .parameters(&[&__ARG0, &__ARG1, &__ARG2, &__ARG3])
                .into()
        }
    }
    __mcp::collect!(note);
};
