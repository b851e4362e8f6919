//! A handler as it was found to be, and the value that it becomes at run time.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::{LitStr, ReturnType};

use crate::{
    argument::Parameter,
    common::Common,
    handler::{Function, Kind, Place},
};

/// A handler, validated: all that differs between the kinds.
pub(crate) struct Definition {
    pub(crate) kind: Kind,
    pub(crate) common: Common,
    pub(crate) parameters: Vec<Parameter>,
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
        quote! {
            let __out = #output;
            let __run = #run;
            #constructor(#arguments, __run) #common #setters #parameters
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
        let (parameter, takes) = match self.parameters.as_slice() {
            [] if streams => (quote!(__call), TokenStream::new()),
            [] => (quote!(_), TokenStream::new()),
            _ => (quote!(mut __call), self.takes()),
        };
        let call = self.call(function);
        let borrows = function.place == Place::Method && function.has_receiver;
        // The future borrows the service, and takes it along for that.
        let service = borrows.then(|| quote!(let __service = __mcp::Arc::clone(&__service);));
        let span = function.ident.span();
        let (service, answer) = match (streams, function.is_async) {
            (true, false) if !borrows => (None, quote!(collect(&__call, #call))),
            (true, is_async) => {
                let wait = is_async.then(|| quote_spanned!(span=> .await));
                let collect = quote!(__out.collect(&__call, #call #wait));
                let future = quote_spanned!(span=> async move { #collect.await });
                (service, quote!(run(#future)))
            }
            (false, true) if borrows => {
                let future = quote_spanned!(span=> async move { #call.await });
                (service, quote!(run(#future)))
            }
            (false, true) => (None, quote!(run(#call))),
            (false, false) => (None, quote!(ready(#call))),
        };
        quote! {
            move |#parameter: __mcp::Call| {
                #takes
                #service
                __out.#answer
            }
        }
    }

    /// The call of the function. It stands where the name does, so that a future that is not `Send` is blamed there.
    fn call(&self, function: &Function) -> TokenStream {
        let ident = &function.ident;
        let values =
            self.each(|Parameter { cfgs, variable, .. }| quote!(#(#cfgs)* #variable.filled()));
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

    fn each(&self, write: impl Fn(&Parameter) -> TokenStream) -> Vec<TokenStream> {
        self.parameters.iter().map(write).collect()
    }
}
