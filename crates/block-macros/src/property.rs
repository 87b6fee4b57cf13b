//! `#[property]`: a type that properties of a block are made of.

use proc_macro2::TokenStream;
use quote::quote;
use syn::DeriveInput;

use crate::derives;

pub(crate) fn expand(arguments: &TokenStream, item: &DeriveInput) -> syn::Result<TokenStream> {
    if !arguments.is_empty() {
        let problem = "`#[property]` takes nothing in brackets";
        return Err(syn::Error::new_spanned(arguments, problem));
    }
    let derives = derives::attributes(item)?;
    Ok(quote!(#derives #item))
}
