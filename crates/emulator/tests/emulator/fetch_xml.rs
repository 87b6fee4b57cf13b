//! FetchXML over HTTP: what is in an answer beside its rows, and when.

use crate::kit::{Kit, failure, signed_in};
use reqwest::Method;
use serde_json::{Value, json};

fn path(set: &str, xml: &str) -> String {
    let xml: String = url::form_urlencoded::byte_serialize(xml.as_bytes()).collect();
    format!("{set}?fetchXml={xml}")
}

async fn ask(kit: &Kit, path: &str, annotations: &str) -> Value {
    let request = kit.request(Method::GET, path);
    let preference = format!("odata.include-annotations=\"{annotations}\"");
    let response = request.header("Prefer", &preference).send().await.unwrap();
    assert_eq!(response.status().as_u16(), 200);
    assert_eq!(response.headers()["preference-applied"], preference.as_str());
    response.json().await.unwrap()
}

async fn contacts() -> Kit {
    let kit = signed_in(0).await;
    for (first, last) in [
        ("Yvonne", "McKay (sample)"),
        ("Thomas", "Andersen (sample)"),
        ("Susanna", "Stubberod (sample)"),
        ("Susan", "Burk (sample)"),
    ] {
        kit.create("contacts", json!({"firstname": first, "lastname": last})).await;
    }
    kit
}

fn page(attributes: &str) -> String {
    let xml = format!(
        "<fetch count='3' {attributes}><entity name='contact'><attribute name='fullname'/>\
         <attribute name='jobtitle'/><order descending='true' attribute='fullname'/></entity></fetch>"
    );
    path("contacts", &xml)
}

// Source: learn.microsoft.com/power-apps/developer/data-platform/fetchxml/page-results, "Web API"
#[tokio::test]
async fn pages_follow_one_another_as_documented() {
    let kit = contacts().await;
    let asked = "Microsoft.Dynamics.CRM.fetchxmlpagingcookie,Microsoft.Dynamics.CRM.morerecords";
    let first = ask(&kit, &page("page='1'"), asked).await;
    let context = first["@odata.context"].as_str().unwrap();
    assert!(context.ends_with("/$metadata#contacts(fullname,jobtitle,contactid)"), "{context}");
    assert_eq!(first["@Microsoft.Dynamics.CRM.morerecords"], true);
    assert_eq!(first["value"][0]["fullname"], "Yvonne McKay (sample)");
    let members: Vec<&String> = first["value"][0].as_object().unwrap().keys().collect();
    assert_eq!(members, ["@odata.etag", "fullname", "contactid"]);
    let cookie = first["@Microsoft.Dynamics.CRM.fetchxmlpagingcookie"].as_str().unwrap();
    let (_, inner) = cookie.split_once("pagingcookie=\"").unwrap();
    let mut inner = inner.split_once('"').unwrap().0.to_owned();
    for _ in 0..2 {
        inner = percent_encoding::percent_decode_str(&inner).decode_utf8().unwrap().into_owned();
    }
    let quoted = inner.replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;");
    let second = ask(&kit, &page(&format!("page='2' paging-cookie='{quoted}'")), asked).await;
    assert_eq!(second["@Microsoft.Dynamics.CRM.morerecords"], false);
    assert_eq!(second.get("@Microsoft.Dynamics.CRM.fetchxmlpagingcookie"), None);
    assert_eq!(second["value"].as_array().unwrap().len(), 1);
    let plain = kit.get(&page("page='1'")).await;
    let members: Vec<&String> = plain.as_object().unwrap().keys().collect();
    assert_eq!(members, ["@odata.context", "value"], "annotations come when asked for");
}

// Source: …/fetchxml/count-rows, "Web API"
#[tokio::test]
async fn totals_come_by_either_way_of_asking() {
    let kit = contacts().await;
    let asked = "Microsoft.Dynamics.CRM.totalrecordcount,\
                 Microsoft.Dynamics.CRM.totalrecordcountlimitexceeded";
    for path in [page("returntotalrecordcount='true'"), page("") + "&$count=true"] {
        let answer = ask(&kit, &path, asked).await;
        assert_eq!(answer["@odata.count"], 4);
        assert_eq!(answer["@Microsoft.Dynamics.CRM.totalrecordcount"], 4);
        assert_eq!(answer["@Microsoft.Dynamics.CRM.totalrecordcountlimitexceeded"], false);
    }
    let answer = ask(&kit, &page(""), asked).await;
    assert_eq!(answer.get("@odata.count"), None);
    assert_eq!(answer["@Microsoft.Dynamics.CRM.totalrecordcount"], -1);
}

#[tokio::test]
async fn faults_have_dataverses_codes() {
    let kit = contacts().await;
    let failed =
        async |path: String| failure(kit.request(Method::GET, &path).send().await.unwrap()).await;
    let (status, code, _) =
        failed(path("accounts", "<fetch><entity name='contact'/></fetch>")).await;
    assert_eq!((status, code.as_str()), (400, "0x80041128"));
    let (status, code, message) = failed(path("accounts", "<fetch>")).await;
    assert_eq!((status, code.as_str(), message.as_str()), (400, "0x80040201", "Invalid XML."));
    let xml = "<fetch><entity name='account'><attribute name='nosuch'/></entity></fetch>";
    assert_eq!(failed(path("accounts", xml)).await.1, "0x80041103");
    // There are no saved views here.
    for query in ["savedQuery", "userQuery"] {
        let id = "00000000-0000-0000-00aa-000010001002";
        let (status, code, message) = failed(format!("accounts?{query}={id}")).await;
        assert_eq!((status, code.as_str()), (404, "0x80040217"));
        let expected = format!("{} With Id = {id} Does Not Exist", query.to_lowercase());
        assert_eq!(message, expected);
    }
}
