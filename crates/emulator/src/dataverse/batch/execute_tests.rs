//! Batches run against a table of names in memory.

use sqlx::Row;

use super::*;

/// `POST names` makes a row of the body, `POST fail` makes one and fails, `GET names` lists all; the
/// answer to a `PATCH` says what was asked.
struct Names;

impl Dispatch for Names {
    async fn dispatch(&self, request: Inner, connection: &mut SqliteConnection) -> Response<Bytes> {
        let Inner { method, address, body, .. } = request;
        let answer = Response::builder().header("odata-version", "4.0");
        let body = String::from_utf8(body.to_vec()).unwrap();
        match (method.as_str(), address.path.as_str()) {
            ("GET", "names") => {
                let rows = sqlx::query("SELECT name FROM names").fetch_all(connection).await;
                let names: Vec<String> = rows.unwrap().iter().map(|row| row.get(0)).collect();
                answer.body(Bytes::from(names.join(","))).unwrap()
            }
            ("POST", "names" | "fail") => {
                let insert = sqlx::query("INSERT INTO names VALUES (?)").bind(&body);
                insert.execute(connection).await.unwrap();
                let id = format!("http://h/api/data/v9.2/names({body})");
                match address.path.as_str() {
                    "fail" => answer.status(412).body(Bytes::from("{}")).unwrap(),
                    _ => {
                        answer.status(204).header("odata-entityid", id).body(Bytes::new()).unwrap()
                    }
                }
            }
            _ => answer.body(Bytes::from(format!("{method} {} {body}", address.path))).unwrap(),
        }
    }
}

fn request(message: &str) -> String {
    format!("--b\r\nContent-Type: application/http\r\n\r\n{message}\r\n")
}

fn set(messages: &[&str]) -> String {
    let part = |(at, message): (usize, &&str)| {
        let id = at + 1;
        format!("--c\r\nContent-Type: application/http\r\nContent-ID: {id}\r\n\r\n{message}\r\n")
    };
    let parts: String = messages.iter().enumerate().map(part).collect();
    format!("--b\r\nContent-Type: multipart/mixed;boundary=c\r\n\r\n{parts}--c--\r\n")
}

async fn batch(prefer: Option<&'static str>, parts: &[String]) -> (u16, String) {
    let mut connection = SqliteConnection::connect("sqlite::memory:").await.unwrap();
    sqlx::query("CREATE TABLE names (name TEXT)").execute(&mut connection).await.unwrap();
    let mut headers = HeaderMap::new();
    headers.insert("content-type", "multipart/mixed; boundary=b".parse().unwrap());
    if let Some(prefer) = prefer {
        headers.insert("prefer", prefer.parse().unwrap());
    }
    let body = parts.concat() + "--b--\r\n";
    let response = run(&Names, &headers, body.as_bytes(), &mut connection).await.unwrap();
    let text = String::from_utf8(response.body().to_vec()).unwrap();
    (response.status().as_u16(), text)
}

fn post(name: &str) -> String {
    format!("POST names HTTP/1.1\r\n\r\n{name}")
}

const LIST: &str = "GET /api/data/v9.2/names HTTP/1.1\r\n\r\n";
const FAIL: &str = "POST fail HTTP/1.1\r\n\r\nlost";

#[tokio::test]
async fn requests_run_in_order() {
    let parts = [request(&post("a")), request(LIST), request(&post("b")), request(LIST)];
    let (status, text) = batch(None, &parts).await;
    assert_eq!(status, 200);
    let bodies: Vec<&str> = text.lines().filter(|line| line.starts_with('a')).collect();
    assert_eq!(bodies, ["a", "a,b"]);
}

// Source: learn.microsoft.com/power-apps/developer/data-platform/webapi/execute-batch-operations-using-web-api
#[tokio::test]
async fn the_first_failure_ends_the_batch_with_its_status() {
    let parts = [request(&post("a")), request(FAIL), request(LIST)];
    let (status, text) = batch(None, &parts).await;
    assert_eq!(status, 412);
    assert!(text.contains("HTTP/1.1 204 No Content\r\n"));
    assert!(text.contains("HTTP/1.1 412 Precondition Failed\r\n"));
    assert!(!text.contains("HTTP/1.1 200 OK"));
}

// Source: learn.microsoft.com/power-apps/developer/data-platform/webapi/execute-batch-operations-using-web-api
#[tokio::test]
async fn a_batch_goes_on_when_preferred() {
    for prefer in ["odata.continue-on-error", "respond-async, continue-on-error=true"] {
        let (status, text) = batch(Some(prefer), &[request(FAIL), request(LIST)]).await;
        assert_eq!(status, 200, "{prefer}");
        assert!(text.contains("HTTP/1.1 412") && text.contains("HTTP/1.1 200 OK"));
    }
    let (status, _) = batch(Some("odata.continue-on-error=false"), &[request(FAIL)]).await;
    assert_eq!(status, 412);
}

#[tokio::test]
async fn a_change_set_that_fails_leaves_nothing_and_answers_once() {
    let changes = set(&[&post("a"), FAIL, &post("b")]);
    let (status, text) = batch(Some("odata.continue-on-error"), &[changes, request(LIST)]).await;
    assert_eq!(status, 200);
    assert_eq!(text.matches("HTTP/1.1 ").count(), 2);
    assert_eq!(text.matches("Content-ID: 2\r\n\r\nHTTP/1.1 412").count(), 1);
    assert!(text.contains("Content-Type: multipart/mixed; boundary=changesetresponse_"));
    assert!(text.contains("HTTP/1.1 200 OK\r\nOData-Version: 4.0\r\n\r\n\r\n--"), "{text}");
}

// Source: learn.microsoft.com/power-apps/developer/data-platform/webapi/execute-batch-operations-using-web-api
#[tokio::test]
async fn a_change_set_refers_to_what_it_made() {
    let patch = "PATCH $1/name HTTP/1.1\r\n\r\n{\"x@odata.bind\":\"$1\"}";
    let (status, text) = batch(None, &[set(&[&post("7"), patch])]).await;
    assert_eq!(status, 200);
    let body = "PATCH names(7)/name {\"x@odata.bind\":\"http://h/api/data/v9.2/names(7)\"}";
    assert!(text.contains(body), "{text}");
}

// Source: learn.microsoft.com/power-apps/developer/data-platform/webapi/execute-batch-operations-using-web-api
#[tokio::test]
async fn a_reference_does_not_reach_out_of_its_change_set() {
    let parts = [set(&[&post("7")]), request("DELETE $1 HTTP/1.1\r\n\r\n")];
    let (status, text) = batch(None, &parts).await;
    assert_eq!(status, 400);
    assert!(text.contains("Content-ID Reference: '$1' does not exist in the batch context."));
}
