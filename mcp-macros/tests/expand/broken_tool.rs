pub(crate) async fn broken(name: &str) -> String {
    name.to_owned()
}
/// The tool `broken`, for a list of handlers.
pub(crate) struct broken {}
const _: () = {
    use ::mcp_runtime::__private::{self as __mcp, traits::*};
    #[automatically_derived]
    impl __mcp::Handler for broken {
        const KEY: __mcp::Key = __mcp::Key::tool("broken");
        fn component() -> __mcp::Component {
            ::core::unreachable!("the compiler has said what is wrong here")
        }
    }
};
::core::compile_error! {
    "take `String` instead of `&str`: an argument is owned"
}
::core::compile_error! {
    "unknown option `redonly`: did you mean `read_only`?"
}
::core::compile_error! {
    "`broken` needs a description, by which clients choose it: write a doc comment above it, or `description = \"…\"`"
}
::core::compile_error! {
    "`soon` is not a duration: write a whole number and its unit, `ms`, `s`, `m` or `h`, such as `5s`"
}
::core::compile_error! {
    "unknown option `rang`: did you mean `range`?"
}
