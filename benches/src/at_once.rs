//! What a piece of work costs in processor time where many do it side by side, alone or in turns with another one.

use std::time::Duration;

use tokio::task::JoinSet;

use crate::CpuTime;

const LANES: u64 = 32;
/// Some ten milliseconds of look-ups: short beside what a machine that is shared does to whoever runs then, long beside
/// the lanes' beginning and ending.
const TURN: u64 = 20 * LANES;

/// Something that is done again and again.
pub trait Work: Clone + Send + Sync + 'static {
    /// Does it once. What goes wrong ends the benchmark.
    fn once(&self) -> impl Future<Output = ()> + Send;
}

/// Does the work so many times, in 32 lanes, and says what processor time that took.
pub async fn at_once(times: u64, work: &impl Work) -> Duration {
    let before = CpuTime::used();
    let mut lanes = JoinSet::new();
    for lane in 0..LANES {
        let (work, mine) = (work.clone(), times / LANES + u64::from(lane < times % LANES));
        lanes.spawn(async move {
            for _ in 0..mine {
                work.once().await;
            }
        });
    }
    lanes.join_all().await;
    CpuTime::used().saturating_sub(before)
}

/// Does the work so many times, and as often what it is compared with, in short turns that whatever else the machine does
/// meets alike. How many times the processor time of the other it took, times how often.
pub async fn in_turns(times: u64, work: &impl Work, other: &impl Work) -> f64 {
    let (mut took, mut other_took) = (Duration::ZERO, Duration::ZERO);
    let mut left = times;
    while left > 0 {
        let turn = left.min(TURN);
        other_took += at_once(turn, other).await;
        took += at_once(turn, work).await;
        left -= turn;
    }
    took.as_secs_f64() / other_took.as_secs_f64() * times as f64
}
