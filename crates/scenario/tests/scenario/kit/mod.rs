//! Fake blocks, a catalog of them, and short ways to build, check and run documents. Nothing here is wasm or HTTP.
#![allow(dead_code, reason = "every test file compiles the kit and uses a part of it")]

pub(crate) mod microsoft;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use patchcord_runtime::{
    Effect, Exit, Invoked, Manifest, Operation, Outcome, Output, OutputKind, RecordSet, StepError,
};
use patchcord_scenario::{
    Call, Catalog, FetchError, FetchRequest, Fetched, Finished, NoBlock, Plan, Problem,
    ScenarioBlock, StepCall, TableColumns, TableName, Variables, check, parse, run,
};
use serde_json::value::RawValue;
use serde_json::{Value, json};
use uuid::Uuid;

type Body = dyn Fn(StepCall) -> Invoked + Send + Sync;

/// A block that is a closure.
pub(crate) struct Fake {
    manifest: Manifest,
    body: Box<Body>,
}

#[async_trait]
impl ScenarioBlock for Fake {
    fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    async fn run(&self, call: StepCall) -> Invoked {
        (self.body)(call)
    }
}

/// A manifest with one property after the other.
pub(crate) fn manifest(id: &str) -> Manifest {
    Manifest {
        id: id.into(),
        version: "1.2.3".into(),
        title: format!("Title of {id}"),
        category: "Test".into(),
        description: String::new(),
        icon: String::new(),
        properties: json!({"type": "object", "properties": {}, "required": []}),
        exits: Vec::new(),
        outputs: Vec::new(),
        operations: vec![Operation::Query],
        tables: None,
        selects_account: false,
        pops_screen: false,
    }
}

/// Ways to build a manifest.
pub(crate) trait Build: Sized {
    /// A property that may be left out.
    fn optional(self, name: &str, schema: Value) -> Self;
    /// A property that must be there.
    fn required(self, name: &str, schema: Value) -> Self;
    /// Required text of a kind.
    fn kind(self, name: &str, kind: &str) -> Self {
        self.required(name, json!({"type": "string", "x-patchcord-kind": kind}))
    }
    /// A named exit.
    fn exit(self, id: &str) -> Self;
    /// What the property names is set.
    fn output(self, property: &str, kind: OutputKind) -> Self;
}

impl Build for Manifest {
    fn optional(mut self, name: &str, schema: Value) -> Self {
        self.properties["properties"][name] = schema;
        self
    }

    fn required(mut self, name: &str, schema: Value) -> Self {
        if let Some(required) = self.properties["required"].as_array_mut() {
            required.push(name.into());
        }
        self.optional(name, schema)
    }

    fn output(mut self, property: &str, kind: OutputKind) -> Self {
        self.outputs.push(Output { property: property.into(), kind, description: String::new() });
        self
    }

    fn exit(mut self, id: &str) -> Self {
        self.exits.push(Exit { id: id.into(), title: id.into(), description: String::new() });
        self
    }
}

type Web = dyn Fn(&FetchRequest) -> Result<Fetched, FetchError> + Send + Sync;

/// Blocks, three accounts, published scenarios, a web, and what blocks and web were asked.
#[derive(Default)]
pub(crate) struct Kit {
    blocks: Vec<Arc<Fake>>,
    default: Option<String>,
    /// Why accounts cannot be used, by their handles.
    unusable: BTreeMap<String, String>,
    /// The columns that are known of each table.
    tables: BTreeMap<String, Vec<String>>,
    calls: Arc<Mutex<Vec<StepCall>>>,
    scenarios: Mutex<Vec<Arc<Plan>>>,
    web: Option<Box<Web>>,
    fetched: Mutex<Vec<FetchRequest>>,
}

#[async_trait]
impl Catalog for Kit {
    fn block(&self, reference: &str) -> Result<Arc<dyn ScenarioBlock>, NoBlock> {
        let named = |block: &&Arc<Fake>| {
            let Manifest { id, version, .. } = &block.manifest;
            reference == id || reference == format!("{id}@{version}")
        };
        let block = self.blocks.iter().find(named).ok_or(NoBlock::Unknown)?;
        Ok(block.clone())
    }

    fn account(&self, name: &str) -> Option<String> {
        match name {
            "CRM" => Some("handle-1".into()),
            "Dynamics 365 (demo)" => Some("handle-demo".into()),
            "Other" => Some("handle-2".into()),
            _ => None,
        }
    }

    fn default_account(&self) -> Option<String> {
        self.default.clone()
    }

    fn unusable(&self, account: &str) -> Option<String> {
        self.unusable.get(account).cloned()
    }

    fn tables(&self, _account: &str) -> Option<Arc<[TableName]>> {
        let name = |set: &String| TableName {
            entity_set: set.clone(),
            logical: set.trim_end_matches('s').to_owned(),
        };
        (!self.tables.is_empty()).then(|| self.tables.keys().map(name).collect())
    }

    fn columns(&self, _account: &str, table: &str) -> Option<Arc<TableColumns>> {
        let names = self.tables.get(table)?;
        let written = names.iter().map(|name| name.trim_start_matches('_').replace("_value", ""));
        let (read, written) = (names.iter().cloned().collect(), written.collect());
        Some(Arc::new(TableColumns { read, written }))
    }

    fn block_ids(&self) -> Vec<String> {
        let ids = self.blocks.iter().map(|block| block.manifest.id.clone());
        ids.collect()
    }

    fn scenario(&self, name: &str, version: Option<u64>) -> Option<Arc<Plan>> {
        let scenarios = self.scenarios.lock().unwrap();
        let fits = |plan: &&Arc<Plan>| {
            let fits = version.is_none_or(|version| version == plan.version());
            fits && plan.scenario().name == name
        };
        scenarios.iter().rev().find(fits).cloned()
    }

    async fn fetch(&self, request: FetchRequest) -> Result<Fetched, FetchError> {
        let answer = match &self.web {
            Some(web) => web(&request),
            None => Err(FetchError::forbidden(&request.url)),
        };
        self.fetched.lock().unwrap().push(request);
        answer
    }
}

impl Kit {
    /// No blocks; the default account is `CRM`.
    pub(crate) fn new() -> Self {
        Self { default: Some("handle-1".into()), ..Self::default() }
    }

    pub(crate) fn without_default_account(mut self) -> Self {
        self.default = None;
        self
    }

    /// The account with this handle cannot be used.
    pub(crate) fn unusable(mut self, account: &str, why: &str) -> Self {
        self.unusable.insert(account.into(), why.into());
        self
    }

    /// Knows a table and its columns, by the names by which they are read.
    pub(crate) fn table(mut self, name: &str, columns: &[&str]) -> Self {
        let columns = columns.iter().map(|column| (*column).to_owned()).collect();
        self.tables.insert(name.into(), columns);
        self
    }

    /// Adds a block that ends as `body` says.
    pub(crate) fn block(
        self,
        manifest: Manifest,
        body: impl Fn(&StepCall) -> Result<Outcome, StepError> + Send + Sync + 'static,
    ) -> Self {
        self.whole(manifest, move |call| invoked(body(call)))
    }

    /// Adds a block that says all that came of its invocation.
    pub(crate) fn whole(
        mut self,
        manifest: Manifest,
        body: impl Fn(&StepCall) -> Invoked + Send + Sync + 'static,
    ) -> Self {
        let calls = self.calls.clone();
        let body = Box::new(move |call: StepCall| {
            let invoked = body(&call);
            calls.lock().unwrap().push(call);
            invoked
        });
        self.blocks.push(Arc::new(Fake { manifest, body }));
        self
    }

    /// Lets Fetch URL ask, and answers it.
    pub(crate) fn web(
        mut self,
        web: impl Fn(&FetchRequest) -> Result<Fetched, FetchError> + Send + Sync + 'static,
    ) -> Self {
        self.web = Some(Box::new(web));
        self
    }

    /// Publishes a document under `name`.
    pub(crate) fn publish(&self, name: &str, mut document: Value) -> Arc<Plan> {
        document["name"] = name.into();
        let (plan, _) = self.check(&document).unwrap();
        let before = self.scenario(name, None).map_or(0, |plan| plan.version());
        let plan = Arc::new(plan.with_version(before + 1));
        self.scenarios.lock().unwrap().push(Arc::clone(&plan));
        plan
    }

    /// What the web was asked, in order.
    pub(crate) fn fetched(&self) -> Vec<FetchRequest> {
        self.fetched.lock().unwrap().clone()
    }

    /// Checks a document as it would come over the wire.
    pub(crate) fn check(&self, document: &Value) -> Result<(Plan, Vec<Problem>), Vec<Problem>> {
        let scenario = parse(document.to_string().as_bytes()).map_err(|problem| vec![problem])?;
        check(scenario, self)
    }

    pub(crate) fn plan(&self, document: &Value) -> Arc<Plan> {
        match self.check(document) {
            Ok((plan, _)) => Arc::new(plan),
            Err(problems) => panic!("{problems:#?}"),
        }
    }

    /// Runs a document, with a minute's time.
    pub(crate) fn run(&self, document: &Value, variables: Value) -> Finished {
        self.run_until(document, variables, Instant::now() + Duration::from_secs(60))
    }

    pub(crate) fn run_until(
        &self,
        document: &Value,
        variables: Value,
        deadline: Instant,
    ) -> Finished {
        self.walk(&self.plan(document), variables, deadline)
    }

    pub(crate) fn walk(&self, plan: &Arc<Plan>, variables: Value, deadline: Instant) -> Finished {
        finish(run(plan, self, call(variables, deadline)))
    }

    /// What the blocks were called with, in order.
    pub(crate) fn calls(&self) -> Vec<StepCall> {
        self.calls.lock().unwrap().clone()
    }
}

/// A call that brings these variables.
pub(crate) fn call(variables: Value, deadline: Instant) -> Call {
    let variables = Variables::from_call(variables.as_object().unwrap()).unwrap();
    Call::new(Uuid::from_u128(1), deadline, "en-US".into(), variables)
}

/// Waits for what is under way, on a clock that jumps to whatever is waited for.
pub(crate) fn finish<T>(underway: impl Future<Output = T>) -> T {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    runtime.enable_time().start_paused(true).build().unwrap().block_on(underway)
}

pub(crate) fn invoked(result: Result<Outcome, StepError>) -> Invoked {
    Invoked {
        result,
        host_calls: Vec::new(),
        last_answer: None,
        log: Vec::new(),
        elapsed: Duration::ZERO,
    }
}

pub(crate) fn leaves_by(exit: &str) -> Result<Outcome, StepError> {
    Ok(Outcome { exit: Some(exit.into()), effects: Vec::new() })
}

pub(crate) fn does(effects: Vec<Effect>) -> Result<Outcome, StepError> {
    Ok(Outcome { exit: None, effects })
}

pub(crate) fn sets(name: &str, value: Value) -> Effect {
    Effect::SetVariable { name: name.into(), value }
}

pub(crate) fn records(values: &[Value]) -> RecordSet {
    let raw = |value: &Value| RawValue::from_string(value.to_string()).unwrap();
    RecordSet::new(values.iter().map(raw).collect(), false)
}

/// A document that begins with its first block.
pub(crate) fn document(blocks: Value) -> Value {
    json!({"patchcord": "1.0", "name": "test", "start": blocks[0]["id"], "blocks": blocks})
}

/// A block instance.
pub(crate) fn instance(id: &str, block: &str, properties: Value, exits: Value) -> Value {
    json!({"id": id, "block": block, "properties": properties, "exits": exits})
}

/// An Exit block whose id is its result.
pub(crate) fn exit(id: &str) -> Value {
    instance(id, "core.exit", json!({"result": id}), json!({}))
}

/// An Exit block that answers besides.
pub(crate) fn answer(id: &str, answer: Value) -> Value {
    instance(id, "core.exit", json!({"result": id, "answer": answer}), json!({}))
}

/// The ids of the steps taken, with the exits.
pub(crate) fn way(finished: &Finished) -> Vec<String> {
    let step = |step: &patchcord_scenario::StepTrace| match &step.exit {
        Some(exit) => format!("{}:{exit}", step.id),
        None => step.id.clone(),
    };
    finished.steps.iter().map(step).collect()
}
