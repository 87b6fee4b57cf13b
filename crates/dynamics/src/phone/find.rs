//! Looking for a phone number: one request a table, in the order given, until one table knows it.
//!
//! The tables are asked one after the other and not in one batch: the first is the one that mostly knows the caller, and
//! a batch would make Dataverse search all of them each time.

use std::time::Instant;

use crate::client::{Answer, Client, Page, Query, ReadOptions};
use crate::error::{Error, excerpt};
use crate::resource_path::is_identifier;
use crate::sent::Sent;

use super::{PhoneNumber, notations};

/// A table in which to look for a phone number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PhoneSearch {
    /// Entity set name.
    pub entity_set: String,
    /// The columns that hold phone numbers.
    pub columns: Vec<String>,
    /// The columns to read; empty reads all.
    pub select: Vec<String>,
    /// Leave out records that are not active: `statecode` is not 0.
    pub active_only: bool,
}

/// What became of a search.
#[derive(Debug, Clone)]
pub enum PhoneMatch {
    /// There is no number in the text; Dynamics 365 was not asked.
    NoNumber,
    /// No record has it.
    Nobody,
    /// One record has it.
    One {
        /// Place of the search among those given.
        search: usize,
        /// The record.
        page: Page,
    },
    /// Several records of one table have it.
    Several {
        /// Place of the search among those given.
        search: usize,
        /// As many of them as were asked for.
        page: Page,
    },
}

impl Client {
    /// Looks for `number`, which is in any notation, in whatever notation the records have it. Reads `top` records at
    /// most; fewer than 2 could not tell one from several, and count as 2.
    ///
    /// # Errors
    /// Any [`crate::ErrorKind`] but `Conflict`.
    pub async fn find_by_phone(
        &self,
        number: &str,
        searches: &[PhoneSearch],
        top: u32,
        read: &ReadOptions,
        deadline: Instant,
    ) -> Result<Answer<PhoneMatch>, Error> {
        let region = self.settings().phone_region.as_deref();
        let mut nobody = Answer::fresh(PhoneMatch::NoNumber, 200, "".into(), &Sent::default());
        let Some(number) = PhoneNumber::parse(number, region) else { return Ok(nobody) };
        let notations = notations(&number);
        nobody.value = PhoneMatch::Nobody;
        for (place, search) in searches.iter().enumerate() {
            let options = search.options(&notations, top.max(2))?;
            let (table, query) = (search.entity_set.as_str(), Query::OData(&options));
            let answer = self.query(table, query, read, deadline).await.map_err(|error| {
                let requests = error.requests + nobody.requests;
                let spent = nobody.spent.clone().then(error.spent);
                Error { requests, spent, ..error }
            })?;
            let requests = answer.requests + nobody.requests;
            let spent = nobody.spent.then(answer.spent.clone());
            let answer = Answer { requests, spent, ..answer };
            if !answer.value.records.is_empty() {
                return Ok(answer.map(|page| found(place, page)));
            }
            nobody = answer.map(|_| PhoneMatch::Nobody);
        }
        Ok(nobody)
    }
}

fn found(search: usize, page: Page) -> PhoneMatch {
    match page.records.len() {
        1 if !page.more => PhoneMatch::One { search, page },
        _ => PhoneMatch::Several { search, page },
    }
}

impl PhoneSearch {
    /// The query, as plain text.
    fn options(&self, notations: &[String], top: u32) -> Result<String, Error> {
        if self.columns.is_empty() {
            let message = format!("no column of {} to look in for the number", self.entity_set);
            return Err(Error::invalid(message));
        }
        for column in self.columns.iter().chain(&self.select) {
            check_column(column)?;
        }
        // Notations hold no quote, whatever the caller's number was.
        let values: Vec<_> = notations.iter().map(|notation| format!("'{notation}'")).collect();
        let values = values.join(",");
        let among = |column: &String| {
            format!("Microsoft.Dynamics.CRM.In(PropertyName='{column}',PropertyValues=[{values}])")
        };
        let mut filter = self.columns.iter().map(among).collect::<Vec<_>>().join(" or ");
        if self.active_only {
            filter = format!("statecode eq 0 and ({filter})");
        }
        let mut options = format!("$filter={filter}&$top={top}");
        if !self.select.is_empty() {
            options.push_str(&format!("&$select={}", self.select.join(",")));
        }
        Ok(options)
    }
}

fn check_column(name: &str) -> Result<(), Error> {
    if is_identifier(name) {
        return Ok(());
    }
    let shown = excerpt(name);
    Err(Error::invalid(format!(
        "'{shown}' is no column; write its logical name, such as telephone1"
    )))
}
