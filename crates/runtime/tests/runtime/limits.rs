//! A block that wants too much is stopped with a typed error, and nothing else feels it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::kit::{self, DONE, Fixture, QUERY, contacts, invocation, invoke};
use patchcord_runtime::testing::StubCrm;
use patchcord_runtime::{
    CrmErrorKind, HostFunction, Invoked, Limits, LogLevel, Runtime, RuntimeConfig, StepError,
};
use serde_json::json;

const SPIN: &str = "(loop $l (br $l)) (i32.const 0)";

fn limits(limits: Limits) -> RuntimeConfig {
    let maxima = Limits { cpu: Duration::from_secs(3600), ..Limits::maxima() };
    RuntimeConfig { max_instances: 2, limits, maxima, ..RuntimeConfig::default() }
}

/// A CRM that answers long after every deadline of these tests.
fn silent() -> StubCrm {
    contacts().with_delay(Duration::from_secs(3600))
}

fn exceeded(invoked: &Invoked) -> &str {
    match &invoked.result {
        Err(StepError::LimitExceeded { limit, .. }) => limit,
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "current_thread")]
async fn a_block_that_spins_is_stopped_and_lets_others_work_meanwhile() {
    let cpu = Duration::from_millis(40);
    let block = Fixture::new(SPIN).load_with(limits(Limits { cpu, ..Limits::default() })).await;
    let worked = Arc::new(AtomicBool::new(false));
    let works = Arc::clone(&worked);
    let other = tokio::spawn(async move { works.store(true, Ordering::SeqCst) });
    let invoked = invoke(&block).await;
    assert!(worked.load(Ordering::SeqCst), "the only thread was blocked all the while");
    assert_eq!(exceeded(&invoked), "40ms of CPU time");
    other.await.unwrap();
}

#[tokio::test]
async fn a_block_that_spins_within_its_cpu_limit_is_stopped_at_the_deadline() {
    let cpu = Duration::from_secs(3600);
    let block = Fixture::new(SPIN).load_with(limits(Limits { cpu, ..Limits::default() })).await;
    let mut invocation = invocation(contacts());
    invocation.deadline = Instant::now() + Duration::from_millis(50);
    let invoked = block.invoke(invocation).await;
    assert!(matches!(invoked.result, Err(StepError::Timeout)), "{invoked:?}");
}

#[tokio::test]
async fn a_block_parked_in_a_call_is_stopped_at_the_deadline() {
    let block = Fixture::new(&format!("{QUERY} {DONE}")).load().await;
    // A CRM that does not even keep its own promise to return by the deadline.
    let mut parked = invocation(contacts().hanging());
    parked.deadline = Instant::now() + Duration::from_millis(50);
    let invoked = block.invoke(parked).await;
    assert!(matches!(invoked.result, Err(StepError::Timeout)), "{invoked:?}");
    let [call] = &invoked.host_calls[..] else { panic!("{invoked:?}") };
    assert_eq!((call.operation, call.error), (HostFunction::Query, Some(CrmErrorKind::Timeout)));
    assert!(invoke(&block).await.result.is_ok(), "the block works on");
}

#[tokio::test]
async fn time_parked_is_no_cpu_time() {
    let cpu = Duration::from_millis(500);
    let body = format!("{QUERY} {QUERY} {QUERY} {DONE}");
    let block = Fixture::new(&body).load_with(limits(Limits { cpu, ..Limits::default() })).await;
    let crm = contacts().with_delay(cpu / 2);
    let invoked = block.invoke(invocation(crm)).await;
    assert!(invoked.result.is_ok(), "{invoked:?}");
    assert!(invoked.elapsed > cpu, "it was parked for longer than it may compute");
}

#[tokio::test]
async fn a_block_that_grows_is_stopped() {
    let body = "(loop $l (drop (memory.grow (i32.const 1))) (br $l)) (i32.const 0)";
    let config = limits(Limits { memory_bytes: 1 << 20, ..Limits::default() });
    let block = Fixture::new(body).load_with(config).await;
    assert_eq!(exceeded(&invoke(&block).await), "1 MiB of memory");
}

#[tokio::test]
async fn a_block_that_calls_without_end_is_stopped() {
    let config = limits(Limits { host_calls: 3, ..Limits::default() });
    let block = Fixture::new(&format!("(loop $l {QUERY} (br $l)) {DONE}")).load_with(config).await;
    let invoked = invoke(&block).await;
    assert_eq!(exceeded(&invoked), "3 calls of the CRM");
    assert_eq!(invoked.host_calls.len(), 3);
}

#[tokio::test]
async fn a_block_that_logs_without_end_loses_lines() {
    let config = limits(Limits { log_lines: 3, ..Limits::default() });
    let body = "(loop $l (call $log (i32.const 2) (i32.const 80) (i32.const 8))
        (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 10))))
        (i32.const 0)";
    let invoked = invoke(&Fixture::new(body).load_with(config).await).await;
    assert!(invoked.result.is_ok(), "{invoked:?}");
    let lines: Vec<_> = invoked.log.iter().map(|line| (line.level, &*line.message)).collect();
    let info = (LogLevel::Info, "contacts");
    let note = (LogLevel::Warn, "further lines are dropped: a step may log 3, and 64 KiB of text");
    assert_eq!(lines, [info, info, info, note]);
}

#[tokio::test]
async fn properties_that_are_too_long_do_not_cross() {
    let config = limits(Limits { bytes_in: 1024, ..Limits::default() });
    let block = Fixture::new(DONE).load_with(config).await;
    assert!(invoke(&block).await.result.is_ok());
    let mut long = invocation(contacts());
    long.properties = json!({ "table": "x".repeat(1024) });
    assert_eq!(exceeded(&block.invoke(long).await), "1 KiB into it");
}

#[tokio::test]
async fn a_text_that_is_too_long_does_not_cross() {
    let config = limits(Limits { bytes_out: 1024, ..Limits::default() });
    let body = "(call $log (i32.const 0) (i32.const 40000) (i32.const 20000)) (i32.const 0)";
    let invoked = invoke(&Fixture::new(body).load_with(config).await).await;
    assert_eq!(exceeded(&invoked), "1 KiB out of it");
    assert!(invoked.log.is_empty());
}

#[tokio::test]
async fn an_outcome_that_is_too_long_does_not_cross() {
    let long = "x".repeat(2000);
    let config = limits(Limits { bytes_out: 1024, ..Limits::default() });
    let block = Fixture::with_failure(2, &long).load_with(config.clone()).await;
    assert_eq!(exceeded(&invoke(&block).await), "1 KiB out of it");
    let value = format!("{long:?}");
    let block = Fixture::with_outcome(None, &[kit::Asked::Variable("answer", &value)])
        .load_with(config)
        .await;
    assert_eq!(exceeded(&invoke(&block).await), "1 KiB out of it");
}

#[tokio::test]
async fn a_deadline_in_the_past_starts_nothing() {
    let block = Fixture::new(&format!("{QUERY} {DONE}")).load().await;
    let mut late = invocation(contacts());
    late.deadline = Instant::now();
    let invoked = block.invoke(late).await;
    assert!(matches!(invoked.result, Err(StepError::Timeout)), "{invoked:?}");
    assert!(invoked.host_calls.is_empty());
}

#[tokio::test]
async fn a_full_pool_is_waited_for_until_the_deadline() {
    let config = RuntimeConfig { max_instances: 1, ..RuntimeConfig::default() };
    let block = Fixture::new(&format!("{QUERY} {DONE}")).load_with(config).await;
    let parked = tokio::spawn({
        let block = block.clone();
        async move { block.invoke(invocation(silent())).await }
    });
    let mut hurried = invocation(contacts());
    loop {
        hurried.deadline = Instant::now() + Duration::from_millis(50);
        match block.invoke(hurried.clone()).await.result {
            Err(StepError::Busy) => break,
            // The other one has not got its place yet.
            Ok(_) => tokio::task::yield_now().await,
            other => panic!("{other:?}"),
        }
    }
    let waiting = tokio::spawn({
        let block = block.clone();
        async move { block.invoke(invocation(contacts())).await }
    });
    tokio::task::yield_now().await;
    parked.abort();
    assert!(parked.await.unwrap_err().is_cancelled(), "a cancelled step gives its place back");
    let invoked = waiting.await.unwrap();
    assert!(invoked.result.is_ok(), "{invoked:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn many_at_once_share_a_small_pool() {
    let config = RuntimeConfig { max_instances: 3, ..RuntimeConfig::default() };
    let block = Fixture::new(&format!("{QUERY} {DONE}")).load_with(config).await;
    let steps: Vec<_> = (0..200)
        .map(|_| {
            let block = block.clone();
            tokio::spawn(async move { invoke(&block).await })
        })
        .collect();
    for step in steps {
        let invoked = step.await.unwrap();
        assert!(invoked.result.is_ok(), "{invoked:?}");
    }
}

#[tokio::test]
async fn a_trap_names_the_functions_of_the_guest() {
    let block = Fixture::new("call $give_up (i32.const 0)").load().await;
    for _ in 0..10 {
        let invoked = invoke(&block).await;
        let Err(StepError::Crashed { message, backtrace }) = &invoked.result else {
            panic!("{invoked:?}")
        };
        assert!(message.contains("unreachable"), "{message}");
        assert!(backtrace[0].starts_with("give_up"), "{backtrace:?}");
        assert!(backtrace[1].starts_with("run"), "{backtrace:?}");
    }
}

#[tokio::test]
async fn an_endless_recursion_ends_the_step_only() {
    let block = Fixture::new("(call $recurse (i32.const 0))").load().await;
    let invoked = invoke(&block).await;
    let Err(StepError::Crashed { message, backtrace }) = &invoked.result else {
        panic!("{invoked:?}")
    };
    assert_eq!(message, "its call stack is exhausted");
    assert!(backtrace.len() <= 32, "{}", backtrace.len());
}

#[tokio::test]
async fn every_step_gets_memory_that_nobody_wrote_to() {
    let body = "(if (i32.load (i32.const 60000)) (then unreachable))
        (i32.store (i32.const 60000) (i32.const 1)) (i32.const 0)";
    let config = RuntimeConfig { max_instances: 1, ..RuntimeConfig::default() };
    let block = Fixture::new(body).load_with(config).await;
    for _ in 0..5 {
        let invoked = invoke(&block).await;
        assert!(invoked.result.is_ok(), "{invoked:?}");
    }
}

#[tokio::test]
async fn two_runtimes_live_in_one_process() {
    let bytes = Fixture::new(DONE).build();
    let config = RuntimeConfig { max_instances: 1, ..RuntimeConfig::default() };
    let first = Runtime::new(config.clone()).unwrap();
    let second = Runtime::new(config).unwrap();
    let (one, two) = (first.load(&bytes).await.unwrap(), second.load(&bytes).await.unwrap());
    drop(first);
    assert!(invoke(&one).await.result.is_ok(), "a block keeps what it needs of its runtime");
    assert!(invoke(&two).await.result.is_ok());
}
