#![allow(missing_docs)]
use mcp_runtime::{CallError, Context, State};
pub struct Stock(u32);
#[derive(serde::Serialize, schemars::JsonSchema)]
pub struct Receipt {
    n: u32,
}

/// Orders.
async fn order(
    _ctx: Context,
    stock: State<Stock>,
    item: String,
    quantity: u32,
    color: Option<String>,
) -> Result<Receipt, std::io::Error> {
    let _ = (item, color);
    Ok(Receipt {
        n: stock.0 + quantity,
    })
}

#[allow(non_camel_case_types, reason = "named like the function")]
#[doc = "The tool `order`."]
struct order {}
const _: () = {
    use ::mcp_runtime::__private as __mcp;
    const __ARG0: __mcp::Arg<Context> = __mcp::Arg::new("ctx");
    const __ARG1: __mcp::Arg<State<Stock>> = __mcp::Arg::new("stock");
    const __ARG2: __mcp::Arg<String> = __mcp::Arg::new("item")
        .description("The item's name.")
        .length(Some(1), None);
    const __ARG3: __mcp::Arg<u32> = __mcp::Arg::new("quantity")
        .minimum(&1)
        .maximum(&100)
        .default(|| 1);
    const __ARG4: __mcp::Arg<Option<String>> = __mcp::Arg::new("color");
    #[automatically_derived]
    impl __mcp::Handler for order {
        const KEY: __mcp::Key = __mcp::Key::tool("order");
        fn component() -> __mcp::Component {
            #[allow(unused_imports, reason = "one of them is needed")]
            use __mcp::{ErrorTier as _, MaskedTier as _, PlainTier as _};
            let __output = (&__mcp::Output::<Result<Receipt, std::io::Error>>::tool()).finish();
            __mcp::Tool::new("order", __output, move |mut __call| {
                __mcp::boxed(async move {
                    let __arg0 = __ARG0.take(&mut __call);
                    let __arg1 = __ARG1.take(&mut __call);
                    let __arg2 = __ARG2.take(&mut __call);
                    let __arg3 = __ARG3.take(&mut __call);
                    let __arg4 = __ARG4.take(&mut __call);
                    __call.check()?;
                    __output.reply(order(__arg0?, __arg1?, __arg2?, __arg3?, __arg4?).await)
                })
            })
            .description("Orders.")
            .timeout(5000)
            .parameters(&[&__ARG0, &__ARG1, &__ARG2, &__ARG3, &__ARG4])
            .into()
        }
    }
};
fn plain() -> i64 {
    1
}
#[test]
fn t() {
    #[allow(unused_imports, reason = "one of them is needed")]
    use __mcp::{ErrorTier as _, MaskedTier as _, PlainTier as _};
    use mcp_runtime::__private as __mcp;
    let o = (&__mcp::Output::<i64>::tool()).finish();
    let _ = o.reply(plain());
    let o = (&__mcp::Output::<Result<i64, CallError>>::tool()).finish();
    let _ = o.reply(Ok(plain()));
    let o = (&__mcp::Output::<Option<String>>::resource()).finish();
    let _ = o.reply(None);
    let c = <order as __mcp::Handler>::component();
    println!("{c:?}");
}
