//! What an agent's desktop sees: the screen pops of one agent, as they happen.

use std::collections::VecDeque;

use reqwest::{Method, Response, StatusCode, header};
use serde_json::{Value, json};

use crate::kit::World;

const ID: &str = "5531d753-95af-e711-a94e-000d3a11e605";

/// One event: its id, and its data.
type Told = (String, Value);

/// A stream of events that is read one by one.
struct Stream {
    response: Response,
    text: String,
    told: VecDeque<Told>,
}

impl Stream {
    async fn open(world: &World, login: &str, last: Option<&str>) -> Self {
        let path = format!("/v1/agents/{login}/events");
        let mut request = world.authorized(Method::GET, &path);
        if let Some(last) = last {
            request = request.header("Last-Event-ID", last);
        }
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(response.headers()[header::CONTENT_TYPE], "text/event-stream");
        Self { response, text: String::new(), told: VecDeque::new() }
    }

    /// The next event; none where the stream has ended.
    async fn next(&mut self) -> Option<Told> {
        while self.told.is_empty() {
            let chunk = self.response.chunk().await.unwrap()?;
            self.text.push_str(std::str::from_utf8(&chunk).unwrap());
            while let Some((event, rest)) = self.text.split_once("\n\n") {
                self.told.extend(read(event));
                self.text = rest.to_owned();
            }
        }
        self.told.pop_front()
    }
}

fn read(event: &str) -> Option<Told> {
    let field = |name: &str| {
        event
            .lines()
            .find_map(|line| line.strip_prefix(name)?.strip_prefix(": ").map(str::to_owned))
    };
    let data = field("data")?;
    assert_eq!(field("event").as_deref(), Some("screen-pop"), "{event}");
    Some((field("id").unwrap(), serde_json::from_str(&data).unwrap()))
}

/// A scenario that shows the record that the call flow names.
fn pop() -> Value {
    json!({
        "patchcord": "1.0", "name": "pop", "start": "show",
        "blocks": [
            {
                "id": "show", "block": "microsoft-dynamics.screen-pop",
                "properties": { "object_type": "contacts", "object_id": "$(item.record)" },
                "exits": { "next": "end", "failed": "end" }
            },
            { "id": "end", "block": "core.exit", "properties": { "result": "shown" } }
        ]
    })
}

async fn world() -> World {
    let world = World::with_blocks().await;
    world.publish(&pop()).await;
    world
}

/// Has a record shown to an agent. Returns the run's id.
async fn show(world: &World, login: &str, record: &str) -> Value {
    let body = json!({ "variables": { "user.login": login, "item.record": record } });
    world.call("pop", &body).await["run"].clone()
}

#[tokio::test]
async fn an_agent_is_told_of_the_record_to_show_and_of_no_other_agents() {
    let world = world().await;
    let mut ann = Stream::open(&world, "ann@example.com", None).await;
    let mut bob = Stream::open(&world, "bob%40example.com", None).await;
    let run = show(&world, "Ann@example.com", ID).await;
    let (_, data) = ann.next().await.unwrap();
    let expected = json!({ "run": run, "scenario": "pop", "entity_set": "contacts", "id": ID });
    assert_eq!(data, expected, "no account, so no address of the record");
    let run = show(&world, "bob@example.com", ID).await;
    assert_eq!(bob.next().await.unwrap().1["run"], run);
}

#[tokio::test]
async fn a_run_that_pops_nothing_or_names_nobody_tells_nobody() {
    let world = world().await;
    let mut ann = Stream::open(&world, "ann", None).await;
    show(&world, "ann", "no id").await;
    world.call("pop", &json!({ "variables": { "item.record": ID } })).await;
    let run = show(&world, "ann", ID).await;
    assert_eq!(ann.next().await.unwrap().1["run"], run, "the first that it hears of");
}

#[tokio::test]
async fn who_comes_back_is_told_what_came_meanwhile() {
    let world = world().await;
    let mut ann = Stream::open(&world, "ann", None).await;
    show(&world, "ann", ID).await;
    let (seen, _) = ann.next().await.unwrap();
    drop(ann);
    let mut bob = Stream::open(&world, "bob", None).await;
    let missed = show(&world, "ann", ID).await;
    // Told after it, so that it is kept by now.
    show(&world, "bob", ID).await;
    bob.next().await.unwrap();
    let mut ann = Stream::open(&world, "ann", Some(&seen)).await;
    assert_eq!(ann.next().await.unwrap().1["run"], missed);
    let mut new = Stream::open(&world, "ann", Some("no number")).await;
    let live = show(&world, "ann", ID).await;
    assert_eq!(ann.next().await.unwrap().1["run"], live);
    assert_eq!(new.next().await.unwrap().1["run"], live);
}

#[tokio::test]
async fn a_server_that_stops_ends_the_streams() {
    let world = world().await;
    let mut ann = Stream::open(&world, "ann", None).await;
    let (world, told) = tokio::join!(world.reopen(), ann.next());
    assert!(told.is_none());
    let mut ann = Stream::open(&world, "ann", None).await;
    let run = show(&world, "ann", ID).await;
    assert_eq!(ann.next().await.unwrap().1["run"], run);
}
