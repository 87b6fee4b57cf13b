//! The tables of `docs/dynamics.md`, a test a row: each error is brought about at the emulator, and what account, block and
//! designer see of it is what the row says.
//!
//! The document is the data, so it cannot be untrue. Rows are tests of their own by `libtest-mimic`; they take turns at
//! one server, since a fault at the emulator meets whoever comes first.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod dataverse;
mod document;
mod entra;
mod stage;

use std::process::ExitCode;
use std::sync::Arc;

use libtest_mimic::{Arguments, Trial};

use document::Row;
use stage::Stage;

const DOCUMENT: &str = include_str!("../../../docs/dynamics.md");

fn main() -> ExitCode {
    let rows = document::rows(DOCUMENT);
    let stage = Arc::new(Stage::new());
    let mut trials = vec![
        complete("every_dataverse_code_has_a_row", dataverse::missing(&rows)),
        complete("every_aadsts_code_has_a_row", entra::missing(&rows)),
    ];
    for row in rows {
        let show: Option<fn(&Stage, &Row)> = match row.table.as_str() {
            dataverse::TABLE => Some(dataverse::show),
            entra::TABLE => Some(entra::show),
            _ => None,
        };
        let Some(show) = show else { continue };
        let stage = Arc::clone(&stage);
        let name = format!("line_{}_{}", row.line, row.name());
        trials.push(Trial::test(name, move || {
            show(&stage, &row);
            Ok(())
        }));
    }
    let conclusion = libtest_mimic::run(&Arguments::from_args(), trials);
    stage.end();
    conclusion.exit_code()
}

fn complete(name: &str, missing: Vec<String>) -> Trial {
    Trial::test(name, move || match missing.is_empty() {
        true => Ok(()),
        false => Err(format!("no row for {}", missing.join(", ")).into()),
    })
}
