//! What a component imports, read from its bytes and never run: there to be told even of a component that no host takes.

use serde::Serialize;
use wit_bindgen_core::wit_parser::{Resolve, WorldItem};
use wit_component::DecodedWasm;

/// The package of the contract.
const PACKAGE: &str = "patchcord:block";

/// What a component imports.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Surface {
    /// The interfaces of the contract, with what is called of each.
    pub(crate) imports: Vec<Import>,
    /// What else it imports: nothing that a host would offer.
    pub(crate) foreign: Vec<String>,
}

/// An interface of the contract.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Import {
    /// Its name, such as `dynamics`.
    pub(crate) interface: String,
    /// The contract's version against which the block was built.
    pub(crate) version: String,
    /// The functions that it can call.
    pub(crate) functions: Vec<String>,
}

impl Surface {
    /// Reads a component; none where it is no component.
    pub(crate) fn read(component: &[u8]) -> Option<Self> {
        let Ok(DecodedWasm::Component(resolve, world)) = wit_component::decode(component) else {
            return None;
        };
        let mut surface = Self::default();
        for (key, item) in &resolve.worlds[world].imports {
            let name = resolve.name_world_key(key);
            match import(&resolve, &name, item) {
                Some(import) => surface.imports.push(import),
                None if matches!(item, WorldItem::Type { .. }) => {}
                None => surface.foreign.push(name),
            }
        }
        Some(surface)
    }

    /// The versions of the contract against which it was built, as a rule one.
    pub(crate) fn versions(&self) -> Vec<&str> {
        let mut versions: Vec<&str> = self.imports.iter().map(|i| i.version.as_str()).collect();
        versions.sort_unstable();
        versions.dedup();
        versions
    }
}

fn import(resolve: &Resolve, name: &str, item: &WorldItem) -> Option<Import> {
    let WorldItem::Interface { id, .. } = item else {
        return None;
    };
    let (interface, version) = name.strip_prefix(PACKAGE)?.strip_prefix('/')?.split_once('@')?;
    let functions = resolve.interfaces[*id].functions.keys().map(|name| readable(name)).collect();
    Some(Import { interface: interface.to_owned(), version: version.to_owned(), functions })
}

/// `[method]record-set.count` as `record-set.count`.
fn readable(function: &str) -> String {
    function.rsplit_once(']').map_or(function, |(_, name)| name).to_owned()
}
