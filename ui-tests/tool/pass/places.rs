//! Handlers inside of functions, of blocks and of nested modules, with every visibility.

use mcp_runtime::{Server, handlers, tool};

mod outer {
    /// Is public.
    #[mcp_runtime::tool]
    #[expect(unreachable_pub, reason = "it is about the visibility")]
    pub fn public() {}

    /// Is known to the crate.
    #[mcp_runtime::tool]
    pub(crate) fn in_crate() {}

    /// Is known to the module above.
    #[mcp_runtime::tool]
    pub(super) fn in_super() {}

    pub(super) mod inner {
        /// Is known two modules above.
        #[mcp_runtime::tool]
        pub(in super::super) fn far_above() {}

        /// Is known here.
        #[::mcp_runtime::tool]
        #[expect(clippy::needless_pub_self, reason = "it is about the visibility")]
        pub(self) fn here() {}

        pub(in super::super) fn all() -> mcp_runtime::Handlers {
            mcp_runtime::handlers![here, super::in_super, far_above]
        }
    }
}

use outer::in_crate as renamed_import;

/// Is private.
#[tool]
fn private() {}

fn local() -> mcp_runtime::Handlers {
    /// A type that only the function knows.
    #[derive(serde::Deserialize, schemars::JsonSchema)]
    struct Local {
        number: u8,
    }

    /// Stands in a function.
    #[tool]
    async fn in_a_function(local: Local) -> u8 {
        local.number
    }

    handlers![in_a_function]
}

#[test]
fn all_of_them_can_be_listed() {
    {
        /// Stands in a block.
        #[tool]
        fn in_a_block() {}

        let list = handlers![
            in_a_block,
            private,
            outer::public,
            renamed_import,
            outer::in_super
        ];
        let server = Server::new("places", "1.0.0").add(list).add(local());
        assert_eq!(
            crate::arguments(&crate::definition(server, "in_a_function")),
            ["local"]
        );
    }
    let server = Server::new("places", "1.0.0").add(outer::inner::all());
    assert_eq!(
        crate::definition(server, "here")["description"],
        "Is known here."
    );
}
