//! Who must wait after wrong passwords: a name, and an address.
//!
//! After a few wrong ones each further one doubles the time in which nothing is tried, up to a quarter of an hour. A try is
//! counted before it is looked at and forgiven when it was right, so that many at once get no further than one after the
//! other. Names that nobody has are counted as others are: waiting tells nothing. It is kept in memory, within a bound: a
//! restart forgets it, and whoever can restart the host needs no password.

use std::net::{IpAddr, Ipv6Addr};
use std::time::{Duration, Instant};

use moka::ops::compute::Op;
use moka::sync::Cache;

/// Wrong passwords for one name that cost nothing.
const FREE_FOR_NAME: u32 = 5;
/// Wrong passwords from one address that cost nothing: many people may share one.
const FREE_FOR_ADDRESS: u32 = 20;
const FIRST_WAIT: Duration = Duration::from_secs(15);
const LONGEST_WAIT: Duration = Duration::from_secs(15 * 60);
/// After how long without a further try what was wrong is forgotten.
const FORGOTTEN: Duration = Duration::from_secs(60 * 60);
/// Names and addresses that are remembered.
const REMEMBERED: u64 = 20_000;

pub(super) struct Lockout {
    tries: Cache<Who, Tries>,
}

#[derive(Clone, PartialEq, Eq, Hash)]
enum Who {
    Name(String),
    Address(IpAddr),
}

#[derive(Clone, Copy)]
struct Tries {
    wrong: u32,
    /// Nothing is tried before.
    until: Option<Instant>,
}

impl Default for Lockout {
    fn default() -> Self {
        let tries = Cache::builder().max_capacity(REMEMBERED).time_to_live(FORGOTTEN).build();
        Self { tries }
    }
}

/// A try that was counted; where it turns out right, it is to be forgiven.
pub(super) struct Counted {
    name: Option<Who>,
    address: Who,
}

impl Lockout {
    /// Counts a try, or says how long to wait with it.
    pub(super) fn count(&self, name: Option<&str>, address: IpAddr) -> Result<Counted, Duration> {
        let address = Who::Address(network(address));
        self.one(&address, FREE_FOR_ADDRESS)?;
        let name = name.map(|name| Who::Name(name.to_owned()));
        match name.as_ref().map_or(Ok(()), |name| self.one(name, FREE_FOR_NAME)) {
            Ok(()) => Ok(Counted { name, address }),
            Err(wait) => {
                // Nothing was tried.
                self.undo(&address);
                Err(wait)
            }
        }
    }

    /// It was right: the name starts anew; its address is as it was before.
    pub(super) fn forgive(&self, counted: &Counted) {
        counted.name.iter().for_each(|name| self.tries.invalidate(name));
        self.undo(&counted.address);
    }

    /// It was not looked at.
    pub(super) fn take_back(&self, counted: &Counted) {
        counted.name.iter().for_each(|name| self.undo(name));
        self.undo(&counted.address);
    }

    fn one(&self, who: &Who, free: u32) -> Result<(), Duration> {
        let mut locked = None;
        self.tries.entry_by_ref(who).and_compute_with(|known| {
            let now = Instant::now();
            let known = known.map(moka::Entry::into_value);
            let wrong = known.map_or(0, |tries| tries.wrong);
            locked = known.and_then(|tries| tries.until?.checked_duration_since(now));
            if locked.is_some_and(|wait| !wait.is_zero()) {
                return Op::Nop;
            }
            locked = None;
            let wrong = wrong.saturating_add(1);
            Op::Put(Tries { wrong, until: wait(wrong, free).map(|wait| now + wait) })
        });
        locked.map_or(Ok(()), Err)
    }

    fn undo(&self, who: &Who) {
        self.tries.entry_by_ref(who).and_compute_with(|known| {
            match known.map(|k| k.into_value()) {
                None => Op::Nop,
                Some(Tries { wrong, .. }) => {
                    Op::Put(Tries { wrong: wrong.saturating_sub(1), until: None })
                }
            }
        });
    }
}

/// How long to wait after so many wrong passwords.
fn wait(wrong: u32, free: u32) -> Option<Duration> {
    let beyond = wrong.checked_sub(free)?;
    Some(FIRST_WAIT.saturating_mul(1 << beyond.min(16)).min(LONGEST_WAIT))
}

/// Whoever has one address of a /64 of IPv6 has all of them.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() & !u128::from(u64::MAX))),
        v4 => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(last: u8) -> IpAddr {
        IpAddr::from([192, 0, 2, last])
    }

    #[test]
    fn each_wrong_password_past_the_free_ones_doubles_the_wait_up_to_a_bound() {
        let waits: Vec<_> = (4..=13).map(|n| wait(n, 5).map(|wait| wait.as_secs())).collect();
        let some = [15, 30, 60, 120, 240, 480, 900, 900, 900].map(Some);
        assert_eq!(waits, [&[None][..], &some].concat());
        assert_eq!(wait(u32::MAX, 5), Some(LONGEST_WAIT));
    }

    #[test]
    fn a_name_waits_wherever_the_tries_come_from_and_others_do_not() {
        let lockout = Lockout::default();
        for n in 0..5 {
            assert!(lockout.count(Some("ann"), address(n)).is_ok(), "{n}");
        }
        let wait = lockout.count(Some("ann"), address(9)).err().unwrap();
        assert!(wait <= FIRST_WAIT && wait > Duration::from_secs(10), "{wait:?}");
        assert!(lockout.count(Some("bob"), address(9)).is_ok());
    }

    #[test]
    fn an_address_waits_whatever_the_names() {
        let lockout = Lockout::default();
        for n in 0..20 {
            assert!(lockout.count(Some(&format!("name{n}")), address(1)).is_ok(), "{n}");
        }
        assert!(lockout.count(Some("another"), address(1)).is_err());
        assert!(lockout.count(Some("another"), address(2)).is_ok());
        let mapped: IpAddr = "::ffff:192.0.2.1".parse().unwrap();
        assert!(lockout.count(Some("another"), mapped).is_err());
        let host = |text: &str| network(text.parse().unwrap());
        assert_eq!(host("2001:db8::1"), host("2001:db8::ffff:1"));
        assert_ne!(host("2001:db8::1"), host("2001:db8:0:1::1"));
    }

    #[test]
    fn who_is_right_is_not_held_up_by_earlier_mistakes() {
        let lockout = Lockout::default();
        for _ in 0..30 {
            for _ in 0..3 {
                let wrong = lockout.count(Some("ann"), address(1)).unwrap();
                lockout.undo(&wrong.address);
            }
            let right = lockout.count(Some("ann"), address(1)).unwrap();
            lockout.forgive(&right);
        }
    }
}
