//! The attributes of the guest SDK. `patchcord-block` hands them on and documents them; nobody depends on this crate by
//! itself, because what it writes names `::patchcord_block`.
//!
//! A mistake is said where it was made, in a sentence that says what to write. What only the compiler can see, such as a
//! block without `run`, is said by traits of `patchcord_block::__private` that carry their own messages.

mod arguments;
mod block;
mod derives;
mod names;
mod outputs;
mod property;
#[cfg(test)]
mod tests;

use proc_macro::TokenStream;
use syn::DeriveInput;

/// Makes a struct a block; documented where `patchcord-block` hands it on.
#[proc_macro_attribute]
pub fn block(arguments: TokenStream, item: TokenStream) -> TokenStream {
    apply(item, |item| block::expand(arguments.into(), item))
}

/// Makes a struct or an enum the type of a property; documented where `patchcord-block` hands it on.
#[proc_macro_attribute]
pub fn property(arguments: TokenStream, item: TokenStream) -> TokenStream {
    apply(item, |item| property::expand(&arguments.into(), item))
}

/// Expands, and where that fails leaves the type beside the errors, so that they are not drowned in others about a type
/// that is missing.
fn apply(
    item: TokenStream,
    expand: impl FnOnce(&mut DeriveInput) -> syn::Result<proc_macro2::TokenStream>,
) -> TokenStream {
    let mut item = match syn::parse::<DeriveInput>(item) {
        Ok(item) => item,
        Err(error) => return error.into_compile_error().into(),
    };
    let tokens = expand(&mut item).unwrap_or_else(|error| {
        outputs::strip(&mut item);
        let errors = error.into_compile_error();
        quote::quote!(#item #errors)
    });
    tokens.into()
}
