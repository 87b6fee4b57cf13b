//! Planted secrets, one for each place where one can stand.

use super::*;
use http::HeaderValue;
use proptest::prelude::*;

#[test]
fn secrets_are_masked_in_forms_and_queries() {
    let form = "grant_type=authorization_code&client_secret=a%2Bb&code=xyz&Password=p&ctx=";
    let read = "grant_type=authorization_code&client_secret=***&code=***&Password=***&ctx=";
    assert_eq!(masked_form(form), read);
    assert_eq!(masked_query(form), read);
    assert_eq!(
        masked_query("$filter=a%20eq%201&clien%74_secret=s"),
        "$filter=a%20eq%201&clien%74_secret=***"
    );
}

#[test]
fn secrets_are_masked_in_addresses() {
    let location = "https://app.example/cb?code=PLANTED&state=s%261#id_token=PLANTED&x=1";
    assert_eq!(
        masked_url(location),
        "https://app.example/cb?code=***&state=s%261#id_token=***&x=1"
    );
    assert_eq!(masked_url("return=representation"), "return=representation");
}

#[test]
fn secrets_are_masked_in_headers() {
    let mut headers = HeaderMap::new();
    for (name, value) in [
        ("authorization", "Bearer PLANTED"),
        ("proxy-authorization", "PLANTED"),
        ("cookie", "sid=PLANTED; theme=PLANTED"),
        ("set-cookie", "sid=PLANTED; Path=/; HttpOnly"),
        ("x-api-key", "PLANTED"),
        ("mscrm.sessiontoken", "PLANTED"),
        ("location", "/cb?code=PLANTED"),
        ("referer", "http://a.example/?ctx=PLANTED"),
        ("prefer", "odata.include-annotations=\"*\""),
    ] {
        headers.append(name, HeaderValue::from_static(value));
    }
    let masked = masked_headers(&headers);
    assert!(masked.iter().all(|(_, value)| !value.contains("PLANTED")), "{masked:?}");
    let value =
        |name| masked.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
    assert_eq!(value("authorization"), Some("Bearer ***"));
    assert_eq!(value("cookie"), Some("sid=***; theme=***"));
    assert_eq!(value("set-cookie"), Some("sid=***; Path=/; HttpOnly"));
    assert_eq!(value("prefer"), Some("odata.include-annotations=\"*\""));
}

#[test]
fn what_looks_like_a_token_is_masked_anywhere() {
    let jwt = "eyJhbGciOiJSUzI1NiJ9.eyJvaWQiOiIxIn0.c2lnbmF0dXJl";
    let text = format!("a {jwt}, {CODE_PREFIX}abc-_1 and {REFRESH_TOKEN_PREFIX}xyz.");
    assert_eq!(without_tokens(&text), "a ***, *** and ***");
    let claims = "claims=\"eyJhY2Nlc3NfdG9rZW4iOnsiYWNycyI6e319fQ==\"";
    assert_eq!(without_tokens(claims), claims);
}

proptest! {
    #[test]
    fn a_planted_value_never_stays(before in "[a-z0-9%&=+]{0,20}", name in 0..SECRET_NAMES.len(), after in "[a-z&=]{0,20}") {
        let query = format!("{before}&{}=PLANTED&{after}", SECRET_NAMES[name]);
        for kept in [masked_query(&query), masked_form(&query), masked_url(&format!("/x?{query}"))] {
            prop_assert!(!kept.contains("PLANTED"), "{kept}");
        }
    }

    #[test]
    fn any_text_is_taken(text in "\\PC{0,80}") {
        let _ = (masked_form(&text), masked_query(&text), masked_url(&text), masked_header("x", &text));
    }
}
