//! The kinds of faults with their members, as the page explains them.

/// A kind as it is offered.
pub(super) struct Offered {
    pub(super) name: &'static str,
    pub(super) members: &'static str,
    pub(super) what: &'static str,
}

const fn offered(name: &'static str, members: &'static str, what: &'static str) -> Offered {
    Offered { name, members, what }
}

pub(super) const KINDS: [Offered; 18] = [
    offered(
        "status",
        "code, retry_after",
        "answers this status (400–599) with the service's error body",
    ),
    offered(
        "throttle",
        "limit (requests, execution-time, concurrent), retry_after",
        "answers the 429 of this limit; api",
    ),
    offered("latency", "ms, or min_ms and max_ms", "waits, then carries out"),
    offered("cut-before", "", "drops the connection, carries nothing out"),
    offered("cut-after", "", "carries out, then drops the connection"),
    offered(
        "cut-middle",
        "bytes",
        "carries out, sends so many bytes of the body, drops the connection",
    ),
    offered("slow-body", "bytes, interval_ms", "carries out, sends the body in pieces"),
    offered("garbage", "", "answers 200 with a body that is not JSON"),
    offered("empty-body", "", "carries out, answers without the body"),
    offered("wrong-content-type", "content_type", "carries out, says the answer is of this type"),
    offered("redirect", "location, code (302, 307)", "sends the client elsewhere"),
    offered("oversized", "bytes", "carries out, fills the body up with spaces"),
    offered("expired-token", "", "answers 401, the token has expired; api"),
    offered("claims-challenge", "claims", "answers 401 insufficient_claims; api"),
    offered("revoked-refresh-token", "", "answers AADSTS50173 to a refresh token; token"),
    offered(
        "entra-error",
        "code, error, suberror, claims, message",
        "answers this AADSTS number; token, authorize",
    ),
    offered("dataverse-error", "code, message, status", "answers this Dataverse code; api"),
    offered("clock-skew", "seconds", "from then on Entra ID's clock is wrong by so much"),
];

pub(super) fn names() -> String {
    KINDS.map(|kind| kind.name).join(", ")
}
