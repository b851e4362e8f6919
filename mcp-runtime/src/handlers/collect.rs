//! Registration by decoration alone: every handler notes itself where the feature `inventory` finds it.

#[cfg(feature = "inventory")]
use super::{Component, Handler};

/// A handler that has noted itself.
#[cfg(feature = "inventory")]
#[derive(Clone, Copy, Debug)]
pub struct Collected {
    /// Makes the handler.
    pub(crate) component: fn() -> Component,
    /// Where its macro stands; handlers are sorted by it, because the linker keeps no order.
    pub(crate) place: (&'static str, u32, u32),
}

#[cfg(feature = "inventory")]
impl Collected {
    /// Notes the handler of the function `H`.
    #[must_use]
    pub const fn of<H: Handler>(file: &'static str, line: u32, column: u32) -> Self {
        Self {
            component: H::component,
            place: (file, line, column),
        }
    }
}

#[cfg(feature = "inventory")]
inventory::collect!(Collected);

/// All handlers that have noted themselves, in the order of their places.
#[cfg(feature = "inventory")]
pub(crate) fn collected() -> Vec<Component> {
    let mut all: Vec<&Collected> = inventory::iter::<Collected>.into_iter().collect();
    all.sort_by_key(|collected| collected.place);
    all.iter()
        .map(|collected| (collected.component)())
        .collect()
}

/// Notes a handler. It is the feature of this crate that counts, not one of the crate that the macro is expanded in.
#[cfg(feature = "inventory")]
#[doc(hidden)]
#[macro_export]
macro_rules! __collect {
    ($handler:ident) => {
        $crate::__private::inventory::submit! {
            $crate::__private::Collected::of::<$handler>(
                ::core::file!(),
                ::core::line!(),
                ::core::column!(),
            )
        }
    };
}

/// Notes nothing.
#[cfg(not(feature = "inventory"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __collect {
    ($handler:ident) => {};
}
