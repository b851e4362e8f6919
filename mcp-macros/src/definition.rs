//! A handler as it was found to be, and the value that it becomes at run time.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::{LitStr, ReturnType};

use crate::{
    argument::Parameter,
    common::Common,
    handler::{Function, Kind, Place},
    question::Question,
};

/// A handler, validated: all that differs between the kinds.
pub(crate) struct Definition {
    pub(crate) kind: Kind,
    pub(crate) common: Common,
    pub(crate) parameters: Vec<Parameter>,
    /// The parameters that the user is asked for.
    pub(crate) questions: Vec<Question>,
    /// The name or the URI that no other handler of the kind may have.
    pub(crate) unique: LitStr,
    /// The arguments of the constructor that stand before the function.
    pub(crate) arguments: TokenStream,
    /// The calls that set what only this kind has.
    pub(crate) setters: TokenStream,
}

impl Definition {
    /// The constants of the parameters.
    pub(crate) fn constants(&self) -> TokenStream {
        self.parameters.iter().map(Parameter::declaration).collect()
    }

    /// The statements and the expression that make the handler as a value.
    pub(crate) fn component(&self, function: &Function) -> TokenStream {
        let Self {
            kind,
            common,
            arguments,
            setters,
            ..
        } = self;
        let constructor = match kind {
            Kind::Tool => quote!(__mcp::Tool::new),
            Kind::Resource => quote!(__mcp::Resource::new),
            Kind::Prompt => quote!(__mcp::Prompt::new),
        };
        let output = self.output(function);
        let run = self.run(function);
        let common = &common.setters;
        let parameters = self.each(|Parameter { cfgs, constant, .. }| quote!(#(#cfgs)* &#constant));
        let parameters = (!parameters.is_empty()).then(|| quote!(.parameters(&[#(#parameters),*])));
        let questions = self.questions.iter().map(Question::declaration);
        let forms = self.questions.iter().map(Question::form);
        let forms = (!self.questions.is_empty()).then(|| quote!(.questions(&[#(#forms),*])));
        quote! {
            let __out = #output;
            #(#questions)*
            let __run = #run;
            #constructor(#arguments, __run) #common #setters #parameters #forms
        }
    }

    /// How the output becomes a reply. The calls stand where the types do that must fit, so that they are blamed there.
    fn output(&self, function: &Function) -> TokenStream {
        let [(first, last), (error, _)] = function.output_ends();
        let (ty, streamed) = match (function.streams(), &function.output) {
            (Some(item), _) => (item.to_token_stream(), Some(quote!(.streamed()))),
            (None, ReturnType::Type(_, ty)) => (ty.to_token_stream(), None),
            (None, ReturnType::Default) => (quote!(()), None),
        };
        let convert = Ident::new(self.kind.noun(), last);
        let convert = quote_spanned!(first=> __mcp::Output::<#ty>::#convert());
        let finish = Ident::new("finish", error);
        quote!((&#convert).#finish() #streamed)
    }

    /// The closure that fills the parameters and calls the function.
    fn run(&self, function: &Function) -> TokenStream {
        let streams = function.streams().is_some();
        let (parameter, takes) = match (self.parameters.as_slice(), self.questions.as_slice()) {
            ([], []) if !streams => (quote!(_), TokenStream::new()),
            ([], _) => (quote!(__call), TokenStream::new()),
            _ => (quote!(mut __call), self.takes()),
        };
        let asks = self
            .questions
            .iter()
            .map(|question| question.ask(&self.parameters));
        let call = self.call(function);
        let borrows = function.place == Place::Method && function.has_receiver;
        let has_questions = !self.questions.is_empty();
        let span = function.ident.span();
        let answer = match (streams, function.is_async) {
            _ if has_questions => {
                let future = self.answered(function, &call);
                quote!(run_asked(#future))
            }
            (true, false) if !borrows => quote!(collect(&__call, #call)),
            (true, is_async) => {
                let wait = is_async.then(|| quote_spanned!(span=> .await));
                let collect = quote!(__out.collect(&__call, #call #wait));
                let future = quote_spanned!(span=> async move { #collect.await });
                quote!(run(#future))
            }
            (false, true) if borrows => {
                let future = quote_spanned!(span=> async move { #call.await });
                quote!(run(#future))
            }
            (false, true) => quote!(run(#call)),
            (false, false) => quote!(ready(#call)),
        };
        // A future that borrows the service takes it along for that.
        let service = (borrows && (function.is_async || has_questions || streams))
            .then(|| quote!(let __service = __mcp::Arc::clone(&__service);));
        quote! {
            move |#parameter: __mcp::Call| {
                #takes
                #(#asks)*
                #service
                __out.#answer
            }
        }
    }

    /// The future that waits for the answers and calls the function then. All questions have been asked before it waits for
    /// the first of them.
    fn answered(&self, function: &Function, call: &TokenStream) -> TokenStream {
        let answers = self.questions.iter().map(
            |Question { cfgs, variable, .. }| quote!(#(#cfgs)* let #variable = #variable.await?;),
        );
        let wait = function.is_async.then(|| quote!(.await));
        let span = function.ident.span().resolved_at(Span::call_site());
        let output = match function.streams() {
            Some(_) => quote_spanned!(span=> __out.collect(&__call, #call #wait).await),
            None => quote_spanned!(span=> #call #wait),
        };
        quote_spanned! {span=>
            async move {
                #(#answers)*
                __mcp::Ok(#output)
            }
        }
    }

    /// The call of the function. It stands where the name does, so that a future that is not `Send` is blamed there.
    fn call(&self, function: &Function) -> TokenStream {
        let ident = &function.ident;
        let values = self.values();
        let service = quote!(&__service,);
        let (callee, service) = match (function.place, function.has_receiver) {
            (Place::Free, _) => (quote!(#ident), None),
            (Place::Method, false) => (quote_spanned!(ident.span()=> Self::#ident), None),
            (Place::Method, true) => (quote_spanned!(ident.span()=> Self::#ident), Some(service)),
        };
        // The variables keep out of that place: in a macro of the user's own, one that stands elsewhere is not seen.
        quote_spanned!(ident.span()=> #callee(#service #(#values),*))
    }

    /// Takes the arguments; those that are flattened take what is left.
    fn takes(&self) -> TokenStream {
        let (flattened, plain): (Vec<_>, Vec<_>) = self
            .parameters
            .iter()
            .partition(|parameter| parameter.flatten.is_some());
        let takes = plain.into_iter().chain(flattened).map(|parameter| {
            let Parameter {
                cfgs,
                constant,
                variable,
                ..
            } = parameter;
            quote!(#(#cfgs)* let #variable = #constant.take(&mut __call);)
        });
        quote! {
            #(#takes)*
            if __call.is_refused() {
                return __call.refused();
            }
        }
    }

    /// What the function is called with, in its order.
    fn values(&self) -> Vec<TokenStream> {
        let filled = self.parameters.iter().map(|parameter| {
            let Parameter {
                index,
                cfgs,
                variable,
                ..
            } = parameter;
            (*index, quote!(#(#cfgs)* #variable.filled()))
        });
        let answered = self.questions.iter().map(|question| {
            let Question {
                index,
                cfgs,
                variable,
                ..
            } = question;
            (*index, quote!(#(#cfgs)* #variable))
        });
        let mut values: Vec<(usize, TokenStream)> = filled.chain(answered).collect();
        values.sort_by_key(|(index, _)| *index);
        values.into_iter().map(|(_, value)| value).collect()
    }

    fn each(&self, write: impl Fn(&Parameter) -> TokenStream) -> Vec<TokenStream> {
        self.parameters.iter().map(write).collect()
    }
}
