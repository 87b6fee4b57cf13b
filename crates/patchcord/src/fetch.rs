//! Fetch URL's way out: to the hosts that the operator names, and to no other, whatever a scenario or a redirect says.

use std::time::Instant;

use patchcord_scenario::{FailureKind, FetchError, FetchRequest, Fetched};
use reqwest::redirect::{Attempt, Policy};
use reqwest::{Client, Method, Response, Url};

use crate::Error;

/// What is taken of an answer, in bytes.
const MOST_BYTES: usize = 1 << 20;
/// Redirects that are followed.
const MOST_REDIRECTS: usize = 5;

/// Asks web servers for scenarios.
pub(crate) struct Fetcher {
    client: Client,
    hosts: Hosts,
}

/// Hosts, each with the port that is allowed; none is the usual one of the scheme.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Hosts(Vec<(String, Option<u16>)>);

impl Fetcher {
    /// `hosts` are names or addresses, each with a port where that is not the usual one: `api.example.com:8443`.
    pub(crate) fn new(hosts: &[String]) -> Result<Self, Error> {
        let hosts = Hosts(hosts.iter().map(|host| read(host)).collect::<Result<_, _>>()?);
        let allowed = hosts.clone();
        let redirect = Policy::custom(move |attempt| follow(&allowed, attempt));
        // What the environment says of proxies holds, as for every program that the operator runs.
        let client = Client::builder().redirect(redirect).build();
        let client = client.map_err(|error| Error::FetchHost {
            host: String::new(),
            problem: format!("no HTTP client can be made: {error}"),
        })?;
        Ok(Self { client, hosts })
    }

    pub(crate) async fn fetch(&self, request: FetchRequest) -> Result<Fetched, FetchError> {
        let deadline = request.deadline;
        match tokio::time::timeout_at(deadline.into(), self.ask(request)).await {
            Ok(answer) => answer,
            Err(_) => Err(late()),
        }
    }

    async fn ask(&self, request: FetchRequest) -> Result<Fetched, FetchError> {
        if Instant::now() >= request.deadline {
            return Err(late());
        }
        let asked = self.prepare(request)?;
        let answer = self.client.execute(asked).await.map_err(failed)?;
        let status = answer.status().as_u16();
        Ok(Fetched { status, body: body(answer).await? })
    }

    /// The request as it is sent.
    pub(crate) fn prepare(&self, request: FetchRequest) -> Result<reqwest::Request, FetchError> {
        let url = Url::parse(&request.url)
            .map_err(|error| wrong(format!("property `url`: is no address: {error}")))?;
        if !self.hosts.allow(&url) {
            return Err(forbidden(&url));
        }
        let method = Method::from_bytes(request.method.as_bytes())
            .map_err(|_| wrong("property `method`: is no method of HTTP".to_owned()))?;
        let mut asking = self.client.request(method, url);
        // Empty parameters would leave a bare question mark.
        if !request.parameters.is_empty() {
            asking = asking.query(&request.parameters);
        }
        for (name, value) in &request.headers {
            asking = asking.header(name, value);
        }
        if let Some(body) = request.body {
            asking = asking.body(body);
        }
        asking.build().map_err(|_| wrong(headers_are_wrong(&request.headers)))
    }
}

async fn body(mut answer: Response) -> Result<String, FetchError> {
    let mut bytes = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(failed)? {
        bytes.extend_from_slice(&chunk);
        if bytes.len() > MOST_BYTES {
            let message = format!("the answer is longer than {} KiB", MOST_BYTES >> 10);
            return Err(FetchError { kind: FailureKind::Failed, message });
        }
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn read(text: &str) -> Result<(String, Option<u16>), Error> {
    let refused =
        |problem: &str| Error::FetchHost { host: text.to_owned(), problem: problem.into() };
    let text = text.trim();
    let url = Url::parse(&format!("http://{text}/")).map_err(|_| {
        refused("write a name or an address, with a port where it is not the usual one")
    })?;
    let bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
    let bare = bare && url.username().is_empty() && url.password().is_none();
    let Some(host) = url.host_str().filter(|_| bare) else {
        return Err(refused("write no more than a name or an address, and a port"));
    };
    // `:80` is the usual port here, and has been written all the same.
    let port = url.port().or_else(|| text.ends_with(":80").then_some(80));
    Ok((host.to_owned(), port))
}

impl Hosts {
    fn allow(&self, url: &Url) -> bool {
        let web = matches!(url.scheme(), "http" | "https");
        let fits = |(host, port): &(String, Option<u16>)| {
            let usual = url.port().is_none();
            let port_fits = match port {
                Some(port) => url.port_or_known_default() == Some(*port),
                None => usual,
            };
            url.host_str() == Some(host.as_str()) && port_fits
        };
        web && self.0.iter().any(fits)
    }
}

fn follow(hosts: &Hosts, attempt: Attempt<'_>) -> reqwest::redirect::Action {
    if attempt.previous().len() > MOST_REDIRECTS {
        return attempt.error(Redirect("the server redirects again and again".to_owned()));
    }
    if !hosts.allow(attempt.url()) {
        let host = named(attempt.url());
        let message = format!("the server redirects to `{host}`, which scenarios may not fetch");
        return attempt.error(Redirect(message));
    }
    attempt.follow()
}

/// Why a redirect is not followed.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Redirect(String);

/// Host and port of an address: the rest of it may hold what a caller said.
fn named(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

fn forbidden(url: &Url) -> FetchError {
    let host = named(url);
    let message = format!(
        "scenarios may not fetch `{host}`: the operator allows it with `--fetch-host {host}`, or in \
         `PATCHCORD_FETCH_HOSTS`"
    );
    FetchError { kind: FailureKind::PolicyDenied, message }
}

fn late() -> FetchError {
    let message = "the server did not answer in time".to_owned();
    FetchError { kind: FailureKind::Timeout, message }
}

fn wrong(message: String) -> FetchError {
    FetchError { kind: FailureKind::InvalidRequest, message }
}

fn headers_are_wrong(headers: &[(String, String)]) -> String {
    let names = headers.iter().map(|(name, _)| format!("`{name}`")).collect::<Vec<_>>();
    format!("property `headers`: one of {} is no header of HTTP", names.join(", "))
}

fn failed(error: reqwest::Error) -> FetchError {
    if error.is_timeout() {
        return late();
    }
    let redirect =
        std::error::Error::source(&error).and_then(|cause| cause.downcast_ref::<Redirect>());
    if let Some(Redirect(message)) = redirect {
        return FetchError { kind: FailureKind::PolicyDenied, message: message.clone() };
    }
    let host = error.url().map(named).unwrap_or_default();
    let message =
        format!("the server `{host}` could not be asked: {}", innermost(&error.without_url()));
    FetchError { kind: FailureKind::Unavailable, message }
}

/// The cause that says most: those around it say no more than what was attempted.
fn innermost(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(Some(error), |error| error.source());
    causes.last().map(ToString::to_string).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    use super::*;

    /// A server that gives the same answer to everyone, and its host with port. What it was asked comes out.
    async fn server(answer: String) -> (String, tokio::sync::mpsc::UnboundedReceiver<String>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let host = listener.local_addr().unwrap().to_string();
        let (asked, heard) = tokio::sync::mpsc::unbounded_channel();
        tokio::spawn(async move {
            while let Ok((mut socket, _)) = listener.accept().await {
                let mut buffer = vec![0; 4_096];
                let read = socket.read(&mut buffer).await.unwrap();
                asked.send(String::from_utf8_lossy(&buffer[..read]).into_owned()).ok();
                socket.write_all(answer.as_bytes()).await.ok();
            }
        });
        (host, heard)
    }

    fn answer(status: &str, headers: &str, body: &str) -> String {
        let length = body.len();
        format!(
            "HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n{headers}\r\n{body}"
        )
    }

    fn get(url: String) -> FetchRequest {
        FetchRequest {
            method: "GET".into(),
            url,
            parameters: Vec::new(),
            headers: Vec::new(),
            body: None,
            deadline: Instant::now() + Duration::from_secs(30),
        }
    }

    fn fetcher(hosts: &[&str]) -> Fetcher {
        Fetcher::new(&hosts.iter().map(|host| (*host).to_owned()).collect::<Vec<_>>()).unwrap()
    }

    #[tokio::test]
    async fn asks_what_was_asked_for() {
        let (host, mut heard) = server(answer("200 OK", "", "{\"a\":1}")).await;
        let request = FetchRequest {
            method: "POST".into(),
            parameters: vec![("q".into(), "a b&c".into())],
            headers: vec![("X-Mine".into(), "1".into())],
            body: Some("hello".into()),
            ..get(format!("http://{host}/p?r=1"))
        };
        let fetched = fetcher(&[&host]).fetch(request).await.unwrap();
        assert_eq!((fetched.status, fetched.body.as_str()), (200, "{\"a\":1}"));
        let heard = heard.recv().await.unwrap();
        assert!(heard.starts_with("POST /p?r=1&q=a+b%26c HTTP/1.1\r\n"), "{heard}");
        assert!(heard.contains("x-mine: 1\r\n"), "{heard}");
    }

    #[tokio::test]
    async fn no_other_host_is_asked_whoever_says_so() {
        let (other, mut heard) = server(answer("200 OK", "", "other")).await;
        let location = format!("Location: http://{other}/x\r\n");
        let (host, _) = server(answer("302 Found", &location, "")).await;
        let only = fetcher(&[&host]);
        let error = only.fetch(get(format!("http://{other}/"))).await.unwrap_err();
        assert_eq!(error.kind, FailureKind::PolicyDenied);
        assert!(error.message.contains(&format!("--fetch-host {other}")), "{error}");
        let error = only.fetch(get(format!("http://{host}/?secret"))).await.unwrap_err();
        assert_eq!(error.kind, FailureKind::PolicyDenied, "{error}");
        assert!(error.message.contains(&format!("redirects to `{other}`")), "{error}");
        assert!(heard.try_recv().is_err(), "it was never asked");
        let both = fetcher(&[&host, &other]);
        assert_eq!(both.fetch(get(format!("http://{host}/"))).await.unwrap().body, "other");
    }

    #[tokio::test]
    async fn what_cannot_be_had_says_why_and_not_what_was_asked() {
        let nobody =
            TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().to_string();
        let error =
            fetcher(&[&nobody]).fetch(get(format!("http://{nobody}/?canary"))).await.unwrap_err();
        assert_eq!(error.kind, FailureKind::Unavailable);
        assert!(!error.message.contains("canary"), "{error}");
        let (long, _) = server(answer("200 OK", "", &"x".repeat(MOST_BYTES + 1))).await;
        let error = fetcher(&[&long]).fetch(get(format!("http://{long}/"))).await.unwrap_err();
        assert_eq!(error.message, "the answer is longer than 1024 KiB");
        let past = FetchRequest { deadline: Instant::now(), ..get(format!("http://{long}/")) };
        assert_eq!(fetcher(&[&long]).fetch(past).await.unwrap_err().kind, FailureKind::Timeout);
        let odd = fetcher(&[]).fetch(get("no address".into())).await.unwrap_err();
        assert_eq!(odd.kind, FailureKind::InvalidRequest);
    }

    #[test]
    fn a_host_is_a_name_with_a_port_where_that_is_not_the_usual_one() {
        let hosts =
            fetcher(&["API.example.com", "b.example:8443", "c.example:80", "[::1]:1"]).hosts;
        let allow = |url: &str| hosts.allow(&Url::parse(url).unwrap());
        assert!(allow("https://api.example.com/x") && allow("http://api.example.com/"));
        assert!(
            allow("https://b.example:8443/")
                && allow("http://c.example/")
                && allow("http://[::1]:1/")
        );
        for url in [
            "https://api.example.com:8443/",
            "https://b.example/",
            "https://c.example/",
            "https://api.example.com.evil.example/",
            "https://evil.example/api.example.com",
            "https://api.example.com@evil.example/",
            "ftp://api.example.com/",
        ] {
            assert!(!allow(url), "{url}");
        }
        for odd in ["", "https://a.example", "a.example/path", "u@a.example", "a b", "a:99999"] {
            assert!(Fetcher::new(&[odd.to_owned()]).is_err(), "{odd}");
        }
    }
}
