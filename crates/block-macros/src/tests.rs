//! What the attributes write, and what they answer to mistakes. On token streams, because a compiler for each mistake
//! would cost more than all other tests of the SDK together.

use proc_macro2::TokenStream;
use quote::quote;

use crate::{block, property};

const ID: &str = "id = \"a.b\", title = \"A\"";

fn expand(arguments: TokenStream, item: TokenStream) -> Result<String, Vec<String>> {
    let mut item = syn::parse2(item).unwrap();
    block::expand(arguments, &mut item)
        .map(|tokens| tokens.to_string())
        .map_err(|errors| errors.into_iter().map(|error| error.to_string()).collect())
}

/// The one error of arguments, on a struct with which nothing is wrong.
fn argument_error(arguments: &str) -> String {
    let mut errors = expand(
        arguments.parse().unwrap(),
        quote!(
            struct A {}
        ),
    )
    .unwrap_err();
    assert_eq!(errors.len(), 1, "{errors:?}");
    errors.remove(0)
}

/// The one error of an item, with arguments with which nothing is wrong.
fn item_error(item: TokenStream) -> String {
    let mut errors = expand(ID.parse().unwrap(), item).unwrap_err();
    assert_eq!(errors.len(), 1, "{errors:?}");
    errors.remove(0)
}

#[test]
fn all_that_may_be_said_becomes_the_manifest() {
    let arguments = quote! {
        id = "example.a", title = "A", version = "1.2.0-dev", category = "C", icon = "i", description = "D.",
        operations(query, delete), tables("contacts"), exit(no_data, "No", "Never."),
        exit(other, "Other", "Now."), selects_account, pops_screen,
    };
    let item = quote! {
        struct A {
            #[variable("V.")]
            number: Option<VariableName>,
            #[serde(rename = "found")]
            #[recordset("R.")]
            r#in: patchcord_block::RecordsetName,
        }
    };
    let written = expand(arguments, item).unwrap();
    let manifest = quote! {
        ::patchcord_block::Manifest::new("example.a", "1.2.0-dev", "A")
            .category("C")
            .icon("i")
            .description("D.")
            .operation(::patchcord_block::Operation::Query)
            .operation(::patchcord_block::Operation::Delete)
            .tables(["contacts"])
            .exit("no_data", "No", "Never.")
            .exit("other", "Other", "Now.")
            .variable("number", "V.")
            .recordset("found", "R.")
            .selects_account()
            .pops_screen()
    };
    assert!(written.contains(&manifest.to_string()), "{written}");
    assert!(!written.contains("variable (\"V.\")]"), "{written}");
}

#[test]
fn what_is_left_out_has_its_default() {
    let written = expand(
        ID.parse().unwrap(),
        quote!(
            struct A {}
        ),
    )
    .unwrap();
    let manifest = quote! {
        ::patchcord_block::Manifest::new("a.b", ::core::env!("CARGO_PKG_VERSION"), "A")
    };
    assert!(written.contains(&format!("{{ {manifest} }}")), "{written}");
    assert!(written.contains("deny_unknown_fields"));
}

#[test]
fn an_attribute_of_serde_is_not_repeated() {
    let item = quote! { #[serde(deny_unknown_fields)] struct A {} };
    let written = expand(ID.parse().unwrap(), item).unwrap();
    assert_eq!(written.matches("deny_unknown_fields").count(), 1);
}

#[test]
fn a_mistake_in_the_arguments_is_answered_with_what_to_write() {
    for (arguments, says) in [
        ("title = \"A\"", "the block has no `id`: write `id = \"example."),
        ("id = \"a\"", "the block has no `title`: write `title = \""),
        ("name = \"a\"", "`#[block]` knows no `name`; it knows `id`, `title`, "),
        ("operation(query)", "`#[block]` knows no `operation`; it knows "),
        ("id = 5", "write `id = \"…\"`"),
        ("id(\"a\")", "write `id = \"…\"`"),
        ("id = \"A B\"", "`A B` is no identity: write lower-case"),
        ("id = \"a\", id = \"b\"", "`id` is said twice"),
        ("title = \" \"", "this is empty"),
        ("version = \"1.0\"", "`1.0` is no semantic version: write \"1.0.0\""),
        ("operations = \"query\"", "write `operations(query, update)`"),
        ("operations(search)", "there is no operation `search`; there are `query`, `retrieve`, "),
        ("operations(query, query)", "`query` is said twice"),
        ("tables = \"contacts\"", "write `tables(\"contacts\")`"),
        ("tables(contacts)", "write tables by their entity set names, in quotes"),
        ("tables(\"my contacts\")", "`my contacts` is no entity set name"),
        ("exit = \"a\"", "write `exit(no_data, \"No Data\", "),
        ("exit(\"a\", \"A\", \"B.\")", "write `exit(no_data, \"No Data\", "),
        ("exit(a, \"A\")", "write `exit(no_data, \"No Data\", "),
        ("exit(a, \"A\", \"B.\", \"C\")", "write `exit(no_data, \"No Data\", "),
        ("exit(NoData, \"A\", \"B.\")", "`NoData` is no id of an exit: write lower-case"),
        (
            "exit(no-data, \"A\", \"B.\")",
            "is no id of an exit: write lower-case letters, digits and underscores",
        ),
        ("exit(next, \"A\", \"B.\")", "every block has the exit `next`: leave it out"),
        ("exit(failed, \"A\", \"B.\")", "every block has the exit `failed`: leave it out"),
        ("exit(a, \"A\", \"B.\"), exit(a, \"A\", \"B.\")", "the exit `a` is declared twice"),
        ("exit(a, \"\", \"B.\")", "this is empty"),
        ("id = \"a\" title = \"A\"", "expected `,`"),
    ] {
        let error = argument_error(arguments);
        assert!(error.contains(says), "{arguments}: {error}");
    }
}

#[test]
fn a_mistake_in_the_struct_is_answered_with_what_to_write() {
    for (item, says) in [
        (
            quote!(
                struct A;
            ),
            "write `struct A { … }`",
        ),
        (
            quote!(
                struct A(String);
            ),
            "write `struct A { … }`",
        ),
        (
            quote!(
                enum A {
                    B,
                }
            ),
            "a block is a struct",
        ),
        (
            quote!(
                struct A<T> {
                    b: T,
                }
            ),
            "a block has no generics",
        ),
        (
            quote!(
                #[derive(Debug, serde::Deserialize)]
                struct A {}
            ),
            "derives `Deserialize` itself",
        ),
        (
            quote!(
                #[derive(JsonSchema)]
                struct A {}
            ),
            "derives `JsonSchema` itself",
        ),
        (
            quote!(
                #[serde(rename_all = "camelCase")]
                struct A {}
            ),
            "cannot rename all",
        ),
        (
            quote!(
                struct A {
                    #[variable("V.")]
                    b: String,
                }
            ),
            "make this `VariableName` or `Option<",
        ),
        (
            quote!(
                struct A {
                    #[variable("V.")]
                    b: RecordsetName,
                }
            ),
            "make this `VariableName` or",
        ),
        (
            quote!(
                struct A {
                    #[recordset("R.")]
                    b: VariableName,
                }
            ),
            "make this `RecordsetName` or",
        ),
        (
            quote!(
                struct A {
                    #[recordset("R.")]
                    b: Vec<RecordsetName>,
                }
            ),
            "make this `RecordsetName`",
        ),
        (
            quote!(
                struct A {
                    #[variable]
                    b: VariableName,
                }
            ),
            "say what it will hold: `#[variable(",
        ),
        (
            quote!(
                struct A {
                    #[variable("")]
                    b: VariableName,
                }
            ),
            "say what it will hold",
        ),
        (
            quote!(
                struct A {
                    #[variable(5)]
                    b: VariableName,
                }
            ),
            "say what it will hold",
        ),
        (
            quote!(
                struct A {
                    #[recordset = "R."]
                    b: RecordsetName,
                }
            ),
            "`#[recordset(\"…\")]`",
        ),
        (
            quote!(
                struct A {
                    #[variable("V.")]
                    #[variable("W.")]
                    b: VariableName,
                }
            ),
            "a property names one output",
        ),
        (
            quote!(
                struct A {
                    b: Option<VariableName>,
                }
            ),
            "what is set must be declared: write `#[variable(",
        ),
    ] {
        let shown = item.to_string();
        let error = item_error(item);
        assert!(error.contains(says), "{shown}: {error}");
    }
}

#[test]
fn the_mistakes_of_all_places_are_said_at_once() {
    let item = quote! {
        struct A {
            #[variable("V.")]
            b: String,
            c: VariableName,
        }
    };
    let errors = expand(quote!(id = "A"), item).unwrap_err();
    assert_eq!(errors.len(), 3, "{errors:?}");
}

#[test]
fn a_property_type_is_read_and_described_and_takes_no_arguments() {
    let item = syn::parse2(quote!(
        enum A {
            B,
        }
    ))
    .unwrap();
    let written = property::expand(&TokenStream::new(), &item).unwrap().to_string();
    assert!(written.contains("Deserialize") && written.contains("JsonSchema"), "{written}");
    let error = property::expand(&quote!(query), &item).unwrap_err().to_string();
    assert!(error.contains("takes nothing in brackets"), "{error}");
}
