//! Statistics: what calls did in the last minutes, as it is told while the host runs and after it was started again.

use std::time::Duration;

use jiff::Timestamp;
use patchcord::Role;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::calls::consented;
use crate::kit::{World, greeting};

const STATISTICS: &str = "/v1/statistics";

fn sum(points: &Value, of: &str) -> u64 {
    points.as_array().unwrap().iter().map(|point| point[of].as_u64().unwrap()).sum()
}

/// Calls a scenario twice well and once so that it fails, and tries it once.
async fn call(world: &World) {
    world.publish(&greeting()).await;
    for variables in [json!({ "item.from": "+1" }), json!({}), json!({ "item.from": "+2" })] {
        world.call("greeting", &json!({ "variables": variables })).await;
    }
    let tried = json!({ "variables": { "item.from": "+3" } });
    world.tell(Method::POST, "/v1/scenarios/greeting/try", &tried).await.ok();
}

#[tokio::test]
async fn calls_are_counted_as_soon_as_they_are_answered_and_trials_are_not() {
    let world = World::open().await;
    let before = Timestamp::now();
    call(&world).await;
    let told = world.ask(Method::GET, STATISTICS).await.ok();
    let calls = &told["calls"];
    assert_eq!((&calls["count"], &calls["failed"]), (&json!(3), &json!(1)), "{told}");
    assert_eq!(calls["failures"], json!({ "invalid_request": 1 }));
    let latency = &calls["latency"];
    assert!(latency["p50_ms"].as_f64() > Some(0.0), "{latency}");
    assert!(latency["p50_ms"].as_f64() <= latency["p99_ms"].as_f64(), "{latency}");

    let points = &told["points"];
    assert_eq!(points.as_array().unwrap().len(), 60);
    assert_eq!((sum(points, "count"), sum(points, "failed")), (3, 1));
    let idle = points.as_array().unwrap().iter().find(|point| point["count"] == 0).unwrap();
    assert_eq!(idle["latency"], Value::Null);
    let last: Timestamp = points[59]["at"].as_str().unwrap().parse().unwrap();
    assert!(last <= Timestamp::now() && last.as_second() % 60 == 0, "{last}");
    let since: Timestamp = told["since"].as_str().unwrap().parse().unwrap();
    assert!(since <= before, "{since}");

    assert_eq!(told["scenarios"].as_array().unwrap().len(), 1);
    assert_eq!(told["scenarios"][0]["scenario"], "greeting");
    assert_eq!(told["scenarios"][0]["count"], 3);
    let block = |id: &str| {
        let blocks = told["blocks"].as_array().unwrap();
        let found = blocks.iter().find(|it| it["block"].as_str().unwrap().starts_with(id));
        found.map(|it| (it["count"].as_u64().unwrap(), it["failed"].as_u64().unwrap()))
    };
    assert_eq!(block("core.set-variable@"), Some((3, 1)), "{told}");
    assert_eq!(block("core.exit@"), Some((2, 0)), "{told}");
    assert_eq!(told["others"], json!({ "scenarios": null, "blocks": null }));
    assert_eq!(told["accounts"], json!([]));
}

#[tokio::test]
async fn they_are_told_again_after_a_restart() {
    let world = World::open().await;
    call(&world).await;
    let before = world.ask(Method::GET, STATISTICS).await.ok();
    let world = world.reopen().await;
    // They are read in the background, so that a start does not wait for them.
    let mut after = Value::Null;
    for _ in 0..200 {
        after = world.ask(Method::GET, STATISTICS).await.ok();
        if after["calls"]["count"] == 3 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    for same in ["calls", "scenarios", "blocks"] {
        assert_eq!(after[same], before[same], "{same}");
    }
    world.call("greeting", &json!({ "variables": { "item.from": "+1" } })).await;
    let later = world.ask(Method::GET, STATISTICS).await.ok();
    assert_eq!(later["calls"]["count"], 4);
}

#[tokio::test]
async fn the_span_and_its_points_are_those_asked_for() {
    let world = World::open().await;
    for (query, points, interval) in [
        ("minutes=15", 15, 1),
        ("minutes=1440&interval=15", 96, 15),
        ("minutes=31&interval=10", 4, 10),
        ("minutes=1", 1, 1),
    ] {
        let told = world.ask(Method::GET, &format!("{STATISTICS}?{query}")).await.ok();
        assert_eq!(told["points"].as_array().unwrap().len(), points, "{query}");
        assert_eq!(
            (&told["interval"], &told["from"]),
            (&json!(interval), &told["points"][0]["at"])
        );
    }
    for query in ["minutes=0", "minutes=1441", "interval=0", "minutes=5&interval=6", "minutes=all"]
    {
        let refused = world.ask(Method::GET, &format!("{STATISTICS}?{query}")).await;
        refused.problem(StatusCode::BAD_REQUEST);
        assert!(refused.text.contains("minutes") || refused.text.contains("interval"), "{query}");
    }
    let viewer = world.signed_in("vic", Role::Viewer).await;
    let told = world.by(&viewer, Method::GET, STATISTICS, None).await;
    assert_eq!(told.status, StatusCode::OK, "{}", told.text);
}

#[tokio::test]
async fn an_account_tells_how_much_more_it_may_ask() {
    let (world, far) = consented().await;
    far.answer.add_permits(1);
    let before = Timestamp::now();
    world.call("search", &json!({})).await;
    let told = world.ask(Method::GET, STATISTICS).await.ok();
    let account = &told["accounts"][0];
    assert_eq!(account["name"], "Sales");
    let left = |of: &str| (account[of]["remaining"].as_f64(), account[of]["limit"].as_u64());
    assert_eq!(left("requests"), (Some(5_998.0), Some(6_000)));
    assert_eq!(left("execution_seconds"), (Some(1_199.46), Some(1_200)));
    let at: Timestamp = account["requests"]["at"].as_str().unwrap().parse().unwrap();
    assert!(before <= at && at <= Timestamp::now(), "{at}");
    let free = json!({
        "in_use": 0, "allowed": 52, "open": 52, "waiting": 0, "limit": 52, "recommended": 4.0,
    });
    assert_eq!(account["concurrency"], free);
    assert_eq!(account["wait_until"], Value::Null);

    // One that is under way is in use.
    let asking = async { world.call("search", &json!({})).await };
    let looking = async {
        far.asked.acquire_many(2).await.unwrap().forget();
        let told = world.ask(Method::GET, STATISTICS).await.ok();
        far.answer.add_permits(1);
        told["accounts"][0]["concurrency"]["in_use"].clone()
    };
    assert_eq!(tokio::join!(asking, looking).1, 1);
}
