//! `$1`: the row that an earlier request of the same change set made, in the URL or the body of a
//! later one.
//!
//! What a reference stands for is the address that the earlier answer gave in `OData-EntityId`; an
//! answer without that header (with `Prefer: return=representation`) can not be referred to, as in
//! Dataverse.

use std::collections::HashMap;

use axum::body::Bytes;
use http::Response;
use serde_json::Value as Json;

use super::fault;
use super::operation::Operation;
use crate::dataverse::errors::DataverseError;

/// Segments that begin with `$` and are no references.
const RESERVED: [&str; 5] = ["metadata", "batch", "all", "entity", "crossjoin"];

/// Addresses by Content-ID.
#[derive(Debug, Default)]
pub(crate) struct References(HashMap<String, String>);

impl References {
    /// Keeps what `response` says of the row that the request `content_id` made.
    pub(crate) fn remember(&mut self, content_id: Option<&str>, response: &Response<Bytes>) {
        let address = ["odata-entityid", "location"]
            .into_iter()
            .find_map(|name| response.headers().get(name)?.to_str().ok());
        if let (Some(id), Some(address)) = (content_id, address) {
            self.0.insert(id.to_owned(), address.to_owned());
        }
    }

    /// The request with every reference replaced.
    pub(crate) fn resolve(&self, operation: &Operation) -> Result<Operation, DataverseError> {
        let url = self.url(&operation.url)?;
        let body = self.body(&operation.body)?;
        Ok(Operation { url, body, ..operation.clone() })
    }

    fn url(&self, url: &str) -> Result<String, DataverseError> {
        let reserved = reference(url).is_some_and(|(id, _)| RESERVED.contains(&id));
        if reserved { Ok(url.to_owned()) } else { self.replaced(url) }
    }

    fn replaced(&self, text: &str) -> Result<String, DataverseError> {
        let Some((id, rest)) = reference(text) else {
            return Ok(text.to_owned());
        };
        let address = self.0.get(id).ok_or_else(|| fault::unknown_reference(id))?;
        Ok(format!("{address}{rest}"))
    }

    /// Only a body that may hold a reference is taken apart; one that is not JSON is left to whoever
    /// reads it.
    fn body(&self, body: &Bytes) -> Result<Bytes, DataverseError> {
        let possible = body.windows(2).any(|pair| matches!(pair, b"\"$" | b"/$"));
        let Some(mut json) = possible.then(|| serde_json::from_slice::<Json>(body).ok()).flatten()
        else {
            return Ok(body.clone());
        };
        self.walk(&mut json)?;
        Ok(Bytes::from(json.to_string()))
    }

    fn walk(&self, json: &mut Json) -> Result<(), DataverseError> {
        match json {
            Json::Array(items) => items.iter_mut().try_for_each(|item| self.walk(item)),
            Json::Object(members) => members.iter_mut().try_for_each(|(name, value)| {
                let refers = name.ends_with("@odata.bind") || name == "@odata.id";
                if refers { self.links(value) } else { self.walk(value) }
            }),
            _ => Ok(()),
        }
    }

    fn links(&self, value: &mut Json) -> Result<(), DataverseError> {
        match value {
            Json::String(link) => *link = self.replaced(link)?,
            Json::Array(links) => links.iter_mut().try_for_each(|link| self.links(link))?,
            _ => {}
        }
        Ok(())
    }
}

/// `$1/lastname` to `1` and `/lastname`.
fn reference(text: &str) -> Option<(&str, &str)> {
    let text = text.strip_prefix('/').unwrap_or(text).strip_prefix('$')?;
    let end = text.find(['/', '?', '(']).unwrap_or(text.len());
    let (id, rest) = text.split_at_checked(end)?;
    (!id.is_empty()).then_some((id, rest))
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, Method};
    use serde_json::json;

    use super::*;

    const ACCOUNT: &str = "http://h/api/data/v9.2/accounts(6cd81853-7b75-e911-a97a-000d3a34a1bd)";

    fn references() -> References {
        let response = Response::builder().header("OData-EntityId", ACCOUNT).body(Bytes::new());
        let mut references = References::default();
        references.remember(Some("1"), &response.unwrap());
        references.remember(Some("2"), &Response::new(Bytes::new()));
        references
    }

    fn resolve(url: &str, body: &str) -> Result<Operation, DataverseError> {
        let operation = Operation {
            content_id: None,
            method: Method::POST,
            url: url.to_owned(),
            headers: HeaderMap::new(),
            body: Bytes::from(body.to_owned()),
        };
        references().resolve(&operation)
    }

    // Source: learn.microsoft.com/power-apps/developer/data-platform/webapi/execute-batch-operations-using-web-api
    #[test]
    fn a_reference_may_begin_a_url() {
        assert_eq!(resolve("$1", "").unwrap().url, ACCOUNT);
        assert_eq!(resolve("$1/lastname", "").unwrap().url, format!("{ACCOUNT}/lastname"));
        assert_eq!(resolve("/$1?$select=name", "").unwrap().url, format!("{ACCOUNT}?$select=name"));
        assert_eq!(resolve("$metadata", "").unwrap().url, "$metadata");
        assert_eq!(resolve("accounts?$top=1", "").unwrap().url, "accounts?$top=1");
    }

    // Source: learn.microsoft.com/power-apps/developer/data-platform/webapi/execute-batch-operations-using-web-api
    #[test]
    fn a_reference_may_be_bound_anywhere_in_a_body() {
        let body = json!({
            "primarycontactid@odata.bind": "$1",
            "nested": {"x@odata.bind": ["$1", "/contacts(1)"], "@odata.id": "$1"},
            "name": "$1 in words", "sum": 1.25,
        });
        let read = resolve("accounts", &body.to_string()).unwrap().body;
        let expected = json!({
            "primarycontactid@odata.bind": ACCOUNT,
            "nested": {"x@odata.bind": [ACCOUNT, "/contacts(1)"], "@odata.id": ACCOUNT},
            "name": "$1 in words", "sum": 1.25,
        });
        assert_eq!(serde_json::from_slice::<Json>(&read).unwrap(), expected);
    }

    #[test]
    fn what_is_no_reference_stays_byte_for_byte() {
        for body in ["{\"a\":  1}", "not \"$1\" json", ""] {
            assert_eq!(resolve("accounts", body).unwrap().body, body);
        }
    }

    // Source: learn.microsoft.com/power-apps/developer/data-platform/webapi/execute-batch-operations-using-web-api
    #[test]
    fn a_reference_to_nothing_is_an_error() {
        let bound = "{\"regardingobjectid_account_phonecall@odata.bind\": \"$2\"}";
        for (url, body, id) in [("$3/name", "", "3"), ("phonecalls", bound, "2")] {
            let error = resolve(url, body).unwrap_err();
            assert_eq!(error.status.as_u16(), 400);
            let text =
                format!("Content-ID Reference: '${id}' does not exist in the batch context.");
            assert_eq!(error.message, text);
        }
    }
}
