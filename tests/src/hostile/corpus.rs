//! Every hostile block with its expected end: the table that the tests walk.

use patchcord::runtime::{CrmErrorKind, LimitKind};

use super::{Ends, Hostile};

macro_rules! corpus {
    ($($name:literal => $ends:expr,)*) => { &[$(Hostile { name: $name, ends: $ends }),*] };
}

/// All of them. Two versions of one block that are not the same bytes are no row: what becomes of those is for who installs
/// blocks to say, not for who runs them.
pub const CORPUS: &[Hostile] = corpus! {
    // What computes without end, wherever the host lets it compute.
    "endless-loop" => Ends::Limit(LimitKind::Cpu),
    "endless-loop-in-allocation" => Ends::Limit(LimitKind::Cpu),
    "endless-loop-in-host-call" => Ends::Limit(LimitKind::Cpu),
    "endless-loop-after-waiting" => Ends::Limit(LimitKind::Cpu),
    "endless-clean-up" => Ends::Limit(LimitKind::Cpu),
    "endless-looks-at-the-clock" => Ends::Limit(LimitKind::Cpu),
    "endless-start" => Ends::Describe("of CPU time"),
    // What takes memory: its own, or that of the host.
    "memory-bomb" => Ends::Limit(LimitKind::Memory),
    "table-growth" => Ends::Limit(LimitKind::TableElements),
    "stack-overflow" => Ends::Crashed("call stack is exhausted"),
    "stack-overflow-in-host-call" => Ends::Crashed("call stack is exhausted"),
    "gigabyte-that-is-not-there" => Ends::Crashed("out of bounds"),
    "gigabyte-in-pieces" => Ends::Limit(LimitKind::BytesOut),
    "million-effects" => Ends::Limit(LimitKind::BytesOut),
    "ten-million-log-lines" => Ends::Limit(LimitKind::LogLines),
    "long-log-lines" => Ends::Limit(LimitKind::BytesOut),
    "random-flood" => Ends::Limit(LimitKind::BytesIn),
    "record-flood" => Ends::Limit(LimitKind::Records),
    "too-much-memory" => Ends::Refused("memory"),
    "many-memories" => Ends::Refused("memories"),
    "huge-table" => Ends::Refused("table"),
    // What floods Dynamics 365, or what stands behind the host.
    "host-call-flood" => Ends::Limit(LimitKind::HostCalls),
    "undeclared-operation" => Ends::Denied("does not list delete"),
    "deep-columns" => Ends::CallRefused(CrmErrorKind::InvalidRequest),
    // What answers what the contract does not allow.
    "deep-value" => Ends::Crashed("is no JSON: recursion limit exceeded"),
    "invalid-utf8-exit" => Ends::Crashed("invalid utf-8"),
    "invalid-utf8-log" => Ends::Crashed("invalid utf-8"),
    "unknown-exit" => Ends::Crashed("it took the exit \"back_door\""),
    "undeclared-variable" => Ends::Crashed("it set the variable \"admin\""),
    "forged-handle" => Ends::Crashed("unknown handle index"),
    "dropped-handle" => Ends::Crashed("unknown handle index"),
    "same-handle-twice" => Ends::Crashed("unknown handle index"),
    "lying-allocation" => Ends::Crashed("realloc"),
    "result-at-the-end-of-memory" => Ends::Crashed("pointer"),
    "recursion-into-itself" => Ends::Crashed("cannot leave component instance"),
    "trap" => Ends::Crashed("give_up"),
    // What cannot say what it is.
    "describe-trap" => Ends::Describe("give_up"),
    "describe-endless" => Ends::Describe("of CPU time"),
    "describe-calls-out" => Ends::Describe("not at hand during describe"),
    "describe-memory-bomb" => Ends::Describe("of memory"),
    "describe-huge" => Ends::Describe("1 MiB of manifest"),
    "describe-invalid-utf8" => Ends::Describe("invalid utf-8"),
    "describe-deep-schema" => Ends::Manifest("not JSON: recursion limit exceeded"),
    "describe-schema-bomb" => Ends::Manifest("too large once its references are followed"),
    // What is no block at all.
    "module" => Ends::NotAComponent("core wasm module"),
    "unknown-import" => Ends::UnknownImports("wasi:filesystem/preopens@0.2.6"),
    "newer-contract" => Ends::UnknownImports("patchcord:block/dynamics@2.0.0"),
    "nothing" => Ends::WrongContract("describe"),
};
