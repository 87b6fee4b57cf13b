//! The operations of the Web API on one account.
//!
//! Records pass through as the bytes that Dataverse sent. What is a record, a column or a filter is Dataverse's to
//! judge; what is refused here is only what could not be sent as meant.

mod answer;
mod binding;
mod columns;
mod core;
mod definitions;
mod fetch_xml;
mod flights;
mod links;
mod list;
mod messages;
mod options;
mod read;
mod reads;
mod record_key;
mod retrieve;
mod write;

use std::fmt;
use std::sync::Arc;
use std::time::Instant;

use http::Method;
use jiff::{SignedDuration, Timestamp};

use crate::account::AccountSettings;
use crate::error::Error;
use crate::exchange::{Call, Exchange};
use crate::gate::Fullness;
use crate::limits::HeadRoom;
use crate::rehearsal::ShowRequest;
use crate::token_source::TokenSource;

pub use answer::{Answer, Page, Upserted, WhoAmI, Written};
use core::{Core, unreadable};
use definitions::Definitions;
pub use definitions::{Choice, Column, DefinitionOptions, Table, TableDetails, TableKey};
pub use options::{Query, ReadOptions, WriteOptions};
use reads::{Forgetting, Reads};
pub use record_key::{AlternateKey, RecordKey};

/// The client of one integration account. Cheap to use from many tasks at once; made by [`crate::Pool`].
pub struct Client {
    core: Arc<Core>,
    reads: Arc<Reads>,
    definitions: Arc<Definitions>,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("settings", &self.core.settings).finish_non_exhaustive()
    }
}

impl Client {
    pub(crate) fn new(settings: AccountSettings, exchange: Exchange) -> Self {
        Self {
            core: Arc::new(Core::new(settings, exchange)),
            reads: Arc::default(),
            definitions: Arc::default(),
        }
    }

    /// The same client, of which nothing is sent that writes: the request is shown to `show`, and answered as Dataverse
    /// would where it went well. Reads are made, and answered from the same memory; a write that is not sent makes none
    /// of that stale.
    #[must_use]
    pub fn rehearsing(&self, show: ShowRequest) -> Self {
        Self {
            core: Arc::new(self.core.rehearsing(show)),
            reads: Arc::clone(&self.reads),
            definitions: Arc::clone(&self.definitions),
        }
    }

    /// Has what was read of `table` forgotten once a write has ended.
    fn forgetting<'a>(&'a self, table: &'a str) -> Option<Forgetting<'a>> {
        (!self.core.rehearses()).then(|| self.reads.forget_after(table))
    }

    /// The settings that this client works with.
    pub fn settings(&self) -> &AccountSettings {
        &self.core.settings
    }

    /// How much more the account may ask; answers of `429` are counted from `since` on.
    pub fn head_room(&self, since: Timestamp) -> HeadRoom {
        let Exchange { gate, limits, .. } = &*self.core.exchange;
        let [requests, execution_seconds, recommended_parallel] = limits.left();
        let Fullness { in_use, places, open, waiting, wait } = gate.fullness();
        let wait = wait.and_then(|wait| SignedDuration::try_from(wait).ok());
        HeadRoom {
            requests,
            execution_seconds,
            recommended_parallel,
            in_use,
            allowed: places,
            open,
            waiting,
            wait_until: wait.and_then(|wait| Timestamp::now().checked_add(wait).ok()),
            throttled: limits.throttled(since),
        }
    }

    pub(crate) fn tokens(&self) -> &Arc<TokenSource> {
        &self.core.exchange.tokens
    }

    /// Reads what is no business of the account's policy.
    pub(crate) async fn read_text(
        &self,
        operation: &'static str,
        path: &str,
        query: &str,
        deadline: Instant,
    ) -> Result<Arc<str>, Error> {
        let call = Call::new(operation, Method::GET, self.core.address(path, query));
        self.core.perform(&call, deadline).await.map(|received| received.answer.body)
    }

    /// Asks who is calling: the proof that account, consent and connection work. No policy forbids it.
    ///
    /// # Errors
    /// `ConsentRequired`, `Forbidden`, `Throttled`, `Timeout`, `Unavailable`.
    pub async fn who_am_i(&self, deadline: Instant) -> Result<Answer<WhoAmI>, Error> {
        let call = Call::new("who-am-i", Method::GET, self.core.address("WhoAmI", ""));
        let received = self.core.perform(&call, deadline).await?;
        received.answer.try_map(|(), body| {
            serde_json::from_str(body).map_err(|_| unreadable("the answer of WhoAmI"))
        })
    }
}
