//! The queries that the block SDK writes mean before Dataverse's grammar what they say in Rust: the emulator, which knows
//! nothing of the SDK, finds the rows that were meant.

use std::time::{Duration, Instant};

use patchcord::dynamics::{Client, Query as Asked, ReadOptions, WriteOptions};
use patchcord_block::RecordId;
use patchcord_block::dynamics::{Expansion, Query};
use patchcord_block::odata::{Condition, column, date, not};
use patchcord_tests::{Consented, emulator};
use serde_json::{Value, json};
use uuid::Uuid;

const ANN: Uuid = Uuid::from_u128(0xa);
/// Each is a last name that another one would match if it were not taken as it is.
const ROWS: [(Uuid, &str, Option<&str>, u32); 5] = [
    (ANN, "O'Neil", Some("Owner"), 1),
    (Uuid::from_u128(0xb), "50% off", Some("Clerk"), 2),
    (Uuid::from_u128(0xc), "50 or off", None, 3),
    (Uuid::from_u128(0xd), "a_b", Some("Clerk"), 4),
    (Uuid::from_u128(0xe), "axb & [c]", Some("Owner"), 5),
];

fn soon() -> Instant {
    Instant::now() + Duration::from_secs(30)
}

async fn fill(client: &Client) {
    for (id, name, job, children) in ROWS {
        let columns = json!({"lastname": name, "jobtitle": job, "numberofchildren": children});
        let write = WriteOptions::default();
        client.create("contacts", id, &columns.to_string(), &write, soon()).await.unwrap();
    }
}

async fn rows(client: &Client, query: &Query) -> Vec<Value> {
    let options = query.options().unwrap();
    let read = ReadOptions::default();
    let answer = client.query("contacts", Asked::OData(&options), &read, soon()).await;
    let page = answer.unwrap_or_else(|error| panic!("{options}: {error}")).value;
    page.records.iter().map(|record| serde_json::from_str(record.get()).unwrap()).collect()
}

fn contacts() -> Query {
    Query::table("contacts").select(["lastname"]).order_by("numberofchildren")
}

/// The rows that a condition is to find, by their numbers.
fn cases() -> Vec<(Condition, &'static [u32])> {
    let (name, job, number) =
        (|| column("lastname"), || column("jobtitle"), || column("numberofchildren"));
    let id = RecordId::new(ANN.to_string()).unwrap();
    vec![
        (name().eq("O'Neil"), &[1]),
        (name().eq("' or 1 eq 1 or lastname eq '"), &[]),
        (name().ne("O'Neil").and(job().eq("Owner")), &[5]),
        (name().contains("50%"), &[2]),
        (name().contains("' or '"), &[]),
        (name().starts_with("a_"), &[4]),
        (name().ends_with("[c]"), &[5]),
        (name().contains(" & "), &[5]),
        (column("contactid").eq(&id), &[1]),
        (job().is_null(), &[3]),
        (job().is_not_null(), &[1, 2, 4, 5]),
        (job().is_any_of(["Clerk", "Boss"]), &[2, 4]),
        (job().is_any_of([""; 0]), &[]),
        (not(job().is_any_of([""; 0])), &[1, 2, 3, 4, 5]),
        (number().gt(1).and(number().le(3)), &[2, 3]),
        (number().lt(2).or(number().ge(5)), &[1, 5]),
        // Without parentheses the first would find 1 and 4, the second 1, 2 and 4.
        (number().eq(1).or(number().eq(4)).and(job().eq("Clerk")), &[4]),
        (job().eq("Clerk").and(number().eq(1).or(number().eq(4))), &[4]),
        (number().eq(1).or(number().eq(4).and(job().eq("Clerk"))), &[1, 4]),
        (!number().eq(1).or(number().eq(2)), &[3, 4, 5]),
        ((!number().eq(1)).and(number().lt(3)), &[2]),
        (!name().contains("50"), &[1, 4, 5]),
        (column("createdon").gt(date("2001-01-31").unwrap()).and(number().eq(1)), &[1]),
        (column("createdon").lt(date("2001-01-31T10:00:00Z").unwrap()), &[]),
        (column("createdby/fullname").eq("Demo User").and(number().eq(1)), &[1]),
        (
            Condition::raw("numberofchildren eq 1 or numberofchildren eq 2").and(job().eq("Clerk")),
            &[2],
        ),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_condition_finds_the_rows_that_it_means() {
    let emulator = emulator(0).await.unwrap();
    let api = emulator.setup().api_url.parse().unwrap();
    let consented = Consented::at_emulator(&emulator, &api).await.unwrap();
    let client = &consented.client;
    fill(client).await;
    for (condition, expected) in cases() {
        let shown = condition.to_odata().unwrap().to_owned();
        let found = rows(client, &contacts().filter(condition.clone())).await;
        let names = |rows: &[Value]| -> Vec<String> {
            rows.iter().map(|row| row["lastname"].as_str().unwrap().to_owned()).collect()
        };
        let meant: Vec<_> = ROWS.iter().filter(|row| expected.contains(&row.3)).collect();
        let meant: Vec<_> = meant.into_iter().map(|(_, name, _, _)| (*name).to_owned()).collect();
        assert_eq!(names(&found), meant, "{shown}");
        let counted = client.count("contacts", &shown, soon()).await.unwrap().value;
        assert_eq!(counted as usize, expected.len(), "{shown}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_other_options_are_understood() {
    let emulator = emulator(0).await.unwrap();
    let api = emulator.setup().api_url.parse().unwrap();
    let consented = Consented::at_emulator(&emulator, &api).await.unwrap();
    fill(&consented.client).await;
    let query = Query::table("contacts")
        .select(["lastname", "numberofchildren"])
        .filter(column("jobtitle").is_not_null())
        .order_by("jobtitle")
        .order_by(column("numberofchildren").descending())
        .expand(Expansion::of("createdby").select(["fullname"]))
        .top(3);
    let found = rows(&consented.client, &query).await;
    let numbers: Vec<_> = found.iter().map(|row| row["numberofchildren"].as_u64()).collect();
    assert_eq!(numbers, [Some(4), Some(2), Some(5)]);
    assert_eq!(found[0]["createdby"]["fullname"], json!("Demo User"));
    assert_eq!(found[0].get("jobtitle"), None);
}
