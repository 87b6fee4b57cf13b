//! Lists of records, page after page.
//!
//! A link to the next page is followed as it came, with the same `Prefer` ("Page results using OData"). Nothing is
//! fetched that was not asked for: where a number of records is wanted, the pages are no larger.

use std::time::Instant;

use http::header::HeaderName;
use http::{HeaderValue, Method};
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::client::answer::{Answer, Page};
use crate::client::core::{Core, unreadable};
use crate::client::fetch_xml::FetchXml;
use crate::client::options::{Query, ReadOptions};
use crate::error::{Error, ErrorKind};
use crate::exchange::Call;
use crate::query_options::encode_query_options;
use crate::sent::Sent;

/// Records that Dataverse puts into a page at most.
const MAX_PAGE: u32 = 5_000;
/// Bytes of all pages of one read after which it is refused.
const MAX_BYTES: usize = 64 * 1024 * 1024;

pub(crate) const PREFER: HeaderName = HeaderName::from_static("prefer");

/// What `Prefer` asks for so that people can read choices, amounts and lookups.
const ANNOTATIONS: [&str; 3] = [
    "OData.Community.Display.V1.FormattedValue",
    "Microsoft.Dynamics.CRM.lookuplogicalname",
    "Microsoft.Dynamics.CRM.associatednavigationproperty",
];
/// What FetchXML needs to be paged ("Page results using FetchXML").
const PAGING: [&str; 2] =
    ["Microsoft.Dynamics.CRM.fetchxmlpagingcookie", "Microsoft.Dynamics.CRM.morerecords"];

/// A list to be read.
#[derive(Debug, Clone)]
pub(crate) struct ListRequest {
    operation: &'static str,
    entity_set: String,
    source: Source,
    /// None: the first page is all.
    wanted: Option<usize>,
    prefer: Option<HeaderValue>,
}

#[derive(Debug, Clone)]
enum Source {
    OData(String),
    FetchXml(FetchXml),
    Link(String),
}

/// What comes after a page.
enum Following {
    Nothing,
    Source(Source),
    /// More records match, and nobody asked for them.
    Unwanted,
}

impl ListRequest {
    /// Checks the query and writes it as it is sent.
    pub(crate) fn new(
        entity_set: &str,
        query: Query<'_>,
        read: &ReadOptions,
    ) -> Result<Self, Error> {
        let size = read.page_size.or(read.max_records).map(|size| size.clamp(1, MAX_PAGE));
        let annotations = if read.annotations { &ANNOTATIONS[..] } else { &[] };
        let (source, prefer) = match query {
            Query::OData(options) => {
                let options = encode_query_options(options)?;
                let has_top = options.split('&').any(|option| option.starts_with("$top="));
                let prefer = prefer(size.filter(|_| !has_top), annotations)?;
                (Source::OData(options), prefer)
            }
            Query::FetchXml(text) => {
                let fetch = FetchXml::read(text, size)?;
                (Source::FetchXml(fetch), prefer(None, &[annotations, &PAGING[..]].concat())?)
            }
        };
        Ok(Self {
            operation: "query",
            entity_set: entity_set.to_owned(),
            source,
            wanted: read.max_records.map(|max| usize::try_from(max).unwrap_or(usize::MAX)),
            prefer,
        })
    }

    /// A list of definitions, which are not paged.
    pub(crate) fn definitions(path: &str, options: String) -> Self {
        Self {
            operation: "metadata",
            entity_set: path.to_owned(),
            source: Source::OData(options),
            wanted: Some(usize::MAX),
            prefer: None,
        }
    }

    pub(crate) fn table(&self) -> &str {
        &self.entity_set
    }

    /// What tells this read from others of the account.
    pub(crate) fn identity(&self) -> String {
        let query = match &self.source {
            Source::OData(options) => options.clone(),
            Source::FetchXml(fetch) => fetch.to_query(),
            Source::Link(link) => link.clone(),
        };
        let prefer = self.prefer.as_ref().and_then(|value| value.to_str().ok()).unwrap_or_default();
        let wanted = self.wanted.map_or(String::new(), |wanted| wanted.to_string());
        format!("{}?{query}\n{prefer}\n{wanted}", self.entity_set)
    }

    fn address(&self, core: &Core) -> String {
        match &self.source {
            Source::OData(options) => core.address(&self.entity_set, options),
            Source::FetchXml(fetch) => core.address(&self.entity_set, &fetch.to_query()),
            Source::Link(link) => link.clone(),
        }
    }

    fn call(&self, core: &Core, sent: &Sent) -> Call {
        let mut call = Call::new(self.operation, Method::GET, self.address(core));
        call.headers.extend(self.prefer.clone().map(|value| (PREFER, value)));
        call.sent = sent.clone();
        call
    }

    /// The same list, from another page on.
    fn from(&self, source: Source) -> Self {
        Self { source, ..self.clone() }
    }

    /// Where the next page is, as `list` tells.
    fn following(&self, core: &Core, list: &List) -> Result<Following, Error> {
        let fetch = match &self.source {
            Source::FetchXml(fetch) => fetch,
            Source::OData(_) | Source::Link(_) => {
                let Some(link) = &list.next_link else { return Ok(Following::Nothing) };
                return Ok(match (&self.source, self.wanted) {
                    // Nobody goes there, so it may lead anywhere.
                    (_, None) => Following::Unwanted,
                    (Source::Link(last), _) if last == link => {
                        return Err(unreadable("a list whose pages come to an end"));
                    }
                    _ => Following::Source(Source::Link(core.linked(link, &self.address(core))?)),
                });
            }
        };
        let more = list.more_records.unwrap_or(list.paging_cookie.is_some());
        if !more || !fetch.has_pages() {
            return Ok(Following::Nothing);
        }
        Ok(match fetch.next(list.paging_cookie.as_deref()) {
            Some(next) => Following::Source(Source::FetchXml(next)),
            None => return Err(unreadable("a page with a readable paging cookie")),
        })
    }
}

/// The value of `Prefer`; none where nothing is preferred.
pub(crate) fn prefer(
    size: Option<u32>,
    annotations: &[&str],
) -> Result<Option<HeaderValue>, Error> {
    let size = size.map(|size| format!("odata.maxpagesize={size}"));
    let annotations = (!annotations.is_empty())
        .then(|| format!("odata.include-annotations=\"{}\"", annotations.join(",")));
    let all: Vec<String> = size.into_iter().chain(annotations).collect();
    if all.is_empty() {
        return Ok(None);
    }
    HeaderValue::try_from(all.join(","))
        .map(Some)
        .map_err(|_| Error::invalid("the preferences of the read cannot be sent"))
}

/// The annotations that people need, as a preference.
pub(crate) fn prefer_annotations(wanted: bool) -> Result<Option<HeaderValue>, Error> {
    prefer(None, if wanted { &ANNOTATIONS } else { &[] })
}

impl Core {
    /// Reads until as many records are there as were wanted, or no more match.
    pub(crate) async fn list(
        &self,
        request: &ListRequest,
        sent: &Sent,
        deadline: Instant,
    ) -> Result<Answer<Page>, Error> {
        let first = self.page(request, sent, deadline).await?;
        let (mut bytes, status, body) = (first.body.len(), first.status, first.body);
        let (mut page, mut following) = first.value;
        loop {
            if let Some(more) = is_complete(&mut page.records, request.wanted, &following) {
                page.more = more;
                return Ok(Answer::fresh(page, status, body, sent));
            }
            let Following::Source(source) = following else { return Err(unreadable("a list")) };
            if bytes > MAX_BYTES {
                return Err(too_much(sent));
            }
            // In a box of its own, for most lists have one page.
            let further = request.from(source);
            let next = Box::pin(async move { self.page(&further, sent, deadline).await }).await?;
            bytes += next.body.len();
            let (further, after) = next.value;
            page.count = page.count.or(further.count);
            page.records.extend(further.records);
            following = after;
        }
    }

    /// Reads one page.
    async fn page(
        &self,
        request: &ListRequest,
        sent: &Sent,
        deadline: Instant,
    ) -> Result<Answer<(Page, Following)>, Error> {
        let answer = self.perform(&request.call(self, sent), deadline).await?.answer;
        answer.try_map(|(), body| {
            let list: List =
                serde_json::from_str(body).map_err(|_| unreadable("a list of records"))?;
            let following = request.following(self, &list)?;
            Ok((Page { records: list.value, more: false, count: list.count }, following))
        })
    }
}

/// Whether the read ends here, and if so, whether more records match. Cuts off what was not asked for.
fn is_complete(
    records: &mut Vec<Box<RawValue>>,
    wanted: Option<usize>,
    following: &Following,
) -> Option<bool> {
    let more = !matches!(following, Following::Nothing);
    match wanted {
        None => Some(more),
        Some(wanted) if records.len() >= wanted => {
            let cut = records.len() > wanted;
            records.truncate(wanted);
            Some(more || cut)
        }
        Some(_) => (!more).then_some(false),
    }
}

fn too_much(sent: &Sent) -> Error {
    let mut error = Error::local(
        ErrorKind::InvalidRequest,
        format!(
            "the pages read are larger than {MAX_BYTES} bytes together; ask for fewer records or columns ($select)"
        ),
    );
    (error.requests, error.spent) = (sent.count(), sent.spent());
    error
}

#[derive(Deserialize)]
struct List {
    value: Vec<Box<RawValue>>,
    #[serde(rename = "@odata.nextLink")]
    next_link: Option<String>,
    #[serde(rename = "@odata.count")]
    count: Option<u64>,
    #[serde(rename = "@Microsoft.Dynamics.CRM.fetchxmlpagingcookie")]
    paging_cookie: Option<String>,
    #[serde(rename = "@Microsoft.Dynamics.CRM.morerecords")]
    more_records: Option<bool>,
}
