//! What a block may know of the call for which it works, its clock and its random bytes. There is no other clock and no
//! other source of randomness in the sandbox: `SystemTime::now` panics there.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::host;

/// Id of the run.
pub fn run_id() -> String {
    host::run_id()
}

/// Time until the run must be answered.
pub fn deadline_left() -> Duration {
    Duration::from_millis(host::deadline_left())
}

/// Language of the call as a BCP 47 tag, such as `en-US`.
pub fn locale() -> String {
    host::locale()
}

/// The time, to the millisecond.
pub fn now() -> SystemTime {
    UNIX_EPOCH + Duration::from_millis(host::now())
}

/// Random bytes, fit for cryptography; at most 4,096 at once, fewer are returned when more are asked for.
pub fn random(count: u32) -> Vec<u8> {
    host::random(count)
}
