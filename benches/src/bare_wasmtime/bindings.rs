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
        "patchcord:block/dynamics.query-with": async | trappable,
        "patchcord:block/dynamics.fetch-xml": async | trappable,
        "patchcord:block/dynamics.count": async | trappable,
        "patchcord:block/dynamics.retrieve-with": async | trappable,
        "patchcord:block/dynamics.create-with": async | trappable,
        "patchcord:block/dynamics.upsert": async | trappable,
        "patchcord:block/dynamics.update-with": async | trappable,
        "patchcord:block/dynamics.delete-with": async | trappable,
        "patchcord:block/dynamics.associate": async | trappable,
        "patchcord:block/dynamics.disassociate": async | trappable,
        "patchcord:block/phone.find": async | trappable,
        default: trappable,
    },
    exports: { default: async },
    with: { "patchcord:block/dynamics.record-set": super::host::Records },
});
