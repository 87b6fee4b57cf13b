//! Sign-ins under way, and the codes that they end in: ten minutes, once.

use jiff::Timestamp;

use super::{Authorization, Grants, age, random};
use crate::entra::errors::EntraError;

/// How codes begin, so that one that got where it does not belong is found.
pub const CODE_PREFIX: &str = "0.emulator-code.";
/// How long a code, or a sign-in page left open, stays good.
const CODE_LIFE_SECONDS: i64 = 600;

pub(super) struct Code {
    authorization: Authorization,
    made: Timestamp,
    used: bool,
}

impl Grants {
    /// Keeps an authorization while its user fills in pages; the answer names it in the forms.
    pub(crate) fn hold(&self, authorization: Authorization, now: Timestamp) -> String {
        let mut inner = self.lock();
        inner.pending.retain(|_, (_, since)| age(*since, now) < CODE_LIFE_SECONDS);
        let context = random();
        inner.pending.insert(context.clone(), (authorization, now));
        context
    }

    pub(crate) fn held(&self, context: &str, now: Timestamp) -> Option<Authorization> {
        let inner = self.lock();
        let (authorization, since) = inner.pending.get(context)?;
        (age(*since, now) < CODE_LIFE_SECONDS).then(|| authorization.clone())
    }

    pub(crate) fn release(&self, context: &str) {
        self.lock().pending.remove(context);
    }

    pub(crate) fn issue_code(&self, authorization: Authorization, now: Timestamp) -> String {
        let mut inner = self.lock();
        inner.codes.retain(|_, code| age(code.made, now) < CODE_LIFE_SECONDS * 2);
        let code = format!("{CODE_PREFIX}{}", random());
        inner.codes.insert(code.clone(), Code { authorization, made: now, used: false });
        code
    }

    /// What a code stands for, unless it was used, is too old, or was never issued.
    pub(crate) fn look_at_code(
        &self,
        code: &str,
        now: Timestamp,
    ) -> Result<Authorization, EntraError> {
        match self.lock().codes.get(code) {
            None => Err(EntraError::invalid_grant(
                9_002_313,
                "Invalid request. Request is malformed or invalid: the code is unknown.",
            )),
            Some(code) if code.used => Err(already_redeemed()),
            Some(code) if age(code.made, now) >= CODE_LIFE_SECONDS => {
                Err(EntraError::invalid_grant(
                    70008,
                    "The provided authorization code or refresh token has expired due to \
                     inactivity. Send a new interactive authorization request for this user and \
                     resource.",
                ))
            }
            Some(code) => Ok(code.authorization.clone()),
        }
    }

    /// Uses a code up; of two requests at once only one succeeds.
    pub(crate) fn redeem(&self, code: &str) -> Result<(), EntraError> {
        match self.lock().codes.get_mut(code) {
            Some(code) if !code.used => {
                code.used = true;
                Ok(())
            }
            _ => Err(already_redeemed()),
        }
    }
}

fn already_redeemed() -> EntraError {
    let message = "OAuth2 Authorization code was already redeemed, please retry with a new valid \
                   code or use an existing refresh token.";
    EntraError::invalid_grant(54005, message)
}
