//! What a look-up costs the emulator: processor time of one request for a contact by telephone number, among few and
//! among 100,000. It has to be next to nothing, because every other measurement is made against the emulator.
//!
//! Measured is the processor time of the whole process, in which the client runs too: an upper bound.
#![allow(missing_docs, reason = "criterion's macros make public items")]
#![allow(clippy::expect_used, reason = "a benchmark fails by panicking")]

use std::time::Duration;

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use patchcord_benches::{BareReqwest, sign_in};
use patchcord_emulator::{Emulator, EmulatorConfig};
use rustix::time::{ClockId, clock_gettime};
use tokio::runtime::Runtime;

const FEW: u32 = 100;
const MANY: u32 = 100_000;
/// In place of [`MANY`] where criterion only tries the benchmark out.
const TRIED_OUT: u32 = 1_000;

fn lookups(criterion: &mut Criterion) {
    let tokio = Runtime::new().expect("tokio starts");
    let measured = std::env::args().any(|argument| argument == "--bench");
    let many = if measured { MANY } else { TRIED_OUT };
    let mut group = criterion.benchmark_group("emulator_lookup_cpu");
    for contacts in [FEW, many] {
        let (emulator, look_up) = tokio.block_on(prepared(contacts));
        group.bench_function(BenchmarkId::from_parameter(contacts), |bencher| {
            bencher.iter_custom(|times| {
                tokio.block_on(async {
                    let before = processor_time();
                    for _ in 0..times {
                        let found = look_up.look_up().await.expect("the look-up is answered");
                        assert_eq!(found.len(), 1, "one contact has the number");
                    }
                    processor_time() - before
                })
            });
        });
        tokio.block_on(emulator.stop());
    }
    group.finish();
}

/// An emulator with so many contacts, and the request for one in their middle.
async fn prepared(contacts: u32) -> (Emulator, BareReqwest) {
    let free = "127.0.0.1:0".parse().ok();
    let config =
        EmulatorConfig { http: free, https: None, seed: contacts, ..EmulatorConfig::default() };
    let emulator = Emulator::start(config).await.expect("the emulator starts");
    let signed_in = sign_in(emulator.setup()).await.expect("the demo user signs in");
    let caller = emulator.caller(contacts as usize / 2);
    let options = format!(
        "$select=fullname&$filter=mobilephone eq '{0}' or telephone1 eq '{0}'",
        caller.phone_as_stored
    );
    let api = &emulator.setup().api_url;
    let look_up = BareReqwest::new(api, &signed_in.access_token, "contacts", &options);
    let look_up = look_up.expect("the request is one");
    (emulator, look_up)
}

fn processor_time() -> Duration {
    let spent = clock_gettime(ClockId::ProcessCPUTime);
    let seconds = u64::try_from(spent.tv_sec).unwrap_or_default();
    Duration::new(seconds, u32::try_from(spent.tv_nsec).unwrap_or_default())
}

criterion_group!(benches, lookups);
criterion_main!(benches);
