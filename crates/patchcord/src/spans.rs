//! Spans of time as spans of ids: the id of what is kept in the order of its time begins with that time (UUID version 7).

use jiff::Timestamp;
use uuid::Uuid;

/// What no id that was made at `time` is below, and every earlier one is.
pub(crate) fn lowest_id(time: Timestamp) -> Uuid {
    let millis = u128::try_from(time.as_millisecond()).unwrap_or(0);
    Uuid::from_u128(millis << 80)
}

/// The bound below which ids are wanted: those before `time`, and before the one at which the page before ended.
pub(crate) fn below(until: Option<Timestamp>, before: Option<Uuid>) -> Option<String> {
    let until = until.map(lowest_id);
    before.into_iter().chain(until).min().map(|id| id.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_of_time_is_a_span_of_ids() {
        let before = Timestamp::now();
        let id = Uuid::now_v7();
        let after = Timestamp::now() + jiff::SignedDuration::from_millis(1);
        assert!(lowest_id(before) <= id && id < lowest_id(after));
        assert_eq!(lowest_id(Timestamp::MIN), Uuid::nil());
    }

    #[test]
    fn the_narrower_of_two_bounds_holds() {
        let (old, new) = (Timestamp::UNIX_EPOCH, Timestamp::now());
        let bound = |before: Timestamp, until| below(Some(until), Some(lowest_id(before)));
        assert_eq!(bound(old, new), Some(lowest_id(old).to_string()));
        assert_eq!(bound(new, old), Some(lowest_id(old).to_string()));
        assert_eq!(below(Some(new), None), Some(lowest_id(new).to_string()));
        assert_eq!(below(None, None), None);
    }
}
