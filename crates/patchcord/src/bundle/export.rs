//! Exporting: the documents, and what they name.

use std::collections::{BTreeMap, BTreeSet};
use std::str::FromStr;

use jiff::Timestamp;
use patchcord_scenario::Scenario;

use super::archive::{self, BlockBytes, Bytes};
use super::{Bundle, BundledBlock, BundledScenario, FORMAT, LARGEST_LIST, NamedAccount};
use crate::Error;
use crate::blocks::id_of;
use crate::catalog::{Pinned, Pins};
use crate::patchcord::Patchcord;
use crate::scenarios::Which;

/// A scenario that is to be exported, written as `name`, `name@3` or `name@draft`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selected {
    /// Its name.
    pub name: String,
    /// Which of its documents; where nothing is said the version that calls get, or the draft where there is none.
    pub which: Option<Which>,
}

impl FromStr for Selected {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, which) = match text.split_once('@') {
            Some((name, which)) => (name, Some(which.parse()?)),
            None => (text, None),
        };
        Ok(Self { name: name.to_owned(), which })
    }
}

impl Patchcord {
    /// Exports scenarios, all of them where none is selected.
    ///
    /// # Errors
    /// There is no such scenario, version or draft, or it would be larger than an import may be.
    pub async fn export(&self, selected: &[Selected], routes: bool) -> Result<Bundle, Error> {
        let selected = match selected {
            [] => {
                let all = self.scenarios.list().await?.into_iter();
                all.map(|summary| Selected { name: summary.name, which: None }).collect()
            }
            some => some.to_vec(),
        };
        let mut scenarios = Vec::new();
        for one in &selected {
            scenarios.push(self.bundled(one).await?);
        }
        let routes = match routes {
            true => Some(self.scenarios.routes().await?.list),
            false => None,
        };
        Ok(Bundle {
            patchcord_export: FORMAT.to_owned(),
            exported_at: Some(Timestamp::now()),
            accounts: self.accounts_of(&scenarios),
            blocks: blocks_of(&scenarios),
            scenarios,
            routes,
        })
    }

    /// Exports scenarios as a zip archive with their blocks. A block that is not here any more is left out of it.
    ///
    /// # Errors
    /// As [`Patchcord::export`].
    pub async fn export_with_blocks(
        &self,
        selected: &[Selected],
        routes: bool,
    ) -> Result<Vec<u8>, Error> {
        let bundle = self.export(selected, routes).await?;
        let mut blocks = BlockBytes::new();
        for block in &bundle.blocks {
            if let Some((wasm, signature)) = self.blocks.kept(&block.id, &block.pin()).await? {
                blocks.insert(block.digest.clone(), Bytes { wasm, signature });
            }
        }
        let list = text(&bundle)?;
        let packed = tokio::task::spawn_blocking(move || archive::pack(&list, &blocks)).await;
        packed.unwrap_or_else(|error| Err(Error::Bundle(format!("it cannot be packed: {error}"))))
    }

    async fn bundled(&self, selected: &Selected) -> Result<BundledScenario, Error> {
        let Selected { name, which } = selected;
        let published = match which {
            Some(Which::Version(version)) => Some(self.scenarios.version(name, *version).await?),
            Some(Which::Published) => Some(self.scenarios.published(name).await?),
            None if self.scenarios.ready(name).is_some() => {
                Some(self.scenarios.published(name).await?)
            }
            Some(Which::Draft) | None => None,
        };
        match published {
            Some(published) => Ok(BundledScenario {
                version: Some(published.head.version),
                note: published.head.note,
                pins: published.pins,
                document: published.document,
            }),
            None => {
                let document = self.scenarios.draft(name).await?.document;
                let pins = self.scenarios.catalog().pins(&document);
                Ok(BundledScenario { version: None, note: None, pins, document })
            }
        }
    }

    /// The integration accounts that scenarios name, with each place.
    fn accounts_of(&self, scenarios: &[BundledScenario]) -> Vec<NamedAccount> {
        let mut accounts: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (index, BundledScenario { document, pins, .. }) in scenarios.iter().enumerate() {
            for (at, name) in self.named(document, pins) {
                accounts.entry(name).or_default().push(format!("/scenarios/{index}/document{at}"));
            }
        }
        accounts.into_iter().map(|(name, at)| NamedAccount { name, at }).collect()
    }

    fn named(&self, document: &Scenario, pins: &Pins) -> Vec<(String, String)> {
        let catalog = self.scenarios.catalog();
        patchcord_scenario::accounts_named(document, &Pinned::new(catalog, pins))
    }
}

/// The export as it is written, if it can be read again.
fn text(bundle: &Bundle) -> Result<Vec<u8>, Error> {
    let text = serde_json::to_vec_pretty(bundle);
    let text = text.map_err(|error| Error::Bundle(error.to_string()))?;
    if text.len() > LARGEST_LIST {
        let problem = format!("its list would be longer than {LARGEST_LIST} bytes: export fewer");
        return Err(Error::Bundle(problem));
    }
    Ok(text)
}

fn blocks_of(scenarios: &[BundledScenario]) -> Vec<BundledBlock> {
    let pins = scenarios.iter().flat_map(|scenario| &scenario.pins);
    let block = |(reference, pin): (&String, &crate::Pin)| BundledBlock {
        id: id_of(reference).to_owned(),
        version: pin.version.clone(),
        digest: pin.digest.clone(),
    };
    pins.map(block).collect::<BTreeSet<_>>().into_iter().collect()
}
