//! What happens without a call: tokens renewed ahead, connections kept open, and nothing for accounts that nobody uses
//! but one refresh before their consent would expire.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::kit::{FarSide, MemoryVault, far_side, json, rotate, soon, status};
use patchcord_dynamics::{Client, Keeping};

const WHO_AM_I: &str = r#"{"BusinessUnitId":"00000000-0000-0000-0000-000000000001",
    "UserId":"00000000-0000-0000-0000-000000000002","OrganizationId":"00000000-0000-0000-0000-000000000003"}"#;

fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

/// All that takes minutes takes milliseconds.
fn brisk() -> Keeping {
    Keeping {
        in_use_for: Duration::from_secs(60),
        warm_after: ms(60),
        pause: ms(50),
        shortest_round: ms(20),
        upkeep_every: ms(30),
        upkeep_age: Duration::from_secs(24 * 60 * 60),
    }
}

async fn until(what: &str, happened: impl Fn() -> bool) {
    let patience = Instant::now() + Duration::from_secs(20);
    while !happened() {
        assert!(Instant::now() < patience, "it has not happened that {what}");
        tokio::time::sleep(ms(10)).await;
    }
}

fn warmings(far: &FarSide) -> usize {
    far.calls().iter().filter(|seen| seen.path.ends_with("/WhoAmI")).count()
}

fn short_lived() -> crate::kit::Builder {
    far_side().api(|_| json(200, WHO_AM_I)).tokens(|seen| {
        let number = seen.number;
        json(200, &format!(r#"{{"token_type":"Bearer","expires_in":1,"access_token":"a{number}","refresh_token":"r{number}"}}"#))
    })
}

#[tokio::test]
async fn an_account_that_is_activated_has_token_and_connection_before_anybody_calls() {
    let far = far_side().api(|_| json(200, WHO_AM_I)).keeping(brisk()).start().await;
    let client = far.client();
    assert!(client.access_token_expires().is_none());
    client.activate();
    until("a connection is warm", || warmings(&far) == 1).await;
    assert!(client.access_token_expires().unwrap() > jiff::Timestamp::now());
    assert_eq!(far.token_requests().len(), 1);
    until("it is kept warm", || warmings(&far) > 2).await;
    assert_eq!(far.token_requests().len(), 1);
}

#[tokio::test]
async fn an_account_in_use_is_renewed_without_a_call_and_each_token_is_used_once() {
    let far = short_lived().keeping(brisk()).start().await;
    let client = far.client();
    client.who_am_i(soon()).await.unwrap();
    until("three tokens have been renewed", || far.token_requests().len() > 3).await;
    let sent: Vec<String> = far.token_requests()[1..4]
        .iter()
        .map(|seen| seen.form()["refresh_token"].clone())
        .collect();
    assert_eq!(sent, ["r1", "r2", "r3"]);
    drop(client);
}

#[tokio::test]
async fn an_account_that_nobody_uses_any_more_is_left_alone() {
    let keeping = Keeping { in_use_for: ms(150), ..brisk() };
    let far = far_side().api(|_| json(200, WHO_AM_I)).keeping(keeping).start().await;
    far.client().who_am_i(soon()).await.unwrap();
    tokio::time::sleep(ms(600)).await;
    let then = (far.token_requests().len(), far.calls().len());
    assert!(then.1 > 1, "it was kept warm at first");
    tokio::time::sleep(ms(400)).await;
    assert_eq!((far.token_requests().len(), far.calls().len()), then);
    far.client().who_am_i(soon()).await.unwrap();
    until("it is kept warm again", || far.calls().len() > then.1 + 1).await;
}

#[tokio::test]
async fn an_old_refresh_token_is_used_once_though_nobody_calls() {
    let vault = MemoryVault::with_token_of(jiff::Timestamp::UNIX_EPOCH, crate::kit::REFRESH);
    let far =
        far_side().vault(vault).tokens(|_| rotate("a", "fresh")).keeping(brisk()).start().await;
    let client = far.client();
    until("the token is renewed", || far.vault.saved() == ["fresh"]).await;
    tokio::time::sleep(ms(200)).await;
    assert_eq!(far.token_requests().len(), 1);
    assert!(far.calls().is_empty());
    drop(client);
}

#[tokio::test]
async fn without_a_consent_nobody_is_asked() {
    let far = far_side().vault(MemoryVault::default()).keeping(brisk()).start().await;
    let client = far.client();
    client.activate();
    tokio::time::sleep(ms(300)).await;
    assert!(far.token_requests().is_empty() && far.calls().is_empty());
}

#[tokio::test]
async fn a_refusal_is_not_repeated_by_the_keeper() {
    let refused = |_: &crate::kit::Seen| crate::kit::entra_error("invalid_grant", 700_082);
    let far = far_side().tokens(refused).keeping(brisk()).start().await;
    far.client().activate();
    until("the loss is noted", || !far.vault.lost().is_empty()).await;
    tokio::time::sleep(ms(300)).await;
    assert_eq!(far.token_requests().len(), 1);
}

#[tokio::test]
async fn the_keeper_goes_with_its_client() {
    let far = far_side().api(|_| status(500)).keeping(brisk()).start().await;
    let client: Arc<Client> = far.client();
    client.activate();
    until("a token is there", || client.access_token_expires().is_some()).await;
    let gone = Arc::downgrade(&client);
    far.pool.remove(far.settings().id);
    drop(client);
    until("nothing holds the client", || gone.strong_count() == 0).await;
    let then = far.calls().len();
    tokio::time::sleep(ms(300)).await;
    assert_eq!(far.calls().len(), then);
}
