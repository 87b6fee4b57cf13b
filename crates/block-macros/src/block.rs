//! `#[block(…)]`: what a struct needs to be a block.

use proc_macro2::TokenStream;
use quote::{format_ident, quote, quote_spanned};
use syn::{Data, DeriveInput, Fields, FieldsNamed};

use crate::arguments::Arguments;
use crate::derives;
use crate::outputs::{self, Kind, Output};

pub(crate) fn expand(arguments: TokenStream, item: &mut DeriveInput) -> syn::Result<TokenStream> {
    let outputs = outputs(item);
    let arguments = syn::parse2::<Arguments>(arguments);
    let (arguments, outputs) = match (arguments, outputs) {
        (Ok(arguments), Ok(outputs)) => (arguments, outputs),
        (Err(mut error), Err(other)) => {
            error.combine(other);
            return Err(error);
        }
        (Err(error), _) | (_, Err(error)) => return Err(error),
    };
    let derives = derives::attributes(item)?;
    let manifest = manifest(&arguments, &outputs);
    let run = run(item);
    let name = &item.ident;
    Ok(quote! {
        #derives
        #item

        const _: () = {
            #run

            impl ::patchcord_block::Block for #name {
                fn manifest() -> ::patchcord_block::Manifest {
                    #manifest
                }

                fn run(self) -> ::patchcord_block::Result<::patchcord_block::Outcome> {
                    run(self)
                }
            }
        };

        ::patchcord_block::export!(#name);
    })
}

fn outputs(item: &mut DeriveInput) -> syn::Result<Vec<Output>> {
    outputs::refuse_rename_all(item)?;
    if !item.generics.params.is_empty() {
        let problem = "a block has no generics: its properties are read from JSON";
        return Err(syn::Error::new_spanned(&item.generics, problem));
    }
    let name = item.ident.clone();
    match &mut item.data {
        Data::Struct(data) => match &mut data.fields {
            Fields::Named(FieldsNamed { named, .. }) => outputs::take(named),
            Fields::Unit | Fields::Unnamed(_) => {
                let problem = format!(
                    "properties have names: write `struct {name} {{ … }}`, with nothing in it where there is none"
                );
                Err(syn::Error::new_spanned(&item.ident, problem))
            }
        },
        Data::Enum(_) | Data::Union(_) => {
            let problem = "a block is a struct: its fields are the properties";
            Err(syn::Error::new_spanned(&item.ident, problem))
        }
    }
}

/// Calls the author's own `run`, from a place where the trait `Block` is not in scope: there, a block that has no such
/// method would find itself, and run for ever.
fn run(item: &DeriveInput) -> TokenStream {
    let name = &item.ident;
    let call = quote_spanned!(name.span() => #name::run(block));
    quote! {
        fn run(block: #name) -> ::patchcord_block::Result<::patchcord_block::Outcome> {
            #[allow(unused_imports, reason = "it answers only where the block does not")]
            use ::patchcord_block::__private::WithoutRun as _;
            ::patchcord_block::__private::ended(#call)
        }
    }
}

fn manifest(arguments: &Arguments, outputs: &[Output]) -> TokenStream {
    let Arguments { id, title, operations, exits, .. } = arguments;
    let version = match &arguments.version {
        Some(version) => quote!(#version),
        None => quote!(::core::env!("CARGO_PKG_VERSION")),
    };
    let texts = [
        ("category", &arguments.category),
        ("icon", &arguments.icon),
        ("description", &arguments.description),
    ];
    let texts = texts.into_iter().filter_map(|(name, text)| {
        let (name, text) = (format_ident!("{name}"), text.as_ref()?);
        Some(quote!(.#name(#text)))
    });
    let tables = arguments.tables.iter().map(|tables| quote!(.tables([#(#tables),*])));
    let exits = exits.iter().map(|exit| {
        let (id, title, description) = (&exit.id, &exit.title, &exit.description);
        quote!(.exit(#id, #title, #description))
    });
    let outputs = outputs.iter().map(|output| {
        let (property, description) = (&output.property, &output.description);
        match output.kind {
            Kind::Variable => quote!(.variable(#property, #description)),
            Kind::Recordset => quote!(.recordset(#property, #description)),
        }
    });
    let flags = [
        arguments.selects_account.then(|| quote!(.selects_account())),
        arguments.pops_screen.then(|| quote!(.pops_screen())),
    ];
    let flags = flags.into_iter().flatten();
    quote! {
        ::patchcord_block::Manifest::new(#id, #version, #title)
            #(#texts)*
            #(.operation(::patchcord_block::Operation::#operations))*
            #(#tables)*
            #(#exits)*
            #(#outputs)*
            #(#flags)*
    }
}
