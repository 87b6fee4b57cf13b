//! What nearly every block needs, for `use patchcord_block::prelude::*;`. The trait [`Block`](crate::Block) is left out:
//! with [`block`](macro@crate::block) nobody writes it, and its `run` would stand beside the author's own.

#[doc(no_inline)]
pub use crate::{
    AccountRef, ColumnValues, EntitySet, Failure, JsonText, ODataQuery, OrFail, Outcome, RecordId,
    RecordSet, RecordsetName, Result, Text, VariableName, block, call, dynamics, log, odata,
    odata::{column, date, literal, not, pattern},
    phone, property,
};
