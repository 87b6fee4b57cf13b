//! A sign-in that came to nothing, with how long to wait where that helps.

use std::time::Duration;

use http::StatusCode;
use patchcord::SignInError;

use super::Problem;

impl From<SignInError> for Problem {
    fn from(error: SignInError) -> Self {
        let detail = error.to_string();
        let (status, title) = (StatusCode::TOO_MANY_REQUESTS, "Wait before you try again");
        match error {
            SignInError::Wrong => {
                let title = "The sign-in was refused";
                Self::new(StatusCode::UNAUTHORIZED, "wrong-password", title, detail)
            }
            SignInError::Wait(wait) => {
                // A whole second more than what is left of one.
                let retry_after = Some(wait + Duration::from_secs(1));
                Self { retry_after, ..Self::new(status, "too-many-tries", title, detail) }
            }
            SignInError::Busy(wait) => {
                Self { retry_after: Some(wait), ..Self::new(status, "busy", title, detail) }
            }
            SignInError::Other(error) => error.into(),
        }
    }
}
