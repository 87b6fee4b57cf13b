//! `$batch` against the whole emulator: documented examples, and the forms that clients send.

use crate::kit::{Kit, failure, signed_in};
use reqwest::{Method, Response};
use serde_json::{Value, json};

/// One answer of a batch.
#[derive(Debug)]
struct Part {
    content_id: Option<String>,
    status: u16,
    headers: Vec<(String, String)>,
    body: Value,
}

impl Part {
    fn header(&self, name: &str) -> &str {
        let found = self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str()).unwrap_or_default()
    }

    /// The id in `OData-EntityId`.
    fn id(&self) -> &str {
        let (_, id) = self.header("OData-EntityId").rsplit_once('(').expect("an entity id");
        id.trim_end_matches(')')
    }

    fn error(&self) -> (u16, &str, &str) {
        let text = |name: &str| self.body["error"][name].as_str().unwrap_or_default();
        (self.status, text("code"), text("message"))
    }
}

async fn send(kit: &Kit, prefer: Option<&str>, body: String) -> Response {
    let request = kit.request(Method::POST, "$batch");
    let request = request.header("Content-Type", "multipart/mixed; boundary=\"batch_1\"");
    let request = match prefer {
        Some(prefer) => request.header("Prefer", prefer),
        None => request,
    };
    request.body(body).send().await.unwrap()
}

/// The outer status and all answers in order, those of change sets among the others.
async fn batch(kit: &Kit, prefer: Option<&str>, body: String) -> (u16, Vec<Part>) {
    let response = send(kit, prefer, body).await;
    let status = response.status().as_u16();
    let kind = response.headers()["content-type"].to_str().unwrap().to_owned();
    assert_eq!(response.headers()["odata-version"], "4.0");
    let boundary = kind.strip_prefix("multipart/mixed; boundary=").expect("a multipart body");
    assert!(boundary.starts_with("batchresponse_"));
    let text = response.text().await.unwrap();
    (status, parts(&text, boundary))
}

fn parts(text: &str, boundary: &str) -> Vec<Part> {
    let delimiter = format!("--{boundary}");
    let text = text.split(&format!("{delimiter}--")).next().unwrap();
    let mut found = Vec::new();
    for part in text.split(&format!("{delimiter}\r\n")).skip(1) {
        let (head, rest) = part.split_once("\r\n\r\n").unwrap();
        match head.strip_prefix("Content-Type: multipart/mixed; boundary=") {
            Some(inner) => found.extend(parts(rest, inner)),
            None => found.push(message(head, rest)),
        }
    }
    found
}

fn message(outer: &str, text: &str) -> Part {
    assert!(outer.contains("Content-Type: application/http\r\nContent-Transfer-Encoding: binary"));
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    let (line, headers) = head.split_once("\r\n").unwrap_or((head, ""));
    let pair = |line: &str| line.split_once(": ").map(|(name, value)| (name.into(), value.into()));
    let content_id = outer.lines().find_map(|line| line.strip_prefix("Content-ID: "));
    Part {
        content_id: content_id.map(str::to_owned),
        status: line.split(' ').nth(1).unwrap().parse().unwrap(),
        headers: headers.split("\r\n").filter_map(pair).collect(),
        body: serde_json::from_str(body.trim()).unwrap_or_default(),
    }
}

/// A request of its own in a batch.
fn request(message: &str) -> String {
    format!(
        "--batch_1\r\nContent-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n\r\n{message}\r\n"
    )
}

/// A change set whose requests have the Content-IDs 1, 2 and so on.
fn change_set(messages: &[String]) -> String {
    let mut text =
        "--batch_1\r\nContent-Type: multipart/mixed; boundary=\"changeset_1\"\r\n\r\n".to_owned();
    for (at, message) in messages.iter().enumerate() {
        text += &format!(
            "--changeset_1\r\nContent-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n\
             Content-ID: {}\r\n\r\n{message}\r\n",
            at + 1
        );
    }
    text + "--changeset_1--\r\n"
}

fn write(method: &str, url: &str, body: &Value) -> String {
    format!("{method} {url} HTTP/1.1\r\nContent-Type: application/json; type=entry\r\n\r\n{body}")
}

const END: &str = "--batch_1--\r\n";

fn task(subject: &str, account: &str) -> Value {
    json!({"subject": subject, "regardingobjectid_account_task@odata.bind": format!("accounts({account})")})
}

async fn count(kit: &Kit, set: &str) -> usize {
    kit.get(&format!("{set}?$select=createdon")).await["value"].as_array().unwrap().len()
}

// Source: learn.microsoft.com/power-apps/developer/data-platform/webapi/execute-batch-operations-using-web-api
#[tokio::test]
async fn tasks_are_made_and_then_listed() {
    let kit = signed_in(0).await;
    let account = kit.create("accounts", json!({"name": "A"})).await;
    let make =
        |subject: &str| request(&write("POST", "/api/data/v9.2/tasks", &task(subject, &account)));
    let list = format!(
        "GET /api/data/v9.2/accounts({account})/Account_Tasks?$select=subject HTTP/1.1\r\n\r\n"
    );
    let body = make("Task 1 in batch")
        + &make("Task 2 in batch")
        + &make("Task 3 in batch")
        + &request(&list)
        + END;
    let (status, parts) = batch(&kit, None, body).await;
    assert_eq!(status, 200);
    assert_eq!(parts.iter().map(|part| part.status).collect::<Vec<_>>(), [204, 204, 204, 200]);
    let api = &kit.emulator.setup().api_url;
    for part in &parts[..3] {
        let id = part.header("OData-EntityId");
        assert!(id.starts_with(&format!("{api}/tasks(")), "{id}");
        assert_eq!((part.header("Location"), part.header("OData-Version")), (id, "4.0"));
    }
    assert!(
        parts[3].header("Content-Type").starts_with("application/json; odata.metadata=minimal")
    );
    let context = format!("{api}/$metadata#tasks(subject)");
    assert_eq!(parts[3].body["@odata.context"], context);
    assert_eq!(parts[3].body["value"].as_array().unwrap().len(), 3);
}

// Source: learn.microsoft.com/power-apps/developer/data-platform/webapi/execute-batch-operations-using-web-api
#[tokio::test]
async fn later_requests_of_a_change_set_refer_to_rows_made_before() {
    let kit = signed_in(0).await;
    let api = kit.emulator.setup().api_url.clone();
    let changes = change_set(&[
        write("POST", &format!("{api}/accounts"), &json!({"name": "Account name"})),
        write(
            "POST",
            &format!("{api}/contacts"),
            &json!({"firstname": "First", "lastname": "Last"}),
        ),
        write("PATCH", "$1", &json!({"primarycontactid@odata.bind": "$2"})),
        write("PUT", "$2/lastname", &json!({"value": "BBBBB"})),
        write("POST", "leads", &json!({"lastname": "L", "parentaccountid@odata.bind": "$1"})),
        write("PUT", "$1/primarycontactid/$ref", &json!({"@odata.id": "$2"})),
    ]);
    let (status, parts) = batch(&kit, None, changes + END).await;
    assert_eq!(status, 200, "{parts:?}");
    let ids: Vec<_> = parts.iter().map(|part| part.content_id.as_deref().unwrap()).collect();
    assert_eq!(ids, ["1", "2", "3", "4", "5", "6"]);
    assert!(parts.iter().all(|part| part.status == 204), "{parts:?}");
    let path = format!(
        "accounts({})?$select=name&$expand=primarycontactid($select=fullname)",
        parts[0].id()
    );
    let account = kit.get(&path).await;
    assert_eq!(account["primarycontactid"]["fullname"], "First BBBBB");
    assert_eq!(parts[2].header("OData-EntityId"), parts[0].header("OData-EntityId"));
}

// Source: learn.microsoft.com/power-apps/developer/data-platform/webapi/execute-batch-operations-using-web-api
#[tokio::test]
async fn a_reference_before_its_declaration_is_an_error() {
    let kit = signed_in(0).await;
    let call =
        json!({"phonenumber": "911", "regardingobjectid_account_phonecall@odata.bind": "$2"});
    let changes = change_set(&[
        write("POST", "phonecalls", &call),
        write("POST", "accounts", &json!({"name": "QQQQ", "revenue": 1.50})),
    ]);
    let (status, parts) = batch(&kit, None, changes + END).await;
    assert_eq!((status, parts.len()), (400, 1));
    assert_eq!(
        parts[0].error().2,
        "Content-ID Reference: '$2' does not exist in the batch context."
    );
    assert_eq!(count(&kit, "accounts").await, 0);
}

// Source: learn.microsoft.com/power-apps/developer/data-platform/webapi/execute-batch-operations-using-web-api
#[tokio::test]
async fn a_subject_that_is_too_long_ends_the_batch_or_only_its_request() {
    let kit = signed_in(0).await;
    let account = kit.create("accounts", json!({"name": "A"})).await;
    let long = "x".repeat(201);
    let make =
        |subject: &str| request(&write("POST", "/api/data/v9.2/tasks", &task(subject, &account)));
    let body = make(&long) + &make("Task 2 in batch") + &make("Task 3 in batch") + END;
    let (status, parts) = batch(&kit, None, body.clone()).await;
    assert_eq!((status, parts.len()), (400, 1));
    let message = "A validation error occurred.  The length of the 'subject' attribute of the 'task' \
                   entity exceeded the maximum allowed length of '200'.";
    assert_eq!(parts[0].error(), (400, "0x80044331", message));
    assert_eq!(parts[0].header("REQ_ID").len(), 36);
    assert_eq!(count(&kit, "tasks").await, 0);
    let (status, parts) = batch(&kit, Some("odata.continue-on-error"), body).await;
    assert_eq!(status, 200);
    assert_eq!(parts.iter().map(|part| part.status).collect::<Vec<_>>(), [400, 204, 204]);
    assert_eq!(count(&kit, "tasks").await, 2);
}

#[tokio::test]
async fn a_change_set_is_all_or_nothing() {
    let kit = signed_in(0).await;
    let missing = "accounts(00000000-0000-0000-0000-00000000dead)";
    let refused = write("PATCH", missing, &json!({"name": "B"}))
        .replace("\r\n\r\n", "\r\nIf-Match: *\r\n\r\n");
    let first = write("POST", "accounts", &json!({"name": "A"}));
    let changes = change_set(&[first.clone(), refused]);
    let after = request("GET accounts?$select=name HTTP/1.1\r\n\r\n");
    let body = changes + &change_set(&[first]) + &after + END;
    let (status, parts) = batch(&kit, Some("odata.continue-on-error"), body).await;
    assert_eq!(status, 200);
    assert_eq!(
        parts.iter().map(|part| part.status).collect::<Vec<_>>(),
        [404, 204, 200],
        "{parts:?}"
    );
    assert_eq!(parts[0].content_id.as_deref(), Some("2"));
    assert_eq!(parts[0].error().1, "0x80040217");
    assert_eq!(parts[2].body["value"].as_array().unwrap().len(), 1);
}

/// LF alone, an unquoted boundary, a blank line in front, raw blanks in the URL.
#[tokio::test]
async fn what_clients_are_seen_to_send_is_read() {
    let kit = signed_in(0).await;
    kit.create("accounts", json!({"name": "Müller & Söhne"})).await;
    let body = "\n--dwa_batch_1\nContent-Type: application/http\nContent-Transfer-Encoding: binary\n\n\
                GET /api/data/v9.2/accounts?$select=name&$filter=name eq 'Müller %26 Söhne' HTTP/1.1\n\
                Accept: application/json\n\n--dwa_batch_1--";
    let request = kit
        .request(Method::POST, "$batch")
        .header("Content-Type", "multipart/mixed;boundary=dwa_batch_1");
    let response = request.body(body).send().await.unwrap();
    assert_eq!(response.status(), 200);
    let text = response.text().await.unwrap();
    assert!(text.starts_with("--batchresponse_"));
    assert!(text.contains("Müller & Söhne"), "{text}");
}

// Source: learn.microsoft.com/power-apps/developer/data-platform/webapi/execute-batch-operations-using-web-api
#[tokio::test]
async fn a_url_in_a_batch_may_be_longer_than_one_alone() {
    let kit = signed_in(0).await;
    let account = kit.create("accounts", json!({"name": "A"})).await;
    let long = "x".repeat(40_000);
    let conditions = format!("accountid eq {account} or name eq '{long}'");
    let get = request(&format!("GET accounts?$select=name&$filter={conditions} HTTP/1.1\r\n\r\n"));
    let (status, parts) = batch(&kit, None, get + END).await;
    assert_eq!((status, parts[0].status), (200, 200), "{parts:?}");
    assert_eq!(parts[0].body["value"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn preferences_of_the_batch_are_not_those_of_its_requests() {
    let kit = signed_in(0).await;
    kit.create("accounts", json!({"name": "A", "creditonhold": true})).await;
    let plain = request("GET accounts?$select=creditonhold HTTP/1.1\r\n\r\n");
    let own = request(
        "GET accounts?$select=creditonhold HTTP/1.1\r\nPrefer: odata.include-annotations=\"*\"\r\n\r\n",
    );
    let (_, parts) = batch(&kit, Some("odata.include-annotations=\"*\""), plain + &own + END).await;
    let label = "creditonhold@OData.Community.Display.V1.FormattedValue";
    assert!(parts[0].body["value"][0].get(label).is_none());
    assert_eq!(parts[1].body["value"][0][label], "Yes");
    assert_eq!(parts[1].header("Preference-Applied"), "odata.include-annotations=\"*\"");
}

#[tokio::test]
async fn what_is_no_batch_is_refused_as_a_whole() {
    let kit = signed_in(0).await;
    let refused = async |content_type: &str, body: String| {
        let request = kit.request(Method::POST, "$batch").header("Content-Type", content_type);
        failure(request.body(body).send().await.unwrap()).await
    };
    let json = refused("application/json", "{\"requests\":[]}".to_owned()).await;
    assert_eq!(
        (json.0, json.2.as_str()),
        (400, "The batch request must have 'multipart/mixed' as the media type.")
    );
    let cut =
        refused("multipart/mixed;boundary=batch_1", request("POST accounts HTTP/1.1\r\n\r\n{}"))
            .await;
    assert_eq!((cut.0, cut.1.as_str()), (400, "0x80048d19"));
    let get = change_set(&["GET accounts HTTP/1.1\r\n\r\n".to_owned()]) + END;
    assert_eq!(refused("multipart/mixed;boundary=batch_1", get).await.1, "0x80048d19");
    let nested = request("POST /api/data/v9.2/$batch HTTP/1.1\r\n\r\n") + END;
    let (status, parts) = batch(&kit, None, nested).await;
    assert_eq!((status, parts[0].status), (400, 400));
    assert_eq!(kit.failure("$batch").await.0, 404);
}
