//! Microsoft Dynamics Screen Pop: shows a record to the agent who takes the call.

use patchcord_block::prelude::*;

/// Shows a record of Dynamics 365 to the agent who takes the call.
#[block(
    id = "microsoft-dynamics.screen-pop",
    title = "Microsoft Dynamics Screen Pop",
    category = "Microsoft Dynamics 365",
    icon = "screen-pop",
    tables(),
    pops_screen
)]
struct ScreenPop {
    /// The kind of record to show: a table of the list, or the entity set name of any other.
    object_type: EntitySet,
    /// The record: its primary key, such as `$(Caller.contactid)`.
    #[schemars(title = "Object identifier")]
    object_id: RecordId,
}

impl ScreenPop {
    fn run(self) -> Result<Outcome> {
        Ok(Outcome::next().pop_screen(&self.object_type, &self.object_id))
    }
}

#[cfg(test)]
mod tests {
    use super::ScreenPop;
    use patchcord_block::Effect;
    use patchcord_block::testing::{self, FakeHost};
    use serde_json::json;

    const ID: &str = "5531d753-95af-e711-a94e-000d3a11e605";

    #[test]
    fn pops_the_record() {
        let properties = json!({"object_type": "contacts", "object_id": ID});
        let outcome = testing::run::<ScreenPop>(&FakeHost::new(), properties).unwrap();
        assert_eq!(outcome.exit_taken(), "next");
        match outcome.effects() {
            [Effect::PopScreen(table, id)] => {
                assert_eq!((table.as_str(), id.as_str()), ("contacts", ID));
            }
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_search_that_found_nothing_pops_nothing() {
        let properties = json!({"object_type": "contacts", "object_id": ""});
        let failure = testing::run::<ScreenPop>(&FakeHost::new(), properties).unwrap_err();
        assert_eq!(failure.to_string(), "invalid properties: `object_id`: must not be empty");
    }

    #[test]
    fn asks_for_nothing_but_the_screen() {
        let manifest = testing::manifest::<ScreenPop>().unwrap();
        assert_eq!(manifest["pops_screen"], json!(true));
        assert_eq!(manifest["operations"], json!([]));
    }
}
