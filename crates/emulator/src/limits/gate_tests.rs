//! The three limits against a clock that the test moves.
// Source: learn.microsoft.com/power-apps/developer/data-platform/api-limits

use super::*;

fn at(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// One request that is over at once.
fn send(gate: &mut Gate, now: Duration, ms: u64) -> Result<Remaining, Refusal> {
    gate.enter(now, "user", 1)?;
    Ok(gate.leave(now, "user", ms))
}

#[test]
fn six_thousand_requests_in_five_minutes_and_no_more() {
    let mut gate = Gate::new(LimitValues::default());
    for n in 0..6000 {
        let left = send(&mut gate, at(n / 100), 1).unwrap();
        assert_eq!(left.requests, 5999 - n);
    }
    let refusal = send(&mut gate, at(60), 1).unwrap_err();
    assert_eq!(refusal, Refusal { limit: Limit::Requests, retry_after: 241 });
    assert_eq!(send(&mut gate, at(60 + 241), 1).unwrap().requests, 99);
}

#[test]
fn a_wait_that_is_kept_ends_when_promised_and_one_that_is_not_grows() {
    let values = LimitValues { requests: 2, ..LimitValues::default() };
    let mut gate = Gate::new(values);
    send(&mut gate, at(0), 0).unwrap();
    send(&mut gate, at(10), 0).unwrap();
    let first = send(&mut gate, at(20), 0).unwrap_err().retry_after;
    let waits: Vec<u64> =
        (0..5).map(|_| send(&mut gate, at(20), 0).unwrap_err().retry_after).collect();
    assert_eq!(first, 281);
    assert_eq!(waits, [282, 283, 284, 285, 286]);
    assert!(send(&mut gate, at(20 + 286), 0).is_ok());

    for _ in 0..1000 {
        let wait = send(&mut gate, at(307), 0).err().map_or(0, |refusal| refusal.retry_after);
        assert!(wait <= 301, "{wait}");
    }
}

#[test]
fn twenty_minutes_of_execution_time_in_five_minutes() {
    let mut gate = Gate::new(LimitValues::default());
    for n in 0..120 {
        assert!(send(&mut gate, at(n), 10_000).is_ok(), "{n}");
    }
    let refusal = send(&mut gate, at(120), 10_000).unwrap_err();
    assert_eq!(refusal, Refusal { limit: Limit::ExecutionTime, retry_after: 181 });
    assert_eq!(send(&mut gate, at(301), 0).unwrap().execution_ms, 10_000);
}

#[test]
fn fifty_two_at_the_same_time() {
    let mut gate = Gate::new(LimitValues::default());
    for _ in 0..52 {
        gate.enter(at(1), "user", 1).unwrap();
    }
    let refusal = gate.enter(at(1), "user", 1).unwrap_err();
    assert_eq!(refusal, Refusal { limit: Limit::Concurrent, retry_after: 1 });
    gate.leave(at(2), "user", 1000);
    assert!(gate.enter(at(2), "user", 1).is_ok());
}

#[test]
fn users_are_counted_apart_and_their_number_is_bounded() {
    let values = LimitValues { requests: 1, ..LimitValues::default() };
    let mut gate = Gate::new(values);
    send(&mut gate, at(0), 0).unwrap();
    assert!(send(&mut gate, at(0), 0).is_err());
    for n in 0..2 * MOST_USERS {
        let user = n.to_string();
        gate.enter(at(1), &user, 1).unwrap();
        gate.leave(at(1), &user, 0);
    }
    assert_eq!(gate.users.len(), MOST_USERS);
    assert_eq!(gate.counts(at(1)).len(), MOST_USERS);
}

#[test]
fn operations_of_a_batch_count_when_that_is_set() {
    let values = LimitValues { requests: 10, ..LimitValues::default() };
    let mut gate = Gate::new(values);
    gate.enter(at(0), "user", 9).unwrap();
    assert_eq!(gate.leave(at(0), "user", 0).requests, 1);
}
