//! The access token of an account: cached, refreshed ahead of its expiry, by one request at a time.
//!
//! The refresh runs in a task of its own, so that a caller whose deadline passes can leave without taking
//! the refresh away from the others. A new refresh token is saved before the access token that came with it
//! is handed to anybody. Nothing is decided here by wall-clock time.

mod bearer;
mod renew;
mod usage;

use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures::FutureExt;
use futures::future::{BoxFuture, Shared};
use secrecy::SecretString;
use tokio::sync::oneshot;
use tokio::time::{Instant, timeout_at};
use uuid::Uuid;

use crate::account_cause::AccountCause;
use crate::error::{Error, ErrorKind};
use crate::oauth::OAuth;
use crate::oauth::consent::PendingConsent;
use crate::vault::{ConsentLost, StoredToken, TokenVault};

/// After a failed renewal ahead of expiry, the next one is not begun sooner.
const RENEWAL_PAUSE: Duration = Duration::from_secs(10);

pub(crate) use bearer::Bearer;
use usage::Usage;

/// Held while an account's refresh token is read, used and replaced; shared by successive clients of it.
pub(crate) type Rotation = Arc<tokio::sync::Mutex<()>>;

type Flight = Shared<BoxFuture<'static, Result<Arc<Bearer>, Error>>>;

#[derive(Default)]
struct State {
    current: Option<Arc<Bearer>>,
    flight: Option<Flight>,
    renewal_not_before: Option<Instant>,
    refusal: Option<Refusal>,
    /// A refresh token that Entra ID gave but the vault did not take yet.
    unsaved: Option<StoredToken>,
    /// Claims that the Web API demanded of the next token.
    claims: Option<String>,
}

/// A refusal, and the refresh token that was refused.
struct Refusal {
    token: StoredToken,
    error: Error,
    until: Instant,
}

pub(crate) struct TokenSource {
    account: Uuid,
    oauth: OAuth,
    vault: Arc<dyn TokenVault>,
    rotation: Rotation,
    state: Mutex<State>,
    pub(crate) usage: Usage,
}

/// What a consent brought besides tokens.
pub(crate) struct Granted {
    pub(crate) user_name: Option<String>,
    pub(crate) scope: Option<String>,
}

impl TokenSource {
    pub(crate) fn new(
        account: Uuid,
        oauth: OAuth,
        vault: Arc<dyn TokenVault>,
        rotation: Rotation,
        in_use_for: Duration,
    ) -> Self {
        Self {
            account,
            oauth,
            vault,
            rotation,
            state: Mutex::default(),
            usage: Usage::new(in_use_for),
        }
    }

    /// A token that is good now. Waits for a refresh where there is none.
    pub(crate) async fn bearer(self: &Arc<Self>, deadline: Instant) -> Result<Arc<Bearer>, Error> {
        let flight = match self.bearer_at_once(Instant::now()) {
            Ok(bearer) => return Ok(bearer),
            Err(flight) => flight,
        };
        self.bearer_of(flight, deadline).await
    }

    /// A token that is good at `now`, or else the refresh that brings one.
    pub(crate) fn bearer_at_once(self: &Arc<Self>, now: Instant) -> Result<Arc<Bearer>, Flight> {
        self.usage.note(now);
        let mut state = self.state();
        let Some(bearer) = state.current.clone().filter(|b| b.expires_at > now) else {
            return Err(self.join_flight(&mut state));
        };
        let paused = state.renewal_not_before.is_some_and(|until| until > now);
        if bearer.renew_at <= now && !paused {
            drop(self.join_flight(&mut state));
        }
        Ok(bearer)
    }

    /// Waits for the token that a refresh brings.
    pub(crate) async fn bearer_of(
        &self,
        flight: Flight,
        deadline: Instant,
    ) -> Result<Arc<Bearer>, Error> {
        match timeout_at(deadline, flight).await {
            Ok(result) => result,
            Err(_) => Err(Error::timeout("waiting for a token of Entra ID")),
        }
    }

    /// Drops a token that the Web API refused, unless another one has taken its place already. The next one is asked
    /// for with the `claims` that it demanded.
    pub(crate) fn reject(&self, refused: &Arc<Bearer>, claims: Option<String>) {
        let mut state = self.state();
        if state.current.as_ref().is_some_and(|current| Arc::ptr_eq(current, refused)) {
            state.current = None;
            state.claims = claims;
        }
    }

    /// What to tell a caller whose second token was refused too. Where the Web API still demands claims, a refresh does
    /// not bring them: somebody must sign in.
    pub(crate) fn refused_again(self: &Arc<Self>, claims: Option<String>, error: Error) -> Error {
        let Some(claims) = claims else { return error };
        let cause = AccountCause::ClaimsRequired;
        let reason = cause.sentence().to_owned();
        let lost = ConsentLost { cause, reason: reason.clone(), claims: Some(claims) };
        let this = Arc::clone(self);
        tokio::spawn(async move { this.note_loss(&lost, None).await });
        Error { kind: ErrorKind::ConsentRequired, message: reason, ..error }
    }

    /// Fetches the next token where that is due, and says when the one after it is. One younger than `youngest` is left,
    /// however short it lives.
    pub(crate) async fn renew_if_due(
        self: &Arc<Self>,
        youngest: Duration,
    ) -> Result<Instant, Error> {
        let due = |bearer: &Bearer| bearer.renew_at.max(bearer.arrived + youngest);
        let flight = {
            let mut state = self.state();
            match state.current.as_deref().map(due) {
                Some(at) if at > Instant::now() => return Ok(at),
                _ => self.join_flight(&mut state),
            }
        };
        flight.await.map(|bearer| due(&bearer))
    }

    /// Fetches the next token, which uses and replaces the refresh token.
    pub(crate) async fn renew_now(self: &Arc<Self>) -> Result<(), Error> {
        let flight = self.join_flight(&mut self.state());
        flight.await.map(drop)
    }

    /// When the refresh token was issued; none where there is none or it cannot be read.
    pub(crate) async fn refresh_token_obtained(&self) -> Option<jiff::Timestamp> {
        self.vault.load(self.account).await.ok().flatten().map(|token| token.obtained_at)
    }

    /// When the access token in use expires; none where there is none.
    pub(crate) fn expires(&self) -> Option<jiff::Timestamp> {
        self.state().current.as_ref().map(|bearer| bearer.expires)
    }

    /// Exchanges the code of a consent. Runs to its end even if the caller leaves: the code works only once.
    pub(crate) async fn accept_consent(
        self: &Arc<Self>,
        pending: PendingConsent,
        code: SecretString,
        deadline: Instant,
    ) -> Result<Granted, Error> {
        let this = Arc::clone(self);
        let exchange = tokio::spawn(async move { this.exchange(&pending, &code).await });
        match timeout_at(deadline, exchange).await {
            Ok(Ok(result)) => result,
            Ok(Err(_)) => Err(interrupted()),
            Err(_) => Err(Error::timeout("exchanging the code of the consent")),
        }
    }

    /// The refresh under way, or a new one.
    fn join_flight(self: &Arc<Self>, state: &mut State) -> Flight {
        if let Some(flight) = &state.flight {
            return flight.clone();
        }
        let (sender, receiver) = oneshot::channel();
        let this = Arc::clone(self);
        tokio::spawn(async move {
            let refresh = AssertUnwindSafe(this.refresh()).catch_unwind();
            let result = refresh.await.unwrap_or_else(|_| Err(interrupted()));
            if result.is_err() {
                let mut state = this.state();
                state.flight = None;
                state.renewal_not_before = Some(Instant::now() + RENEWAL_PAUSE);
            }
            // Nobody may be waiting any more; the token is published all the same.
            let _ = sender.send(result);
        });
        let flight =
            receiver.map(|result| result.unwrap_or_else(|_| Err(interrupted()))).boxed().shared();
        state.flight = Some(flight.clone());
        flight
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for TokenSource {
    fn drop(&mut self) {
        // The keeper finds its client gone, and ends.
        self.usage.wake.notify_one();
    }
}

fn interrupted() -> Error {
    Error::local(ErrorKind::Unavailable, "the token request was interrupted")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::account::AccountSettings;
    use crate::transport::{HttpSettings, Transport};
    use async_trait::async_trait;
    use axum::response::IntoResponse;
    use axum::routing::post;

    struct OneToken;

    #[async_trait]
    impl TokenVault for OneToken {
        async fn load(&self, _: Uuid) -> Result<Option<StoredToken>, crate::VaultError> {
            Ok(Some(StoredToken {
                refresh_token: "r".into(),
                obtained_at: jiff::Timestamp::UNIX_EPOCH,
                scope: None,
            }))
        }

        async fn save(&self, _: Uuid, _: &StoredToken) -> Result<(), crate::VaultError> {
            Ok(())
        }

        async fn consent_lost(
            &self,
            _: Uuid,
            _: &crate::ConsentLost,
        ) -> Result<(), crate::VaultError> {
            Ok(())
        }
    }

    /// A source whose token endpoint always answers `status` and `body`.
    async fn source(status: u16, body: &'static str) -> Arc<TokenSource> {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let status = http::StatusCode::from_u16(status).unwrap();
        let answer = move || async move {
            (status, [("content-type", "application/json")], body).into_response()
        };
        let app = axum::Router::new().route("/t/oauth2/token", post(answer));
        tokio::spawn(async move { axum::serve(listener, app).await });
        let settings: AccountSettings = serde_json::from_value(serde_json::json!({
            "id": Uuid::nil(), "name": "a", "client_id": "c",
            "authorization_url": format!("{origin}/t/oauth2/authorize"),
            "token_url": format!("{origin}/t/oauth2/token"),
            "api_url": format!("{origin}/api/data/v9.2"),
        }))
        .unwrap();
        let credential = crate::ClientCredential::Secret("s".into());
        let transport = Transport::new(&HttpSettings::default()).unwrap();
        let oauth = OAuth::new(&settings, &credential, transport, Duration::from_secs(15));
        let hour = Duration::from_secs(3_600);
        let vault = Arc::new(OneToken);
        Arc::new(TokenSource::new(Uuid::nil(), oauth, vault, Rotation::default(), hour))
    }

    /// Gives the source a token that is due for renewal but still good.
    fn make_due(source: &TokenSource) -> Arc<Bearer> {
        let mut bearer = Bearer::new("old".into(), Duration::from_secs(3_600));
        bearer.renew_at = Instant::now();
        let bearer = Arc::new(bearer);
        source.state().current = Some(Arc::clone(&bearer));
        bearer
    }

    fn soon() -> Instant {
        Instant::now() + Duration::from_secs(20)
    }

    async fn end_of_flight(source: &TokenSource) {
        let flight = source.state().flight.clone();
        if let Some(flight) = flight {
            let _ = flight.await;
        }
    }

    #[tokio::test]
    async fn a_token_due_for_renewal_is_used_while_the_next_one_is_fetched() {
        let source =
            source(200, r#"{"token_type":"Bearer","access_token":"new","expires_in":"3599"}"#)
                .await;
        let old = make_due(&source);
        assert!(Arc::ptr_eq(&source.bearer(soon()).await.unwrap(), &old));
        end_of_flight(&source).await;
        assert_eq!(source.bearer(soon()).await.unwrap().expose(), "new");
        assert!(source.state().flight.is_none());
    }

    #[tokio::test]
    async fn a_renewal_that_fails_leaves_the_good_token_and_pauses() {
        let source = source(400, r#"{"error":"something_new"}"#).await;
        let old = make_due(&source);
        source.bearer(soon()).await.unwrap();
        end_of_flight(&source).await;
        assert!(Arc::ptr_eq(&source.bearer(soon()).await.unwrap(), &old));
        assert!(source.state().flight.is_none());
    }

    #[tokio::test]
    async fn only_the_token_that_failed_is_dropped() {
        let source = source(400, "{}").await;
        let (earlier, current) = (make_due(&source), make_due(&source));
        source.reject(&earlier, None);
        assert!(source.state().current.is_some());
        source.reject(&current, None);
        assert!(source.state().current.is_none());
    }
}
