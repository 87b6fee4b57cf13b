//! What designers look up: the tables of an account's organisation, and what blocks will need to know of them.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use patchcord_dynamics::{DefinitionOptions, ErrorKind, Table, TableDetails};
use patchcord_runtime::ScreenPop;
use patchcord_scenario::{TableColumns, TableName};
use url::Url;
use uuid::Uuid;

use super::{AccountState, Accounts, Entry, not_found};
use crate::Error;

/// How long a designer waits for definitions.
const PATIENCE: Duration = Duration::from_secs(60);

impl Accounts {
    /// The tables of the organisation of `account`, an id or a name.
    pub(crate) async fn tables(
        &self,
        account: &str,
        options: &DefinitionOptions,
    ) -> Result<Vec<Table>, Error> {
        let entry = self.named(account)?;
        let client = self.client(&entry)?;
        Ok(client.tables(options, Instant::now() + PATIENCE).await?)
    }

    /// One table of the organisation of `account`, by its logical name or its entity set name.
    pub(crate) async fn table(
        &self,
        account: &str,
        table: &str,
        options: &DefinitionOptions,
    ) -> Result<TableDetails, Error> {
        let entry = self.named(account)?;
        let client = self.client(&entry)?;
        match client.table(table, options, Instant::now() + PATIENCE).await {
            Err(error) if error.kind == ErrorKind::NotFound => {
                Err(Error::NotFound { what: "table", name: table.to_owned() })
            }
            result => Ok(result?),
        }
    }

    /// The tables of an account, as far as they are known without asking.
    pub(crate) fn known_tables(&self, handle: &str) -> Option<Arc<[TableName]>> {
        let known = self.pool.peek(handle.parse().ok()?)?.known_tables()?.into_iter();
        let name =
            |table: Table| TableName { entity_set: table.entity_set, logical: table.logical_name };
        Some(known.map(name).collect())
    }

    /// The columns of a table of an account, as far as they are known without asking.
    pub(crate) fn known_columns(&self, handle: &str, table: &str) -> Option<Arc<TableColumns>> {
        let details = self.pool.peek(handle.parse().ok()?)?.known_table(table)?;
        let read = details.columns.iter().map(|column| column.read_name.clone()).collect();
        let written = details.columns.into_iter().map(|column| column.name).collect();
        Some(Arc::new(TableColumns { read, written }))
    }

    /// Has every account that can be used read, in the background, how the lookups of `tables` are bound.
    pub(crate) fn prepare(self: &Arc<Self>, tables: BTreeSet<String>) {
        if tables.is_empty() {
            return;
        }
        let this = Arc::clone(self);
        tokio::spawn(async move {
            for entry in this.directory.all() {
                if matches!(entry.state(), AccountState::Valid { .. }) {
                    this.prepare_account(&entry, &tables).await;
                }
            }
        });
    }

    async fn prepare_account(&self, entry: &Entry, tables: &BTreeSet<String>) {
        let Ok(client) = self.client(entry) else { return };
        for table in tables {
            // The first write asks again; until then this is nobody's failure.
            if let Err(error) = client.prepare(table, Instant::now() + PATIENCE).await {
                let kind = error.kind.name();
                tracing::debug!(account = %entry.settings.id, kind, "a table could not be prepared");
            }
        }
    }

    /// Where Dynamics 365 shows a record, where that is known in time.
    ///
    /// Which account a scenario used is not known here: there is an answer where all accounts that can be used lead to one
    /// organisation.
    pub(crate) async fn record_url(&self, record: &ScreenPop, deadline: Instant) -> Option<Url> {
        let usable = |entry: &Arc<Entry>| matches!(entry.state(), AccountState::Valid { .. });
        let entries: Vec<_> = self.directory.all().into_iter().filter(usable).collect();
        let entry = entries.first()?;
        let organisation = entry.settings.api_url.origin();
        if entries.iter().any(|other| other.settings.api_url.origin() != organisation) {
            return None;
        }
        let client = self.client(entry).ok()?;
        let table = client.logical_name(&record.entity_set, deadline).await.ok()?;
        page_of(&entry.settings.api_url, &table, &record.id)
    }

    /// The account of an id or a name.
    fn named(&self, account: &str) -> Result<Arc<Entry>, Error> {
        let missing = || Error::NotFound { what: "integration account", name: account.to_owned() };
        let by_id = Uuid::try_parse(account).ok();
        let id = by_id.or_else(|| self.directory.handle(account)?.parse().ok());
        let id = id.ok_or_else(missing)?;
        self.directory.get(id).ok_or_else(|| not_found(id))
    }
}

/// The address of a record in the app, which is the API's but for the label `api` ("Open apps, forms, views, dialogs, and
/// reports with a URL").
fn page_of(api: &Url, table: &str, id: &str) -> Option<Url> {
    let mut url = api.join("/main.aspx").ok()?;
    let host = url.host_str()?;
    if let Some((organisation, rest)) = host.split_once(".api.") {
        let app = format!("{organisation}.{rest}");
        url.set_host(Some(&app)).ok()?;
    }
    url.query_pairs_mut()
        .append_pair("pagetype", "entityrecord")
        .append_pair("etn", table)
        .append_pair("id", id);
    Some(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_is_shown_by_the_app_and_not_by_the_api() {
        for (api, page) in [
            (
                "https://contoso.api.crm4.dynamics.com/api/data/v9.2",
                "https://contoso.crm4.dynamics.com",
            ),
            ("https://contoso.crm.dynamics.com/api/data/v9.2/", "https://contoso.crm.dynamics.com"),
            ("http://127.0.0.1:8470/api/data/v9.2", "http://127.0.0.1:8470"),
        ] {
            let url = page_of(&Url::parse(api).unwrap(), "contact", "5531d753").unwrap();
            let expected =
                format!("{page}/main.aspx?pagetype=entityrecord&etn=contact&id=5531d753");
            assert_eq!(url.as_str(), expected);
        }
    }
}
