//! The time that Entra ID goes by: the machine's, moved by an offset.
//!
//! Everything issued and checked follows it, so that a client meets a server whose clock is wrong.

use std::sync::atomic::{AtomicI64, Ordering};

use jiff::{SignedDuration, Timestamp};

#[derive(Default)]
pub(crate) struct Clock(AtomicI64);

impl Clock {
    pub(crate) fn now(&self) -> Timestamp {
        let now = Timestamp::now();
        let offset = SignedDuration::from_secs(self.0.load(Ordering::Relaxed));
        now.checked_add(offset).unwrap_or(now)
    }

    pub(crate) fn set_offset(&self, seconds: i64) {
        self.0.store(seconds, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_offset_moves_it_and_one_out_of_range_does_not() {
        let clock = Clock::default();
        clock.set_offset(-3600);
        let gone = Timestamp::now().as_second() - clock.now().as_second();
        assert!((3599..=3601).contains(&gone), "{gone}");
        clock.set_offset(i64::MAX);
        assert!((Timestamp::now().as_second() - clock.now().as_second()).abs() <= 1);
    }
}
