//! Components that are damaged: cut short at every byte, and with bits turned over. Each is refused with a typed error, or
//! is a block that runs within its limits; none takes the host down or holds it up.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::{StreamExt, stream};
use patchcord::runtime::testing::StubCrm;
use patchcord::runtime::{Invocation, Limits, LoadError, Runtime, RuntimeConfig};
use patchcord_tests::hostile::{CORPUS, harmless, properties};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use serde_json::json;
use uuid::Uuid;

/// Components with one bit turned over.
const FLIPPED: usize = 3_000;
/// Components with several bytes replaced.
const SCRAMBLED: usize = 1_000;
/// Nothing here takes a second; what takes this long hangs.
const HANGS: Duration = Duration::from_secs(120);

fn runtime() -> Runtime {
    let limits = Limits { cpu: Duration::from_millis(50), ..Limits::default() };
    Runtime::new(RuntimeConfig { max_instances: 4, limits, ..RuntimeConfig::default() }).unwrap()
}

/// Loads what may be no component any more, and runs it where it is one. Says whether it was.
async fn bear(runtime: &Runtime, what: &str, bytes: &[u8]) -> bool {
    let borne = tokio::time::timeout(HANGS, async {
        let block = match runtime.load(bytes).await {
            Ok(block) => block,
            Err(error) => {
                let panicked = matches!(&error, LoadError::Refused(why) if why.contains("panic"));
                assert!(!panicked, "{what}: {error}");
                return false;
            }
        };
        let invocation = Invocation {
            run: "run".into(),
            step_key: Uuid::from_u128(7),
            locale: "en-US".into(),
            deadline: Instant::now() + Duration::from_secs(60),
            properties: properties(),
            crm: Arc::new(StubCrm::new().with_records(&[json!({ "fullname": "Ann Example" })])),
            counted: true,
        };
        // Whatever it answers has a type; that there is an answer is what counts.
        block.invoke(invocation).await;
        true
    });
    borne.await.unwrap_or_else(|_| panic!("{what} holds the host up"))
}

async fn bear_all(bytes: impl Iterator<Item = (String, Vec<u8>)>) -> (usize, usize) {
    let runtime = runtime();
    let loaded = stream::iter(bytes)
        .map(|(what, bytes)| {
            let runtime = runtime.clone();
            tokio::spawn(async move { bear(&runtime, &what, &bytes).await })
        })
        .buffer_unordered(8)
        .map(|borne| borne.expect("the host panicked"))
        .collect::<Vec<_>>()
        .await;
    let sound = runtime.load(&harmless("sound").unwrap()).await;
    assert!(sound.is_ok(), "the runtime has had enough: {sound:?}");
    (loaded.iter().filter(|loaded| **loaded).count(), loaded.len())
}

#[tokio::test(flavor = "multi_thread")]
async fn components_cut_short_are_refused() {
    let whole = harmless("whole").unwrap();
    let lengths = 0..whole.len();
    let cut = lengths.map(|length| (format!("{length} bytes"), whole[..length].to_vec()));
    let (loaded, all) = bear_all(cut).await;
    assert_eq!(all, whole.len());
    assert!(loaded <= 1, "only one that ends before its names is whole: {loaded}");
}

#[tokio::test(flavor = "multi_thread")]
async fn components_with_a_bit_turned_over_are_borne() {
    let bodies = [harmless("whole").unwrap(), deed("endless-loop"), deed("unknown-exit")];
    let bits: usize = bodies.iter().map(|bytes| bytes.len() * 8).sum();
    // Evenly spread over all bits of all of them; 8 and the step have no common divisor, so that no bit is spared.
    let step = (bits / FLIPPED) | 1;
    let flipped = (0..FLIPPED).map(|index| {
        let (mut bit, mut body) = (index * step % bits, 0);
        while bit >= bodies[body].len() * 8 {
            bit -= bodies[body].len() * 8;
            body += 1;
        }
        let mut bytes = bodies[body].clone();
        bytes[bit / 8] ^= 1 << (bit % 8);
        (format!("bit {bit} of component {body}"), bytes)
    });
    let (loaded, all) = bear_all(flipped).await;
    assert_eq!(all, FLIPPED);
    assert!(loaded > 0, "some bits are of no account, such as those of texts");
    assert!(loaded < all, "some bits are of account");
}

#[tokio::test(flavor = "multi_thread")]
async fn components_with_bytes_replaced_are_borne() {
    let whole = deed("endless-loop-in-host-call");
    let scrambled = (0..SCRAMBLED).map(|seed| {
        let mut random = StdRng::seed_from_u64(seed as u64);
        let mut bytes = whole.clone();
        for _ in 0..random.random_range(1..=4) {
            // The header stays, so that all of them get as far as they can.
            let at = random.random_range(8..bytes.len());
            bytes[at] = random.random();
        }
        (format!("seed {seed}"), bytes)
    });
    let (loaded, all) = bear_all(scrambled).await;
    assert_eq!(all, SCRAMBLED);
    assert!(loaded < all);
}

fn deed(name: &str) -> Vec<u8> {
    CORPUS.iter().find(|row| row.name == name).unwrap().build().unwrap()
}
