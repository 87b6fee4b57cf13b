//! Importing: all of it is checked first, and all of it is done or nothing.

use std::collections::BTreeSet;

use patchcord_runtime::Capability;
use serde::Serialize;
use serde_json::Value;

use super::archive::{self, BlockBytes, Opened};
use super::chosen::Chosen;
use super::{Bundle, BundledBlock, fault};
use crate::Error;
use crate::patchcord::Patchcord;
use crate::scenarios::{Coming, ImportedScenario, Incoming};

/// What is imported, and how.
#[derive(Debug, Default)]
pub struct ImportRequest {
    /// The export: JSON, or a zip archive.
    pub bytes: Vec<u8>,
    /// Names of scenarios in it that are left out.
    pub skip: BTreeSet<String>,
    /// Scenarios that get another name here: the old name and the new one.
    pub names: Vec<(String, String)>,
    /// Integration accounts that have another name here: the old name and the new one.
    pub accounts: Vec<(String, String)>,
    /// Whether the scenarios are published at once; otherwise they become drafts.
    pub publish: bool,
    /// Whether drafts that are here already give way.
    pub overwrite: bool,
    /// Whether the routes in it take the place of those here.
    pub routes: bool,
    /// What is granted to blocks that are installed.
    pub grant: BTreeSet<Capability>,
    /// Whether blocks may be installed.
    pub may_install: bool,
    /// Name of the API token.
    pub by: Option<String>,
}

/// What became of an import.
#[derive(Debug, Serialize)]
pub struct Imported {
    /// The scenarios, in the order of the export.
    pub scenarios: Vec<ImportedScenario>,
    /// The blocks that were installed.
    pub installed: Vec<BundledBlock>,
    /// What the scenarios need and is not here.
    pub missing: Missing,
    /// Whether the routes are those of the import.
    pub routes: bool,
}

/// What scenarios need and is not here.
#[derive(Debug, Default, Serialize)]
pub struct Missing {
    /// Names of integration accounts.
    pub accounts: Vec<String>,
    /// Blocks.
    pub blocks: Vec<BundledBlock>,
}

impl Patchcord {
    /// Imports what [`Patchcord::export`] or [`Patchcord::export_with_blocks`] made.
    ///
    /// # Errors
    /// What is wrong with it, each fault with its place in the export. Nothing is stored or installed then.
    pub async fn import(&self, request: ImportRequest) -> Result<Imported, Error> {
        let host = self.clone();
        self.change(async move { host.take_in(request).await }).await
    }

    async fn take_in(&self, mut request: ImportRequest) -> Result<Imported, Error> {
        let (chosen, blocks) = opened(&mut request).await?;
        let routes = match (request.routes, request.publish, chosen.routes) {
            (false, ..) => None,
            (true, false, _) => {
                let message = "routes lead to published scenarios: publish them with the import";
                return Err(fault("/routes", message));
            }
            (true, true, None) => return Err(fault("/routes", "there are no routes in it")),
            (true, true, routes) => routes,
        };
        let wanted = self.wanted(&chosen.blocks, blocks);
        let installed = self.install_all(wanted, &request).await?;
        let ImportRequest { publish, overwrite, by, .. } = request;
        let coming = chosen.scenarios.into_iter().map(|(at, scenario)| Coming {
            at,
            document: scenario.document,
            pins: scenario.pins,
            note: scenario.note,
        });
        let routed = routes.is_some();
        let incoming = Incoming { coming: coming.collect(), publish, overwrite, routes, by };
        let scenarios = match self.scenarios.import(incoming).await {
            Ok(scenarios) => scenarios,
            Err(error) => {
                self.take_out(installed).await;
                return Err(error);
            }
        };
        let prepared = scenarios.into_iter().map(|(scenario, tables)| {
            self.accounts.prepare(tables);
            scenario
        });
        Ok(Imported {
            scenarios: prepared.collect(),
            installed: installed.into_iter().map(|installed| installed.block).collect(),
            missing: self.missing(&chosen.accounts, chosen.blocks),
            routes: routed,
        })
    }

    pub(super) fn missing(
        &self,
        accounts: &[super::NamedAccount],
        blocks: Vec<BundledBlock>,
    ) -> Missing {
        let names = accounts.iter().map(|account| &account.name);
        let unknown = |name: &&String| self.accounts.directory().handle(name).is_none();
        let accounts = names.filter(unknown).cloned().collect();
        let blocks = blocks.into_iter().filter(|block| !self.has(block)).collect();
        Missing { accounts, blocks }
    }
}

/// What of an export is taken in, and the bytes of blocks that lie beside it.
pub(super) async fn opened(request: &mut ImportRequest) -> Result<(Chosen, BlockBytes), Error> {
    let bytes = std::mem::take(&mut request.bytes);
    let opened = tokio::task::spawn_blocking(move || archive::open(bytes)).await;
    let Opened { list, blocks } = opened.map_err(|error| Error::Bundle(error.to_string()))??;
    let bundle = renamed(Bundle::read(&list)?, &request.accounts)?;
    Ok((Chosen::of(bundle, request)?, blocks))
}

/// The export with other names for some of its integration accounts.
fn renamed(bundle: Bundle, accounts: &[(String, String)]) -> Result<Bundle, Error> {
    if accounts.is_empty() {
        return Ok(bundle);
    }
    let unwritten = |error: serde_json::Error| Error::Bundle(error.to_string());
    let mut whole = serde_json::to_value(&bundle).map_err(unwritten)?;
    for (old, new) in accounts {
        let Some(place) = bundle.accounts.iter().position(|account| account.name == *old) else {
            let known: Vec<&str> = bundle.accounts.iter().map(|a| a.name.as_str()).collect();
            let message = format!("`{old}` is not named in it; it names {}", known.join(", "));
            return Err(fault("/accounts", message));
        };
        for (index, pointer) in bundle.accounts[place].at.iter().enumerate() {
            let named = within_a_document(pointer).then(|| whole.pointer_mut(pointer)).flatten();
            match named.filter(|named| **named == **old) {
                Some(named) => *named = Value::String(new.clone()),
                None => {
                    let message = format!("does not lead to the name `{old}`");
                    return Err(fault(format!("/accounts/{place}/at/{index}"), message));
                }
            }
        }
        whole["accounts"][place]["name"] = new.as_str().into();
    }
    serde_json::from_value(whole).map_err(unwritten)
}

/// Whether a pointer leads to a place in a document where an account can be named.
fn within_a_document(pointer: &str) -> bool {
    let mut tokens = pointer.split('/').skip(1);
    let parts = [tokens.next(), tokens.nth(1), tokens.next(), tokens.nth(1)];
    matches!(
        parts,
        [Some("scenarios"), Some("document"), Some("blocks"), Some("account" | "properties")]
    )
}
