//! Every secret that the token endpoints were shown or have given out, for a test that looks for them where they must
//! not be.
//!
//! The log masks them; this keeps them, and only once somebody has asked for it. It is no part of the control API.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use axum::body::Bytes;

/// Fields of a token request that are secret.
const SHOWN: [&str; 6] =
    ["client_secret", "client_assertion", "code", "code_verifier", "refresh_token", "password"];
/// Members of a token answer that are secret.
const GIVEN: [&str; 3] = ["access_token", "refresh_token", "id_token"];

/// The secrets with the names of their fields; none while nobody wants them.
#[derive(Default)]
pub(crate) struct Witness(Mutex<Option<BTreeMap<String, &'static str>>>);

impl Witness {
    pub(crate) fn begin(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert_default();
    }

    pub(crate) fn secrets(&self) -> Vec<(&'static str, String)> {
        let secrets = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        secrets.iter().flatten().map(|(value, name)| (*name, value.clone())).collect()
    }

    pub(super) fn saw_request(&self, body: &Bytes) {
        self.note(|| {
            let fields = url::form_urlencoded::parse(body);
            fields.filter_map(|(name, value)| Some((known(&SHOWN, &name)?, value.into_owned())))
        });
    }

    pub(super) fn saw_answer(&self, body: &Bytes) {
        self.note(|| {
            let members: serde_json::Value = serde_json::from_slice(body).unwrap_or_default();
            GIVEN.into_iter().filter_map(move |name| {
                members[name].as_str().map(|value| (name, value.to_owned()))
            })
        });
    }

    fn note<I: Iterator<Item = (&'static str, String)>>(&self, seen: impl FnOnce() -> I) {
        let mut secrets = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(secrets) = secrets.as_mut() {
            secrets.extend(seen().map(|(name, value)| (value, name)));
        }
    }
}

fn known(names: &[&'static str], name: &str) -> Option<&'static str> {
    names.iter().find(|known| **known == name).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_kept_from_when_they_are_wanted() {
        let witness = Witness::default();
        let request =
            Bytes::from_static(b"grant_type=refresh_token&refresh_token=a%2Bb&client_id=c");
        let answer = Bytes::from_static(br#"{"access_token":"d","expires_in":1}"#);
        witness.saw_request(&request);
        assert!(witness.secrets().is_empty());
        witness.begin();
        witness.saw_request(&request);
        witness.saw_answer(&answer);
        let expected = [("refresh_token", "a+b".to_owned()), ("access_token", "d".to_owned())];
        assert_eq!(witness.secrets(), expected);
    }
}
