//! The guest SDK: what a block author depends on.
//!
//! A block is a struct, an attribute and a method. The struct is the Edit pane of the designer: its fields, their
//! kinds and their documentation become the JSON Schema of the manifest. The [attribute](macro@block) says what the block is
//! and what it may do; `run` does the work.
//!
//! ```
//! use patchcord_block::prelude::*;
//!
//! /// Counts the contacts of a company.
//! #[block(
//!     id = "example.count-colleagues",
//!     title = "Count Colleagues",
//!     category = "Examples",
//!     icon = "search",
//!     operations(query),
//!     tables("contacts"),
//!     exit(no_data, "No Data", "Nobody works there.")
//! )]
//! struct CountColleagues {
//!     /// The company, as Dynamics 365 spells it.
//!     company: String,
//!     /// The variable that receives the number.
//!     #[variable("Number of contacts of the company.")]
//!     count: VariableName,
//! }
//!
//! impl CountColleagues {
//!     fn run(self) -> Result<Outcome> {
//!         let found = dynamics::Query::table("contacts")
//!             .filter(column("parentcustomerid_account/name").eq(&self.company))
//!             .select(["contactid"])
//!             .top(50)
//!             .fetch()?;
//!         if found.is_empty() {
//!             return Ok(Outcome::exit("no_data"));
//!         }
//!         Ok(Outcome::next().set_variable(&self.count, found.count()))
//!     }
//! }
//!
//! // Its test, on the machine of its author:
//! use patchcord_block::testing::{self, FakeHost};
//! use serde_json::json;
//!
//! let fake = FakeHost::new().finds([json!({"contactid": "…"})]);
//! let outcome = testing::run::<CountColleagues>(&fake, json!({"company": "O'Neil Ltd", "count": "n"}))?;
//! assert_eq!(outcome.variable("n"), Some(&json!(1)));
//! # Ok::<(), Failure>(())
//! ```
//!
//! Compiled for `wasm32-unknown-unknown` it is a component that imports of `patchcord:block` what
//! it uses and nothing else. On any other target nothing is exported and the functions of this crate
//! speak to a [`testing::FakeHost`]. The generated bindings are no part of the public API, so a new version of the
//! generator is no new version of this crate.
//!
//! | to | there is |
//! |---|---|
//! | take properties | the kinds, such as [`EntitySet`], [`RecordId`], [`VariableName`]; [`property`](macro@property) for types of one's own |
//! | ask Dynamics 365 | [`dynamics::Query`] and the functions of [`dynamics`]; [`phone::find`] for a number |
//! | end | [`Outcome`], or [`Failure`] by `?`, [`OrFail`] and [`Failure::other`] |
//! | know the call, and log | [`call`], such as [`call::deadline_left`], and [`log`], such as `log::info!` |
//! | test | [`testing`] |
//!
//! Beneath the attribute are the trait [`Block`] and [`export!`]. They say the same in more words, for a block that the
//! attribute does not suit.

// The attributes write `::patchcord_block`, in the tests of this crate too.
extern crate self as patchcord_block;

mod block;
pub mod call;
pub mod dynamics;
mod entry;
mod failure;
mod kind;
pub mod log;
mod manifest;
pub mod odata;
mod outcome;
pub mod phone;
pub mod prelude;
mod property;
mod record_set;
mod schema;

#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;

#[cfg(target_family = "wasm")]
#[doc(hidden)]
#[path = "guest/mod.rs"]
pub mod __guest;
#[cfg(target_family = "wasm")]
use __guest::host;

#[cfg(not(target_family = "wasm"))]
pub mod testing;
#[cfg(not(target_family = "wasm"))]
use testing::host;

pub use block::Block;
pub use failure::{Failure, OrFail, Result};
pub use kind::{
    AccountRef, EntitySet, InvalidValue, ODataQuery, RecordId, RecordsetName, Text, VariableName,
};
pub use manifest::{Exit, Manifest, Operation, Output, OutputKind};
pub use outcome::{Effect, Outcome};
pub use property::{ColumnValues, JsonText};
pub use record_set::{Record, RecordSet};

/// Makes a struct with a method `run(self) -> Result<Outcome>` the block of its crate; once a crate.
///
/// The struct's documentation comment is the block's description, a field's that of the property. A field is required
/// unless it is an `Option` or has `#[serde(default)]`; what serde and schemars know of attributes, such as
/// `#[schemars(title = "…", range(min = 1))]`, may stand on fields. Properties that no field is for are refused.
///
/// | argument | meaning |
/// |---|---|
/// | `id = "…"` | what scenarios name: words of lower-case letters and digits, joined by `.` or `-` |
/// | `title = "…"` | what the palette shows |
/// | `version = "…"` | semantic version; the package's where it is left out |
/// | `category = "…"` | group of the palette; `Other` where it is left out |
/// | `icon = "…"` | name of an icon of the console's set; `block` where it is left out |
/// | `description = "…"` | instead of the struct's documentation |
/// | `operations(query, …)` | what it may do: `query`, `retrieve`, `create`, `update`, `delete`; none where it is left out |
/// | `tables("contacts", …)` | the tables that it uses by itself, besides those that the designer chose: `tables()` for these only, any where it is left out |
/// | `exit(id, "Title", "When it is taken.")` | a way out besides `next` and `failed`; as often as there are |
/// | `selects_account` | it may change which integration account the blocks after it use |
/// | `pops_screen` | it may show a record to the agent |
///
/// A field with the name of something that the block sets declares that as an output: `#[variable("What it will hold.")]`
/// on a [`VariableName`], `#[recordset("What it will hold.")]` on a [`RecordsetName`], either in an `Option` too.
///
/// ```
/// use patchcord_block::prelude::*;
///
/// /// Shows a contact to the agent, and says who it is.
/// #[block(
///     id = "example.show-contact",
///     title = "Show Contact",
///     operations(retrieve),
///     tables("contacts"),
///     pops_screen
/// )]
/// struct ShowContact {
///     /// The contact: its primary key.
///     contact: RecordId,
///     /// The recordset that receives the contact.
///     #[recordset("The contact's record.")]
///     recordset: Option<RecordsetName>,
/// }
///
/// impl ShowContact {
///     fn run(self) -> Result<Outcome> {
///         let contact = dynamics::retrieve("contacts", &self.contact, "$select=fullname")?;
///         let outcome = Outcome::next().pop_screen(&EntitySet::new("contacts")?, &self.contact);
///         Ok(match &self.recordset {
///             Some(name) => outcome.set_recordset(name, contact),
///             None => outcome,
///         })
///     }
/// }
/// # use patchcord_block::testing;
/// # let manifest = testing::manifest::<ShowContact>()?;
/// # assert_eq!(manifest["properties"]["x-patchcord-tables"], serde_json::json!(["contacts"]));
/// # Ok::<(), serde_json::Error>(())
/// ```
///
/// What is missing or wrong is said by the compiler, where it is. A block without `run`:
///
/// ```compile_fail,E0277
/// use patchcord_block::prelude::*;
///
/// #[block(id = "example.idle", title = "Idle")]
/// struct Idle {}
/// ```
pub use patchcord_block_macros::block;

/// Makes a struct or an enum the type of a property, or of a part of one. It is read from JSON, and part of the schema; a
/// member that no field is for is refused.
///
/// ```
/// use patchcord_block::prelude::*;
///
/// /// How urgent it is.
/// #[property]
/// enum Urgency {
///     Low,
///     High,
/// }
///
/// /// A column to change.
/// #[property]
/// struct Change {
///     /// Its name.
///     column: String,
///     /// Its new value; none where it is left out.
///     value: Option<String>,
/// }
///
/// /// Escalates a case.
/// #[block(id = "example.escalate", title = "Escalate")]
/// struct Escalate {
///     /// How urgent it is.
///     urgency: Urgency,
///     /// What else to change.
///     #[serde(default)]
///     changes: Vec<Change>,
/// }
/// # impl Escalate {
/// #     fn run(self) -> Result<Outcome> {
/// #         for Change { column, value } in self.changes {
/// #             log::info!("{column}: {value:?}");
/// #         }
/// #         Ok(match self.urgency { Urgency::Low => Outcome::next(), Urgency::High => Outcome::next() })
/// #     }
/// # }
/// # use patchcord_block::testing;
/// # let manifest = testing::manifest::<Escalate>()?;
/// # let kinds = &manifest["properties"]["properties"]["urgency"]["enum"];
/// # assert_eq!(kinds, &serde_json::json!(["Low", "High"]));
/// # Ok::<(), serde_json::Error>(())
/// ```
pub use patchcord_block_macros::property;

/// Makes a crate the block of this type. Once a crate; [`block`](macro@block) does it by itself. Makes nothing on a native
/// target, where it only checks that the type is a block.
#[cfg(target_family = "wasm")]
#[macro_export]
macro_rules! export {
    ($block:ty) => {
        const _: () = {
            type Exported = $crate::__guest::Exported<$block>;
            $crate::__guest::bindings::export_block!(
                Exported with_types_in $crate::__guest::bindings
            );
        };
    };
}

/// Makes a crate the block of this type. Once a crate; [`block`](macro@block) does it by itself. Makes nothing on a native
/// target, where it only checks that the type is a block.
#[cfg(not(target_family = "wasm"))]
#[macro_export]
macro_rules! export {
    ($block:ty) => {
        const _: fn() -> $crate::Manifest = <$block as $crate::Block>::manifest;
    };
}
