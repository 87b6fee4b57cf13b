//! The look-up that is measured: a search for the contact with the caller's number, as a step of `search-object`, and what
//! it finds.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use patchcord_runtime::{Crm, Effect, Invocation, Invoked};
use serde_json::{Value, json};
use uuid::Uuid;

const RUN: Uuid = Uuid::from_u128(1);
/// What the kit's calls ask for too.
const DEADLINE: Duration = Duration::from_secs(10);

/// What the search asks.
pub const QUERY: &str = "$filter=telephone1 eq '+12015550100' or mobilephone eq '+12015550100'\
    &$select=contactid,fullname,emailaddress1,telephone1&$top=2";

/// The properties of the step.
pub fn properties() -> Value {
    json!({ "object_type": "contacts", "query": QUERY, "recordset": "Caller" })
}

/// The one record that it finds.
pub fn record() -> Value {
    json!({
        "@odata.etag": "W/\"1000\"",
        "contactid": "11111111-1111-4111-8111-111111111111",
        "fullname": "Ann Example",
        "emailaddress1": "ann@customers.example",
        "telephone1": "+12015550100",
    })
}

/// When what begins now must have ended.
pub fn deadline() -> Instant {
    Instant::now() + DEADLINE
}

/// The step, made anew each time, as the engine does.
pub fn invocation(crm: Arc<dyn Crm>) -> Invocation {
    Invocation {
        run: RUN.to_string(),
        step_key: RUN,
        locale: "en-US".into(),
        deadline: deadline(),
        properties: properties(),
        crm,
        counted: true,
    }
}

/// Whether the step handed on the one record.
///
/// # Errors
/// It did something else.
pub fn found_one(invoked: Invoked) -> Result<()> {
    let outcome = invoked.result.context("a step ends well")?;
    let handed_on = match &outcome.effects[..] {
        [Effect::SetRecordset { records, .. }] if outcome.exit.is_none() => Some(records.count()),
        _ => None,
    };
    ensure!(handed_on == Some(1), "a step hands on the record that was found: {outcome:?}");
    Ok(())
}
