//! What is left of an answer once it was written out, stored and read again: all of it.

use std::time::Instant;

use patchcord_runtime::testing::StubCrm;
use patchcord_runtime::{Create, Crm, PhoneQuery, Query, QueryText, ReadOptions, WriteOptions};
use serde_json::json;
use serde_json::value::RawValue;

use super::*;

/// What is left of an answer once it was written out, stored and read again.
fn through<T>(question: &Question<'_>, answered: &Result<Answer<T>, CrmError>) -> CannedAnswer
where
    for<'a> KeptValue: From<&'a T>,
{
    let call = written(KeptQuestion::of(question), KeptAnswer::of(answered));
    let text = serde_json::to_string(&call).unwrap();
    serde_json::from_str::<RecordedCall>(&text).unwrap().answer
}

#[test]
fn records_come_back_digit_for_digit() {
    let record = RawValue::from_string(r#"{"n": 1.50, "@odata.etag": "W/\"1\""}"#.to_owned());
    let set = RecordSet::new(vec![record.unwrap()], true);
    let answer = Answer::fresh(set, 200, "{\"value\": []}");
    let answer = Answer { age: Some(Duration::from_millis(1_500)), stale: true, ..answer };
    let text = QueryText::OData("$top=1");
    let asked = Query { entity_set: "contacts", text, read: ReadOptions::default() };
    let back = through(&Question::query(&asked), &Ok(answer)).to_query();
    assert_eq!(back.value.record(0), Some(r#"{"n": 1.50, "@odata.etag": "W/\"1\""}"#));
    assert!(back.value.more() && back.stale);
    assert_eq!((back.status, &*back.body), (Some(200), "{\"value\": []}"));
    assert_eq!(back.age, Some(Duration::from_millis(1_500)));
}

#[test]
fn an_error_comes_back_whole() {
    let error = CrmError {
        status: Some(429),
        code: Some("0x80072322".into()),
        body: Some("{\"error\": {}}".into()),
        ..CrmError::local(CrmErrorKind::Throttled(700), "wait")
    };
    let answered: Result<Answer<u64>, CrmError> = Err(error);
    let back = through(&Question::count("contacts", ""), &answered).error.unwrap().told();
    assert_eq!(back.kind, CrmErrorKind::Throttled(700));
    assert_eq!((back.status, back.code.as_deref()), (Some(429), Some("0x80072322")));
    assert_eq!((back.message.as_str(), back.body.as_deref()), ("wait", Some("{\"error\": {}}")));
}

#[tokio::test]
async fn what_a_write_gives_back_comes_back() {
    let stub = StubCrm::new().with_records(&[json!({"name": "A"})]);
    let returning = Some("name".to_owned());
    let write = WriteOptions { returning, ..WriteOptions::default() };
    let row = uuid::Uuid::from_u128(7);
    let asked = Create { entity_set: "accounts", row, columns: "{}", write };
    let made = stub.create(&asked, Instant::now()).await;
    let back = through(&Question::create(&asked), &made).to_create(&asked).value;
    assert_eq!(back.id, row.to_string());
    assert_eq!(back.row.unwrap().record(0), Some(r#"{"name":"A"}"#));
    let plain = Create { write: WriteOptions::default(), ..asked.clone() };
    let made = stub.create(&plain, Instant::now()).await;
    assert!(through(&Question::create(&plain), &made).to_create(&plain).value.row.is_none());
}

#[test]
fn the_search_that_found_somebody_comes_back() {
    let search = |table: &str| patchcord_runtime::PhoneSearch {
        entity_set: table.to_owned(),
        columns: vec!["telephone1".to_owned()],
        select: Vec::new(),
        active_only: true,
    };
    let searches = vec![search("contacts"), search("leads"), search("contacts")];
    let read = ReadOptions::default();
    let asked = PhoneQuery { number: "+1", searches, top: 2, read };
    let record = || vec![RawValue::from_string("{}".to_owned()).unwrap()];
    let cases = [
        PhoneMatch::NoNumber,
        PhoneMatch::Nobody,
        PhoneMatch::One { search: 2, records: RecordSet::new(record(), false) },
        // One of several, where no more were asked for.
        PhoneMatch::Several { search: 1, records: RecordSet::new(record(), true) },
    ];
    for found in cases {
        let told = format!("{found:?}");
        let answered = Ok(Answer::fresh(found, 200, ""));
        let back = through(&Question::find_by_phone(&asked), &answered);
        assert_eq!(format!("{:?}", back.to_find_by_phone(&asked).value), told);
    }
}
