//! Patchcord with an account at the far side, ready for a call.

use std::path::Path;

use anyhow::{Context, Result};
use patchcord::dynamics::ConsentFor;
use patchcord::{AccountInput, BlockSettings, Config, ConsentAsker, Patchcord};
use serde_json::json;
use url::Url;
use uuid::Uuid;

use crate::FarSide;

/// Opens `data` with an account at the far side, to which its user has consented.
///
/// # Errors
/// What Patchcord or the far side would not do.
pub async fn consented(far: &FarSide, data: &Path, blocks: BlockSettings) -> Result<Patchcord> {
    let patchcord = Patchcord::open(Config { blocks, ..Config::new(data) }).await?;
    let input: AccountInput = serde_json::from_value(json!({
        "name": "Far side", "default": true, "client_id": Uuid::from_u128(7), "client_secret": "secret",
        "authorization_url": far.authorization_url(), "token_url": far.token_url(),
        "api_url": far.api_url(),
    }))?;
    let account = patchcord.create_account(input).await?.settings.id;
    let back = Url::parse("http://127.0.0.1/admin/msdynamicscallback.html")?;
    let link =
        patchcord.begin_consent(account, &back, ConsentFor::User, ConsentAsker::default())?;
    let mut asked = link.authorize_url.query_pairs();
    let (_, state) = asked.find(|(name, _)| name == "state").context("the link has no state")?;
    patchcord.finish_consent(&state, Ok("code".into()), None).await?.outcome?;
    Ok(patchcord)
}
