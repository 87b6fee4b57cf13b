//! Asking the server: its answers as JSON, its problem documents as errors that name every wrong place.

use anyhow::{Context, Result, anyhow};
use reqwest::{Method, RequestBuilder, StatusCode};
use secrecy::{ExposeSecret, SecretString};
use serde::de::DeserializeOwned;
use serde_json::Value;
use url::Url;

use crate::args::Remote;
use crate::local;

/// A server to ask.
pub(crate) struct Client {
    http: reqwest::Client,
    server: Url,
    token: SecretString,
}

impl Client {
    pub(crate) fn new(server: Url, token: SecretString) -> Result<Self> {
        Ok(Self { http: reqwest::Client::builder().build()?, server, token })
    }

    pub(crate) fn from_args(remote: &Remote) -> Result<Self> {
        let folder = remote.data.folder()?;
        let token = match &remote.token {
            Some(token) => SecretString::from(token.as_str()),
            None => local::read_token(&folder).ok_or_else(|| {
                anyhow!(
                    "no API token: start `patchcord serve` on this machine, or give one with --token or PATCHCORD_TOKEN \
                     (looked for {})",
                    local::token_file(&folder).display()
                )
            })?,
        };
        Self::new(remote.server.clone(), token)
    }

    pub(crate) async fn get<T: DeserializeOwned>(&self, path: &[&str]) -> Result<T> {
        self.ask(Method::GET, path, |request| request).await
    }

    pub(crate) async fn get_query<T: DeserializeOwned>(
        &self,
        path: &[&str],
        query: &[(&str, String)],
    ) -> Result<T> {
        self.ask(Method::GET, path, |request| request.query(query)).await
    }

    pub(crate) async fn post<T: DeserializeOwned>(&self, path: &[&str], body: &Value) -> Result<T> {
        self.ask(Method::POST, path, |request| request.json(body)).await
    }

    pub(crate) async fn post_query<T: DeserializeOwned>(
        &self,
        path: &[&str],
        query: Option<(&str, &str)>,
    ) -> Result<T> {
        let query: Vec<_> = query.into_iter().collect();
        self.ask(Method::POST, path, |request| request.query(&query)).await
    }

    pub(crate) async fn post_bytes<T: DeserializeOwned>(
        &self,
        path: &[&str],
        query: &[(&str, String)],
        body: Vec<u8>,
    ) -> Result<T> {
        self.ask(Method::POST, path, |request| request.query(query).body(body)).await
    }

    /// As [`Self::post`], where what it changes is still what was seen.
    pub(crate) async fn post_seen<T: DeserializeOwned>(
        &self,
        path: &[&str],
        seen: Option<String>,
        body: &Value,
    ) -> Result<T> {
        self.ask(Method::POST, path, |request| if_match(request, seen).json(body)).await
    }

    pub(crate) async fn put<T: DeserializeOwned>(&self, path: &[&str], body: Vec<u8>) -> Result<T> {
        self.ask(Method::PUT, path, |request| request.body(body)).await
    }

    /// As [`Self::put`], where what it changes is still what was seen.
    pub(crate) async fn put_seen<T: DeserializeOwned>(
        &self,
        path: &[&str],
        query: &[(&str, String)],
        seen: Option<String>,
        body: Vec<u8>,
    ) -> Result<T> {
        let fill = |request: RequestBuilder| if_match(request, seen).query(query).body(body);
        self.ask(Method::PUT, path, fill).await
    }

    /// What lies at an address, as it is.
    pub(crate) async fn bytes(&self, path: &[&str], query: &[(&str, String)]) -> Result<Vec<u8>> {
        self.send(Method::GET, path, |request| request.query(query)).await
    }

    /// Offers a block, with its minisign signature in base64 where there is one.
    pub(crate) async fn install<T: DeserializeOwned>(
        &self,
        query: &[(&str, &str)],
        block: Vec<u8>,
        signature: Option<String>,
    ) -> Result<T> {
        self.ask(Method::POST, &["blocks"], |request| {
            let request = request.query(query).body(block);
            match signature {
                Some(signature) => request.header("patchcord-signature", signature),
                None => request,
            }
        })
        .await
    }

    pub(crate) async fn delete(&self, path: &[&str]) -> Result<()> {
        self.delete_seen(path, None).await
    }

    /// As [`Self::delete`], where it is still what was seen.
    pub(crate) async fn delete_seen(&self, path: &[&str], seen: Option<String>) -> Result<()> {
        self.send(Method::DELETE, path, |request| if_match(request, seen)).await.map(drop)
    }

    /// `path` below `/v1`, a segment each, so that a name with a slash in it stays one segment.
    async fn ask<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &[&str],
        fill: impl FnOnce(RequestBuilder) -> RequestBuilder,
    ) -> Result<T> {
        let bytes = self.send(method, path, fill).await?;
        let text: &[u8] = if bytes.is_empty() { b"null" } else { &bytes };
        serde_json::from_slice(text).context("the server's answer is not what this version expects")
    }

    async fn send(
        &self,
        method: Method,
        path: &[&str],
        fill: impl FnOnce(RequestBuilder) -> RequestBuilder,
    ) -> Result<Vec<u8>> {
        let mut url = self.server.clone();
        url.path_segments_mut()
            .map_err(|()| anyhow!("{} is no address of a server", self.server))?
            .pop_if_empty()
            .push("v1")
            .extend(path);
        let request = self.http.request(method, url).bearer_auth(self.token.expose_secret());
        let response = fill(request).send().await.with_context(|| {
            format!("no server answers at {}: is `patchcord serve` running?", self.server)
        })?;
        let status = response.status();
        let bytes = response.bytes().await.context("the server's answer broke off")?;
        if !status.is_success() {
            return Err(Refused::read(status, &bytes).into());
        }
        Ok(bytes.to_vec())
    }
}

/// Has a change made only where what was seen is still there: an ETag, or `*` for whatever is there.
fn if_match(request: RequestBuilder, seen: Option<String>) -> RequestBuilder {
    match seen {
        Some(seen) => request.header("if-match", seen),
        None => request,
    }
}

/// The server did not do what was asked: its problem document.
#[derive(Debug)]
pub(crate) struct Refused {
    status: StatusCode,
    document: Value,
}

impl Refused {
    fn read(status: StatusCode, bytes: &[u8]) -> Self {
        Self { status, document: serde_json::from_slice(bytes).unwrap_or_default() }
    }

    /// Whether it is the kind of problem with this name.
    pub(crate) fn is(&self, kind: &str) -> bool {
        self.document["type"] == kind
    }

    /// What happened, in words.
    pub(crate) fn detail(&self) -> &str {
        self.document["detail"].as_str().unwrap_or("the server gave no reason")
    }

    /// Pointer and message of each wrong place.
    pub(crate) fn places(&self) -> impl Iterator<Item = (&str, &str)> {
        let places = self.document["problems"].as_array().into_iter().flatten();
        places.map(|place| {
            let text = |name| place.get(name).and_then(Value::as_str).unwrap_or_default();
            (text("pointer"), text("message"))
        })
    }
}

impl std::error::Error for Refused {}

/// A line for each wrong place, or what is wrong with the whole.
impl std::fmt::Display for Refused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Value::Object(document) = &self.document else {
            return write!(f, "the server answered {}", self.status);
        };
        let places = document.get("problems").and_then(Value::as_array);
        let Some(places) = places.filter(|places| !places.is_empty()) else {
            return f.write_str(self.detail());
        };
        let title = self.document["title"].as_str().unwrap_or("what was sent is wrong");
        f.write_str(&title.to_lowercase())?;
        for place in places {
            let pointer = place["pointer"].as_str().filter(|p| !p.is_empty());
            let severity = place["severity"].as_str().unwrap_or("error");
            let message = place["message"].as_str().unwrap_or_default();
            write!(f, "\n  {severity}: ")?;
            if let Some(pointer) = pointer {
                write!(f, "{pointer}: ")?;
            }
            f.write_str(message)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_refusal_has_a_line_for_each_wrong_place_and_one_of_the_whole_names_none() {
        let refused =
            |document| Refused { status: StatusCode::UNPROCESSABLE_ENTITY, document }.to_string();
        let problems = json!([
            {"pointer": "/blocks/0", "severity": "warning", "message": "nothing leads here"},
            {"pointer": "", "message": "no start"},
        ]);
        let document = json!({"title": "The document is wrong", "problems": problems});
        let lines =
            "the document is wrong\n  warning: /blocks/0: nothing leads here\n  error: no start";
        assert_eq!(refused(document), lines);
        assert_eq!(refused(json!({"detail": "no such run", "problems": []})), "no such run");
        assert_eq!(refused(json!("<html>")), "the server answered 422 Unprocessable Entity");
    }
}
