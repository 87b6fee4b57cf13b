//! Microsoft Dynamics Select Account: chooses the integration account that the blocks after it use.

use patchcord_block::prelude::*;

/// Lets the blocks after this one use an integration account.
#[block(
    id = "microsoft-dynamics.select-account",
    title = "Microsoft Dynamics Select Account",
    category = "Microsoft Dynamics 365",
    icon = "account",
    tables(),
    selects_account
)]
struct SelectAccount {
    /// The Microsoft Dynamics 365 integration account.
    account: AccountRef,
}

impl SelectAccount {
    fn run(self) -> Result<Outcome> {
        Ok(Outcome::next().select_account(&self.account))
    }
}

#[cfg(test)]
mod tests {
    use super::SelectAccount;
    use patchcord_block::testing::{self, FakeHost};
    use patchcord_block::{Effect, Failure};
    use serde_json::json;

    #[test]
    fn selects_the_account() {
        let properties = json!({"account": "account-7"});
        let outcome = testing::run::<SelectAccount>(&FakeHost::new(), properties).unwrap();
        assert_eq!(outcome.exit_taken(), "next");
        match outcome.effects() {
            [Effect::SelectAccount(account)] => assert_eq!(account.as_str(), "account-7"),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn needs_an_account() {
        for properties in [json!({}), json!({"account": " "})] {
            let failure = testing::run::<SelectAccount>(&FakeHost::new(), properties).unwrap_err();
            assert!(
                matches!(&failure, Failure::InvalidProperties(text) if text.contains("`account`"))
            );
        }
    }

    #[test]
    fn asks_for_no_operation() {
        let manifest = testing::manifest::<SelectAccount>().unwrap();
        assert_eq!(manifest["id"], json!("microsoft-dynamics.select-account"));
        assert_eq!(manifest["selects_account"], json!(true));
        assert_eq!(manifest["operations"], json!([]));
        assert_eq!(
            manifest["properties"]["properties"]["account"]["x-patchcord-kind"],
            json!("account")
        );
    }
}
