//! Reads beyond one page of OData: paging, FetchXML, counting, addresses that are too long, alternate keys.

use crate::kit::{Seen, far_side, json, key, read, soon, status};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use patchcord_dynamics::{Error, ErrorKind, Page, Query, ReadOptions};

const ALL: Query<'static> = Query::OData("");

/// Answers pages of two records, numbered from 1, of which there are `pages`.
fn pages(pages: usize) -> impl Fn(&Seen) -> Response + Send + Sync {
    move |seen| {
        let number = seen.options().get("$skiptoken").map_or(1, |text| text.parse().unwrap());
        let host = seen.header("host");
        let next = if number < pages {
            let next = number + 1;
            format!(r#","@odata.nextLink":"http://{host}{}?$skiptoken={next}""#, seen.path)
        } else {
            String::new()
        };
        let (a, b) = (number * 2 - 1, number * 2);
        json(200, &format!(r#"{{"value":[{{"n":{a}}},{{"n":{b}}}]{next}}}"#))
    }
}

fn numbers(page: &Page) -> Vec<String> {
    page.records.iter().map(|record| record.get().to_owned()).collect()
}

fn up_to(max: u32) -> ReadOptions {
    ReadOptions { max_records: Some(max), ..read() }
}

#[tokio::test]
async fn pages_are_followed_until_enough_is_there() {
    let far = far_side().api(pages(4)).start().await;
    let client = far.client();
    for (max, records, more, requests) in
        [(1, 1, true, 1), (2, 2, true, 1), (3, 3, true, 2), (8, 8, false, 4), (100, 8, false, 4)]
    {
        let before = far.calls().len();
        let answer = client.query("contacts", ALL, &up_to(max), soon()).await.unwrap();
        assert_eq!((answer.value.records.len(), answer.value.more), (records, more), "{max}");
        assert_eq!((answer.requests, far.calls().len() - before), (requests, requests as usize));
        assert!(answer.body.contains(r#"{"n":1}"#));
    }
    let last = far.calls().pop().unwrap();
    assert_eq!(last.header("prefer"), "odata.maxpagesize=100");
    let first = client.query("contacts", ALL, &read(), soon()).await.unwrap();
    assert_eq!((first.value.records.len(), first.value.more, first.requests), (2, true, 1));
}

#[tokio::test]
async fn preferences_go_out_with_every_page() {
    let far = far_side().api(pages(2)).start().await;
    let options =
        ReadOptions { max_records: Some(9_000), page_size: Some(2), annotations: true, ..read() };
    far.client().query("contacts", ALL, &options, soon()).await.unwrap();
    let preferred: Vec<_> =
        far.calls().iter().map(|seen| seen.header("prefer").to_owned()).collect();
    assert_eq!(preferred.len(), 2);
    for prefer in preferred {
        assert!(prefer.starts_with("odata.maxpagesize=2,odata.include-annotations=\""), "{prefer}");
        assert!(prefer.contains("FormattedValue") && prefer.contains("lookuplogicalname"));
    }
    // Dataverse would not heed `$top` beside it.
    far.client().query("contacts", Query::OData("$top=3"), &up_to(10), soon()).await.unwrap();
    assert_eq!(far.calls()[2].header("prefer"), "");
}

#[tokio::test]
async fn links_that_lead_elsewhere_are_not_followed() {
    let elsewhere = far_side().start().await;
    let other = elsewhere.origin.clone();
    let links: [fn(&str, &str) -> String; 4] = [
        |_, other| format!("{other}/api/data/v9.2/contacts"),
        |own, _| format!("{own}/elsewhere/contacts"),
        |own, _| format!("{}/api/data/v9.2/contacts", own.replace("http://", "http://user@")),
        |_, _| "../../elsewhere".to_owned(),
    ];
    for link in links {
        let other = other.clone();
        let far = far_side()
            .api(move |seen| {
                let own = format!("http://{}", seen.header("host"));
                let link = link(&own, &other);
                json(200, &format!(r#"{{"value":[{{"n":1}}],"@odata.nextLink":"{link}"}}"#))
            })
            .start()
            .await;
        let error =
            far.client().query("contacts", ALL, &up_to(9), soon()).await.map(drop).unwrap_err();
        assert_eq!((error.kind, error.requests), (ErrorKind::Unavailable, 1));
        assert!(error.message.contains("leaves the account's API URL"), "{error}");
        assert_eq!(far.calls().len(), 1);
    }
    assert!(elsewhere.calls().is_empty() && elsewhere.token_requests().is_empty());
}

#[tokio::test]
async fn a_link_may_be_relative() {
    let far = far_side()
        .api(|seen| match seen.number {
            1 => json(200, r#"{"value":[{"n":1}],"@odata.nextLink":"contacts?$skiptoken=2"}"#),
            _ => json(200, r#"{"value":[{"n":2}]}"#),
        })
        .start()
        .await;
    let answer = far.client().query("contacts", ALL, &up_to(9), soon()).await.unwrap();
    assert_eq!(numbers(&answer.value), [r#"{"n":1}"#, r#"{"n":2}"#]);
    let seen = far.calls().pop().unwrap();
    assert_eq!((&*seen.path, &*seen.query), ("/api/data/v9.2/contacts", "$skiptoken=2"));
}

#[tokio::test]
async fn a_list_that_never_ends_is_left() {
    let far = far_side()
        .api(|seen| {
            let link =
                format!("http://{}/api/data/v9.2/contacts?$skiptoken=1", seen.header("host"));
            json(200, &format!(r#"{{"value":[],"@odata.nextLink":"{link}"}}"#))
        })
        .start()
        .await;
    let error = far.client().query("contacts", ALL, &up_to(9), soon()).await.unwrap_err();
    assert_eq!((error.kind, error.requests), (ErrorKind::Unavailable, 2));
}

const FETCH: &str = "<fetch><entity name='contact'><attribute name='fullname'/></entity></fetch>";

fn fetch_page(seen: &Seen) -> Response {
    let xml = seen.options()["fetchXml"].clone();
    let rest = if xml.contains("page=\"3\"") {
        assert!(xml.contains(r#"paging-cookie="&lt;cookie page=&quot;2&quot;/&gt;""#), "{xml}");
        String::new()
    } else {
        let number = if xml.contains("page=\"2\"") { 2 } else { 1 };
        let cookie = format!(
            r#"<cookie pagenumber=\"{}\" pagingcookie=\"%253ccookie%2520page%253d%2522{number}%2522%252f%253e\" istracking=\"False\" />"#,
            number + 1
        );
        format!(
            r#","@Microsoft.Dynamics.CRM.fetchxmlpagingcookie":"{cookie}","@Microsoft.Dynamics.CRM.morerecords":true"#
        )
    };
    json(200, &format!(r#"{{"value":[{{"n":1}}]{rest}}}"#))
}

#[tokio::test]
async fn fetch_xml_is_paged_by_its_cookie() {
    let far = far_side().api(fetch_page).start().await;
    let options = ReadOptions { max_records: Some(10), page_size: Some(1), ..read() };
    let answer = far.client().query("contacts", Query::FetchXml(FETCH), &options, soon()).await;
    let answer = answer.unwrap();
    assert_eq!((answer.value.records.len(), answer.value.more, answer.requests), (3, false, 3));
    for seen in far.calls() {
        assert!(seen.options()["fetchXml"].starts_with("<fetch count=\"1\""), "{}", seen.query);
        assert!(seen.header("prefer").contains("Microsoft.Dynamics.CRM.fetchxmlpagingcookie"));
    }
    let first = far.client().query("contacts", Query::FetchXml(FETCH), &read(), soon()).await;
    assert!(first.unwrap().value.more);
}

#[tokio::test]
async fn a_faulty_document_is_not_sent() {
    let far = far_side().start().await;
    let faulty = Query::FetchXml("<fetch><entity name='contact'></fetch>");
    let error = far.client().query("contacts", faulty, &read(), soon()).await.unwrap_err();
    assert_eq!((error.kind, error.requests), (ErrorKind::InvalidRequest, 0));
    assert!(far.calls().is_empty() && far.token_requests().is_empty());
}

#[tokio::test]
async fn records_are_counted() {
    let far = far_side().api(|_| "\u{feff}4711".into_response()).start().await;
    let answer = far.client().count("contacts", "lastname eq 'O''Neill'", soon()).await.unwrap();
    assert_eq!((answer.value, answer.requests), (4711, 1));
    let seen = far.calls().remove(0);
    assert_eq!(seen.path, "/api/data/v9.2/contacts/$count");
    assert_eq!(seen.options()["$filter"], "lastname eq 'O''Neill'");
    let all = far.client().count("contacts", " ", soon()).await.unwrap();
    assert_eq!((all.value, &*far.calls()[1].query), (4711, ""));
}

#[tokio::test]
async fn a_record_is_read_by_an_alternate_key() {
    let far = far_side().api(|_| json(200, r#"{"name":"x"}"#)).start().await;
    let key = key("accountnumber='A/1 & Co',name='O''Neill'");
    let options = ReadOptions { annotations: true, ..read() };
    far.client().retrieve("accounts", &key, "$select=name", &options, soon()).await.unwrap();
    let seen = far.calls().remove(0);
    let path = "/api/data/v9.2/accounts(accountnumber='A%2F1%20%26%20Co',name='O%27%27Neill')";
    assert_eq!(seen.path, path);
    assert!(seen.header("prefer").contains("FormattedValue"));
}

fn batch_answer(status: &str, headers: &str, body: &str) -> Response {
    let text = format!(
        "--batchresponse_1\r\nContent-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n\r\n\
         HTTP/1.1 {status}\r\nContent-Type: application/json\r\n{headers}\r\n{body}\r\n--batchresponse_1--\r\n"
    );
    let kind = "multipart/mixed; boundary=batchresponse_1";
    (StatusCode::OK, [("content-type", kind)], text).into_response()
}

fn long(chars: usize) -> String {
    format!("$filter=lastname eq '{}'", "x".repeat(chars))
}

async fn ask_long(far: &crate::kit::FarSide, chars: usize) -> Result<Page, Error> {
    let options = long(chars);
    let read = ReadOptions { annotations: true, ..read() };
    let answer = far.client().query("contacts", Query::OData(&options), &read, soon()).await?;
    Ok(answer.value)
}

#[tokio::test]
async fn a_long_address_travels_in_a_batch() {
    let far =
        far_side().api(|_| batch_answer("200 OK", "", r#"{"value":[{"n":1}]}"#)).start().await;
    assert_eq!(numbers(&ask_long(&far, 40_000).await.unwrap()), [r#"{"n":1}"#]);
    let seen = far.calls().remove(0);
    assert_eq!((seen.method.as_str(), &*seen.path), ("POST", "/api/data/v9.2/$batch"));
    assert!(seen.header("content-type").starts_with("multipart/mixed; boundary="));
    let boundary = seen.header("content-type").split_once('=').unwrap().1.to_owned();
    assert!(seen.body.starts_with(&format!("--{boundary}\r\n")));
    assert!(seen.body.ends_with(&format!("\r\n--{boundary}--\r\n")));
    let request = format!("GET {}/api/data/v9.2/contacts?$filter=", far.origin);
    assert!(seen.body.contains(&request) && seen.body.contains(&"x".repeat(40_000)));
    assert!(seen.body.contains("\r\nprefer: odata.include-annotations="));
    assert!(!seen.body.contains("Bearer"));
    assert_eq!(seen.body.replace("\r\n", "").find('\n'), None);
}

#[tokio::test]
async fn the_longest_address_that_dataverse_takes_is_sent() {
    const LONGEST: usize = 65_536;
    let far = far_side().api(|_| batch_answer("200 OK", "", r#"{"value":[]}"#)).start().await;
    ask_long(&far, 40_000).await.unwrap();
    let body = far.calls().remove(0).body;
    let (_, request) = body.split_once("\r\nGET ").unwrap();
    let (address, _) = request.split_once(" HTTP/1.1\r\n").unwrap();
    let fitting = 40_000 + LONGEST - address.len();
    ask_long(&far, fitting).await.unwrap();
    let error = ask_long(&far, fitting + 1).await.unwrap_err();
    assert!(error.message.contains("65537 characters, of which 65536 are"), "{error}");
    assert_eq!(far.calls().len(), 2);
}

#[tokio::test]
async fn what_a_batch_holds_is_judged_as_if_it_came_alone() {
    let far = far_side()
        .api(|seen| match seen.number {
            1 => batch_answer("401 Unauthorized", "", "{}"),
            2 => batch_answer("429 Too Many Requests", "Retry-After: 1\r\n", "{}"),
            3 => batch_answer("503 Service Unavailable", "", "{}"),
            _ => batch_answer("200 OK", "", r#"{"value":[]}"#),
        })
        .start()
        .await;
    let begun = std::time::Instant::now();
    ask_long(&far, 40_000).await.unwrap();
    assert!(begun.elapsed().as_millis() >= 1_000);
    assert_eq!((far.calls().len(), far.token_requests().len()), (4, 2));

    let far = far_side()
        .api(|_| {
            let body = r#"{"error":{"code":"0x80060888","message":"Could not find a property"}}"#;
            batch_answer("400 Bad Request", "", body)
        })
        .start()
        .await;
    let error = ask_long(&far, 40_000).await.unwrap_err();
    assert_eq!(
        (error.kind, error.code.as_deref()),
        (ErrorKind::InvalidRequest, Some("0x80060888"))
    );
}

#[tokio::test]
async fn an_address_past_the_last_limit_is_refused() {
    let far = far_side().start().await;
    let error = ask_long(&far, 66_000).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::InvalidRequest);
    assert!(error.message.contains("65536"), "{error}");
    assert!(far.calls().is_empty());
    let far = far_side().api(|_| json(200, "{}")).start().await;
    let error = ask_long(&far, 40_000).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Unavailable);
    let far = far_side().api(|_| status(404)).start().await;
    assert_eq!(ask_long(&far, 40_000).await.unwrap_err().kind, ErrorKind::NotFound);
}
