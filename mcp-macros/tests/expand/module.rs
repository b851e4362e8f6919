mod math {
    use mcp_runtime::tool;
    /// Adds.
    #[tool]
    fn add(a: i64, b: i64) -> i64 {
        a + b
    }
    /// Multiplies.
    #[cfg(feature = "slow")]
    #[mcp_runtime::tool(name = "times")]
    pub async fn multiply(a: i64, b: i64) -> i64 {
        helper(a, b)
    }
    fn helper(a: i64, b: i64) -> i64 {
        a * b
    }
    /// Subtracts.
    #[tool]
    fn subtract(a: i64, b: i64) -> i64 {
        a - b
    }
    /// The handlers of this module, in their order.
    pub fn handlers() -> ::mcp_runtime::__private::Handlers {
        use ::mcp_runtime::__private as __mcp;
        const __HANDLERS: &[__mcp::Entry] = &[
            <add as __mcp::Handler>::ENTRY,
            #[cfg(feature = "slow")]
            <multiply as __mcp::Handler>::ENTRY,
            <subtract as __mcp::Handler>::ENTRY,
        ];
        #[cfg(feature = "slow")]
        const _: () = __mcp::assert_unique(__HANDLERS, 1usize);
        const _: () = __mcp::assert_unique(
            __HANDLERS,
            1usize + ::core::cfg!(all(feature = "slow")) as ::core::primitive::usize,
        );
        __mcp::Handlers::listed(__HANDLERS)
    }
}
