//! The Dynamics client with an account of its own to which a user has consented, and no server around it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use patchcord::dynamics::{
    AccountSettings, Client, ClientCredential, ConsentFor, Pool, begin_consent, finish_consent,
};
use patchcord_emulator::{Emulator, Visitor};
use secrecy::SecretString;
use serde_json::json;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use url::Url;
use uuid::Uuid;

use crate::vault::MemoryVault;

/// Longer than a consent takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);

/// A client that can be used at once.
pub struct Consented {
    /// The client under test.
    pub client: Arc<Client>,
    /// Where its refresh token is.
    pub vault: Arc<MemoryVault>,
    /// Of which it is; it keeps the client's tokens fresh.
    pub pool: Pool,
}

impl Consented {
    /// Consents on the pages of the account's provider, as `visitor`.
    ///
    /// # Errors
    /// The consent failed.
    pub async fn new(
        settings: AccountSettings,
        credential: &ClientCredential,
        visitor: &Visitor,
    ) -> Result<Self> {
        let vault = MemoryVault::new();
        let pool = Pool::new(Arc::clone(&vault) as _);
        let client = pool.client(&settings, credential)?;
        let (redirect_uri, _page) = callback_page().await?;
        let pending = begin_consent(&settings, &redirect_uri, ConsentFor::User);
        let page = visitor.visit(&pending.authorize_url).await?;
        let answer = |name: &str| {
            page.url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
        };
        let code = answer("code").with_context(|| format!("no code came back: {}", page.text))?;
        ensure!(answer("state").as_deref() == Some(pending.state.as_str()), "the state is another");
        let deadline = Instant::now() + PATIENCE;
        finish_consent(&client, pending, SecretString::from(code), deadline).await?;
        Ok(Self { client, vault, pool })
    }

    /// With the app and the user of `emulator`, its Web API asked at `api_url`.
    ///
    /// # Errors
    /// The settings do not pass the checks, or the consent failed.
    pub async fn at_emulator(emulator: &Emulator, api_url: &Url) -> Result<Self> {
        let setup = emulator.setup();
        let settings: AccountSettings = serde_json::from_value(json!({
            "id": Uuid::new_v4(), "name": "The emulator", "client_id": setup.client_id,
            "authorization_url": setup.authorization_url, "token_url": setup.token_url,
            "api_url": api_url,
        }))?;
        let faults = settings.check().err().unwrap_or_default();
        ensure!(faults.is_empty(), "{faults:?}");
        let credential = ClientCredential::Secret(SecretString::from(setup.client_secret.as_str()));
        Self::new(settings, &credential, &Visitor::new(&setup.user, &setup.password)?).await
    }
}

/// A page to come back to: its address is what matters. It is gone when the guard is.
async fn callback_page() -> Result<(Url, AbortOnDrop)> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let page = axum::Router::new().fallback(|| async { "You can close this window." });
    let serving = tokio::spawn(async move {
        axum::serve(listener, page).await.ok();
    });
    let redirect_uri = format!("http://{address}/admin/msdynamicscallback.html");
    Ok((Url::parse(&redirect_uri)?, AbortOnDrop(serving)))
}

struct AbortOnDrop(JoinHandle<()>);

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        self.0.abort();
    }
}
