//! Who asks, and when: what query functions such as `EqualUserId` and `Today` mean.

use jiff::Timestamp;

/// The circumstances of a query.
#[derive(Debug, Clone)]
pub(crate) struct Context {
    /// When the request came in. Days and weeks are those of UTC, the time zone of the emulator's users.
    pub(crate) now: Timestamp,
    /// `systemuserid` of the user as whom the request is made.
    pub(crate) user: String,
    /// `businessunitid` of that user.
    pub(crate) business_unit: String,
}
