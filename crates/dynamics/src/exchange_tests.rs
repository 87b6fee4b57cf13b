//! Deadlines and repetition with the clock stopped: what an attempt may cost, and that its place is free afterwards.

use std::sync::atomic::{AtomicU32, Ordering};

use futures::FutureExt;
use futures::future::BoxFuture;
use http::HeaderMap;
use http_body_util::Full;
use jiff::Timestamp;

use super::*;
use crate::account::AccountSettings;
use crate::gate::Parking;
use crate::oauth::OAuth;
use crate::token_source::Rotation;
use crate::vault::{ConsentLost, StoredToken, TokenVault, VaultError};

struct OneToken;

#[async_trait::async_trait]
impl TokenVault for OneToken {
    async fn load(&self, _: Uuid) -> Result<Option<StoredToken>, VaultError> {
        Ok(Some(StoredToken {
            refresh_token: "r".into(),
            obtained_at: Timestamp::now(),
            scope: None,
        }))
    }

    async fn save(&self, _: Uuid, _: &StoredToken) -> Result<(), VaultError> {
        Ok(())
    }

    async fn consent_lost(&self, _: Uuid, _: &ConsentLost) -> Result<(), VaultError> {
        Ok(())
    }
}

fn raw(status: u16, headers: &[(&'static str, &str)], body: &str) -> RawAnswer {
    let mut all = HeaderMap::new();
    for (name, value) in headers {
        all.insert(*name, value.parse().unwrap());
    }
    all.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    let status = StatusCode::from_u16(status).unwrap();
    RawAnswer { status, headers: all, body: Bytes::copy_from_slice(body.as_bytes()) }
}

type Answering = BoxFuture<'static, Result<RawAnswer, TransportError>>;

/// An exchange with `places` whose API answers the request of a number, the first is 1, as `api` says.
fn exchange(
    places: u32,
    api: impl Fn(u32) -> Answering + Send + Sync + 'static,
) -> (Exchange, Arc<AtomicU32>) {
    let requests = Arc::new(AtomicU32::new(0));
    let counter = Arc::clone(&requests);
    let transport = Transport::in_memory(Arc::new(move |request: Request<Full<Bytes>>| {
        if request.uri().path().ends_with("/token") {
            let token = r#"{"token_type":"Bearer","access_token":"a","expires_in":3599}"#;
            return async move { Ok(raw(200, &[], token)) }.boxed();
        }
        api(counter.fetch_add(1, Ordering::SeqCst) + 1)
    }));
    let settings: AccountSettings = serde_json::from_value(serde_json::json!({
        "id": Uuid::nil(), "name": "a", "client_id": "c",
        "authorization_url": "https://login.example/t/oauth2/authorize",
        "token_url": "https://login.example/t/oauth2/token",
        "api_url": "https://org.example/api/data/v9.2",
    }))
    .unwrap();
    let credential = crate::ClientCredential::Secret("s".into());
    let oauth = OAuth::new(&settings, &credential, transport.clone(), Duration::from_secs(15));
    let hour = Duration::from_secs(3_600);
    let tokens =
        TokenSource::new(Uuid::nil(), oauth, Arc::new(OneToken), Rotation::default(), hour);
    let exchange = Exchange {
        account: Uuid::nil(),
        transport,
        tokens: Arc::new(tokens),
        gate: Gate::new(places, Parking::default()),
        limits: Limits::default(),
        meters: CallMeters::default(),
        request_timeout: Duration::from_secs(30),
    };
    (exchange, requests)
}

fn after(seconds: u64, status: u16) -> Answering {
    async move {
        sleep(Duration::from_secs(seconds)).await;
        Ok(raw(status, &[], "{}"))
    }
    .boxed()
}

fn call() -> Call {
    Call::new("query", Method::GET, "https://org.example/api/data/v9.2/contacts".into())
}

fn within(ms: u64) -> Instant {
    Instant::now() + Duration::from_millis(ms)
}

fn elapsed(since: Instant) -> u128 {
    since.elapsed().as_millis()
}

#[tokio::test(start_paused = true)]
async fn a_call_ends_at_its_deadline_and_frees_its_place() {
    let (exchange, requests) = exchange(1, |number| after(if number == 1 { 60 } else { 1 }, 200));
    let begun = Instant::now();
    let failure = exchange.perform(&call(), within(8_000)).await.err().unwrap();
    assert_eq!((failure.error.kind, elapsed(begun)), (ErrorKind::Timeout, 8_000));
    assert_eq!(failure.error.requests, 1);
    let second = exchange.perform(&call(), within(8_000)).await;
    assert!(second.is_ok());
    assert_eq!((elapsed(begun), requests.load(Ordering::SeqCst)), (9_000, 2));
}

#[tokio::test(start_paused = true)]
async fn who_waits_for_a_place_leaves_at_the_deadline_too() {
    let (exchange, requests) = exchange(1, |_| after(20, 200));
    let (exchange, begun) = (Arc::new(exchange), Instant::now());
    let first = tokio::spawn({
        let exchange = Arc::clone(&exchange);
        async move { exchange.perform(&call(), within(30_000)).await.is_ok() }
    });
    sleep(Duration::from_millis(1)).await;
    let failure = exchange.perform(&call(), within(5_000)).await.err().unwrap();
    assert_eq!((failure.error.kind, failure.error.requests), (ErrorKind::Timeout, 0));
    assert_eq!(elapsed(begun), 5_001);
    assert!(first.await.unwrap());
    assert_eq!(requests.load(Ordering::SeqCst), 1);
}

#[tokio::test(start_paused = true)]
async fn nothing_is_sent_that_cannot_end_in_time() {
    let (exchange, requests) = exchange(1, |_| after(0, 200));
    assert!(exchange.perform(&call(), within(1_000)).await.is_ok());
    for left in [0, 1, 4] {
        let failure = exchange.perform(&call(), within(left)).await.err().unwrap();
        assert_eq!((failure.error.kind, failure.error.requests), (ErrorKind::Timeout, 0));
    }
    assert_eq!(requests.load(Ordering::SeqCst), 1);
}

#[tokio::test(start_paused = true)]
async fn a_pause_that_does_not_fit_is_not_begun() {
    let (exchange, requests) =
        exchange(1, |_| async { Ok(raw(503, &[("retry-after", "30")], "")) }.boxed());
    let begun = Instant::now();
    let failure = exchange.perform(&call(), within(20_000)).await.err().unwrap();
    assert_eq!((failure.error.kind, elapsed(begun)), (ErrorKind::Unavailable, 0));
    assert_eq!(requests.load(Ordering::SeqCst), 1);
}

#[tokio::test(start_paused = true)]
async fn a_slow_answer_is_given_up_within_the_deadline_and_asked_for_again() {
    let (exchange, requests) = exchange(1, |number| after(if number < 3 { 600 } else { 1 }, 200));
    let begun = Instant::now();
    assert!(exchange.perform(&call(), within(120_000)).await.is_ok());
    let took = elapsed(begun);
    assert!((61_000..62_000).contains(&took), "{took}");
    assert_eq!(requests.load(Ordering::SeqCst), 3);
}

#[tokio::test(start_paused = true)]
async fn throttling_parks_every_caller_and_lets_them_return_by_and_by() {
    let throttle = |number| {
        if number == 1 {
            let body = r#"{"error":{"code":"0x80072326","message":"x"}}"#;
            return async move { Ok(raw(429, &[("retry-after", "10")], body)) }.boxed();
        }
        after(0, 200)
    };
    let (exchange, requests) = exchange(52, throttle);
    let (exchange, begun) = (Arc::new(exchange), Instant::now());
    assert!(exchange.perform(&call(), within(60_000)).await.is_ok());
    assert_eq!(elapsed(begun), 10_000);
    exchange.gate.park(Duration::from_secs(10));
    let callers = (0..50_u64).map(|number| {
        let exchange = Arc::clone(&exchange);
        let deadline = within(if number % 2 == 0 { 60_000 } else { 5_000 });
        async move { exchange.perform(&call(), deadline).await.map(drop).map_err(|f| f.error.kind) }
    });
    let results = futures::future::join_all(callers).await;
    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 25);
    let refused = results.iter().filter(|r| matches!(r, Err(ErrorKind::Throttled(10_000))));
    assert_eq!(refused.count(), 25);
    assert_eq!(requests.load(Ordering::SeqCst), 27);
}

#[tokio::test(start_paused = true)]
async fn what_may_have_been_done_is_not_sent_again() {
    let (exchange, requests) = exchange(1, |number| {
        async move {
            let host = "org.example".to_owned();
            match number {
                1 => Err(TransportError::NotConnected { host }),
                _ => Err(TransportError::Lost { host }),
            }
        }
        .boxed()
    });
    let action = Call { repeat: Repeat::OnlyIfUnsent, method: Method::POST, ..call() };
    let failure = exchange.perform(&action, within(60_000)).await.err().unwrap();
    assert!(failure.maybe_done && failure.error.message.contains("not known whether"));
    assert_eq!((failure.error.requests, requests.load(Ordering::SeqCst)), (2, 2));
}

#[tokio::test(start_paused = true)]
async fn a_call_tells_where_its_time_went() {
    let (exchange, _) = exchange(1, |number| {
        let host = "org.example".to_owned();
        match number {
            1 => async move { Err(TransportError::Lost { host }) }.boxed(),
            2 => async { Ok(raw(429, &[("retry-after", "10")], "{}")) }.boxed(),
            _ => after(2, 200),
        }
    });
    let exchange = Arc::new(exchange);
    let call = call();
    assert!(exchange.perform(&call, within(60_000)).await.is_ok());
    let spent = call.sent.spent();
    assert_eq!((spent.method(), spent.gate()), (Some(Method::GET), Duration::from_secs(10)));
    let attempts = spent.attempts();
    let told: Vec<_> = attempts.iter().map(|a| (a.status, a.took.as_secs())).collect();
    assert_eq!(told, [(None, 0), (Some(429), 0), (Some(200), 2)]);
    assert!(attempts[0].error.as_deref().unwrap().contains("was lost"));
    let pauses: Vec<_> = attempts.iter().map(|a| !a.pause.is_zero()).collect();
    assert_eq!(pauses, [true, false, false], "the wait that was asked for is spent at the gate");
    let second = attempts[1].began - attempts[0].began;
    assert!(second.abs_diff(attempts[0].pause) <= Duration::from_millis(1), "{attempts:?}");

    // One request at once is told by its answer alone.
    let call = self::call();
    assert!(exchange.perform(&call, within(60_000)).await.is_ok());
    let spent = call.sent.spent();
    assert_eq!(
        (spent.attempts(), spent.gate(), spent.token()),
        (vec![], Duration::ZERO, Duration::ZERO)
    );

    // Who never comes to send has waited all the same.
    let holder = tokio::spawn({
        let exchange = Arc::clone(&exchange);
        async move { exchange.perform(&self::call(), within(30_000)).await.is_ok() }
    });
    sleep(Duration::from_millis(1)).await;
    let failure = exchange.perform(&self::call(), within(1_000)).await.err().unwrap();
    assert_eq!(failure.error.spent.gate(), Duration::from_secs(1));
    assert_eq!(failure.error.spent.method(), None);
    assert!(holder.await.unwrap());
}
