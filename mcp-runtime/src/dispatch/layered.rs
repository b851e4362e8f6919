//! The way of a call through the layers around its handler.

use std::{panic::AssertUnwindSafe, sync::Arc};

use futures_util::FutureExt as _;
use serde_json::Value;

use super::{Output, Ran, Target, run::object};
use crate::{
    CallError, Context, Service,
    context::{Asking, Caller},
    driver,
    guard::Tenants,
    layer::{CallRequest, Next, Outcome},
    outcome::Failure,
};

impl Service {
    /// Whether there is any layer around a handler.
    pub(super) fn is_layered(&self, target: &Target) -> bool {
        !(self.parts().layers.is_empty() && target.common().layers.is_empty())
    }

    /// Runs a handler through the layers around it.
    ///
    /// Handlers are contained by the driver. Layers are contained here, and wait here for a client that goes away.
    pub(super) async fn run_layered(
        &self,
        target: Target,
        caller: Arc<Caller>,
        mut arguments: Value,
    ) -> Ran<Output> {
        self.normalize(&target, &mut arguments);
        let (tenants, checked) = match self.precheck(&target, &caller, &arguments) {
            Ok(found) => found,
            Err(failure) => return Some(Err(failure)),
        };
        let states = match self.parts().lifespan.states().await {
            Ok(states) => states,
            Err(error) => {
                let error = CallError::internal(error);
                let failure = Failure::of(target.common().name, error, target.input());
                return Some(Err(failure));
            }
        };
        let timeout = target.common().timeout.or(self.parts().settings.timeout);
        let asking = Asking::default();
        let context = Context::new(caller, Some(self.clone()), states, timeout, asking);
        let context = context.about(tenants);
        // The handler has a context of its own.
        context.end();
        let arguments = object(arguments);
        let request = CallRequest::new(target.clone(), arguments, checked, context.clone());
        let response = AssertUnwindSafe(async { Next::first().run(request).await }).catch_unwind();
        let response = tokio::select! {
            biased;
            response = response => response,
            () = context.cancelled() => return None,
        };
        let (name, input) = (target.common().name, target.input());
        match response {
            Ok(Ok(response)) => match response.into_outcome() {
                Outcome::Ended(ended) => Some(ended),
                Outcome::Cancelled => None,
            },
            Ok(Err(error)) => Some(Err(Failure::of_layer(name, error, input))),
            Err(panic) => Some(Err(Failure::panic(name, &driver::message(&*panic)))),
        }
    }

    /// Asks the guards before the layers do anything, one of which may answer in the place of the handler. With arguments that
    /// will be refused there is nothing to ask. Says also whether the arguments were found to be right.
    fn precheck(
        &self,
        target: &Target,
        caller: &Caller,
        arguments: &Value,
    ) -> Result<(Tenants, bool), Failure> {
        let common = target.common();
        let is_open = self.parts().rules.is_empty() && common.rules.is_empty();
        if (is_open && common.tenants.is_empty())
            || target.input().validator.check(arguments).is_err()
        {
            return Ok((Tenants::default(), false));
        }
        let tenants = self.admit(target, caller, arguments)?;
        Ok((tenants, true))
    }
}
