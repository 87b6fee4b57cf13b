//! A look-up as a program would make it that knows its one request by heart: a pooled client, the finished URL, the
//! finished headers, the answer as JSON. No deadline, no refresh, no retry, no gate.

use anyhow::{Context, Result, ensure};
use patchcord_dynamics::encode_query_options;
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderValue};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use url::Url;
use uuid::Uuid;

/// One request to Dynamics 365, ready to be sent again and again.
#[derive(Clone)]
pub struct BareReqwest {
    http: reqwest::Client,
    url: Url,
    headers: HeaderMap,
}

impl BareReqwest {
    /// Prepares the request for the records of `entity_set` that match `options`, with the headers and the connection
    /// settings of Patchcord's own client.
    ///
    /// # Errors
    /// No URL or no header can be made of what was given.
    pub fn new(
        api_url: &str,
        token: &SecretString,
        entity_set: &str,
        options: &str,
    ) -> Result<Self> {
        let query = encode_query_options(options)?;
        let url = Url::parse(&format!("{api_url}/{entity_set}?{query}"))?;
        let http = reqwest::Client::builder()
            .user_agent(concat!("patchcord/", env!("CARGO_PKG_VERSION")))
            .redirect(reqwest::redirect::Policy::none())
            .referer(false)
            .no_proxy()
            .tcp_nodelay(true)
            .build()?;
        let mut headers = HeaderMap::new();
        let bearer = HeaderValue::try_from(format!("Bearer {}", token.expose_secret()))?;
        headers.insert(AUTHORIZATION, bearer);
        headers.insert("accept", HeaderValue::from_static("application/json"));
        headers.insert("odata-maxversion", HeaderValue::from_static("4.0"));
        headers.insert("odata-version", HeaderValue::from_static("4.0"));
        headers.insert("if-none-match", HeaderValue::from_static("null"));
        let request_id = HeaderValue::try_from(Uuid::new_v4().to_string())?;
        headers.insert("x-ms-client-request-id", request_id);
        Ok(Self { http, url, headers })
    }

    /// Sends the request and reads the records of the answer.
    ///
    /// # Errors
    /// No answer, or another one than records.
    pub async fn look_up(&self) -> Result<Vec<Value>> {
        let request = self.http.get(self.url.clone()).headers(self.headers.clone());
        let response = request.send().await?;
        let status = response.status();
        ensure!(status.is_success(), "Dynamics 365 answered {status}");
        let mut body: Value = response.json().await?;
        let records = body.get_mut("value").and_then(Value::as_array_mut).map(std::mem::take);
        records.context("Dynamics 365 answered without records")
    }
}
