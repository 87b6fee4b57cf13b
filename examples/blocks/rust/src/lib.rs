//! Greet Caller: looks a caller up among the contacts and leaves a greeting.

use patchcord_block::dynamics::Read;
use patchcord_block::phone::{Search, Verdict};
use patchcord_block::prelude::*;

/// Looks a caller up among the contacts and leaves a greeting.
#[block(
    id = "example.greet-caller-rust",
    title = "Greet Caller",
    category = "Examples",
    icon = "phone",
    operations(query),
    tables("contacts"),
    exit(no_data, "No Data", "Nobody has this number.")
)]
struct GreetCaller {
    /// The caller's number in any notation, such as `$(item.from)`.
    number: String,
    /// The variable that receives the greeting.
    #[variable("The greeting.")]
    greeting: VariableName,
}

impl GreetCaller {
    /// Does the work. What `?` hands on leaves the step by `failed`.
    fn run(self) -> Result<Outcome> {
        let contacts = Search::new(&EntitySet::new("contacts")?, ["telephone1", "mobilephone"])
            .select(["fullname"])
            .active_only(true);
        let found = phone::find(&self.number, &[contacts], 2, &Read::new().share())?;
        if matches!(found.verdict, Verdict::NoNumber | Verdict::Nobody) {
            log::info!("nobody has this number");
            return Ok(Outcome::exit("no_data"));
        }
        log::info!("{} contact(s) have this number", found.records.count());
        let name = found.records.column(0, "fullname").filter(|_| found.verdict == Verdict::One);
        let greeting = match name.as_ref().and_then(|name| name.as_str()) {
            Some(name) => format!("Hello, {name}!"),
            None => "Hello!".to_owned(),
        };
        Ok(Outcome::next().set_variable(&self.greeting, greeting))
    }
}

#[cfg(test)]
mod tests {
    use super::GreetCaller;
    use patchcord_block::testing::{self, FakeHost};
    use serde_json::json;

    #[test]
    fn a_caller_who_is_known_is_greeted_by_name() {
        let fake = FakeHost::new().finds_caller(0, [json!({"fullname": "Ann"})]);
        let properties = json!({"number": "+13175550125", "greeting": "hello"});
        let outcome = testing::run::<GreetCaller>(&fake, properties).unwrap();
        assert_eq!(outcome.variable("hello"), Some(&json!("Hello, Ann!")));
    }
}
