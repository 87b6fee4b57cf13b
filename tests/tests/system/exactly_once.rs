//! Ten thousand creates, their connections cut at every place where a connection can be cut: as many records, none
//! lost and none doubled.

use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;
use std::time::{Duration, Instant};

use futures::stream::{self, StreamExt};
use patchcord::dynamics::{Client, Error, Query, ReadOptions, RecordKey, WriteOptions};
use patchcord_emulator::{Emulator, EmulatorConfig};
use patchcord_tests::{Consented, Cuts, CuttingProxy};
use serde::Deserialize;
use url::Url;
use uuid::Uuid;

const CREATES: u32 = 10_000;
/// Rows that one query reads: fewer than a page of Dataverse holds.
const BATCH: u32 = 1_000;
/// The same chance each time, as far as the order of the requests is the same.
const SEED: u64 = 20_261_125;
const PERCENT_CUT: u32 = 15;
/// More than the account lets through at once, so that the gate is what limits them.
const CALLERS: usize = 64;

#[derive(Deserialize)]
struct Row {
    contactid: Uuid,
    lastname: String,
    nickname: Option<String>,
}

/// The same emulator seen directly and through the proxy.
struct Stage {
    emulator: Emulator,
    proxy: CuttingProxy,
    direct: Consented,
    through: Consented,
}

impl Stage {
    async fn new() -> Self {
        let http = Some(([127, 0, 0, 1], 0).into());
        let config = EmulatorConfig { http, https: None, seed: 0, ..EmulatorConfig::default() };
        let emulator = Emulator::start(config).await.unwrap();
        let api = Url::parse(&emulator.setup().api_url).unwrap();
        let address = *api.socket_addrs(|| None).unwrap().first().unwrap();
        let proxy = CuttingProxy::start(address, PERCENT_CUT, SEED).await.unwrap();
        let mut proxied = api.clone();
        proxied.set_port(Some(proxy.address.port())).unwrap();
        let direct = Consented::at_emulator(&emulator, &api).await.unwrap();
        let through = Consented::at_emulator(&emulator, &proxied).await.unwrap();
        Self { emulator, proxy, direct, through }
    }

    /// Every row, by its number, as the emulator has it.
    async fn rows(&self) -> BTreeMap<String, Row> {
        let mut rows = BTreeMap::new();
        for batch in 0..CREATES.div_ceil(BATCH) {
            for row in rows_of(&self.direct.client, batch).await {
                let doubled = rows.insert(row.lastname.clone(), row);
                assert!(doubled.is_none(), "there twice: {}", doubled.unwrap().lastname);
            }
        }
        rows
    }
}

async fn rows_of(client: &Client, batch: u32) -> Vec<Row> {
    let options = format!(
        "$select=contactid,lastname,nickname&$filter=jobtitle eq 'batch {batch}'&$top=5000"
    );
    let (query, read) = (Query::OData(&options), ReadOptions::default());
    let answer = client.query("contacts", query, &read, soon()).await.unwrap();
    assert!(!answer.value.more);
    let records = answer.value.records.iter();
    records.map(|record| serde_json::from_str(record.get()).unwrap()).collect()
}

fn soon() -> Instant {
    Instant::now() + Duration::from_secs(120)
}

fn id(number: u32) -> Uuid {
    Uuid::from_u128(0x5eed_0000_0000_4000_8000_0000_0000_0000 + u128::from(number))
}

fn name(number: u32) -> String {
    format!("Row {number:05}")
}

/// Carries out `work` for each number, many at once. Returns what failed.
async fn at_once<F: Future<Output = Result<(), Error>>>(
    numbers: impl Iterator<Item = u32>,
    work: impl Fn(u32) -> F,
) -> Vec<String> {
    let calls = numbers.map(|number| {
        let call = work(number);
        async move { call.await.err().map(|error| format!("{}: {error:?}", name(number))) }
    });
    stream::iter(calls).buffer_unordered(CALLERS).filter_map(std::future::ready).collect().await
}

async fn create(client: &Client, number: u32) -> Result<(), Error> {
    let columns = serde_json::json!({
        "lastname": name(number), "jobtitle": format!("batch {}", number / BATCH),
    });
    let write = WriteOptions::default();
    client.create("contacts", id(number), &columns.to_string(), &write, soon()).await.map(drop)
}

/// Changes what is a multiple of three, removes what is one more.
async fn change(client: &Client, number: u32) -> Result<(), Error> {
    let (key, write) = (RecordKey::Id(id(number)), WriteOptions::default());
    let columns = r#"{"nickname":"changed"}"#;
    match number % 3 {
        0 => client.update("contacts", &key, columns, &write, soon()).await.map(drop),
        _ => client.delete("contacts", &key, None, soon()).await.map(drop),
    }
}

fn assert_every_kind(cuts: Cuts) {
    let Cuts { at_once, before_send, mid_request, before_answer, mid_answer, none } = cuts;
    for made in [before_send, mid_request, before_answer, mid_answer] {
        assert!(made > none / 100, "seed {SEED} made too few cuts of a kind: {cuts:?}");
    }
    assert!(at_once > 0, "seed {SEED}: {cuts:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_create_is_there_once_and_every_change_is_made() {
    let stage = Stage::new().await;
    let client = &stage.through.client;

    let failed = at_once(0..CREATES, |number| create(client, number)).await;
    assert!(failed.is_empty(), "{} gave up: {failed:#?}", failed.len());
    let rows = stage.rows().await;
    assert_eq!(rows.len(), usize::try_from(CREATES).unwrap(), "rows with a number of their own");
    let ids: BTreeSet<Uuid> = rows.values().map(|row| row.contactid).collect();
    assert_eq!(ids, (0..CREATES).map(id).collect::<BTreeSet<_>>(), "the ids that were asked for");
    assert_every_kind(stage.proxy.cuts());

    let numbers = (0..CREATES / 2).filter(|number| number % 3 != 2);
    let failed = at_once(numbers, |number| change(client, number)).await;
    assert!(failed.is_empty(), "{} gave up: {failed:#?}", failed.len());
    let rows = stage.rows().await;
    for number in 0..CREATES {
        let row = rows.get(&name(number));
        let nickname = row.map(|row| row.nickname.as_deref());
        let expected = match number % 3 {
            0 if number < CREATES / 2 => Some(Some("changed")),
            1 if number < CREATES / 2 => None,
            _ => Some(None),
        };
        assert_eq!(nickname, expected, "{}", name(number));
    }
    stage.emulator.stop().await;
}
