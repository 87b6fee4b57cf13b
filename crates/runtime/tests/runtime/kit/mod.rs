//! Blocks written by hand in the text format of wasm, so that a test can make one do what no block made with the SDK
//! would: the canonical ABI is laid out here, byte by byte. Not a model for block authors.
#![allow(dead_code, unreachable_pub, reason = "each test file uses a part of the kit")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use std::sync::Arc;
use std::time::{Duration, Instant};

use patchcord_runtime::testing::StubCrm;
use patchcord_runtime::{
    Block, Crm, Invocation, Invoked, Manifest, OutputKind, Runtime, RuntimeConfig,
};
use serde_json::{Value, json};
use uuid::Uuid;

/// Answers success, no exit, no effects: for bodies of `run` that only matter for what they do before.
pub const DONE: &str = "(i32.const 0)";
/// Where a call of `query` leaves its answer: tag at 0, the handle at 8.
pub const ANSWER: u32 = 32;
/// Calls `query("contacts", "$top=1")`.
pub const QUERY: &str =
    "(call $query (i32.const 80) (i32.const 8) (i32.const 96) (i32.const 6) (i32.const 32))";
/// The handle of the record set that [`QUERY`] made.
pub const SET: &str = "(i32.load (i32.const 40))";
/// A word that nothing else uses.
const USED: u32 = 65_528;
/// Free to be laid out; what is below holds the constants above.
const LAYOUT: usize = 128;

/// A block under construction.
pub struct Fixture {
    pub manifest: Manifest,
    pub describe: Option<String>,
    pub run: String,
    pub pages: u32,
    data: Vec<u8>,
}

/// An effect, as a guest asks for it.
pub enum Asked<'a> {
    Variable(&'a str, &'a str),
    /// Its handle is the one in [`ANSWER`].
    Recordset(&'a str),
    Account(&'a str),
    Pop(&'a str, &'a str),
}

impl Fixture {
    /// A block whose `run` is `body`, an expression that leaves the address of a result.
    pub fn new(body: &str) -> Self {
        let mut data = vec![0; LAYOUT];
        data[80..88].copy_from_slice(b"contacts");
        data[96..102].copy_from_slice(b"$top=1");
        data[112..120].copy_from_slice(b"fullname");
        Self { manifest: manifest(), describe: None, run: body.to_owned(), pages: 2, data }
    }

    /// A block that ends with effects, none of them records, and calls nothing before.
    pub fn saying(effects: &[Asked<'_>]) -> Self {
        let mut fixture = Self::new("");
        let (outcome, _) = fixture.outcome(None, effects);
        fixture.run = format!("(i32.const {outcome})");
        fixture
    }

    /// A block that ends with an outcome. It makes one query first, so that there is a record set to hand back.
    pub fn with_outcome(exit: Option<&str>, effects: &[Asked<'_>]) -> Self {
        let mut fixture = Self::new("");
        let (outcome, handles) = fixture.outcome(exit, effects);
        let handle = ANSWER + 8;
        let stores: String = handles
            .iter()
            .map(|at| format!("(i32.store (i32.const {at}) (i32.load (i32.const {handle})))"))
            .collect();
        fixture.run = format!("{QUERY} {stores} (i32.const {outcome})");
        fixture
    }

    /// A block that does `work`, and leaves by `no_data` where it finds that its memory has been used before.
    pub fn remembering(work: &str) -> Self {
        let mut fixture = Self::new("");
        let (used, _) = fixture.outcome(Some("no_data"), &[]);
        fixture.run = format!(
            "{work} (if (result i32) (i32.load (i32.const {USED}))
               (then (i32.const {used}))
               (else (i32.store (i32.const {USED}) (i32.const 1)) {DONE}))"
        );
        fixture
    }

    /// A block that ends with the failure whose case has the number `case` and holds one text.
    pub fn with_failure(case: u8, text: &str) -> Self {
        let mut fixture = Self::new("");
        let (at, length) = fixture.text(text);
        let mut bytes = vec![1, 0, 0, 0, 0, 0, 0, 0, case, 0, 0, 0, 0, 0, 0, 0];
        bytes.extend(words(&[at, length]));
        bytes.resize(64, 0);
        let at = fixture.put(&bytes);
        fixture.run = format!("(i32.const {at})");
        fixture
    }

    /// The component.
    pub fn build(mut self) -> Vec<u8> {
        let described = self.lay_out_manifest();
        let describe = self.describe.take().unwrap_or_else(|| format!("(i32.const {described})"));
        let data: String = self.data.iter().map(|byte| format!("\\{byte:02x}")).collect();
        let text = include_str!("block.wat")
            .replace("@PAGES@", &self.pages.to_string())
            .replace("@DATA@", &data)
            .replace("@DESCRIBE@", &describe)
            .replace("@RUN@", &self.run);
        wat::parse_str(text).unwrap()
    }

    /// The component, loaded with default settings.
    pub async fn load(self) -> Block {
        self.load_with(RuntimeConfig { max_instances: 4, ..RuntimeConfig::default() }).await
    }

    /// The component, loaded with the settings given.
    pub async fn load_with(self, config: RuntimeConfig) -> Block {
        Runtime::new(config).unwrap().load(&self.build()).await.unwrap()
    }

    fn put(&mut self, bytes: &[u8]) -> u32 {
        while !self.data.len().is_multiple_of(8) {
            self.data.push(0);
        }
        let at = self.data.len() as u32;
        self.data.extend_from_slice(bytes);
        at
    }

    fn text(&mut self, text: &str) -> (u32, u32) {
        (self.put(text.as_bytes()), text.len() as u32)
    }

    fn texts(&mut self, texts: &[&str]) -> Vec<u8> {
        texts
            .iter()
            .flat_map(|text| {
                let (at, length) = self.text(text);
                words(&[at, length])
            })
            .collect()
    }

    fn list(&mut self, items: &[Vec<u8>]) -> Vec<u8> {
        let at = self.put(&items.concat());
        words(&[at, items.len() as u32])
    }

    fn lay_out_manifest(&mut self) -> u32 {
        let said = self.manifest.clone();
        let properties = match &said.properties {
            Value::String(raw) => raw.clone(),
            schema => schema.to_string(),
        };
        let mut bytes = self.texts(&[
            &said.id,
            &said.version,
            &said.title,
            &said.category,
            &said.description,
            &said.icon,
            &properties,
        ]);
        let exits: Vec<_> =
            said.exits.iter().map(|e| self.texts(&[&e.id, &e.title, &e.description])).collect();
        let outputs: Vec<_> = said
            .outputs
            .iter()
            .map(|output| {
                let mut item = self.texts(&[&output.property]);
                item.extend(words(&[u32::from(output.kind == OutputKind::Recordset)]));
                item.extend(self.texts(&[&output.description]));
                item
            })
            .collect();
        let operations: Vec<_> = said.operations.iter().map(|o| vec![*o as u8]).collect();
        for items in [exits, outputs, operations] {
            bytes.extend(self.list(&items));
        }
        bytes.extend([u8::from(said.selects_account), u8::from(said.pops_screen), 0, 0]);
        self.put(&bytes)
    }

    fn outcome(&mut self, exit: Option<&str>, effects: &[Asked<'_>]) -> (u32, Vec<u32>) {
        let mut items = Vec::new();
        for effect in effects {
            let (case, payload) = match effect {
                Asked::Variable(name, value) => (0, self.texts(&[name, value])),
                Asked::Recordset(name) => (1, self.texts(&[name])),
                Asked::Account(account) => (2, self.texts(&[account])),
                Asked::Pop(set, id) => (3, self.texts(&[set, id])),
            };
            let mut item = words(&[case]);
            item.extend(payload);
            item.resize(20, 0);
            items.push(item);
        }
        let list = self.list(&items);
        let first = u32::from_le_bytes(list[..4].try_into().unwrap());
        let handles = effects.iter().zip(0..).filter_map(|(effect, index)| {
            matches!(effect, Asked::Recordset(_)).then_some(first + index * 20 + 12)
        });
        let handles = handles.collect();
        let mut bytes = vec![0; 8];
        match exit {
            Some(exit) => {
                bytes.extend(words(&[1]));
                bytes.extend(self.texts(&[exit]));
            }
            None => bytes.extend([0; 12]),
        }
        bytes.extend(list);
        bytes.resize(64, 0);
        (self.put(&bytes), handles)
    }
}

fn words(words: &[u32]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_le_bytes()).collect()
}

/// A manifest that keeps all rules and declares one of everything.
pub fn manifest() -> Manifest {
    serde_json::from_value(json!({
        "id": "test.fixture",
        "version": "1.0.0",
        "title": "Fixture",
        "category": "Tests",
        "description": "Does what a test asks of it.",
        "icon": "search",
        "properties": {
            "type": "object",
            "properties": {
                "variable": { "type": "string" },
                "recordset": { "type": "string" },
                "table": { "type": "string" }
            }
        },
        "exits": [{ "id": "no_data", "title": "No Data", "description": "Nothing matched." }],
        "outputs": [
            { "property": "variable", "kind": "variable", "description": "A value." },
            { "property": "recordset", "kind": "recordset", "description": "Records." }
        ],
        "operations": ["query", "create"],
        "selects_account": true,
        "pops_screen": true
    }))
    .unwrap()
}

/// Properties that name one variable and one recordset.
pub fn properties() -> Value {
    json!({ "variable": "answer", "recordset": "RS", "table": "contacts" })
}

/// An invocation with a minute to go.
pub fn invocation(crm: StubCrm) -> Invocation {
    let crm: Arc<dyn Crm> = Arc::new(crm);
    Invocation {
        run: "run-1".into(),
        step_key: Uuid::from_u128(7),
        locale: "en-US".into(),
        deadline: Instant::now() + Duration::from_secs(60),
        properties: properties(),
        crm,
        counted: true,
    }
}

/// Invokes a block against a CRM that holds two contacts.
pub async fn invoke(block: &Block) -> Invoked {
    block.invoke(invocation(contacts())).await
}

/// A CRM that holds two contacts.
pub fn contacts() -> StubCrm {
    StubCrm::new().with_records(&[
        json!({ "contactid": "11111111-1111-4111-8111-111111111111", "fullname": "Ann Example" }),
        json!({ "contactid": "22222222-2222-4222-8222-222222222222", "fullname": "Bo Example" }),
    ])
}
