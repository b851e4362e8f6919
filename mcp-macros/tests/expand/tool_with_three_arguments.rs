#[allow(clippy::unused_async, reason = "clients call it")]
#[allow(clippy::needless_pass_by_value, reason = "clients call it")]
#[allow(clippy::missing_errors_doc, reason = "clients call it")]
/// Orders an item.
pub async fn order(
    item: String,
    quantity: u32,
    color: Option<Color>,
) -> Result<Receipt, OrderError> {
    place(item, quantity, color).await
}
/// The tool `order`, for a list of handlers.
pub struct order {}
const _: () = {
    use ::mcp_runtime::__private::{self as __mcp, traits::*};
    const __ARG0: __mcp::Arg<String> = __mcp::Arg::<String>::new("item")
        .description("The item's name.")
        .length(__mcp::Some(1), __mcp::None);
    const __ARG1: __mcp::Arg<u32> = __mcp::Arg::<u32>::new("quantity")
        .description("How many to order.")
        .range(__mcp::Some(&1), __mcp::Some(&100))
        .default(|| 1);
    const __ARG2: __mcp::Arg<Option<Color>> = __mcp::Arg::<Option<Color>>::new("color");
    #[automatically_derived]
    impl __mcp::Handler for order {
        const KEY: __mcp::Key = __mcp::Key::tool("order");
        fn component() -> __mcp::Component {
            let __out = (&__mcp::Output::<Result<Receipt, OrderError>>::tool()).finish();
            let __run = move |mut __call: __mcp::Call| {
                let __arg0 = __ARG0.take(&mut __call);
                let __arg1 = __ARG1.take(&mut __call);
                let __arg2 = __ARG2.take(&mut __call);
                if __call.is_refused() {
                    return __call.refused();
                }
                __out.run(order(__arg0.filled(), __arg1.filled(), __arg2.filled()))
            };
            __mcp::Tool::new("order", __out, __run)
                .description("Orders an item.")
                .parameters(&[&__ARG0, &__ARG1, &__ARG2])
                .into()
        }
    }
    __mcp::collect!(order);
};
