//! A block that makes the host call that it is told to, and what is around it.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use patchcord_runtime::{
    Answer, Change, Create, Crm, CrmError, Effect, Execute, Invoked, LastAnswer, Link, Manifest,
    Operation, Outcome, Output, OutputKind, PhoneQuery, PhoneSearch, Query, QueryText, ReadOptions,
    Reference, Retrieve, StepError, WriteOptions,
};
use patchcord_scenario::{
    Catalog, FailureKind, FetchError, FetchRequest, Fetched, NoBlock, Plan, ScenarioBlock,
    StepCall, check, parse,
};
use serde_json::{Value, json};

use crate::rehearsal::{CannedAnswer, CannedCrm};

/// A block that makes the host call that its property names, about `about`.
struct Asks {
    manifest: Manifest,
    crm: Arc<dyn Crm>,
}

/// What is known of the answer, and what a block can see of it.
fn seen<T: std::fmt::Debug>(answer: Answer<T>) -> (LastAnswer, Value) {
    let Answer { status, body, age, stale, .. } = answer;
    let last =
        LastAnswer { status: status.unwrap_or(0), body, age: age.unwrap_or_default(), stale };
    (last, format!("{:?}", answer.value).into())
}

impl Asks {
    async fn ask(
        &self,
        call: &StepCall,
        crm: Arc<dyn Crm>,
    ) -> Result<(LastAnswer, Value), CrmError> {
        let about = call.properties["about"].to_string();
        let (entity_set, key) = ("contacts", "00aa0000-0000-0000-0000-00000000000f");
        let (record, read) = (Reference { entity_set, key }, ReadOptions::default());
        let returning = Some("name".to_owned());
        let write = WriteOptions { returning, ..WriteOptions::default() };
        let until = call.deadline;
        match call.properties["call"].as_str().unwrap_or_default() {
            "query" => {
                let query = Query { entity_set, text: QueryText::OData(&about), read };
                crm.query(&query, until).await.map(seen)
            }
            "count" => crm.count(entity_set, &about, until).await.map(seen),
            "retrieve" => {
                let asked = Retrieve { record, options: &about, read };
                crm.retrieve(&asked, until).await.map(seen)
            }
            "create" => {
                let row = call.step_key;
                let asked = Create { entity_set, row, columns: &about, write };
                crm.create(&asked, until).await.map(seen)
            }
            "upsert" => {
                let asked = Change { record, columns: &about, write };
                crm.upsert(&asked, until).await.map(seen)
            }
            "update" => {
                let asked = Change { record, columns: &about, write };
                crm.update(&asked, until).await.map(seen)
            }
            "delete" => crm.delete(record, None, until).await.map(seen),
            "link" => {
                let asked = Link { record, relationship: "r", to: record, tie: true };
                crm.link(&asked, until).await.map(seen)
            }
            "execute" => {
                let asked = Execute { bound_to: None, action: "Win", parameters: &about };
                crm.execute(&asked, until).await.map(seen)
            }
            _ => {
                let search = |table: &str| PhoneSearch {
                    entity_set: table.to_owned(),
                    columns: Vec::new(),
                    select: Vec::new(),
                    active_only: false,
                };
                let searches = vec![search("contacts"), search("leads")];
                let asked = PhoneQuery { number: &about, searches, top: 2, read };
                crm.find_by_phone(&asked, until).await.map(seen)
            }
        }
    }
}

#[async_trait]
impl ScenarioBlock for Asks {
    fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    async fn run(&self, call: StepCall) -> Invoked {
        let crm = Arc::clone(&self.crm);
        let crm = call.layer.as_ref().map_or(crm.clone(), |layer| layer.over(crm, &call));
        let (result, last_answer) = match self.ask(&call, crm).await {
            Ok((last, value)) => {
                let effects = vec![Effect::SetVariable { name: "got".into(), value }];
                (Ok(Outcome { exit: None, effects }), Some(last))
            }
            Err(error) => {
                let last = error.status.map(|status| {
                    LastAnswer::fresh(status, error.body.clone().unwrap_or_default())
                });
                (Err(StepError::Crm(error)), last)
            }
        };
        let (host_calls, log) = (Vec::new(), Vec::new());
        Invoked { result, host_calls, last_answer, log, elapsed: Duration::ZERO }
    }
}

/// The block, a web that says something else each time, and the one scenario that there is.
pub(super) struct Surroundings {
    block: Arc<Asks>,
    web: Mutex<Vec<Result<Fetched, FetchError>>>,
    scenario: Mutex<Option<Arc<Plan>>>,
}

impl Surroundings {
    pub(super) fn plan(&self, document: &Value) -> Arc<Plan> {
        let document = parse(document.to_string().as_bytes()).unwrap();
        let plan = Arc::new(check(document, self).unwrap().0.with_version(1));
        *self.scenario.lock().unwrap() = Some(Arc::clone(&plan));
        plan
    }
}

#[async_trait]
impl Catalog for Surroundings {
    fn block(&self, reference: &str) -> Result<Arc<dyn ScenarioBlock>, NoBlock> {
        if reference == "asks" { Ok(self.block.clone()) } else { Err(NoBlock::Unknown) }
    }

    fn account(&self, _: &str) -> Option<String> {
        None
    }

    fn default_account(&self) -> Option<String> {
        Some("account".into())
    }

    fn block_ids(&self) -> Vec<String> {
        vec!["asks".into()]
    }

    fn scenario(&self, _: &str, _: Option<u64>) -> Option<Arc<Plan>> {
        self.scenario.lock().unwrap().clone()
    }

    async fn fetch(&self, _: FetchRequest) -> Result<Fetched, FetchError> {
        let nobody = || FetchError { kind: FailureKind::Unavailable, message: "nobody".into() };
        self.web.lock().unwrap().pop().unwrap_or_else(|| Err(nobody()))
    }
}

pub(super) fn surroundings(
    answers: Vec<CannedAnswer>,
    web: Vec<Result<Fetched, FetchError>>,
) -> Surroundings {
    let output =
        Output { property: "into".into(), kind: OutputKind::Variable, description: String::new() };
    let text = json!({"type": "string"});
    let manifest = Manifest {
        id: "asks".into(),
        version: "1.0.0".into(),
        title: String::new(),
        category: String::new(),
        description: String::new(),
        icon: String::new(),
        properties: json!({"type": "object", "properties": {"call": text, "into": text, "about": {}}}),
        exits: Vec::new(),
        outputs: vec![output],
        operations: vec![Operation::Query, Operation::Create],
        tables: None,
        selects_account: false,
        pops_screen: false,
    };
    let crm = Arc::new(CannedCrm::new(answers));
    Surroundings {
        block: Arc::new(Asks { manifest, crm }),
        web: Mutex::new(web),
        scenario: Mutex::default(),
    }
}
