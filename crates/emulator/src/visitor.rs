//! Somebody at a browser: follows the redirects of a sign-in, fills in its forms and presses their first button.
//!
//! For demonstrations and tests, which need a consent without a person. It knows HTTP and HTML and nothing of the pages
//! that it visits, so that what it can do a browser can do too. No script is run.

use reqwest::redirect::Policy;
use reqwest::{Response, StatusCode};
use scraper::{ElementRef, Html, Selector};
use url::Url;

/// Pages that one sign-in may lead through.
const MOST_PAGES: usize = 12;

/// Somebody with a user name and a password.
#[derive(Clone)]
pub struct Visitor {
    user: String,
    password: String,
    http: reqwest::Client,
}

/// The page at which a visit ended.
#[derive(Debug)]
pub struct Page {
    /// Its address.
    pub url: Url,
    /// HTTP status.
    pub status: StatusCode,
    /// What a reader sees, without markup.
    pub text: String,
}

/// A visit did not come to an end.
#[derive(Debug, thiserror::Error)]
pub enum VisitError {
    /// A page could not be had.
    #[error("cannot open {url}: {source}")]
    Open {
        /// Its address, without the query.
        url: String,
        /// Why not.
        source: reqwest::Error,
    },
    /// A page leads to something that is no address.
    #[error("{url} leads to `{target}`, which is no address")]
    Address {
        /// The page, without the query.
        url: String,
        /// Where it leads.
        target: String,
    },
    /// The pages go round.
    #[error("the sign-in has not come to an end after {MOST_PAGES} pages")]
    Endless,
}

/// What a page asks to be sent.
struct Form {
    action: Url,
    fields: Vec<(String, String)>,
}

impl Visitor {
    /// Somebody who signs in as `user`.
    ///
    /// # Errors
    /// [`VisitError::Open`] where no HTTP client can be made on this machine.
    pub fn new(user: &str, password: &str) -> Result<Self, VisitError> {
        Self::with_cookies(user, password, false)
    }

    /// As [`Visitor::new`], with a browser that keeps cookies: who comes a second time may find a session.
    ///
    /// # Errors
    /// As [`Visitor::new`].
    pub fn keeping_cookies(user: &str, password: &str) -> Result<Self, VisitError> {
        Self::with_cookies(user, password, true)
    }

    fn with_cookies(user: &str, password: &str, keep: bool) -> Result<Self, VisitError> {
        let http = reqwest::Client::builder().redirect(Policy::none()).cookie_store(keep).build();
        let http = http.map_err(|source| VisitError::Open { url: "a browser".into(), source })?;
        Ok(Self { user: user.to_owned(), password: password.to_owned(), http })
    }

    /// Opens `address`, follows where it leads, fills in every form on the way, and returns the first page that asks
    /// for nothing.
    ///
    /// # Errors
    /// A page cannot be had, or there is no end.
    pub async fn visit(&self, address: &Url) -> Result<Page, VisitError> {
        let mut response = self.send(self.http.get(address.clone()), address).await?;
        for _ in 0..MOST_PAGES {
            let url = response.url().clone();
            if let Some(target) = location(&response) {
                let next = url.join(&target);
                let next = next.map_err(|_| VisitError::Address { url: plain(&url), target })?;
                response = self.send(self.http.get(next.clone()), &next).await?;
                continue;
            }
            let status = response.status();
            let html = response.text().await;
            let html = html.map_err(|source| VisitError::Open { url: plain(&url), source })?;
            match self.form(&html, &url)? {
                None => {
                    return Ok(Page { text: readable(&html), url, status });
                }
                Some(form) => {
                    let request = self.http.post(form.action.clone()).form(&form.fields);
                    response = self.send(request, &form.action).await?;
                }
            }
        }
        Err(VisitError::Endless)
    }

    async fn send(
        &self,
        request: reqwest::RequestBuilder,
        url: &Url,
    ) -> Result<Response, VisitError> {
        let sent = request.send().await;
        sent.map_err(|source| VisitError::Open { url: plain(url), source: source.without_url() })
    }

    /// The first form of a page, filled in.
    fn form(&self, html: &str, url: &Url) -> Result<Option<Form>, VisitError> {
        let document = Html::parse_document(html);
        let Some(form) = all(&document.root_element(), "form").into_iter().next() else {
            return Ok(None);
        };
        let target = form.attr("action").unwrap_or_default().to_owned();
        let action = url.join(&target);
        let action = action.map_err(|_| VisitError::Address { url: plain(url), target })?;
        let inputs = all(&form, "input[name]").into_iter().map(|input| {
            let value = match input.attr("type").unwrap_or("text") {
                "password" => self.password.clone(),
                "text" | "email" => self.user.clone(),
                _ => input.attr("value").unwrap_or_default().to_owned(),
            };
            (input.attr("name").unwrap_or_default().to_owned(), value)
        });
        let mut fields: Vec<_> = inputs.collect();
        let button = all(&form, "button").into_iter().next();
        if let Some((name, value)) = button.and_then(|b| Some((b.attr("name")?, b.attr("value")?)))
        {
            fields.push((name.to_owned(), value.to_owned()));
        }
        Ok(Some(Form { action, fields }))
    }
}

fn location(response: &Response) -> Option<String> {
    let redirects = response.status().is_redirection();
    let target = response.headers().get(http::header::LOCATION).filter(|_| redirects)?;
    Some(target.to_str().ok()?.to_owned())
}

/// An address without its query, which can hold a code.
fn plain(url: &Url) -> String {
    let mut url = url.clone();
    url.set_query(None);
    url.set_fragment(None);
    url.to_string()
}

fn all<'a>(element: &ElementRef<'a>, selector: &str) -> Vec<ElementRef<'a>> {
    // The selectors are written in this file; one that does not parse finds nothing.
    Selector::parse(selector).map(|found| element.select(&found).collect()).unwrap_or_default()
}

fn readable(html: &str) -> String {
    let document = Html::parse_document(html);
    let bodies = all(&document.root_element(), "body");
    let words = bodies.iter().flat_map(|body| body.text()).flat_map(str::split_whitespace);
    words.collect::<Vec<_>>().join(" ")
}
