//! The attribute writes what an author would have written by hand, and the block runs as if he had.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use std::collections::BTreeMap;

use patchcord_block::dynamics::{Error, ErrorKind};
use patchcord_block::prelude::*;
use patchcord_block::testing::{self, FakeHost};
use patchcord_block::{Block, Manifest, Operation};
use serde_json::json;

mod by_hand {
    //! The same block without the attribute.

    use super::*;

    /// Looks something up.
    ///
    /// And says so.
    #[derive(serde::Deserialize, schemars::JsonSchema)]
    #[serde(deny_unknown_fields)]
    pub(crate) struct Lookup {
        /// The table.
        table: EntitySet,
        /// How many.
        #[serde(default)]
        #[schemars(title = "Number", range(min = 1))]
        many: Option<u32>,
        /// Where to.
        found: RecordsetName,
        /// What it was called.
        #[serde(rename = "name")]
        called: Option<VariableName>,
    }

    impl Block for Lookup {
        fn manifest() -> Manifest {
            Manifest::new("example.lookup", "2.0.0", "Look Up")
                .category("Examples")
                .icon("search")
                .operation(Operation::Query)
                .operation(Operation::Retrieve)
                .tables(["contacts", "leads"])
                .exit("no_data", "No Data", "Nothing matched.")
                .recordset("found", "What was found.")
                .variable("name", "Its name.")
                .pops_screen()
        }

        fn run(self) -> Result<Outcome> {
            let Self { table, many, found, called } = self;
            log::debug!("{many:?}");
            let records = dynamics::query(&table, "")?;
            let name = records.column(0, "name");
            Ok(Outcome::next().set_variable(&called, name).set_recordset(&found, records))
        }
    }

    patchcord_block::export!(Lookup);
}

/// Looks something up.
///
/// And says so.
#[block(
    id = "example.lookup",
    title = "Look Up",
    version = "2.0.0",
    category = "Examples",
    icon = "search",
    operations(query, retrieve),
    tables("contacts", "leads"),
    exit(no_data, "No Data", "Nothing matched."),
    pops_screen
)]
struct Lookup {
    /// The table.
    table: EntitySet,
    /// How many.
    #[serde(default)]
    #[schemars(title = "Number", range(min = 1))]
    many: Option<u32>,
    /// Where to.
    #[recordset("What was found.")]
    found: RecordsetName,
    /// What it was called.
    #[serde(rename = "name")]
    #[variable("Its name.")]
    called: Option<VariableName>,
}

impl Lookup {
    fn run(self) -> Result<Outcome> {
        let Self { table, many, found, called } = self;
        log::debug!("{many:?}");
        let records = dynamics::query(&table, "")?;
        let name = records.column(0, "name");
        Ok(Outcome::next().set_variable(&called, name).set_recordset(&found, records))
    }
}

#[test]
fn the_manifests_are_the_same() {
    let written = testing::manifest::<Lookup>().unwrap();
    assert_eq!(written, testing::manifest::<by_hand::Lookup>().unwrap());
    assert_eq!(written["description"], json!("Looks something up.\n\nAnd says so."));
    assert_eq!(written["properties"]["x-patchcord-tables"], json!(["contacts", "leads"]));
    assert_eq!(written["properties"]["additionalProperties"], json!(false));
}

#[test]
fn the_blocks_do_the_same() {
    let properties = json!({"table": "contacts", "found": "f", "name": "n"});
    let told = |fake: &FakeHost, outcome: Outcome| {
        format!("{:?} {outcome:?} {:?}", fake.calls(), fake.log())
    };
    let (fake, hand) = [(); 2].map(|()| FakeHost::new().finds([json!({"name": "A"})])).into();
    let one = testing::run::<Lookup>(&fake, properties.clone()).unwrap();
    let other = testing::run::<by_hand::Lookup>(&hand, properties).unwrap();
    assert_eq!(one.variable("n"), Some(&json!("A")));
    assert_eq!(told(&fake, one), told(&hand, other));
}

#[test]
fn what_no_field_is_for_is_refused() {
    let properties = json!({"table": "contacts", "found": "f", "tabel": "x"});
    let failure = testing::run::<Lookup>(&FakeHost::new(), properties).unwrap_err().to_string();
    assert!(failure.contains("unknown field `tabel`"), "{failure}");
}

/// Fails with an error of its own.
#[block(id = "example.own-error", title = "Own Error", description = "Something else.")]
struct OwnError {}

struct Tired;

impl From<Tired> for Failure {
    fn from(_: Tired) -> Self {
        Self::other("tired")
    }
}

impl OwnError {
    fn run(self) -> Result<Outcome, Tired> {
        Err(Tired)
    }
}

#[test]
fn a_block_may_fail_with_its_own_error_and_says_nothing_that_it_need_not() {
    let failure = testing::run::<OwnError>(&FakeHost::new(), json!({})).unwrap_err();
    assert_eq!(failure, Failure::other("tired"));
    let manifest = testing::manifest::<OwnError>().unwrap();
    assert_eq!(manifest["description"], json!("Something else."));
    assert_eq!(manifest["version"], json!(env!("CARGO_PKG_VERSION")));
    assert_eq!(manifest["operations"], json!([]));
    let schema = manifest["properties"].as_object().unwrap();
    assert!(!schema.contains_key("x-patchcord-tables"), "{schema:?}");
}

/// A part of a property.
#[property]
struct Part {
    /// A table.
    table: EntitySet,
}

/// Asks every table that it is told of, and one that it knows.
#[block(id = "example.asks", title = "Asks", operations(query, update), tables("accounts"))]
struct Asks {
    /// A table.
    one: Option<EntitySet>,
    /// Tables.
    #[serde(default)]
    many: Vec<Part>,
    /// A part.
    part: Option<Part>,
    /// Tables by names of their own.
    #[serde(default)]
    named: BTreeMap<String, EntitySet>,
    /// Plain text.
    text: String,
}

impl Asks {
    fn run(self) -> Result<Outcome> {
        let parts = self.many.iter().chain(&self.part).map(|part| &part.table);
        for table in self.one.iter().chain(parts).chain(self.named.values()) {
            dynamics::Query::table(table).fetch()?;
        }
        dynamics::Query::table("accounts").fetch()?;
        dynamics::Query::table(&self.text).fetch()?;
        Ok(Outcome::next())
    }
}

fn asked(properties: serde_json::Value) -> (Result<Outcome>, usize) {
    let fake = (0..7).fold(FakeHost::new(), |fake, _| fake.finds([]));
    let outcome = testing::run::<Asks>(&fake, properties);
    (outcome, fake.calls().len())
}

#[test]
fn the_tables_that_are_declared_or_chosen_may_be_used() {
    let many = json!([{"table": "leads"}, {"table": "queues"}]);
    let (part, named) = (json!({"table": "orders"}), json!({"best": "quotes"}));
    let properties = json!({
        "one": "contacts", "many": many, "part": part, "named": named, "text": "queues",
    });
    let (outcome, calls) = asked(properties);
    assert_eq!(outcome.unwrap().exit_taken(), "next");
    assert_eq!(calls, 7);
}

#[test]
fn any_other_table_is_refused_and_not_asked() {
    let (outcome, calls) = asked(json!({"text": "contacts"}));
    match outcome.unwrap_err() {
        Failure::Dynamics(Error { kind: ErrorKind::PolicyDenied, message, .. }) => {
            assert!(message.contains("`contacts`"), "{message}");
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(calls, 1, "the one of `accounts`");
}
