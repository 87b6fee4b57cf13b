//! The bindings generated from the contract in `wit/`, kept in one module so that nothing else names them.

#![allow(missing_docs, reason = "the contract documents every item, and these are no public API")]

wit_bindgen::generate!({
    path: "../../wit",
    world: "acting-block",
    pub_export_macro: true,
    export_macro_name: "export_block",
});
