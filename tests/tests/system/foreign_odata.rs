//! The Dynamics client against an OData v4 server that was not written here: keys, escaping, pages, etags, batches.
//!
//! It speaks OData and not Dataverse's dialect: it answers a page at a time of its own size, demands an etag of every
//! change, and its error codes are HTTP's.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use patchcord::dynamics::{
    Client, ClientCredential, Error, ErrorKind, Query, ReadOptions, RecordKey, WriteOptions,
};
use patchcord_tests::{Consented, Organisation};
use secrecy::SecretString;
use serde::Deserialize;
use serde_json::json;
use serde_json::value::RawValue;
use uuid::Uuid;

const SECRET: &str = "a secret";
/// What the server puts on a page.
const PAGE: usize = 20;
/// Texts that mean something to SQL, OData, URLs, JSON or a shell.
const ODD: [&str; 20] = [
    "O'Neill",
    "''",
    "a+b",
    "100%",
    "%27",
    "%2B",
    "R&D",
    "#1",
    "a=b",
    "a/b?c=d",
    "semi;colon",
    "back\\slash",
    "quote\"d",
    "' or 1 eq 1 or '",
    "x') or (1 eq 1",
    "Zoë Ødegård",
    "李小龍",
    "😀",
    "_",
    "$top=1&$skip=2",
];

#[derive(Deserialize)]
struct Contact {
    contactid: Uuid,
    lastname: Option<String>,
    #[serde(rename = "@odata.etag")]
    etag: Option<String>,
}

struct Stage {
    organisation: Organisation,
    consented: Consented,
}

impl Stage {
    async fn new() -> Self {
        let organisation = Organisation::start(Some(SECRET), None).await.unwrap();
        let credential = ClientCredential::Secret(SecretString::from(SECRET));
        let consented = organisation.consent("with-secret", &credential).await.unwrap();
        Self { organisation, consented }
    }

    fn client(&self) -> &Client {
        &self.consented.client
    }

    async fn create(&self, lastname: &str) -> Uuid {
        let id = Uuid::new_v4();
        let columns = json!({ "lastname": lastname }).to_string();
        let write = WriteOptions::default();
        let made = self.client().create("contacts", id, &columns, &write, soon()).await.unwrap();
        assert_eq!(made.value.id, id);
        id
    }

    async fn find(&self, options: &str) -> Vec<Contact> {
        let read = ReadOptions { max_records: Some(1_000), ..ReadOptions::default() };
        let query = Query::OData(options);
        let answer = self.client().query("contacts", query, &read, soon()).await.unwrap();
        assert!(!answer.value.more);
        answer.value.records.iter().map(|record| contact(record)).collect()
    }

    async fn etag(&self, id: Uuid) -> String {
        self.retrieve(id).await.unwrap().etag.expect("an etag")
    }

    async fn retrieve(&self, id: Uuid) -> Result<Contact, Error> {
        let (key, read) = (RecordKey::Id(id), ReadOptions::default());
        let options = "$select=contactid,lastname";
        let answer = self.client().retrieve("contacts", &key, options, &read, soon()).await?;
        Ok(contact(&answer.value))
    }

    async fn rename(&self, id: Uuid, lastname: &str, etag: Option<&str>) -> Result<(), Error> {
        let write = WriteOptions { etag: etag.map(str::to_owned), ..WriteOptions::default() };
        let columns = json!({ "lastname": lastname }).to_string();
        let key = RecordKey::Id(id);
        self.client().update("contacts", &key, &columns, &write, soon()).await.map(drop)
    }

    async fn delete(&self, id: Uuid, etag: &str) -> Result<(), Error> {
        let key = RecordKey::Id(id);
        self.client().delete("contacts", &key, Some(etag), soon()).await.map(drop)
    }
}

fn contact(record: &RawValue) -> Contact {
    serde_json::from_str(record.get()).unwrap()
}

fn soon() -> Instant {
    Instant::now() + Duration::from_secs(30)
}

fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

#[tokio::test(flavor = "multi_thread")]
async fn any_text_is_found_as_it_was_written() {
    let stage = Stage::new().await;
    let mut ids = Vec::new();
    for text in ODD {
        ids.push(stage.create(text).await);
    }
    for (text, id) in ODD.into_iter().zip(ids) {
        let found = stage.find(&format!("$filter=lastname eq {}", literal(text))).await;
        let found: Vec<_> =
            found.iter().map(|contact| (contact.contactid, contact.lastname.as_deref())).collect();
        assert_eq!(found, [(id, Some(text))]);
        let filter = format!("contains(lastname,{}) and contactid eq {id}", literal(text));
        assert_eq!(
            stage.client().count("contacts", &filter, soon()).await.unwrap().value,
            1,
            "{text}"
        );
    }
    assert_eq!(stage.client().count("contacts", "", soon()).await.unwrap().value, 20);
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_are_followed_as_far_as_was_asked() {
    let stage = Stage::new().await;
    let mut made = BTreeSet::new();
    for number in 0..55 {
        made.insert(stage.create(&format!("Row {number:02}")).await);
    }
    let query = Query::OData("$select=contactid,lastname&$orderby=lastname");
    let ask = async |max_records| {
        let read = ReadOptions { max_records, ..ReadOptions::default() };
        stage.client().query("contacts", query, &read, soon()).await.unwrap()
    };
    stage.organisation.requests().await.unwrap();
    for (asked, expected, more, requests) in [
        (None, PAGE, true, 1),
        (Some(45), 45, true, 3),
        (Some(55), 55, false, 3),
        (Some(500), 55, false, 3),
    ] {
        let answer = ask(asked).await;
        let ids: BTreeSet<Uuid> =
            answer.value.records.iter().map(|record| contact(record).contactid).collect();
        assert_eq!((ids.len(), answer.value.more), (expected, more), "{asked:?}");
        assert!(ids.is_subset(&made));
        assert_eq!(answer.requests, requests, "{asked:?}");
        assert_eq!(stage.organisation.requests().await.unwrap().len(), requests as usize);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_is_made_read_changed_and_removed() {
    let stage = Stage::new().await;
    let id = stage.create("Before").await;
    assert_eq!(stage.retrieve(id).await.unwrap().lastname.as_deref(), Some("Before"));
    stage.rename(id, "After", None).await.unwrap();
    assert_eq!(stage.retrieve(id).await.unwrap().lastname.as_deref(), Some("After"));
    stage.delete(id, &stage.etag(id).await).await.unwrap();
    assert_eq!(stage.retrieve(id).await.err().unwrap().kind, ErrorKind::NotFound);
    let error = stage.rename(id, "Again", None).await.unwrap_err();
    assert!(matches!(error.kind, ErrorKind::NotFound | ErrorKind::Conflict), "{error:?}");
    assert_eq!(stage.find("").await.len(), 0, "an update makes nothing");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_that_is_asked_for_comes_back() {
    let stage = Stage::new().await;
    let id = Uuid::new_v4();
    let write =
        WriteOptions { returning: Some("contactid,lastname".into()), ..WriteOptions::default() };
    let columns = r#"{"lastname":"O'Neill"}"#;
    let made = stage.client().create("contacts", id, columns, &write, soon()).await.unwrap();
    let row = contact(&made.value.row.expect("the row"));
    assert_eq!((row.contactid, row.lastname.as_deref()), (id, Some("O'Neill")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_is_taken_once() {
    let stage = Stage::new().await;
    let id = stage.create("First").await;
    let write = WriteOptions::default();
    let columns = r#"{"lastname":"Second"}"#;
    let error = stage.client().create("contacts", id, columns, &write, soon()).await.unwrap_err();
    // This server lets SQLite's own error through, as a 500: what matters is that it is no success, and sent once.
    assert_eq!((error.status, error.requests), (Some(500), 1), "{error:?}");
    let found = stage.find("").await;
    assert_eq!((found.len(), found[0].lastname.as_deref()), (1, Some("First")));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_etag_that_is_no_longer_true_stops_a_change() {
    let stage = Stage::new().await;
    let id = stage.create("One").await;
    let old = stage.etag(id).await;
    // The server's etag is a time in milliseconds.
    tokio::time::sleep(Duration::from_millis(5)).await;
    stage.rename(id, "Two", Some(&old)).await.unwrap();
    assert_eq!(stage.rename(id, "Three", Some(&old)).await.unwrap_err().kind, ErrorKind::Conflict);
    assert_eq!(stage.delete(id, &old).await.unwrap_err().kind, ErrorKind::Conflict);
    assert_eq!(stage.retrieve(id).await.unwrap().lastname.as_deref(), Some("Two"));
    stage.delete(id, &stage.etag(id).await).await.unwrap();
}

/// This server takes addresses within a batch relative to its service only; Microsoft's samples write whole ones. So what
/// is shown is that it reads our batch as one, and that we read its answer.
#[tokio::test(flavor = "multi_thread")]
async fn a_query_too_long_for_an_address_goes_as_a_batch() {
    let stage = Stage::new().await;
    stage.organisation.requests().await.unwrap();
    let long = "x".repeat(40_000);
    let filter = format!("$filter=lastname eq '{long}'");
    let (query, read) = (Query::OData(&filter), ReadOptions::default());
    let refused = stage.client().query("contacts", query, &read, soon()).await.unwrap_err();
    assert_eq!((refused.kind, refused.status), (ErrorKind::NotFound, Some(404)), "{refused:?}");
    assert!(refused.message.contains("Invalid resource path"), "{refused:?}");
    let requests = stage.organisation.requests().await.unwrap();
    assert_eq!(requests, ["POST /api/data/v9.2/$batch"]);
}
