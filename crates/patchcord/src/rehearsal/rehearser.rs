//! Reads and does not write: what a step would change is shown as the request that would have been sent.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use patchcord_dynamics::ShownRequest;
use patchcord_runtime::Crm;
use patchcord_scenario::{FetchError, FetchRequest, Fetched, Layer, StepCall};
use serde::{Deserialize, Serialize};

use super::recording::Visit;
use crate::catalog::Catalog;

/// What a web server that was not asked is taken to answer: something, so that the step does not leave by *No Data*.
const NOT_ASKED: &str = "{\"dry_run\":true}";
/// Headers that tell who asks.
const SECRET_HEADERS: [&str; 3] = ["authorization", "proxy-authorization", "cookie"];

/// A request of a run that was not sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnsentRequest {
    /// Which step would have sent it.
    pub step: String,
    /// How often the run had come there.
    pub visit: u32,
    /// HTTP method.
    pub method: String,
    /// The whole address.
    pub url: String,
    /// Headers, their names in lower case; not those that tell who asks, or which request it is.
    pub headers: BTreeMap<String, String>,
    /// The body.
    pub body: Option<String>,
}

/// Lets reads through and shows writes.
pub(crate) struct Rehearser {
    catalog: Arc<Catalog>,
    unsent: Arc<Mutex<Vec<UnsentRequest>>>,
}

impl Rehearser {
    pub(crate) fn new(catalog: Arc<Catalog>) -> Self {
        Self { catalog, unsent: Arc::default() }
    }

    /// What was not sent, in order.
    pub(crate) fn unsent(&self) -> Vec<UnsentRequest> {
        self.unsent.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

fn show(unsent: &Mutex<Vec<UnsentRequest>>, at: &Visit, request: ShownRequest) {
    let ShownRequest { method, url, headers, body } = request;
    let Visit { step, visit } = at.clone();
    let mut shown = BTreeMap::<String, String>::new();
    let headers = headers.into_iter();
    for (name, value) in headers.filter(|(name, _)| !SECRET_HEADERS.contains(&name.as_str())) {
        let before = shown.entry(name).or_default();
        *before = if before.is_empty() { value } else { format!("{before}, {value}") };
    }
    let request = UnsentRequest { step, visit, method, url, headers: shown, body };
    unsent.lock().unwrap_or_else(PoisonError::into_inner).push(request);
}

#[async_trait]
impl Layer for Rehearser {
    fn over(&self, _: Arc<dyn Crm>, call: &StepCall) -> Arc<dyn Crm> {
        let at = Visit { step: call.step.clone(), visit: call.visit };
        let unsent = Arc::clone(&self.unsent);
        let show = Arc::new(move |request| show(&unsent, &at, request));
        self.catalog.accounts.rehearsing(call.account.as_deref(), show)
    }

    async fn fetch(
        &self,
        catalog: &dyn patchcord_scenario::Catalog,
        request: FetchRequest,
        step: &str,
        visit: u32,
    ) -> Result<Fetched, FetchError> {
        if request.method == "GET" {
            return catalog.fetch(request).await;
        }
        let prepared = self.catalog.fetcher.prepare(request)?;
        let at = Visit { step: step.to_owned(), visit };
        let body = prepared.body().and_then(reqwest::Body::as_bytes);
        let (url, headers) = (prepared.url().to_string(), prepared.headers());
        show(&self.unsent, &at, ShownRequest::new(prepared.method(), url, headers, body));
        Ok(Fetched { status: 200, body: NOT_ASKED.to_owned() })
    }
}
