//! What the tables of an organisation are made of, for designers and for lookups that are to be bound.
//!
//! Read from `EntityDefinitions` ("Query table definitions using the Web API") and remembered: definitions change
//! when somebody customises the organisation, not while a caller waits. Whoever designs gets what is at most an hour
//! old, or new on request; a write takes what is there and has it renewed behind its back.

mod fetch;
mod label;
mod lookups;
mod remembered;
mod tables;

use std::sync::Arc;
use std::time::Instant;

use futures::FutureExt;

use crate::client::Client;
use crate::error::{Error, ErrorKind, excerpt};
use crate::sent::Sent;

pub(crate) use lookups::Lookups;
use remembered::{Remembered, Want};
pub use tables::{Choice, Column, DefinitionOptions, Table, TableDetails, TableKey};

/// Tables whose columns, or lookups, are remembered at once.
const MOST_TABLES: u64 = 256;

/// What a client knows of its organisation's tables.
pub(crate) struct Definitions {
    tables: Remembered<(), Arc<[tables::Described]>>,
    details: Remembered<String, Arc<tables::Detailed>>,
    lookups: Remembered<String, Arc<Lookups>>,
}

impl Default for Definitions {
    fn default() -> Self {
        Self {
            tables: Remembered::new(1),
            details: Remembered::new(MOST_TABLES),
            lookups: Remembered::new(MOST_TABLES),
        }
    }
}

impl Client {
    /// The tables that the account's policy allows, by label.
    ///
    /// # Errors
    /// `ConsentRequired`, `Forbidden`, `Throttled`, `Timeout`, `Unavailable`.
    pub async fn tables(
        &self,
        options: &DefinitionOptions,
        deadline: Instant,
    ) -> Result<Vec<Table>, Error> {
        let all = self.described(options.want(), &Sent::default(), deadline).await?;
        let allowed = all.iter().filter(|table| self.may_see(&table.entity_set));
        let mut tables: Vec<_> = allowed.map(|table| table.in_language(options.language)).collect();
        tables.sort_by_key(|table| (table.label.to_lowercase(), table.logical_name.clone()));
        Ok(tables)
    }

    /// The columns, choices and alternate keys of the table whose logical name or entity set name is `name`.
    ///
    /// # Errors
    /// Those of [`Self::tables`]; `NotFound`, `PolicyDenied`.
    pub async fn table(
        &self,
        name: &str,
        options: &DefinitionOptions,
        deadline: Instant,
    ) -> Result<TableDetails, Error> {
        let all = self.described(options.want(), &Sent::default(), deadline).await?;
        let named =
            |table: &&tables::Described| table.logical_name == name || table.entity_set == name;
        let table = all.iter().find(named).ok_or_else(|| no_table(name))?;
        if !self.may_see(&table.entity_set) {
            return Err(Error::local(
                ErrorKind::PolicyDenied,
                format!("the account's policy does not allow the table {}", table.entity_set),
            ));
        }
        let (core, own) = (Arc::clone(&self.core), table.clone());
        let fetch = |sent: Sent, until| {
            async move { fetch::details(&core, own, &sent, until).await }.boxed()
        };
        let (key, sent) = (table.logical_name.clone(), Sent::default());
        let known = &self.definitions.details;
        let details = known.get(key, options.want(), &sent, deadline, fetch).await?;
        Ok(details.in_language(options.language))
    }

    /// The tables that the account's policy allows, as far as they are known without asking.
    pub fn known_tables(&self) -> Option<Vec<Table>> {
        let all = self.definitions.tables.peek(&())?;
        let allowed = all.iter().filter(|table| self.may_see(&table.entity_set));
        Some(allowed.map(|table| table.in_language(None)).collect())
    }

    /// What is known of the table with this entity set name without asking, however old.
    pub fn known_table(&self, entity_set: &str) -> Option<TableDetails> {
        let all = self.definitions.tables.peek(&())?;
        let table = all.iter().find(|table| table.entity_set == entity_set)?;
        let details = self.definitions.details.peek(&table.logical_name)?;
        self.may_see(entity_set).then(|| details.in_language(None))
    }

    /// Reads what the lookups of a table must be bound by, so that no write waits for it.
    ///
    /// # Errors
    /// Those of [`Self::tables`]; `NotFound` where there is no such table.
    pub async fn prepare(&self, entity_set: &str, deadline: Instant) -> Result<(), Error> {
        self.lookups(entity_set, &Sent::default(), deadline).await.map(drop)
    }

    /// The logical name of the table whose entity set name is `entity_set`, from definitions however old.
    ///
    /// # Errors
    /// Those of [`Self::tables`]; `NotFound`.
    pub async fn logical_name(&self, entity_set: &str, deadline: Instant) -> Result<String, Error> {
        let tables = self.described(Want::Any, &Sent::default(), deadline).await?;
        let table = tables.iter().find(|table| table.entity_set == entity_set);
        Ok(table.ok_or_else(|| no_table(entity_set))?.logical_name.clone())
    }

    /// How the lookups of a table are bound.
    pub(crate) async fn lookups(
        &self,
        entity_set: &str,
        sent: &Sent,
        deadline: Instant,
    ) -> Result<Arc<Lookups>, Error> {
        let mut tables = self.described(Want::Any, sent, deadline).await?;
        let named = |table: &&tables::Described| table.entity_set == entity_set;
        if !tables.iter().any(|table| named(&table)) {
            // Somebody may have added it since.
            tables = self.described(Want::Recent, sent, deadline).await?;
        }
        let table = tables.iter().find(named);
        let logical_name = table.ok_or_else(|| no_table(entity_set))?.logical_name.clone();
        let (core, name) = (Arc::clone(&self.core), logical_name.clone());
        let fetch = |sent: Sent, until| {
            async move { fetch::lookups(&core, &name, &tables, &sent, until).await }.boxed()
        };
        self.definitions.lookups.get(logical_name, Want::Any, sent, deadline, fetch).await
    }

    async fn described(
        &self,
        want: Want,
        sent: &Sent,
        deadline: Instant,
    ) -> Result<Arc<[tables::Described]>, Error> {
        let core = Arc::clone(&self.core);
        let fetch =
            |sent: Sent, until| async move { fetch::tables(&core, &sent, until).await }.boxed();
        self.definitions.tables.get((), want, sent, deadline, fetch).await
    }

    fn may_see(&self, entity_set: &str) -> bool {
        let tables = &self.settings().policy.tables;
        tables.as_ref().is_none_or(|tables| tables.iter().any(|table| table == entity_set))
    }
}

fn no_table(name: &str) -> Error {
    let shown = excerpt(name);
    Error::local(
        ErrorKind::NotFound,
        format!(
            "Dynamics 365 has no table '{shown}' that the consenting user can see; `patchcord account tables` lists them"
        ),
    )
}
