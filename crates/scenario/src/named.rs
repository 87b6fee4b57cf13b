//! What a document names outside of itself: the places where it names an integration account. They are looked for where
//! a scenario moves to another host, on which an account may have another name.

use crate::blocks::Catalog;
use crate::core::CoreBlock;
use crate::document::{BlockInstance, Scenario};
use crate::kind::PropertyKind;
use crate::problem::child;

/// JSON pointer and name of each integration account that is named in the document. One that a run finds out
/// (`$(which)`) is not among them, nor what stands in the properties of a block that is not known here.
pub fn accounts_named(scenario: &Scenario, catalog: &dyn Catalog) -> Vec<(String, String)> {
    let mut named = Vec::new();
    for (index, instance) in scenario.blocks.iter().enumerate() {
        let at = format!("/blocks/{index}");
        named.extend(instance.account.iter().map(|name| (child(&at, "account"), name.clone())));
        let at = child(&at, "properties");
        for property in account_properties(instance, catalog) {
            let value = instance.properties.get(&property).and_then(|value| value.as_str());
            let fixed = value.filter(|name| !name.contains("$("));
            named.extend(fixed.map(|name| (child(&at, &property), name.to_owned())));
        }
    }
    named
}

/// The properties of a block that take the name of an integration account.
fn account_properties(instance: &BlockInstance, catalog: &dyn Catalog) -> Vec<String> {
    if CoreBlock::find(&instance.block).is_some() {
        return Vec::new();
    }
    let Ok(block) = catalog.block(&instance.block) else { return Vec::new() };
    let root = &block.manifest().properties;
    let schemas = root["properties"].as_object().into_iter().flatten();
    let of_accounts =
        schemas.filter(|(_, schema)| PropertyKind::of(schema, root) == PropertyKind::Account);
    of_accounts.map(|(name, _)| name.clone()).collect()
}
