//! Whatever is logged during a step is logged within a span that names run, step and block.

use std::io::Write;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use crate::kit::{Build, Kit, document, exit, instance, manifest};
use patchcord_runtime::Outcome;
use serde_json::json;

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

#[test]
fn what_is_logged_during_a_step_names_run_step_and_block() {
    let manifest = manifest("work").optional("secret", json!({ "type": "string" }));
    let kit = Kit::new().block(manifest, |_| {
        tracing::warn!("from within");
        Ok(Outcome::default())
    });
    let steps = json!([
        instance("first", "work", json!({ "secret": "canary" }), json!({ "next": "second" })),
        instance("second", "work", json!({}), json!({ "next": "end" })),
        exit("end"),
    ]);
    let kept = Kept::default();
    let writer = kept.clone();
    let subscriber =
        tracing_subscriber::fmt().with_ansi(false).with_writer(move || writer.clone()).finish();
    let plan = kit.plan(&document(steps));
    tracing::subscriber::with_default(subscriber, || {
        kit.walk(&plan, json!({ "from": "canary" }), Instant::now() + Duration::from_secs(60))
    });
    let text = String::from_utf8(kept.0.lock().unwrap().clone()).unwrap();
    let lines: Vec<_> = text.lines().filter(|line| line.contains("from within")).collect();
    assert_eq!(lines.len(), 2, "{text}");
    for (line, step) in lines.into_iter().zip(["first", "second"]) {
        let run = "run=00000000-0000-0000-0000-000000000001";
        let span = format!("step{{{run} step=\"{step}\" visit=1 block=\"work@1.2.3\"}}");
        assert!(line.contains(&span), "{span}: {line}");
    }
    assert!(!text.contains("canary"), "neither properties nor variables: {text}");
}

#[test]
fn what_a_designer_logs_is_told_at_debug_only_and_names_run_and_step() {
    let log = instance("say", "core.log", json!({"message": "$(from)\n"}), json!({"next": "end"}));
    let kit = Kit::new();
    let plan = kit.plan(&document(json!([log, exit("end")])));
    let told = |level: tracing::Level| {
        let kept = Kept::default();
        let writer = kept.clone();
        let subscriber = tracing_subscriber::fmt().with_ansi(false).with_max_level(level);
        let subscriber = subscriber.with_writer(move || writer.clone()).finish();
        tracing::subscriber::with_default(subscriber, || {
            kit.walk(&plan, json!({"from": "canary"}), Instant::now() + Duration::from_secs(60))
        });
        let text = kept.0.lock().unwrap().clone();
        String::from_utf8(text).unwrap()
    };
    assert_eq!(told(tracing::Level::INFO), "");
    let text = told(tracing::Level::DEBUG);
    assert!(text.contains("patchcord::guest: level=\"info\" \"canary\\n\""), "{text}");
    assert!(text.contains("step=\"say\" visit=1 block=\"core.log@1.0.0\""), "{text}");
}
