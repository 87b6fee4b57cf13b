//! What an operator can see of a step: a span a host call, what a block logs, at *debug* only, and what is counted.

use std::io::Write;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use crate::kit::{Asked, DONE, Fixture, QUERY, contacts, invocation, invoke};
use metrics_exporter_prometheus::PrometheusBuilder;
use patchcord_runtime::{CrmError, CrmErrorKind, Limits, Runtime, RuntimeConfig, StepError};
use tracing_subscriber::fmt::format::FmtSpan;

/// Who logs where is decided for each place in the code when it is first come by, which tests at the same time confuse.
static TURN: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

#[derive(Clone, Default)]
struct Kept(Arc<Mutex<Vec<u8>>>);

impl Write for Kept {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Kept {
    /// Keeps what this thread logs until the guard is gone.
    fn begin(&self, level: tracing::Level) -> tracing::subscriber::DefaultGuard {
        let kept = self.clone();
        let subscriber = tracing_subscriber::fmt()
            .with_max_level(level)
            .with_ansi(false)
            .with_span_events(FmtSpan::CLOSE)
            .with_writer(move || kept.clone())
            .finish();
        tracing::subscriber::set_default(subscriber)
    }

    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

/// Logs the name of a table, and two lines in one.
const LOG: &str = "(call $log (i32.const 4) (i32.const 80) (i32.const 8))
    (i32.store (i32.const 60000) (i32.const 0x62620a61))
    (call $log (i32.const 4) (i32.const 60000) (i32.const 4))";

#[tokio::test]
async fn a_host_call_is_a_span_with_its_table_and_status_and_no_data() {
    let _turn = TURN.lock().await;
    let block = Fixture::new(&format!("{QUERY} {DONE}")).load().await;
    let kept = Kept::default();
    let guard = kept.begin(tracing::Level::DEBUG);
    let mut call = invocation(contacts());
    call.properties["table"] = "canary-of-the-caller".into();
    block.invoke(call.clone()).await.result.unwrap();
    let throttled =
        CrmError { status: Some(429), ..CrmError::local(CrmErrorKind::Throttled(7), "wait") };
    call.crm = Arc::new(contacts().failing(throttled));
    block.invoke(call).await.result.unwrap();
    drop(guard);
    let text = kept.text();
    let calls: Vec<_> = text.lines().filter(|line| line.contains("answered")).collect();
    let [good, bad] = calls[..] else { panic!("{text}") };
    for wanted in ["host_call{function=\"query\" table=\"contacts\"", "status=200", "elapsed_us="] {
        assert!(good.contains(wanted), "{wanted}: {good}");
    }
    assert!(bad.contains("status=429") && bad.contains("error=Throttled(7)"), "{bad}");
    for secret in ["canary-of-the-caller", "Ann Example", "$top=1"] {
        assert!(!text.contains(secret), "{secret}: {text}");
    }
}

#[tokio::test]
async fn what_a_block_was_refused_is_told_for_audit() {
    let _turn = TURN.lock().await;
    let query = || Fixture::new(&format!("{QUERY} {DONE}"));
    let mut beyond = query();
    beyond.manifest.properties["x-patchcord-tables"] = serde_json::json!(["accounts"]);
    let by_manifest = invocation(contacts());
    let policy = CrmError::local(CrmErrorKind::PolicyDenied, "the account does not allow query");
    let by_policy = invocation(contacts().failing(policy));
    for (block, call, reason) in [
        (beyond.load().await, by_manifest, "does not list contacts"),
        (query().load().await, by_policy, "the account does not allow query"),
    ] {
        let kept = Kept::default();
        let guard = kept.begin(tracing::Level::INFO);
        assert!(block.invoke(call).await.result.is_err());
        drop(guard);
        let text = kept.text();
        let lines: Vec<_> = text.lines().filter(|line| line.contains("patchcord::audit")).collect();
        let [line] = lines[..] else { panic!("{text}") };
        for wanted in ["WARN", "test.fixture", "1.0.0", "run-1", "query", "contacts", reason] {
            assert!(line.contains(wanted), "{wanted}: {line}");
        }
    }
}

#[tokio::test]
async fn what_a_block_logs_is_there_at_debug_and_cannot_pass_for_the_servers_own() {
    let _turn = TURN.lock().await;
    let block = Fixture::new(&format!("{LOG} {DONE}")).load().await;
    let kept = Kept::default();
    let guard = kept.begin(tracing::Level::DEBUG);
    block.invoke(invocation(contacts())).await.result.unwrap();
    drop(guard);
    let text = kept.text();
    let lines: Vec<_> = text.lines().filter(|line| line.contains("patchcord::guest")).collect();
    let [first, second] = lines[..] else { panic!("{text}") };
    assert!(first.contains("DEBUG") && first.contains("level=\"error\""), "{first}");
    assert!(first.contains("\"contacts\""), "{first}");
    assert!(second.contains(r#""a\nbb""#), "the end of a line is escaped: {second}");

    let kept = Kept::default();
    let guard = kept.begin(tracing::Level::INFO);
    let invoked = block.invoke(invocation(contacts())).await;
    drop(guard);
    assert_eq!(invoked.log.len(), 2, "the trace has them");
    assert_eq!(kept.text(), "", "the log of the server does not");
}

#[tokio::test]
async fn steps_are_counted_by_block_exit_and_cause_and_never_by_what_a_block_says() {
    let _turn = TURN.lock().await;
    let recorder = PrometheusBuilder::new().build_recorder();
    let _here = metrics::set_default_local_recorder(&recorder);
    let limits = Limits { cpu: Duration::from_millis(20), ..Limits::default() };
    let config = RuntimeConfig { max_instances: 1, limits, ..RuntimeConfig::default() };
    let runtime = Runtime::new(config).unwrap();
    let named = async |id: &str, mut fixture: Fixture| {
        fixture.manifest.id = id.to_owned();
        runtime.load(&fixture.build()).await.unwrap()
    };
    let leaves = named("test.leaves", Fixture::with_outcome(Some("no_data"), &[])).await;
    invoke(&leaves).await.result.unwrap();
    invoke(&leaves).await.result.unwrap();
    let traps = named("test.traps", Fixture::new("unreachable")).await;
    invoke(&traps).await.result.unwrap_err();
    let spins = named("test.spins", Fixture::new("(loop $l (br $l)) (i32.const 0)")).await;
    invoke(&spins).await.result.unwrap_err();
    let invents = named("test.invents", Fixture::with_outcome(Some("canary"), &[])).await;
    invoke(&invents).await.result.unwrap_err();
    let sets = Fixture::with_outcome(None, &[Asked::Variable("canary", "1")]);
    invoke(&named("test.sets", sets).await).await.result.unwrap_err();
    let waits = named("test.waits", Fixture::new(&format!("{QUERY} {DONE}"))).await;
    let parked = tokio::spawn({
        let waits = waits.clone();
        async move { waits.invoke(invocation(contacts().hanging())).await }
    });
    tokio::task::yield_now().await;
    let mut hurried = invocation(contacts());
    hurried.deadline = Instant::now() + Duration::from_millis(20);
    let busy = waits.invoke(hurried).await.result;
    assert!(matches!(busy, Err(StepError::Busy)), "{busy:?}");
    parked.abort();

    let text = recorder.handle().render();
    for (metric, labels, value) in [
        ("steps_total", "test.leaves exit=no_data cause=none version=1.0.0", "2"),
        ("steps_total", "test.traps exit=failed cause=crashed version=1.0.0", "1"),
        ("steps_total", "test.spins exit=failed cause=limit version=1.0.0", "1"),
        ("steps_total", "test.waits exit=failed cause=busy version=1.0.0", "1"),
        ("limits_hit_total", "test.spins limit=cpu", "1"),
        ("traps_total", "test.traps", "1"),
        ("traps_total", "test.invents", "1"),
        ("busy_total", "test.waits", "1"),
        ("seconds_count", "test.leaves", "2"),
    ] {
        let (block, labels) = labels.split_once(' ').unwrap_or((labels, ""));
        let mut wanted = vec![format!("block=\"{block}\"")];
        wanted.extend(labels.split_whitespace().map(|label| {
            let (name, value) = label.split_once('=').unwrap();
            format!("{name}=\"{value}\"")
        }));
        let found = text.lines().any(|line| {
            line.starts_with(&format!("patchcord_block_{metric}{{"))
                && wanted.iter().all(|label| line.contains(label))
                && line.ends_with(&format!(" {value}"))
        });
        assert!(found, "{metric} {wanted:?} {value}: {text}");
    }
    assert!(text.contains("patchcord_sandbox_wait_seconds_count{for=\"pool\"} 1"), "{text}");
    assert!(!text.contains("canary"), "{text}");
}
