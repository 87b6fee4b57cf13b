//! Faults read from JSON and written again.

use super::*;
use crate::faults::catalogue::KINDS;
use proptest::prelude::*;

fn read(json: Value) -> Result<FaultRule, Misread> {
    Members::of(json).and_then(rule)
}

#[test]
fn the_short_forms_are_read() {
    let fault = |json| {
        let rule = read(json).unwrap();
        (rule.target, rule.kind, rule.times)
    };
    let api = FaultTarget::Route(Route::Api);
    let json = json!({"route": "api", "kind": "status", "code": 429, "retry_after": 2, "times": 2});
    let kind = FaultKind::Status { code: 429, retry_after: Some(2) };
    assert_eq!(fault(json), (api.clone(), kind, Some(2)));
    let json = json!({"route": "api", "kind": "latency", "ms": 5});
    assert_eq!(fault(json), (api, FaultKind::Latency { ms: 5 }, Some(1)));
    let json = json!({"route": "token", "kind": "cut-after"});
    assert_eq!(fault(json), (FaultTarget::Route(Route::Token), FaultKind::CutAfter, Some(1)));
}

#[test]
fn a_probability_has_no_end_unless_one_is_given() {
    let json = json!({"path": "/api/*", "method": "post", "kind": "garbage", "probability": 0.5});
    let rule = read(json).unwrap();
    assert_eq!((rule.times, rule.probability), (None, Some(0.5)));
    let method = Some("POST".to_owned());
    assert_eq!(rule.target, FaultTarget::Path { method, path: "/api/*".to_owned() });
    let json = json!({"route": "api", "kind": "garbage", "probability": 1, "times": 3, "after": 2});
    let rule = read(json).unwrap();
    assert_eq!((rule.times, rule.after), (Some(3), 2));
    let json = json!({"route": "api", "kind": "garbage", "times": "always"});
    assert_eq!(read(json).unwrap().times, None);
}

#[test]
fn what_is_wrong_is_named_with_its_place() {
    let cases = [
        ("/kind", json!({"route": "api"})),
        ("/kind", json!({"route": "api", "kind": "explode"})),
        ("/kind", json!({"route": "token", "kind": "expired-token"})),
        ("/kind", json!({"route": "api", "kind": "entra-error", "code": 50076})),
        ("/route", json!({"kind": "garbage"})),
        ("/route", json!({"route": "nowhere", "kind": "garbage"})),
        ("/path", json!({"route": "api", "path": "/x", "kind": "garbage"})),
        ("/path", json!({"path": "x", "kind": "garbage"})),
        ("/method", json!({"path": "/x", "method": "G T", "kind": "garbage"})),
        ("/method", json!({"route": "api", "method": "GET", "kind": "garbage"})),
        ("/times", json!({"route": "api", "kind": "garbage", "times": "never"})),
        ("/times", json!({"route": "api", "kind": "garbage", "times": -1})),
        ("/probability", json!({"route": "api", "kind": "garbage", "probability": 1.1})),
        ("/after", json!({"route": "api", "kind": "garbage", "after": "x"})),
        ("/seed", json!({"route": "api", "kind": "garbage", "seed": -1})),
        ("/ms", json!({"route": "api", "kind": "latency"})),
        ("/max_ms", json!({"route": "api", "kind": "latency", "min_ms": 9, "max_ms": 3})),
        ("/code", json!({"route": "api", "kind": "status"})),
        ("/code", json!({"route": "api", "kind": "status", "code": 200})),
        ("/code", json!({"route": "api", "kind": "redirect", "location": "/", "code": 303})),
        ("/location", json!({"route": "api", "kind": "redirect", "location": "a\nb"})),
        ("/limit", json!({"route": "api", "kind": "throttle", "limit": "cpu"})),
        ("/bytes", json!({"route": "api", "kind": "cut-middle"})),
        ("/interval_ms", json!({"route": "api", "kind": "slow-body", "bytes": 1})),
        ("/ms", json!({"route": "api", "kind": "garbage", "ms": 1})),
        ("/seconds", json!({"route": "token", "kind": "clock-skew"})),
    ];
    for (place, json) in cases {
        assert_eq!(read(json.clone()).unwrap_err().place, place, "{json}");
    }
    assert_eq!(kind_alone(b"{\"kind\":\"garbage\",\"times\":2}").unwrap_err().place, "/times");
    assert_eq!(kind_alone(b"garbage").unwrap_err().place, "/");
}

#[test]
fn every_kind_that_is_offered_is_known() {
    for kind in KINDS {
        let wrong = read(json!({"path": "/", "kind": kind.name, "zzz": 1})).unwrap_err();
        assert_ne!(wrong.place, "/kind", "{}", kind.name);
    }
}

fn any_kind() -> impl Strategy<Value = FaultKind> {
    prop_oneof![
        (400..=599u16, proptest::option::of(0..=900u32))
            .prop_map(|(code, retry_after)| FaultKind::Status { code, retry_after }),
        (0..=9u64, 9..=99u64)
            .prop_map(|(min_ms, max_ms)| FaultKind::LatencyBetween { min_ms, max_ms }),
        (0..3usize, 0..=900u32).prop_map(|(limit, retry_after)| FaultKind::Throttle {
            limit: Limit::ALL[limit],
            retry_after,
        }),
        (1..=900_000u32, proptest::option::of(".{0,9}"), proptest::option::of("[a-z]{1,5}"))
            .prop_map(|(code, message, suberror)| FaultKind::EntraError {
                code,
                error: None,
                suberror,
                claims: None,
                message,
            }),
        (400..=599u16, ".{0,9}", ".{0,9}").prop_map(|(status, code, message)| {
            FaultKind::DataverseError { status, code, message }
        }),
        (1..=LARGEST_BODY, 0..=99u64)
            .prop_map(|(bytes, interval_ms)| FaultKind::SlowBody { bytes, interval_ms }),
        (0..=LARGEST_BODY).prop_map(|bytes| FaultKind::CutMiddle { bytes }),
        "[ -~]{0,9}".prop_map(|location| FaultKind::Redirect { code: 307, location }),
        (-99..99i64).prop_map(|seconds| FaultKind::ClockSkew { seconds }),
        Just(FaultKind::EmptyBody),
        Just(FaultKind::RevokedRefreshToken),
    ]
}

proptest! {
    #[test]
    fn what_is_written_is_read_again(
        kind in any_kind(), times in proptest::option::of(0..9u32), after in 0..9u32,
        probability in proptest::option::of(0..=100u32), seed in proptest::option::of(any::<u64>()),
    ) {
        let target = FaultTarget::Path { method: None, path: "/*".to_owned() };
        let probability = probability.map(|percent| f64::from(percent) / 100.0);
        let rule = FaultRule { target, kind, times, after, probability, seed };
        prop_assert_eq!(read(Value::Object(written(&rule))), Ok(rule));
    }

    #[test]
    fn any_header_is_read_or_refused(text in "\\PC{0,60}") {
        let _ = kind_alone(text.as_bytes());
    }

    #[test]
    fn any_member_of_any_kind_is_read_or_refused(
        kind in 0..KINDS.len(), name in "[a-z_]{1,12}", number in any::<i64>(), text in ".{0,12}",
    ) {
        for value in [json!(number), json!(text), json!(null), json!([number])] {
            let _ = read(json!({"route": "api", "kind": KINDS[kind].name, name.clone(): value}));
        }
    }
}
