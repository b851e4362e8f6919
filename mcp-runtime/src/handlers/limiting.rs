//! What the macros make of `layer`, `rate` and `cache`, and what they say where the feature for it is off. It is the feature of this crate
//! that counts, not one of the crate that the macro is expanded in.

#[cfg(not(feature = "cache"))]
use std::convert::Infallible;

#[cfg(any(feature = "cache", feature = "limits"))]
use super::Common;
#[cfg(feature = "cache")]
use crate::layer::CacheLayer;
#[cfg(feature = "limits")]
use crate::limit::{Rate, RateLayer};
use crate::{resource::Resource, tool::Tool};

#[cfg(feature = "limits")]
impl Common {
    /// Limits how often each caller may call it.
    pub(crate) fn limit(&mut self, rate: Rate) {
        let layer = RateLayer::new(rate).named("rate");
        let layer = layer.per_caller().per_handler();
        self.layers.push(crate::layer::stack(&layer));
    }
}

#[cfg(feature = "cache")]
impl Common {
    /// Keeps results, nearest to the handler: the other layers stand around that.
    fn keep(&mut self, layer: &CacheLayer) {
        self.layers.insert(0, crate::layer::stack(layer));
    }
}

#[cfg(feature = "cache")]
impl Tool {
    /// For how long its results are kept.
    #[must_use]
    pub fn cache(mut self, layer: CacheLayer) -> Self {
        self.common.keep(&layer);
        self
    }
}

#[cfg(feature = "cache")]
impl Resource {
    /// For how long its contents are kept.
    #[must_use]
    pub fn cache(mut self, layer: CacheLayer) -> Self {
        self.common.keep(&layer);
        self
    }
}

#[cfg(not(feature = "cache"))]
impl Tool {
    /// Is never called: the macro says that the feature is missing.
    #[must_use]
    pub fn cache(self, missing: Infallible) -> Self {
        match missing {}
    }
}

#[cfg(not(feature = "cache"))]
impl Resource {
    /// Is never called: the macro says that the feature is missing.
    #[must_use]
    pub fn cache(self, missing: Infallible) -> Self {
        match missing {}
    }
}

/// A layer.
#[cfg(feature = "layer")]
#[doc(hidden)]
#[macro_export]
macro_rules! __layer {
    ($layer:expr) => {
        $layer
    };
}

/// Says what is missing.
#[cfg(not(feature = "layer"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __layer {
    ($layer:expr) => {
        ::core::compile_error!(
            "`layer` needs the feature `layer` of `mcp-runtime`: turn it on in `Cargo.toml`"
        )
    };
}

/// A rate.
#[cfg(feature = "limits")]
#[doc(hidden)]
#[macro_export]
macro_rules! __rate {
    ($count:expr, $period:expr, $burst:expr) => {
        $crate::limit::Rate::new($count, $period, $burst)
    };
}

/// Says what is missing.
#[cfg(not(feature = "limits"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __rate {
    ($($rate:tt)*) => {
        ::core::compile_error!(
            "`rate` needs the feature `limits` of `mcp-runtime`: turn it on in `Cargo.toml`"
        )
    };
}

/// What keeps results.
#[cfg(feature = "cache")]
#[doc(hidden)]
#[macro_export]
macro_rules! __cache {
    ($milliseconds:expr, $public:expr) => {
        $crate::layer::CacheLayer::of($milliseconds, $public)
    };
}

/// Says what is missing.
#[cfg(not(feature = "cache"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __cache {
    ($($cache:tt)*) => {
        ::core::compile_error!(
            "`cache` needs the feature `cache` of `mcp-runtime`: turn it on in `Cargo.toml`"
        )
    };
}
