//! Keeps an account that is in use ready for the next call: a token that is good, and connections that are open.
//!
//! One task for each client, which ends with it. For an account that nobody has used for an hour it does one thing
//! only: it uses the refresh token long before Entra ID would let it expire for lack of use.

use std::sync::{Arc, Weak};
use std::time::Duration;

use jiff::Timestamp;
use tokio::time::{Instant, timeout_at};

use crate::client::Client;
use crate::error::ErrorKind;
use crate::token_source::TokenSource;

/// How long Dynamics 365 may take to answer the keeper.
const PATIENCE: Duration = Duration::from_secs(10);
const HOUR: Duration = Duration::from_secs(60 * 60);

/// How accounts are kept ready. The same for all accounts of a pool.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keeping {
    /// An account that was used within this time is kept ready; one hour by default.
    pub in_use_for: Duration,
    /// An idle connection is used again after this time; one minute by default. Servers and firewalls close those idle
    /// for some minutes, the pool of connections those idle for 90 seconds.
    pub warm_after: Duration,
    /// After something failed, it is not tried again sooner; one minute by default.
    pub pause: Duration,
    /// No two rounds follow each other faster, however short tokens live; ten seconds by default.
    pub shortest_round: Duration,
    /// How often the age of an unused account's refresh token is looked at; once a day by default.
    pub upkeep_every: Duration,
    /// A refresh token older than this is used even if nobody calls; 30 days by default. Entra ID lets one expire that
    /// is not used for 90 days ("Refresh tokens in the Microsoft identity platform"): two months remain to mend what
    /// stands in the way.
    pub upkeep_age: Duration,
}

impl Default for Keeping {
    fn default() -> Self {
        Self {
            in_use_for: HOUR,
            warm_after: Duration::from_secs(60),
            pause: Duration::from_secs(60),
            shortest_round: Duration::from_secs(10),
            upkeep_every: 24 * HOUR,
            upkeep_age: 30 * 24 * HOUR,
        }
    }
}

impl Client {
    /// Counts as use: the client fetches its token and opens its connections now, and keeps them ready for an hour.
    pub fn activate(&self) {
        self.tokens().usage.begin();
    }

    /// When the access token in use expires; none where there is none.
    pub fn access_token_expires(&self) -> Option<Timestamp> {
        self.tokens().expires()
    }
}

impl Keeping {
    /// Begins to keep `client` ready. Needs a Tokio runtime.
    pub(crate) fn begin(self, client: &Arc<Client>) {
        let wake = Arc::clone(&client.tokens().usage.wake);
        let client = Arc::downgrade(client);
        tokio::spawn(async move {
            while let Some(next) = self.round(&client).await {
                // Woken or not: what is due is found out anew.
                drop(timeout_at(next, wake.notified()).await);
            }
        });
    }

    /// Does what is due, and says when to look again; none when the client is gone.
    async fn round(&self, client: &Weak<Client>) -> Option<Instant> {
        let client = client.upgrade()?;
        let now = Instant::now();
        if client.tokens().usage.in_use(now) {
            Some(self.keep_ready(&client).await.max(now + self.shortest_round))
        } else {
            Some(self.keep_alive(client.tokens()).await)
        }
    }

    async fn keep_ready(&self, client: &Client) -> Instant {
        let tokens = client.tokens();
        let renewal = match tokens.renew_if_due(self.shortest_round).await {
            Ok(renew_at) => renew_at,
            // Only a person can help, and what that person does makes another client or wakes this task.
            Err(error) if error.kind == ErrorKind::ConsentRequired => {
                return Instant::now() + self.in_use_for;
            }
            Err(_) => return Instant::now() + self.pause,
        };
        let warm_at = tokens.usage.last_traffic().map(|last| last + self.warm_after);
        if let Some(warm_at) = warm_at.filter(|at| *at > Instant::now()) {
            return renewal.min(warm_at);
        }
        let keeping = tokens.usage.keeping();
        if let Err(error) = client.who_am_i((Instant::now() + PATIENCE).into_std()).await {
            tracing::debug!(%error, "the connection of an account could not be kept warm");
        }
        drop(keeping);
        renewal.min(Instant::now() + self.warm_after)
    }

    async fn keep_alive(&self, tokens: &Arc<TokenSource>) -> Instant {
        let oldest = Timestamp::now().saturating_sub(self.upkeep_age).unwrap_or(Timestamp::MIN);
        if let Some(obtained) = tokens.refresh_token_obtained().await
            && obtained < oldest
            && let Err(error) = tokens.renew_now().await
        {
            tracing::warn!(%error, "the refresh token of an unused account could not be renewed");
        }
        Instant::now() + self.upkeep_every
    }
}
