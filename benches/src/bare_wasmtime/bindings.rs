//! The host's side of `wit/block.wit`, generated a second time, with the settings of the runtime's own.
#![allow(
    missing_docs,
    unreachable_pub,
    clippy::all,
    reason = "generated from the WIT contract, where every item is documented"
)]

wasmtime::component::bindgen!({
    path: "../wit",
    world: "block",
    imports: {
        "patchcord:block/dynamics.query": async | trappable,
        "patchcord:block/dynamics.retrieve": async | trappable,
        "patchcord:block/dynamics.create": async | trappable,
        "patchcord:block/dynamics.update": async | trappable,
        "patchcord:block/dynamics.delete": async | trappable,
        default: trappable,
    },
    exports: { default: async },
    with: { "patchcord:block/dynamics.record-set": super::host::Records },
});
