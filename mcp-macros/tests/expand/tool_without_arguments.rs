/// Tells the time.
fn now() -> u64 {
    0
}
/// The tool `now`, for a list of handlers.
struct now {}
const _: () = {
    use ::mcp_runtime::__private::{self as __mcp, traits::*};
    #[automatically_derived]
    impl __mcp::Handler for now {
        const KEY: __mcp::Key = __mcp::Key::tool("now");
        fn component() -> __mcp::Component {
            let __out = (&__mcp::Output::<u64>::tool()).finish();
            let __run = move |_: __mcp::Call| { __out.ready(now()) };
            __mcp::Tool::new("now", __out, __run)
                .description("Tells the time.")
                .read_only(true)
                .into()
        }
    }
    __mcp::collect!(now);
};
