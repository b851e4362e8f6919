//! How the arguments of one prompt or one template complete.

use crate::{
    Requirements,
    argument::{Parameter, closest, enumerated},
    registry::Input,
};

use super::Completer;

/// The arguments of one component, and what each of them completes by.
#[derive(Debug)]
pub(crate) struct Completers(Vec<(String, Source)>);

/// What an argument completes by.
#[derive(Debug)]
pub(crate) enum Source {
    /// By nothing: any value is as good as another.
    Nothing,
    /// By the values that its schema lists.
    Values(Vec<String>),
    /// By a function of the author.
    Function(Completer),
}

impl Completers {
    /// Collects the functions of `parameters` and the lists in their schema; what the functions need is added to
    /// `requirements`.
    pub(crate) fn new(
        parameters: &[&'static dyn Parameter],
        input: &Input,
        requirements: &mut Requirements,
    ) -> Self {
        let functions = parameters
            .iter()
            .filter_map(|parameter| parameter.completer());
        let mut functions: Vec<(&str, Completer)> = functions.collect();
        for (_, completer) in &functions {
            requirements.states.extend(&completer.requirements.states);
        }
        let root = input.validator.schema();
        let properties = root.get("properties").and_then(|all| all.as_object());
        let arguments = properties.into_iter().flatten().map(|(name, schema)| {
            let of_name = functions.iter().position(|(of, _)| of == name);
            let source = match of_name {
                Some(at) => Source::Function(functions.swap_remove(at).1),
                None => enumerated(root, schema).map_or(Source::Nothing, Source::Values),
            };
            (name.clone(), source)
        });
        Self(arguments.collect())
    }

    /// Whether any of the arguments completes.
    pub(crate) fn any(&self) -> bool {
        let mut sources = self.0.iter().map(|(_, source)| source);
        sources.any(|source| !matches!(source, Source::Nothing))
    }

    /// What an argument completes by.
    ///
    /// # Errors
    ///
    /// If there is no such argument: the one that was meant, if that is known.
    pub(super) fn source(&self, name: &str) -> Result<&Source, Option<&str>> {
        let found = self.0.iter().find(|(argument, _)| argument == name);
        found.map(|(_, source)| source).ok_or_else(|| {
            let names = self.0.iter().map(|(argument, _)| argument.as_str());
            closest(name, names)
        })
    }
}
