//! What criterion measures where memory is the question: what is resident of this process, in bytes. Pages that several
//! mappings share, such as the image of a block's data, count once (`Pss` of `/proc/self/smaps_rollup`, Linux).

use std::fs;

use criterion::Throughput;
use criterion::measurement::{Measurement, ValueFormatter};

/// Resident memory of the process.
#[derive(Debug, Clone, Copy, Default)]
pub struct Resident;

impl Resident {
    /// How much it is now; 0 where the system does not tell.
    pub fn now() -> u64 {
        let rollup = fs::read_to_string("/proc/self/smaps_rollup").unwrap_or_default();
        let line = rollup.lines().find_map(|line| line.strip_prefix("Pss:"));
        let kib = line.and_then(|rest| rest.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok());
        kib.unwrap_or_default() * 1024
    }
}

impl Measurement for Resident {
    type Intermediate = u64;
    type Value = u64;

    fn start(&self) -> u64 {
        Self::now()
    }

    fn end(&self, before: u64) -> u64 {
        Self::now().saturating_sub(before)
    }

    fn add(&self, one: &u64, other: &u64) -> u64 {
        one + other
    }

    fn zero(&self) -> u64 {
        0
    }

    fn to_f64(&self, value: &u64) -> f64 {
        *value as f64
    }

    fn formatter(&self) -> &dyn ValueFormatter {
        &Kibibytes
    }
}

struct Kibibytes;

impl ValueFormatter for Kibibytes {
    fn scale_values(&self, _: f64, values: &mut [f64]) -> &'static str {
        values.iter_mut().for_each(|value| *value /= 1024.0);
        "KiB"
    }

    fn scale_throughputs(&self, typical: f64, _: &Throughput, values: &mut [f64]) -> &'static str {
        self.scale_values(typical, values)
    }

    fn scale_for_machines(&self, _: &mut [f64]) -> &'static str {
        "bytes"
    }
}
