//! Handlers whose names, types and options come out of `macro_rules!`.

use mcp_runtime::{Server, group, handlers, prompt, resource, tool};

macro_rules! getter {
    ($(#[$attribute:meta])* $vis:vis $name:ident($argument:ident: $type:ty = $default:expr) -> $result:ty $body:block) => {
        $(#[$attribute])*
        $vis fn $name(#[arg(default = $default, range(min = 0, max = $default))] $argument: $type) -> $result $body
    };
}

getter! {
    /// Doubles.
    #[tool(idempotent)]
    pub(super) double(number: u32 = 21) -> u32 {
        number * 2
    }
}

macro_rules! described {
    ($name:ident, $text:literal, $title:expr) => {
        #[doc = $text]
        #[tool(title = $title)]
        fn $name() -> &'static str {
            $text
        }
    };
}

described!(first, "The first.", "First");
described!(second, "The second.", concat!("Sec", "ond"));

macro_rules! all {
    ($uri:literal, $type:ty, $($argument:ident),*) => {
        /// A thing.
        #[resource($uri)]
        async fn thing($($argument: $type),*) -> String {
            [$($argument.to_string()),*].concat()
        }

        /// Asks for a thing.
        #[prompt]
        fn ask($($argument: $type),*) -> String {
            [$($argument.to_string()),*].concat()
        }

        struct Things;

        #[group]
        impl Things {
            /// Counts things.
            #[tool]
            fn count(&self, $($argument: $type),*) -> usize {
                let Self = self;
                [$($argument),*].len()
            }
        }

        #[group]
        mod things {
            use mcp_runtime::tool;

            /// Lists things.
            #[tool]
            pub(super) fn list($($argument: $type),*) -> Vec<$type> {
                vec![$($argument),*]
            }
        }
    };
}

all!("thing://{one}/{two}", u8, one, two);

macro_rules! hygienic {
    ($name:ident) => {
        /// Has an argument that the macro named.
        #[tool]
        fn $name(inner: u8) -> u8 {
            inner
        }
    };
}

hygienic!(outer);

macro_rules! list {
    ($($handler:path),* $(,)?) => {
        handlers![$($handler),*]
    };
}

#[test]
fn they_are_handlers_like_all_others() {
    let server = || {
        Server::new("generated", "1.0.0")
            .add(list![double, first, second, thing, ask, outer])
            .add(Things)
            .add(things::handlers())
    };
    let double = crate::definition(server(), "double");
    assert_eq!(double["inputSchema"]["properties"]["number"]["default"], 21);
    assert_eq!(double["inputSchema"]["properties"]["number"]["maximum"], 21);
    assert_eq!(crate::definition(server(), "second")["title"], "Second");
    assert_eq!(
        crate::arguments(&crate::definition(server(), "outer")),
        ["inner"]
    );
    assert_eq!(
        crate::arguments(&crate::definition(server(), "count")),
        ["one", "two"]
    );
}
