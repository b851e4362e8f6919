//! Completion: what a client proposes while somebody types an argument of a prompt or a variable of a URI template.
//!
//! An argument completes by a function of the author (`function`), or by itself if its schema lists its values
//! (`completers`). What a list holds is ranked by what is typed (`rank`).

mod completers;
mod function;
mod rank;

pub(crate) use completers::Completers;
pub use function::{Complete, Completer, Completes, Completing, Suggest};
pub use rank::Suggestions;

use std::{collections::HashMap, sync::Arc};

use rmcp::model::{CompleteRequestParams, CompleteResult, CompletionInfo, ErrorData, Reference};
use serde_json::Map;

use self::completers::Source;
use crate::{
    Call, CallError, Context, FromCall, Requirements, Service,
    context::{Asking, Caller},
    driver::{Ended, drive},
    guard::View,
    handlers::{Common, Run},
    outcome::Failure,
    refusal,
    registry::{Input, Registry},
};

/// What somebody has typed so far: a parameter of a function that completes an argument.
///
/// Such a function stands at `#[arg(complete = …)]`, on an argument of a prompt or on a variable of a URI template. It may take
/// whatever the server fills, [`State`](crate::State) for instance, and returns an iterator of anything that is `Display`, or a
/// `Result` of one. With a parameter of this type it searches by itself, and its order is kept:
///
/// ```
/// use mcp_runtime::{Completion, prompt};
///
/// const CITIES: [(&str, &str); 3] = [("fr", "Lyon"), ("fr", "Paris"), ("it", "Rome")];
///
/// fn cities(typed: Completion) -> Vec<&'static str> {
///     let country = typed.argument("country");
///     let here = CITIES.iter().filter(|(of, _)| country.is_none_or(|country| country == *of));
///     here.map(|(_, city)| *city).filter(|city| city.starts_with(typed.text())).collect()
/// }
///
/// /// Plans a trip.
/// #[prompt]
/// fn trip(country: String, #[arg(complete = cities)] city: String) -> String {
///     format!("Plan a trip to {city}, {country}.")
/// }
///
/// let typed = Completion::new("").with_argument("country", "it");
/// assert_eq!(cities(typed), ["Rome"]);
/// ```
///
/// Without one it returns the whole list, which the server ranks: values that begin with the text stand before those with a
/// word that does, and those before values that hold it anywhere.
#[derive(Clone, Debug)]
pub struct Completion(Arc<Typed>);

#[derive(Clone, Debug)]
struct Typed {
    text: String,
    arguments: HashMap<String, String>,
}

impl Completion {
    /// A text that is being typed, for calling a function that completes as a plain function.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self::of(text.into(), HashMap::new())
    }

    /// Adds another argument that is chosen already.
    #[must_use]
    pub fn with_argument(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        let arguments = &mut Arc::make_mut(&mut self.0).arguments;
        arguments.insert(name.into(), value.into());
        self
    }

    /// The text of the argument so far; it may be empty.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.0.text
    }

    /// Another argument, if it is chosen already: the text that the client sent, which nothing has checked.
    #[must_use]
    pub fn argument(&self, name: &str) -> Option<&str> {
        self.0.arguments.get(name).map(String::as_str)
    }

    fn of(text: String, arguments: HashMap<String, String>) -> Self {
        Self(Arc::new(Typed { text, arguments }))
    }
}

#[diagnostic::do_not_recommend]
impl FromCall for Completion {
    fn from_call(call: &Call) -> Result<Self, CallError> {
        let completion = call.completion().cloned();
        completion.ok_or_else(|| CallError::internal("nothing is being completed"))
    }

    fn requirements(requirements: &mut Requirements) {
        requirements.completion = true;
    }
}

impl Service {
    /// `completion/complete`; `None` if the client took the request back.
    pub(crate) async fn complete(
        &self,
        caller: Arc<Caller>,
        params: CompleteRequestParams,
    ) -> Option<Result<CompleteResult, ErrorData>> {
        let version = caller.version.clone();
        let name = params.argument.name;
        let registry = self.registry();
        let view = self.view(&registry, &caller);
        let owner = match Owner::find(&registry, &view, &params.r#ref) {
            Ok(owner) => owner,
            Err(error) => return Some(Err(error)),
        };
        let source = match owner.completers.source(&name) {
            Ok(source) => source,
            Err(closest) => return Some(Err(refusal::unknown_argument(&name, closest))),
        };
        let context = params.context.and_then(|context| context.arguments);
        let typed = Completion::of(params.argument.value, context.unwrap_or_default());
        let suggestions = match source {
            Source::Nothing => Ok(Suggestions::found(std::iter::empty::<&str>())),
            Source::Values(values) => Ok(Suggestions::ranked(values.iter(), typed.text())),
            Source::Function(completer) => {
                let run = &completer.run;
                self.ask_completer(run, &owner, caller, typed).await?
            }
        };
        let result = suggestions.map(|suggestions| CompleteResult::new(info(suggestions)));
        Some(result.map_err(|failure| failure.into_error(&version, ("argument", &name))))
    }

    /// Runs a function that completes, as a handler is run.
    async fn ask_completer(
        &self,
        run: &Run<Suggestions>,
        owner: &Owner<'_>,
        caller: Arc<Caller>,
        typed: Completion,
    ) -> Option<Result<Suggestions, Failure>> {
        let Owner { common, input, .. } = owner;
        let states = match self.parts().lifespan.states().await {
            Ok(states) => states,
            Err(error) => {
                let error = CallError::internal(error);
                return Some(Err(Failure::of(common.name, error, input)));
            }
        };
        let timeout = common.timeout.or(self.parts().settings.timeout);
        let asking = Asking::default();
        let context = Context::new(caller, Some(self.clone()), states, timeout, asking);
        // Somebody types, and is not to be asked something else.
        context.end_asking();
        let call = Call::new(context.clone(), Arc::clone(&input.schema), Map::new());
        Some(match drive(run, call.completing(typed), &context).await {
            Ended::Answered(outcome) => {
                outcome.map_err(|error| Failure::of(common.name, error, input))
            }
            Ended::Panicked(message) => Err(Failure::panic(common.name, &message)),
            Ended::Asks(_) => {
                let error = CallError::internal("a question while somebody types");
                Err(Failure::of(common.name, error, input))
            }
            Ended::Cancelled => return None,
        })
    }
}

/// The prompt or the template whose argument is completed.
struct Owner<'a> {
    common: &'a Common,
    input: &'a Input,
    completers: &'a Completers,
}

impl<'a> Owner<'a> {
    fn find(
        registry: &Registry,
        view: &View<'a, '_>,
        reference: &Reference,
    ) -> Result<Self, ErrorData> {
        if !registry.completes() {
            return Err(refusal::method("completion/complete"));
        }
        let owner = match reference {
            Reference::Prompt(prompt) => view.prompt(&prompt.name).map(|entry| Self {
                common: &entry.prompt.common,
                input: &entry.input,
                completers: &entry.completers,
            }),
            Reference::Resource(resource) => view.template(&resource.uri).map(|entry| Self {
                common: &entry.resource.common,
                input: &entry.input,
                completers: &entry.completers,
            }),
            _ => None,
        };
        owner.ok_or_else(|| refusal::unknown_reference(reference, view))
    }
}

fn info(suggestions: Suggestions) -> CompletionInfo {
    let mut info = CompletionInfo::default();
    info.total = suggestions
        .total
        .and_then(|total| u32::try_from(total).ok());
    info.has_more = Some(suggestions.more);
    info.values = suggestions.values;
    info
}
