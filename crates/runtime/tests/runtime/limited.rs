//! What an operator sets for one block, and the wait for a place: first come, first served, within the deadline, then busy.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use crate::kit::{DONE, Fixture, QUERY, SET, contacts, invocation, invoke};
use patchcord_runtime::{
    Block, Invoked, LimitError, LimitKind, LimitSettings, Limits, Runtime, RuntimeConfig,
    RuntimeError, StepError,
};
use tokio::task::JoinHandle;

fn pool_of(max_instances: u32) -> RuntimeConfig {
    RuntimeConfig { max_instances, ..RuntimeConfig::default() }
}

/// One query, whose answer is waited for as long as the CRM takes.
async fn one_query(config: RuntimeConfig) -> Block {
    Fixture::new(&format!("{QUERY} {DONE}")).load_with(config).await
}

/// A step that waits for an answer of the CRM until its deadline, or for an hour.
fn parked(block: &Block) -> JoinHandle<Invoked> {
    let block = block.clone();
    tokio::spawn(async move {
        let mut waits = invocation(contacts().hanging());
        waits.deadline = Instant::now() + Duration::from_secs(3600);
        block.invoke(waits).await
    })
}

/// A step that must begin at once or not at all.
async fn hurried(block: &Block) -> Result<(), StepError> {
    let mut hurried = invocation(contacts());
    hurried.deadline = Instant::now() + Duration::from_millis(50);
    block.invoke(hurried).await.result.map(drop)
}

async fn until_busy(block: &Block) {
    loop {
        match hurried(block).await {
            Err(StepError::Busy) => return,
            // Those that are to be parked have not got their places yet.
            Ok(()) => tokio::task::yield_now().await,
            other => panic!("{other:?}"),
        }
    }
}

fn hit(invoked: &Invoked) -> (LimitKind, &str) {
    match &invoked.result {
        Err(StepError::LimitExceeded { kind, limit }) => (*kind, limit),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn each_block_has_its_own_limits_on_the_same_code() {
    let loop_of_queries = format!("(loop $l {QUERY} (br $l)) {DONE}");
    let block = Fixture::new(&loop_of_queries).load_with(pool_of(2)).await;
    let limited = |settings| block.limited(&settings).unwrap();
    let calls = limited(LimitSettings { host_calls: Some(3), ..Default::default() });
    assert_eq!(hit(&invoke(&calls).await), (LimitKind::HostCalls, "3 calls of the CRM"));
    let records = limited(LimitSettings { records: Some(5), ..Default::default() });
    let invoked = invoke(&records).await;
    assert_eq!(hit(&invoked), (LimitKind::Records, "5 records"));
    assert_eq!(invoked.host_calls.len(), 3, "two records each");
    assert_eq!(hit(&invoke(&block).await).1, "64 calls of the CRM", "the others keep theirs");
    assert_eq!((calls.digest(), calls.limits().host_calls), (block.digest(), 3));
}

#[tokio::test]
async fn past_the_maximum_nothing_is_set() {
    let maxima = Limits { memory_bytes: 64 << 20, ..Limits::maxima() };
    let block = one_query(RuntimeConfig { maxima, ..pool_of(1) }).await;
    let settings = LimitSettings { memory_mib: Some(65), ..Default::default() };
    let error = block.limited(&settings).unwrap_err();
    assert_eq!(error, LimitError::PastMaximum { field: "memory_mib", value: 65, maximum: 64 });
    let limits = Limits { host_calls: 7, ..Limits::default() };
    let maxima = Limits { host_calls: 6, ..Limits::maxima() };
    let error = Runtime::new(RuntimeConfig { limits, maxima, ..pool_of(1) }).unwrap_err();
    assert!(matches!(error, RuntimeError::Limits(_)), "{error:?}");
    assert!(error.to_string().contains("host_calls is 7, past the maximum of 6"), "{error}");
}

#[tokio::test]
async fn a_block_that_waits_too_long_is_stopped_before_the_deadline_of_its_run() {
    let block = one_query(pool_of(1)).await;
    let settings = LimitSettings { wall_ms: Some(40), ..Default::default() };
    let block = block.limited(&settings).unwrap();
    // One CRM keeps to the time that it is given, the other to none.
    for crm in [contacts().with_delay(Duration::from_secs(3600)), contacts().hanging()] {
        let invoked = block.invoke(invocation(crm)).await;
        assert_eq!(hit(&invoked), (LimitKind::Wall, "40ms of wall time"));
        assert_eq!(invoked.host_calls.len(), 1, "the call that it waited for is in the trace");
    }
    let mut late = invocation(contacts().hanging());
    late.deadline = Instant::now() + Duration::from_millis(10);
    let invoked = block.invoke(late).await;
    assert!(matches!(invoked.result, Err(StepError::Timeout)), "the deadline stays: {invoked:?}");
}

#[tokio::test]
async fn a_block_with_all_its_places_taken_waits_and_others_do_not() {
    let block = one_query(pool_of(4)).await;
    let settings = LimitSettings { instances: Some(2), ..Default::default() };
    let two = block.limited(&settings).unwrap();
    let taken = [parked(&two), parked(&two)];
    until_busy(&two).await;
    hurried(&block).await.unwrap();
    let waiting = tokio::spawn({
        let two = two.clone();
        async move { invoke(&two).await }
    });
    tokio::task::yield_now().await;
    taken[0].abort();
    assert!(waiting.await.unwrap().result.is_ok(), "a place that comes free is taken");
    taken[1].abort();
}

#[tokio::test]
async fn places_are_given_in_the_order_of_asking() {
    let block = one_query(pool_of(1)).await;
    let holds = parked(&block);
    until_busy(&block).await;
    let order = Arc::new(Mutex::new(Vec::new()));
    let mut waiting = Vec::new();
    for number in 0..20 {
        let (block, order) = (block.clone(), Arc::clone(&order));
        waiting.push(tokio::spawn(async move {
            let invoked = invoke(&block).await;
            order.lock().unwrap().push(number);
            invoked.result.map(drop)
        }));
        // The only thread of this test: the step asks for its place now.
        tokio::task::yield_now().await;
    }
    holds.abort();
    for step in waiting {
        step.await.unwrap().unwrap();
    }
    assert_eq!(*order.lock().unwrap(), (0..20).collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_fails_while_a_hundred_times_as_many_ask_as_there_are_places() {
    let runtime = Runtime::new(pool_of(2)).unwrap();
    let body = format!(
        "{QUERY} (loop $l (br_if $l (i32.lt_u (local.tee $i \
        (i32.add (local.get $i) (i32.const 1))) (i32.const 10000)))) {DONE}"
    );
    let block = runtime.load(&Fixture::new(&body).build()).await.unwrap();
    let one = LimitSettings { instances: Some(1), ..Default::default() };
    let alone = block.limited(&one).unwrap();
    let steps = (0..200).map(|number| {
        let block = if number % 4 == 0 { alone.clone() } else { block.clone() };
        tokio::spawn(async move {
            let crm = contacts().with_delay(Duration::from_millis(number % 3));
            block.invoke(invocation(crm)).await
        })
    });
    for step in steps.collect::<Vec<_>>() {
        let invoked = step.await.unwrap();
        assert!(invoked.result.is_ok(), "{invoked:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn those_for_whom_there_is_no_place_are_told_so_and_nothing_else() {
    let block = one_query(pool_of(2)).await;
    let taken = [parked(&block), parked(&block)];
    until_busy(&block).await;
    let steps = (0..100).map(|_| {
        let block = block.clone();
        tokio::spawn(async move { hurried(&block).await })
    });
    for step in steps.collect::<Vec<_>>() {
        let ended = step.await.unwrap();
        assert!(matches!(ended, Err(StepError::Busy)), "{ended:?}");
    }
    taken.iter().for_each(JoinHandle::abort);
    invoke(&block).await.result.unwrap();
}

/// Whether each of so many steps found its memory used before, one after another.
async fn used(block: &Block, steps: usize) -> Vec<bool> {
    let mut used = Vec::new();
    for _ in 0..steps {
        used.push(invoke(block).await.result.unwrap().exit.is_some());
    }
    used
}

fn serving(block: &Block, steps: u32) -> Block {
    let settings = LimitSettings { steps_per_instance: Some(steps), ..Default::default() };
    block.limited(&settings).unwrap()
}

#[tokio::test]
async fn a_step_has_an_instance_of_its_own_unless_the_operator_says_otherwise() {
    let block = Fixture::remembering("").load().await;
    assert_eq!(used(&block, 3).await, [false; 3]);
    assert_eq!(used(&serving(&block, 1), 3).await, [false; 3]);
    assert_eq!(used(&serving(&block, 2), 5).await, [false, true, false, true, false]);
    assert_eq!(used(&block, 1).await, [false], "what is set for one is not for the other");
}

#[tokio::test]
async fn an_instance_that_waits_gives_way_to_a_step_that_finds_no_sandbox() {
    let block = Fixture::remembering("").load_with(pool_of(1)).await;
    let (one, other) = (serving(&block, 9), serving(&block, 9));
    for _ in 0..3 {
        assert_eq!(used(&one, 1).await, [false]);
        assert_eq!(used(&other, 1).await, [false]);
    }
}

#[tokio::test]
async fn an_instance_ends_once_it_has_waited_for_long_enough() {
    let block = Fixture::remembering("").load().await;
    let settings =
        LimitSettings { steps_per_instance: Some(9), idle_ms: Some(1), ..LimitSettings::default() };
    let block = block.limited(&settings).unwrap();
    used(&block, 1).await;
    // Whenever the clock comes round to it: a machine under load takes its time.
    while used(&block, 1).await == [true] {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn an_instance_that_holds_on_to_records_serves_no_further_step() {
    let holding = serving(&Fixture::remembering(QUERY).load().await, 9);
    assert_eq!(used(&holding, 3).await, [false; 3]);
    let dropping = format!("{QUERY} (call $drop {SET})");
    let dropping = serving(&Fixture::remembering(&dropping).load().await, 9);
    assert_eq!(used(&dropping, 3).await, [false, true, true]);
}

#[tokio::test]
async fn an_instance_that_was_stopped_serves_no_further_step() {
    // Ends well the first time, and traps where it finds its memory used.
    let mut fixture = Fixture::remembering("");
    fixture.run = fixture.run.replace("(then ", "(then unreachable ");
    let block = serving(&fixture.load().await, 9);
    for _ in 0..3 {
        assert!(invoke(&block).await.result.is_ok());
        assert!(matches!(invoke(&block).await.result, Err(StepError::Crashed { .. })));
    }
}

#[tokio::test]
async fn what_an_instance_has_grown_to_counts_in_every_step_of_it() {
    let grow = "(drop (memory.grow (i32.const 64)))";
    let block = Fixture::remembering(grow).load().await;
    let settings = LimitSettings {
        steps_per_instance: Some(9),
        memory_mib: Some(10),
        ..LimitSettings::default()
    };
    let block = block.limited(&settings).unwrap();
    assert_eq!(used(&block, 2).await, [false, true]);
    let third = invoke(&block).await;
    assert_eq!(hit(&third), (LimitKind::Memory, "10 MiB of memory"));
    assert_eq!(used(&block, 1).await, [false]);
}

#[tokio::test]
async fn a_further_step_has_its_own_crm_its_own_limits_and_its_own_trace() {
    let dropping = format!("{QUERY} (call $drop {SET})");
    let block = Fixture::remembering(&dropping).load().await;
    let settings = LimitSettings {
        steps_per_instance: Some(9),
        host_calls: Some(1),
        ..LimitSettings::default()
    };
    let block = block.limited(&settings).unwrap();
    for _ in 0..3 {
        let crm = Arc::new(contacts().recording());
        let mut asked = invocation(contacts());
        asked.crm = Arc::clone(&crm) as _;
        let invoked = block.invoke(asked).await;
        assert!(invoked.result.is_ok(), "{invoked:?}");
        assert_eq!((invoked.host_calls.len(), crm.calls().len()), (1, 1));
    }
}
