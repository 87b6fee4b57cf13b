//! One server with an account to which a user has consented, for a row at a time.

use std::sync::{Arc, Mutex, PoisonError};

use futures::future::BoxFuture;
use patchcord_emulator::{FaultKind, FaultRule, Route};
use patchcord_tests::World;
use reqwest::Method;
use serde_json::{Value, json};
use tokio::runtime::Runtime;

/// What a step can leave by, and so what a run of the stage can end with.
const EXITS: [&str; 11] = [
    "timeout",
    "throttled",
    "consent_required",
    "forbidden",
    "not_found",
    "conflict",
    "invalid_request",
    "unavailable",
    "policy_denied",
    "failed",
    "no_data",
];

/// A record that is there for changes; nobody finds it gone, since every request meets a fault.
const RECORD: &str = "11111111-1111-4111-8111-111111111111";

pub(crate) struct Stage {
    runtime: Runtime,
    world: Mutex<Option<Arc<Set>>>,
}

/// What rows meet.
pub(crate) struct Set {
    pub(crate) world: World,
    pub(crate) account: String,
}

/// What a run came to.
pub(crate) struct Seen {
    pub(crate) exit: String,
    pub(crate) variables: Value,
    /// The first failure that the trace shows.
    pub(crate) failure: Value,
    pub(crate) requests: u64,
}

impl Stage {
    /// Makes nothing yet: not every run of the tests needs it.
    pub(crate) fn new() -> Self {
        Self { runtime: Runtime::new().unwrap(), world: Mutex::default() }
    }

    /// Alone on the stage that all rows share.
    pub(crate) fn play(&self, act: impl FnOnce(Arc<Set>) -> BoxFuture<'static, ()>) {
        let mut shared = self.world.lock().unwrap_or_else(PoisonError::into_inner);
        let taken = shared.take();
        self.runtime.block_on(async {
            let set = match taken {
                Some(set) => set,
                None => Arc::new(Set::new().await),
            };
            act(Arc::clone(&set)).await;
            set.world.emulator.clear_faults();
            // Where the act panicked the next one gets a new set.
            *shared = Some(set);
        });
    }

    /// Ends the shared stage, which searches what was said on it for secrets.
    pub(crate) fn end(&self) {
        let set = self.world.lock().unwrap_or_else(PoisonError::into_inner).take();
        self.runtime.block_on(async { drop(set) });
    }

    /// Alone on a stage that nobody uses afterwards.
    pub(crate) fn play_apart(&self, act: impl FnOnce(Arc<Set>) -> BoxFuture<'static, ()>) {
        self.runtime.block_on(async { act(Arc::new(Set::new().await)).await });
    }
}

impl Set {
    async fn new() -> Self {
        let world = World::consented(5).await.unwrap();
        for met in ["query", "create", "update", "delete"] {
            world.api.publish(&scenario(met).to_string()).await.unwrap();
        }
        let accounts = world.api.ask(Method::GET, "/v1/accounts", None).await.unwrap();
        let account = accounts[0]["id"].as_str().unwrap().to_owned();
        Self { world, account }
    }

    /// Every request of `route` from here on.
    pub(crate) fn fault(&self, route: Route, kind: FaultKind) {
        self.world
            .emulator
            .add_fault_rule(FaultRule { times: None, ..FaultRule::new(route, kind) });
    }

    /// Runs the scenario whose one step is of this kind.
    pub(crate) async fn run(&self, met: &str) -> Seen {
        let before = self.api_requests();
        let body = json!({ "deadline_ms": 20_000, "want": [
            "integrationResultKind", "integrationResultCode", "integrationResultBody",
        ] });
        let path = format!("/v1/scenarios/errors-{met}/runs");
        let answer = self.world.api.ask(Method::POST, &path, Some(&body)).await.unwrap();
        let requests = self.api_requests() - before;
        let path = format!("/v1/runs/{}", answer["run"].as_str().unwrap());
        let trace = self.world.api.ask(Method::GET, &path, None).await.unwrap();
        let steps = trace["steps"].as_array().unwrap();
        let failure = steps.iter().map(|step| &step["failure"]).find(|failure| !failure.is_null());
        Seen {
            exit: answer["result"].as_str().unwrap().to_owned(),
            variables: answer["variables"].clone(),
            failure: failure.cloned().unwrap_or_default(),
            requests,
        }
    }

    fn api_requests(&self) -> u64 {
        self.world.emulator.counters().api_requests.values().sum()
    }

    /// The account as an administrator sees it.
    pub(crate) async fn account(&self) -> Value {
        let path = format!("/v1/accounts/{}", self.account);
        self.world.api.ask(Method::GET, &path, None).await.unwrap()
    }

    /// The account as it was before the row.
    pub(crate) async fn mend(&self) {
        self.world.emulator.clear_faults();
        if self.account().await["state"] != "valid" {
            let page = self.world.api.consent(&self.account, &self.world.emulator).await.unwrap();
            assert!(page.contains("Connection is valid."), "{page}");
        }
    }
}

/// A scenario of one step that asks Dynamics 365, and an end for each of its exits.
fn scenario(met: &str) -> Value {
    let (block, properties) = match met {
        "query" => (
            "search-object",
            json!({ "object_type": "contacts", "query": "$select=contactid&$top=1", "recordset": "Found" }),
        ),
        "create" => {
            ("create-object", json!({ "object_type": "contacts", "fields": { "lastname": "Row" } }))
        }
        "update" => (
            "update-object",
            json!({ "object_type": "contacts", "object_id": RECORD, "fields": { "lastname": "Row" } }),
        ),
        _ => ("delete-object", json!({ "object_type": "contacts", "object_id": RECORD })),
    };
    let mut exits = json!({ "next": "next" });
    let mut blocks = vec![end("next")];
    for exit in EXITS.into_iter().filter(|exit| met != "create" || *exit != "no_data") {
        exits[exit] = exit.into();
        blocks.push(end(exit));
    }
    let block = format!("microsoft-dynamics.{block}");
    blocks.push(json!({ "id": "ask", "block": block, "properties": properties, "exits": exits }));
    json!({ "patchcord": "1.0", "name": format!("errors-{met}"), "start": "ask", "blocks": blocks })
}

fn end(result: &str) -> Value {
    json!({ "id": result, "block": "core.exit", "properties": { "result": result } })
}
