//! What criterion measures where one thing is compared with another: how many times as much it costs.

use criterion::Throughput;
use criterion::measurement::{Measurement, ValueFormatter};

/// A ratio. Benchmarks give it by `iter_custom`, as [`in_turns`](crate::in_turns) does: the ratio times how often the work was
/// done. Whatever is not compared with anything costs as much as itself.
#[derive(Debug, Clone, Copy, Default)]
pub struct Ratio;

impl Measurement for Ratio {
    type Intermediate = ();
    type Value = f64;

    fn start(&self) {}

    fn end(&self, (): ()) -> f64 {
        1.0
    }

    fn add(&self, one: &f64, other: &f64) -> f64 {
        one + other
    }

    fn zero(&self) -> f64 {
        0.0
    }

    fn to_f64(&self, value: &f64) -> f64 {
        *value
    }

    fn formatter(&self) -> &dyn ValueFormatter {
        self
    }
}

const UNIT: &str = "times";

impl ValueFormatter for Ratio {
    fn scale_values(&self, _: f64, _: &mut [f64]) -> &'static str {
        UNIT
    }

    fn scale_throughputs(&self, _: f64, _: &Throughput, _: &mut [f64]) -> &'static str {
        UNIT
    }

    fn scale_for_machines(&self, _: &mut [f64]) -> &'static str {
        UNIT
    }
}
