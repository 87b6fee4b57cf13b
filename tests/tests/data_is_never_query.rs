//! What a caller or a record brings reaches Dynamics 365 as data, never as query, whatever characters it holds.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use std::collections::BTreeMap;

use patchcord_tests::World;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use tokio::runtime::Runtime;

/// The query options of the last request that the emulator saw.
fn last_options(world: &World) -> BTreeMap<String, String> {
    let entry = world.emulator.log().pop().expect("a request came in");
    entry.options.into_iter().collect()
}

#[test]
fn a_callers_number_is_one_literal() {
    let runtime = Runtime::new().unwrap();
    let world = runtime.block_on(World::consented(20)).unwrap();
    let awkward = prop_oneof![
        any::<String>(),
        "[-+'\"&)(%#=?/;$_\\[\\] a0]{0,24}",
        Just("' or 1 eq 1 or telephone1 eq '".to_owned()),
        Just("1&$top=5000".to_owned()),
        Just("$(item.from)".to_owned()),
    ];
    let mut runner =
        TestRunner::new(Config { cases: 200, failure_persistence: None, ..Config::default() });
    runner
        .run(&awkward, |number| {
            let answer = runtime.block_on(world.api.call_from("identify-caller", &number)).unwrap();
            prop_assert_eq!(&answer["result"], "unknown", "{}", answer);
            let options = last_options(&world);
            let literal = format!("'{}'", number.replace('\'', "''"));
            let filter = format!("telephone1 eq {literal} or mobilephone eq {literal}");
            prop_assert_eq!(options.get("$filter"), Some(&filter));
            let names: Vec<&str> = options.keys().map(String::as_str).collect();
            prop_assert_eq!(names, ["$filter", "$select", "$top"]);
            Ok(())
        })
        .unwrap();
}
