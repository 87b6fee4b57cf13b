//! Idempotency keys: the same key never runs twice. Whoever asks again is given the answer of the first run, and waits
//! for it where that is still under way.
//!
//! A key is durable before its run begins, and its answer before it is given. Keys belong to the host and not to a
//! caller: a key that comes again with another request is refused. Answers may hold what callers said, so they are
//! sealed.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use patchcord_store::{Batch, Document, Expect, Store, StoreError};
use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::{Digest, Sha256};
use tokio::sync::watch;
use tokio::time::Instant;
use uuid::Uuid;

use super::{CallAnswer, CallRequest};
use crate::CallError;

const KEYS: &str = "run_keys";
/// Longest key, in characters.
const LONGEST: usize = 200;
/// How often a key is looked at whose run another process has under way.
const LOOK_AGAIN: Duration = Duration::from_millis(100);

/// Why a call with an idempotency key was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// It is no key.
    #[error("an idempotency key is 1 to {LONGEST} visible ASCII characters")]
    Malformed,
    /// It came before with another request.
    #[error(
        "this idempotency key came before with another request; give each call a key of its own"
    )]
    Reused,
    /// The first run did not end in time.
    #[error(
        "the first run with this idempotency key is still under way; ask again with the same key"
    )]
    UnderWay,
}

/// What is kept of a key.
#[derive(Serialize, Deserialize)]
struct Kept {
    /// Of the request: what comes again with the same key must be the same.
    fingerprint: String,
    run: Uuid,
    /// None while the run is under way.
    answer: Option<CallAnswer>,
}

pub(super) struct Keys {
    store: Store,
    kept: SignedDuration,
    claims: Mutex<Claims>,
}

type Claims = HashMap<String, (String, watch::Receiver<Option<CallAnswer>>)>;

/// A key that one call of this process has to itself. Others wait until it is dropped.
pub(super) struct Claim {
    keys: Arc<Keys>,
    key: String,
    fingerprint: String,
    answered: watch::Sender<Option<CallAnswer>>,
}

/// What becomes of a call with a key.
pub(super) enum Turn {
    /// It is the first one.
    First(Claim),
    /// Another one came first, and this is its answer.
    Answered(CallAnswer),
}

impl Keys {
    pub(super) fn new(store: Store, kept: SignedDuration) -> Arc<Self> {
        Arc::new(Self { store, kept, claims: Mutex::default() })
    }

    /// Waits until it is known whose turn it is, for as long as the call may take.
    pub(super) async fn turn(
        self: &Arc<Self>,
        key: &str,
        request: &CallRequest,
        deadline: Instant,
    ) -> Result<Turn, CallError> {
        check(key)?;
        let fingerprint = fingerprint(request);
        loop {
            match self.claim(key, &fingerprint) {
                Ok(claim) => return self.look_up(claim, deadline).await,
                Err((first, _)) if first != fingerprint => return Err(KeyError::Reused.into()),
                Err((_, mut answered)) => {
                    let ended =
                        tokio::time::timeout_at(deadline, answered.wait_for(Option::is_some));
                    match ended.await {
                        Ok(Ok(answer)) => {
                            if let Some(answer) = answer.clone() {
                                return Ok(Turn::Answered(answer));
                            }
                        }
                        // The first call was not taken, or its answer has been stored meanwhile.
                        Ok(Err(_)) => {}
                        Err(_) => return Err(KeyError::UnderWay.into()),
                    }
                }
            }
        }
    }

    fn claims(&self) -> MutexGuard<'_, Claims> {
        self.claims.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The key, or who has it.
    pub(super) fn claim(
        self: &Arc<Self>,
        key: &str,
        fingerprint: &str,
    ) -> Result<Claim, (String, watch::Receiver<Option<CallAnswer>>)> {
        let mut claims = self.claims();
        if let Some(first) = claims.get(key) {
            return Err(first.clone());
        }
        let (answered, waiting) = watch::channel(None);
        claims.insert(key.to_owned(), (fingerprint.to_owned(), waiting));
        let (keys, key, fingerprint) = (Arc::clone(self), key.to_owned(), fingerprint.to_owned());
        Ok(Claim { keys, key, fingerprint, answered })
    }

    /// Whether a run before this one, of this process or another, had the key.
    async fn look_up(&self, claim: Claim, deadline: Instant) -> Result<Turn, CallError> {
        loop {
            let stored = self.store.get_sealed::<Kept>(KEYS, &claim.key).await?;
            let Some(kept) = stored.filter(|stored| self.counts(stored)) else {
                return Ok(Turn::First(claim));
            };
            let Kept { fingerprint, answer, .. } = kept.value;
            match answer {
                _ if fingerprint != claim.fingerprint => return Err(KeyError::Reused.into()),
                Some(answer) => return Ok(Turn::Answered(answer)),
                None if Instant::now() + LOOK_AGAIN > deadline => {
                    return Err(KeyError::UnderWay.into());
                }
                None => tokio::time::sleep(LOOK_AGAIN).await,
            }
        }
    }

    fn counts(&self, stored: &Document<Kept>) -> bool {
        stored.updated_at >= Timestamp::now() - self.kept
    }
}

impl Claim {
    /// Adds to a batch that `run` is the one run of the key. The write fails as a conflict where another process was
    /// faster.
    pub(super) fn begin(&self, batch: &mut Batch, run: Uuid) -> Result<(), StoreError> {
        batch.prune(KEYS, Timestamp::now() - self.keys.kept);
        let kept = Kept { fingerprint: self.fingerprint.clone(), run, answer: None };
        batch.put_sealed_if(KEYS, &self.key, Expect::Absent, &kept).map(drop)
    }

    /// Adds the answer of the key to a batch.
    pub(super) fn end(&self, batch: &mut Batch, answer: &CallAnswer) -> Result<(), StoreError> {
        let fingerprint = self.fingerprint.clone();
        let kept = Kept { fingerprint, run: answer.run, answer: Some(answer.clone()) };
        batch.put_sealed(KEYS, &self.key, &kept).map(drop)
    }

    /// The key and the fingerprint, for whoever takes the run up again.
    pub(super) fn parts(&self) -> (String, String) {
        (self.key.clone(), self.fingerprint.clone())
    }

    /// Tells those who wait.
    pub(super) fn answer(&self, answer: &CallAnswer) {
        self.answered.send_replace(Some(answer.clone()));
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        self.keys.claims().remove(&self.key);
    }
}

fn check(key: &str) -> Result<(), KeyError> {
    let is_key = (1..=LONGEST).contains(&key.len()) && key.bytes().all(|b| b.is_ascii_graphic());
    is_key.then_some(()).ok_or(KeyError::Malformed)
}

/// What two requests have in common that ask for the same. The order of names in an object is part of it: a call flow that
/// asks again sends what it sent before.
fn fingerprint(request: &CallRequest) -> String {
    let CallRequest { scenario, variables, deadline, want, locale, idempotency_key: _ } = request;
    let deadline = deadline.map(|deadline| deadline.as_millis().to_string());
    let text = json!([scenario, variables, deadline, want, locale]).to_string();
    Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_bounded_and_visible() {
        for key in ["", " ", "a b", "é", &"k".repeat(201)] {
            assert_eq!(check(key), Err(KeyError::Malformed), "{key}");
        }
        for key in ["k", "019d3a52-7f0c-7c43-9c5e-4a0f4d6b2a11", "call@pbx.example;tag=\"1\""] {
            assert_eq!(check(key), Ok(()), "{key}");
        }
    }

    #[tokio::test]
    async fn who_cannot_wait_for_the_first_run_is_told_to_ask_again() {
        let folder = tempfile::tempdir().unwrap();
        let key = patchcord_store::KeySource::File;
        let config = patchcord_store::StoreConfig { folder: folder.path().to_owned(), key };
        let store = Store::open(&config).await.unwrap();
        let keys = Keys::new(store.clone(), SignedDuration::from_hours(1));
        let request = CallRequest::default();
        let turn = async |keys: &Arc<Keys>| {
            keys.turn("k", &request, Instant::now() + Duration::from_millis(1)).await
        };
        let Ok(Turn::First(claim)) = turn(&keys).await else { panic!("nobody has it") };
        let waited = turn(&keys).await.err().unwrap();
        assert!(matches!(waited, CallError::Key(KeyError::UnderWay)), "{waited}");

        let mut batch = Batch::new();
        claim.begin(&mut batch, Uuid::now_v7()).unwrap();
        store.write(batch).await.unwrap();
        let elsewhere = Keys::new(store.clone(), SignedDuration::from_hours(1));
        let waited = turn(&elsewhere).await.err().unwrap();
        assert!(matches!(waited, CallError::Key(KeyError::UnderWay)), "{waited}");
        drop(claim);
        let later = Keys::new(store, SignedDuration::ZERO);
        assert!(matches!(turn(&later).await, Ok(Turn::First(_))), "it has been kept long enough");
    }

    #[test]
    fn another_request_has_another_fingerprint() {
        let request = CallRequest { scenario: "a".into(), ..CallRequest::default() };
        let same = CallRequest { idempotency_key: Some("k".into()), ..request.clone() };
        assert_eq!(fingerprint(&request), fingerprint(&same));
        let variables = serde_json::Map::from_iter([("item.from".to_owned(), json!("+1"))]);
        for other in [
            CallRequest { scenario: "b".into(), ..request.clone() },
            CallRequest { variables, ..request.clone() },
            CallRequest { deadline: Some(Duration::from_secs(1)), ..request.clone() },
            CallRequest { want: Some(Vec::new()), ..request.clone() },
            CallRequest { locale: Some("de-DE".into()), ..request.clone() },
        ] {
            assert_ne!(fingerprint(&request), fingerprint(&other), "{other:?}");
        }
    }
}
