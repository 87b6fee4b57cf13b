//! A far side for the integration tests: token endpoint and Web API on one loopback server, a vault in memory.
//!
//! The two handlers are closures of the test, so that each test shows what its server does. It understands nothing of
//! OData: what Dataverse means by a request is not under test here.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{OriginalUri, State};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use patchcord_dynamics::{
    AccountSettings, Client, ClientCredential, ConsentLost, HttpSettings, Keeping, Policy, Pool,
    ReadOptions, RecordKey, StoredToken, TokenVault, VaultError, WriteOptions,
};
use secrecy::{ExposeSecret, SecretString};
use url::Url;
use uuid::Uuid;

/// A record's key.
pub(crate) const ID: &str = "00aa0000-0000-0000-0000-00000000000f";

/// Reads and writes as the simplest caller asks for them.
pub(crate) fn read() -> ReadOptions {
    ReadOptions::default()
}

pub(crate) fn write() -> WriteOptions {
    WriteOptions::default()
}

pub(crate) fn key(text: &str) -> RecordKey {
    RecordKey::parse(text).unwrap()
}

pub(crate) const SECRET: &str = "s3cret+&%=/ ü-canary";
pub(crate) const REFRESH: &str = "refresh-canary-0";

/// A request as the far side saw it.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    /// Which request of its kind it is; the first is 1.
    pub(crate) number: usize,
    /// How many requests of its kind were unanswered when it came, itself included.
    pub(crate) under_way: usize,
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) query: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Seen {
    pub(crate) fn form(&self) -> HashMap<String, String> {
        url::form_urlencoded::parse(self.body.as_bytes()).into_owned().collect()
    }

    pub(crate) fn options(&self) -> HashMap<String, String> {
        url::form_urlencoded::parse(self.query.as_bytes()).into_owned().collect()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

type Handler = Box<dyn Fn(&Seen) -> Response + Send + Sync>;

pub(crate) struct FarSide {
    pub(crate) origin: String,
    pub(crate) vault: Arc<MemoryVault>,
    shared: Arc<Shared>,
    pub(crate) pool: Pool,
    version: &'static str,
}

struct Shared {
    token_handler: Handler,
    api_handler: Handler,
    tokens: Mutex<Vec<Seen>>,
    calls: Mutex<Vec<Seen>>,
    answered_tokens: AtomicUsize,
    answered_calls: AtomicUsize,
    delay: Duration,
}

/// Builds a far side: what is not set answers as a healthy one would.
pub(crate) struct Builder {
    token_handler: Handler,
    api_handler: Handler,
    delay: Duration,
    vault: MemoryVault,
    version: &'static str,
    http: HttpSettings,
    keeping: Keeping,
}

pub(crate) fn far_side() -> Builder {
    Builder {
        token_handler: Box::new(|seen| grant(&format!("access-canary-{}", seen.number))),
        api_handler: Box::new(|_| json(200, r#"{"value":[]}"#)),
        delay: Duration::ZERO,
        vault: MemoryVault::with(REFRESH),
        version: "v2.0/",
        http: HttpSettings::default(),
        keeping: Keeping::default(),
    }
}

impl Builder {
    pub(crate) fn tokens(
        mut self,
        handler: impl Fn(&Seen) -> Response + Send + Sync + 'static,
    ) -> Self {
        self.token_handler = Box::new(handler);
        self
    }

    pub(crate) fn api(
        mut self,
        handler: impl Fn(&Seen) -> Response + Send + Sync + 'static,
    ) -> Self {
        self.api_handler = Box::new(handler);
        self
    }

    /// Every answer comes so much later.
    pub(crate) fn delay(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }

    pub(crate) fn vault(mut self, vault: MemoryVault) -> Self {
        self.vault = vault;
        self
    }

    pub(crate) fn v1(mut self) -> Self {
        self.version = "";
        self
    }

    pub(crate) fn http(mut self, http: HttpSettings) -> Self {
        self.http = http;
        self
    }

    pub(crate) fn keeping(mut self, keeping: Keeping) -> Self {
        self.keeping = keeping;
        self
    }

    pub(crate) async fn start(self) -> FarSide {
        let shared = Arc::new(Shared {
            token_handler: self.token_handler,
            api_handler: self.api_handler,
            tokens: Mutex::default(),
            calls: Mutex::default(),
            answered_tokens: AtomicUsize::default(),
            answered_calls: AtomicUsize::default(),
            delay: self.delay,
        });
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let app = Router::new().fallback(answer).with_state(Arc::clone(&shared));
        tokio::spawn(async move { axum::serve(listener, app).await });
        let vault = Arc::new(self.vault);
        let pool = Pool::with_http(Arc::clone(&vault) as Arc<dyn TokenVault>, self.http)
            .keeping(self.keeping);
        FarSide { origin, vault, shared, pool, version: self.version }
    }
}

async fn answer(
    State(shared): State<Arc<Shared>>,
    OriginalUri(uri): OriginalUri,
    method: Method,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let is_token = uri.path().ends_with("/token");
    let (list, answered) = if is_token {
        (&shared.tokens, &shared.answered_tokens)
    } else {
        (&shared.calls, &shared.answered_calls)
    };
    let seen = {
        let mut list = list.lock().unwrap();
        let seen = Seen {
            number: list.len() + 1,
            under_way: list.len() + 1 - answered.load(Ordering::SeqCst),
            method,
            path: uri.path().to_owned(),
            query: uri.query().unwrap_or_default().to_owned(),
            headers,
            body: String::from_utf8(body.to_vec()).unwrap(),
        };
        list.push(seen.clone());
        seen
    };
    tokio::time::sleep(shared.delay).await;
    answered.fetch_add(1, Ordering::SeqCst);
    if is_token { (shared.token_handler)(&seen) } else { (shared.api_handler)(&seen) }
}

impl FarSide {
    pub(crate) fn settings(&self) -> AccountSettings {
        let url = |path: &str| Url::parse(&format!("{}{path}", self.origin)).unwrap();
        AccountSettings {
            id: Uuid::from_u128(7),
            name: "Sales".to_owned(),
            default: true,
            client_id: "client-id".to_owned(),
            authorization_url: url(&format!("/tenant/oauth2/{}authorize", self.version)),
            token_url: url(&format!("/tenant/oauth2/{}token", self.version)),
            api_url: url("/api/data/v9.2"),
            phone_region: None,
            credential_expires: None,
            policy: Policy::default(),
        }
    }

    pub(crate) fn client(&self) -> Arc<Client> {
        self.client_with(Policy::default())
    }

    pub(crate) fn client_with(&self, policy: Policy) -> Arc<Client> {
        let settings = AccountSettings { policy, ..self.settings() };
        settings.check().unwrap();
        self.pool.client(&settings, &credential()).unwrap()
    }

    pub(crate) fn token_requests(&self) -> Vec<Seen> {
        self.shared.tokens.lock().unwrap().clone()
    }

    pub(crate) fn calls(&self) -> Vec<Seen> {
        self.shared.calls.lock().unwrap().clone()
    }
}

pub(crate) fn credential() -> ClientCredential {
    ClientCredential::Secret(SecretString::from(SECRET))
}

/// A deadline that no healthy test reaches.
pub(crate) fn soon() -> Instant {
    Instant::now() + Duration::from_secs(20)
}

pub(crate) fn json(status: u16, body: &str) -> Response {
    let status = StatusCode::from_u16(status).unwrap();
    (status, [("content-type", "application/json; charset=utf-8")], body.to_owned()).into_response()
}

pub(crate) fn status(status: u16) -> Response {
    StatusCode::from_u16(status).unwrap().into_response()
}

pub(crate) fn dataverse_error(status: u16, code: &str) -> Response {
    json(status, &format!(r#"{{"error":{{"code":"{code}","message":"Text of {code}"}}}}"#))
}

/// A token answer that rotates nothing.
pub(crate) fn grant(access_token: &str) -> Response {
    json(
        200,
        &format!(
            r#"{{"token_type":"Bearer","scope":"s","expires_in":3599,"access_token":"{access_token}"}}"#
        ),
    )
}

/// A token answer with a new refresh token.
pub(crate) fn rotate(access_token: &str, refresh_token: &str) -> Response {
    json(
        200,
        &format!(
            r#"{{"token_type":"Bearer","scope":"s","expires_in":3599,
                "access_token":"{access_token}","refresh_token":"{refresh_token}"}}"#
        ),
    )
}

pub(crate) fn entra_error(error: &str, code: u32) -> Response {
    json(
        400,
        &format!(
            r#"{{"error":"{error}","error_description":"AADSTS{code}: {SECRET} {REFRESH}","error_codes":[{code}],
                "trace_id":"00000000-0000-0000-0000-0000000000aa"}}"#
        ),
    )
}

/// Promises a body and ends the connection before it came.
pub(crate) fn cut() -> Response {
    let broken =
        futures::stream::iter([Ok(Bytes::from_static(b"{")), Err(std::io::Error::other("cut"))]);
    (StatusCode::OK, [("content-type", "application/json")], Body::from_stream(broken))
        .into_response()
}

/// Begins to answer and never goes on.
pub(crate) fn never() -> Response {
    let silent = futures::stream::pending::<Result<Bytes, std::io::Error>>();
    (StatusCode::OK, [("content-type", "application/json")], Body::from_stream(silent))
        .into_response()
}

/// A vault in memory that notes what is asked of it.
#[derive(Default)]
pub(crate) struct MemoryVault {
    token: Mutex<Option<StoredToken>>,
    pub(crate) losses: Mutex<Vec<ConsentLost>>,
    pub(crate) saved: Mutex<Vec<String>>,
    /// So many saves fail before one succeeds.
    pub(crate) failing_saves: AtomicUsize,
}

impl MemoryVault {
    pub(crate) fn with(refresh_token: &str) -> Self {
        Self::with_token_of(Timestamp::now(), refresh_token)
    }

    pub(crate) fn with_token_of(obtained_at: Timestamp, refresh_token: &str) -> Self {
        let refresh_token = SecretString::from(refresh_token);
        let token = StoredToken { refresh_token, obtained_at, scope: None };
        Self { token: Mutex::new(Some(token)), ..Self::default() }
    }

    pub(crate) fn saved(&self) -> Vec<String> {
        self.saved.lock().unwrap().clone()
    }

    pub(crate) fn lost(&self) -> Vec<String> {
        self.losses.lock().unwrap().iter().map(|lost| lost.reason.clone()).collect()
    }
}

#[async_trait]
impl TokenVault for MemoryVault {
    async fn load(&self, _account: Uuid) -> Result<Option<StoredToken>, VaultError> {
        Ok(self.token.lock().unwrap().clone())
    }

    async fn save(&self, _account: Uuid, token: &StoredToken) -> Result<(), VaultError> {
        let take_one = |left: usize| left.checked_sub(1);
        if self.failing_saves.fetch_update(Ordering::SeqCst, Ordering::SeqCst, take_one).is_ok() {
            return Err(VaultError::unavailable("disk full"));
        }
        self.saved.lock().unwrap().push(token.refresh_token.expose_secret().to_owned());
        *self.token.lock().unwrap() = Some(token.clone());
        Ok(())
    }

    async fn consent_lost(&self, _account: Uuid, lost: &ConsentLost) -> Result<(), VaultError> {
        self.losses.lock().unwrap().push(lost.clone());
        Ok(())
    }
}

pub(crate) fn redirect(to: &str) -> Response {
    (StatusCode::FOUND, [("location", to.to_owned())]).into_response()
}

/// Closes the connection instead of answering.
pub(crate) fn hang_up() -> Response {
    std::panic::resume_unwind(Box::new("the far side hangs up"))
}
