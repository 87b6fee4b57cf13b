//! What Entra ID says with an AADSTS number, for the numbers that clients have to tell apart.
//!
//! Names and numbers follow "Microsoft Entra authentication and authorization error codes" and
//! "Handling errors in MSAL" for the sub-errors. Another number is an `invalid_grant`, which is what
//! most are, unless the fault says otherwise.

pub(super) struct Known {
    pub(super) code: u32,
    pub(super) error: &'static str,
    pub(super) suberror: Option<&'static str>,
    pub(super) message: &'static str,
}

const fn grant(code: u32, message: &'static str) -> Known {
    Known { code, error: "invalid_grant", suberror: None, message }
}

const fn other(code: u32, error: &'static str, message: &'static str) -> Known {
    Known { code, error, suberror: None, message }
}

const fn interaction(code: u32, suberror: &'static str, message: &'static str) -> Known {
    Known { code, error: "invalid_grant", suberror: Some(suberror), message }
}

const KNOWN: [Known; 24] = [
    grant(50057, "The user account is disabled."),
    interaction(50076, "basic_action", "The user must use multi-factor authentication."),
    interaction(50079, "basic_action", "The user must enroll for multi-factor authentication."),
    interaction(50074, "basic_action", "Strong authentication is required."),
    interaction(50078, "basic_action", "The multi-factor authentication has expired."),
    grant(50173, "The provided grant has expired due to it being revoked."),
    grant(50196, "The server ended the operation because it met a client request loop."),
    interaction(53000, "message_only", "The device is not in the required state."),
    interaction(53003, "message_only", "Access has been blocked by Conditional Access policies."),
    grant(54005, "The authorization code was already redeemed."),
    interaction(65001, "consent_required", "The user or administrator has not consented."),
    grant(70008, "The authorization code or refresh token has expired."),
    interaction(70043, "bad_token", "The refresh token has expired by sign-in frequency checks."),
    grant(700_082, "The refresh token has expired due to inactivity."),
    grant(700_084, "The refresh token was issued to a single page app and has expired."),
    other(65004, "access_denied", "The user declined to consent to access the app."),
    other(90094, "access_denied", "Administrator consent is required."),
    other(90002, "invalid_request", "The tenant was not found."),
    other(90033, "temporarily_unavailable", "A transient error has occurred. Please try again."),
    other(700_016, "unauthorized_client", "The application was not found in the directory."),
    other(700_027, "invalid_client", "The client assertion failed signature validation."),
    other(7_000_215, "invalid_client", "Invalid client secret provided."),
    other(7_000_218, "invalid_client", "A client secret or client assertion is needed."),
    other(7_000_222, "invalid_client", "The provided client secret keys are expired."),
];

pub(super) fn known(code: u32) -> Known {
    let found = KNOWN.into_iter().find(|known| known.code == code);
    found.unwrap_or(grant(code, "A fault on demand."))
}

/// The HTTP status that goes with an OAuth 2.0 `error`.
pub(super) fn status(error: &str) -> u16 {
    match error {
        "invalid_client" => 401,
        "temporarily_unavailable" => 503,
        "server_error" => 500,
        _ => 400,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_their_errors() {
        let error = |code| (known(code).error, status(known(code).error));
        assert_eq!(error(50076), ("invalid_grant", 400));
        assert_eq!(error(7_000_215), ("invalid_client", 401));
        assert_eq!(error(90033), ("temporarily_unavailable", 503));
        assert_eq!(error(1), ("invalid_grant", 400));
        assert_eq!(known(65001).suberror, Some("consent_required"));
    }
}
