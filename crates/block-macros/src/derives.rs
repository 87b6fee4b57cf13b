//! What every type has that is read from properties: how it is deserialized, and its JSON Schema. Both come through the
//! SDK, so that an author's Cargo.toml needs neither.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Attribute, DeriveInput, Meta, Path, Token, punctuated::Punctuated};

const OURS: [&str; 2] = ["Deserialize", "JsonSchema"];

/// The attributes that stand before the type.
pub(crate) fn attributes(item: &DeriveInput) -> syn::Result<TokenStream> {
    for attribute in &item.attrs {
        derived_already(attribute)?;
    }
    let deny = match says(&item.attrs, "deny_unknown_fields") {
        true => quote!(),
        // A misspelt property is an error, and not silently left out.
        false => quote!(#[serde(deny_unknown_fields)]),
    };
    Ok(quote! {
        #[derive(
            ::patchcord_block::__private::serde::Deserialize,
            ::patchcord_block::__private::schemars::JsonSchema
        )]
        #[serde(crate = "::patchcord_block::__private::serde")]
        #[schemars(crate = "::patchcord_block::__private::schemars")]
        #deny
    })
}

fn derived_already(attribute: &Attribute) -> syn::Result<()> {
    if !attribute.path().is_ident("derive") {
        return Ok(());
    }
    let paths = attribute.parse_args_with(Punctuated::<Path, Token![,]>::parse_terminated)?;
    for path in &paths {
        let name = path.segments.last().map(|segment| segment.ident.to_string());
        if let Some(name) = name.filter(|name| OURS.contains(&name.as_str())) {
            let problem = format!("the attribute derives `{name}` itself: leave it out here");
            return Err(syn::Error::new_spanned(path, problem));
        }
    }
    Ok(())
}

/// Whether `#[serde(…)]` says this word.
pub(crate) fn says(attributes: &[Attribute], word: &str) -> bool {
    serde_metas(attributes).any(|meta| meta.path().is_ident(word))
}

/// What `#[serde(…)]` says, as far as it can be read; serde itself complains of the rest.
pub(crate) fn serde_metas(attributes: &[Attribute]) -> impl Iterator<Item = Meta> {
    let ours = attributes.iter().filter(|attribute| attribute.path().is_ident("serde"));
    ours.filter_map(|attribute| {
        attribute.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated).ok()
    })
    .flatten()
}
