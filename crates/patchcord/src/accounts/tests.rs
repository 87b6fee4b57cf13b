//! What happens to an account from several sides at once: memory and store agree on the outcome.

use std::sync::Arc;

use jiff::Timestamp;
use patchcord_dynamics::{ConsentLost, StoredToken, TokenVault};
use patchcord_store::{KeySource, StoreConfig};
use serde_json::json;
use tempfile::TempDir;

use url::Url;

use super::*;

struct World {
    accounts: Arc<Accounts>,
    vault: Arc<StoreVault>,
    _folder: TempDir,
}

impl World {
    async fn open() -> Self {
        let folder = TempDir::new().unwrap();
        let config = StoreConfig { folder: folder.path().to_owned(), key: KeySource::File };
        let accounts = Accounts::open(Store::open(&config).await.unwrap()).await.unwrap();
        let directory = Arc::clone(&accounts.directory);
        let vault = Arc::new(StoreVault::new(accounts.store.clone(), directory));
        Self { accounts, vault, _folder: folder }
    }

    /// What a start on the same store would find.
    async fn stored(&self) -> Vec<serde_json::Value> {
        let stored = Directory::load(&self.accounts.store).await.unwrap();
        stored.all().iter().map(|entry| serde_json::to_value(entry.view(None)).unwrap()).collect()
    }
}

fn input(name: &str) -> AccountInput {
    let fields = json!({
        "name": name, "default": true, "client_id": "app", "client_secret": "secret",
        "authorization_url": "https://login.example/t/oauth2/v2.0/authorize",
        "token_url": "https://login.example/t/oauth2/v2.0/token",
        "api_url": "https://org.example/api/data/v9.2",
    });
    serde_json::from_value(fields).unwrap()
}

fn lost(reason: &str) -> ConsentLost {
    ConsentLost { cause: AccountCause::ConsentRevoked, reason: reason.into(), claims: None }
}

fn token() -> StoredToken {
    let obtained_at = Timestamp::now();
    StoredToken { refresh_token: "token".into(), obtained_at, scope: None }
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_and_state_that_change_at_once_are_the_same_in_memory_and_in_the_store() {
    let world = World::open().await;
    let id = world.accounts.create(input("one")).await.unwrap().settings.id;
    let mut tasks = Vec::new();
    for round in 0..20 {
        let (accounts, vault) = (Arc::clone(&world.accounts), Arc::clone(&world.vault));
        tasks.push(tokio::spawn(async move {
            match round % 4 {
                0 => vault.save(id, &token()).await.unwrap(),
                1 => vault.consent_lost(id, &lost(&format!("reason {round}"))).await.unwrap(),
                2 => drop(accounts.update(id, input(&format!("name {round}"))).await.unwrap()),
                _ => drop(accounts.create(input(&format!("other {round}"))).await.unwrap()),
            }
        }));
    }
    for task in tasks {
        task.await.unwrap();
    }
    let views = world.accounts.list().into_iter();
    let in_memory: Vec<_> = views.map(|view| serde_json::to_value(view).unwrap()).collect();
    assert_eq!(in_memory, world.stored().await);
    assert_eq!(in_memory.iter().filter(|view| view["default"] == true).count(), 1);
}

#[tokio::test]
async fn a_state_that_turned_meanwhile_survives_a_change_of_the_settings() {
    let world = World::open().await;
    let id = world.accounts.create(input("one")).await.unwrap().settings.id;
    let old = world.accounts.entry(id).unwrap();
    world.accounts.update(id, input("two")).await.unwrap();
    world.vault.save(id, &token()).await.unwrap();
    assert!(matches!(old.state(), AccountState::Valid { .. }), "who holds the old entry sees it");
    world.accounts.create(input("the new default")).await.unwrap();
    let view = world.accounts.get(id).unwrap();
    assert!(!view.settings.default && matches!(view.state, AccountState::Valid { .. }));
}

#[tokio::test]
async fn what_comes_for_an_account_that_was_removed_leaves_nothing_behind() {
    let world = World::open().await;
    let id = world.accounts.create(input("one")).await.unwrap().settings.id;
    world.accounts.delete(id).await.unwrap();
    world.vault.save(id, &token()).await.unwrap();
    world.vault.consent_lost(id, &lost("too late")).await.unwrap();
    assert!(world.vault.load(id).await.unwrap().is_none());
    let store = &world.accounts.store;
    assert!(store.get::<AccountState>(STATES, &id.to_string()).await.unwrap().is_none());
    assert!(store.secret(&owner(id), CLIENT_SECRET).await.unwrap().is_none());
}

#[tokio::test]
async fn another_app_or_organisation_asks_for_a_new_consent_and_drops_the_old_token() {
    let world = World::open().await;
    let id = world.accounts.create(input("one")).await.unwrap().settings.id;
    world.vault.save(id, &token()).await.unwrap();
    let same = AccountInput { api_url: url("https://org.example/api/data/v9.1"), ..input("one") };
    let view = world.accounts.update(id, same).await.unwrap();
    assert!(matches!(view.state, AccountState::Valid { .. }));
    let other =
        AccountInput { api_url: url("https://other.example/api/data/v9.1"), ..input("one") };
    let view = world.accounts.update(id, other).await.unwrap();
    assert!(matches!(view.state, AccountState::ConsentRequired { .. }));
    assert!(world.vault.load(id).await.unwrap().is_none());
}

fn url(text: &str) -> Url {
    Url::parse(text).unwrap()
}
