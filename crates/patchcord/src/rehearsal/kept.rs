//! An answer as a recording holds it while the run is under way: what it shares with the run is not copied. It is written
//! out when nobody waits any more.

use std::sync::Arc;
use std::time::Duration;

use patchcord_runtime::{
    Answer, Created, CrmError, CrmErrorKind, HostFunction, PhoneMatch, RecordSet, Upserted,
};

use super::answer::Found;
use super::written::{WrittenJson, WrittenObject};
use super::{CannedAnswer, CannedError, ErrorKind, Question, RecordedCall};

/// A question, owned.
pub(super) struct KeptQuestion {
    call: HostFunction,
    tables: Vec<String>,
    key: Option<String>,
    asked: String,
    options: String,
}

/// What was answered.
pub(super) enum KeptAnswer {
    Answer {
        value: KeptValue,
        status: Option<u16>,
        body: Arc<str>,
        age: Option<Duration>,
        stale: bool,
    },
    Error(CrmError),
    /// The step ended before an answer came.
    None,
}

/// The value of an answer.
pub(super) enum KeptValue {
    Nothing,
    Records(RecordSet),
    Count(u64),
    Made { id: Option<String>, created: Option<bool>, row: Option<RecordSet> },
    Json(String),
    Found(PhoneMatch),
}

impl From<&RecordSet> for KeptValue {
    fn from(records: &RecordSet) -> Self {
        Self::Records(records.clone())
    }
}

impl From<&u64> for KeptValue {
    fn from(count: &u64) -> Self {
        Self::Count(*count)
    }
}

impl From<&Created> for KeptValue {
    fn from(made: &Created) -> Self {
        Self::Made { id: Some(made.id.clone()), created: None, row: made.row.clone() }
    }
}

impl From<&Upserted> for KeptValue {
    fn from(done: &Upserted) -> Self {
        Self::Made { id: done.id.clone(), created: done.created, row: done.row.clone() }
    }
}

impl From<&Option<RecordSet>> for KeptValue {
    fn from(row: &Option<RecordSet>) -> Self {
        row.as_ref().map_or(Self::Nothing, Self::from)
    }
}

impl From<&()> for KeptValue {
    fn from(_: &()) -> Self {
        Self::Nothing
    }
}

impl From<&String> for KeptValue {
    fn from(json: &String) -> Self {
        Self::Json(json.clone())
    }
}

impl From<&PhoneMatch> for KeptValue {
    fn from(found: &PhoneMatch) -> Self {
        Self::Found(found.clone())
    }
}

impl KeptQuestion {
    pub(super) fn of(question: &Question<'_>) -> Self {
        Self {
            call: question.call,
            tables: question.tables.iter().map(|table| (*table).to_owned()).collect(),
            key: question.key.as_deref().map(str::to_owned),
            asked: question.asked.to_string(),
            options: question.options.clone(),
        }
    }

    /// About how many bytes it takes.
    pub(super) fn weight(&self) -> usize {
        size_of::<Self>() + self.asked.len() + self.options.len()
    }
}

impl KeptAnswer {
    pub(super) fn of<T>(answered: &Result<Answer<T>, CrmError>) -> Self
    where
        for<'a> KeptValue: From<&'a T>,
    {
        match answered {
            Ok(Answer { value, status, body, age, stale, .. }) => Self::Answer {
                value: value.into(),
                status: *status,
                body: Arc::clone(body),
                age: *age,
                stale: *stale,
            },
            Err(error) => Self::Error(error.clone()),
        }
    }

    /// About how many bytes it takes: records are parts of the body.
    pub(super) fn weight(&self) -> usize {
        let body = match self {
            Self::Answer { body, .. } => body.len(),
            Self::Error(error) => {
                error.message.len() + error.body.as_ref().map_or(0, |body| body.len())
            }
            Self::None => 0,
        };
        size_of::<CannedAnswer>() + 2 * body
    }

    fn written(self, tables: &[String]) -> CannedAnswer {
        match self {
            Self::Answer { value, status, body, age, stale } => CannedAnswer {
                status,
                body: Some(body),
                age_ms: age.map(|age| u64::try_from(age.as_millis()).unwrap_or(u64::MAX)),
                stale,
                ..value.written(tables)
            },
            Self::Error(error) => CannedAnswer { error: Some(error.into()), ..Default::default() },
            Self::None => {
                let message = "no answer had come when the step ended";
                let error = CrmError::local(CrmErrorKind::Timeout, message);
                CannedAnswer { error: Some(error.into()), ..CannedAnswer::default() }
            }
        }
    }
}

impl KeptValue {
    fn written(self, tables: &[String]) -> CannedAnswer {
        let answer = CannedAnswer::default();
        match self {
            Self::Nothing => answer,
            Self::Records(set) => {
                CannedAnswer { records: records(&set), more: set.more(), ..answer }
            }
            Self::Count(count) => CannedAnswer { count: Some(count), ..answer },
            Self::Made { id, created, row } => {
                let records = row.as_ref().map(records).unwrap_or_default();
                CannedAnswer { id, created, records, ..answer }
            }
            Self::Json(json) => CannedAnswer { value: WrittenJson::read(&json), ..answer },
            Self::Found(found) => {
                let (found, search, set) = match found {
                    PhoneMatch::NoNumber => (Found::NoNumber, None, RecordSet::default()),
                    PhoneMatch::Nobody => (Found::Nobody, None, RecordSet::default()),
                    PhoneMatch::One { search, records } => (Found::One, Some(search), records),
                    PhoneMatch::Several { search, records } => {
                        (Found::Several, Some(search), records)
                    }
                };
                CannedAnswer {
                    table: search.and_then(|search| tables.get(search).cloned()),
                    found: Some(found),
                    search,
                    records: records(&set),
                    more: set.more(),
                    ..answer
                }
            }
        }
    }
}

fn records(set: &RecordSet) -> Vec<WrittenObject> {
    (0..set.count()).filter_map(|at| WrittenObject::read(set.record(at)?)).collect()
}

impl From<CrmError> for CannedError {
    fn from(error: CrmError) -> Self {
        let CrmError { kind, status, code, message, body, .. } = error;
        let wait_ms = match kind {
            CrmErrorKind::Throttled(ms) => ms,
            _ => 0,
        };
        Self { kind: ErrorKind::from(kind), status, code, message, wait_ms, body }
    }
}

/// Writes a call out.
pub(super) fn written(question: KeptQuestion, answer: KeptAnswer) -> RecordedCall {
    let KeptQuestion { call, tables, key, asked, options } = question;
    let answer = CannedAnswer { call: Some(call), ..answer.written(&tables) };
    // One table is said as in a file of cases, where it tells what the answer is for.
    let table = answer.table.clone().or_else(|| (tables.len() == 1).then(|| tables[0].clone()));
    let answer = CannedAnswer { table, ..answer };
    RecordedCall { call, table: tables.join(", "), key, asked, options, answer }
}

#[cfg(test)]
mod tests {
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
        assert_eq!(
            (back.message.as_str(), back.body.as_deref()),
            ("wait", Some("{\"error\": {}}"))
        );
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
}
