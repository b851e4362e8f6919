impl Warehouse {
    const MOST: u32 = 100;
    #[allow(clippy::unused_async, reason = "clients call it")]
    #[allow(clippy::needless_pass_by_value, reason = "clients call it")]
    /// Counts an item.
    async fn count(&self, limit: u32) -> u32 {
        self.items.min(limit)
    }
    /// The opening hours.
    #[cfg(feature = "hours")]
    fn hours() -> String {
        "9 to 5".to_owned()
    }
    #[allow(clippy::needless_pass_by_value, reason = "clients call it")]
    /// Closes the warehouse.
    fn close(&self, _sure: ()) {}
    fn helper(&self) {}
}
const _: () = {
    #[tool(__read)]
    const _: () = ();
    #[resource(__read)]
    const _: () = ();
    use ::mcp_runtime::__private::{self as __mcp, traits::*};
    #[automatically_derived]
    impl __mcp::IntoHandlers for Warehouse
    where
        Warehouse: ::core::marker::Send + ::core::marker::Sync + 'static,
    {
        fn into_handlers(self) -> __mcp::Handlers {
            let __service = __mcp::Arc::new(self);
            let __handlers = __mcp::Handlers::new();
            let __handlers = __handlers
                .with_component({
                    const __ARG0: __mcp::Arg<u32> = __mcp::Arg::<u32>::new("limit")
                        .range(__mcp::None, __mcp::Some(const { &<Warehouse>::MOST }));
                    let __service = __mcp::Arc::clone(&__service);
                    let __out = (&__mcp::Output::<u32>::tool()).finish();
                    let __run = move |mut __call: __mcp::Call| {
                        let __arg0 = __ARG0.take(&mut __call);
                        if __call.is_refused() {
                            return __call.refused();
                        }
                        let __service = __mcp::Arc::clone(&__service);
                        __out
                            .run(async move {
                                Self::count(&__service, __arg0.filled()).await
                            })
                    };
                    __mcp::Tool::new("count", __out, __run)
                        .description("Counts an item.")
                        .parameters(&[&__ARG0])
                });
            #[cfg(feature = "hours")]
            let __handlers = __handlers
                .with_component({
                    let __out = (&__mcp::Output::<String>::resource()).finish();
                    let __run = move |_: __mcp::Call| { __out.ready(Self::hours()) };
                    __mcp::Resource::new(
                            "hours",
                            __mcp::Template::new(
                                "hours://today",
                                &[__mcp::Part::Literal("hours://today")],
                            ),
                            __run,
                        )
                        .description("The opening hours.")
                });
            let __handlers = __handlers
                .with_component({
                    let __service = __mcp::Arc::clone(&__service);
                    let __out = (&__mcp::Output::<()>::tool()).finish();
                    let __ask0 = __mcp::Asked::<()>::question("sure");
                    let __run = move |__call: __mcp::Call| {
                        let __arg0 = __ask0.ask(&__call, "Are you sure?");
                        let __service = __mcp::Arc::clone(&__service);
                        __out
                            .run_asked(async move {
                                let __arg0 = __arg0.await?;
                                __mcp::Ok(Self::close(&__service, __arg0))
                            })
                    };
                    __mcp::Tool::new("close", __out, __run)
                        .description("Closes the warehouse.")
                        .questions(&[__ask0.form()])
                });
            __handlers
        }
    }
};
