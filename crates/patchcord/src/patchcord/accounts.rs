//! Integration accounts: their settings, their consent, and what Dynamics 365 holds for them.

use std::sync::Arc;

use patchcord_dynamics::{ConsentFor, DefinitionOptions, Table, TableDetails};
use patchcord_runtime::Crm;
use secrecy::SecretString;
use url::Url;
use uuid::Uuid;

use super::{Patchcord, whole};
use crate::Error;
use crate::accounts::{AccountInput, AccountView, ConsentAsker, ConsentLink, EndedConsent};

impl Patchcord {
    /// Every integration account, by name.
    pub fn accounts(&self) -> Vec<AccountView> {
        self.accounts.list()
    }

    /// One integration account.
    ///
    /// # Errors
    /// There is no such account.
    pub fn account(&self, id: Uuid) -> Result<AccountView, Error> {
        self.accounts.get(id)
    }

    /// Makes an integration account.
    ///
    /// # Errors
    /// Wrong fields, a name that is taken, or the store failed; nothing is stored then.
    pub async fn create_account(&self, input: AccountInput) -> Result<AccountView, Error> {
        let accounts = Arc::clone(&self.accounts);
        self.change(async move { accounts.create(input).await }).await
    }

    /// Changes an integration account. A client secret that is not given stays.
    ///
    /// # Errors
    /// As [`Patchcord::create_account`]; there is no such account.
    pub async fn update_account(
        &self,
        id: Uuid,
        input: AccountInput,
    ) -> Result<AccountView, Error> {
        let accounts = Arc::clone(&self.accounts);
        self.change(async move { accounts.update(id, input).await }).await
    }

    /// Removes an integration account with its secrets.
    ///
    /// # Errors
    /// There is no such account, or the store failed.
    pub async fn delete_account(&self, id: Uuid) -> Result<(), Error> {
        let accounts = Arc::clone(&self.accounts);
        self.change(async move { accounts.delete(id).await }).await
    }

    /// Request token, first half: where to send the administrator to sign in. Where it is begun in a browser, which keeps a
    /// secret, only that one can end it.
    ///
    /// # Errors
    /// There is no such account, or it has no client secret.
    pub fn begin_consent(
        &self,
        account: Uuid,
        redirect_uri: &Url,
        consent_for: ConsentFor,
        asker: ConsentAsker,
    ) -> Result<ConsentLink, Error> {
        self.accounts.begin_consent(account, redirect_uri, consent_for, asker)
    }

    /// Request token, second half: what came back with `state`, a code or the sentence with which it was refused. The
    /// account is valid only after Dynamics 365 has said who consented.
    ///
    /// # Errors
    /// The sign-in is not known. Of one that is known, what came of it is in the answer: that it was refused, too, or that
    /// its code or token is worth nothing.
    pub async fn finish_consent(
        &self,
        state: &str,
        answer: Result<String, String>,
        browser: Option<SecretString>,
    ) -> Result<EndedConsent, Error> {
        let (accounts, state) = (Arc::clone(&self.accounts), state.to_owned());
        whole(async move { accounts.finish_consent(&state, answer, browser.as_ref()).await }).await
    }

    /// Test connection: asks Dynamics 365 who the account's user is.
    ///
    /// # Errors
    /// What stands in the way.
    pub async fn test_account(&self, id: Uuid) -> Result<AccountView, Error> {
        let accounts = Arc::clone(&self.accounts);
        whole(async move { accounts.test(id).await }).await
    }

    /// The tables that designers may use with an account, which is given by id or name.
    ///
    /// # Errors
    /// There is no such account, or Dynamics 365 did not tell.
    pub async fn account_tables(
        &self,
        account: &str,
        options: &DefinitionOptions,
    ) -> Result<Vec<Table>, Error> {
        self.accounts.tables(account, options).await
    }

    /// The columns, choices and keys of one of them, by its logical name or entity set name.
    ///
    /// # Errors
    /// There is no such account or table, or Dynamics 365 did not tell.
    pub async fn account_table(
        &self,
        account: &str,
        table: &str,
        options: &DefinitionOptions,
    ) -> Result<TableDetails, Error> {
        self.accounts.table(account, table, options).await
    }

    /// The account of that name as a block sees it, the default one where none is named; for whoever runs a block that
    /// is not installed. A call fails where there is no such account, or none that can be used.
    pub fn crm(&self, account: Option<&str>) -> Arc<dyn Crm> {
        let directory = self.accounts.directory();
        let handle = match account {
            Some(name) => directory.handle(name),
            None => directory.default_handle(),
        };
        self.accounts.crm(handle.as_deref())
    }
}
