//! What a fault in a document is called, and where it is said to be.

mod accounts;
mod columns;
mod document;
mod exits;
mod failures;
mod good;
mod other_scenarios;
mod properties;
mod variables;
